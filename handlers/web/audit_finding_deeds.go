package web

import (
	"maps"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/costs"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

func findingMoves() map[string]move {
	all := map[string]move{
		"find":     {action: audits.AddFinding, label: "Write down a finding", loose: true, ask: (*bench).askFind, do: (*bench).doFind},
		"rewrite":  {action: audits.ReviseFinding, label: "Change this finding", item: true, ask: (*bench).askRewrite, do: (*bench).doRewrite},
		"strike":   {action: audits.DropFinding, label: "Strike this finding out", item: true, ask: (*bench).askStrike, do: (*bench).doStrike},
		"position": {action: audits.TakePosition, label: "Say what your side holds of this finding", item: true, ask: (*bench).askPosition, do: (*bench).doPosition},
	}
	maps.Copy(all, reportMoves())
	maps.Copy(all, measureMoves())
	return all
}

// named is the standing finding that the form or the address names.
func (b *bench) named(o papers) (audits.Finding, error) {
	for _, f := range o.a.Findings {
		if f.ID == b.item() && f.Dropped == nil {
			return f, nil
		}
	}
	return audits.Finding{}, audits.ErrNotFound
}

func (b *bench) askFind(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Write down a finding"), Hidden: []ui.Button{b.newItem("fnd")}, Asks: b.findingAsks(o, audits.Finding{}, audits.Said{})}
	m.Confirm = ui.Confirmation{Title: b.p.T("The finding gets a number"), Will: []string{b.sees(o), b.p.T("You can add evidence to it afterwards.")}, Confirm: b.button(b.p.T("Write this finding down"))}
	return m, nil
}

// sees says whether the processor sees a finding already.
func (b *bench) sees(o papers) string {
	if o.a.Report == nil {
		return b.p.T("%s sees it only when the report is shared.", b.org(o.a.Processor))
	}
	return b.p.T("%s sees it at once: the report is shared.", b.org(o.a.Processor))
}

// findingAsks is the form of a finding, with what was typed or else what stands.
func (b *bench) findingAsks(o papers, f audits.Finding, said audits.Said) []sheets.Ask {
	stored := ""
	if f.NonCompliance {
		stored = "on"
	}
	shows := ui.Field{Name: "non_compliance", Label: b.p.T("Compliance"), Optional: true, Options: []ui.Option{b.nonCompliance(o)}}
	if b.typed("non_compliance", stored) != "" {
		shows.Values = []string{"on"}
	}
	grades := ui.Field{Name: "grade", Label: b.p.T("How grave is it?"), Value: b.typed("grade", string(f.Grade)), Options: []ui.Option{
		{Value: string(audits.Major), Hint: b.p.T("A serious gap: personal data are in danger, or a duty is not kept at all. It names the root cause.")},
		{Value: string(audits.Minor), Hint: b.p.T("A duty is kept in part, or not always.")},
		{Value: string(audits.Observation), Hint: b.p.T("Nothing is wrong now, but it could become so.")},
		{Value: string(audits.GoodPractice), Hint: b.p.T("Done better than what was agreed.")}}}
	for i, g := range grades.Options {
		grades.Options[i].Label = b.grade(audits.Grade(g.Value)).Word
	}
	return []sheets.Ask{{Kind: "radio", Field: grades},
		{Kind: "text", Field: ui.Field{Name: "clause", Label: b.p.T("Clause it is measured against"), Value: b.typed("clause", f.Clause), Size: "medium", Hint: b.p.T("The number in the agreement, or the article of the law: 6.2, or 32 GDPR.")}},
		{Kind: "text", Field: ui.Field{Name: "title", Label: b.p.T("Title"), Value: b.typed("title", said.Title)}},
		{Kind: "area", Field: ui.Field{Name: "text", Label: b.p.T("What was found"), Value: b.typed("text", said.Text), Rows: 7, Hint: b.p.T("What you saw, where and when. Name no persons when it is not needed.")}},
		{Kind: "area", Field: ui.Field{Name: "root", Label: b.p.T("Root cause"), Optional: true, Value: b.typed("root", said.Reason), Hint: b.p.T("Why it could happen. A major finding needs it before the report is shared.")}},
		{Kind: "checkboxes", Field: shows}}
}

// nonCompliance is the box to tick, with what it does to the costs under this
// agreement.
func (b *bench) nonCompliance(o papers) ui.Option {
	box := ui.Option{Value: "on", Label: b.p.T("It shows that the processor does not keep to the agreement or the law"),
		Hint: b.p.T("Under this agreement that changes nothing about who bears the costs."), Chip: b.termChip(o, agreements.TermCosts)}
	if after, ok := costs.Flip(o.rules.Terms); ok {
		box.Hint = b.p.T("Under this agreement %s then bears the costs of the audit, at once.", b.side(o, after.Bearer))
		box.Chip = b.chip(after.Chip, o.a.Agreement)
	}
	return box
}

// findingText reads the form.
func (b *bench) findingText(id string) audits.FindingText {
	return audits.FindingText{ID: id, Grade: audits.Grade(b.field("grade")), Clause: b.field("clause"), Title: b.field("title"), Text: b.field("text"), Root: b.field("root"),
		NonCompliance: b.field("non_compliance") != ""}
}

func (b *bench) doFind(s *audits.Service, id string) (string, error) {
	_, err := s.Find(b.ctx, b.by, id, b.findingText(b.field("new")))
	return "finding-added", err
}

func (b *bench) askRewrite(o papers) (sheets.Sheet, error) {
	f, err := b.named(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	m := sheets.Sheet{Title: b.p.T("Change finding %d", f.Number), Asks: b.findingAsks(o, f, o.story.Items[f.ID])}
	m.Confirm = ui.Confirmation{Title: b.p.T("The finding is changed"), Will: []string{b.sees(o)}, Confirm: b.button(b.p.T("Change this finding"))}
	if len(f.Positions) > 0 {
		m.Confirm.Will = append(m.Confirm.Will, b.p.T("The positions of both sides on it are dropped: they were about the old text. Both say it anew."))
	}
	return m, nil
}

func (b *bench) doRewrite(s *audits.Service, id string) (string, error) {
	_, err := s.Rewrite(b.ctx, b.by, id, b.findingText(b.item()))
	return "finding-changed", err
}

func (b *bench) askStrike(o papers) (sheets.Sheet, error) {
	f, err := b.named(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	m := sheets.Sheet{Title: b.p.T("Strike finding %d out", f.Number), Typed: b.findingFacts(o, f)}
	m.Confirm = ui.Confirmation{Title: b.p.T("The finding no longer counts"), Grave: true, Will: []string{b.p.T("It stays in the history, with who struck it out and when.")},
		Confirm: ui.Button{Label: b.p.T("Strike this finding out"), Look: ui.Grave, TestID: "do"}}
	if o.a.Report == nil {
		m.Confirm.Will = append(m.Confirm.Will, b.p.T("%s never sees it.", b.org(o.a.Processor)))
	}
	if after, flips := costs.Flip(o.rules.Terms); flips && f.NonCompliance {
		m.Confirm.Will = append(m.Confirm.Will, b.p.T("When no other finding shows non-compliance, the costs are divided as before."))
		m.Confirm.Chip = b.chip(after.Chip, o.a.Agreement)
	}
	return m, nil
}

func (b *bench) doStrike(s *audits.Service, id string) (string, error) {
	_, err := s.Strike(b.ctx, b.by, id, b.item())
	return "finding-struck", err
}

// findingFacts is a finding as the forms about it show it.
func (b *bench) findingFacts(o papers, f audits.Finding) []ui.Fact {
	said := o.story.Items[f.ID]
	grade := b.grade(f.Grade)
	return []ui.Fact{{Name: b.p.T("Finding"), Value: b.findingName(o, f)}, {Name: b.p.T("Grade"), State: &grade},
		{Name: b.p.T("Measured against"), Value: f.Clause, Chip: b.clauseChip(o, f.Clause)}, {Name: b.p.T("What was found"), Value: said.Text}}
}

// askPosition asks what the reader's side holds of one finding, next to what
// the other side said.
func (b *bench) askPosition(o papers) (sheets.Sheet, error) {
	f, err := b.named(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	me, other := b.party(o), audits.Processor
	if me == audits.Processor {
		other = audits.Controller
	}
	m := sheets.Sheet{Title: b.p.T("Your position on finding %d", f.Number), Typed: b.findingFacts(o, f)}
	if x, said := f.Positions[other]; said {
		m.Typed = append(m.Typed, ui.Fact{Name: b.p.T("Position of %s", b.side(o, other)), Value: b.view(x.View).Word, Note: o.story.Items[f.ID].By[other]})
	}
	mine := f.Positions[me]
	m.Asks = []sheets.Ask{
		{Kind: "radio", Field: ui.Field{Name: "view", Label: b.p.T("What does your side hold of it?"), Value: b.typed("view", mine.View), Options: []ui.Option{
			{Value: audits.Agrees, Label: b.view(audits.Agrees).Word},
			{Value: audits.AgreesPartly, Label: b.view(audits.AgreesPartly).Word, Hint: b.p.T("Say below with what not, and why.")},
			{Value: audits.Disputes, Label: b.view(audits.Disputes).Word, Hint: b.p.T("Say below why.")}}}},
		{Kind: "area", Field: ui.Field{Name: "text", Label: b.p.T("In your words"), Optional: true, Value: b.typed("text", o.story.Items[f.ID].By[me])}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("%s sees your position", b.side(o, other)), Chip: b.termChip(o, termFindings),
		Will:    []string{b.p.T("It stands next to the finding, with the position of the other side."), b.p.T("You can change it until the review ends.")},
		Confirm: b.button(b.p.T("Record this position"))}
	return m, nil
}

func (b *bench) doPosition(s *audits.Service, id string) (string, error) {
	_, err := s.Hold(b.ctx, b.by, id, b.item(), b.field("view"), b.field("text"))
	return "position-taken", err
}
