package handlers_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"inzage/handlers/access"
	"inzage/handlers/handlertest"
	"inzage/services/agreements"
	"inzage/services/attachment"
	"inzage/services/audits"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
	"inzage/services/tokens"
)

// somebody is a person of the matrix: a role at a place, and how this person
// stands to the objects below, in the words of the tables.
type somebody struct {
	handlertest.Person
	name   string // role and place
	place  string // own: a party to the objects; same: at a party, without a part in them; other: anybody else
	stands map[access.Object][]string
	client *handlertest.Client
	half   bool
	// tokens of a machine, by the scope that each lacks, and the accounts that
	// they act as; unscoped is a machine that always lacks the one it needs.
	tokens, accounts map[string]string
	unscoped         bool
}

// town is a portal with one of each object, the people who have a part in them,
// and people of every role who have none.
type town struct {
	*handlertest.World
	t         *testing.T
	db        *sql.DB
	people    []*somebody
	agreement agreements.Agreement
	fill      map[string]string // parameters by the beginning of a path
	more      map[string]string // what follows the address of a deed
}

type standing = map[access.Object][]string

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{World: handlertest.New(t), t: t, fill: map[string]string{}, more: map[string]string{}}
	var err error
	if w.db, err = sql.Open("sqlite", "file:"+filepath.Join(w.Folder, "store", "inzage.db")+"?mode=ro"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() }) // it only reads
	w.settle()
	w.requests()
	w.audit()
	w.house()
	w.Compose()
	w.evidence()
	for _, s := range w.people {
		w.enter(s)
	}
	for _, s := range w.people {
		w.proven(s, w.Now())
		s.client.Get("/law") // a session's last use is kept to the minute
	}
	return w
}

// settle lets everybody move in.
func (w *town) settle() {
	nowhere := identity.Organisation{Slug: "elsewhere"}
	w.agreement = w.agreed()
	hire := func(name, place string, org identity.Organisation, role identity.Role, stands standing) {
		w.people = append(w.people, &somebody{Person: w.Hire(name, org, role), name: string(role) + "/" + org.Slug, place: place, stands: stands})
	}
	hire("Sanne de Vries", "own", w.Bakery, identity.PrivacyOfficer, standing{access.Request: {"desk"}, access.Assist: {"asker"}, access.Audit: {"officer"}, access.Agreement: {"controller", "officer"}, access.Processor: {"officer"}})
	hire("Karel Bakker", "own", w.Bakery, identity.Admin, standing{access.Request: {"desk_admin"}, access.Audit: {"controller_admin"}, access.Agreement: {"controller"}, access.Processor: {"controller_admin"}, access.Person: {"admin"}, access.Organisation: {"admin"}})
	hire("Aart Appel", "same", w.Bakery, identity.Agent, standing{access.Assist: {"asker"}, access.Agreement: {"controller"}})
	hire("Tom Jansen", "own", w.Partner, identity.Agent, standing{access.Request: {"party"}, access.Assist: {"helper"}, access.Audit: {"agent"}, access.Agreement: {"processor"}})
	hire("Ria Smit", "own", w.Partner, identity.Admin, standing{access.Request: {"party"}, access.Audit: {"processor_admin"}, access.Agreement: {"processor"}})
	hire("Otto Vos", "same", w.Partner, identity.PrivacyOfficer, standing{access.Agreement: {"processor"}})
	for _, role := range []identity.Role{identity.PrivacyOfficer, identity.Agent, identity.Admin} {
		hire("Vera "+string(role), "other", w.Florist, role, standing{access.Processor: {map[identity.Role]string{identity.PrivacyOfficer: "officer", identity.Admin: "controller_admin"}[role]}})
		hire("Olaf "+string(role), "other", w.Online, role, nil)
	}
	hire("Rik Jansen", "own", nowhere, identity.Auditor, standing{access.Audit: {"auditor"}})
	hire("Arie Elders", "same", nowhere, identity.Auditor, nil)
	hire("Olga Peters", "other", nowhere, identity.Operator, standing{access.Organisation: {"operator"}})
	w.subject("Fatima el Amrani", "own", standing{access.Request: {"subject"}})
	w.subject("Bram Kok", "same", nil)
	w.people = append(w.people, &somebody{Person: w.people[0].Person, name: "privacy_officer/half", place: "own", half: true}, &somebody{name: "stranger", place: "other"})
}

// subject is a data subject with an authenticator.
func (w *town) subject(name, place string, stands standing) {
	w.t.Helper()
	p := handlertest.Person{Name: name, Email: strings.ToLower(strings.Fields(name)[0]) + "@example.org", Password: "trapgevel-komijn-zeewind-42", Roles: []identity.Role{identity.Subject}}
	made, err := w.Identity.Provision(w.t.Context(), identity.System(), identity.Provision{Realm: identity.Subjects, Roles: p.Roles, Name: name, Email: p.Email, Language: "nl", Password: p.Password})
	if err != nil {
		w.t.Fatalf("subject %s: %v", name, err)
	}
	p.Account, p.Secret = made.Account, made.TOTP
	w.people = append(w.people, &somebody{Person: p, name: "subject/" + place, place: place, stands: stands})
}

func (w *town) who(name string) *somebody {
	w.t.Helper()
	for _, s := range w.people {
		if s.name == name {
			return s
		}
	}
	w.t.Fatalf("there is no %s", name)
	return nil
}

func (w *town) actor(name string) identity.Actor {
	w.t.Helper()
	return w.World.Actor(w.who(name).Person)
}

// enter signs somebody in, or leaves them where they are.
func (w *town) enter(s *somebody) {
	w.t.Helper()
	switch {
	case s.name == "stranger":
		s.client = w.Browser()
		s.client.Get("/")
	case s.half:
		e, err := w.Identity.SignIn(w.t.Context(), identity.Credentials{Email: s.Email, Password: s.Password, Address: "127.0.0.1"})
		if err != nil {
			w.t.Fatalf("sign in %s: %v", s.name, err)
		}
		s.client = w.Browser()
		s.client.SetSession(e.Token)
	default:
		s.client = w.SignIn(s.Person)
	}
}

// proven says when somebody last proved the second factor: the clock went on
// while the others signed in.
func (w *town) proven(s *somebody, at time.Time) {
	w.t.Helper()
	if s.half || s.Account == "" {
		return
	}
	all, err := w.Identity.Sessions.List(w.t.Context(), document.Query{Index: "account", Equal: []any{s.Account}, Limit: 10})
	for _, one := range must(w.t, all, err).Rows {
		_, err := w.Identity.Sessions.Touch(w.t.Context(), one.ID, func(x *identity.Session) error {
			x.StrongAt = at
			return nil
		})
		must(w.t, 0, err)
	}
}

// evidence fills in the entries and notices of the request and the audit.
func (w *town) evidence() {
	w.t.Helper()
	ctx, id, audit := w.t.Context(), w.fill["/requests/:id"], w.fill["/audits/:id"]
	number := func(object, action string) string {
		all, err := w.Ledger.History(ctx, object, -1, 100)
		for _, e := range must(w.t, all, err) {
			if e.Event.Action == action {
				return strconv.FormatInt(e.Number, 10)
			}
		}
		w.t.Fatalf("%s has no entry %s", object, action)
		return ""
	}
	r, err := w.Requests.Requests.Get(ctx, id)
	must(w.t, r, err)
	told, err := w.Site.Notify.NoticesOf(ctx, w.actor("privacy_officer/korenaar"), r)
	if must(w.t, told, err); len(told) == 0 {
		w.t.Fatal("the data subject was told nothing")
	}
	w.fill["/requests/:id/proof/:number"] = id + " " + number(id, "request.confirm")
	w.fill["/my/:id/proof/:number"] = id + " " + number(id, "request.confirm")
	w.fill["/audits/:id/proof/:number"] = audit + " " + number(audit, "audit.announce")
	w.fill["/requests/:id/notices/:notice"] = id + " " + told[0].ID
	w.fill["/my/:id/notices/:n"] = id + " 1"
}

// must fails the test when a step of the town's making was refused.
func must[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatalf("make the town: %v", err)
	}
	return v
}

// asked is a request of a data subject that arrived at the processor, went on
// to the controller by the agreement, and is taken up there.
func (w *town) asked(name string, rights ...requests.Right) requests.Request {
	w.t.Helper()
	ctx, p := context.Background(), w.who(name).Person
	f := requests.Filing{Organisation: w.Partner.ID, Controller: w.Bakery.ID, Rights: rights, Asked: map[requests.Right]requests.Asked{}, Language: "nl",
		Person: requests.Person{Name: p.Name, Email: p.Email}}
	for _, r := range rights {
		f.Asked[r] = requests.Asked{What: "Alles over mijn bestellingen.", Into: "Dorpsstraat 12"}
	}
	d, err := w.Requests.StartDraft(ctx, f)
	must(w.t, d, err)
	r, err := w.Requests.SubmitDraft(ctx, d.ID)
	must(w.t, r, err)
	ask := identity.CodeRequest{Purpose: requests.ConfirmPurpose, Object: r.ID, Email: p.Email, Language: "nl", Address: r.ID}
	must(w.t, 0, w.Identity.SendCode(ctx, ask))
	proof, err := w.Identity.CheckCode(ctx, ask, w.LastLetter(p.Email, "").Data["code"])
	must(w.t, proof, err)
	entry, err := w.Identity.StartSubject(ctx, proof, p.Name, "nl")
	must(w.t, entry, err)
	if entry.Actor.Account != p.Account {
		w.t.Fatalf("%s got another account", name)
	}
	r, err = w.Requests.Confirm(ctx, entry.Actor, r.ID, proof)
	must(w.t, r, err)
	w.Pass(time.Minute)
	r, err = w.Requests.TakeUp(ctx, w.actor("privacy_officer/korenaar"), r.ID)
	return must(w.t, r, err)
}

// requests makes one request that is worked on, with a question for help, one
// whose subject is asked who they are, and one that was delivered.
func (w *town) requests() {
	ctx, officer, t := w.t.Context(), w.actor("privacy_officer/korenaar"), w.t
	working := w.asked("subject/own", requests.Access, requests.Erasure)
	file, err := w.Requests.AddAnswerFile(ctx, officer, working.ID, text("gegevens.json", `{"naam":"Fatima"}`))
	must(t, file, err)
	help, err := w.Requests.Seek(ctx, officer, working.ID, ledger.NewID("ast"), requests.Help{Processor: w.Partner.ID, Right: requests.Access, Question: "Wat staat er in uw logboek?"})
	must(t, help, err)
	found, err := w.Requests.AddAssistFile(ctx, w.actor("agent/mpg"), help.ID, text("logboek.txt", "niets"))
	must(t, found, err)
	doubted := w.asked("subject/own", requests.Access)
	doubted, err = w.Requests.Ask(ctx, officer, doubted.ID, "Het adres is ons onbekend.", "De laatste vier cijfers van uw klantnummer.")
	must(t, doubted, err)
	given := w.delivered()
	denied := w.asked("subject/own", requests.Access)
	denied, err = w.Requests.Decide(ctx, officer, denied.ID, requests.Verdict{Right: requests.Access, Outcome: requests.Denied, Ground: "excessive", Reasons: "U vroeg dit al tien keer.", ComplaintTold: true, CourtTold: true})
	must(t, denied, err)
	w.asked("subject/same", requests.Access)
	w.more["/requests remove-file"] = "?file=" + file.ID
	w.more["/requests cancel-help"] = "?assist=" + help.ID
	for at, id := range map[string]string{"/requests/:id": working.ID, "/my/:id": working.ID, "/my/:id/answer": doubted.ID, "/my/:id/files": given.ID, "/my/:id/complaint": denied.ID, "/my/:id/renew": given.ID, "/my/:id/identify": given.ID,
		"/assists/:id": help.ID, "/requests/:id/files/:file": working.ID + " " + file.ID, "/my/:id/files/:file": given.ID + " " + given.Files[0].ID, "/assists/:id/files/:file": help.ID + " " + found.ID,
		"/requests/:id/decide/:right": working.ID + " access"} {
		w.fill[at] = id
	}
}

func text(name, body string) requests.Upload {
	return requests.Upload{Name: name, Size: int64(len(body)), Body: strings.NewReader(body)}
}

// delivered is a request whose answer the subject can download.
func (w *town) delivered() requests.Request {
	ctx, officer, t := w.t.Context(), w.actor("privacy_officer/korenaar"), w.t
	r := w.asked("subject/own", requests.Portability)
	f, err := w.Requests.AddAnswerFile(ctx, officer, r.ID, text("gegevens.json", `{"naam":"Fatima"}`))
	must(t, f, err)
	r, err = w.Requests.Decide(ctx, officer, r.ID, requests.Verdict{Right: requests.Portability, Outcome: requests.Granted, Reasons: "De gegevens staan klaar.", ComplaintTold: true, CourtTold: true})
	must(t, r, err)
	r, err = w.Requests.Release(ctx, w.actor("privacy_officer/korenaar"), r.ID)
	return must(t, r, err)
}

// audit makes an audit that is under way, with an auditor who signed, and
// another one with another auditor.
func (w *town) audit() {
	a := w.audited("rik.jansen@elsewhere.example")
	w.audited("arie.elders@elsewhere.example")
	ended := w.audited("rik.jansen@elsewhere.example")
	ctx, t, officer := w.t.Context(), w.t, w.actor("privacy_officer/korenaar")
	ended, err := w.Audits.CallOff(ctx, officer, ended.ID, "Het is niet meer nodig.")
	must(t, ended, err)
	j, err := w.Audits.Judge(ctx, officer, a)
	must(t, j, err)
	a, err = w.Audits.ProposeDay(ctx, officer, a.ID, audits.DayProposal{Day: j.EarliestWorkingDay})
	must(t, a, err)
	a, err = w.Audits.AcceptDay(ctx, w.actor("agent/mpg"), a.ID, a.Proposals[0].ID)
	must(t, a, err)
	a, err = w.Audits.AskDuring(ctx, officer, a.ID, audits.Inquire{Text: "Wie beheert de sleutels?"})
	must(t, a, err)
	question := "?item=" + a.Inquiries[len(a.Inquiries)-1].ID
	for _, deed := range []string{"answer", "withdraw-question", "withdraw-inquiry", "supply"} {
		w.more["/audits "+deed] = question
	}
	f := a.Files[0]
	w.fill["/audits/:id/report"] = ended.ID
	w.fill["/audits/:id"] = a.ID
	w.fill["/audits/:id/files/:file"] = a.ID + " " + f.ID
	w.fill["/audits/:id/files/:of"] = a.ID + " notice"
	w.fill["/audits/:id/files/:of/:file/remove"] = a.ID + " notice" + " " + f.ID
	w.fill["/audits/new/:agreement"] = w.agreement.ID
	w.fill["/processors/:id/record"] = w.Partner.ID
	w.fill["/processors/:id/record.csv"] = w.Partner.ID
}

func (w *town) audited(auditor string) audits.Audit {
	w.t.Helper()
	ctx, t, s, yes := w.t.Context(), w.t, w.Audits, true
	officer, agent := w.actor("privacy_officer/korenaar"), w.actor("agent/mpg")
	a, err := s.Start(ctx, officer, "", w.agreement.ID, audits.Plan{Subject: "Beveiliging van de hosting", Mode: audits.OnSite, BreachIndicated: &yes, Why: "Een melding van een datalek.",
		Notice: audits.NoticeText{Method: "Interviews en inzage in logboeken", Auditor: "R. Jansen RE", Information: "Logboeken", Locations: "Vianen", Arguments: "Het rapport zegt niets over back-ups."}})
	must(t, a, err)
	a, err = s.AppointAuditor(ctx, officer, a.ID, audits.AuditorDetails{Person: audits.AuditorPerson{Name: "Rik Jansen", Email: auditor, Firm: "Jansen Audit", Register: "RE 1234", Language: "nl"},
		Independent: &yes, RegisterEDP: &yes, ICTExpert: &yes, BoundToSecrecy: &yes})
	must(t, a, err)
	a, err = s.AskBefore(ctx, officer, a.ID, audits.Inquire{Kind: audits.ExistingReports, Text: "Welke rapporten zijn er?"})
	must(t, a, err)
	a, err = s.AnswerInquiry(ctx, agent, a.ID, a.Inquiries[0].ID, audits.Supplied{Text: "Zie het ISO-rapport."})
	must(t, a, err)
	a, err = s.AssessReports(ctx, officer, a.ID, a.Inquiries[0].ID, audits.Inconclusive, "Het zegt niets over back-ups.")
	must(t, a, err)
	f, err := s.Attach(ctx, officer, a.ID, "notice", attachment.Upload{Name: "bereik.txt", Size: 3, Body: strings.NewReader("RE\n")})
	must(t, f, err)
	a, err = s.SendNotice(ctx, officer, a.ID)
	must(t, a, err)
	a, err = s.InviteAuditor(ctx, officer, a.ID)
	must(t, a, err)
	by := identity.Actor{Account: a.Access, Roles: []identity.Role{identity.Auditor}, Level: identity.Full, StrongAt: w.Now(), Language: "nl"}
	words, err := s.Undertaking(ctx, by, a, "nl")
	must(t, words, err)
	a, err = s.SignUndertaking(ctx, by, a.ID, audits.Signature{Name: "Rik Jansen", Version: words.Version, Language: "nl", Agrees: true})
	return must(t, a, err)
}

// agreed is the agreement in force between the bakery and its partner.
func (w *town) agreed() agreements.Agreement {
	w.t.Helper()
	by := identity.Actor{Account: "acc_x", Organisation: w.Bakery.ID, Roles: []identity.Role{identity.Admin}, Level: identity.Full}
	all, err := w.Agreements.Of(w.t.Context(), by, agreements.InForce, agreements.Controller, "", 100)
	for _, a := range must(w.t, all, err).Rows {
		if a.Processor == w.Partner.ID {
			return a
		}
	}
	w.t.Fatal("there is no agreement")
	return agreements.Agreement{}
}

// house fills in the addresses of people, organisations and agreements.
func (w *town) house() {
	invited, err := w.Identity.Invite(w.t.Context(), w.actor("admin/korenaar"), identity.Invite{Organisation: w.Bakery.ID, Name: "Nieuw Hier", Email: "nieuw@korenaar.example", Roles: []identity.Role{identity.Agent}, Language: "nl"})
	must(w.t, invited, err)
	secret, made, err := w.Tokens.Issue(w.t.Context(), w.actor("admin/korenaar"), tokens.Wish{Name: "ERP", Roles: []identity.Role{identity.PrivacyOfficer}, Scopes: []string{"requests:read"}, Days: 1})
	must(w.t, secret, err)
	for at, id := range map[string]string{"/tokens/:id": made.ID, "/people/invitations/:id": invited.ID, "/people/:account": w.who("privacy_officer/korenaar").Account,
		"/organisations/:id": w.Bakery.ID, "/agreements/:id": w.agreement.ID, "/agreements/presets/:key": "mpg", "/law/:id": "15"} {
		w.fill[at] = id
	}
}

// address writes a pattern out: with the objects of the longest beginning that
// is known, and what no object has for the rest.
func (w *town) address(pattern, deed string) string {
	best := ""
	for at := range w.fill {
		if strings.HasPrefix(pattern, at) && len(at) > len(best) {
			best = at
		}
	}
	values := strings.Fields(w.fill[best])
	parts := strings.Split(pattern, "/")
	for i, p := range parts {
		name, is := strings.CutPrefix(p, ":")
		switch {
		case !is:
		case name == "deed":
			parts[i] = deed
		case len(values) > 0:
			parts[i], values = values[0], values[1:]
		default:
			parts[i] = "xxxxxxxxxxxxxxxxxxxxxxxxxx"
		}
	}
	return strings.Join(parts, "/") + w.more[strings.Split(pattern, "/:")[0]+" "+deed]
}

// sum is what the store holds, besides the evidence: rows and their revisions.
func (w *town) sum() string {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'log:%' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('journal', 'cursors', 'outbox', 'notices')`)
	must(w.t, rows, err)
	var parts []string
	for rows.Next() {
		var name string
		must(w.t, 0, rows.Scan(&name))
		parts = append(parts, `SELECT '`+name+` ' || count(*) || ' ' || coalesce(sum(turn), 0) FROM "`+name+`"`)
	}
	must(w.t, 0, rows.Err())
	var all []string
	found, err := w.db.QueryContext(w.t.Context(), strings.Join(parts, " UNION ALL "))
	must(w.t, found, err)
	for found.Next() {
		var line string
		must(w.t, 0, found.Scan(&line))
		all = append(all, line)
	}
	must(w.t, 0, found.Err())
	return strings.Join(all, "\n")
}

// since reads the entries that came after a size of the ledger.
func (w *town) since(size int64) ([]ledger.Entry, int64) {
	w.t.Helper()
	w.Drain()
	all, err := w.Ledger.Read(context.Background(), size, 100)
	must(w.t, all, err)
	return all, size + int64(len(all))
}
