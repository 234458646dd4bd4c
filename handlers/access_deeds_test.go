package handlers_test

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/access"
	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/requests"
)

// forms sends the forms of the pages, each once, by somebody who may.
type forms struct {
	*deeds
}

// sends sends a form that the table lets somebody send: it is taken, and leaves
// the entry of its row once, or none. values fill the address.
func (f *forms) sends(who, pattern string, form url.Values, values ...string) handlertest.Page {
	f.t.Helper()
	return f.by(f.who(who).client, pattern, form, values...)
}

func (f *forms) by(c *handlertest.Client, pattern string, form url.Values, values ...string) handlertest.Page {
	f.t.Helper()
	return f.taken(http.MethodPost, pattern, func(at string) handlertest.Page {
		if form.Has("+file") {
			return c.Upload(at, without(form, "+file"), handlertest.Attachment{Field: "file", Name: "brief.txt", Body: []byte("Een brief.\n")})
		}
		return c.Post(at, form)
	}, values...)
}

// opens asks for a page that a secret or a cookie opens.
func (f *forms) opens(c *handlertest.Client, pattern string, values ...string) handlertest.Page {
	f.t.Helper()
	return f.taken(http.MethodGet, pattern, c.Get, values...)
}

func (f *forms) taken(method, pattern string, do func(at string) handlertest.Page, values ...string) handlertest.Page {
	f.t.Helper()
	row, ok := f.rows[method+" "+pattern]
	if !ok {
		f.t.Fatalf("there is no %s %s", method, pattern)
	}
	size := f.sealed()
	p := do(written(pattern, values))
	if away := strings.HasPrefix(p.Location, "/sign-in?") || strings.HasPrefix(p.Location, "/account/confirm?"); away || p.Status >= http.StatusBadRequest {
		f.t.Fatalf("%s: %d %s %.600s", row.Name(), p.Status, p.Location, p.Words())
	}
	f.left(row, size)
	f.done[row.Name()] = true
	return p
}

// without is a form without one field.
func without(form url.Values, name string) url.Values {
	some := url.Values{}
	for k, v := range form {
		if k != name {
			some[k] = v
		}
	}
	return some
}

// pairs is a form of names and values by turns.
func pairs(all ...string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(all); i += 2 {
		form.Add(all[i], all[i+1])
	}
	return form
}

// TestDeedsOfPages is the allowed twin of every form, and of the pages that a
// secret or the browser's own draft opens: whoever may sends it, and it leaves
// its entry. What is done at length elsewhere is named below, and is there.
func TestDeedsOfPages(t *testing.T) {
	f := &forms{&deeds{newWire(t), access.Of(access.Pages()), map[string]bool{}}}
	f.draft()
	f.links()
	f.own()
	f.subject()
	f.staff()
	f.tend()
	elsewhere := map[string]int{}
	for name, row := range f.rows {
		secret := row.Of == access.Draft || row.Of == access.Link
		if row.Method == http.MethodGet && !secret || f.done[name] {
			continue
		}
		where := ""
		for test, routes := range sentElsewhere {
			if slices.Contains(routes, name) {
				where = test
			}
		}
		if where == "" {
			t.Errorf("nobody who may %s is seen to", name)
			continue
		}
		elsewhere[where]++
	}
	for where := range sentElsewhere {
		if !exists(t, where) {
			t.Errorf("%s is not there", where)
		}
	}
	t.Logf("%d forms and secret pages taken here from those who may; elsewhere: %v", len(f.done), elsewhere)
}

// filer is whoever files in these tests; good is a password that is taken.
const filer, good = "jan@example.org", "vuurtoren grasmat violier"

// draft goes through the form of a request, and comes back to it by mail.
func (f *forms) draft() {
	c := f.Browser()
	f.opens(c, "/o/:slug", "korenaar")
	f.by(c, "/o/:slug/file", nil, "korenaar")
	f.by(c, "/file/rights", pairs("rights", "access"))
	f.by(c, "/file/about/:right", pairs("access_what", "Alles over mijn bestellingen."), "access")
	f.by(c, "/file/you", pairs("name", "Jan Brief", "email", filer))
	f.by(c, "/file/representative", pairs("for", "self"))
	f.by(c, "/file/attachments", pairs("+file", ""))
	file, _ := f.opens(c, "/file/attachments").Find(`button[name="file"], input[name="file"][type="hidden"]`).Attr("value")
	f.by(c, "/file/attachments/remove", pairs("file", file))
	f.by(c, "/file/later", nil)
	for _, at := range []string{"/file", "/file/rights", "/file/you", "/file/representative", "/file/check"} {
		f.opens(c, at)
	}
	f.opens(c, "/file/about/:right", "access")
	c = f.Browser()
	secret := path.Base(f.LastLetter(filer, "resume").Data["link"])
	f.opens(c, "/file/resume/:token", secret)
	f.by(c, "/file/resume/:token", nil, secret)
	f.by(c, "/file/check", nil)
	f.opens(c, "/file/prove")
	f.by(c, "/file/prove/again", nil)
	f.by(c, "/file/prove/address", pairs("email", filer))
	f.by(c, "/file/prove", pairs("code", f.LastLetter(filer, "code").Data["code"]))
	filed, _ := f.opens(c, "/file/done").Find("[data-testid=filed] a.button").Attr("href")
	f.identified(path.Base(filed))
}

// follows opens a request in a fresh browser with its private link and a code.
func (f *forms) follows(id string) *handlertest.Client {
	f.Pass(16 * time.Minute) // so many codes go to one address in a while
	r, err := f.Requests.Requests.Get(f.t.Context(), id)
	must(f.t, r, err)
	at, c := []string{r.Reference, f.Vault.Fingerprint(requests.FollowPurpose, id)}, f.Browser()
	f.opens(c, "/r/:reference/:token", at...)
	f.by(c, "/r/:reference/:token", nil, at...)
	f.opens(c, "/r/:reference/:token/code", at...)
	f.by(c, "/r/:reference/:token/code", pairs("code", f.LastLetter(filer, "code").Data["code"]), at...)
	return c
}

// identified binds an app on the way to the files, and proves it, each time
// in the browser of somebody who came with the private link.
func (f *forms) identified(id string) {
	c := f.follows(id)
	f.by(c, "/sign-in/enrol/password", pairs("password", good))
	p := f.by(c, "/my/:id/identify/app", pairs("password", good), id)
	jan := handlertest.Person{Secret: strings.ReplaceAll(p.Find("[data-testid=secret]").Text(), " ", "")}
	_, query, _ := strings.Cut(p.Find("form[action*='/app/confirm']").AttrOr("action", ""), "?")
	p = f.taken(http.MethodPost, "/my/:id/identify/app/confirm", func(at string) handlertest.Page { return c.Post(at+"?"+query, pairs("code", f.Code(jan))) }, id)
	recovery := strings.TrimSpace(p.Find("li code").First().Text())
	c = f.follows(id)
	f.by(c, "/my/:id/identify/password", pairs("password", good), id)
	f.by(c, "/my/:id/identify/code", pairs("code", f.Code(jan)), id)
	c = f.follows(id)
	f.by(c, "/sign-in/factor/password", pairs("password", good))
	f.by(c, "/my/:id/identify/recovery", pairs("recovery", recovery), id)
}

// links opens what letters to staff lead to.
func (f *forms) links() {
	secret := func(to, template string) string { return path.Base(f.LastLetter(to, template).Data["link"]) }
	invited, c := "nieuw@korenaar.example", f.Browser()
	f.opens(c, "/invitation/:token", secret(invited, "invitation"))
	f.by(c, "/invitation/:token", pairs("name", "Nieuw Hier", "email", invited, "password", good, "language", "nl"), secret(invited, "invitation"))
	otto := f.who("privacy_officer/idea-online")
	c = f.Browser()
	c.Get("/password/forgot")
	f.by(c, "/password/forgot", pairs("email", otto.Email))
	f.opens(c, "/password/:token", secret(otto.Email, "password"))
	f.by(c, "/password/:token", pairs("password", good), secret(otto.Email, "password"))
	olaf := f.who("agent/idea-online")
	f.proven(f.who("admin/idea-online"), f.Now())
	f.sends("admin/idea-online", "/people/:account/reset", nil, olaf.Account)
	f.opens(c, "/enrol/:token", secret(olaf.Email, "enrol"))
	f.by(c, "/enrol/:token", pairs("email", olaf.Email, "password", olaf.Password), secret(olaf.Email, "enrol"))
	f.proven(f.who("privacy_officer/korenaar"), f.Now())
	feed := f.sends("privacy_officer/korenaar", "/calendar/address", nil).Find("[data-testid=feed]").Text()
	f.opens(f.Browser(), "/feeds/:token.ics", path.Base(strings.TrimSpace(feed)))
	f.sends("privacy_officer/korenaar", "/calendar/address/revoke", nil)
}

// own is what somebody does with their own account.
func (f *forms) own() {
	arie := f.who("agent/vanderveen")
	c := f.Browser()
	c.Get("/sign-in")
	f.by(c, "/sign-in", pairs("email", arie.Email, "password", arie.Password))
	f.by(c, "/sign-in/factor", pairs("code", f.Code(arie.Person)))
	f.by(c, "/account/confirm", pairs("code", f.Code(arie.Person), "to", "/account"))
	f.by(c, "/account/profile", pairs("name", "Vera Veen", "language", "nl"))
	codes := f.by(c, "/account/recovery", nil).Find("[data-testid=codes] code").First().Text()
	f.by(c, "/account/confirm/recovery", pairs("recovery", codes, "to", "/account"))
	f.by(c, "/account/password", pairs("old", arie.Password, "password", good))
	f.by(c, "/sign-out", nil)
	vera := f.who("admin/vanderveen")
	f.proven(vera, f.Now())
	f.by(vera.client, "/account/sessions/end", nil)
}

// subject is what data subjects do with requests of their own.
func (f *forms) subject() {
	const me = "subject/own"
	f.sends(me, "/my/:id/add", pairs("text", "Ook mijn foto's.", "+file", ""), f.fill["/my/:id"])
	f.sends(me, "/my/:id/answer", pairs("reply", "Klant 1234.", "text", "Klant 1234.", "+file", ""), f.fill["/my/:id/answer"])
	f.sends(me, "/my/:id/withdraw", nil, f.fill["/my/:id/answer"])
	f.sends(me, "/my/:id/renew", nil, f.fill["/my/:id/files"])
	f.proven(f.who(me), f.Now())
	f.sends(me, "/my/:id/address", pairs("email", "nieuw@example.org"), f.fill["/my/:id/files"])
	f.sends(me, "/my/:id/address/code", pairs("email", "nieuw@example.org", "code", f.LastLetter("nieuw@example.org", "code").Data["code"]), f.fill["/my/:id/files"])
}

// staff is what a desk and a processor do.
func (f *forms) staff() {
	const officer, agent = "privacy_officer/korenaar", "agent/mpg"
	id := f.fill["/requests/:id"]
	f.sends(officer, "/queue/search", pairs("text", "fatima@example.org", "q", "fatima@example.org"))
	f.sends(officer, "/requests/:id/files", pairs("+file", ""), id)
	help := f.fill["/assists/:id"]
	f.sends(agent, "/assists/:id/files", pairs("+file", ""), help)
	f.sends(agent, "/assists/:id/files/remove", pairs("file", strings.Fields(f.fill["/assists/:id/files/:file"])[1]), help)
	f.sends(officer, "/evidence/ask", nil)
}

// tend is what administrators and operators do.
func (f *forms) tend() {
	const admin, operator = "admin/korenaar", "operator/elsewhere"
	f.proven(f.who(admin), f.Now())
	f.proven(f.who(operator), f.Now())
	f.sends(admin, "/people/invite", pairs("name", "Piet Smit", "email", "piet@korenaar.example", "roles", "agent", "language", "nl"))
	open, err := f.Identity.OpenInvitations(f.t.Context(), f.actor(admin), f.Bakery.ID)
	must(f.t, open, err)
	f.sends(admin, "/people/invitations/:id", nil, open[0].ID)
	colleague := f.who("agent/korenaar").Account
	f.sends(admin, "/tokens/:id/revoke", nil, f.fill["/tokens/:id"])
	f.sends(admin, "/people/:account/roles", pairs("roles", "privacy_officer"), colleague)
	f.sends(admin, "/people/:account/disable", nil, colleague)
	f.sends(admin, "/people/:account/enable", nil, colleague)
	f.sends(operator, "/organisations/new", pairs("name", "Smederij Vonk", "country", "NL", "language", "nl", "zone", "Europe/Amsterdam"))
	f.sends(operator, "/organisations/:id/invite", pairs("name", "Vera Vonk", "email", "vera@vonk.example", "roles", string(identity.Admin), "language", "nl"), f.Bakery.ID)
	f.sends(admin, "/organisations/:id/edit", pairs("name", "De Aar", "slug", "korenaar", "country", "NL", "language", "nl", "zone", "Europe/Amsterdam"), f.Bakery.ID)
	f.sends(admin, "/agreements/:id/end", pairs("until", "2027-12-31"), f.agreement.ID)
}

// sentElsewhere are the tests that send the other forms.
var sentElsewhere = map[string][]string{
	"web/account_browser_test.go TestPasskeyInABrowser": {"POST /sign-in/passkey/begin", "POST /sign-in/passkey", "POST /account/passkeys/begin", "POST /account/passkeys", "POST /account/confirm/passkey"},
	// The page of each of these is asked for in the matrix, and its form refused to
	// others; that it is done is tested where programs do the same.
	"api/passkeys_test.go TestPasskeysOverTheAPI": {"POST /sign-in/factor/begin", "POST /sign-in/factor/passkey", "POST /account/passkeys/:id", "POST /account/passkeys/:id/remove",
		"POST /my/:id/identify/challenge", "POST /my/:id/identify/passkey"},
	"web/account_test.go TestInvitationToFullSession":                         {"POST /account/authenticator", "POST /account/authenticator/confirm"},
	"web/account_test.go TestRecoveryCodes":                                   {"POST /sign-in/factor/recovery"},
	"web/account_test.go TestOwnAccount":                                      {"POST /account/sessions/:id/end"},
	"web/organisation_test.go TestJoinWithAnAccount":                          {"POST /invitation/:token/join"},
	"web/organisation_test.go TestAgreementStepByStep":                        {"POST /agreements/new", "POST /agreements/:id/amend", "POST /agreements/:id/accept", "POST /agreements/:id/decline", "POST /agreements/:id/withdraw"},
	"web/organisation_test.go TestAnAgreementFromBeforeIsConfirmedOrDisputed": {"POST /agreements/:id/confirm", "POST /agreements/:id/dispute"},
	"../cmd/inzage/e2e_mpg_test.go TestJourneyForwarded":                      {"POST /my/:id/identify/new-passkey", "POST /my/:id/identify/new-passkey/challenge"},
	"web/subject_filing_test.go TestAtAProcessorTheControllerIsAsked":         {"GET /file/controller", "POST /file/controller"},
	"web/subject_filing_test.go TestOnBehalfOfSomebodyElse":                   {"GET /file/authority", "POST /file/authority"},
	"web/staff_queue_test.go TestStaffEnterARequest":                          {"POST /requests/new"},
	"web/staff_decide_test.go TestRecipientsAreTickedOff":                     {"POST /requests/:id/told"},
	"web/staff_decide_test.go TestADecisionIsPreviewedWordForWord":            {"POST /requests/:id/decide/:right"},
	"web/audit_booking_test.go TestBookingKeepsADraftForOneSide":              {"POST /audits/new/:agreement"},
	"web/organisation_tokens_test.go TestTokensOnPages":                       {"POST /tokens/new"},
	"web/organisation_retention_test.go TestRetentionBeforeAndAfter":          {"POST /organisations/:id/retention/change"},
	"web/audit_conduct_test.go TestAuditFilesOfTheOtherSideStay":              {"POST /audits/:id/files/:of/:file/remove"},
	"web/staff_decide_test.go TestHelpGoesToTheProcessorAndBack":              {"POST /assists/:id", "POST /requests/:id/files/use"},
	"web/staff_deeds_test.go TestEachDeedWorksAndLeavesItsEntry":              {"POST /requests/:id/do/:deed"},
	"web/audit_findings_test.go TestAuditFindingsWholeWay":                    {"POST /audits/:id/do/:deed", "POST /audits/:id/files/:of"},
	"web/audit_auditor_test.go TestAuditThreshold":                            {"POST /audits/:id/undertaking"},
}
