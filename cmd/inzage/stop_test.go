package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"inzage/config"
)

// TestStartIsRefused starts the program under each thing that would make it
// unsafe: it ends before it listens, and says which setting or file it is. With
// what is right it starts.
func TestStartIsRefused(t *testing.T) {
	const base = "INZAGE_BASE_URL=https://inzage.example"
	sent, refused := 0, 0
	for name, c := range map[string]struct {
		env   []string
		spoil func(t *testing.T, keys string)
		names string
	}{
		"no address of its own":         {[]string{"INZAGE_BASE_URL="}, nil, "INZAGE_BASE_URL"},
		"plain HTTP":                    {[]string{"INZAGE_BASE_URL=http://inzage.example"}, nil, "plain HTTP"},
		"a setting that does not exist": {[]string{base, "INZAGE_SECRET=x"}, nil, "INZAGE_SECRET"},
		"a database that loses writes":  {[]string{base, "INZAGE_STORE=mongodb://127.0.0.1:1/inzage?w=0"}, nil, "w"},
		"no master key":                 {[]string{base}, remove("master.json"), "master.json"},
		"a master key that others read": {[]string{base}, mode("master.json", 0o644), "chmod 600"},
		"a master key of a group":       {[]string{base}, mode("master.json", 0o640), "chmod 600"},
		"a short master key":            {[]string{base}, cutTo("master.json", 100), "too short"},
		"an empty master key":           {[]string{base}, cutTo("master.json", 0), "too short"},
		"another master key":            {[]string{base}, another, "master key"},
		"no ledger key":                 {[]string{base}, remove("ledger.json"), "ledger.json"},
		"a ledger key that others read": {[]string{base}, mode("ledger.json", 0o604), "chmod 600"},
		"a short ledger key":            {[]string{base}, cutTo("ledger.json", 20), "ledger.json"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProgram(t)
			prepared(t, p, func(o *portal) {
				if _, err := o.vault.Create(t.Context(), "req_kept"); err != nil { // something to lose
					t.Fatal(err)
				}
			})
			if c.spoil != nil {
				c.spoil(t, filepath.Join(p.data, "keys"))
			}
			env := append([]string{"INZAGE_DATA=" + p.data, "INZAGE_LISTEN=" + p.address}, c.env...)
			var told strings.Builder
			sent++
			// A program that started after all is stopped.
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			code := run(ctx, []string{"serve"}, strings.NewReader(""), io.Discard, &told, env)
			if code == exitDone || !strings.Contains(told.String(), c.names) || strings.Contains(told.String(), "goroutine") {
				t.Errorf("exit code %d: %s", code, told.String())
				return
			}
			refused++
		})
	}
	p := newProgram(t)
	prepared(t, p, func(*portal) {})
	p.start()
	p.stop()
	t.Logf("unsafe starts: %d tried, %d refused; a safe one: started and stopped", sent, refused)
}

func remove(name string) func(*testing.T, string) {
	return func(t *testing.T, keys string) {
		t.Helper()
		if err := os.Remove(filepath.Join(keys, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func mode(name string, m os.FileMode) func(*testing.T, string) {
	return func(t *testing.T, keys string) {
		t.Helper()
		if err := os.Chmod(filepath.Join(keys, name), m); err != nil {
			t.Fatal(err)
		}
	}
}

func cutTo(name string, size int64) func(*testing.T, string) {
	return func(t *testing.T, keys string) {
		t.Helper()
		if err := os.Truncate(filepath.Join(keys, name), size); err != nil {
			t.Fatal(err)
		}
	}
}

// another puts the master key of another installation in place.
func another(t *testing.T, keys string) {
	t.Helper()
	remove("master.json")(t, keys)
	cfg := config.Config{Data: filepath.Dir(keys)}
	if err := makeMaster(cfg); err != nil {
		t.Fatal(err)
	}
}

// TestStopFinishesWhatIsUnderWay: told to stop, the program answers those whose
// request it has begun to read, lets nobody new in, and ends by itself with 0.
func TestStopFinishesWhatIsUnderWay(t *testing.T) {
	const clients = 30
	p := newProgram(t)
	prepared(t, p, func(o *portal) { partners(t, o) })
	p.start()
	var begun, all sync.WaitGroup
	var answered atomic.Int64
	stopped := make(chan struct{})
	begun.Add(clients)
	for range clients {
		all.Go(func() {
			status, err := lateForm(p.address, begun.Done, stopped)
			if err != nil || status >= 500 {
				t.Errorf("a form that was under way: %d, %v", status, err)
				return
			}
			answered.Add(1)
		})
	}
	begun.Wait()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, "nobody new is let in", func() bool {
		conn, err := net.DialTimeout("tcp", p.address, time.Second)
		if err == nil {
			_ = conn.Close() // still let in
		}
		return err != nil
	})
	close(stopped)
	all.Wait()
	state, err := p.cmd.Process.Wait()
	t.Logf("under way at the stop: %d sent, %d answered; the program ended with %v", clients, answered.Load(), state)
	if err != nil || !state.Success() || answered.Load() != clients {
		t.Errorf("%d of %d were answered, the program ended with %v, %v", answered.Load(), clients, state, err)
	}
}

// lateForm sends half of a form, and the rest once the program was told to stop.
func lateForm(address string, begun func(), rest <-chan struct{}) (int, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		begun()
		return 0, err
	}
	defer conn.Close()
	const body = "email=niemand%40example.org&password=verkeerd"
	_, err = fmt.Fprintf(conn, "POST /sign-in HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", address, len(body), body[:10])
	// Answered on a connection that was opened later: this one has been accepted by then.
	if res, gerr := (&http.Client{Transport: eachAnew}).Get("http://" + address + "/livez"); gerr == nil {
		_ = res.Body.Close() // only the order counts
	}
	begun()
	if err != nil {
		return 0, err
	}
	<-rest
	if _, err := io.WriteString(conn, body[10:]); err != nil {
		return 0, err
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	return res.StatusCode, nil
}
