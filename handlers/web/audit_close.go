package web

import (
	"inzage/services/audits"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// settledFacts is the statement at a glance: each line, then who pays whom.
func (b *bench) settledFacts(o papers) ([]ui.Fact, error) {
	s, err := b.Audits.StatementOf(b.ctx, b.by, o.a)
	if err != nil || len(s.Lines) == 0 {
		return []ui.Fact{{Name: b.p.T("Costs"), Value: b.p.T("No costs were written down.")}}, err
	}
	var facts []ui.Fact
	for i := range s.Lines {
		words := b.billLine(s.Lines[i], s.Currency, o.a.Agreement, b.namer(o))
		facts = append(facts, ui.Fact{Name: b.lineTitle(o, i), Value: words.Amount, Note: joined(b.p.T("Borne by: %s", words.Bearer)+".", note(words)), Chip: words.Chip})
	}
	facts = append(facts, b.costTotals(o, s)...)
	return append(facts, ui.Fact{Name: b.p.T("What is paid"), Value: b.settlement(s.Statement, b.namer(o)), TestID: "net"}), nil
}

// askSettleCosts shows the statement as it will stand, or what is in the way.
func (b *bench) askSettleCosts(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Settle the costs of audit %s", o.a.Reference)}
	left, err := b.Audits.Unsettled(b.ctx, b.by, o.a)
	if err != nil {
		return m, err
	}
	if len(left) > 0 {
		m.Moved = &sheets.Moved{Title: b.p.T("The costs cannot be settled yet"), Text: b.p.T("First this has to be done:")}
		for _, l := range left {
			m.Moved.Rules = append(m.Moved.Rules, sheets.Rule{Reasons: b.sentences(l.Reasons), Chip: b.chip(l.Chip, o.a.Agreement)})
		}
		return m, nil
	}
	facts, err := b.settledFacts(o)
	m.Confirm = ui.Confirmation{Title: b.p.T("The costs, as they will stand"), Facts: facts,
		Will: []string{b.p.T("No line can be added, changed or disputed any more."), b.p.T("%s hears that the costs are settled. The portal moves no money: you pay each other as you are used to.", b.side(o, b.party(o).Other())),
			b.p.T("After that %s can close the audit.", b.org(o.a.Controller))},
		Confirm: b.button(b.p.T("Settle the costs")), Grave: true}
	return m, err
}

func (b *bench) doSettleCosts(s *audits.Service, id string) (string, error) {
	_, err := s.SettleCosts(b.ctx, b.by, id)
	return "costs-settled", err
}

// askCloseAudit says what closing does: to the auditor, to the next audit, and
// what is handed out.
func (b *bench) askCloseAudit(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Close audit %s", o.a.Reference)}
	facts, err := b.settledFacts(o)
	if err != nil {
		return m, err
	}
	next, err := b.Audits.NextLawful(b.ctx, b.by, o.a)
	if err != nil {
		return m, err
	}
	after := ui.Fact{Name: b.p.T("Next audit possible from"), Value: b.p.T("Any day: this agreement sets no limit"), Chip: b.ruleChip(o, "frequency"), TestID: "next-audit"}
	if !next.IsZero() {
		after.Value, after.Note = b.day(next), b.p.T("An audit for cause is possible before.")
	}
	will := []string{b.p.T("Nothing in the audit can be changed any more. The findings, measures and costs stand as they are.")}
	if o.a.Access != "" {
		will = append(will, b.p.T("The access of the auditor ends at once."))
	}
	will = append(will, b.p.T("The closing report is ready for both sides, to read, print and keep."), b.p.T("%s hears that the audit is closed.", b.org(o.a.Processor)))
	m.Confirm = ui.Confirmation{Title: b.p.T("What stands when the audit is closed"), Facts: append(facts, after), Will: will, Confirm: b.button(b.p.T("Close the audit")), Grave: true}
	return m, nil
}

func (b *bench) doCloseAudit(s *audits.Service, id string) (string, error) {
	_, err := s.Finish(b.ctx, b.by, id)
	return "audit-closed", err
}
