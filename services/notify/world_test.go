package notify_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"inzage/config/decisions"
	"inzage/config/notices"
	"inzage/config/undertakings"
	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/document"
	"inzage/services/evidence"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/ledger/ledgertest"
	"inzage/services/notify"
	"inzage/services/notify/mailer"
	"inzage/services/requests"
	"inzage/services/store"
	"inzage/services/store/sqlite"
	"inzage/services/vault"
	"inzage/services/vault/vaulttest"
	"inzage/views/mail"
)

const baseURL = "https://inzage.example"

// Words that stand for personal data and free text of people. None of them may
// be in an e-mail or in the ledger.
const (
	theName   = "Kanarie van der Geel"
	theMail   = "kanarie.geel@example.org"
	theWish   = "kanariewens over mijn bestellingen"
	theReason = "kanariereden waarom het zo is"
	theLeast  = "kanariebewijs dat genoeg is"
	theWhere  = "kanarieadres waar u terechtkunt"
	theProof  = "kanariepost 3SABCD"
	theOther  = "Kanarie Ontvanger BV"
)

// world is a portal without its pages: real store, real vault, a clock that the test moves.
type world struct {
	t      *testing.T
	Engine *sqlite.Engine
	Vault  *vault.Vault
	Ledger *ledger.Ledger
	*identity.Service
	Requests   *requests.Service
	Audits     *audits.Service
	Agreements *agreements.Registry
	Journal    *journal.Journal
	Notify     *notify.Service
	Dir        string // of the mails

	bakery, partner, online identity.Organisation
	officer, agent, clerk   identity.Actor // clerk works for online

	mu    sync.Mutex
	clock time.Time
	codes map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 11, 17, 8, 30, 0, 0, time.UTC), codes: map[string]string{}, Dir: t.TempDir()}
	w.assemble()
	w.bakery, w.partner, w.online = w.organisation("Bakkerij De Korenaar", "korenaar"), w.organisation("MijnPartnerGroep", "mpg"), w.organisation("IDEA-ONLINE", "idea-online")
	w.agree("mpg", w.bakery, w.partner)
	w.agree("idea-online", w.bakery, w.online)
	w.officer = w.hire("officer", w.bakery, identity.PrivacyOfficer)
	w.hire("boss", w.bakery, identity.Admin)
	w.agent = w.hire("agent", w.partner, identity.Agent)
	w.clerk = w.hire("clerk", w.online, identity.Agent)
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// Post keeps the code of a letter, so that the filer can prove the address.
func (w *world) Post(_ context.Context, l identity.Letter) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.codes[l.To] = l.Data["code"]
	return nil
}

func on[T any, P document.Aggregate[T]](e store.Engine, kinds []document.Kind, name string) document.Collection[T] {
	for _, k := range kinds {
		if k.Name == name {
			return store.Collection[T, P](e, k)
		}
	}
	panic("there is no kind " + name)
}

func (w *world) assemble() {
	t := w.t
	e, err := sqlite.Open(t.Context(), t.TempDir())
	must(t, err)
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Engine = e
	w.Vault, _ = vaulttest.New(t, on[vault.KeyRecord](e, vault.Kinds, "keys"), w.now)
	w.Ledger = &ledger.Ledger{Log: e.Log(), Key: ledgertest.Key(t), Now: w.now,
		Checkpoints: &journal.Checkpoints{Rows: on[journal.Checkpoint](e, journal.Kinds, "checkpoints")}}
	w.Journal = &journal.Journal{Lines: on[journal.Line](e, journal.Kinds, "journal"), Cursors: on[journal.Cursor](e, journal.Kinds, "cursors"), Ledger: w.Ledger}
	w.Agreements = &agreements.Registry{Agreements: on[agreements.Agreement](e, agreements.Kinds, "agreements"), Now: w.now}
	w.Service, err = identity.New(identity.Deps{
		Accounts: on[identity.Account](e, identity.Kinds, "accounts"), Organisations: on[identity.Organisation](e, identity.Kinds, "organisations"),
		Sessions: on[identity.Session](e, identity.Kinds, "sessions"), Invitations: on[identity.Invitation](e, identity.Kinds, "invitations"),
		Codes: on[identity.Code](e, identity.Kinds, "codes"), Ceremonies: on[identity.Ceremony](e, identity.Kinds, "ceremonies"), Claims: on[identity.Claim](e, identity.Kinds, "claims"), Prospects: on[identity.Prospect](e, identity.Kinds, "prospects"),
		Throttles: on[identity.Throttle](e, identity.Kinds, "throttles"),
		Vault:     w.Vault, Post: w, Now: w.now, Origin: baseURL,
	})
	must(t, err)
	catalogue, err := decisions.Load()
	must(t, err)
	w.Requests = &requests.Service{
		Requests: on[requests.Request](e, requests.Kinds, "requests"), Assists: on[requests.Assist](e, requests.Kinds, "assists"),
		Drafts: on[requests.Draft](e, requests.Kinds, "drafts"), Vault: w.Vault, Agreements: w.Agreements, Directory: w.Service,
		Evidence: w.Journal, Catalogue: catalogue, Limits: requests.DefaultLimits, Now: w.now,
	}
	undertaken, err := undertakings.Load()
	must(t, err)
	w.Audits = &audits.Service{Audits: on[audits.Audit](e, audits.Kinds, "audits"), Slots: on[audits.Slots](e, audits.Kinds, "audit_days"), Vault: w.Vault,
		Agreements: w.Agreements, People: w.Service, Conduct: w.Requests, Evidence: w.Journal, Undertakings: undertaken, Limits: audits.DefaultLimits, Now: w.now}
	w.Notify = &notify.Service{Notices: on[notify.Notice](e, notify.Kinds, "notices"), Requests: w.Requests, Audits: w.Audits, Agreements: w.Agreements, People: w.Service,
		Accounts: w.Service.Accounts, Journal: w.Journal, Outbox: w.outbox("file:" + w.Dir),
		Dispatches: on[evidence.Dispatch](e, evidence.Kinds, "dispatches")}
	w.Notify.Outbox.InUse = w.Notify.AddressInUse
	must(t, e.Ping(t.Context()))
}

// outbox is one instance's view of the outbox, over its own mailer.
func (w *world) outbox(address string) *notify.Outbox {
	w.t.Helper()
	m, err := mailer.Open(address, "inzage@inzage.example", "inzage.example")
	must(w.t, err)
	texts, err := notices.Load()
	must(w.t, err)
	return &notify.Outbox{Messages: on[notify.Message](w.Engine, notify.Kinds, "outbox"), Conditions: on[notify.Condition](w.Engine, notify.Kinds, "mail_condition"), Notices: on[notify.Notice](w.Engine, notify.Kinds, "notices"), Vault: w.Vault, Texts: texts,
		Links: notify.Links{Base: baseURL + "/", Vault: w.Vault}, Mailer: m, Now: w.now, Wake: make(chan struct{}, 1),
		Layout: func(ctx context.Context, m notify.Mail) (string, string, error) {
			return mail.Write(ctx, mail.Letter(m))
		}}
}

func (w *world) organisation(name, slug string) identity.Organisation {
	o, err := w.CreateOrganisation(w.t.Context(), identity.System(), identity.Organisation{Name: name, Slug: slug, Country: "NL", Language: "nl", Zone: "Europe/Amsterdam"})
	must(w.t, err)
	return o
}

func (w *world) agree(preset string, controller, processor identity.Organisation) string {
	source, err := agreements.PresetSource(preset)
	must(w.t, err)
	a, err := w.Agreements.SignedByBoth(w.t.Context(), ledger.NewID("agr"), agreements.Signing{
		Controller: controller.ID, Processor: processor.ID, SignedOn: "2025-12-15", From: "2026-01-01", Source: string(source)})
	must(w.t, err)
	return a.ID
}

func staffMail(name string) string { return name + "@staff.example" }

// hire makes a member of staff, signed in with a fresh second factor. Password
// hashes are slow, and no test here needs more than the account.
func (w *world) hire(name string, org identity.Organisation, roles ...identity.Role) identity.Actor {
	acc := identity.Account{Meta: document.Meta{ID: ledger.NewID("acc")}, Organisation: org.ID, Realm: identity.Staff, Roles: roles,
		Email: w.Vault.Fingerprint("email:staff", staffMail(name)), Language: "nl", Created: w.now()}
	key, err := w.Vault.Create(w.t.Context(), acc.ID)
	must(w.t, err)
	acc.Person, err = vault.SealJSON(key, "person", identity.Person{Name: name, Email: staffMail(name)})
	must(w.t, err)
	must(w.t, w.Accounts.Create(w.t.Context(), &acc))
	return identity.Actor{Account: acc.ID, Organisation: org.ID, Roles: roles, Level: identity.Full, StrongAt: w.now()}
}

// file files a request by a data subject who proves the address.
func (w *world) file(language string, org identity.Organisation, controller string, rights ...requests.Right) (requests.Request, identity.Actor) {
	w.t.Helper()
	ctx := w.t.Context()
	w.pass(time.Hour) // no more codes than one may ask for
	f := requests.Filing{Organisation: org.ID, Controller: controller, Rights: rights, Asked: map[requests.Right]requests.Asked{}, Language: language,
		Person: requests.Person{Name: theName, Email: theMail}}
	for _, r := range rights {
		f.Asked[r] = requests.Asked{What: theWish, Into: theWish, Reason: theReason}
	}
	d, err := w.Requests.StartDraft(ctx, f)
	must(w.t, err)
	must(w.t, w.Requests.SaveDraft(ctx, d.ID, f))
	r, err := w.Requests.SubmitDraft(ctx, d.ID)
	must(w.t, err)
	ask := identity.CodeRequest{Purpose: requests.ConfirmPurpose, Object: r.ID, Email: theMail, Language: language, Address: "127.0.0.1"}
	must(w.t, w.SendCode(ctx, ask))
	proof, err := w.CheckCode(ctx, ask, w.codes[theMail])
	must(w.t, err)
	entry, err := w.StartSubject(ctx, proof, theName, language)
	must(w.t, err)
	r, err = w.Requests.Confirm(ctx, entry.Actor, r.ID, proof)
	must(w.t, err)
	return r, entry.Actor
}

// compose seals what is pending and composes until nothing is left.
func (w *world) compose() {
	w.t.Helper()
	for {
		sealed, err := w.Ledger.Drain(w.t.Context(), w.Engine)
		must(w.t, err)
		mended, err := w.Notify.Mend(w.t.Context(), 100)
		must(w.t, err)
		n, err := w.Notify.Compose(w.t.Context(), 100)
		must(w.t, err)
		if sealed+n+mended == 0 {
			return
		}
	}
}

// send sends everything that is due, and composes what follows.
func (w *world) send() {
	w.t.Helper()
	w.compose()
	for {
		n, err := w.Notify.Outbox.Send(w.t.Context(), 100)
		must(w.t, err)
		w.compose()
		if n == 0 {
			return
		}
	}
}

// mails are the mails in the folder to one address, or to all for "".
func (w *world) mails(to string) []mailer.Letter {
	w.t.Helper()
	box := mailer.Mailbox(w.Dir)
	list, err := box.List(to, 1000)
	must(w.t, err)
	for i, l := range list {
		list[i], err = box.Get(l.ID)
		must(w.t, err)
	}
	return list
}

// notices are the opened notices of a request, as its data subject reads them.
func (w *world) notices(subject identity.Actor, id string) []notify.Opened {
	w.t.Helper()
	r, err := w.Requests.Requests.Get(w.t.Context(), id)
	must(w.t, err)
	all, err := w.Notify.NoticesOf(w.t.Context(), subject, r)
	must(w.t, err)
	return all
}

// entries counts the sealed entries of an action.
func (w *world) entries(action string) int {
	w.t.Helper()
	w.compose()
	n := 0
	for from := int64(0); ; from += 500 {
		all, err := w.Ledger.Read(w.t.Context(), from, 500)
		must(w.t, err)
		for _, e := range all {
			if e.Event.Action == action && e.Event.Outcome == ledger.Done {
				n++
			}
		}
		if len(all) < 500 {
			return n
		}
	}
}

func text(n notify.Opened) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s, %s\n%s\n", n.Writing.Title, n.Writing.From, n.Writing.Date, n.Writing.Greeting)
	for _, block := range n.Writing.Blocks {
		b.WriteString(block.Text)
		for _, i := range block.Items {
			b.WriteString("\n  > " + i.Label + " " + i.Text)
		}
		if block.Law != "" {
			b.WriteString(" (" + block.Law + ")")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
