package api_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"inzage/services/identity"
)

// auditBodies are bodies that would do, by the path below an audit.
var auditBodies = map[string]bodyOf{
	"/plan": {"plan": plan()}, "/inquiries": {"kind": "information", "text": "x"}, "/inquiries/{item}/answer": {"text": "x"}, "/inquiries/{item}/assessment": {"assessment": "conclusive", "arguments": "x"},
	"/inquiries/{item}/conclusion": {}, "/inquiries/{item}/withdrawal": {}, "/notice": {}, "/days": {"day": "2026-12-10"}, "/days/{item}/acceptance": {}, "/days/{item}/withdrawal": {},
	"/cancellation": {"text": "x"}, "/auditor": expert(), "/auditor/invitation": {}, "/auditor/withdrawal": {}, "/auditor/objection": {"ground": "other", "reason": "x"},
	"/auditor/objection/answer": {"text": "x"}, "/undertaking": {"name": "x", "version": 1, "language": "nl", "agrees": true}, "/begin": {}, "/questions": {"text": "x"},
	"/house-rules": {"text": "x"}, "/house-rules/acknowledgment": {"version": 1}, "/visits": {"day": "2026-12-11", "mode": "remote", "purpose": "x"}, "/visits/{item}/record": {"text": "x"},
	"/visits/{item}/cancellation": {}, "/findings": {"grade": "minor", "clause": "6.2", "title": "x", "text": "x"}, "/findings/{item}": {"grade": "minor", "clause": "6.2", "title": "x", "text": "x"},
	"/findings/{item}/removal": {}, "/findings/{item}/position": {"view": "agrees"}, "/report": {"text": "x"}, "/report/comments": {"text": "x"}, "/review": {}, "/review/end": {},
	"/measures": {"owner": "both", "text": "x", "due": "2027-01-15"}, "/measures/{item}": {"owner": "both", "text": "x", "due": "2027-01-15"}, "/measures/{item}/done": {"text": "x"},
	"/measures/{item}/check": {"result": "effective"}, "/measures/{item}/removal": {"text": "x"}, "/costs": {"kind": "travel", "for": "x", "cents": 1}, "/costs/{item}": {"kind": "travel", "for": "x", "cents": 1},
	"/costs/{item}/removal": {}, "/costs/{item}/acceptance": {"cents": 1, "bearer": "controller"}, "/costs/{item}/dispute": {"text": "x"}, "/settlement": {}, "/closure": {},
}

// auditQueries complete the paths that need more.
var auditQueries = map[string]string{"/judgement": "?on=2026-12-10", "/files": "?of=notice"}

// onAudit makes the call of an operation below an audit, with one more field in
// its body when there is one.
func onAudit(t *testing.T, c *caller, op operation, id, item string, more bodyOf) answer {
	t.Helper()
	method, path, _ := strings.Cut(op.name, " ")
	below := strings.TrimPrefix(path, "/audits/{id}")
	full := strings.NewReplacer("{id}", id, "{item}", item, "{file}", item).Replace(path) + auditQueries[below]
	if method != http.MethodPost {
		return c.do(method, full, nil)
	}
	if below == "/files" {
		return c.send(full, "x.txt", []byte("tekst"))
	}
	body, ok := auditBodies[below]
	if !ok {
		t.Fatalf("no body for %s", op.name)
	}
	body = maps.Clone(body)
	maps.Copy(body, more)
	return c.do(method, full, body)
}

// TestAForeignAuditIsUnknown makes every call on an audit as people who have
// nothing to do with it, and holds each answer byte for byte against the one
// about an audit that is not there.
func TestAForeignAuditIsUnknown(t *testing.T) {
	k := newWalk(t, "mpg")
	k.draft()
	draft := k.id
	k.id = k.as("officer", "POST", "/audits", bodyOf{"agreement": k.agreement.ID, "plan": plan()}).want(t, 201).str("made")
	item := k.as("officer", "POST", "/audits/{id}/inquiries", auditBodies["/inquiries"]).want(t, 201).str("made")
	auditor := newCaller(t, k.World).signIn(k.Hire("Anne Anders", k.Florist, identity.Auditor))
	const unknown = "aud_AAAAAAAAAAAAAAAAAAAAAAAAAA"
	n := 0
	for _, who := range []struct {
		name string
		id   string
		c    *caller
	}{{"another organisation", k.id, k.callers["stranger"]}, {"another auditor", k.id, auditor}, {"the processor of a draft", draft, k.callers["agent"]}} {
		before := k.rev()
		for _, op := range k.routes {
			if !strings.Contains(op.name, " /audits/{id}") {
				continue
			}
			foreign, none := onAudit(t, who.c, op, who.id, item, nil), onAudit(t, who.c, op, unknown, item, nil)
			if x, y := unnumbered(t, foreign), unnumbered(t, none); foreign.status != none.status || x != y || foreign.status != 404 && foreign.status != 403 {
				t.Errorf("%s, as %s\n foreign %d %s\n unknown %d %s", op.name, who.name, foreign.status, x, none.status, y)
			}
			n++
		}
		if k.rev() != before {
			t.Errorf("%s changed the audit", who.name)
		}
	}
	for _, path := range []string{"/processors/%/record", "/processors/%/record.csv", "/agreements/%/outlook"} {
		there, none := k.processor.ID, "org_AAAAAAAAAAAAAAAAAAAAAAAAAA"
		if strings.HasPrefix(path, "/agreements") {
			there, none = k.agreement.ID, "agr_AAAAAAAAAAAAAAAAAAAAAAAAAA"
		}
		a, b := k.as("stranger", "GET", strings.ReplaceAll(path, "%", there), nil), k.as("stranger", "GET", strings.ReplaceAll(path, "%", none), nil)
		if a.problem(t, 404, "not_found"); unnumbered(t, a) != unnumbered(t, b) {
			t.Errorf("GET %s: foreign %s, unknown %s", path, a.raw, b.raw)
		}
		n++
	}
	if n < 150 {
		t.Errorf("only %d calls", n)
	}
	t.Logf("%d calls: foreign answers as unknown", n)
}

// TestOnlyWritableFields sends with every deed what only the portal writes, as
// everybody who has to do with the audit.
func TestOnlyWritableFields(t *testing.T) {
	k := newWalk(t, "mpg")
	k.draft()
	before, n := k.stored(), 0
	for _, op := range k.routes {
		if !strings.HasPrefix(op.name, "POST /audits/{id}") || strings.HasSuffix(op.name, "/files") {
			continue
		}
		refused := false
		for _, who := range []string{"officer", "controllerAdmin", "auditor", "agent", "processorAdmin"} {
			a := onAudit(t, k.callers[who], op, k.id, "fnd_AAAAAAAAAAAAAAAAAAAAAAAAAA", bodyOf{"stage": "settled", "controller": k.processor.ID, "non_compliance_by": "x"})
			refused = refused || a.status == 422
			if a.status != 422 && a.status != 403 {
				t.Errorf("%s as %s with fields of the portal's own: %d %s", op.name, who, a.status, a.raw)
			}
		}
		if n++; !refused {
			t.Errorf("%s: nobody was told that the fields are wrong", op.name)
		}
	}
	if after := k.stored(); after.Rev != before.Rev || after.Stage != before.Stage || after.Controller != before.Controller {
		t.Errorf("the audit went from %d %s to %d %s", before.Rev, before.Stage, after.Rev, after.Stage)
	}
	if n < 40 {
		t.Errorf("only %d deeds", n)
	}
}

// TestTheSameKeyMakesOneAudit sends each call that makes something thirty times
// at once with one key.
func TestTheSameKeyMakesOneAudit(t *testing.T) {
	k := newWalk(t, "mpg")
	officer := k.callers["officer"]
	officer.key = "planning-2026-7"
	made := func(path string, body bodyOf) string {
		t.Helper()
		counts, all := atOnce(t, func() answer { return officer.do("POST", strings.ReplaceAll(path, "{id}", k.id), body) })
		if counts[201] != 30 {
			t.Errorf("POST %s: %v", path, counts)
		}
		for _, a := range all {
			if a.status == 201 && a.str("made") != all[0].str("made") {
				t.Errorf("POST %s made %s and %s", path, all[0].str("made"), a.str("made"))
			}
		}
		other := maps.Clone(body)
		if other["plan"] != nil {
			other["plan"] = bodyOf{"subject": "Iets anders", "mode": "remote"}
		} else {
			other["text"] = "Iets anders."
		}
		officer.do("POST", strings.ReplaceAll(path, "{id}", k.id), other).problem(t, 422, "invalid")
		return all[0].str("made")
	}
	k.id = made("/audits", bodyOf{"agreement": k.agreement.ID, "plan": plan()})
	if l := officer.do("GET", "/audits", nil).want(t, 200); len(l.list("audits")) != 1 {
		t.Errorf("the list holds %d audits", len(l.list("audits")))
	}
	q := made("/audits/{id}/inquiries", bodyOf{"kind": "existing_reports", "text": "Welke rapporten zijn er?"})
	if n := len(k.stored().Inquiries); n != 1 || k.stored().Inquiries[0].ID != q {
		t.Errorf("%d questions", n)
	}
	agent := k.callers["agent"]
	agent.key = "rapport-1"
	counts, _ := atOnce(t, func() answer { return agent.send("/audits/"+k.id+"/files?of="+q, "rapport.txt", []byte("op orde")) })
	if counts[201] == 0 || counts[201]+counts[409] != 30 || len(k.stored().Files) != 1 {
		t.Errorf("files: %v, %d stored", counts, len(k.stored().Files))
	}
	events := k.Events(k.id)
	for what, want := range map[string]int{"audit.draft": 1, "audit.ask_first": 1, "audit.add_file": 1} {
		if n := count(events, what); n != want {
			t.Errorf("%s happened %d times, want %d", what, n, want)
		}
	}
	// Another person with the same key is somebody else.
	second := k.Hire("Joris Bakker", k.Bakery, identity.PrivacyOfficer)
	c := newCaller(t, k.World).signIn(second)
	c.key = officer.key
	if id := c.do("POST", "/audits", bodyOf{"agreement": k.agreement.ID, "plan": plan()}).want(t, 201).str("made"); id == k.id {
		t.Error("somebody else's key gave the first one's audit")
	}
}

// TestOneOfTwoWins has both sides act at once on what they saw: one is done, the
// other is told.
func TestOneOfTwoWins(t *testing.T) {
	k := newWalk(t, "vcare")
	k.id = k.as("officer", "POST", "/audits", bodyOf{"agreement": k.agreement.ID, "plan": plan()}).want(t, 201).str("made")
	rev := k.rev()
	counts, _ := atOnce(t, func() answer {
		return k.callers["officer"].do("POST", "/audits/"+k.id+"/auditor", bodyOf{"name": "Rik Jansen", "own": true, "rev": rev})
	})
	if counts[200] != 1 || counts[409] != 29 {
		t.Errorf("thirty who saw the same revision: %v", counts)
	}
}

// TestMachinesWorkOnAudits gives a machine one scope at a time.
func TestMachinesWorkOnAudits(t *testing.T) {
	k := newWalk(t, "mpg")
	issue := func(scopes ...string) *caller {
		t.Helper()
		c := newCaller(t, k.World)
		c.token = k.callers["controllerAdmin"].do("POST", "/tokens", bodyOf{"name": "GRC", "roles": []string{"privacy_officer"}, "scopes": scopes, "days": 30}).want(t, 201).str("secret")
		return c
	}
	reader, writer := issue("audits:read"), issue("audits:write")
	draft := bodyOf{"agreement": k.agreement.ID, "plan": plan()}
	reader.do("POST", "/audits", draft).problem(t, 403, "forbidden")
	k.id = writer.do("POST", "/audits", draft).want(t, 201).str("made")
	writer.do("GET", "/audits/"+k.id, nil).problem(t, 403, "forbidden")
	reader.do("GET", "/audits/"+k.id, nil).want(t, 200)
	if text := reader.do("GET", "/audits/"+k.id+"/judgement?on=2026-12-10", nil).want(t, 200); text.str("verdict") == "" {
		t.Errorf("a machine reads the verdict: %s", text.raw)
	}
	for _, op := range k.routes {
		if strings.HasSuffix(op.name, "/undertaking") && strings.HasPrefix(op.name, "POST") {
			onAudit(t, writer, op, k.id, "", nil).problem(t, 403, "forbidden") // a signature is a person's
		}
	}
}
