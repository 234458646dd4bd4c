package handlers_test

import (
	"bufio"
	"fmt"
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

// raw sends bytes over a connection of its own, says that nothing follows, and
// returns all that came back until the portal closed it.
func raw(t *testing.T, w *handlertest.World, text string) string {
	t.Helper()
	return exchange(t, strings.TrimPrefix(w.BaseURL, "http://"), text)
}

// TestMalformedFraming holds the pinned fasthttp to what its older versions
// answered with 200, and to what two programs in a row might read differently:
// refused, with nothing after it on the same connection.
func TestMalformedFraming(t *testing.T) {
	w := handlertest.New(t)
	host := "Host: " + strings.TrimPrefix(w.BaseURL, "http://") + "\r\n"
	post := "POST /sign-in HTTP/1.1\r\n" + host + "Content-Type: application/x-www-form-urlencoded\r\n"
	next := "GET /livez HTTP/1.1\r\n" + host + "\r\n"
	sent, refused := 0, 0
	for name, text := range map[string]string{
		"two lengths":                  post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\na",
		"two hosts":                    "GET /livez HTTP/1.1\r\n" + host + "Host: evil.example\r\n\r\n",
		"no host":                      "GET /livez HTTP/1.1\r\n\r\n",
		"NUL in a header":              "GET /livez HTTP/1.1\r\n" + host + "X-A: a\x00b\r\n\r\n",
		"a negative length":            post + "Content-Length: -1\r\n\r\n",
		"a length in hex":              post + "Content-Length: 0x10\r\n\r\naaaaaaaaaaaaaaaa" + next,
		"a length with a plus":         post + "Content-Length: +5\r\n\r\naaaaa" + next,
		"a length out of bounds":       post + "Content-Length: 99999999999999999999\r\n\r\na" + next,
		"length and chunks":            post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next,
		"another transfer encoding":    post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + next,
		"chunked twice":                post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + next,
		"a chunk of no size":           post + "Transfer-Encoding: chunked\r\n\r\nzz\r\na\r\n0\r\n\r\n" + next,
		"a space before the colon":     "GET /livez HTTP/1.1\r\n" + host + "Content-Length : 5\r\n\r\n",
		"a header that goes on":        "GET /livez HTTP/1.1\r\n" + host + "X-A: a\r\n b: c\r\n\r\n",
		"a space in a name":            "GET /livez HTTP/1.1\r\n" + host + "X A: b\r\n\r\n" + next,
		"a header without a colon":     "GET /livez HTTP/1.1\r\n" + host + "nonsense\r\n\r\n",
		"no version":                   "GET /livez\r\n" + host + "\r\n",
		"a version that is none":       "GET /livez HTTP/9.9\r\n" + host + "\r\n",
		"a header of a hundred KiB":    "GET /livez HTTP/1.1\r\n" + host + "X-A: " + strings.Repeat("a", 100<<10) + "\r\n\r\n",
		"a method with a control byte": "GE\x01T /livez HTTP/1.1\r\n" + host + "\r\n",
		"TLS on a plain port":          "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
	} {
		t.Run(name, func(t *testing.T) {
			sent++
			back := raw(t, w, text)
			if !strings.HasPrefix(back, "HTTP/1.1 4") && back != "" || strings.HasPrefix(back, "HTTP/1.1 422") || strings.Contains(back, "ok\n") {
				t.Errorf("answered with %q, %d answers", strings.SplitN(back, "\r\n", 2)[0], strings.Count(back, "HTTP/1.1 "))
				return
			}
			if missing := undressed(back); back != "" && len(missing) > 0 {
				t.Errorf("the refusal lacks %v", missing)
			}
			refused++
		})
	}
	twin := raw(t, w, "GET /livez HTTP/1.1\r\n"+host+"Connection: close\r\n\r\n")
	t.Logf("malformed requests: %d sent, %d refused; a whole one: %.15q", sent, refused, twin)
	if sent == 0 || !strings.HasPrefix(twin, "HTTP/1.1 200") {
		t.Errorf("a whole request is answered with %.60q", twin)
	}
}

// undressed lists the headers of every answer that an answer lacks.
func undressed(answer string) []string {
	var missing []string
	head, _, _ := strings.Cut(answer, "\r\n\r\n")
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Cache-Control: no-store", "Connection: close"} {
		if !strings.Contains(head, "\r\n"+name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// TestNoRequestInABody sends a request inside the body of another that is
// refused before its body is read: it must not be run as a request of its own.
// The methods that no route knows are the server's own to refuse.
func TestNoRequestInABody(t *testing.T) {
	w := handlertest.New(t)
	host := "Host: " + strings.TrimPrefix(w.BaseURL, "http://") + "\r\n"
	inner := "GET /livez HTTP/1.1\r\n" + host + "\r\n"
	for _, method := range []string{"POST", "PUT", "TRACE", "PROPFIND", "FOO"} {
		for name, pad := range map[string]int{"empty": 0, "short": 16 << 10, "long": 1 << 20} {
			body := strings.Repeat("a", pad) + inner
			for framing, text := range map[string]string{
				"a length": fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body),
				"chunks":   fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body),
			} {
				t.Run(method+" "+name+" "+framing, func(t *testing.T) {
					t.Parallel()
					back := raw(t, w, method+" /nowhere HTTP/1.1\r\n"+host+"Content-Type: multipart/form-data; boundary=x\r\n"+text)
					if n := strings.Count(back, "HTTP/1.1 "); n > 1 || strings.Contains(back, "ok\n") {
						t.Errorf("%d answers to one request", n)
					}
				})
			}
		}
	}
}

// TestRefusedWhileSending: who is refused in the middle of a long body still
// gets to read why, instead of a broken connection.
func TestRefusedWhileSending(t *testing.T) {
	w := handlertest.New(t)
	host := "Host: " + strings.TrimPrefix(w.BaseURL, "http://") + "\r\n"
	body := strings.Repeat("a", 16<<20)
	for name, tt := range map[string]struct {
		line, kind string
		want       string
	}{
		"too large a call":    {"POST /api/v1/sessions", "application/json", "413"},
		"too large a form":    {"POST /sign-in", "application/x-www-form-urlencoded", "413"},
		"a foreign kind":      {"POST /api/v1/sessions", "image/bmp", "415"},
		"not signed in":       {"POST /api/v1/requests/req_1/files", "application/octet-stream", "401"},
		"an unknown route":    {"POST /nowhere", "multipart/form-data; boundary=x", "404"},
		"an unknown method":   {"FOO /nowhere", "application/octet-stream", "404"},
		"a compressed upload": {"POST /api/v1/requests/req_1/files", "application/octet-stream\r\nContent-Encoding: gzip", "415"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			back := raw(t, w, fmt.Sprintf("%s HTTP/1.1\r\n%sContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", tt.line, host, tt.kind, len(body), body))
			if !strings.HasPrefix(back, "HTTP/1.1 "+tt.want) {
				t.Errorf("answered with %.40q, want %s", back, tt.want)
			}
		})
	}
}

// TestUnknownMethods are answered as unknown routes are.
func TestUnknownMethods(t *testing.T) {
	w := handlertest.New(t)
	host := "Host: " + strings.TrimPrefix(w.BaseURL, "http://") + "\r\n"
	for method, path := range map[string]string{"FOO": "/api/v1/requests", "BAR": "/api", "PROPFIND": "/queue", "get": "/livez"} {
		back := raw(t, w, method+" "+path+" HTTP/1.1\r\n"+host+"\r\n")
		if !strings.HasPrefix(back, "HTTP/1.1 404") || len(undressed(back)) > 0 {
			t.Errorf("%s %s = %.40q without %v", method, path, back, undressed(back))
		}
		if strings.HasPrefix(path, "/api") && (!strings.Contains(back, "application/problem+json") || strings.Contains(back, `"request_id":""`)) {
			t.Errorf("%s %s is no problem document with its number: %q", method, path, back)
		}
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
