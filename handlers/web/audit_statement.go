package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"inzage/services/audits"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

// mountCosts adds the statement of costs.
func (s auditing) mountCosts(app routes) {
	app.Get("/audits/:id/costs", s.at((*bench).statement))
	app.Get("/audits/:id/costs.csv", s.at((*bench).statementCSV))
}

// divided opens the audit with its statement, which only the parties get.
func (b *bench) divided() (papers, audits.Statement, error) {
	o, err := b.open()
	if err != nil {
		return papers{}, audits.Statement{}, err
	}
	s, err := b.Audits.StatementOf(b.ctx, b.by, o.a)
	return o, s, err
}

// statement shows who bears which line and who pays whom, party by party.
func (b *bench) statement() error {
	o, s, err := b.divided()
	if err != nil {
		return err
	}
	page := b.frame("Costs of audit %s", o.a.Reference)
	page.Sensitive = true
	m := pages.Statement{Back: ui.Link{Label: b.p.T("Back to audit %s", o.a.Reference), Href: o.path("#costs")}, Moved: b.costsMoved(o, s)}
	m.Facts = []ui.Fact{{Name: b.p.T("Controller"), Value: b.org(o.a.Controller)}, {Name: b.p.T("Processor"), Value: b.org(o.a.Processor)},
		{Name: b.p.T("Agreement"), Value: o.rules.Terms.Title, Href: "/agreements/" + o.a.Agreement}, {Name: b.p.T("As it stands on"), Value: b.p.DateTime(b.Now())}}
	if o.a.Settled != nil {
		m.Facts = append(m.Facts, ui.Fact{Name: b.p.T("Costs settled"), Value: b.p.DateTime(*o.a.Settled)})
	}
	m.All = b.statementLines(page, o, s)
	if len(s.Lines) > 0 {
		m.Net = b.settlement(s.Statement, b.namer(o))
		for _, share := range s.Shares {
			m.Parties = append(m.Parties, b.partyCosts(page, o, s, share))
		}
	}
	return b.show(fiber.StatusOK, pages.StatementPage(page, m))
}

// partyCosts is the statement for one party: what it bears, what it made
// itself, and what it pays or receives to make that even.
func (b *bench) partyCosts(page ui.Page, o papers, s audits.Statement, share audits.PartyShare) pages.PartyCosts {
	name := b.side(o, share.Party)
	one := pages.PartyCosts{ID: "statement-" + string(share.Party), Title: b.p.T("What %s bears", name)}
	one.Lines = b.borneLines(page, o, s, share.Party)
	one.Totals = []ui.Fact{{Name: b.p.T("Bears in all"), Value: b.p.Money(share.Bears, s.Currency), TestID: "bears"}, {Name: b.p.T("Made itself"), Value: b.p.Money(share.Made, s.Currency), TestID: "made"},
		{Name: b.p.T("What remains"), Value: b.balance(share, s.Currency), TestID: "balance"}}
	return one
}

// statementLines lists all lines, with what both sides hold of them.
func (b *bench) statementLines(page ui.Page, o papers, s audits.Statement) ui.Listing {
	l := ui.Listing{Caption: b.p.T("All lines of the costs"), CSV: o.path("/costs.csv"), TestID: "lines", Columns: []ui.Column{{Label: b.p.T("Line")}, {Label: b.p.T("Made by")}, {Label: b.p.T("Borne by")}, {Label: b.p.T("Clause")},
		{Label: b.p.T("View of %s", b.side(o, audits.Controller))}, {Label: b.p.T("View of %s", b.side(o, audits.Processor))}, {Label: b.p.T("Amount"), Numeric: true}},
		Empty: ui.Empty{Title: b.p.T("No costs were written down"), Text: b.p.T("Lines appear here after one of the parties adds them to the audit.")}}
	for i, a := range s.Lines {
		c, words := o.a.Costs[i], b.billLine(a, s.Currency, o.a.Agreement, b.namer(o))
		row := ui.Row{TestID: "row", Cells: []ui.Cell{{Text: b.lineTitle(o, i), Note: b.costKind(c.Kind)}, {Text: b.side(o, c.MadeBy)}, {Text: words.Bearer, Note: note(words)}, {Body: ui.ClauseChip(page, *words.Chip)}}}
		for _, p := range []audits.Party{audits.Controller, audits.Processor} {
			view, why := b.costView(o, c, p)
			row.Cells = append(row.Cells, ui.Cell{State: &view, Note: why})
		}
		row.Cells = append(row.Cells, ui.Cell{Text: words.Amount})
		l.Rows = append(l.Rows, row)
	}
	return l
}

// borneLines lists the lines that a party bears.
func (b *bench) borneLines(page ui.Page, o papers, s audits.Statement, bearer audits.Party) ui.Listing {
	name := b.side(o, bearer)
	l := ui.Listing{Caption: b.p.T("What %s bears", name), Columns: []ui.Column{{Label: b.p.T("Line")}, {Label: b.p.T("Made by")}, {Label: b.p.T("Clause")}, {Label: b.p.T("Amount"), Numeric: true}},
		Empty: ui.Empty{Title: b.p.T("%s bears none of these lines", name), Text: b.p.T("A line appears here when the agreement leaves it with this party.")}}
	for i, a := range s.Lines {
		if a.Bearer != bearer {
			continue
		}
		words := b.billLine(a, s.Currency, o.a.Agreement, b.namer(o))
		if shown, pending := s.Pending[i]; pending {
			words.Notes = append(words.Notes, b.unknownYet(o, shown))
		}
		l.Rows = append(l.Rows, ui.Row{TestID: "row", Cells: []ui.Cell{{Text: b.lineTitle(o, i), Note: b.costKind(a.Kind)}, {Text: b.side(o, a.MadeBy)},
			{Body: ui.ClauseChip(page, *words.Chip), Note: note(words)}, {Text: words.Amount}}})
	}
	return l
}

// statementCSV is the statement for a spreadsheet. The smallest unit of the
// currency is counted in whole numbers, exact in every spreadsheet; the amount
// beside them is for people.
func (b *bench) statementCSV() error {
	o, s, err := b.divided()
	if err != nil {
		return err
	}
	p := b.p
	table := [][]string{{p.T("Line"), p.T("What for"), p.T("Kind"), p.T("Made by"), p.T("Borne by"), p.T("Clause"), p.T("Remark"), p.T("View of %s", b.side(o, audits.Controller)), p.T("View of %s", b.side(o, audits.Processor)),
		p.T("Amount"), p.T("In the smallest unit"), p.T("Currency")}}
	for i, a := range s.Lines {
		c, words := o.a.Costs[i], b.billLine(a, s.Currency, "", b.namer(o))
		if shown, pending := s.Pending[i]; pending {
			words.Notes = append(words.Notes, b.unknownYet(o, shown))
		}
		row := []string{strconv.Itoa(i + 1), o.story.Items[c.ID].Text, b.costKind(c.Kind), b.side(o, c.MadeBy), words.Bearer, words.Chip.Label, note(words)}
		for _, side := range []audits.Party{audits.Controller, audits.Processor} {
			view, _ := b.costView(o, c, side)
			row = append(row, view.Word)
		}
		table = append(table, append(row, words.Amount, strconv.FormatInt(a.Cents, 10), s.Currency))
	}
	if x := s.Settlement; x != nil {
		table = append(table, []string{"", b.net(o, s), "", "", "", "", "", "", "", p.Money(x.Cents, s.Currency), strconv.FormatInt(x.Cents, 10), s.Currency})
	}
	return b.desk.sheet("costs-"+o.a.Reference+".csv", table, "line", "purpose", "kind", "made_by", "borne_by", "clause", "remark", "controller_view", "processor_view",
		"amount", "minor_units", "currency")
}
