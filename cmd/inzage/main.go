// Command inzage is the portal for requests and audits under a processing
// agreement, and its rules on the command line: deadlines, routing, audits and
// their costs. `inzage help` lists what it can do.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	// The legal zone decides on which day a term ends; the machine may have no zone files.
	_ "time/tzdata"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())
	stop()
	os.Exit(code)
}
