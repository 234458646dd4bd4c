package main

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"inzage/cmd/inzage/browsertest"
	"inzage/handlers/web"
	"inzage/services/identity"
)

// TestEveryPlace follows every link that each role is shown in the demo's
// world, in both languages, and checks the pages behind them.
func TestEveryPlace(t *testing.T) {
	t.Parallel()
	h, accounts := openDemo(t)
	met := map[string]bool{"/demo": true} // it loads itself anew all the time
	kind := func(u *url.URL) string {
		if u.Query().Get("lang") != "" {
			return "" // the same page in another language
		}
		return strings.Join(append([]string{pattern(u.Path)}, slices.Sorted(maps.Keys(u.Query()))...), " ")
	}
	roles := map[string]bool{}
	for i, a := range accounts {
		role := a.Organisation + " " + strings.Join(names(a.Roles), " ")
		if roles[role] {
			continue
		}
		roles[role] = true
		w := h.enter(a, []string{"nl", "en"}[i%2])
		w.Crawl(met, kind)
	}
	for _, place := range []string{"/queue", "/requests/:id", "/assists/:id", "/agreements/:id", "/people/:id", "/organisations/:id", "/account", "/mine", "/my/:id", "/requests/:id/proof/:number"} {
		if !met[place] {
			t.Errorf("no link led to %s; they led to %s", place, strings.Join(slices.Sorted(maps.Keys(met)), ", "))
		}
	}
	t.Logf("%d kinds of pages", len(met))
}

// openDemo starts the portal with the world of the demo in it.
func openDemo(t *testing.T) (*house, []web.DemoAccount) {
	t.Helper()
	h, l := newHouse(t)
	s := newShow(h.portal, demoFolder{})
	if err := s.fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.serve(l, s.pages())
	return h, *s.accounts.Load()
}

// enter opens a window and signs in.
func (h *house) enter(a web.DemoAccount, lang string) *browsertest.Window {
	h.t.Helper()
	device, words := browsertest.Laptop, dutchSignIn
	if slices.Contains(a.Roles, identity.Subject) {
		device = browsertest.Phone
	}
	if lang == "en" {
		words = englishSignIn
	}
	w := h.window(a.Name, lang, device)
	w.Open("/?lang=" + lang) // a click on a language counts for more than the account's
	h.signIn(w, worker{name: a.Name, email: a.Email, password: a.Password, secret: a.Secret}, "", words)
	return w
}

func names(roles []identity.Role) []string {
	var all []string
	for _, r := range roles {
		all = append(all, string(r))
	}
	return all
}
