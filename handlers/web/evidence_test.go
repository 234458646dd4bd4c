package web_test

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/evidence"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// keeping is a world with people at both sides, and yesterday's checkpoint sent.
type keeping struct {
	*handlertest.World
	officer, florist, agent *handlertest.Client
}

func newKeeping(t *testing.T) keeping {
	t.Helper()
	w := keeping{World: handlertest.New(t)}
	officer := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	florist := w.Hire("Joris Bloem", w.Florist, identity.Admin)
	agent := w.Hire("Naomi Blijd", w.Partner, identity.Agent)
	w.Drain()
	if _, err := w.Ledger.Daily(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Evidence.Daily(t.Context()); n != 4 || err != nil {
		t.Fatalf("Daily = %d, %v, want 4 parties", n, err)
	}
	w.Compose()
	w.officer, w.florist, w.agent = w.SignIn(officer), w.SignIn(florist), w.SignIn(agent)
	return w
}

func rowsOf(p handlertest.Page) []string {
	var all []string
	for _, row := range p.Find("[data-testid=dispatch]").EachIter() {
		all = append(all, strings.Join(strings.Fields(row.Text()), " "))
	}
	return all
}

// holding counts the rows that hold all the words.
func holding(rows []string, words ...string) int {
	n := 0
	for _, row := range rows {
		all := true
		for _, word := range words {
			all = all && strings.Contains(row, word)
		}
		if all {
			n++
		}
	}
	return n
}

func TestEvidencePage(t *testing.T) {
	w := newKeeping(t)
	p := w.officer.Get("/evidence").Want(t, http.StatusOK)
	size, err := w.Ledger.Size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	newest, err := w.Ledger.Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Find("[data-testid=size]").Text(); !strings.Contains(got, w.Site.Languages.Printer("nl", time.UTC).T("%d", size)) {
		t.Errorf("size is %q, want %d", got, size)
	}
	if got := p.Find("[data-testid=root]").Text(); !strings.Contains(got, newest.Root.String()) {
		t.Errorf("root is %q, want %s", got, newest.Root)
	}
	rows := rowsOf(p)
	if len(rows) != 3 || holding(rows, "Bakkerij De Korenaar", "dagelijks", "aan 1 persoon") != 1 || holding(rows, "MijnPartnerGroep", "dagelijks") != 1 || holding(rows, "IDEA-ONLINE") != 1 {
		t.Errorf("the bakery sees %q, want its own and its two processors'", rows)
	}
	if strings.Contains(p.Words(), "Bloemenhuis") {
		t.Error("the bakery sees what went to the florist")
	}
	if rows = rowsOf(w.agent.Get("/evidence").Want(t, http.StatusOK)); len(rows) != 3 || holding(rows, "Bloemenhuis") != 1 {
		t.Errorf("the processor sees %q, want its own and both controllers'", rows)
	}
}

func TestAskForACheckpoint(t *testing.T) {
	w := newKeeping(t)
	p := w.officer.Post("/evidence/ask", url.Values{})
	if p.Status != http.StatusSeeOther || p.Location != "/evidence" {
		t.Fatalf("asking answers %d %s", p.Status, p.Location)
	}
	p = w.officer.Follow(p.Location).Want(t, http.StatusOK)
	if !strings.Contains(p.Text(), "onderweg naar beide partijen") || holding(rowsOf(p), "gevraagd door Bakkerij De Korenaar") != 3 {
		t.Errorf("after asking the page shows %q", rowsOf(p))
	}
	if p = w.officer.Post("/evidence/ask", url.Values{}); p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") != "600" {
		t.Errorf("asking again answers %d, Retry-After %q", p.Status, p.Header.Get("Retry-After"))
	}
	w.Pass(evidence.Pause)
	if p = w.officer.Post("/evidence/ask", url.Values{}); p.Status != http.StatusSeeOther {
		t.Errorf("asking after ten minutes answers %d", p.Status)
	}
	if rows := rowsOf(w.florist.Get("/evidence")); holding(rows, "Korenaar") != 0 {
		t.Errorf("the florist sees what the bakery asked: %q", rows)
	}
}

func TestTakeAwayCheckpointAndKeys(t *testing.T) {
	w := newKeeping(t)
	p := w.officer.Get("/evidence/checkpoint.txt").Want(t, http.StatusOK)
	c, err := w.Ledger.Key.Public().Open([]byte(p.Body))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Ledger.Holds(t.Context(), c.Checkpoint, "the download"); err != nil {
		t.Error(err)
	}
	if d := p.Header.Get("Content-Disposition"); !strings.Contains(d, "checkpoint-2026-11-17-") {
		t.Errorf("Content-Disposition is %q", d)
	}
	if p = w.officer.Get("/evidence/keys.txt").Want(t, http.StatusOK); p.Body != w.Ledger.Key.Public().String() {
		t.Errorf("the keys are %q", p.Body)
	}
}

// TestTakeAwayTheLedger downloads the ledger as both parties of an agreement:
// both verify against the checkpoint that was sent, and show nothing of the other.
func TestTakeAwayTheLedger(t *testing.T) {
	w := newKeeping(t)
	w.florist.Post("/evidence/ask", url.Values{}).Want(t, http.StatusSeeOther)
	early, err := w.Ledger.Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.Drain()
	if a := w.officer.Get("/evidence").Find(`a[href="/evidence/ledger.zip"]`); a.Length() != 1 {
		t.Error("the page does not lead to the ledger")
	}
	for c, org := range map[*handlertest.Client]identity.Organisation{w.officer: w.Bakery, w.florist: w.Florist} {
		w.Drain()
		p := c.Get("/evidence/ledger.zip").Want(t, http.StatusOK)
		r, err := ledger.VerifyZIP(t.Context(), strings.NewReader(p.Body), int64(len(p.Body)), ledger.Terms{Keys: w.Ledger.Key.Public(), Since: early.Note})
		if err != nil || r.Party == nil || r.Party.Organisation != org.ID || r.Party.Own == 0 || r.Party.Own >= r.Checkpoint.Size {
			t.Fatalf("%s: %+v, %v", org.Name, r, err)
		}
		if d := p.Header.Get("Content-Disposition"); !strings.Contains(d, "attachment") || !strings.Contains(d, "ledger-2026-11-17.zip") {
			t.Errorf("it is sent as %s", d)
		}
		for _, other := range []identity.Organisation{w.Bakery, w.Florist, w.Partner} {
			if shown := strings.Contains(unpacked(t, p)["entries.jsonl"], `\"organisation\":\"`+other.ID); shown != (other.ID == org.ID) {
				t.Errorf("%s reads entries of %s: %v", org.Name, other.Name, shown)
			}
		}
	}
	w.Pass(identity.StepUpAge + time.Second)
	if p := w.officer.Get("/evidence/ledger.zip"); p.Status != http.StatusSeeOther || p.Location != "/account/confirm?to=%2Fevidence%2Fledger.zip" {
		t.Errorf("with an old factor it answers %d %s", p.Status, p.Location)
	}
	if got := strings.Join(w.Events("ledger"), " "); got != "ledger.export ledger.export ledger.export refused" {
		t.Errorf("the ledger has %q", got)
	}
}

// TestEvidenceIsForStaff refuses data subjects, auditors and operators.
func TestEvidenceIsForStaff(t *testing.T) {
	w := handlertest.New(t)
	for role, org := range map[identity.Role]identity.Organisation{identity.Auditor: w.Bakery, identity.Operator: {Slug: "ops"}} {
		c := w.SignIn(w.Hire("Iemand "+string(role), org, role))
		for _, path := range []string{"/evidence", "/evidence/checkpoint.txt", "/evidence/keys.txt", "/evidence/ledger.zip"} {
			c.Get(path).Want(t, http.StatusNotFound)
		}
		c.Post("/evidence/ask", url.Values{}).Want(t, http.StatusNotFound)
	}
}

// standsProven looks at the words of a page about its newest sealed entry,
// before and after a checkpoint covers it, and verifies the file of its proof.
func standsProven(t *testing.T, w *handlertest.World, c *handlertest.Client, page, object string) {
	t.Helper()
	words := func(p handlertest.Page) string {
		return strings.Join(strings.Fields(p.Find("[data-testid=standing]").Text()), " ")
	}
	if got := words(c.Get(page).Want(t, http.StatusOK)); !strings.Contains(got, "gecontroleerd tegen het logboek zelf") {
		t.Errorf("before the first checkpoint %s says %q", page, got)
	}
	w.Drain()
	signed, err := w.Ledger.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := c.Get(page).Want(t, http.StatusOK)
	printer := w.Site.Languages.Printer("nl", time.UTC)
	if got := words(p); !strings.Contains(got, printer.T(" van %d, gecontroleerd tegen het controlepunt van ", signed.Size)) || !strings.HasPrefix(got, "Regel ") {
		t.Errorf("%s says %q, want the checkpoint of %d entries", page, got, signed.Size)
	}
	at := p.Find("[data-testid=standing] a").AttrOr("href", "")
	file := c.Get(at).Want(t, http.StatusOK).Find("[data-testid=proof-file]").AttrOr("href", "")
	proven, err := ledger.OpenProof([]byte(c.Get(file).Want(t, http.StatusOK).Body), w.Ledger.Key.Public())
	if err != nil || proven.Event.Object != object || proven.Checkpoint.Size != signed.Size || !strings.HasSuffix(at, "/"+strconv.FormatInt(proven.Number, 10)) {
		t.Errorf("%s proves %+v, %v, want an entry of %s", file, proven, err, object)
	}
	if d := c.Get(file).Header.Get("Content-Disposition"); !strings.Contains(d, ".tlog-proof") {
		t.Errorf("Content-Disposition is %q", d)
	}
}

// TestVerifyPageCannotSend looks at the policy of the page that checks exports:
// nothing but the verifier itself may be fetched, and it alone may compile.
func TestVerifyPageCannotSend(t *testing.T) {
	w := handlertest.New(t)
	c := w.Browser()
	p := c.Get("/verify").Want(t, http.StatusOK)
	program := p.Find("[data-verifier]").AttrOr("data-verifier", "")
	csp := p.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'wasm-unsafe-eval' 'nonce-", "connect-src " + w.BaseURL + program + ";", "object-src 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the policy %q lacks %q", csp, want)
		}
	}
	if strings.Contains(csp, "connect-src 'self'") || strings.Contains(csp, "'unsafe-") {
		t.Errorf("the policy allows more than the verifier: %q", csp)
	}
	if other := c.Get("/law").Header.Get("Content-Security-Policy"); strings.Contains(other, "wasm") {
		t.Errorf("other pages may compile, too: %q", other)
	}
	for _, script := range p.Find("main script").EachIter() {
		if !strings.HasPrefix(script.AttrOr("integrity", ""), "sha256-") || script.AttrOr("nonce", "") == "" {
			t.Errorf("the script %s has no fingerprint or nonce", script.AttrOr("src", ""))
		}
	}
	if p.Find("main form").Length() != 0 || !strings.Contains(p.Words(), "inzage ledger verify PATH --key keys.txt --since CHECKPOINT") {
		t.Errorf("the page has a form, or does not say how to do it without scripts: %s", p.Words())
	}
	// Who cannot take it compressed gets it unpacked.
	for encoding, head := range map[string]string{"identity": "\x00asm", "gzip": "\x1f\x8b"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.BaseURL+program, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", encoding)
		res, err := c.HTTP.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close() // it was read whole
		if err != nil || res.Header.Get("Content-Type") != "application/wasm" || !strings.HasPrefix(string(body), head) {
			t.Errorf("as %s: %v, %s, begins %q", encoding, err, res.Header.Get("Content-Type"), body[:min(4, len(body))])
		}
	}
}
