package web

import (
	"strings"

	"inzage/services/agreements"
	"inzage/services/costs"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// billLine is one line of costs in words: how much, who bears it, by which
// clause. Costs of an audit and of help with a request read the same.
func (d *desk) billLine(l costs.Allocation, currency, agreement string, name func(agreements.Party) string) pages.BillLine {
	row := pages.BillLine{Amount: d.p.Money(l.Cents, currency), Bearer: name(l.Bearer), Chip: d.chip(l.Chip, agreement)}
	if l.Default {
		row.Notes = append(row.Notes, d.ourDefault())
	}
	if l.Reasonable {
		row.Notes = append(row.Notes, d.p.T("Reasonable costs only: both sides can dispute that."))
	}
	return row
}

// ourDefault marks a line on which the agreement is silent.
func (d *desk) ourDefault() string {
	return d.p.T("Our default: the agreement does not say who bears this.")
}

// note joins the notes of a line.
func note(l pages.BillLine) string { return joined(l.Notes...) }

// joined puts sentences after each other; empty ones are left out.
func joined(parts ...string) string {
	var words []string
	for _, p := range parts {
		if p != "" {
			words = append(words, p)
		}
	}
	return strings.Join(words, " ")
}

// borne is who bears a line, as a fact.
func (d *desk) borne(l pages.BillLine) ui.Fact {
	return ui.Fact{Name: d.p.T("Borne by"), Value: l.Bearer, Note: note(l), Chip: l.Chip, TestID: "bearer"}
}

// costKind names a kind of cost.
func (d *desk) costKind(kind string) string {
	switch kind {
	case agreements.AuditorFee:
		return d.p.T("Fee of the auditor")
	case agreements.ProcessorTime:
		return d.p.T("Working time of the processor")
	case agreements.ControllerTime:
		return d.p.T("Working time of the controller")
	case agreements.Travel:
		return d.p.T("Travel")
	case agreements.DutyToDemonstrate:
		return d.p.T("What the processor must do anyway to show that it complies")
	case agreements.SecurityChange:
		return d.p.T("A change in security that follows from the audit")
	case agreements.AssistCost:
		return d.p.T("Help with a request")
	}
	return d.p.T("Other costs")
}

// settlement is the one payment that settles a statement, in words.
func (d *desk) settlement(s costs.Statement, name func(agreements.Party) string) string {
	if s.Settlement == nil {
		return d.payment("", "", 0, s.Currency)
	}
	return d.payment(name(s.Settlement.From), name(s.Settlement.To), s.Settlement.Cents, s.Currency)
}

// payment says who pays whom; of no cents, that nobody does.
func (d *desk) payment(from, to string, cents int64, currency string) string {
	if cents == 0 {
		return d.p.T("Nobody has to pay the other anything.")
	}
	return d.p.T("%s pays %s %s.", from, to, d.p.Money(cents, currency))
}
