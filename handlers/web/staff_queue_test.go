package web_test

import (
	"encoding/csv"
	"net/url"
	"strings"
	"testing"
	"time"

	"inzage/services/requests"
)

func TestQueueShowsWhatIsDue(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Access, requests.Erasure)
	o.entered(t, o.agent, o.Bakery.ID, requests.Objection)
	c := o.SignIn(o.officer)
	p := c.Get("/queue").Want(t, 200)
	if n := p.Find(`[data-testid="row"]`).Length(); n != 2 {
		t.Fatalf("%d rows, want 2: %s", n, p.Words())
	}
	says(t, p, r.Reference, "Inzage en Wissing", "Sanne de Vries", "nog 30 dagen", "Via MijnPartnerGroep", "Nog niemand")
	hides(t, p, "Fatima", "fatima@example.org", "bestellingen")
	p = c.Get("/queue?tab=mine").Want(t, 200)
	if n := p.Find(`[data-testid="row"]`).Length(); n != 1 {
		t.Errorf("%d rows are mine, want 1", n)
	}
	p = c.Get("/queue?right=objection").Want(t, 200)
	if n := p.Find(`[data-testid="row"]`).Length(); n != 1 {
		t.Errorf("%d rows with an objection, want 1", n)
	}
	says(t, c.Get("/queue?tab=overdue").Want(t, 200), "Niets is te laat")
	o.Pass(31 * 24 * time.Hour)
	c = o.SignIn(o.officer)
	p = c.Get("/queue?tab=overdue").Want(t, 200)
	says(t, p, "1 dag te laat")
	if got := p.Find(`.tabs a[aria-current] .count`).Text(); got != "2" {
		t.Errorf("the tab counts %q, want 2", got)
	}
}

func TestQueueIsOfOneOrganisation(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Access)
	p := o.SignIn(o.stranger).Get("/queue").Want(t, 200)
	hides(t, p, r.Reference)
	says(t, p, "Er zijn geen open verzoeken")
	if got := o.Browser().Get("/queue"); got.Location != "/sign-in?to=%2Fqueue" {
		t.Errorf("without signing in: %d to %q, want the sign-in", got.Status, got.Location)
	}
}

func TestQueuePages(t *testing.T) {
	o := openOffice(t)
	for range 30 {
		o.entered(t, o.officer, "", requests.Access)
	}
	c := o.SignIn(o.officer)
	first := c.Get("/queue").Want(t, 200)
	next, ok := first.Find(`a[rel="next"]`).Attr("href")
	if !ok || first.Find(`[data-testid="row"]`).Length() != 25 {
		t.Fatalf("the first page has %d rows and leads on: %t", first.Find(`[data-testid="row"]`).Length(), ok)
	}
	second := c.Get(next).Want(t, 200)
	if n := second.Find(`[data-testid="row"]`).Length(); n != 5 {
		t.Errorf("the second page has %d rows, want 5", n)
	}
	if second.Find(`a[rel="next"]`).Length() != 0 {
		t.Error("the last page leads on")
	}
	if whole := c.Get("/queue?print=1").Want(t, 200); whole.Find(`[data-testid="row"]`).Length() != 30 {
		t.Errorf("the list to print has %d rows, want 30", whole.Find(`[data-testid="row"]`).Length())
	}
	c.Get("/queue?after=forged").Want(t, 422)
}

func TestQueueAsCSV(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Access)
	p := o.SignIn(o.officer).Get("/queue.csv").Want(t, 200)
	if got := p.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment;") {
		t.Errorf("disposition = %q, want an attachment", got)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != r.Reference || rows[1][7] != r.Due {
		t.Errorf("rows = %v, %v; want the one request with its date", rows, err)
	}
}

// A name of an organisation is somebody's text: a spreadsheet must not run it.
func TestCSVHoldsNoFormula(t *testing.T) {
	o := openOffice(t)
	evil := o.Organisation("=HYPERLINK(1) BV", "evil")
	o.Agree("mpg", evil, o.Partner)
	o.entered(t, o.agent, evil.ID, requests.Access)
	p := o.SignIn(o.agent).Get("/queue.csv?tab=sent").Want(t, 200)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][6] != "'=HYPERLINK(1) BV" {
		t.Errorf("rows = %v, %v; want the name as text", rows, err)
	}
}

func TestSearchFindsByReferenceAndAddress(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Access)
	c := o.SignIn(o.officer)
	search := func(text string) url.Values { return url.Values{"text": {text}} }
	if p := c.Post("/queue/search", search(strings.ToLower(strings.ReplaceAll(r.Reference, "-", " ")))); p.Location != "/requests/"+r.ID {
		t.Errorf("by reference: %d to %q, want the request", p.Status, p.Location)
	}
	says(t, c.Post("/queue/search", search("Fatima@example.org")).Want(t, 200), r.Reference, "1 verzoek gevonden")
	// Each look for somebody leaves one entry, which does not say for whom.
	if n := strings.Count(strings.Join(o.Events(r.Desk), " "), "request.search"); n != 2 {
		t.Errorf("two searches left %d entries", n)
	}
	says(t, c.Post("/queue/search", search("fatima")).Want(t, 200), "Er is niets gevonden")
	says(t, c.Post("/queue/search", search("")).Want(t, 422), "Vul een kenmerk in")
	says(t, o.SignIn(o.stranger).Post("/queue/search", search("fatima@example.org")).Want(t, 200), "Er is niets gevonden")
	c.Token = "-"
	c.Post("/queue/search", search(r.Reference)).Want(t, 403)
	if log := o.Log.String(); strings.Contains(log, "fatima") {
		t.Error("the log holds the address")
	}
}

func TestStaffEnterARequest(t *testing.T) {
	o := openOffice(t)
	c := o.SignIn(o.officer)
	action, v := filled(t, c.Get("/requests/new").Want(t, 200), "entry")
	p := c.Post(action, v).Want(t, 422)
	says(t, p, "Kies hoe het verzoek is binnengekomen.", "Vul de naam in van wie het verzoek doet.", "Kies ten minste één ding")
	for k, s := range map[string]string{"channel": "phone", "received_day": "2026-11-16", "received_time": "23:59", "rights": "access",
		"access_what": "<script>alert(1)</script>", "name": "Noor", "language": "en"} {
		v.Set(k, s)
	}
	v.Set("received_day", "2026-11-31")
	p = c.Post(action, v).Want(t, 422)
	if got := p.Find(`textarea[name="access_what"]`).Text(); got != "<script>alert(1)</script>" {
		t.Errorf("what was typed became %q", got)
	}
	v.Set("received_day", "2026-11-16")
	p = c.Post(action, v)
	id := strings.TrimPrefix(p.Location, "/requests/")
	if again := c.Post(action, v); again.Location != p.Location {
		t.Errorf("pressed twice: %q, want the same request %q", again.Location, p.Location)
	}
	r := o.now(t, id)
	if got := r.Received.Format(time.RFC3339); got != "2026-11-16T22:59:00Z" || r.Channel != requests.Phone || r.Language != "en" {
		t.Errorf("received %s by %s in %s", got, r.Channel, r.Language)
	}
	if r.Due != "2026-12-16" {
		t.Errorf("due %s, want 2026-12-16: the local day of receipt counts", r.Due)
	}
	page := c.Get("/requests/"+id).Want(t, 200)
	says(t, page, "<script>alert(1)</script>", "Per telefoon")
	hides(t, page, "<script>alert(1)")
	c.Post(action, url.Values{"id": {"req_1"}}).Want(t, 404)
	o.SignIn(o.admin).Get("/requests/new").Want(t, 404)
}

func TestAProcessorEntersAndForwards(t *testing.T) {
	o := openOffice(t)
	c := o.SignIn(o.agent)
	action, v := filled(t, c.Get("/requests/new").Want(t, 200), "entry")
	for k, s := range map[string]string{"channel": "email", "received_day": "2026-11-17", "received_time": "09:00", "rights": "erasure", "erasure_what": "Alles", "name": "Noor", "email": "noor@example.org", "controller": o.Bakery.ID} {
		v.Set(k, s)
	}
	p := c.Post(action, v)
	r := o.now(t, strings.TrimPrefix(p.Location, "/requests/"))
	if r.State != requests.Forwarded || r.Desk != o.Bakery.ID {
		t.Errorf("%s at %s, want it forwarded to the bakery", r.State, r.Desk)
	}
	says(t, c.Get("/queue?tab=sent").Want(t, 200), r.Reference, "Bakkerij De Korenaar")
	page := c.Get("/requests/"+r.ID).Want(t, 200)
	says(t, page, "U ziet hoe dit verzoek ervoor staat", "Bakkerij De Korenaar", "mpg 8.1")
	hides(t, page, "Noor", "noor@example.org")
}
