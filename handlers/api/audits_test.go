package api_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAWholeAuditByJSON takes an audit under mpg from the draft to the closing
// report, each call tried first by everybody who may not make it.
func TestAWholeAuditByJSON(t *testing.T) {
	k := newWalk(t, "mpg")
	k.draft()
	k.askFirst()
	k.announce()
	k.agreeDay()
	k.prepare()
	k.conduct()
	k.reviewed()
	k.improved()
	k.settled()
	k.others()
	if left := k.untried(); len(left) > 0 {
		t.Errorf("no call was made to %v", left)
	}
	t.Logf("%d calls made, %d refused", len(k.tried), k.refused)
}

func (k *walk) draft() {
	k.t.Helper()
	outlook := k.get("officer controllerAdmin", "/agreements/"+k.agreement.ID+"/outlook?on=2026-11-20")
	if outlook.str("verdict") == "allowed" || len(outlook.list("rules")) == 0 {
		k.t.Errorf("the outlook for a day that is too early: %s", outlook.raw)
	}
	made := k.post("officer", "/audits", bodyOf{"agreement": k.agreement.ID, "plan": plan()}).want(k.t, 201)
	k.id = made.str("made")
	if made.str("stage") != "draft" || made.str("controller", "name") != k.Bakery.Name || made.body["rev"] != 1.0 {
		k.t.Fatalf("the draft: %s", made.raw)
	}
	changed := plan()
	changed["subject"] = "Beveiliging van hosting en back-ups"
	k.post("officer", "/audits/{id}/plan", bodyOf{"plan": changed})
	k.post("officer", "/audits/{id}/auditor", expert())
	read := k.get("officer controllerAdmin", "/audits/{id}")
	if read.str("plan", "subject") != changed["subject"] || read.str("auditor", "email") != expert()["email"] || read.str("judgement", "verdict") != "conditional" {
		k.t.Errorf("the draft reads: %s", read.raw)
	}
	// What was read can be sent back as it is.
	k.as("officer", "POST", "/audits/{id}/plan", bodyOf{"plan": read.body["plan"], "rev": read.body["rev"]}).want(k.t, 200)
	k.as("officer", "POST", "/audits/{id}/plan", bodyOf{"plan": read.body["plan"], "rev": read.body["rev"]}).problem(k.t, 409, "conflict")
	judged := k.get("officer controllerAdmin", "/audits/{id}/judgement?on=2026-11-18")
	if judged.str("verdict") == "allowed" {
		k.t.Errorf("tomorrow: %s", judged.raw)
	}
	refusal := k.as("officer", "POST", "/audits/{id}/notice", nil).problem(k.t, 409, "conflict")
	if refusal.str("errors", "0", "name") != "precondition" || refusal.str("errors", "0", "clause") != "10.2" || refusal.str("errors", "0", "detail") == "" {
		k.t.Errorf("the refusal names no clause: %s", refusal.raw)
	}
}

func (k *walk) askFirst() {
	k.t.Helper()
	q := k.post("officer", "/audits/{id}/inquiries", bodyOf{"kind": "existing_reports", "text": "Welke rapporten zijn er?"}).want(k.t, 201).str("made")
	twin := k.post("officer", "/audits/{id}/inquiries", bodyOf{"kind": "information", "text": "Hoe gaat het?"}).str("made")
	k.post("officer", "/audits/{id}/inquiries/"+twin+"/withdrawal", nil)
	upload := "/audits/{id}/files?of=" + q
	send := func(c *caller) answer {
		return c.send(strings.ReplaceAll(upload, "{id}", k.id), "rapport.txt", []byte("ISO 27001, op orde."))
	}
	file := k.onlyBy("agent", "POST "+upload, send).want(k.t, 201)
	if file.str("name") != "rapport.txt" || file.body["size"] != 19.0 {
		k.t.Errorf("the file: %s", file.raw)
	}
	again := send(k.callers["agent"]).want(k.t, 201).str("id")
	k.only("agent", "DELETE", "/audits/{id}/files/"+again, nil).want(k.t, 200)
	k.only("agent processorAdmin", "GET", "/audits/{id}/files/"+file.str("id"), nil).want(k.t, 200) // not yet sent to the controller
	k.post("agent", "/audits/{id}/inquiries/"+q+"/answer", bodyOf{"text": "Zie het ISO-rapport."})
	k.as("agent", "POST", "/audits/{id}/inquiries/"+q+"/answer", bodyOf{"text": "Toch iets anders."}).problem(k.t, 409, "conflict")
	down := k.get("officer controllerAdmin agent processorAdmin", "/audits/{id}/files/"+file.str("id"))
	if down.raw != "ISO 27001, op orde." || !strings.Contains(down.header.Get("Content-Disposition"), "rapport.txt") {
		k.t.Errorf("the download: %v %s", down.header, down.raw)
	}
	asked := k.get("agent processorAdmin officer controllerAdmin", "/audits/{id}")
	if asked.str("sight") != "asked" || asked.body["plan"] != nil || asked.body["judgement"] != nil || asked.str("inquiries", "0", "answer") == "" {
		k.t.Errorf("before the notice the processor reads: %s", asked.raw)
	}
	k.post("officer", "/audits/{id}/inquiries/"+q+"/assessment", bodyOf{"assessment": "inconclusive", "arguments": "Het zegt niets over back-ups."})
}

func (k *walk) announce() {
	k.t.Helper()
	if a := k.post("officer", "/audits/{id}/notice", nil); a.str("stage") != "announced" {
		k.t.Errorf("announced: %s", a.raw)
	}
	k.post("agent processorAdmin", "/audits/{id}/auditor/objection", bodyOf{"ground": "other", "reason": "Wij kennen dit bureau niet."})
	k.post("officer", "/audits/{id}/auditor/objection/answer", bodyOf{"text": "Het staat in het register."})
	k.post("officer controllerAdmin", "/audits/{id}/auditor/invitation", nil)
	k.post("officer controllerAdmin", "/audits/{id}/auditor/withdrawal", nil)
	k.as("auditor", "GET", "/audits/{id}", nil).problem(k.t, 404, "not_found")
	k.as("officer", "POST", "/audits/{id}/auditor/invitation", nil).want(k.t, 200)
	k.threshold()
	n := k.get("officer controllerAdmin agent processorAdmin auditor", "/audits/{id}/notice")
	if n.str("plan", "subject") != "Beveiliging van hosting en back-ups" || n.str("auditor", "register") != "RE 1234" || len(n.list("asked")) == 0 {
		k.t.Errorf("the notice: %s", n.raw)
	}
	k.printed("officer controllerAdmin agent processorAdmin auditor", "/audits/{id}/notice.pdf", "%PDF")
	k.printed("auditor officer controllerAdmin agent processorAdmin", "/audits/{id}/undertaking.pdf", "%PDF")
}

// threshold holds that an invited auditor sees nothing before the undertaking
// is signed, tries everything, and signs.
func (k *walk) threshold() {
	k.t.Helper()
	list := k.as("auditor", "GET", "/audits", nil).want(k.t, 200)
	row := k.as("auditor", "GET", "/audits/{id}", nil).want(k.t, 200)
	for _, a := range []answer{list, row} {
		for _, secret := range []string{"hosting", "back-up", "rapport", "ISO", "Vianen", "RE 1234", "datalek"} {
			if strings.Contains(a.raw, secret) {
				k.t.Errorf("before the undertaking %q is shown: %s", secret, a.raw)
			}
		}
	}
	if row.str("sight") != "threshold" || len(row.list("can")) != 1 || row.str("can", "0") != "sign" {
		k.t.Errorf("at the threshold: %s", row.raw)
	}
	file := k.stored().Files[0].ID
	for _, path := range []string{"/notice", "/statement", "/closing-report", "/history", "/judgement?on=2026-12-10", "/files/" + file, "/notice.pdf", "/undertaking.pdf", "/statement.csv"} {
		if a := k.as("auditor", "GET", "/audits/{id}"+path, nil); a.status != 403 && a.status != 404 {
			k.t.Errorf("before the undertaking GET %s is answered with %d: %s", path, a.status, a.raw)
		}
	}
	before := k.rev()
	for _, path := range []string{"/begin", "/report", "/findings", "/questions", "/house-rules/acknowledgment"} {
		if a := k.as("auditor", "POST", "/audits/{id}"+path, filled(path)); a.status != 403 {
			k.t.Errorf("before the undertaking POST %s is answered with %d: %s", path, a.status, a.raw)
		}
	}
	if k.rev() != before {
		k.t.Error("before the undertaking the auditor changed something")
	}
	text := k.get("auditor officer controllerAdmin agent processorAdmin", "/audits/{id}/undertaking?language=nl")
	if len(text.list("lines")) < 3 {
		k.t.Fatalf("the undertaking: %s", text.raw)
	}
	sign := bodyOf{"name": "Rik Jansen", "version": text.body["version"], "language": "nl", "agrees": true}
	k.as("auditor", "POST", "/audits/{id}/undertaking", bodyOf{"name": "Rik Jansen", "version": text.body["version"], "language": "nl", "agrees": false}).problem(k.t, 422, "invalid")
	k.post("auditor", "/audits/{id}/undertaking", sign)
	if seen := k.as("auditor", "GET", "/audits/{id}", nil).want(k.t, 200); seen.str("sight") != "content" || seen.str("auditor", "undertaken", "name") != "Rik Jansen" {
		k.t.Errorf("after signing: %s", seen.raw)
	}
}

// filled is a body for a path that would do.
func filled(path string) any {
	return map[string]any{"/begin": nil, "/report": bodyOf{"text": "x"}, "/questions": bodyOf{"text": "x"}, "/house-rules/acknowledgment": bodyOf{"version": 1},
		"/findings": bodyOf{"grade": "minor", "clause": "6.2", "title": "x", "text": "x"}}[path]
}

// printed asks for a document that begins with something.
func (k *walk) printed(may, path, begins string) {
	k.t.Helper()
	a := k.get(may, path)
	if !strings.HasPrefix(a.raw, begins) || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
		k.t.Errorf("%s: %v %.40q", path, a.header, a.raw)
	}
}

func (k *walk) agreeDay() {
	k.t.Helper()
	early := k.as("officer", "POST", "/audits/{id}/days", bodyOf{"day": "2026-11-19"}).problem(k.t, 409, "conflict")
	if early.str("errors", "0", "name") != "notice" || early.str("errors", "0", "clause") == "" {
		k.t.Errorf("too early: %s", early.raw)
	}
	first := k.post("officer agent", "/audits/{id}/days", bodyOf{"day": "2026-12-08"}).str("made")
	k.post("officer agent", "/audits/{id}/days/"+first+"/withdrawal", nil)
	second := k.post("officer agent", "/audits/{id}/days", bodyOf{"day": "2026-12-09"}).str("made")
	counter := k.post("agent officer", "/audits/{id}/days", bodyOf{"day": "2026-12-10", "instead": second, "reason": "Dan is de beheerder er."}).str("made")
	k.as("agent", "POST", "/audits/{id}/days/"+counter+"/acceptance", nil).problem(k.t, 409, "conflict") // one's own
	if a := k.post("officer agent", "/audits/{id}/days/"+counter+"/acceptance", nil); a.str("stage") != "date_agreed" {
		k.t.Errorf("the day: %s", a.raw)
	}
	moved := k.post("officer agent", "/audits/{id}/days", bodyOf{"day": "2026-12-11", "reason": "De auditor is ziek."}).str("made")
	k.post("agent officer", "/audits/{id}/days/"+moved+"/acceptance", nil)
	marks := k.as("agent", "GET", "/calendar?from=2026-12-01&until=2027-01-01", nil).want(k.t, 200)
	if marks.str("marks", "0", "day") != "2026-12-11" || marks.str("marks", "0", "audit") != k.id {
		k.t.Errorf("the processor's calendar: %s", marks.raw)
	}
	if marks := k.as("stranger", "GET", "/calendar?from=2026-12-01&until=2027-01-01", nil).want(k.t, 200); len(marks.list("marks")) != 0 {
		k.t.Errorf("a stranger's calendar: %s", marks.raw)
	}
	request := k.callers["officer"].do("POST", "/requests", entering(k.World)).want(k.t, 201)
	const days = "/calendar?from=2026-12-01&until=2027-01-01"
	if due := k.as("officer", "GET", days, nil).want(k.t, 200); due.str("due", "0", "request") != request.str("id") {
		k.t.Errorf("the officer's calendar lacks the request: %s", due.raw)
	}
	if due := k.as("auditor", "GET", days, nil).want(k.t, 200); len(due.list("due")) != 0 || len(due.list("marks")) == 0 {
		k.t.Errorf("the auditor's calendar: %s", due.raw)
	}
	k.printed("officer controllerAdmin agent processorAdmin auditor", "/audits/{id}/day.ics", "BEGIN:VCALENDAR")
	k.subscribed()
}

// subscribed reads the calendar as a program does that has the address only.
func (k *walk) subscribed() {
	k.t.Helper()
	const everyone = "agent officer controllerAdmin processorAdmin auditor stranger"
	made := k.only(everyone, "PUT", "/calendar/address", nil).want(k.t, 200)
	path := strings.TrimPrefix(made.str("address"), k.BaseURL)
	if p := k.Browser().Get(path); p.Status != 200 || !strings.Contains(p.Body, "20261211") {
		k.t.Errorf("the calendar at %s: %d %s", path, p.Status, p.Body)
	}
	if again := k.get(everyone, "/calendar/address"); again.str("made") == "" || again.str("address") != "" {
		k.t.Errorf("the address is shown again: %s", again.raw)
	}
	k.only(everyone, "DELETE", "/calendar/address", nil).want(k.t, 204)
	if p := k.Browser().Get(path); p.Status != 404 {
		k.t.Errorf("after revoking, the calendar is answered with %d", p.Status)
	}
	if n := k.get("agent officer controllerAdmin processorAdmin stranger", "/audits/counts"); n.body["processor"] != 1.0 || n.body["controller"] != 0.0 {
		k.t.Errorf("open audits: %s", n.raw)
	}
}

func (k *walk) prepare() {
	k.t.Helper()
	k.post("agent", "/audits/{id}/house-rules", bodyOf{"text": "Meld u bij de receptie."})
	k.post("auditor officer", "/audits/{id}/house-rules/acknowledgment", bodyOf{"version": 1})
	visit := bodyOf{"day": "2026-12-11", "mode": "on_site", "place": "Vianen", "purpose": "Rondgang"}
	dropped := k.post("agent officer auditor", "/audits/{id}/visits", visit).str("made")
	k.post("officer agent auditor", "/audits/{id}/visits/"+dropped+"/cancellation", nil)
	held := k.post("auditor officer agent", "/audits/{id}/visits", visit).str("made")
	q := k.post("officer auditor", "/audits/{id}/questions", bodyOf{"text": "Stuur de logboeken van oktober."}).str("made")
	k.post("agent", "/audits/{id}/inquiries/"+q+"/answer", bodyOf{"none": true, "text": "Ouder dan de bewaartermijn."})
	k.goTo("2026-12-11")
	k.post("auditor officer", "/audits/{id}/begin", nil)
	k.post("auditor officer", "/audits/{id}/visits/"+held+"/record", bodyOf{"text": "Gezien."})
}

func (k *walk) conduct() {
	k.t.Helper()
	found := bodyOf{"grade": "minor", "clause": "6.2", "title": "Logboek", "text": "Niet elke inzage staat in het logboek."}
	f := k.post("auditor officer", "/audits/{id}/findings", found).str("made")
	struck := k.post("officer auditor", "/audits/{id}/findings", found).str("made")
	k.post("officer auditor", "/audits/{id}/findings/"+struck+"/removal", nil)
	found["grade"], found["root_cause"], found["non_compliance"] = "major", "Oude koppeling", true
	k.post("auditor officer", "/audits/{id}/findings/"+f, found)
	if a := k.as("agent", "GET", "/audits/{id}", nil).want(k.t, 200); strings.Contains(a.raw, "Niet elke inzage") || a.body["findings"] != nil {
		k.t.Errorf("the processor reads a draft finding: %s", a.raw)
	}
	steps := k.as("agent", "GET", "/audits/{id}/history", nil).want(k.t, 200)
	if strings.Contains(steps.raw, "audit.find") {
		k.t.Errorf("the processor's history tells of findings: %s", steps.raw)
	}
	k.post("auditor officer", "/audits/{id}/report", bodyOf{"text": "Eén bevinding."})
	k.as("agent", "POST", "/audits/{id}/report/comments", bodyOf{"text": ""}).problem(k.t, 422, "invalid")
	k.post("agent", "/audits/{id}/report/comments", bodyOf{"text": "Wij herkennen dit."})
}

func (k *walk) reviewed() {
	k.t.Helper()
	k.post("officer", "/audits/{id}/review", nil)
	f := k.stored().Findings[0].ID
	k.post("officer agent", "/audits/{id}/findings/"+f+"/position", bodyOf{"view": "agrees"})
	k.post("agent officer", "/audits/{id}/findings/"+f+"/position", bodyOf{"view": "partly", "text": "Alleen bij beheerders."})
	measure := bodyOf{"finding": f, "owner": "processor", "text": "Tweede factor aanzetten", "due": "2027-01-15"}
	m := k.post("agent officer auditor", "/audits/{id}/measures", measure).str("made")
	measure["due"] = "2027-01-20"
	k.post("officer agent", "/audits/{id}/measures/"+m, measure)
	dropped := k.post("officer agent auditor", "/audits/{id}/measures", measure).str("made")
	k.post("officer", "/audits/{id}/measures/"+dropped+"/removal", bodyOf{"text": "Dubbel."})
	k.post("officer", "/audits/{id}/review/end", nil)
}

func (k *walk) improved() {
	k.t.Helper()
	m := k.stored().Measures[0].ID
	k.as("officer", "POST", "/audits/{id}/measures/"+m+"/done", bodyOf{"text": "Staat aan."}).problem(k.t, 409, "conflict") // it is the processor's
	k.post("agent officer", "/audits/{id}/measures/"+m+"/done", bodyOf{"text": "Staat aan."})
	k.post("auditor officer", "/audits/{id}/measures/"+m+"/check", bodyOf{"result": "not_effective", "text": "Niet voor beheerders.", "due": "2027-01-31"})
	k.as("agent", "POST", "/audits/{id}/measures/"+m+"/done", bodyOf{"text": "Nu ook voor beheerders."}).want(k.t, 200)
	k.as("officer", "POST", "/audits/{id}/measures/"+m+"/check", bodyOf{"result": "effective", "text": "Gezien."}).want(k.t, 200)
}

func (k *walk) settled() {
	k.t.Helper()
	none := k.as("officer", "POST", "/audits/{id}/costs", bodyOf{"kind": "auditor_fee", "for": "Auditor", "cents": 0}).problem(k.t, 409, "conflict")
	if none.str("errors", "0", "name") != "costs" || none.str("errors", "0", "clause") != "10.5" {
		k.t.Errorf("nothing: %s", none.raw)
	}
	fee := k.post("officer agent", "/audits/{id}/costs", bodyOf{"kind": "auditor_fee", "for": "Auditor", "cents": 250000}).str("made")
	time := k.post("agent officer", "/audits/{id}/costs", bodyOf{"kind": "processor_time", "for": "Begeleiding", "cents": 90000}).str("made")
	gone := k.post("agent officer", "/audits/{id}/costs", bodyOf{"kind": "travel", "for": "Trein", "cents": 100}).str("made")
	k.post("agent", "/audits/{id}/costs/"+gone+"/removal", nil)
	k.post("officer controllerAdmin agent processorAdmin", "/audits/{id}/costs/"+time+"/dispute", bodyOf{"text": "Te veel uren."})
	k.post("agent", "/audits/{id}/costs/"+time, bodyOf{"kind": "processor_time", "for": "Begeleiding", "cents": 80000})
	if a := k.as("auditor", "GET", "/audits/{id}", nil).want(k.t, 200); a.body["costs"] != nil || strings.Contains(a.raw, "250000") {
		k.t.Errorf("the auditor reads who pays what: %s", a.raw)
	}
	statement := k.get("officer controllerAdmin agent processorAdmin", "/audits/{id}/statement")
	if statement.str("settlement", "from") == "" || statement.body["controller_bears"] != 330000.0 || statement.str("lines", "0", "clause") != "10.5" || statement.str("next") == "" {
		k.t.Errorf("the statement: %s", statement.raw)
	}
	k.printed("officer controllerAdmin agent processorAdmin", "/audits/{id}/statement.csv", "line,purpose,")
	for id, cents := range map[string]int{fee: 250000, time: 80000} {
		accept := bodyOf{"cents": cents, "bearer": "controller"}
		k.post("controllerAdmin officer agent processorAdmin", "/audits/{id}/costs/"+id+"/acceptance", accept)
		k.post("processorAdmin officer agent controllerAdmin", "/audits/{id}/costs/"+id+"/acceptance", accept)
	}
	if a := k.post("agent officer controllerAdmin processorAdmin", "/audits/{id}/settlement", nil); a.str("stage") != "settled" {
		k.t.Errorf("settled: %s", a.raw)
	}
	k.as("officer", "GET", "/audits/{id}/closing-report", nil).problem(k.t, 409, "conflict")
	k.post("officer", "/audits/{id}/closure", nil)
	k.Drain()
	report := k.get("officer controllerAdmin agent processorAdmin", "/audits/{id}/closing-report")
	if !strings.Contains(report.raw, "Oude koppeling") || report.body["ledger"] == nil {
		k.t.Errorf("the closing report: %s", report.raw)
	}
	k.printed("officer controllerAdmin agent processorAdmin", "/audits/{id}/closing-report.pdf", "%PDF")
	k.as("auditor", "GET", "/audits/{id}", nil).problem(k.t, 404, "not_found")
	k.proven()
}

// proven follows an entry of the history to its proof.
func (k *walk) proven() {
	k.t.Helper()
	k.Drain()
	steps := k.get("officer controllerAdmin agent processorAdmin", "/audits/{id}/history?limit=1000")
	all := steps.list("steps")
	last := all[len(all)-1].(bodyOf)
	proof := k.as("officer", "GET", "/ledger/entries/"+number(last["number"])+"/proof", nil).want(k.t, 200)
	if proof.body["leaf"] != last["leaf"] || !bytes.Equal(bytesOf(k.t, last["leaf"]), bytesOf(k.t, proof.body["leaf"])) {
		k.t.Errorf("the proof is of %v, the history of %v", proof.body["leaf"], last["leaf"])
	}
	page := k.as("officer", "GET", "/audits/{id}/history?limit=3", nil).want(k.t, 200)
	next := k.as("officer", "GET", "/audits/{id}/history?limit=3&after="+number(page.body["next"]), nil).want(k.t, 200)
	if len(page.list("steps")) != 3 || next.str("steps", "0", "action") != all[3].(bodyOf)["action"] {
		k.t.Errorf("pages of the history: %s %s", page.raw, next.raw)
	}
	actions := k.Events(k.id)
	for _, want := range []string{"audit.draft", "audit.announce", "audit.sign", "audit.accept", "audit.begin", "audit.share", "audit.settle", "audit.close"} {
		if n := count(actions, want); n == 0 || want != "audit.accept" && n > 1 {
			k.t.Errorf("%s happened %d times", want, n)
		}
	}
}

func count(all []string, one string) int {
	n := 0
	for _, x := range all {
		if x == one {
			n++
		}
	}
	return n
}

// others are the ends that an audit has besides: reports that settle it, and a
// cancellation; and the record, and the lists.
func (k *walk) others() {
	k.t.Helper()
	first := k.id
	record := k.get("officer controllerAdmin", "/processors/"+k.processor.ID+"/record")
	if record.str("findings", "0", "audit") != first {
		k.t.Errorf("the record: %s", record.raw)
	}
	k.printed("officer controllerAdmin", "/processors/"+k.processor.ID+"/record.csv", "what,reference,")
	k.goTo(k.Now().AddDate(0, 0, 1).Format(time.DateOnly))
	k.printed("officer agent", "/audits/{id}/dossier", "PK")
	if sheet := k.as("officer", "GET", "/audits.csv?ended=1", nil).want(k.t, 200); !strings.Contains(sheet.raw, k.stored().Reference) {
		k.t.Errorf("the audits for spreadsheets: %s", sheet.raw)
	}
	if sheet := k.as("stranger", "GET", "/audits.csv?ended=1", nil).want(k.t, 200); strings.Contains(sheet.raw, k.stored().Reference) {
		k.t.Errorf("a stranger's audits for spreadsheets: %s", sheet.raw)
	}
	k.id = k.as("officer", "POST", "/audits", bodyOf{"agreement": k.agreement.ID, "plan": plan()}).want(k.t, 201).str("made")
	q := k.as("officer", "POST", "/audits/{id}/inquiries", bodyOf{"kind": "existing_reports", "text": "Welke rapporten zijn er?"}).want(k.t, 201).str("made")
	k.as("agent", "POST", "/audits/{id}/inquiries/"+q+"/answer", bodyOf{"text": "Zie het ISO-rapport."}).want(k.t, 200)
	k.as("officer", "POST", "/audits/{id}/inquiries/"+q+"/assessment", bodyOf{"assessment": "conclusive", "arguments": "Volledig."}).want(k.t, 200)
	if a := k.post("officer", "/audits/{id}/inquiries/"+q+"/conclusion", nil); a.str("outcome") != "alternative" {
		k.t.Errorf("concluded: %s", a.raw)
	}
	k.id = k.as("officer", "POST", "/audits", bodyOf{"agreement": k.agreement.ID, "plan": plan()}).want(k.t, 201).str("made")
	k.post("officer controllerAdmin", "/audits/{id}/cancellation", bodyOf{"text": "Niet meer nodig."})
	var ids []string
	next := ""
	for range 3 {
		page := k.as("officer", "GET", "/audits?open=false&limit=1&after="+next, nil).want(k.t, 200)
		ids, next = append(ids, page.str("audits", "0", "id")), page.str("next")
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 3 || !slices.Contains(ids, first) {
		k.t.Errorf("page by page: %v", ids)
	}
	if l := k.as("agent", "GET", "/audits?side=processor&open=false", nil).want(k.t, 200); len(l.list("audits")) != 2 || strings.Contains(l.raw, k.id) {
		k.t.Errorf("the processor lists: %s", l.raw)
	}
	if l := k.as("stranger", "GET", "/audits?open=false", nil).want(k.t, 200); len(l.list("audits")) != 0 {
		k.t.Errorf("a stranger lists: %s", l.raw)
	}
}
