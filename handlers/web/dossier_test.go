package web_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"inzage/handlers/handlertest"
	"inzage/services/attachment"
	"inzage/services/audits"
	"inzage/services/identity"
	"inzage/services/requests"
)

// unpacked is a ZIP that came over HTTP.
func unpacked(t *testing.T, p handlertest.Page) map[string]string {
	t.Helper()
	p.Want(t, 200)
	if got := p.Header.Get("Content-Type"); got != "application/zip" {
		t.Fatalf("the type is %s", got)
	}
	z, err := zip.NewReader(strings.NewReader(p.Body), int64(len(p.Body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}

// fitsSchema validates a dossier.json against the schema that the portal serves.
func fitsSchema(t *testing.T, c *handlertest.Client, at, text string) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(c.Get(at).Want(t, 200).Body))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("inzage:served", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("inzage:served")
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Error(err)
	}
}

func TestDossierOfARequestOverHTTP(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Erasure)
	c := o.SignIn(o.officer)
	_, err := o.Requests.AddAnswerFile(t.Context(), o.Actor(o.officer), r.ID, requests.Upload{Name: `"<b>x</b>".txt`, Size: -1, Body: strings.NewReader("inhoud")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.Requests.Decide(t.Context(), o.Actor(o.officer), r.ID, requests.Verdict{Right: requests.Erasure, Outcome: requests.Denied, Ground: ground(t, o, requests.Erasure),
		Reasons: "De wet vraagt ons dit te bewaren. <script>alert(1)</script>", ComplaintTold: true, CourtTold: true})
	if err != nil {
		t.Fatal(err)
	}
	o.Compose()
	page := c.Get("/requests/" + r.ID)
	if page.Find(`a[href="/requests/`+r.ID+`/dossier"]`).Length() != 1 || page.Find(`a[href="/requests/`+r.ID+`/dossier?files=list"]`).Length() != 1 {
		t.Error("the page does not lead to the dossier")
	}
	answer := c.Get("/requests/" + r.ID + "/dossier")
	files := unpacked(t, answer)
	if got := answer.Header.Get("Content-Disposition"); !strings.Contains(got, "attachment") || !strings.Contains(got, r.Reference+".zip") {
		t.Errorf("it is sent as %s", got)
	}
	wants(t, "the page", files["index.html"], `<html lang="nl">`, "Dossier van verzoek "+r.Reference, "Fatima el Amrani", "De wet vraagt ons dit te bewaren. &lt;script&gt;", "Geschiedenis", "Bewijzen", "@media print")
	if strings.Contains(files["index.html"], "<script") || strings.Contains(files["index.html"], "<b>x") || strings.Contains(files["index.html"], "http://") {
		t.Error("the page runs something, or needs something from elsewhere")
	}
	fitsSchema(t, o.Browser(), "/schemas/request-1.json", files["dossier.json"])
	decision := ""
	for name, text := range files {
		if strings.HasPrefix(name, "decisions/") && strings.HasPrefix(text, "%PDF-") {
			decision = name
		}
	}
	if decision == "" || !strings.Contains(files["index.html"], `href="`+decision+`"`) {
		t.Errorf("the decision is not in it, or the page does not lead there: %q", decision)
	}
	if files["files/answer/b.txt"] != "inhoud" && files["files/answer/bxb.txt"] != "inhoud" {
		t.Errorf("the file is missing: %v", names(files))
	}
	english := o.SignIn(o.officer)
	english.Get("/requests/" + r.ID + "?lang=en")
	list := unpacked(t, english.Get("/requests/"+r.ID+"/dossier?files=list"))
	wants(t, "the English page", list["index.html"], `<html lang="en">`, "Dossier of request", "taken without the files")
	for name := range list {
		if strings.HasPrefix(name, "files/") {
			t.Errorf("%s is in a dossier without files", name)
		}
	}
}

func names(files map[string]string) []string {
	var all []string
	for n := range files {
		all = append(all, n)
	}
	slices.Sort(all)
	return all
}

// ground is one on which the right may be refused.
func ground(t *testing.T, o *office, right requests.Right) string {
	t.Helper()
	for _, g := range o.Requests.Catalogue.For(string(right)) {
		return g.ID
	}
	t.Fatal("there is no ground")
	return ""
}

// TestDossierNeedsAFreshFactor sends who signed in a while ago to prove it again,
// and back.
func TestDossierNeedsAFreshFactor(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Access)
	c := o.SignIn(o.officer)
	o.Pass(identity.StepUpAge + time.Second)
	p := c.Get("/requests/"+r.ID+"/dossier").Want(t, 303)
	if p.Location != "/account/confirm?to=%2Frequests%2F"+r.ID+"%2Fdossier" {
		t.Errorf("it leads to %s", p.Location)
	}
	if got := o.Events(r.ID); !slices.Contains(got, "request.dossier refused") || slices.Contains(got, "request.dossier") {
		t.Errorf("events: %v", got)
	}
	unpacked(t, o.SignIn(o.officer).Get("/requests/"+r.ID+"/dossier"))
	for who, p := range map[string]handlertest.Person{"an administrator": o.admin, "a stranger": o.stranger} {
		if got := o.SignIn(p).Get("/requests/" + r.ID + "/dossier"); got.Status != 403 && got.Status != 404 {
			t.Errorf("%s gets %d", who, got.Status)
		}
	}
}

// TestABrokenDossierIsNotTakenForAWholeOne loses a file under the stream.
func TestABrokenDossierIsNotTakenForAWholeOne(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Access)
	f, err := o.Requests.AddAnswerFile(t.Context(), o.Actor(o.officer), r.ID, requests.Upload{Name: "a.txt", Size: -1, Body: strings.NewReader("inhoud")})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Vault.DeleteFile(t.Context(), r.ID, f.ID); err != nil {
		t.Fatal(err)
	}
	c := o.SignIn(o.officer)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.BaseURL+"/requests/"+r.ID+"/dossier", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err == nil {
		t.Error("the answer ends as if it were whole")
	}
	if !strings.Contains(o.Log.String(), "a download broke off") {
		t.Error("the log does not tell")
	}
	c.Get("/livez").Want(t, 200)
}

func TestDossierOfAnAudit(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.draft()
	h.SignIn(h.agent).Get("/audits/"+a.ID+"/dossier").Want(t, 404)
	h.reach(a.ID, audits.Precondition)
	asked := unpacked(t, h.SignIn(h.agent).Get("/audits/"+a.ID+"/dossier"))
	fitsSchema(t, h.Browser(), "/schemas/audit-1.json", asked["dossier.json"])
	for name, text := range asked {
		for _, secret := range []string{"Beveiliging van de hosting", "Rik Jansen", "datalek", "Interviews"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells the processor %q before the notice", name, secret)
			}
		}
	}
	wants(t, "what was asked", asked["index.html"], "Welke rapporten zijn er?")

	h.reach(a.ID, audits.Announced)
	h.auditorClient(a.ID) // whose link does not last as long as the audit
	h.reach(a.ID, audits.UnderWay)
	_, err := h.Audits.Find(t.Context(), h.auditor, a.ID, audits.FindingText{Grade: audits.Major, Clause: "6.1", Title: "Nog geheim", Text: "Een concept.", Root: "Haast."})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range unpacked(t, h.SignIn(h.agent).Get("/audits/"+a.ID+"/dossier")) {
		if strings.Contains(text, "Nog geheim") || strings.Contains(text, "audit.find") {
			t.Errorf("%s tells the processor of a draft finding", name)
		}
	}
	auditor := h.auditorClient(a.ID)
	if got := auditor.Get("/audits/" + a.ID + "/dossier"); got.Status != 403 && got.Status != 404 {
		t.Errorf("the auditor gets %d", got.Status)
	}
	h.must(h.Audits.WriteRules(t.Context(), h.Actor(h.agent), a.ID, "Geen foto's in de zaal."))
	if _, err := h.Audits.Attach(t.Context(), h.Actor(h.officer), a.ID, "report", attachment.Upload{Name: "bewijs.txt", Size: -1, Body: strings.NewReader("gezien")}); err != nil {
		t.Fatal(err)
	}
	h.must(h.Audits.StateCost(t.Context(), h.Actor(h.agent), a.ID, audits.CostText{Kind: "processor_time", Cents: 12300, For: "Begeleiding"}))
	h.Compose()
	h.reach(a.ID, audits.Improving)
	for _, p := range []handlertest.Person{h.officer, h.agent} {
		st, err := h.Audits.StatementOf(t.Context(), h.Actor(p), h.get(a.ID))
		if err != nil {
			t.Fatal(err)
		}
		for i, cost := range h.get(a.ID).Costs {
			h.must(h.Audits.AgreeCost(t.Context(), h.Actor(p), a.ID, cost.ID, cost.Cents, st.Lines[i].Bearer))
		}
	}
	h.reach(a.ID, audits.Closed)
	h.Drain()
	for who, p := range map[string]handlertest.Person{"officer": h.officer, "agent": h.agent} {
		c := h.SignIn(p)
		before := len(h.Events(a.ID))
		c.Get("/audits/" + a.ID + "/dossier")
		if left := h.Events(a.ID)[before:]; !slices.Equal(left, []string{"audit.dossier"}) {
			t.Errorf("%s: the dossier left %v", who, left)
		}
		links := c.Get("/audits/" + a.ID).Find(`[data-testid="documents"]`)
		if links.Find(`a[href="/audits/`+a.ID+`/dossier"]`).Length() != 1 {
			t.Errorf("%s: the page does not lead to the dossier", who)
		}
		files := unpacked(t, c.Get("/audits/"+a.ID+"/dossier"))
		fitsSchema(t, c, "/schemas/audit-1.json", files["dossier.json"])
		wants(t, who+"'s page", files["index.html"], "Dossier van audit "+a.Reference, "Beveiliging van de hosting", "Rik Jansen", "Nog geheim", "Geen foto&#39;s in de zaal.", "Begeleiding", "Interviews en inzage", "mpg 10.")
		for _, name := range []string{"documents/notice.pdf", "documents/undertaking.pdf", "documents/closing-report.pdf"} {
			if !bytes.HasPrefix([]byte(files[name]), []byte("%PDF-")) {
				t.Errorf("%s: %s is missing: %v", who, name, names(files))
			}
		}
		if files["files/report/bewijs.txt"] != "gezien" || !strings.Contains(files["documents/closing-report.json"], "inzage.audit.closing/1") {
			t.Errorf("%s: the files are %v", who, names(files))
		}
		if n := strings.Count(files["proofs/entries.jsonl"], "\n"); n < 15 {
			t.Errorf("%s: only %d entries are proven", who, n)
		}
	}
	h.SignIn(h.controllerAdmin).Get("/audits/"+a.ID+"/dossier").Want(t, 403)
	h.SignIn(h.stranger).Get("/audits/"+a.ID+"/dossier").Want(t, 404)
	if got := h.Events(a.ID); !slices.Contains(got, "audit.dossier") || !slices.Contains(got, "audit.dossier refused") {
		t.Errorf("events: %v", got)
	}
	h.Pass(audits.Keep + time.Hour)
	if n, err := h.Audits.ShredEnded(t.Context(), 10); err != nil || n != 1 {
		t.Fatalf("%d shredded, %v", n, err)
	}
	h.Drain()
	bare := unpacked(t, h.SignIn(h.officer).Get("/audits/"+a.ID+"/dossier"))
	fitsSchema(t, h.Browser(), "/schemas/audit-1.json", bare["dossier.json"])
	if strings.Contains(bare["dossier.json"], "hosting") || strings.Contains(bare["index.html"], "Rik") || !strings.Contains(bare["index.html"], "De inhoud is vernietigd") {
		t.Error("after shredding the dossier still says what was destroyed, or not that it was")
	}
	wants(t, "the bare page", bare["index.html"], ">Bevinding 1<", "Getekend op")
	if strings.Contains(bare["index.html"], "Bevinding 1:") || strings.Contains(bare["index.html"], "Getekend door") {
		t.Error("after shredding the dossier leads to words that are not there")
	}
}
