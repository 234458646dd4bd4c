package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/handlers/handlertest"
	"inzage/services/requests"
)

func downloads(w *handlertest.World, id string) int {
	n := 0
	for _, e := range w.Events(id) {
		if e == "request.download" {
			n++
		}
	}
	return n
}

// enrolled sets up an authenticator app for the person, who has proven it then.
func enrolled(t *testing.T, w *handlertest.World, c *handlertest.Client, id string) {
	t.Helper()
	c.Get("/my/"+id+"/identify").Want(t, 200)
	p := c.Post("/my/"+id+"/identify/app", url.Values{"password": {"trapgevel komijn zeewind 42"}}).Want(t, 200)
	confirm, _ := p.Find("form[action*=confirm]").Attr("action")
	now, err := totp.GenerateCode(strings.ReplaceAll(p.Find("[data-testid=secret]").Text(), " ", ""), w.Now())
	if err != nil {
		t.Fatal(err)
	}
	c.Post(confirm, url.Values{"code": {now}}).Want(t, 200)
}

// A download that broke off goes on where it was, as the same download: its one
// entry stays one, the checks stay, and a part without a beginning has its own.
func TestDownloadGoesOn(t *testing.T) {
	w := handlertest.New(t)
	_, id := filedRequest(t, w)
	file := decided(t, w, id, requests.Granted)
	at := "/my/" + id + "/files/" + file
	c := follow(t, w, id)
	if res, _ := c.Ask(http.MethodHead, at, nil); res.StatusCode != http.StatusSeeOther || res.Header.Get("Etag") != "" {
		t.Errorf("HEAD without the second factor: %d %v", res.StatusCode, res.Header)
	}
	enrolled(t, w, c, id)
	const whole = `[{"brood":1}]`
	res, body := c.Ask(http.MethodHead, at, nil)
	tag := res.Header.Get("Etag")
	if res.StatusCode != 200 || body != "" || res.ContentLength != int64(len(whole)) || len(tag) != 66 || res.Header.Get("Accept-Ranges") != "bytes" || downloads(w, id) != 0 {
		t.Errorf("HEAD: %d %q %v, %d downloads", res.StatusCode, body, res.Header, downloads(w, id))
	}
	for _, tt := range []struct {
		ask, ifRange string
		status       int
		body, part   string
		count        int // downloads in all after it
	}{
		{"bytes=99-", "", 416, "", "bytes */13", 0},
		{"bytes=4-", tag, 206, whole[4:], "bytes 4-12/13", 1}, // no beginning: its own
		{"", "", 200, whole, "", 2},
		{"bytes=4-", tag, 206, whole[4:], "bytes 4-12/13", 2},
		{"bytes=4-6", "", 206, whole[4:7], "bytes 4-6/13", 2},
		{"bytes=-3", "", 206, whole[10:], "bytes 10-12/13", 2},
		{"bytes=12-400", "", 206, whole[12:], "bytes 12-12/13", 2},
		{"bytes=-0", "", 416, "", "bytes */13", 2},
		{"bytes=0-3", "", 206, whole[:4], "bytes 0-3/13", 3},
		{"bytes=4-", `"another"`, 200, whole, "", 4},
		{"bytes=0-1,4-5", "", 200, whole, "", 5},
		{"bytes=9-4", "", 200, whole, "", 6},
		{"bytes=x-", "", 200, whole, "", 7},
		{"lines=1-2", "", 200, whole, "", 8},
	} {
		headers := map[string]string{}
		if tt.ask != "" {
			headers["Range"] = tt.ask
		}
		if tt.ifRange != "" {
			headers["If-Range"] = tt.ifRange
		}
		res, body := c.Ask(http.MethodGet, at, headers)
		if res.StatusCode != tt.status || tt.status < 300 && (body != tt.body || res.Header.Get("Etag") != tag || res.ContentLength != int64(len(tt.body))) || res.Header.Get("Content-Range") != tt.part {
			t.Errorf("%s: %d %q %q, want %d %q %q", tt.ask, res.StatusCode, body, res.Header.Get("Content-Range"), tt.status, tt.body, tt.part)
		}
		if n := downloads(w, id); n != tt.count {
			t.Errorf("after %s: %d downloads are recorded, want %d", tt.ask, n, tt.count)
		}
	}
	w.Pass(requests.ReleaseTime + time.Minute)
	res, _ = c.Ask(http.MethodGet, at, map[string]string{"Range": "bytes=4-"})
	if res.StatusCode == 206 || strings.HasPrefix(res.Header.Get("Content-Range"), "bytes") {
		t.Errorf("after the release: %d", res.StatusCode)
	}
}
