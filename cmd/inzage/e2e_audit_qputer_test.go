package main

import (
	"testing"
	"time"

	"inzage/cmd/inzage/browsertest"
)

// TestAuditWithIndication is a whole audit in English under qputer, whose agent
// works on a phone: something must point to a breach (5.2), the notice states
// four things 30 days before (5.3), the auditor is a registered EDP auditor
// (5.2), the house rules are kept (5.5), and the controller pays (5.7).
func TestAuditWithIndication(t *testing.T) {
	t.Parallel()
	j := &qputerAudit{openAudits(t, "qputer", "Qputer", englishAudit, browsertest.Phone)}
	j.drafts()
	j.needsAnIndication()
	j.needsARegisteredAuditor()
	j.announces()
	j.agreesOnADay()
	j.auditorSigns()
	j.visits()
	j.findsAndReviews()
	j.settles()
	j.closes()
	j.report(j.officer, j.agent, j.auditor)
}

type qputerAudit struct{ *auditHouse }

var englishAudit = auditWords{lang: "en", signIn: englishSignIn, invitation: "invited to Inzage", yourName: "Your name", goOn: "Accept and go on", password: "Your new password",
	app: "Set up an app", code: "The code in your app", bind: "Bind this app to my account", haveCodes: "I have kept them, go on",
	costs: "Write down costs", purpose: "What for", amount: "Amount in EUR", addLine: "Add this line", accept: "Accept this line", accepted: "You have accepted this line."}

func (j *qputerAudit) drafts() {
	w := j.officer
	j.arrive(w, j.sanne)
	w.Press("Book an audit")
	w.Press(w.Link("Qputer"))
	w.See("Thursday 2 July 2026", "qputer 5.3", "qputer 5.2")
	w.Fill("What is the audit about?", "The security of the backups")
	w.Choose("On site")
	w.Fill("Which day do you want?", "2026-07-01")
	w.Press("Keep this draft")
	w.See("Choose another day: see why above.", "Thursday 2 July 2026", "qputer 5.3")
	w.Fill("Which day do you want?", "2026-07-06")
	w.Press("Keep this draft")
	w.See("The draft is kept.")
	j.drafted(w)
}

// needsAnIndication: the notice does not go out before something points to a
// breach, nor while it leaves out one of the four things of 5.3.
func (j *qputerAudit) needsAnIndication() {
	w := j.officer
	w.Press("Send the notice")
	w.See("The notice cannot be sent yet.", "Ask for information first, and say whether that or anything else shows that the processor breaches its security duty or is about to.", "qputer 5.2",
		"The notice must state how the audit is done.", "The notice must state at which locations the audit takes place.", "qputer 5.3")
	w.Open(j.page)
	w.Press("Change the draft")
	w.Under("Does anything show that the security duty is breached, or about to be?").Choose("Yes")
	w.Fill("How the audit is done", "Interviews, and a look at the settings.")
	w.Fill("Who does the audit", "Rik van den Berg RE")
	w.Fill("Which information is wanted", "The logs of the backups.")
	w.Fill("At which locations", "The data centre in Ede")
	w.Press("Keep these changes")
	w.See("Some answers need another look.") // an indication has its reason
	w.Fill("What points to it?", "A restored backup held data of another customer.")
	w.Press("Keep these changes")
	w.See("The draft is changed.")
	w.Unseen("Ask for information first")
}

func (j *qputerAudit) needsARegisteredAuditor() {
	w := j.officer
	w.Under("The auditor").Press("Name the auditor")
	w.Fill("Name", j.rik.name)
	w.Fill("E-mail address", j.rik.email)
	w.Under("Independent").Choose("Yes")
	w.Under("Registered EDP auditor (RE)").Choose("No")
	w.Under("Bound to secrecy").Choose("Yes")
	w.Press("Record the auditor")
	w.Press("Send the notice")
	w.See("The notice cannot be sent yet.", "The auditor is not a registered EDP auditor (RE).", "qputer 5.2")
	w.Unseen("The notice must state")
	w.Open(j.page)
	w.Under("The auditor").Press("Name the auditor")
	w.Fill("Number in the register", "RE 1234")
	w.Under("Registered EDP auditor (RE)").Choose("Yes")
	w.Press("Record the auditor")
	w.See("RE 1234")
}

func (j *qputerAudit) announces() {
	w := j.officer
	w.Press("Send the notice")
	w.See("This is sent", "Monday 6 July 2026", "The data centre in Ede", "A restored backup held data of another customer.")
	w.Press("Send the notice")
	w.See("The notice is sent.")
}

func (j *qputerAudit) agreesOnADay() {
	a := j.agent
	j.letter(j.joris.email, "announces audit "+j.reference+" at Qputer")
	j.arrive(a, j.joris)
	a.See("Monday 6 July 2026", "A restored backup held data of another customer.")
	a.Press("Accept this day")
	a.Press("Accept this day")
	a.See("Agreed: Monday 6 July 2026")
	a.Press("Write the house rules")
	a.See("qputer 5.5")
	a.Fill("The house rules", "Report at the desk. No photographs.")
	a.Press("Keep these house rules")
	a.See("The house rules are kept.")
}

func (j *qputerAudit) auditorSigns() {
	w, r := j.officer, j.auditor
	w.Reload("Agreed: Monday 6 July 2026")
	w.Under("The auditor").Press("Invite the auditor")
	w.Press("Send the invitation")
	j.auditorEnrols()
	r.See("Sign the confidentiality undertaking", "qputer 5.2")
	r.Unseen("backup", "Ede", "6 July", "No photographs")
	r.Press("Sign the undertaking")
	r.See("Some answers need another look.")
	r.Fill("Your full name", "Rik van den Berg")
	r.Choose("I have read this undertaking and bind myself to it.")
	r.Press("Sign the undertaking")
	r.See("You have signed.", "The data centre in Ede")
}

// visits: nobody records a visit who has not read the house rules.
func (j *qputerAudit) visits() {
	j.on(2026, time.July, 6)
	r := j.auditor
	j.arrive(r, j.rik)
	r.Press("Begin the audit")
	r.Press("Begin the audit")
	r.See("The audit is under way.")
	r.Press("Plan a visit or meeting")
	r.Fill("On which day?", "2026-07-06")
	r.Choose("On site")
	r.Fill("Where?", "Ede, hall 3")
	r.Fill("What is it for?", "How backups are restored.")
	r.Press("Plan this")
	r.See("The visit or meeting is planned.")
	r.Under("Visits and meetings").Press("Read the house rules and say so")
	r.See("Report at the desk. No photographs.")
	r.Press("I have read these house rules")
	r.Press("Record this visit")
	r.Fill("Notes", "Three restores seen, all with the right keys.")
	r.Press("Record that it was held")
	r.See("The notes of the visit or meeting are kept.")
}

// findsAndReviews: 5.6, the findings are assessed jointly.
func (j *qputerAudit) findsAndReviews() {
	r, w, a := j.auditor, j.officer, j.agent
	r.Press("Write down a finding")
	r.Choose("Observation")
	r.Fill("Clause it is measured against", "4.1")
	r.Fill("Title", "Keys of restores")
	r.Fill("What was found", "The check of the keys is done by hand.")
	r.Press("Write this finding down")
	r.Press("Share the draft report")
	r.Fill("Summary of what the audit shows", "Restores work. One observation.")
	r.Press("Share the draft report with Qputer")
	r.See("The draft report is shared with the processor.")
	j.arrive(a, j.joris)
	a.See("Keys of restores", "Restores work. One observation.")
	a.Press("Comment on the draft report")
	a.Fill("Your comments", "No comments.")
	a.Press("Send these comments")
	j.arrive(w, j.sanne)
	w.Press("Open the joint review")
	w.Press("Open the joint review")
	j.holds(w, "Agrees")
	a.Reload("Say what your side holds of this finding")
	j.holds(a, "Agrees")
	w.Reload("End the joint review")
	w.Press("End the joint review")
	w.Press("End the joint review")
	w.See("The joint review has ended.")
}

func (j *qputerAudit) holds(w *browsertest.Window, view string) {
	j.t.Helper()
	w.Press("Say what your side holds of this finding")
	w.Choose(view)
	w.Press("Record this position")
	w.See("Your position is recorded.")
}

// settles: the controller bears all of it (5.7), the agent's hours too.
func (j *qputerAudit) settles() {
	w, a := j.officer, j.agent
	j.states(w, "Fee of the auditor", "Three days", "3630")
	w.See("The costs are added.", "Bakkerij De Korenaar", "qputer 5.7")
	j.states(a, "Working time of the processor", "Six hours", "a lot")
	a.See("Fill in an amount like 120.50 or 120,50.")
	a.Fill("Amount in EUR", "540.50")
	a.Press("Add this line")
	a.See("€540.50", "qputer 5.7")
	j.accepts(a, "Line 1: Three days", "Line 2: Six hours")
	w.Reload("Line 2: Six hours")
	j.accepts(w, "Line 1: Three days", "Line 2: Six hours")
	w.See("Bakkerij De Korenaar pays Qputer €540.50.")
	w.Press("Settle the costs")
	w.Press("Settle the costs")
	w.See("The costs are settled.")
}

func (j *qputerAudit) closes() {
	w := j.officer
	w.Press("Close the audit")
	w.See("Any day: this agreement sets no limit")
	w.Press("Close the audit")
	w.See("The audit is closed. The closing report is ready.")
	a := j.agent
	a.Open(j.page + "/report")
	a.See("Keys of restores", "The security of the backups", "€540.50")
	j.auditor.Open(j.page)
	j.auditor.Unseen("Keys of restores", "The data centre in Ede")
}
