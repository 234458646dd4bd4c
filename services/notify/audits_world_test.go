package notify_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/vault"

	"github.com/google/go-cmp/cmp"
)

// audience is a portal in which one controller audits one processor, with a
// mailer that shows who was written to.
type audience struct {
	*world
	post     *recorder
	boss     identity.Actor // an administrator of the controller
	auditor  identity.Actor
	contract string
	language string
	id       string // of the audit
	seen     int    // mails that were looked at
}

// recorder keeps the mails that go out.
type recorder struct {
	mu  sync.Mutex
	all []notify.Envelope
}

func (r *recorder) Send(_ context.Context, e notify.Envelope) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, e)
	return nil
}

const auditorMail = "kanarie.jansen@auditors.example"

func newAudience(t *testing.T, preset, language string) *audience {
	t.Helper()
	w := &audience{world: newWorld(t), post: &recorder{}, language: language}
	w.Notify.Outbox.Mailer = w.post
	w.contract = w.agree(preset, w.bakery, w.partner)
	w.boss = w.hire("second boss", w.bakery, identity.Admin)
	w.hire("chief", w.partner, identity.Admin)
	page, err := w.Accounts.List(t.Context(), document.Query{Index: "people", Equal: []any{w.bakery.ID}, Limit: 10})
	must(t, err)
	more, err := w.Accounts.List(t.Context(), document.Query{Index: "people", Equal: []any{w.partner.ID}, Limit: 10})
	must(t, err)
	for _, a := range append(page.Rows, more.Rows...) {
		_, err := w.Accounts.Touch(t.Context(), a.ID, func(a *identity.Account) error { a.Language = language; return nil })
		must(t, err)
	}
	return w
}

// register gives the auditor an account before the invitation.
func (w *audience) register() {
	acc := identity.Account{Meta: document.Meta{ID: ledger.NewID("acc")}, Realm: identity.Staff, Roles: []identity.Role{identity.Auditor},
		Email: w.Vault.Fingerprint("email:staff", auditorMail), Language: w.language, Created: w.now()}
	key, err := w.Vault.Create(w.t.Context(), acc.ID)
	must(w.t, err)
	acc.Person, err = vault.SealJSON(key, "person", identity.Person{Name: theName, Email: auditorMail})
	must(w.t, err)
	must(w.t, w.Accounts.Create(w.t.Context(), &acc))
}

func (w *audience) auditPlan() audits.Plan {
	breach := true
	return audits.Plan{Subject: theWish, Mode: audits.OnSite, BreachIndicated: &breach, Why: theReason,
		Notice: audits.NoticeText{Method: theReason, Auditor: theName, Information: theLeast, Locations: theWhere, Arguments: theReason}}
}

func (w *audience) details(email string) audits.AuditorDetails {
	yes := true
	return audits.AuditorDetails{Person: audits.AuditorPerson{Name: theName, Email: email, Firm: theOther, Register: "kanarie 12", Language: w.language},
		Independent: &yes, RegisterEDP: &yes, ICTExpert: &yes, BoundToSecrecy: &yes}
}

// start drafts an audit with an auditor.
func (w *audience) start() {
	w.t.Helper()
	a, err := w.Audits.Start(w.t.Context(), w.officer, "", w.contract, w.auditPlan())
	must(w.t, err)
	w.id = a.ID
	_, err = w.Audits.AppointAuditor(w.t.Context(), w.officer, a.ID, w.details(auditorMail))
	must(w.t, err)
	w.told("drafting")
}

func (w *audience) audit() audits.Audit {
	w.t.Helper()
	a, err := w.Audits.Audits.Get(w.t.Context(), w.id)
	must(w.t, err)
	return a
}

// does is one step, and who is written to about it, each as "kind name".
func (w *audience) does(step string, do func() (audits.Audit, error), want ...string) audits.Audit {
	w.t.Helper()
	a, err := do()
	if err != nil {
		w.t.Fatalf("%s: %v", step, err)
	}
	w.told(step, want...)
	return a
}

// told compares the mails since the last look with the wanted ones.
func (w *audience) told(step string, want ...string) {
	w.t.Helper()
	w.send()
	got := []string{}
	for _, e := range w.post.all[w.seen:] {
		m, err := w.Notify.Outbox.Messages.Get(w.t.Context(), strings.Split(e.ID, "@")[0])
		must(w.t, err)
		name, _, _ := strings.Cut(e.To, "@")
		if e.To == auditorMail {
			name = "auditor"
		}
		got = append(got, strings.TrimPrefix(m.Kind, "audit_")+" "+name)
	}
	w.seen = len(w.post.all)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", step, diff)
	}
	w.pass(time.Minute)
}

func (w *audience) invite() {
	w.t.Helper()
	a := w.does("invite", func() (audits.Audit, error) { return w.Audits.InviteAuditor(w.t.Context(), w.officer, w.id) }, "invited auditor")
	w.auditor = identity.Actor{Account: a.Access, Roles: []identity.Role{identity.Auditor}, Level: identity.Full, StrongAt: w.now(), Language: w.language}
}

func (w *audience) sign() (audits.Audit, error) {
	w.t.Helper()
	text, err := w.Audits.Undertaking(w.t.Context(), w.auditor, w.audit(), w.language)
	must(w.t, err)
	return w.Audits.SignUndertaking(w.t.Context(), w.auditor, w.id, audits.Signature{Name: theName, Version: text.Version, Language: w.language, Agrees: true})
}

func (w *audience) today() deadlines.Date { return deadlines.DateOf(w.now(), time.UTC) }

// until lets time pass up to a day's noon, and forgets the reminders of it.
func (w *audience) until(d deadlines.Date) {
	w.pass(time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Sub(w.now()))
}
