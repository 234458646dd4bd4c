package main

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"inzage/cmd/inzage/browsertest"
	"inzage/handlers/api"
	"inzage/handlers/web"
	"inzage/services/identity"
)

// TestEveryPlace follows every link that each role is shown in the demo's
// world, in both languages, and checks the pages behind them. What a role sees
// of audits differs from party to party and from stage to stage, so each party
// goes to every audit it may see, and to what leads on from there.
func TestEveryPlace(t *testing.T) {
	t.Parallel()
	h, accounts := openDemo(t)
	met := map[string]bool{"/demo": true} // it loads itself anew all the time
	led := map[string]bool{}              // patterns that a link led to; those of audits with who it led
	roles := map[string]bool{}
	for i, a := range accounts {
		role := a.Organisation + " " + strings.Join(names(a.Roles), " ")
		if roles[role] {
			continue
		}
		roles[role] = true
		w := h.enter(a, []string{"nl", "en"}[i%2])
		w.Crawl(met, places(a.Organisation, party(a.Roles), led))
	}
	for _, place := range []string{"/queue", "/requests/:id", "/assists/:id", "/agreements/:id", "/people/:id", "/organisations/:id", "/account", "/mine", "/my/:id", "/requests/:id/proof/:number"} {
		if !led[place] {
			t.Errorf("no link led to %s; they led to %s", place, strings.Join(slices.Sorted(maps.Keys(led)), ", "))
		}
	}
	for party, want := range auditPlaces {
		for _, place := range want {
			if !led[party+" "+place] {
				t.Errorf("no link led the %s to %s", party, place)
			}
		}
	}
	t.Logf("%d kinds of pages", len(met))
}

// auditPlaces are the pages about audits that each party must come to. The
// record of a processor and the wizard are the controller's; the auditor sees
// no costs, and nothing of an audit that has ended.
var auditPlaces = map[string][]string{
	"controller": {"/audits", "/audits/new", "/audits/new/:id", "/audits/:id", "/audits/:id/proof/:number", "/audits/:id/notice", "/audits/:id/notice.pdf", "/audits/:id/day.ics", "/audits/:id/undertaking",
		"/audits/:id/costs", "/audits/:id/costs.csv", "/audits/:id/report", "/audits/:id/report.pdf", "/audits/:id/report.json", "/processors/:id/record", "/calendar", "/calendar/address"},
	"processor":     {"/audits", "/audits/:id", "/audits/:id/notice", "/audits/:id/undertaking", "/audits/:id/costs", "/audits/:id/report", "/calendar", "/calendar/address"},
	"administrator": {"/audits", "/audits/:id", "/audits/:id/notice", "/audits/:id/report", "/calendar", "/calendar/address"},
	"auditor":       {"/audits", "/audits/:id", "/audits/:id/notice", "/audits/:id/undertaking", "/calendar", "/calendar/address"},
}

// party is who somebody is to an audit; "" is nobody.
func party(roles []identity.Role) string {
	switch {
	case slices.Contains(roles, identity.PrivacyOfficer):
		return "controller"
	case slices.Contains(roles, identity.Agent):
		return "processor"
	case slices.Contains(roles, identity.Admin):
		return "administrator"
	case slices.Contains(roles, identity.Auditor):
		return "auditor"
	}
	return ""
}

// places names the kind of page behind an address for somebody, and keeps in
// led where links led to. Each organisation has its own list of audits; the
// forms of audits are the same for whoever may open them.
func places(organisation, party string, led map[string]bool) func(*url.URL) string {
	return func(u *url.URL) string {
		if u.Query().Get("lang") != "" {
			return "" // the same page in another language
		}
		if strings.HasPrefix(u.Path, api.Base+"/") {
			return "" // a document for programs, not a page
		}
		place := pattern(u.Path)
		name := strings.Join(append([]string{place}, slices.Sorted(maps.Keys(u.Query()))...), " ")
		if ofAudits(place) {
			switch name {
			case "/audits", "/audits ended":
				name += " of " + organisation
			case "/audits/:id":
				name = u.Path
			}
			place, name = party+" "+place, party+" "+name
		}
		led[place] = true
		return name
	}
}

// ofAudits tells whether a place shows each party something else of audits.
func ofAudits(place string) bool {
	top, _, _ := strings.Cut(strings.TrimPrefix(place, "/"), "/")
	return slices.Contains([]string{"audits", "calendar", "processors"}, top) && !strings.Contains(place, "/do/")
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
