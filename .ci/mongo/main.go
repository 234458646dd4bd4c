// Command mongo serves the MongoDB wire protocol on loopback for the tests,
// from an embedded FerretDB over SQLite. It is a module of its own, so that
// the product does not depend on it.
//
// It prints the URI to give to the tests as INZAGE_TEST_MONGODB_URI, and runs
// until it is interrupted. FerretDB v1 is atomic only while requests are
// serial, hence maxPoolSize=1 in the URI, and one process at a time.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "mongo:", err)
		os.Exit(1)
	}
}

func run() error {
	listen := flag.String("listen", "127.0.0.1:0", "loopback address to listen on; port 0 takes a free one")
	data := flag.String("data", "", "folder that keeps the data when this ends; without it, a temporary one")
	uriFile := flag.String("uri-file", "", "also write the URI to this file, once it can be used")
	flag.Parse()
	folder := *data
	if folder == "" {
		temporary, err := os.MkdirTemp("", "inzage-ferretdb-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(temporary) }()
		folder = temporary
	}
	server, err := ferretdb.New(&ferretdb.Config{
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Listener:  ferretdb.ListenerConfig{TCP: *listen},
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
	})
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	if err := announce(server.MongoDBURI(), *uriFile); err != nil {
		return err
	}
	return <-done
}

// settings of those who connect: this server's updates are not atomic across
// connections, so there is one, and on a slow machine many may wait for it.
const settings = "maxPoolSize=1&serverSelectionTimeoutMS=600000"

// announce writes the file by rename, so that who waits for it never reads half of it.
func announce(uri, file string) error {
	uri = strings.TrimSuffix(uri, "/") + "/?" + settings
	fmt.Println(uri)
	if file == "" {
		return nil
	}
	if err := os.WriteFile(file+".new", []byte(uri+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
