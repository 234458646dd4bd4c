package web

import (
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/identity"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

func (s auditing) mountLists(app routes) {
	app.Get("/audits", s.at((*bench).list))
	app.Get("/audits.csv", s.at((*bench).listCSV))
}

// shelf is one way to look at the audits, as it stands in the address.
type shelf struct {
	side  audits.Side // "" for the auditor
	ended bool
	after string
}

// href is the address of a shelf on a page.
func (v shelf) href(path string, more ...string) string {
	q := url.Values{}
	if v.side == audits.AsProcessor {
		q.Set("as", string(v.side))
	}
	if v.ended {
		q.Set("ended", "1")
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// shelves are the sides that apply to the reader's organisation, and the one
// that the address asks for.
func (b *bench) shelves() (shelf, []audits.Side, error) {
	v := shelf{ended: b.c.Query("ended") != "", after: b.c.Query("after")}
	if b.isAuditor() {
		return shelf{after: v.after}, nil, nil
	}
	sides, err := b.sides()
	if err != nil {
		return v, nil, err
	}
	v.side = audits.Side(b.c.Query("as"))
	if !slices.Contains(sides, v.side) {
		v.side = sides[0]
	}
	return v, sides, nil
}

// sides are the roles of the reader's organisation: by the reader's own, by
// its agreements, or by audits that were there under agreements that ended.
func (b *bench) sides() ([]audits.Side, error) {
	var sides []audits.Side
	for _, side := range []audits.Side{audits.AsController, audits.AsProcessor} {
		applies := side == audits.AsProcessor && b.processes() || side == audits.AsController && b.by.Is(identity.PrivacyOfficer)
		for _, open := range []bool{true, false} {
			if applies {
				break
			}
			page, err := b.Audits.List(b.ctx, b.by, side, open, "", 1)
			if err != nil {
				return nil, err
			}
			applies = len(page.Rows) > 0
		}
		if applies {
			sides = append(sides, side)
		}
	}
	if len(sides) == 0 {
		sides = []audits.Side{audits.AsController}
	}
	return sides, nil
}

// list shows the audits of the reader's organisation, what is due first on
// top; an auditor sees the audits that are open to them.
func (b *bench) list() error {
	v, sides, err := b.shelves()
	if err != nil {
		return err
	}
	whole := b.c.Query("print") != ""
	rows, next, err := b.shelved(v, whole)
	if err != nil {
		return err
	}
	m := pages.List{List: b.auditListing(v, rows), Print: whole}
	if whole {
		m.Lead = b.p.T("%s, on %s", m.List.Caption, b.p.DateTime(b.Now()))
		m.List.Print, m.List.CSV, m.List.Keys = "", "", false
		return b.show(fiber.StatusOK, pages.ListPage(b.frame("Audits"), m))
	}
	if m.Tabs, err = b.shelfTabs(v, sides); err != nil {
		return err
	}
	if b.books() {
		m.Book = "/audits/new"
	}
	if next != "" {
		m.Paging.Older = v.href("/audits", "after", next)
	}
	if v.after != "" {
		m.Paging.Newer = v.href("/audits")
	}
	if next != "" || v.after != "" {
		m.Paging.Shown = b.p.T("%d audits on this page", len(rows))
	}
	return b.show(fiber.StatusOK, pages.ListPage(b.frame("Audits"), m))
}

// shelved reads a page of a shelf, or the whole of it for a list to print.
func (b *bench) shelved(v shelf, whole bool) ([]audits.Audit, string, error) {
	limit, most := queueRows, queueRows
	if whole {
		v.after, limit, most = "", 500, queueWhole
	}
	var rows []audits.Audit
	for {
		page, err := b.Audits.ListOfAuditor(b.ctx, b.by, v.after, limit)
		if v.side != "" {
			page, err = b.Audits.List(b.ctx, b.by, v.side, !v.ended, v.after, limit)
		}
		if err != nil {
			return nil, "", err
		}
		rows, v.after = append(rows, page.Rows...), page.Next
		if v.after == "" || len(rows) >= most {
			return rows, v.after, nil
		}
	}
}

// shelfTabs are running and ended, for each side that applies.
func (b *bench) shelfTabs(now shelf, sides []audits.Side) ([]ui.Tab, error) {
	var tabs []ui.Tab
	for _, side := range sides {
		open, err := b.Audits.CountOpen(b.ctx, b.by, side)
		if err != nil {
			return nil, err
		}
		for _, ended := range []bool{false, true} {
			v := shelf{side: side, ended: ended}
			if len(sides) == 1 && side == audits.AsProcessor {
				v.side = "" // the only one, so the address need not name it
			}
			t := ui.Tab{Label: b.shelfName(side, ended, len(sides) > 1), Href: v.href("/audits"), Current: side == now.side && ended == now.ended}
			if !ended {
				t.Count, t.Counted = open, true
				if open >= audits.CountCap {
					t.Words = b.p.T("%d+", audits.CountCap)
				}
			}
			tabs = append(tabs, t)
		}
	}
	return tabs, nil
}

func (b *bench) shelfName(side audits.Side, ended, both bool) string {
	switch {
	case !both && ended:
		return b.p.T("Ended")
	case !both:
		return b.p.T("Running")
	case side == audits.AsProcessor && ended:
		return b.p.T("As processor, ended")
	case side == audits.AsProcessor:
		return b.p.T("As processor, running")
	case ended:
		return b.p.T("As controller, ended")
	}
	return b.p.T("As controller, running")
}

// auditListing shows rows as a table that becomes cards on a phone.
func (b *bench) auditListing(v shelf, rows []audits.Audit) ui.Listing {
	l := ui.Listing{Caption: b.p.T("Running audits"), Empty: b.noAudits(v), Print: v.href("/audits", "print", "1"), CSV: v.href("/audits.csv"), Keys: true, TestID: "audits"}
	if v.ended {
		l.Caption = b.p.T("Ended audits")
	}
	for _, label := range b.heads(v) {
		l.Columns = append(l.Columns, ui.Column{Label: label})
	}
	for _, a := range rows {
		l.Rows = append(l.Rows, b.auditRow(v, a))
	}
	return l
}

func (b *bench) heads(v shelf) []string {
	switch {
	case v.side == "":
		return []string{b.p.T("Reference"), b.p.T("Controller"), b.p.T("Processor"), b.p.T("How it stands"), b.p.T("Next day")}
	case v.ended:
		return []string{b.p.T("Reference"), b.otherHead(v.side), b.p.T("How it ended"), b.p.T("Ended")}
	}
	return []string{b.p.T("Reference"), b.otherHead(v.side), b.p.T("How it stands"), b.p.T("What waits, and for whom"), b.p.T("Next day")}
}

func (b *bench) otherHead(side audits.Side) string {
	if side == audits.AsProcessor {
		return b.p.T("Controller")
	}
	return b.p.T("Processor")
}

func (b *bench) auditRow(v shelf, a audits.Audit) ui.Row {
	row := ui.Row{Href: "/audits/" + a.ID, TestID: "row", Cells: []ui.Cell{{Text: a.Reference}}}
	st := b.stage(a.Stage)
	day, tone := b.nextDay(a)
	if v.side == "" {
		if a.Auditor == nil { // not signed yet: the parties are all there is to see
			st = ui.State{Tone: ui.Warn, Word: b.p.T("To be signed by you")}
		}
		row.Cells = append(row.Cells, ui.Cell{Text: b.org(a.Controller)}, ui.Cell{Text: b.org(a.Processor)}, ui.Cell{State: &st}, day)
		return row
	}
	row.Cells = append(row.Cells, ui.Cell{Text: b.org(b.other(v.side, a))})
	if v.ended {
		how := b.outcomeOf(a)
		row.Cells = append(row.Cells, ui.Cell{State: &how}, day)
		return row
	}
	what, who := b.awaits(a)
	row.Tone = tone
	row.Cells = append(row.Cells, ui.Cell{State: &st}, ui.Cell{Text: what, Note: who}, day)
	return row
}

// other is the party on the other side.
func (b *bench) other(side audits.Side, a audits.Audit) string {
	if side == audits.AsProcessor {
		return a.Controller
	}
	return a.Processor
}

// outcomeOf names how an audit ended.
func (b *bench) outcomeOf(a audits.Audit) ui.State {
	switch a.Outcome {
	case audits.SettledOther:
		return ui.State{Tone: ui.Good, Word: b.p.T("Settled without an audit")}
	case audits.CalledOff:
		return ui.State{Tone: ui.Neutral, Word: b.p.T("Cancelled")}
	case audits.BrokenOff:
		return ui.State{Tone: ui.Warn, Word: b.p.T("Broken off")}
	}
	return b.stage(a.Stage)
}

// nextMark is the next thing that is due, else the day of the audit itself.
func (b *bench) nextMark(a audits.Audit) (audits.Mark, bool) {
	all := audits.MarksOf(b.by, a)
	due := func(m audits.Mark) bool { return m.Kind != "audit" && m.Kind != "session" && m.Kind != "proposal" }
	if i := slices.IndexFunc(all, due); i >= 0 {
		return all[i], true
	}
	if len(all) > 0 && a.Began == nil {
		return all[0], false
	}
	return audits.Mark{}, false
}

// nextDay is the day cell of a row: what is due next, or when it ended.
func (b *bench) nextDay(a audits.Audit) (ui.Cell, ui.Tone) {
	if a.Ended != nil {
		return ui.Cell{Text: b.p.ShortDate(*a.Ended)}, ui.Neutral
	}
	m, due := b.nextMark(a)
	if m.Day.IsZero() {
		return ui.Cell{Text: b.p.T("No day yet")}, ui.Neutral
	}
	cell := ui.Cell{Text: b.p.ShortDate(noonOf(m.Day))}
	left := m.Day.DaysSince(deadlines.DateOf(b.Now(), b.zone()))
	if !due {
		cell.Note = b.markWord(m)
		return cell, ui.Neutral
	}
	cell.Note = b.p.Relative(left)
	tone := urgency(left)
	if tone == ui.Good || !m.Mine {
		tone = ui.Neutral
	}
	return cell, tone
}

// awaits says what an open audit waits for, and for whom.
func (b *bench) awaits(a audits.Audit) (what, who string) {
	controller, processor := b.whose(a.Controller), b.whose(a.Processor)
	if m, due := b.nextMark(a); due {
		switch {
		case m.Mine:
			return b.markWord(m), b.p.T("for you")
		case m.Kind == "undertaking":
			return b.markWord(m), b.p.T("for the auditor")
		case b.by.Organisation == a.Controller:
			return b.markWord(m), processor
		}
		return b.markWord(m), controller
	}
	switch a.Stage {
	case audits.Draft:
		return b.p.T("The notice to be sent"), controller
	case audits.Precondition:
		return b.p.T("The answer to be weighed, or the notice to be sent"), controller
	case audits.Announced:
		i := slices.IndexFunc(a.Proposals, func(p audits.Proposal) bool { return p.State == audits.Standing })
		switch {
		case i < 0:
			return b.p.T("A day to be proposed"), b.p.T("for both sides")
		case a.Proposals[i].From == audits.Controller:
			return b.p.T("The proposed day to be answered"), processor
		}
		return b.p.T("The proposed day to be answered"), controller
	case audits.DateAgreed:
		return b.p.T("The agreed day"), ""
	case audits.UnderWay:
		return b.p.T("The audit and its draft report"), controller
	case audits.Reported:
		return b.p.T("The joint review to be opened"), controller
	case audits.InReview:
		return b.p.T("The joint review to be ended"), controller
	case audits.Improving:
		return b.p.T("The costs to be settled"), b.p.T("for both sides")
	}
	return b.p.T("The audit to be closed"), controller
}

// whose says for which party something waits.
func (b *bench) whose(org string) string {
	if org == b.by.Organisation {
		return b.p.T("for your side")
	}
	return b.p.T("for %s", b.org(org))
}

// noAudits says what will appear, and how.
func (b *bench) noAudits(v shelf) ui.Empty {
	switch {
	case v.side == "":
		return ui.Empty{Title: b.p.T("No audit is open to you"), Text: b.p.T("An audit appears here when a controller invites you to it. It goes away when the audit has ended.")}
	case v.ended:
		return ui.Empty{Title: b.p.T("No audit has ended yet"), Text: b.p.T("Audits appear here after they were closed or cancelled, with their closing report.")}
	case v.side == audits.AsProcessor:
		return ui.Empty{Title: b.p.T("No audit is running"), Text: b.p.T("An audit appears here when a controller asks you for reports or information before it, or announces it to you. You hear about it by e-mail.")}
	}
	e := ui.Empty{Title: b.p.T("No audit is running"), Text: b.p.T("An audit appears here as soon as a privacy officer of your organisation drafts one under an agreement with a processor.")}
	if b.books() {
		e.Link = &ui.Link{Label: b.p.T("Book an audit"), Href: "/audits/new"}
	}
	return e
}

// listCSV is a shelf for a spreadsheet.
func (b *bench) listCSV() error {
	v, _, err := b.shelves()
	if err != nil {
		return err
	}
	rows, _, err := b.shelved(v, true)
	if err != nil {
		return err
	}
	table := [][]string{{b.p.T("Reference"), b.p.T("Controller"), b.p.T("Processor"), b.p.T("How it stands"), b.p.T("How it ended"), b.p.T("What waits"), b.p.T("For whom"), b.p.T("Next day"), b.p.T("Ended")}}
	for _, a := range rows {
		row := []string{a.Reference, b.org(a.Controller), b.org(a.Processor), b.stage(a.Stage).Word, "", "", "", "", ""}
		if a.Ended != nil {
			row[4], row[8] = b.outcomeOf(a).Word, a.Ended.In(b.zone()).Format(time.DateOnly)
		} else {
			if v.side != "" {
				row[5], row[6] = b.awaits(a)
			}
			if m, _ := b.nextMark(a); !m.Day.IsZero() {
				row[7] = m.Day.String()
			}
		}
		table = append(table, row)
	}
	return sendSheet(b.c, "audits.csv", table, "reference", "controller", "processor", "stage", "outcome", "waits", "waits_for", "next_day", "ended_on")
}
