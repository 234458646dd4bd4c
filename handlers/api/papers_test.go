package api_test

import (
	"archive/zip"
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// zipped are the names in a ZIP, and its text.
func zipped(t *testing.T, a answer) (names []string) {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(a.raw), int64(len(a.raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	return names
}

// kept holds that a document is one to keep, which runs nothing.
func (a answer) kept(t *testing.T, kind, name string) {
	t.Helper()
	if !strings.HasPrefix(a.kind, kind) || !strings.Contains(a.header.Get("Content-Disposition"), "attachment") || !strings.Contains(a.header.Get("Content-Disposition"), name) ||
		!strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a document to keep is sent as %s %v", a.kind, a.header)
	}
}

func TestPapersOfARequest(t *testing.T) {
	w := handlertest.New(t)
	subject := fatima(t, w)
	officer := newCaller(t, w).signIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	stranger := newCaller(t, w).signIn(w.Hire("Kwame Boateng", w.Florist, identity.PrivacyOfficer))
	me, id := filed(t, w, "korenaar", asking())
	mine, at := "/my/requests/"+id, "/requests/"+id
	me.do("GET", mine+"/answer.pdf", nil).problem(t, 401, "unauthenticated")
	me.do("GET", mine+"/complaint.pdf", nil).problem(t, 409, "conflict") // the day of the answer has not passed
	officer.do("POST", at+"/take-up", bodyOf{}).want(t, 200)
	file := officer.send(at+"/files", "klant.csv", []byte("naam\nFatima\n")).want(t, 201).str("id")

	stranger.do("GET", at+"/dossier", nil).problem(t, 404, "not_found")
	whole := officer.do("GET", at+"/dossier", nil).want(t, 200)
	whole.kept(t, "application/zip", ".zip")
	list := officer.do("GET", at+"/dossier?files=list", nil).want(t, 200)
	if a, b := zipped(t, whole), zipped(t, list); !slices.Contains(a, "dossier.json") || !slices.Contains(b, "dossier.json") || len(a) <= len(b) {
		t.Errorf("%s is in %v, and not in %v", file, a, b)
	}
	officer.do("GET", at+"/dossier?files=some", nil).problem(t, 422, "invalid")
	w.Pass(6 * time.Minute)
	officer.do("GET", at+"/dossier", nil).problem(t, 403, "step_up")

	sheet := officer.do("GET", "/requests.csv", nil).want(t, 200)
	sheet.kept(t, "text/csv", "requests-open.csv")
	if other := stranger.do("GET", "/requests.csv", nil).want(t, 200); !strings.Contains(sheet.raw, "2026-12-17") || strings.Contains(other.raw, "2026-12-17") || strings.Contains(sheet.raw, "Fatima") {
		t.Errorf("the queues for spreadsheets: %s and %s", sheet.raw, other.raw)
	}

	w.Pass(32 * 24 * time.Hour)
	me.signIn(subject)
	stranger = newCaller(t, w).signIn(w.Hire("Bram Kok", w.Florist, identity.PrivacyOfficer))
	stranger.do("GET", mine+"/complaint.pdf", nil).problem(t, 403, "forbidden")
	complaint := me.do("GET", mine+"/complaint.pdf", nil).want(t, 200)
	complaint.kept(t, "application/pdf", ".pdf")
	me.do("GET", mine+"/answer.pdf", nil).problem(t, 409, "conflict") // nothing is decided yet
	officer = newCaller(t, w).signIn(w.Hire("Joris Bakker", w.Bakery, identity.PrivacyOfficer))
	officer.do("POST", at+"/decide", bodyOf{"right": "access", "outcome": "granted", "information": information()}).want(t, 200)
	officer.do("POST", at+"/release", bodyOf{}).want(t, 200)
	answered := me.do("GET", mine+"/answer.pdf", nil).want(t, 200)
	answered.kept(t, "application/pdf", ".pdf")
	for name, a := range map[string]answer{"the complaint": complaint, "the answer": answered} {
		if !bytes.HasPrefix([]byte(a.raw), []byte("%PDF-")) {
			t.Errorf("%s is no PDF: %.40q", name, a.raw)
		}
	}
	w.Pass(6 * time.Minute)
	me.do("GET", mine+"/answer.pdf", nil).problem(t, 403, "step_up")
	events := w.Events(id)
	for _, want := range []string{"request.dossier", "request.take_away", "request.take_away refused", "request.dossier refused"} {
		if !slices.Contains(events, want) {
			t.Errorf("%s left no entry: %v", want, events)
		}
	}
}

func TestSheetsOfAnOrganisation(t *testing.T) {
	w := handlertest.New(t)
	admin := newCaller(t, w).signIn(w.Hire("Hendrik Mulder", w.Bakery, identity.Admin))
	operator := newCaller(t, w).signIn(w.Hire("Olga Peters", identity.Organisation{Slug: "portal"}, identity.Operator))
	for path, says := range map[string]string{"/people.csv": "hendrik.mulder@", "/agreements.csv": w.Partner.Name, "/assists.csv": "", "/audits.csv": ""} {
		sheet := admin.do("GET", path, nil).want(t, 200)
		sheet.kept(t, "text/csv", path[1:])
		if !strings.Contains(sheet.raw, says) {
			t.Errorf("%s says %s", path, sheet.raw)
		}
		operator.do("GET", path, nil).problem(t, 403, "forbidden")
	}
	if all := operator.do("GET", "/organisations.csv", nil).want(t, 200); !strings.Contains(all.raw, w.Bakery.Name) || !strings.Contains(all.raw, w.Florist.Name) {
		t.Errorf("the organisations: %s", all.raw)
	}
	admin.do("GET", "/organisations.csv", nil).problem(t, 403, "forbidden")
}

// TestTablesForPrograms: the columns have the same names in every language, and
// nothing stands before the first.
func TestTablesForPrograms(t *testing.T) {
	w := handlertest.New(t)
	officer := newCaller(t, w).signIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	admin := newCaller(t, w).signIn(w.Hire("Karel Bakker", w.Bakery, identity.Admin))
	agent := newCaller(t, w).signIn(w.Hire("Joris Bakker", w.Partner, identity.Agent))
	for path, one := range map[string]struct {
		by   *caller
		head string
	}{
		"/requests.csv":   {officer, "reference,rights,state,received_on,channel,processor,controller,due,days_left,closed_on"},
		"/assists.csv":    {agent, "reference,asked_by,right,state,due"},
		"/audits.csv":     {officer, "reference,controller,processor,stage,outcome,waits,waits_for,next_day,ended_on"},
		"/agreements.csv": {admin, "controller,processor,key,signed_on,from,until,state,version"},
		"/people.csv":     {admin, "name,email,roles,second_factor,access,created_on"},
	} {
		got, _, _ := strings.Cut(one.by.do("GET", path, nil).want(t, 200).raw, "\n")
		if strings.TrimSpace(got) != one.head {
			t.Errorf("%s: %q, want %q", path, got, one.head)
		}
	}
	people := admin.do("GET", "/people.csv", nil).want(t, 200).raw
	if day := w.Now().Format(time.DateOnly); !strings.Contains(people, ","+day) {
		t.Errorf("no ISO date: %s", people)
	}
}
