package handlertest

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"inzage/services/identity"
	"inzage/views/ui"
)

// Client is a browser without a screen: it keeps cookies, follows no redirect
// by itself, and sends the form token unless told not to.
type Client struct {
	T     testing.TB
	World *World
	HTTP  *http.Client
	// Token overrides the form token when set; "-" sends none.
	Token    string
	Language string // of Accept-Language; "" is nl
}

// Browser is somebody who is not signed in.
func (w *World) Browser() *Client {
	w.T.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.T.Fatalf("cookie jar: %v", err)
	}
	return &Client{T: w.T, World: w, HTTP: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// SignIn is somebody with both factors proven just now.
func (w *World) SignIn(p Person) *Client {
	w.T.Helper()
	ctx := context.Background()
	half, err := w.Identity.SignIn(ctx, identity.Credentials{Email: p.Email, Password: p.Password, Address: "127.0.0.1"})
	if err != nil {
		w.T.Fatalf("sign in %s: %v", p.Name, err)
	}
	full, err := w.Identity.ProveTOTP(ctx, half.Actor, w.Code(p))
	if err != nil {
		w.T.Fatalf("second factor of %s: %v", p.Name, err)
	}
	c := w.Browser()
	c.SetSession(full.Token)
	return c
}

// Actor is the person as the services see them, both factors proven just now.
func (w *World) Actor(p Person) identity.Actor {
	return identity.Actor{Account: p.Account, Organisation: p.Organisation, Roles: p.Roles, Level: identity.Full, StrongAt: w.Now(), Language: "nl"}
}

// SetSession puts a session's token into the cookie jar.
func (c *Client) SetSession(token string) {
	c.HTTP.Jar.SetCookies(c.base(), []*http.Cookie{{Name: "inzage", Value: token, Path: "/"}})
}

// SetCookie puts any cookie into the jar.
func (c *Client) SetCookie(name, value string) {
	c.HTTP.Jar.SetCookies(c.base(), []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

func (c *Client) base() *url.URL {
	u, err := url.Parse(c.World.BaseURL)
	if err != nil {
		c.T.Fatalf("base URL: %v", err)
	}
	return u
}

// csrf is the form token that the portal would have put into the form.
func (c *Client) csrf() string {
	switch c.Token {
	case "-":
		return ""
	case "":
	default:
		return c.Token
	}
	visit := ""
	for _, k := range c.HTTP.Jar.Cookies(c.base()) {
		switch k.Name {
		case "inzage":
			if _, sess, err := c.World.Identity.Resume(context.Background(), k.Value); err == nil {
				return c.World.Identity.CSRF(sess)
			}
		case "visit":
			visit = k.Value
		}
	}
	if visit == "" {
		c.Get("/livez") // sets nothing; a page does
		return ""
	}
	return c.World.Vault.Fingerprint("csrf", "visit:"+visit)
}

// FormToken is the token that the portal would put into a form for this browser.
func (c *Client) FormToken() string { return c.csrf() }

// Page is an answer of the portal.
type Page struct {
	*goquery.Document
	Status   int
	Location string // of a redirect, as a path
	Body     string
	Header   http.Header
}

// Get asks for a page.
func (c *Client) Get(path string) Page {
	c.T.Helper()
	return c.do(http.MethodGet, path, nil, "")
}

// Follow asks for a page and goes on through redirects, at most ten.
func (c *Client) Follow(path string) Page {
	c.T.Helper()
	p := c.Get(path)
	for range 10 {
		if p.Location == "" {
			return p
		}
		p = c.Get(p.Location)
	}
	c.T.Fatalf("GET %s: too many redirects", path)
	return p
}

// Post sends a form with the form token.
func (c *Client) Post(path string, form url.Values) Page {
	c.T.Helper()
	sent := url.Values{}
	for k, v := range form {
		sent[k] = v
	}
	if token := c.csrf(); token != "" {
		sent.Set(ui.CSRFField, token)
	}
	return c.do(http.MethodPost, path, strings.NewReader(sent.Encode()), "application/x-www-form-urlencoded")
}

// Attachment is a file to upload.
type Attachment struct {
	Field, Name string
	Body        []byte
}

// Upload sends a form with files; the text comes first.
func (c *Client) Upload(path string, form url.Values, files ...Attachment) Page {
	c.T.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_ = m.WriteField(ui.CSRFField, c.csrf()) // a bytes.Buffer takes everything
	for k, all := range form {
		for _, v := range all {
			_ = m.WriteField(k, v)
		}
	}
	for _, f := range files {
		part, err := m.CreateFormFile(f.Field, f.Name)
		if err != nil {
			c.T.Fatalf("form file: %v", err)
		}
		_, _ = part.Write(f.Body)
	}
	if err := m.Close(); err != nil {
		c.T.Fatalf("form: %v", err)
	}
	return c.do(http.MethodPost, path, &b, m.FormDataContentType())
}

func (c *Client) do(method, path string, body io.Reader, kind string) Page {
	c.T.Helper()
	req, err := http.NewRequestWithContext(c.T.Context(), method, c.World.BaseURL+path, body)
	if err != nil {
		c.T.Fatalf("%s %s: %v", method, path, err)
	}
	req.Header.Set("Accept-Language", "nl")
	if c.Language != "" {
		req.Header.Set("Accept-Language", c.Language)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Origin", c.World.BaseURL)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		c.T.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		c.T.Fatalf("%s %s: read: %v", method, path, err)
	}
	p := Page{Status: res.StatusCode, Body: string(data), Header: res.Header, Location: strings.TrimPrefix(res.Header.Get("Location"), c.World.BaseURL)}
	if p.Document, err = goquery.NewDocumentFromReader(bytes.NewReader(data)); err != nil {
		c.T.Fatalf("%s %s: parse: %v", method, path, err)
	}
	return p
}

// Want fails the test when the status is another one, and shows the page's words.
func (p Page) Want(t testing.TB, status int) Page {
	t.Helper()
	if p.Status != status {
		t.Fatalf("status = %d, want %d; the page says: %s", p.Status, status, strings.Join(strings.Fields(p.Find("main").Text()), " "))
	}
	return p
}

// Words is the text of the page's main part with single spaces.
func (p Page) Words() string { return strings.Join(strings.Fields(p.Find("main").Text()), " ") }
