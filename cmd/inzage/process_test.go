package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram makes the test binary behave as the program itself, so that tests
// can start, kill and restart it.
const asProgram = "INZAGE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// program is `inzage serve` as a process of its own.
type program struct {
	t       *testing.T
	address string // host and port
	data    string
	env     []string
	binary  string // the test binary, unless a test builds the real one
	cmd     *exec.Cmd
	log     *lines
}

// lines keeps what a process wrote.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newProgram prepares a program on a folder of its own and a free port.
func newProgram(t *testing.T, env ...string) *program {
	t.Helper()
	address := freeAddress(t)
	p := &program{t: t, address: address, data: t.TempDir(), binary: os.Args[0], log: &lines{}}
	p.env = append([]string{asProgram + "=1", "INZAGE_DATA=" + p.data, "INZAGE_LISTEN=" + address, "INZAGE_BASE_URL=http://" + address,
		"INZAGE_INSECURE_HTTP=1", "INZAGE_MAIL=file:" + filepath.Join(p.data, "mail"), "TMPDIR=" + os.TempDir()}, env...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the program's log ends with:\n%s", tail(p.log.String(), 4000))
		}
	})
	return p
}

// freeAddress is a port of this machine that nobody listens on, and none of those
// that systems give away by themselves, from 32768 on: another test or a
// connection could have it in the moment before the program starts, or while it
// is started again.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 12_000+rand.IntN(20_000)))
		if err != nil {
			continue // taken
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return l.Addr().String()
	}
	t.Fatal("no port of a hundred is free")
	return ""
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// start serves, and returns when the program says that it is ready.
func (p *program) start() {
	p.t.Helper()
	p.cmd = exec.Command(p.binary, "serve")
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.env, io.Discard, p.log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	cmd := p.cmd
	p.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_, _ = cmd.Process.Wait()
	})
	eventually(p.t, 2*time.Minute, "the program is ready", func() bool {
		res, err := http.Get("http://" + p.address + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close() // only the status counts
		return res.StatusCode == http.StatusOK
	})
}

// kill ends the program as a power cut would: at once, with no word.
func (p *program) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		p.t.Fatal(err)
	}
	_, _ = p.cmd.Process.Wait() // killed: that is the point
}

// stop ends the program politely and waits for it.
func (p *program) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if state, err := p.cmd.Process.Wait(); err != nil || !state.Success() {
		p.t.Errorf("the program ended with %v, %v", state, err)
	}
}

// eventually waits for a condition, looking again and again.
func eventually(t *testing.T, within time.Duration, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("not within %s: %s", within, what)
		case <-tick.C:
		}
	}
}
