package handlers_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
)

// TestFramingErrorsClose sends every way in which a request can be framed
// wrongly, with a whole request behind it, over a connection that the client
// keeps open: one answer, a refusal that says that it closes, and the end of the
// connection. What lies behind an error of framing has no known beginning
// (RFC 9112, 6.3 and 9.6).
func TestFramingErrorsClose(t *testing.T) {
	w := handlertest.New(t)
	at := strings.TrimPrefix(w.BaseURL, "http://")
	host := "Host: " + at + "\r\n"
	next := "GET /livez HTTP/1.1\r\n" + host + "\r\n"
	form := "Content-Type: application/x-www-form-urlencoded\r\n"
	const chunked = "Transfer-Encoding: chunked\r\n\r\n"
	sent, closed := 0, 0
	try := func(t *testing.T, text string) {
		t.Helper()
		sent++
		back, ended := until(t, at, text+next)
		if !strings.HasPrefix(back, "HTTP/1.1 4") || strings.Count(back, "HTTP/1.1 ") != 1 || strings.Contains(back, "ok\n") {
			t.Errorf("answered with %.60q, %d answers", back, strings.Count(back, "HTTP/1.1 "))
			return
		}
		if !ended || !strings.Contains(back, "\r\nConnection: close\r\n") {
			t.Errorf("the connection stays open after %.60q", back)
			return
		}
		closed++
	}
	for name, body := range map[string]string{
		"a size that is none":                   "zz\r\n0\r\n\r\n",
		"a size that is none and a whole chunk": "zz\r\n5\r\naaaaa\r\n0\r\n\r\n",
		"no size":                               "\r\n0\r\n\r\n",
		"a size below zero":                     "-1\r\n0\r\n\r\n",
		"a size with a plus":                    "+5\r\naaaaa\r\n0\r\n\r\n",
		"a size with 0x":                        "0x5\r\naaaaa\r\n0\r\n\r\n",
		"a size with a space before":            " 5\r\naaaaa\r\n0\r\n\r\n",
		"a size beyond 64 bits":                 "fffffffffffffffff\r\na\r\n0\r\n\r\n",
		"a size that ends in LF":                "5\naaaaa\r\n0\r\n\r\n",
		"a size that ends in CR":                "5\raaaaa\r\n0\r\n\r\n",
		"an extension with LF":                  "5;a\nb\r\naaaaa\r\n0\r\n\r\n",
		"no line end after the chunk":           "5\r\naaaaa0\r\n\r\n",
		"more than the chunk said":              "5\r\naaaaaaaa\r\n0\r\n\r\n",
		"less than the chunk said":              "9\r\naaaaa\r\n0\r\n\r\n",
		"LF after the chunk":                    "5\r\naaaaa\n0\r\n\r\n",
		"CR alone after the chunk":              "5\r\naaaaa\r0\r\n\r\n",
		"an error after a whole chunk":          "5\r\naaaaa\r\nzz\r\n0\r\n\r\n",
		"a trailer without a colon":             "0\r\nnonsense\r\n\r\n",
		"a trailer that frames":                 "0\r\nContent-Length: 5\r\n\r\n",
	} {
		// Each kind of reader: a form that is read whole, a file, a kind that is
		// refused unread, a route that does not exist, a page.
		for what, line := range map[string]string{
			"form": "POST /sign-in HTTP/1.1\r\n" + form, "call": "POST /api/v1/sessions HTTP/1.1\r\nContent-Type: application/json\r\n",
			"file":    "POST /api/v1/requests/req_1/files HTTP/1.1\r\nContent-Type: application/octet-stream\r\n",
			"files":   "POST /file/attachments HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\n",
			"foreign": "POST /sign-in HTTP/1.1\r\nContent-Type: image/bmp\r\n", "nowhere": "POST /nowhere HTTP/1.1\r\n" + form,
			"page": "GET /sign-in HTTP/1.1\r\n", "method": "PROPFIND /sign-in HTTP/1.1\r\n",
		} {
			t.Run("chunks/"+name+"/"+what, func(t *testing.T) { try(t, line+host+chunked+body) })
		}
	}
	post := "POST /sign-in HTTP/1.1\r\n" + host + form
	for name, text := range map[string]string{
		"two lengths":                     post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\na",
		"two lengths alike":               post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
		"two lengths in one":              post + "Content-Length: 1, 1\r\n\r\na",
		"a length below zero":             post + "Content-Length: -1\r\n\r\n",
		"a length that is empty":          post + "Content-Length: \r\n\r\n",
		"a length that is none":           post + "Content-Length: five\r\n\r\naaaaa",
		"a length with a plus":            post + "Content-Length: +5\r\n\r\naaaaa",
		"a length in hex":                 post + "Content-Length: 0x5\r\n\r\naaaaa",
		"a length beyond 64 bits":         post + "Content-Length: 99999999999999999999\r\n\r\na",
		"length, then chunks":             post + "Content-Length: 5\r\n" + chunked + "0\r\n\r\n",
		"chunks, then length":             post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
		"an unknown coding":               post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"identity":                        post + "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		"gzip before chunks":              post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		"chunks before gzip":              post + "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
		"chunked twice in one":            post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
		"two codings":                     post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
		"a coding behind a tab":           post + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
		"a coding that is empty":          post + "Transfer-Encoding: \r\n\r\n0\r\n\r\n",
		"chunks of HTTP/1.0":              "POST /sign-in HTTP/1.0\r\n" + host + form + chunked + "0\r\n\r\n",
		"a space before the colon":        post + "Content-Length : 1\r\n\r\na",
		"a header that goes on":           post + "X-A: a\r\n b: c\r\nContent-Length: 1\r\n\r\na",
		"a header without a colon":        post + "nonsense\r\nContent-Length: 1\r\n\r\na",
		"a header without a name":         post + ": a\r\nContent-Length: 1\r\n\r\na",
		"CR alone in a header":            post + "X-A: a\rTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\na",
		"NUL in a header":                 post + "X-A: a\x00b\r\nContent-Length: 1\r\n\r\na",
		"a header of a hundred KiB":       post + "X-A: " + strings.Repeat("a", 100<<10) + "\r\nContent-Length: 1\r\n\r\na",
		"two hosts":                       post + "Host: evil.example\r\nContent-Length: 1\r\n\r\na",
		"no host":                         "POST /sign-in HTTP/1.1\r\n" + form + "Content-Length: 1\r\n\r\na",
		"no version":                      "POST /sign-in\r\n" + host + form + "Content-Length: 1\r\n\r\na",
		"a version that is none":          "POST /sign-in HTTP/9.9\r\n" + host + form + "Content-Length: 1\r\n\r\na",
		"a method with a control byte":    "PO\x01ST /sign-in HTTP/1.1\r\n" + host + form + "Content-Length: 1\r\n\r\na",
		"a space before the request line": " POST /sign-in HTTP/1.1\r\n" + host + form + "Content-Length: 1\r\n\r\na",
	} {
		t.Run("header/"+name, func(t *testing.T) { try(t, text) })
	}
	// The rightful twin: the same bodies, framed as they should be, leave the
	// connection to the next request.
	for name, text := range map[string]string{
		"chunks": post + chunked + "5\r\naaaaa\r\n0\r\n\r\n", "an extension": post + chunked + "5;a=b\r\naaaaa\r\n0\r\n\r\n", "a trailer": post + chunked + "5\r\naaaaa\r\n0\r\nX-A: a\r\n\r\n",
		"a length": post + "Content-Length: 5\r\n\r\naaaaa",
	} {
		back, _ := until(t, at, text+strings.Replace(next, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1))
		if strings.Count(back, "HTTP/1.1 ") != 2 || !strings.HasSuffix(back, "ok\n") {
			t.Errorf("%s: %d answers, want two: %.60q", name, strings.Count(back, "HTTP/1.1 "), back)
		}
	}
	t.Logf("errors of framing: %d sent, %d refused and closed", sent, closed)
	if sent == 0 || closed != sent {
		t.Error("an error of framing leaves its connection open")
	}
}

// until sends bytes, keeps its own side open, and reads until the portal ends
// the connection.
func until(t *testing.T, at, text string) (back string, ended bool) {
	t.Helper()
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprint(conn, text); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	return string(all), err == nil
}
