package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestMetricsAreForThisMachine: the numbers and profiles are on their own
// listener, tell no address that was asked for, and answer to no other name.
func TestMetricsAreForThisMachine(t *testing.T) {
	const canary = "fatima-canary"
	numbers := freeAddress(t)
	p := newProgram(t, "INZAGE_METRICS="+numbers)
	prepared(t, p, func(o *portal) { partners(t, o) })
	p.start()
	read := func(address, path, host string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	read(p.address, "/requests/"+canary+"?q="+canary, "")

	const sealed = `inzage_loop_rounds_total{loop="seal",result="done"}`
	var status int
	var body string
	eventually(t, 2*time.Minute, "the first round of sealing is counted", func() bool {
		status, body = read(numbers, "/metrics", "")
		return strings.Contains(body, sealed)
	})
	for _, want := range []string{
		`inzage_answer_seconds_count{method="GET",route="/requests/:id",status="303"} 1`,
		sealed, "inzage_ledger_entries ", "inzage_mail_waiting 0", "inzage_store_ready 1", "go_goroutines ",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the metrics lack %s: %d\n%s", want, status, body)
		}
	}
	if strings.Contains(body, canary) {
		t.Error("the metrics tell what was asked for")
	}
	for path, want := range map[string]int{"/debug/pprof/heap": http.StatusOK, "/debug/pprof/goroutine?debug=1": http.StatusOK, "/debug/pprof/cmdline": http.StatusNotFound, "/": http.StatusNotFound} {
		if got, _ := read(numbers, path, ""); got != want {
			t.Errorf("%s answers %d, want %d", path, got, want)
		}
	}
	for host, want := range map[string]int{"localhost:1": http.StatusOK, "evil.example": http.StatusForbidden, "10.0.0.1": http.StatusForbidden} {
		if got, _ := read(numbers, "/metrics", host); got != want {
			t.Errorf("to the name %s it answers %d, want %d", host, got, want)
		}
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap"} {
		if got, _ := read(p.address, path, ""); got == http.StatusOK {
			t.Errorf("the public address answers %s", path)
		}
	}
	p.stop()
}

// TestMetricsElsewhereAreRefused: another address than a loopback one, or one
// that is taken, keeps the portal from starting.
func TestMetricsElsewhereAreRefused(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, names := range map[string]string{"0.0.0.0:9090": "INZAGE_METRICS", ":9090": "INZAGE_METRICS", "192.0.2.7:9090": "INZAGE_METRICS", "9090": "INZAGE_METRICS", taken.Addr().String(): "metrics"} {
		p := newProgram(t)
		prepared(t, p, func(*portal) {})
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		var told strings.Builder
		code := run(ctx, []string{"serve", "--metrics", address}, strings.NewReader(""), io.Discard, &told, p.env)
		cancel()
		if code == exitDone || !strings.Contains(told.String(), names) && !strings.Contains(told.String(), "--metrics") {
			t.Errorf("--metrics %s: exit code %d, %s", address, code, told.String())
		}
	}
}
