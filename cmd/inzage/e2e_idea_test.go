package main

import (
	"bytes"
	"strings"
	"testing"

	"inzage/cmd/inzage/browsertest"
	"inzage/services/identity"
)

// TestJourneyHandled is a whole request in English under idea-online, which
// handles access itself (6.1) and forwards the rest: the request is split, the
// processor answers its part, the subject opens it with a password and an app,
// and the controller refuses the other part.
func TestJourneyHandled(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	j := &handled{house: h, sanne: h.hire("Sanne de Vries", "en", h.bakery, identity.PrivacyOfficer), emma: h.hire("Emma Jansen", "en", h.online, identity.Agent),
		noah: h.window("Noah", "en", browsertest.Phone), officer: h.window("Sanne", "en", browsertest.Laptop), agent: h.window("Emma", "en", browsertest.Laptop)}
	j.files()
	j.seesBothParts()
	j.agentAnswers()
	j.noahSetsUpAnApp()
	j.noahDownloads()
	j.officerAsksWhoItIs()
	j.officerRefuses()
	j.noahReadsTheRefusal()
	h.report(j.noah, j.officer, j.agent)
}

type handled struct {
	*house
	sanne, emma          worker
	noah, officer, agent *browsertest.Window
	reference, other     string // of the part at the processor, and at the controller
}

const noahMail = "noah@example.org"

var (
	englishSignIn = signInWords{"Your e-mail address", "Your password", "Go on to the code", "The code in your app", "Sign in"}
	profile       = browsertest.File{Name: "profile.json", Body: []byte(`{"name": "Noah Peters", "orders": [4411, 4412]}` + "\n")}
)

func (j *handled) files() {
	w := j.noah
	w.Open("/o/idea-online")
	w.Press("Start a request to IDEA-ONLINE")
	w.Choose("See my data", "Object to how my data are used")
	w.Press("Go on")
	w.Choose("Bakkerij De Korenaar")
	w.Press("Go on")
	w.Fill("Which data do you want to see?", "Everything in my account.")
	w.Press("Go on")
	w.Press("Go on") // without an answer
	w.See("Some answers need another look.")
	w.Fill("Which use of your data do you object to?", "The profile of what I buy.")
	w.Press("Go on")
	w.Fill("Your name", "Noah Peters")
	w.Fill("Your e-mail address", noahMail)
	w.Press("Go on")
	w.Choose("Yes, for myself")
	w.Press("Go on")
	w.Press("Go on") // no files
	w.See("Everything in my account.", "The profile of what I buy.")
	w.Press("Send my request")
	w.Fill("The code from the e-mail", j.mailed(noahMail, "Your code"))
	w.Press("Confirm and send my request")
	w.See("Your request has been sent.")
}

// seesBothParts finds the two halves of the request: each says who decides.
func (j *handled) seesBothParts() {
	w := j.noah
	w.Press("See my request")
	j.reference = strings.TrimPrefix(w.Text("h1"), "Your request ")
	w.See("IDEA-ONLINE", "idea-online 6.1", "two organisations decide")
	w.Press(w.Link("– Object to how my data are used"))
	j.other = strings.TrimPrefix(w.Text("h1"), "Your request ")
	w.See("Bakkerij De Korenaar has your request and decides about it.", "Object to how my data are used")
	if j.other == j.reference {
		j.t.Errorf("both parts are %s", j.other)
	}
}

func (j *handled) agentAnswers() {
	w := j.agent
	j.signIn(w, j.emma, "/queue", englishSignIn)
	w.See(j.reference)
	w.Press(j.reference)
	w.Press("Take this request up")
	w.Press("Take it up and tell the person")
	w.Upload("Files for the answer", profile)
	w.Press("Add these files to the answer")
	w.See(profile.Name)
	w.Press("Decide on access to data")
	w.Choose("Grant it")
	for label, text := range map[string]string{
		"Purposes": "To run your account.", "Kinds of data": "Name, orders.", "Who received the data": "Bakkerij De Korenaar.",
		"How long the data are kept": "Until you close the account.", "Where the data came from": "You gave them.", "Automated decisions": "None.",
		"Transfers outside the EEA": "None.",
	} {
		w.Fill(label, text)
	}
	w.Press("Show the answer as the person will read it")
	w.See("Until you close the account.")
	w.Press("Change the answer first")
	w.Fill("Automated decisions", "None at all.")
	w.Press("Show the answer as the person will read it")
	w.See("None at all.")
	w.Press("Send this decision to the person")
	w.Press("Release the files to the person")
	w.Press("Release these files")
	w.See("Released the files to the person")
}

func (j *handled) noahSetsUpAnApp() {
	w := j.noah
	w.Open(j.linked(noahMail, "Your answer to request "+j.reference+" is ready"))
	w.Press("Send me the code")
	w.Fill("The code from the e-mail", j.mailed(noahMail, "Your code"))
	w.Press("Open my request")
	w.Press("To your files")
	w.Press("Set up a password and an app")
	w.Fill("Choose a password", "kort")
	w.Press("Go on to the app")
	w.See("Some answers need another look.")
	w.Fill("Choose a password", "zeewind-komijn-trapgevel-77")
	w.Press("Go on to the app")
	w.Fill("The code that your app shows now", j.code(w.Text("[data-testid=secret]")))
	w.Press("Confirm and open my files")
	w.See("Keep these recovery codes")
	w.Press("I have kept them: to my files")
}

func (j *handled) noahDownloads() {
	w := j.noah
	got := w.Download(profile.Name)
	if got.Name != profile.Name || !bytes.Equal(got.Body, profile.Body) {
		j.t.Errorf("the download is %s: %q, want %s: %q", got.Name, got.Body, profile.Name, profile.Body)
	}
	w.Press("The answer, to read and print")
	w.See("Until you close the account.")
	j.agent.Reload("Downloaded a file of the answer")
	j.agent.Press("Close this request")
	j.agent.Press("Close the request")
	j.agent.See("Closed the request")
}

// officerAsksWhoItIs doubts who asks; the subject answers, the officer settles it.
func (j *handled) officerAsksWhoItIs() {
	w := j.officer
	j.signIn(w, j.sanne, "/queue", englishSignIn)
	w.See(j.other)
	w.Unseen(j.reference) // the other part is the processor's
	w.Press(j.other)
	w.See("The profile of what I buy.")
	w.Unseen("Everything in my account.")
	w.Press("Take this request up")
	w.Press("Take it up and tell the person")
	w.Press("Ask who the person is")
	w.Fill("Why do you doubt who this is?", "Two customers have this name.")
	w.Fill("What is the least that settles it?", "The number on your last bill.")
	w.Press("Send this question")
	w.See("Waiting for identity")
	n := j.noah
	n.Open("/mine")
	n.Press(j.other)
	n.See("Two customers have this name.", "The number on your last bill.")
	n.Press("Answer the question")
	n.Fill("Your answer", "Bill 2026-118.")
	n.Press("Send my answer")
	w.Reload("Bill 2026-118.")
	w.Press("Settle who the person is")
	w.Choose("Yes, it is settled")
	w.Press("Record this judgement")
}

func (j *handled) officerRefuses() {
	w := j.officer
	w.Press("Decide on objection")
	w.Choose("Refuse it", "There are compelling legitimate grounds that override your interests, rights and freedoms.")
	w.Press("Show the answer as the person will read it")
	w.See("Some answers need another look.") // no reasons, no word of complaint and court
	w.Fill("Explanation in words", "We must know what you bought to warn you when a product is recalled.")
	w.Choose("The answer tells that the person can complain to the authority", "The answer tells that the person can go to court")
	w.Press("Show the answer as the person will read it")
	w.See("when a product is recalled", "Autoriteit Persoonsgegevens", "district court")
	w.Press("Send this decision to the person")
	w.See("Refused")
	w.Press("Close this request")
	w.Press("Close the request")
}

// noahReadsTheRefusal: art. 12(4) GDPR asks for the reasons, the authority and the court.
func (j *handled) noahReadsTheRefusal() {
	w := j.noah
	j.letter(noahMail, "There is a decision on your request "+j.other)
	w.Open("/mine")
	w.Press(j.other)
	w.See("decided: no.", "There are compelling legitimate grounds", "We must know what you bought to warn you when a product is recalled.",
		"Autoriteit Persoonsgegevens", "Postbus 93374", "district court", "art. 21(1) GDPR", "art. 12(4) GDPR")
	w.Press("Complain")
	w.See("Autoriteit Persoonsgegevens", "district court")
	w.Press("See the letter")
	w.See("Noah Peters", j.other)
}
