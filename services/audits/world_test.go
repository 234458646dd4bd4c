package audits_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"inzage/config/decisions"
	"inzage/config/undertakings"
	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/requests"
	"inzage/services/store"
	"inzage/services/store/mongo/mongotest"
	"inzage/services/store/sqlite"
	"inzage/services/vault"
	"inzage/services/vault/vaulttest"
)

// world is the audits on a fresh store, with one agreement between two
// organisations, a third organisation, and a clock that the test moves.
type world struct {
	t        testing.TB
	engine   store.Engine
	folder   string // of the store
	vault    *vault.Vault
	blobs    vaulttest.Folder
	ledger   *ledger.Ledger
	journal  *journal.Journal
	identity *identity.Service
	registry *agreements.Registry
	requests *requests.Service
	audits   *audits.Service

	controller, processor, other identity.Organisation
	agreement                    string
	terms                        agreements.Terms

	officer, controllerAdmin, agent, processorAdmin, stranger, auditor identity.Actor

	mu  sync.Mutex
	now time.Time
}

func on[T any, P document.Aggregate[T]](e store.Engine, kinds []document.Kind, name string) document.Collection[T] {
	for _, k := range kinds {
		if k.Name == name {
			return store.Collection[T, P](e, k)
		}
	}
	panic("there is no kind " + name)
}

type noPost struct{}

func (noPost) Post(context.Context, identity.Letter) error { return nil }

// A Tuesday morning in Amsterdam.
var start = time.Date(2026, 11, 17, 8, 30, 0, 0, time.UTC)

func newWorld(t testing.TB, key string) *world {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "store")
	e, err := sqlite.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() }) // the folder goes with the test
	w := worldOn(t, key, e)
	w.folder = folder
	return w
}

// everywhere runs a test on both engines, beside each other.
func everywhere(t *testing.T, key string, test func(*testing.T, *world)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(t, key))
	})
	t.Run("MongoDB", func(t *testing.T) {
		uri := mongotest.Server(t)
		t.Parallel()
		test(t, worldOn(t, key, mongotest.Open(t, uri, mongotest.Database(t, uri))))
	})
}

func worldOn(t testing.TB, key string, e store.Engine) *world {
	t.Helper()
	ctx := t.Context()
	w := &world{t: t, now: start, engine: e}
	var err error
	w.vault, w.blobs = vaulttest.New(t, on[vault.KeyRecord](e, vault.Kinds, "keys"), w.Now)
	w.ledger = &ledger.Ledger{Log: e.Log()}
	w.journal = &journal.Journal{Lines: on[journal.Line](e, journal.Kinds, "journal"), Cursors: on[journal.Cursor](e, journal.Kinds, "cursors"), Ledger: w.ledger}
	w.registry = &agreements.Registry{Agreements: on[agreements.Agreement](e, agreements.Kinds, "agreements"), Now: w.Now}
	w.identity, err = identity.New(identity.Deps{
		Accounts: on[identity.Account](e, identity.Kinds, "accounts"), Organisations: on[identity.Organisation](e, identity.Kinds, "organisations"),
		Sessions: on[identity.Session](e, identity.Kinds, "sessions"), Invitations: on[identity.Invitation](e, identity.Kinds, "invitations"),
		Codes: on[identity.Code](e, identity.Kinds, "codes"), Ceremonies: on[identity.Ceremony](e, identity.Kinds, "ceremonies"), Claims: on[identity.Claim](e, identity.Kinds, "claims"), Prospects: on[identity.Prospect](e, identity.Kinds, "prospects"),
		Throttles: on[identity.Throttle](e, identity.Kinds, "throttles"), Vault: w.vault, Post: noPost{}, Now: w.Now, Origin: "http://127.0.0.1:8080",
	})
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := decisions.Load()
	if err != nil {
		t.Fatal(err)
	}
	w.requests = &requests.Service{
		Requests: on[requests.Request](e, requests.Kinds, "requests"), Assists: on[requests.Assist](e, requests.Kinds, "assists"),
		Drafts: on[requests.Draft](e, requests.Kinds, "drafts"), Vault: w.vault, Agreements: w.registry, Directory: w.identity,
		Evidence: w.journal, Catalogue: catalogue, Limits: requests.DefaultLimits, Now: w.Now,
	}
	texts, err := undertakings.Load()
	if err != nil {
		t.Fatal(err)
	}
	w.audits = &audits.Service{
		Audits: on[audits.Audit](e, audits.Kinds, "audits"), Slots: on[audits.Slots](e, audits.Kinds, "audit_days"), Vault: w.vault,
		Agreements: w.registry, People: w.identity, Conduct: w.requests, Evidence: w.journal, Undertakings: texts, Limits: audits.DefaultLimits, Now: w.Now,
	}
	if err := e.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	w.controller, w.processor, w.other = w.organisation("Bakkerij De Korenaar"), w.organisation("MijnPartnerGroep"), w.organisation("Bloemenhuis")
	w.agreement = w.agree(source(t, key), "")
	w.terms = terms(t, key)
	w.officer, w.controllerAdmin = w.staff(w.controller, identity.PrivacyOfficer), w.staff(w.controller, identity.Admin)
	w.agent, w.processorAdmin = w.staff(w.processor, identity.Agent), w.staff(w.processor, identity.Admin)
	w.stranger = w.staff(w.other, identity.PrivacyOfficer, identity.Agent, identity.Admin)
	return w
}

func source(t testing.TB, key string) string {
	t.Helper()
	raw, err := agreements.PresetSource(key)
	if key == "harbour-data" {
		raw, err = os.ReadFile("../agreements/testdata/harbour.yaml")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func (w *world) agree(source, until string) string {
	w.t.Helper()
	a, err := w.registry.SignedByBoth(w.t.Context(), ledger.NewID("agr"), agreements.Signing{
		Controller: w.controller.ID, Processor: w.processor.ID, SignedOn: "2025-12-15", From: "2026-01-01", Until: until, Source: source})
	if err != nil {
		w.t.Fatal(err)
	}
	return a.ID
}

// both accepts what one side proposed in the name of the other.
func (w *world) both(a agreements.Agreement, err error) {
	w.t.Helper()
	if err == nil {
		_, err = w.registry.AcceptedByOther(w.t.Context(), a)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) organisation(name string) identity.Organisation {
	w.t.Helper()
	o, err := w.identity.CreateOrganisation(w.t.Context(), identity.System(), identity.Organisation{Name: name, Country: "NL"})
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) staff(o identity.Organisation, roles ...identity.Role) identity.Actor {
	return identity.Actor{Account: ledger.NewID("acc"), Organisation: o.ID, Roles: roles, Level: identity.Full, StrongAt: w.Now(), Language: "nl"}
}

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// goTo moves the clock to noon of a day.
func (w *world) goTo(d deadlines.Date) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC)
}

func (w *world) today() deadlines.Date { return deadlines.DateOf(w.Now(), time.UTC) }

// events are the actions on an object in order, refused ones marked.
func (w *world) events(object string) []string {
	w.t.Helper()
	var all []string
	for _, e := range w.history(object) {
		a := strings.TrimPrefix(e.Action, "audit.")
		if e.Outcome == ledger.Refused {
			a += " refused"
		}
		all = append(all, a)
	}
	return all
}

func (w *world) history(object string) []ledger.Event {
	w.t.Helper()
	ctx := context.Background()
	for {
		n, err := w.ledger.Drain(ctx, w.engine)
		if err != nil {
			w.t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	entries, err := w.ledger.History(ctx, object, -1, 10000)
	if err != nil {
		w.t.Fatal(err)
	}
	var all []ledger.Event
	for _, e := range entries {
		all = append(all, e.Event)
	}
	return all
}

func (w *world) get(id string) audits.Audit {
	w.t.Helper()
	a, err := w.audits.Audits.Get(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// must fails the test when a step was refused.
func (w *world) must(a audits.Audit, err error) audits.Audit {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("refused: %v", err)
	}
	return a
}

// plan is in order under every agreement.
func plan() audits.Plan {
	return audits.Plan{Subject: "Beveiliging van de hosting", Mode: audits.OnSite, BreachIndicated: yes(), Why: "Een melding van een datalek.",
		Notice: audits.NoticeText{Method: "Interviews en inzage in logboeken", Auditor: "R. Jansen RE", Information: "Logboeken", Locations: "Vianen", Arguments: "Het rapport zegt niets over back-ups."}}
}

func expert() audits.AuditorDetails {
	return audits.AuditorDetails{Person: audits.AuditorPerson{Name: "Rik Jansen", Email: "rik@auditors.example", Firm: "Jansen Audit", Register: "RE 1234", Language: "nl"},
		Independent: yes(), RegisterEDP: yes(), ICTExpert: yes(), BoundToSecrecy: yes()}
}

// draft is an audit with an auditor, nothing asked or sent yet.
func (w *world) draft() audits.Audit {
	w.t.Helper()
	a := w.must(w.audits.Start(w.t.Context(), w.officer, "", w.agreement, plan()))
	return w.must(w.audits.AppointAuditor(w.t.Context(), w.officer, a.ID, expert()))
}

// reach brings an audit up to a stage, everybody doing what they have to. The
// auditor is invited and has signed as soon as the notice is out.
func (w *world) reach(id string, stage audits.Stage) audits.Audit {
	w.t.Helper()
	for range 20 {
		a := w.get(id)
		if a.Stage == stage {
			return a
		}
		w.forward(a)
	}
	w.t.Fatalf("%s was not reached", stage)
	return audits.Audit{}
}

func (w *world) forward(a audits.Audit) {
	w.t.Helper()
	ctx, s, id := w.t.Context(), w.audits, a.ID
	switch a.Stage {
	case audits.Draft:
		a = w.must(s.AskBefore(ctx, w.officer, id, audits.Inquire{Kind: audits.ExistingReports, Text: "Welke rapporten zijn er?"}))
		a = w.must(s.AnswerInquiry(ctx, w.agent, id, a.Inquiries[0].ID, audits.Supplied{Text: "Zie het ISO-rapport."}))
		w.must(s.AssessReports(ctx, w.officer, id, a.Inquiries[0].ID, audits.Inconclusive, "Het zegt niets over back-ups."))
	case audits.Precondition:
		w.must(s.SendNotice(ctx, w.officer, id))
		w.sign(id)
	case audits.Announced:
		a = w.must(s.ProposeDay(ctx, w.officer, id, audits.DayProposal{Day: w.earliest(a)}))
		w.must(s.AcceptDay(ctx, w.agent, id, a.Proposals[0].ID))
	case audits.DateAgreed:
		w.goTo(a.On)
		w.must(s.Commence(ctx, w.officer, id))
	case audits.UnderWay:
		w.must(s.Find(ctx, w.auditor, id, audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: "Logboek", Text: "Niet elke inzage staat in het logboek."}))
		w.must(s.ShareReport(ctx, w.auditor, id, "Eén bevinding."))
	case audits.Reported:
		w.must(s.CommentReport(ctx, w.agent, id, "Geen opmerkingen."))
		w.must(s.OpenReview(ctx, w.officer, id))
	case audits.InReview:
		for _, f := range a.Findings {
			w.must(s.Hold(ctx, w.officer, id, f.ID, audits.Agrees, ""))
			w.must(s.Hold(ctx, w.agent, id, f.ID, audits.AgreesPartly, "Alleen bij beheerders."))
		}
		w.must(s.EndReview(ctx, w.officer, id))
	case audits.Improving:
		w.must(s.SettleCosts(ctx, w.agent, id))
	case audits.Settled:
		w.must(s.Finish(ctx, w.officer, id))
	default:
		w.t.Fatalf("%s is the end", a.Stage)
	}
}

// earliest is the first working day that the agreement allows.
func (w *world) earliest(a audits.Audit) deadlines.Date {
	w.t.Helper()
	j, err := w.audits.Judge(w.t.Context(), w.officer, a)
	if err != nil {
		w.t.Fatal(err)
	}
	day := j.EarliestWorkingDay
	if day.IsZero() {
		day = w.today().AddDays(1)
	}
	return day
}

// sign invites the auditor, who signs.
func (w *world) sign(id string) {
	w.t.Helper()
	ctx := w.t.Context()
	a := w.must(w.audits.InviteAuditor(ctx, w.officer, id))
	w.auditor = identity.Actor{Account: a.Access, Roles: []identity.Role{identity.Auditor}, Level: identity.Full, StrongAt: w.Now(), Language: "nl"}
	text, err := w.audits.Undertaking(ctx, w.auditor, a, "nl")
	if err != nil {
		w.t.Fatal(err)
	}
	w.must(w.audits.SignUndertaking(ctx, w.auditor, id, audits.Signature{Name: "Rik Jansen", Version: text.Version, Language: "nl", Agrees: true}))
}

// refusedBy asserts a refusal that names a rule and clause of the agreement, that
// nothing changed, and that it left an entry.
func (w *world) refusedBy(id string, rule, clause string, do func() error) {
	w.t.Helper()
	before := w.get(id)
	entries := len(w.history(id))
	w.ruledAs(do(), rule, clause)
	if after := w.get(id); after.Rev != before.Rev {
		w.t.Errorf("a refusal changed the audit")
	}
	if h := w.history(id); len(h) != entries+1 || h[len(h)-1].Outcome != ledger.Refused || h[len(h)-1].Details["clause"] != clause {
		w.t.Errorf("the refusal left the entries %v", w.events(id)[entries:])
	}
}

func ruledIn(err error) (*audits.Ruled, *fault.Error) {
	var r *audits.Ruled
	var shown *fault.Error
	if !errors.As(err, &r) || !errors.As(err, &shown) {
		return nil, nil
	}
	return r, shown
}

func only(_ audits.Audit, err error) error { return err }
