package web

import (
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/identity"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

func (s auditing) mountRecord(app routes) {
	app.Get("/processors/:id/record", s.at((*bench).record))
	app.Get("/processors/:id/record.csv", s.at((*bench).recordCSV))
}

// recorded reads the record of a processor that the reader's organisation has,
// or had, an agreement with. Of any other there is none to see.
func (b *bench) recorded() (audits.Record, error) {
	processor := b.c.Params("id")
	partners, err := b.Agreements.Partners(b.ctx, b.by.Organisation, processor)
	if err != nil {
		return audits.Record{}, err
	}
	if !partners {
		return audits.Record{}, audits.ErrNotFound
	}
	return b.Audits.RecordOf(b.ctx, b.by, processor)
}

// record shows what the portal knows of a processor: what came late or not at
// all, and what earlier audits found.
func (b *bench) record() error {
	r, err := b.recorded()
	if err != nil {
		return err
	}
	id := b.c.Params("id")
	page := b.frame("The record of %s", b.org(id))
	m := pages.Record{Back: ui.Link{Label: b.p.T("Agreements"), Href: "/agreements"}, CSV: "/processors/" + id + "/record.csv",
		Lead: b.p.T("What the portal recorded of %s toward %s since %s. It names facts; whether they mean anything is for people to judge.", b.org(id), b.org(b.by.Organisation), b.p.Date(r.Since))}
	m.Slips, m.Findings = b.slips(r), b.foundBefore(r)
	if m.Causes, err = b.causes(id); err != nil {
		return err
	}
	return b.show(fiber.StatusOK, pages.RecordPage(page, m))
}

// causes are the agreements in force with the processor, each with what it
// makes of an audit for cause.
func (b *bench) causes(processor string) ([]pages.CauseOf, error) {
	all, err := b.Agreements.OfController(b.ctx, b.by.Organisation, b.Now())
	if err != nil {
		return nil, err
	}
	var out []pages.CauseOf
	for _, a := range all {
		if a.Processor != processor {
			continue
		}
		one := pages.CauseOf{Agreement: a.Terms.Title, Text: b.p.T("This agreement knows no audit for cause. It gives a right to audits all the same; the record can help you choose what to look at."), Chip: b.law("28(3)(h) GDPR")}
		if e, ok := audits.OfCause(a.Terms); ok {
			one.Text = b.p.T("What stands here can serve as an indication for an audit for cause. You choose which of it you rely on, and say why.")
			one.Chip = b.chip(e, a.ID)
			if b.by.Is(identity.PrivacyOfficer) {
				one.Book = ui.Link{Label: b.p.T("Book an audit for cause"), Href: "/audits/new/" + a.ID + "?cause=1"}
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// slipWord says what came late or not at all.
func (b *bench) slipWord(s audits.Slip) string {
	switch s.Kind {
	case audits.LateForward:
		return b.p.T("A request was sent on late")
	case audits.LateAssist:
		return b.p.T("Help with a request came late")
	case audits.MissedAssist:
		return b.p.T("Help with a request did not come")
	}
	if s.At.IsZero() {
		return b.p.T("A question of an audit was not answered")
	}
	return b.p.T("A question of an audit was answered late")
}

// slipPath leads to what came late. Somebody who may not open it is told so there.
func slipPath(s audits.Slip) string {
	switch s.Kind {
	case audits.LateForward:
		return "/requests/" + s.Object
	case audits.LateInquiry:
		return "/audits/" + s.Object
	}
	return "/assists/" + s.Object
}

// lastDay is the last day of a term that ended at a moment: terms end with
// their day, at midnight.
func lastDay(end time.Time, zone *time.Location) deadlines.Date {
	return deadlines.DateOf(end.Add(-time.Nanosecond), zone)
}

func (b *bench) slips(r audits.Record) ui.Listing {
	l := ui.Listing{Caption: b.p.T("Late, or not at all"), Title: true, TestID: "slips", Empty: ui.Empty{Title: b.p.T("Nothing came late"),
		Text: b.p.T("Requests that are sent on late, help that comes late or not at all, and late answers in audits appear here.")},
		Columns: []ui.Column{{Label: b.p.T("What happened")}, {Label: b.p.T("Reference")}, {Label: b.p.T("Due")}, {Label: b.p.T("Done")}, {Label: b.p.T("How late")}}}
	for _, s := range newest(r.Slips) {
		done := ui.Cell{Text: b.p.T("Not yet")}
		if !s.At.IsZero() {
			done.Text = b.p.DateTime(s.At)
		}
		l.Rows = append(l.Rows, ui.Row{Href: slipPath(s), Tone: ui.Warn, TestID: "slip", Cells: []ui.Cell{{Text: b.slipWord(s)}, {Text: s.Reference}, {Text: b.day(lastDay(s.Due, b.zone()))}, done, {Text: b.p.T("%d days late", s.Days)}}})
	}
	return l
}

// newest puts what was due last first.
func newest(slips []audits.Slip) []audits.Slip {
	all := slices.Clone(slips)
	slices.SortStableFunc(all, func(x, y audits.Slip) int { return y.Due.Compare(x.Due) })
	return all
}

func (b *bench) foundBefore(r audits.Record) ui.Listing {
	l := ui.Listing{Caption: b.p.T("Found in earlier audits"), Title: true, TestID: "found", Empty: ui.Empty{Title: b.p.T("No earlier audit found anything major or minor"),
		Text: b.p.T("Findings of audits of this processor by your organisation appear here once the report was shared.")},
		Columns: []ui.Column{{Label: b.p.T("Audit")}, {Label: b.p.T("Grade")}, {Label: b.p.T("Clause")}, {Label: b.p.T("Found on")}, {Label: b.p.T("What it shows")}, {Label: b.p.T("Measures")}}}
	for _, f := range r.Findings {
		l.Rows = append(l.Rows, ui.Row{Href: "/audits/" + f.Audit + "#" + f.Finding, TestID: "finding", Cells: []ui.Cell{{Text: f.Reference}, {Text: b.gradeWord(f)}, {Text: f.Clause}, {Text: b.p.Date(f.At)}, {Text: b.showsWord(f)}, {Text: b.measuresWord(f)}}})
	}
	return l
}

func (b *bench) gradeWord(f audits.FoundBefore) string {
	if f.Grade == audits.Major {
		return b.p.T("Major finding")
	}
	return b.p.T("Minor finding")
}

func (b *bench) showsWord(f audits.FoundBefore) string {
	if f.NonCompliance {
		return b.p.T("The agreement or the law was not kept")
	}
	return b.p.T("A point to improve")
}

func (b *bench) measuresWord(f audits.FoundBefore) string {
	if f.Open {
		return b.p.T("A measure is not finished")
	}
	return b.p.T("None open")
}

// recordCSV is the record for a spreadsheet, late things first.
func (b *bench) recordCSV() error {
	r, err := b.recorded()
	if err != nil {
		return err
	}
	p := b.p
	table := [][]string{{p.T("What happened"), p.T("Reference"), p.T("Clause"), p.T("Due"), p.T("Done"), p.T("Days late"), p.T("What it shows"), p.T("Measures")}}
	for _, s := range newest(r.Slips) {
		done := ""
		if !s.At.IsZero() {
			done = s.At.In(b.zone()).Format(time.RFC3339)
		}
		table = append(table, []string{b.slipWord(s), s.Reference, "", lastDay(s.Due, b.zone()).String(), done, strconv.Itoa(s.Days), "", ""})
	}
	for _, f := range r.Findings {
		table = append(table, []string{b.gradeWord(f), f.Reference, f.Clause, "", f.At.In(b.zone()).Format(time.RFC3339), "", b.showsWord(f), b.measuresWord(f)})
	}
	return b.desk.sheet("record.csv", table, "what", "reference", "clause", "due", "done_at", "days_late", "shows", "measures")
}
