package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/services/identity"
	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// Bounds of a queue: rows on a page, pages that a filter looks through for
// one page of its own, and rows of a list to print or to save.
const (
	queueRows  = 25
	queueScan  = 8
	queueWhole = 2000
)

// view is one way to look at a queue, as it stands in the address.
type view struct {
	tab   requests.Tab
	right requests.Right // "" is any
	after string
}

// viewOf reads the address; what it does not know it leaves out.
func (d *desk) viewOf() view {
	v := view{tab: requests.Tab(d.c.Query("tab")), right: requests.Right(d.c.Query("right")), after: d.c.Query("after")}
	if !slices.Contains(d.tabs(), v.tab) {
		v.tab = requests.AllOpen
	}
	if !requests.Known(v.right) {
		v.right = ""
	}
	return v
}

// href is the address of a view on a page.
func (v view) href(path string, more ...string) string {
	q := url.Values{}
	if v.tab != requests.AllOpen {
		q.Set("tab", string(v.tab))
	}
	if v.right != "" {
		q.Set("right", string(v.right))
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			q.Set(more[i], more[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// tabs are those of the reader: a processor also sees what it passed on.
func (d *desk) tabs() []requests.Tab {
	tabs := requests.Tabs()
	if d.processes() {
		tabs = append(tabs, requests.Sent)
	}
	return tabs
}

// processes tells whether the reader's organisation processes for others.
func (d *desk) processes() bool {
	if d.by.Is(identity.Agent) {
		return true
	}
	serves, err := d.Agreements.Serves(d.ctx, d.by.Organisation, d.Now())
	return err == nil && serves
}

// queue lists one tab, the most urgent first.
func (d *desk) queue() error {
	v := d.viewOf()
	whole := d.c.Query("print") != ""
	rows, next, err := d.rows(v, whole)
	if err != nil {
		return err
	}
	listing, err := d.listing(v, rows)
	if err != nil {
		return err
	}
	m := pages.Queue{List: listing, Print: whole, Reset: v.href("/queue"), Filter: d.rightFilter(v)}
	if v.right != "" {
		m.Reset = view{tab: v.tab}.href("/queue")
	}
	if whole {
		m.Lead = d.p.T("%s, on %s", d.tabName(v.tab), d.p.DateTime(d.Now()))
		m.List.Print, m.List.CSV, m.List.Keys = "", "", false
		return d.show(fiber.StatusOK, pages.QueuePage(d.frame("Requests"), m))
	}
	if m.Tabs, err = d.counted(v); err != nil {
		return err
	}
	if d.by.IsStaffOf(d.by.Organisation, identity.Agent, identity.PrivacyOfficer) {
		m.Enter, m.Search = "/requests/new", "/queue/search"
	}
	if next != "" {
		m.Paging.Older = v.href("/queue", "after", next)
	}
	if v.after != "" {
		m.Paging.Newer = v.href("/queue")
	}
	if next != "" || v.after != "" {
		m.Paging.Shown = d.p.T("%d requests on this page", len(rows))
	}
	return d.show(fiber.StatusOK, pages.QueuePage(d.frame("Requests"), m))
}

// rows reads a page of a view, or the whole of it for a list to print. A
// filter looks through a bounded number of rows; the next page goes on there.
func (d *desk) rows(v view, whole bool) ([]requests.Request, string, error) {
	var rows []requests.Request
	after, most := v.after, queueRows
	if whole {
		after, most = "", queueWhole
	}
	for range max(queueScan, most/500+1) {
		limit := queueRows
		if whole {
			limit = 500
		}
		page, err := d.Requests.Queue(d.ctx, d.by, v.tab, after, limit)
		if err != nil {
			return nil, "", err
		}
		for _, r := range page.Rows {
			if v.right == "" || r.Has(v.right) {
				rows = append(rows, r)
			}
		}
		after = page.Next
		if after == "" || len(rows) >= most {
			break
		}
	}
	return rows, after, nil
}

// counted are the tabs with their numbers.
func (d *desk) counted(v view) ([]ui.Tab, error) {
	counts, err := d.Requests.Counts(d.ctx, d.by, d.tabs()...)
	if err != nil {
		return nil, err
	}
	var tabs []ui.Tab
	for _, tab := range d.tabs() {
		t := ui.Tab{Label: d.tabName(tab), Href: view{tab: tab, right: v.right}.href("/queue"), Current: tab == v.tab, Value: string(tab), Count: counts[tab], Counted: true}
		if t.Count >= requests.CountCap {
			t.Words = d.p.T("%d+", requests.CountCap)
		}
		tabs = append(tabs, t)
	}
	return tabs, nil
}

func (d *desk) tabName(t requests.Tab) string {
	switch t {
	case requests.Mine:
		return d.p.T("Mine")
	case requests.DueSoon:
		return d.p.T("Due in 7 days")
	case requests.Overdue:
		return d.p.T("Overdue")
	case requests.Waiting:
		return d.p.T("Waiting for others")
	case requests.Unassigned:
		return d.p.T("Nobody's yet")
	case requests.Done:
		return d.p.T("Closed")
	case requests.Sent:
		return d.p.T("Passed on")
	}
	return d.p.T("Open")
}

func (d *desk) rightFilter(v view) ui.Field {
	f := ui.Field{Name: "right", Label: d.p.T("Only requests with"), Value: string(v.right), Optional: true}
	for _, r := range requests.Rights() {
		f.Options = append(f.Options, ui.Option{Value: string(r), Label: d.right(r)})
	}
	return f
}

// listing shows rows as a table that becomes cards on a phone.
func (d *desk) listing(v view, rows []requests.Request) (ui.Listing, error) {
	l := ui.Listing{Caption: d.tabName(v.tab), Empty: d.nothing(v), Print: v.href("/queue", "print", "1"), CSV: v.href("/queue.csv"), Keys: true, TestID: "queue"}
	due := d.p.T("Answer by")
	if v.tab == requests.Done {
		due = d.p.T("Closed on")
	}
	for _, label := range []string{d.p.T("Reference"), d.p.T("Rights"), d.p.T("How it stands"), d.p.T("Came in"), d.who(v.tab), due} {
		l.Columns = append(l.Columns, ui.Column{Label: label})
	}
	var accounts []string
	for _, r := range rows {
		accounts = append(accounts, r.Assignee)
	}
	names, err := d.Identity.Names(d.ctx, d.by, accounts)
	if err != nil {
		return l, err
	}
	for _, r := range rows {
		l.Rows = append(l.Rows, d.row(v.tab, r, names))
	}
	return l, nil
}

// who heads the column that says who has it.
func (d *desk) who(tab requests.Tab) string {
	if tab == requests.Sent {
		return d.p.T("Passed on to")
	}
	return d.p.T("Taken by")
}

func (d *desk) row(tab requests.Tab, r requests.Request, names map[string]string) ui.Row {
	st := d.state(r)
	row := ui.Row{Href: "/requests/" + r.ID, TestID: "row"}
	came := ui.Cell{Text: d.p.ShortDate(r.Received), Note: d.channel(r.Channel)}
	if r.ArrivedAt == requests.Processor && r.Desk != r.Processor {
		came.Note = d.p.T("Through %s", d.org(r.Processor))
	}
	who := ui.Cell{Text: names[r.Assignee]}
	switch {
	case tab == requests.Sent:
		who = ui.Cell{Text: d.org(r.Desk)}
	case r.Assignee == "" && r.Open:
		who = ui.Cell{Text: d.p.T("Nobody yet")}
	case who.Text == "" && r.Assignee != "":
		who = ui.Cell{Text: d.p.T("A former colleague")}
	}
	due, tone := d.dueCell(r)
	row.Tone = tone
	row.Cells = []ui.Cell{{Text: r.Reference}, {Text: d.rights(r.Rights())}, {State: &st}, came, who, due}
	return row
}

// dueCell is the clock of a row, as small as it gets.
func (d *desk) dueCell(r requests.Request) (ui.Cell, ui.Tone) {
	if r.Closed != nil {
		return ui.Cell{Text: d.p.ShortDate(*r.Closed)}, ui.Neutral
	}
	if !r.Owing() {
		return ui.Cell{Text: d.p.T("Answered"), Note: d.p.T("can be closed")}, ui.Neutral
	}
	left := d.left(r.Due, d.zone())
	tone := urgency(left)
	day := d.shortDay(r.Due)
	bar := ui.Bar{Words: day, Note: d.p.Relative(left), Tone: tone}
	if span := r.Ends.Sub(r.Received); span > 0 {
		bar.Spent = int(min(100, max(0, 100*d.Now().Sub(r.Received)/span)))
	}
	if tone == ui.Good {
		tone = ui.Neutral
	}
	return ui.Cell{Body: ui.ClockBar(bar)}, tone
}

func (d *desk) shortDay(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return d.p.ShortDate(t.Add(12 * time.Hour))
}

// nothing says what will appear in a tab, and how.
func (d *desk) nothing(v view) ui.Empty {
	if v.right != "" {
		return ui.Empty{Title: d.p.T("No request in this list is about %s", strings.ToLower(d.right(v.right))), Link: &ui.Link{Label: d.p.T("Show them all"), Href: view{tab: v.tab}.href("/queue")}}
	}
	switch v.tab {
	case requests.Mine:
		return ui.Empty{Title: d.p.T("You have taken no request"), Text: d.p.T("A request appears here when you take it up, or when a colleague gives it to you."),
			Link: &ui.Link{Label: d.p.T("See what is nobody's yet"), Href: "/queue?tab=unassigned"}}
	case requests.DueSoon:
		return ui.Empty{Title: d.p.T("Nothing is due in the coming seven days"), Text: d.p.T("Requests appear here from the seventh day before the answer is due.")}
	case requests.Overdue:
		return ui.Empty{Title: d.p.T("Nothing is late"), Text: d.p.T("A request appears here on the day after the answer was due. We write to you before that happens.")}
	case requests.Waiting:
		return ui.Empty{Title: d.p.T("You are not waiting for anybody"), Text: d.p.T("Requests appear here while a processor looks for data, or while the person answers a question about who they are.")}
	case requests.Unassigned:
		return ui.Empty{Title: d.p.T("Every request is somebody's"), Text: d.p.T("New requests appear here until somebody takes them up.")}
	case requests.Done:
		return ui.Empty{Title: d.p.T("Nothing has been closed yet"), Text: d.p.T("Requests appear here after they were closed, withdrawn, sent elsewhere or joined with another.")}
	case requests.Sent:
		return ui.Empty{Title: d.p.T("Nothing has been passed on yet"), Text: d.p.T("Requests that came in here and that a controller decides appear in this list. You see where they stand, not what is in them.")}
	}
	return ui.Empty{Title: d.p.T("There are no open requests"), Text: d.p.T("A request appears here as soon as somebody sends one through your page, or when you enter one that came by e-mail, letter or telephone."),
		Link: &ui.Link{Label: d.p.T("Enter a request"), Href: "/requests/new"}}
}

// queueCSV is a view for a spreadsheet.
func (d *desk) queueCSV() error {
	v := d.viewOf()
	rows, _, err := d.rows(v, true)
	if err != nil {
		return err
	}
	table := [][]string{{d.p.T("Reference"), d.p.T("Rights"), d.p.T("How it stands"), d.p.T("Came in"), d.p.T("How it came in"), d.p.T("Processor"), d.p.T("Controller"), d.p.T("Answer by"), d.p.T("Days left"), d.p.T("Closed on")}}
	for _, r := range rows {
		left, closed := "", ""
		if r.Owing() {
			left = strconv.Itoa(d.left(r.Due, d.zone()))
		}
		if r.Closed != nil {
			closed = r.Closed.In(d.zone()).Format(time.DateOnly)
		}
		table = append(table, []string{r.Reference, d.rights(r.Rights()), d.state(r).Word, r.Received.In(d.zone()).Format(time.DateOnly),
			d.channel(r.Channel), d.org(r.Processor), d.org(r.Controller), r.Due, left, closed})
	}
	return d.sheet("requests-"+string(v.tab)+".csv", table, "reference", "rights", "state", "received_on", "channel", "processor", "controller", "due", "days_left",
		"closed_on")
}

// sheet sends a table as CSV to be kept.
func (d *desk) sheet(name string, table [][]string, names ...string) error {
	return sendSheet(d.c, name, table, names...)
}

// search finds by reference or exact e-mail address. It is a form that posts,
// so that no address stands in an address bar or a log; it changes nothing.
func (d *desk) search() error {
	text := d.field("text")
	m := pages.Search{Form: "/queue/search", Text: text}
	if text == "" {
		m.Errors = ui.FieldErrors{{Name: "text", Text: d.p.T("Fill in a reference or a whole e-mail address.")}}
		page := d.frame("Search")
		page.Invalid = true
		return d.show(fiber.StatusUnprocessableEntity, pages.SearchPage(page, m))
	}
	found, err := d.Requests.Search(d.ctx, d.by, text)
	if err != nil {
		return err
	}
	if len(found) == 1 && found[0].Reference == requests.NormalReference(text) {
		return d.c.Redirect("/requests/"+found[0].ID, fiber.StatusSeeOther)
	}
	if m.List, err = d.listing(view{tab: requests.AllOpen}, found); err != nil {
		return err
	}
	m.List.Caption, m.List.Print, m.List.CSV = d.p.T("Found"), "", ""
	m.List.Empty = ui.Empty{Title: d.p.T("Nothing was found"), Text: d.p.T("The reference must be complete, and so must the e-mail address. You find the requests of your own organisation only.")}
	m.Found = d.p.T("%d requests found", len(found))
	return d.show(fiber.StatusOK, pages.SearchPage(d.frame("Search"), m))
}
