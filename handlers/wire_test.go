package handlers_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers"
	"inzage/handlers/handlertest"
)

// raw sends bytes over a connection of its own and returns what came back
// until the portal closed it or fell silent.
func raw(t *testing.T, w *handlertest.World, text string) string {
	t.Helper()
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(w.BaseURL, "http://"), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(3 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	back, _ := io.ReadAll(conn) // the deadline ends a connection that stays open
	return string(back)
}

// TestMalformedFraming holds the pinned fasthttp to what its older versions
// answered with 200.
func TestMalformedFraming(t *testing.T) {
	w := handlertest.New(t)
	host := "Host: " + strings.TrimPrefix(w.BaseURL, "http://") + "\r\n"
	for name, text := range map[string]string{
		"two lengths":       "POST /sign-in HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\na",
		"two hosts":         "GET /livez HTTP/1.1\r\n" + host + "Host: evil.example\r\n\r\n",
		"no host":           "GET /livez HTTP/1.1\r\n\r\n",
		"NUL in a header":   "GET /livez HTTP/1.1\r\n" + host + "X-A: a\x00b\r\n\r\n",
		"a negative length": "POST /sign-in HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			back := raw(t, w, text)
			if strings.HasPrefix(back, "HTTP/1.1 2") || strings.HasPrefix(back, "HTTP/1.1 3") {
				t.Errorf("answered with %q", strings.SplitN(back, "\r\n", 2)[0])
			}
		})
	}
}

// TestNoRequestInABody sends a request inside the body of another that is
// refused before its body is read: it must not be run as a request of its own.
func TestNoRequestInABody(t *testing.T) {
	w := handlertest.New(t)
	host := "Host: " + strings.TrimPrefix(w.BaseURL, "http://") + "\r\n"
	for name, pad := range map[string]int{"short": 16 << 10, "long": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			inner := "GET /livez HTTP/1.1\r\n" + host + "\r\n"
			body := strings.Repeat("a", pad) + inner
			text := fmt.Sprintf("POST /nowhere HTTP/1.1\r\n%sContent-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n%s", host, len(body), body)
			back := raw(t, w, text)
			if n := strings.Count(back, "HTTP/1.1 "); n > 1 || strings.Contains(back, "ok\n") {
				t.Errorf("%d answers to one request", n)
			}
		})
	}
}

// TestKeptStringsStay keeps what a handler read and looks at it after other
// requests: without Immutable, fasthttp writes the next request into it.
func TestKeptStringsStay(t *testing.T) {
	w := handlertest.New(t)
	app := handlers.New(handlers.Deps{Site: w.Site, API: w.API, Log: w.Site.Log, RequestTimeout: time.Second, UploadTimeout: time.Second})
	var kept, want []string
	// The app's last handler answers 404, so the probe stands before it.
	probe := fiber.New(app.Config())
	probe.Get("/kept/:value", func(c *fiber.Ctx) error {
		kept = append(kept, c.Params("value"), c.Query("q"))
		return nil
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = probe.Listener(l) }() // ends with the shutdown
	t.Cleanup(func() { _ = probe.Shutdown() })
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for i := range 50 {
		value := strings.Repeat(string(rune('a'+i%26)), 30)
		want = append(want, value, value)
		if _, err := fmt.Fprintf(conn, "GET /kept/%s?q=%s HTTP/1.1\r\nHost: a\r\n\r\n", value, value); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // empty
	}
	changed := 0
	for i := range want {
		if kept[i] != want[i] {
			changed++
		}
	}
	if changed > 0 {
		t.Errorf("%d of %d kept strings have changed", changed, len(want))
	}
}

// TestFasthttpIsPinned keeps the version whose parser was tested: the one that
// fiber asks for answers 200 to what TestMalformedFraming sends.
func TestFasthttpIsPinned(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}}", "github.com/valyala/fasthttp").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(string(out)); got != "v1.73.0" {
		t.Errorf("fasthttp is %s, want v1.73.0", got)
	}
}
