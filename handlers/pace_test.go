package handlers_test

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inzage/handlers"
	"inzage/handlers/handlertest"
)

// pageTime is the longest that a page may take here: short enough to wait for,
// and long enough for a machine that does other work to send a header in.
const pageTime = 2 * time.Second

// hasty serves the portal with times short enough to wait for.
func hasty(t *testing.T, w *handlertest.World, upload time.Duration) string {
	t.Helper()
	app := handlers.New(handlers.Deps{Site: w.Site, API: w.API, Log: w.Site.Log, RequestTimeout: pageTime, UploadTimeout: upload})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(l) }() // ends with the shutdown
	t.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second) })
	return l.Addr().String()
}

// drip sends text a byte at a time until the portal closes the connection, and
// tells whether it did so within the limit.
func drip(address, head, text string, limit time.Duration) (bool, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return false, err
	}
	if _, err := io.WriteString(conn, head); err != nil {
		return false, err
	}
	closed := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, conn)
		closed <- err
	}()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case err := <-closed:
			return !errors.Is(err, os.ErrDeadlineExceeded), nil
		case <-tick.C:
			_, _ = io.WriteString(conn, text[i%len(text):i%len(text)+1]) // a closed connection is seen by the reader
		}
	}
}

// TestSlowClientsAreCut: a client that sends a byte now and then loses its
// connection, whatever it sends so slowly; one that sends the same at once is
// answered, also while the slow ones hold on.
func TestSlowClientsAreCut(t *testing.T) {
	w := handlertest.New(t)
	address := hasty(t, w, 2*pageTime)
	host := "Host: " + address + "\r\n"
	slow := map[string][2]string{
		"the first line":     {"", "GET /livez HTTP/1.1"},
		"a header":           {"GET /livez HTTP/1.1\r\n" + host, "X-Slow: a\r\n"},
		"a form":             {"POST /sign-in HTTP/1.1\r\n" + host + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n", "a"},
		"a call":             {"POST /api/v1/sessions HTTP/1.1\r\n" + host + "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{", " "},
		"a file":             {"POST /file/files HTTP/1.1\r\n" + host + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 20000\r\n\r\n--x\r\n", "a"},
		"a very long file":   {"POST /file/files HTTP/1.1\r\n" + host + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2000000000\r\n\r\n--x\r\n", "a"},
		"nothing after all":  {"", " "},
		"chunks of one byte": {"POST /sign-in HTTP/1.1\r\n" + host + "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"},
	}
	var sent, cut atomic.Int64
	var all sync.WaitGroup
	for name, c := range slow {
		for range 5 {
			all.Go(func() {
				sent.Add(1)
				ended, err := drip(address, c[0], c[1], time.Minute)
				if err != nil || !ended {
					t.Errorf("%s: the connection still stands after a minute: %v", name, err)
					return
				}
				cut.Add(1)
			})
		}
	}
	quick := 0
	for range 10 {
		back := exchange(t, address, "GET /livez HTTP/1.1\r\n"+host+"Connection: close\r\n\r\n")
		if strings.HasPrefix(back, "HTTP/1.1 200") {
			quick++
		}
	}
	all.Wait()
	t.Logf("slow clients: %d sent, %d cut; quick ones beside them: 10 sent, %d answered", sent.Load(), cut.Load(), quick)
	if sent.Load() == 0 || cut.Load() != sent.Load() || quick != 10 {
		t.Errorf("%d of %d slow clients were cut, %d of 10 quick ones answered", cut.Load(), sent.Load(), quick)
	}
}

// TestASlowReaderGetsTheWholeDossier: a dossier is a download and not a page, so
// who takes longer to read it than a page may take gets it whole.
func TestASlowReaderGetsTheWholeDossier(t *testing.T) {
	w := newTown(t)
	officer, id := w.who("privacy_officer/korenaar"), w.fill["/requests/:id"]
	noise := make([]byte, 4<<20) // more than the buffers of a connection hold, however it is packed
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise)
	file, err := w.Requests.AddAnswerFile(t.Context(), w.actor(officer.name), id, text("opname.txt", hex.EncodeToString(noise)))
	must(t, file, err)
	address := hasty(t, w.World, time.Minute)
	for _, path := range []string{"/requests/" + id + "/dossier", "/api/v1/requests/" + id + "/dossier"} {
		res, err := officer.client.HTTP.Get("http://" + address + path)
		must(t, res, err)
		<-time.After(2 * pageTime) // the reader dawdles
		whole, err := io.ReadAll(res.Body)
		_ = res.Body.Close() // it was read to its end, or broke off
		if _, zerr := zip.NewReader(bytes.NewReader(whole), int64(len(whole))); err != nil || zerr != nil {
			t.Errorf("%s broke off after %d bytes: %v, %v", path, len(whole), err, zerr)
		}
	}
}

// exchange sends bytes over a connection of its own, says that nothing follows,
// and returns all that came back until the portal closed it.
func exchange(t *testing.T, address, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprint(conn, text); err != nil {
		t.Fatal(err)
	}
	_ = conn.(*net.TCPConn).CloseWrite() // the portal may have closed it already
	back, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection still stands after a minute; it said %.80q", back)
	}
	return string(back)
}
