package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"inzage/handlers/handlertest"
	"inzage/services/audits"
	"inzage/services/identity"
	"inzage/services/requests"
)

// entry is one event as another program reads it.
type entry struct {
	UID, Summary, Description, Start, End, Stamp, Status, URL string
	Sequence                                                  int64
	AllDay                                                    bool
}

type calendarRead struct {
	Method, Version, Product, Name, Refresh string
	Events, Journals                        []entry
}

// readCalendar lets ical.js, which is not what writes it, read a calendar; the
// shape of the lines it leaves to us.
func readCalendar(t *testing.T, text string) calendarRead {
	t.Helper()
	if !strings.HasSuffix(text, "\r\n") || strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Error("a line does not end in CRLF")
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsRune(line, '\r') {
			t.Errorf("a line of %d octets: %q", len(line), line)
		}
	}
	modules := filepath.Join("..", "..", ".tools", "axe", "node_modules")
	modules, err := filepath.Abs(modules)
	if err != nil {
		t.Fatal(err)
	}
	_, noNode := exec.LookPath("node")
	if _, err := os.Stat(filepath.Join(modules, "ical.js")); err != nil || noNode != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("node or ical.js is not installed; .ci/setup installs them")
		}
		t.Skip("node or ical.js is not installed; .ci/setup installs them")
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "ical.cjs"), modules)
	var out, complaint bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), &out, &complaint
	if err := cmd.Run(); err != nil {
		t.Fatalf("ical.js: %v: %s\n%s", err, complaint.String(), text)
	}
	var read calendarRead
	if err := json.Unmarshal(out.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// makeFeed makes an address on the page and returns its path.
func makeFeed(t *testing.T, c *handlertest.Client) string {
	t.Helper()
	p := c.Post("/calendar/address", url.Values{}).Want(t, 200)
	return strings.TrimPrefix(strings.TrimSpace(p.Find("[data-testid=feed]").Text()), c.World.BaseURL)
}

// TestCalendarFeed reads the feed of each side with another program.
func TestCalendarFeed(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Announced)
	officer := h.SignIn(h.officer)
	officer.Get("/calendar/address").Want(t, 200)
	path := makeFeed(t, officer)
	outlook := h.Browser() // it is not signed in
	// A calendar without any component is none (RFC 5545 3.6).
	if none := readCalendar(t, outlook.Get(path).Want(t, 200).Body); len(none.Events) != 0 || len(none.Journals) != 1 {
		t.Errorf("before there is a day: %+v", none)
	}
	day := h.earliest(a)
	proposeDay(t, officer, a, "propose", day).Want(t, 303)
	p := outlook.Get(path).Want(t, 200)
	for name, want := range map[string]string{"Content-Type": "text/calendar; charset=utf-8", "Cache-Control": "private, no-cache"} {
		if got := p.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	read := readCalendar(t, p.Body)
	if read.Method != "" || read.Version != "2.0" || read.Refresh != "PT1H" || read.Name == "" || !strings.Contains(read.Product, "Inzage") {
		t.Errorf("the calendar: %+v", read)
	}
	if len(read.Events) != 1 {
		t.Fatalf("%d events: %+v", len(read.Events), read.Events)
	}
	first := read.Events[0]
	if !first.AllDay || first.Start != day.String() || first.End != day.AddDays(1).String() || first.Status != "TENTATIVE" ||
		!strings.HasPrefix(first.Summary, "Voorgestelde dag") || !strings.Contains(first.Summary, a.Reference) || first.URL != h.BaseURL+"/audits/"+a.ID {
		t.Errorf("the proposal: %+v", first)
	}
	if !strings.Contains(first.Description, "Rekenkracht") && !strings.Contains(first.Description, "MijnPartnerGroep") {
		t.Errorf("the other side is not named: %q", first.Description)
	}
	for _, secret := range []string{"hosting", "Sanne", "Jansen", "@auditors"} {
		if strings.Contains(p.Body, secret) {
			t.Errorf("the feed tells %q", secret)
		}
	}

	// Accepted, it is the same event of a later revision, now certain.
	a = h.get(a.ID)
	answerDay(t, h.SignIn(h.agent), a, "accept-day").Want(t, 303)
	agent := h.SignIn(h.agent)
	theirs := makeFeed(t, agent)
	for who, at := range map[string]string{"the controller": path, "the processor": theirs} {
		events := readCalendar(t, outlook.Get(at).Want(t, 200).Body).Events
		i := slices.IndexFunc(events, func(e entry) bool { return e.UID == first.UID })
		if i < 0 {
			t.Fatalf("%s: the event has another name: %+v", who, events)
		}
		if e := events[i]; e.Status != "CONFIRMED" || e.Sequence != first.Sequence+1 || e.Start != day.String() {
			t.Errorf("%s: %+v", who, e)
		}
	}
	// Another organisation's people never see it.
	foreign := makeFeed(t, h.SignIn(h.stranger))
	if body := outlook.Get(foreign).Want(t, 200).Body; strings.Contains(body, a.Reference) || strings.Contains(body, "BEGIN:VEVENT") {
		t.Errorf("a stranger's feed holds the audit: %s", body)
	}
	// Nothing of the address reaches the log.
	for _, at := range []string{path, theirs} {
		if token := strings.TrimSuffix(strings.TrimPrefix(at, "/feeds/"), ".ics"); strings.Contains(h.Log.String(), token) {
			t.Error("the log holds an address")
		}
	}
	if !strings.Contains(h.Log.String(), "/feeds/:token.ics") {
		t.Error("the log does not name the route")
	}
}

// TestCalendarFeedUnchanged answers a program that has the same already.
func TestCalendarFeedUnchanged(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.DateAgreed)
	path := makeFeed(t, h.SignIn(h.officer))
	outlook := h.Browser()
	ask := func(tag string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.BaseURL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", tag)
		res, err := outlook.HTTP.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // only the status counts
		return res.StatusCode, res.Header.Get("ETag")
	}
	_, tag := ask("")
	h.Pass(5 * time.Minute)
	if status, _ := ask(tag); status != http.StatusNotModified {
		t.Errorf("unchanged: %d", status)
	}
	proposeDay(t, h.SignIn(h.agent), a, "move-day", a.On.AddDays(7), "reason", "Onderhoud.").Want(t, 303)
	if status, now := ask(tag); status != http.StatusOK || now == tag {
		t.Errorf("changed: %d %s", status, now)
	}
}

// TestCalendarFeedEnds: a replaced or revoked address is gone, and so is what
// somebody may no longer see.
func TestCalendarFeedEnds(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.DateAgreed)
	outlook, officer := h.Browser(), h.SignIn(h.officer)
	first := makeFeed(t, officer)
	second := makeFeed(t, officer)
	outlook.Get(first).Want(t, 404)
	outlook.Get(second).Want(t, 200)
	if page := officer.Get("/calendar/address"); strings.Contains(page.Body, strings.TrimSuffix(strings.TrimPrefix(second, "/feeds/"), ".ics")) {
		t.Error("the address is shown again")
	}
	officer.Post("/calendar/address/revoke", url.Values{}).Want(t, 303)
	outlook.Get(second).Want(t, 404)
	if events := h.Events(h.officer.Account); !slices.Contains(events, "feed.make") || !slices.Contains(events, "feed.revoke") {
		t.Errorf("the ledger: %v", events)
	}

	auditor := makeFeed(t, h.auditorClient(a.ID))
	if body := outlook.Get(auditor).Want(t, 200).Body; !strings.Contains(body, a.Reference) {
		t.Errorf("the auditor's feed: %s", body)
	}
	h.must(h.Audits.WithdrawAuditor(t.Context(), h.Actor(h.officer), a.ID))
	if p := outlook.Get(auditor); strings.Contains(p.Body, a.Reference) {
		t.Errorf("a withdrawn auditor still reads: %d %s", p.Status, p.Body)
	}

	agents := makeFeed(t, h.SignIn(h.agent))
	outlook.Get(agents).Want(t, 200)
	if err := h.Identity.Disable(t.Context(), h.Actor(h.processorAdmin), h.agent.Account); err != nil {
		t.Fatal(err)
	}
	outlook.Get(agents).Want(t, 404)
	outlook.Get("/feeds/xxxxxxxxxxxxxxxxxxxx.ics").Want(t, 404)
}

// TestCalendarOfOneDay is the entry of one audit for its own people only.
func TestCalendarOfOneDay(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Announced)
	at := "/audits/" + a.ID + "/day.ics"
	h.SignIn(h.officer).Get(at).Want(t, 404) // there is no day yet
	a = h.reach(a.ID, audits.DateAgreed)
	for _, who := range []handlertest.Person{h.officer, h.agent, h.processorAdmin} {
		p := h.SignIn(who).Get(at).Want(t, 200)
		read := readCalendar(t, p.Body)
		if len(read.Events) != 1 || read.Events[0].Start != a.On.String() || !strings.Contains(p.Header.Get("Content-Disposition"), a.Reference+".ics") {
			t.Errorf("%s: %+v", who.Name, read.Events)
		}
	}
	h.SignIn(h.stranger).Get(at).Want(t, 404)
}

// TestCalendarFeedOfHostileNames: a name is text in the file, however long and
// whatever it holds.
func TestCalendarFeedOfHostileNames(t *testing.T) {
	h := newHall(t, "mpg")
	name := `Büro „Größe“; komma, \n en END:VEVENT 日本語のとても長い名前` + strings.Repeat(" é", 20)
	h.processor = h.Organisation(name, "buro")
	h.agreement = h.Agree("mpg", h.Bakery, h.processor)
	h.agent = h.Hire("Tom Tijl", h.processor, identity.Agent)
	a := h.audited(audits.DateAgreed)
	p := h.Browser().Get(makeFeed(t, h.SignIn(h.officer))).Want(t, 200)
	if !strings.Contains(p.Body, "\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n") {
		t.Errorf("the calendar's own lines: %s", p.Body)
	}
	read := readCalendar(t, p.Body)
	i := slices.IndexFunc(read.Events, func(e entry) bool { return e.Start == a.On.String() && e.Status == "CONFIRMED" })
	if i < 0 || !strings.Contains(read.Events[i].Description, name) {
		t.Errorf("read back: %+v", read.Events)
	}
}

// TestCalendarTellsWhatFellAway: a day that was told is told as cancelled when it
// falls away, with a later version; what else changes in the audit makes none.
func TestCalendarTellsWhatFellAway(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.DateAgreed)
	path, outlook := makeFeed(t, h.SignIn(h.officer)), h.Browser()
	read := func() entry {
		t.Helper()
		all := readCalendar(t, outlook.Get(path).Want(t, 200).Body).Events
		i := slices.IndexFunc(all, func(e entry) bool { return strings.HasSuffix(e.UID, "-day") })
		if i < 0 {
			t.Fatalf("the day is not told: %+v", all)
		}
		return all[i]
	}
	agreed := read()
	if strings.Contains(agreed.UID, "@") || agreed.UID != a.ID+"-day" {
		t.Errorf("its name says where the portal lives: %s", agreed.UID)
	}
	h.must(h.Audits.AskDuring(t.Context(), h.Actor(h.officer), a.ID, audits.Inquire{Text: "Logboeken"}))
	if same := read(); same.Sequence != agreed.Sequence {
		t.Errorf("a question made version %d of the day out of %d", same.Sequence, agreed.Sequence)
	}
	h.must(h.Audits.CallOff(t.Context(), h.Actor(h.officer), a.ID, "Niet meer nodig."))
	if off := read(); off.Status != "CANCELLED" || off.Sequence != agreed.Sequence+1 || off.Start != a.On.String() || !strings.HasPrefix(off.Summary, "Vervallen: ") {
		t.Errorf("cancelled: %+v", off)
	}
	for _, who := range []handlertest.Person{h.officer, h.agent} {
		one := readCalendar(t, h.SignIn(who).Get("/audits/"+a.ID+"/day.ics").Want(t, 200).Body)
		if len(one.Events) != 1 || one.Events[0].Status != "CANCELLED" || one.Events[0].UID != agreed.UID {
			t.Errorf("%s: the entry of its own: %+v", who.Name, one.Events)
		}
	}
	if page := h.SignIn(h.officer).Get("/calendar?view=list").Want(t, 200); strings.Contains(page.Body, a.Reference) {
		t.Error("the page shows a day that fell away")
	}
}

// TestCalendarFeedOfRequests: who wants them has the days on which requests are due
// in the same calendar, without anything of the person.
func TestCalendarFeedOfRequests(t *testing.T) {
	h := openOffice(t)
	r := h.entered(t, h.officer, "", requests.Access)
	officer := h.SignIn(h.officer)
	without := makeFeed(t, officer)
	if body := h.Browser().Get(without).Want(t, 200).Body; strings.Contains(body, r.Reference) {
		t.Error("nobody asked for requests")
	}
	p := officer.Post("/calendar/address", url.Values{"requests": {"on"}}).Want(t, 200)
	with := strings.TrimPrefix(strings.TrimSpace(p.Find("[data-testid=feed]").Text()), h.BaseURL)
	body := h.Browser().Get(with).Want(t, 200).Body
	events := readCalendar(t, body).Events
	i := slices.IndexFunc(events, func(e entry) bool { return e.UID == r.ID+"-due" })
	if i < 0 || events[i].Start != r.Order || !strings.Contains(events[i].Summary, r.Reference) || events[i].URL != h.BaseURL+"/requests/"+r.ID {
		t.Fatalf("the request: %+v", events)
	}
	for _, secret := range []string{"Fatima", "4411", "fatima@"} {
		if strings.Contains(body, secret) {
			t.Errorf("the calendar tells %q", secret)
		}
	}
}
