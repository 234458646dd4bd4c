package web

import (
	"slices"

	"github.com/a-h/templ"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/costs"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

// costsPart shows the costs to the two parties: who bears which line, by which
// clause, and what each side holds of it. The auditor has no part in it.
func (b *bench) costsPart(page ui.Page, o papers, bad ui.FieldErrors) (templ.Component, error) {
	if o.sight != audits.Content || b.isAuditor() || len(o.a.Costs) == 0 && o.a.Stage == audits.Cancelled {
		return nil, nil
	}
	m := pages.Costs{Note: b.costsNote(o), Statement: o.path("/costs")}
	if len(o.a.Costs) > 0 {
		s, err := b.Audits.StatementOf(b.ctx, b.by, o.a)
		if err != nil {
			return nil, err
		}
		m.Moved, m.Totals, m.Net = b.costsMoved(o, s), b.costTotals(o, s), b.net(o, s)
		for i := range s.Lines {
			m.Lines = append(m.Lines, b.costLine(o, s, i, bad))
		}
	}
	if audits.May(b.by, o.a, audits.AddCost) == nil {
		all, err := b.Audits.BearingsOf(b.ctx, b.by, o.a)
		if err != nil {
			return nil, err
		}
		for _, k := range all {
			m.Kinds = append(m.Kinds, b.bearing(o, k))
		}
	}
	return pages.CostsPart(page, m), nil
}

// namer names a party by its organisation.
func (b *bench) namer(o papers) func(agreements.Party) string {
	return func(p agreements.Party) string { return b.side(o, p) }
}

// costsNote says what will stand here, or that nothing can change any more.
func (b *bench) costsNote(o papers) string {
	switch {
	case o.a.Stage == audits.Closed && b.party(o) == audits.Controller:
		return b.p.T("The audit is closed, so nothing can be added or changed here. Costs of anything new belong to another audit: book one.")
	case o.a.Stage == audits.Closed:
		return b.p.T("The audit is closed, so nothing can be added or changed here. Costs of anything new belong to another audit.")
	case o.a.Stage == audits.Settled:
		return b.p.T("Both sides accepted every line, and the costs are settled.")
	case len(o.a.Costs) > 0:
		return ""
	case audits.May(b.by, o.a, audits.AddCost) == nil:
		return b.p.T("No costs were written down yet. Each line stands here with who bears it and by which clause; both sides then accept or dispute it.")
	case slices.Contains(audits.Stages()[:3], o.a.Stage):
		return b.p.T("Costs can be written down once the day is agreed. Each line then stands here with who bears it and by which clause.")
	}
	return b.p.T("No costs were written down.")
}

// costLine is one line with its bearer, the views of both sides and its evidence.
func (b *bench) costLine(o papers, s audits.Statement, i int, bad ui.FieldErrors) pages.CostLine {
	c := o.a.Costs[i]
	words := b.billLine(s.Lines[i], s.Currency, o.a.Agreement, b.namer(o))
	if shown, pending := s.Pending[i]; pending {
		words.Notes = append(words.Notes, b.unknownYet(o, shown))
	}
	l := pages.CostLine{ID: c.ID, Title: b.lineTitle(o, i), Amount: words.Amount}
	l.Facts = []ui.Fact{{Name: b.p.T("Kind"), Value: b.costKind(c.Kind)}, {Name: b.p.T("Made by"), Value: b.side(o, c.MadeBy), Note: b.p.Date(c.At)}, b.borne(words)}
	for _, p := range []audits.Party{audits.Controller, audits.Processor} {
		view, why := b.costView(o, c, p)
		l.Facts = append(l.Facts, ui.Fact{Name: b.p.T("View of %s", b.side(o, p)), State: &view, Note: why, TestID: "view-" + string(p)})
	}
	mine := c.MadeBy == b.party(o)
	l.Evidence = b.attached(o, c.ID, b.p.T("Evidence: a bill, a time sheet"), mine, bad)
	l.Evidence.Upload, l.More = nil, l.Evidence.Upload
	names := []string{"change-cost", "remove-cost", "accept-cost", "dispute-cost"}
	for _, name := range names {
		own := name == "change-cost" || name == "remove-cost"
		if own && !mine || name == "accept-cost" && c.Views[b.party(o)].Accepts {
			continue
		}
		if link, ok := b.link(o, name, c.ID); ok {
			l.Links = append(l.Links, link)
		}
	}
	return l
}

// unknownYet says of a line that nobody can tell yet who bears it.
func (b *bench) unknownYet(o papers, shown costs.Allocation) string {
	return b.p.T("Not decided yet: if a finding shows that the agreement or the law was not kept, %s bears it (%s).",
		b.side(o, shown.Bearer), shown.Chip.Label.In(b.p.Tag()))
}

// net is the one payment, or that it depends on what the audit still has to show.
func (b *bench) net(o papers, s audits.Statement) string {
	if len(s.Pending) > 0 {
		return joined(b.p.T("Not decided yet: it depends on what the audit shows. As it stands:"), b.settlement(s.Statement, b.namer(o)))
	}
	return b.settlement(s.Statement, b.namer(o))
}

// lineTitle is the number of a line and what it is for.
func (b *bench) lineTitle(o papers, i int) string {
	return b.p.T("Line %d: %s", i+1, o.story.Items[o.a.Costs[i].ID].Text)
}

// costView is what a side holds of a line, with its reason.
func (b *bench) costView(o papers, c audits.Cost, p audits.Party) (ui.State, string) {
	view, said := c.Views[p]
	switch {
	case view.Accepts:
		return ui.State{Tone: ui.Good, Word: b.p.T("Accepted"), Code: "accepted"}, b.p.Date(view.At)
	case said:
		return ui.State{Tone: ui.Danger, Word: b.p.T("Disputed"), Code: "disputed"}, o.story.Items[c.ID].By[p]
	}
	return ui.State{Tone: ui.Waiting, Word: b.p.T("Not looked at yet"), Code: "open"}, ""
}

// costTotals are what each party made, bears, and pays or receives.
func (b *bench) costTotals(o papers, s audits.Statement) []ui.Fact {
	var all []ui.Fact
	for _, share := range s.Shares {
		all = append(all, ui.Fact{Name: b.side(o, share.Party), Value: b.p.T("made %s, bears %s", b.p.Money(share.Made, s.Currency), b.p.Money(share.Bears, s.Currency)),
			Note: b.balance(share, s.Currency), TestID: "total-" + string(share.Party)})
	}
	return all
}

// balance is what a party pays or receives.
func (b *bench) balance(share audits.PartyShare, currency string) string {
	switch {
	case share.Pays > 0:
		return b.p.T("Pays %s", b.p.Money(share.Pays, currency))
	case share.Receives > 0:
		return b.p.T("Receives %s", b.p.Money(share.Receives, currency))
	}
	return b.p.T("Pays and receives nothing")
}

// costsMoved says which findings took which lines to another bearer, and how
// the lines would stand without. A draft finding is not named to the processor:
// it sees it with the report.
func (b *bench) costsMoved(o papers, s audits.Statement) *pages.CostsMoved {
	if len(s.Moves) == 0 {
		return nil
	}
	m := &pages.CostsMoved{Title: b.p.T("A finding moved costs to another party"), Text: b.p.T("The audit shows that the agreement or the law was not kept. Under this agreement that decides who bears these lines.")}
	for _, f := range o.a.Findings {
		if f.NonCompliance && f.Dropped == nil {
			m.Findings = append(m.Findings, ui.Link{Label: b.p.T("Finding %d: %s", f.Number, o.story.Items[f.ID].Title), Href: o.path("#" + f.ID)})
		}
	}
	if len(m.Findings) == 0 {
		m.Text += " " + b.p.T("You can read the finding once the draft report is shared with you.")
	}
	known := map[string]bool{}
	for _, move := range s.Moves {
		now, before := s.Lines[move.Line], b.billLine(move.Without, s.Currency, o.a.Agreement, b.namer(o))
		m.Lines = append(m.Lines, b.moveWords(o, move, now, before.Bearer))
		if chip := b.chip(now.Chip, o.a.Agreement); !known[chip.Label] {
			known[chip.Label] = true
			m.Chips = append(m.Chips, *chip)
		}
	}
	return m
}

func (b *bench) moveWords(o papers, move audits.Move, now costs.Allocation, before string) string {
	if move.Without.Default {
		return b.p.T("%s: %s bears it now. Without the finding it would be %s, by our default, because the agreement is silent.", b.lineTitle(o, move.Line), b.side(o, now.Bearer), before)
	}
	return b.p.T("%s: %s bears it now. Without the finding it would be %s (%s).", b.lineTitle(o, move.Line), b.side(o, now.Bearer), before, move.Without.Chip.Label.In(b.p.Tag()))
}

// bearing says who bears one kind of cost, before anything is typed.
func (b *bench) bearing(o papers, k audits.Bearing) ui.Fact {
	now := b.billLine(k.Now, "", o.a.Agreement, b.namer(o))
	f := ui.Fact{Name: b.costKind(k.Now.Kind), Value: b.p.T("Borne by: %s", now.Bearer), Note: note(now), Chip: now.Chip, TestID: "kind-" + k.Now.Kind}
	if more := b.ifOtherwise(o, k); more != "" {
		f.Note = joined(f.Note, more)
	}
	return f
}

// ifOtherwise says what a finding would change, or has changed; "" for nothing.
func (b *bench) ifOtherwise(o papers, k audits.Bearing) string {
	switch {
	case k.Now.Bearer == k.Otherwise.Bearer:
		return ""
	case o.a.NonCompliance:
		return b.p.T("A finding moved this here. Without it: %s.", b.side(o, k.Otherwise.Bearer))
	}
	return b.p.T("If a finding shows that the agreement or the law was not kept: %s (%s).", b.side(o, k.Otherwise.Bearer), k.Otherwise.Chip.Label.In(b.p.Tag()))
}
