package main

import (
	"testing"
	"time"

	"inzage/cmd/inzage/browsertest"
	"inzage/services/identity"
)

// auditHouse is a portal in which a bakery audits its processor: the privacy
// officer of the one and the agent of the other each have a window, and so has
// the auditor once somebody invites them. Nobody does anything but on a page.
type auditHouse struct {
	*house
	processor               identity.Organisation
	sanne, joris, rik       worker
	officer, agent, auditor *browsertest.Window
	words                   auditWords
	reference, page         string // of the audit
}

// auditWords are the words of the steps that every journey takes, in the
// language in which its people read.
type auditWords struct {
	lang   string
	signIn signInWords

	invitation                                           string // in the subject of the mail
	yourName, goOn, password, app, code, bind, haveCodes string
	costs, purpose, amount, addLine, accept, accepted    string
}

var dutchAudit = auditWords{lang: "nl", signIn: dutchSignIn, invitation: "uitgenodigd voor Inzage", yourName: "Uw naam", goOn: "Aannemen en verdergaan", password: "Uw nieuwe wachtwoord",
	app: "Een app instellen", code: "De code in uw app", bind: "Deze app aan mijn account koppelen", haveCodes: "Ik heb ze bewaard, verder",
	costs: "Kosten noteren", purpose: "Waarvoor", amount: "Bedrag in EUR", addLine: "Deze regel toevoegen", accept: "Deze regel accepteren", accepted: "U hebt deze regel geaccepteerd."}

// auditsBegin is a Monday morning in Amsterdam with no public holiday in the
// weeks that the agreements count from it.
var auditsBegin = time.Date(2026, time.June, 1, 8, 0, 0, 0, time.UTC)

// openAudits starts the portal with an agreement and its people.
func openAudits(t *testing.T, preset, processor string, words auditWords, agentsDevice browsertest.Device) *auditHouse {
	t.Helper()
	h, l := newHouseOn(t, auditsBegin)
	h.serve(l, nil)
	h.bakery = h.organisation("Bakkerij De Korenaar", "korenaar")
	j := &auditHouse{house: h, processor: h.organisation(processor, preset), words: words}
	h.agree(preset, j.processor)
	j.sanne = h.hire("Sanne de Vries", words.lang, h.bakery, identity.PrivacyOfficer)
	j.joris = h.hire("Joris Bakker", words.lang, j.processor, identity.Agent)
	j.rik = worker{name: "Rik van den Berg", email: "rik@auditors.example", password: "vuurtoren grasmat violier"}
	j.officer = h.window("Sanne", words.lang, browsertest.Laptop)
	j.agent = h.window("Joris", words.lang, agentsDevice)
	j.auditor = h.window("Rik", words.lang, browsertest.Laptop)
	return j
}

// arrive signs somebody in and goes on to the audit, or to the list of audits
// while there is none.
func (j *auditHouse) arrive(w *browsertest.Window, p worker) {
	j.t.Helper()
	path := j.page
	if path == "" {
		path = "/audits"
	}
	j.signIn(w, p, path, j.words.signIn)
}

// on lets the clock run to ten o'clock in Amsterdam on a day. Sessions end on
// the way, so whoever acts then arrives anew.
func (j *auditHouse) on(year int, month time.Month, day int) {
	j.t.Helper()
	ahead := time.Date(year, month, day, 8, 0, 0, 0, time.UTC).Sub(j.now())
	if ahead < 0 {
		j.t.Fatalf("%d-%02d-%02d has passed: it is %s", year, month, day, j.now())
	}
	j.pass(ahead)
}

// drafted keeps the address of the audit that is on the page.
func (j *auditHouse) drafted(w *browsertest.Window) {
	j.t.Helper()
	j.page = w.Path()
	h1 := w.Text("h1")
	j.reference = h1[len("Audit "):]
}

// auditorEnrols follows the link in the mail, chooses a password, sets up an
// app, and comes to the undertaking.
func (j *auditHouse) auditorEnrols() {
	w, words := j.auditor, j.words
	w.Open(j.linked(j.rik.email, words.invitation))
	w.See(j.rik.email)
	w.Fill(words.yourName, j.rik.name)
	w.Fill(words.password, j.rik.password)
	w.Press(words.goOn)
	w.Press(words.app)
	j.rik.secret = w.Text("[data-testid=secret]")
	w.Fill(words.code, j.code(j.rik.secret))
	w.Press(words.bind)
	w.Press(words.haveCodes)
	w.Press(j.reference)
}

// states writes down what a side spent.
func (j *auditHouse) states(w *browsertest.Window, kind, purpose, amount string) {
	j.t.Helper()
	w.Open(j.page)
	w.Press(j.words.costs)
	w.Choose(kind)
	w.Fill(j.words.purpose, purpose)
	w.Fill(j.words.amount, amount)
	w.Press(j.words.addLine)
}

// accepts accepts lines of the costs for the side of whoever sits there. Each
// side does so for every line, its own too: it is the bearer that is accepted.
func (j *auditHouse) accepts(w *browsertest.Window, lines ...string) {
	j.t.Helper()
	for _, line := range lines {
		w.Under(line).Press(j.words.accept)
		w.Press(j.words.accept)
		w.See(j.words.accepted)
	}
}
