package web

import (
	"strings"

	"inzage/services/audits"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// measureMoves are what can be done to measures.
func measureMoves() map[string]move {
	return map[string]move{
		"add-measure":    {action: audits.AddMeasure, label: "Add a measure", loose: true, ask: (*bench).askAddMeasure, do: (*bench).doAddMeasure},
		"change-measure": {action: audits.ReviseMeasure, label: "Change this measure", item: true, ask: (*bench).askChangeMeasure, do: (*bench).doChangeMeasure},
		"report-measure": {action: audits.ReportMeasure, label: "Say that it is done", item: true, ask: (*bench).askReportMeasure, do: (*bench).doReportMeasure},
		"check-measure":  {action: audits.CheckMeasure, label: "Check whether it works", item: true, ask: (*bench).askCheckMeasure, do: (*bench).doCheckMeasure},
		"drop-measure":   {action: audits.DropMeasure, label: "Leave this measure out", item: true, ask: (*bench).askDropMeasure, do: (*bench).doDropMeasure},
	}
}

// measured is the measure that the form or the address names, with its place
// in the list.
func (b *bench) measured(o papers) (audits.Measure, int, error) {
	for n, x := range o.a.Measures {
		if x.ID == b.item() {
			return x, n + 1, nil
		}
	}
	return audits.Measure{}, 0, audits.ErrNotFound
}

func (b *bench) askAddMeasure(o papers) (sheets.Sheet, error) {
	about := ""
	if item := b.item(); strings.HasPrefix(item, "fnd_") {
		about = item
	}
	m := sheets.Sheet{Title: b.p.T("Add a measure"), Hidden: []ui.Button{b.newItem("msr")}, Asks: b.measureAsks(o, audits.Measure{Finding: about}, "")}
	m.Confirm = ui.Confirmation{Title: b.p.T("The measure is agreed"), Chip: b.termChip(o, termFindings),
		Will:    []string{b.p.T("Both sides see it, and who carries it out is reminded of its day."), b.p.T("It is carried out once the joint review has ended, and then checked.")},
		Confirm: b.button(b.p.T("Add this measure"))}
	return m, nil
}

// measureAsks is the form of a measure, with what was typed or else what stands.
func (b *bench) measureAsks(o papers, x audits.Measure, text string) []sheets.Ask {
	about := ui.Field{Name: "finding", Label: b.p.T("About finding"), Optional: true, Value: b.typed("finding", x.Finding), Hint: b.p.T("Leave this open when it is about more than one finding.")}
	for _, f := range o.a.Findings {
		if f.Dropped == nil {
			about.Options = append(about.Options, ui.Option{Value: f.ID, Label: b.findingName(o, f)})
		}
	}
	who := ui.Field{Name: "owner", Label: b.p.T("Who does it"), Value: b.typed("owner", string(x.Owner))}
	for _, w := range []audits.Owner{audits.OwnerProcessor, audits.OwnerController, audits.OwnerBoth} {
		who.Options = append(who.Options, ui.Option{Value: string(w), Label: b.owner(o, w)})
	}
	who.Options[2].Hint = b.p.T("Both then say that their part is done.")
	asks := []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "text", Label: b.p.T("What has to be done"), Value: b.typed("text", text)}}, {Kind: "radio", Field: who},
		{Kind: "date", Field: ui.Field{Name: "due", Label: b.p.T("By when"), Value: b.typed("due", x.Due.String()), Min: o.rules.Today.String(), Max: o.rules.Today.AddMonths(36).String()}}}
	if len(about.Options) > 0 {
		asks = append([]sheets.Ask{{Kind: "select", Field: about}}, asks...)
	}
	return asks
}

func (b *bench) measureText(id string) (audits.MeasureText, error) {
	due, err := b.dayField("due")
	return audits.MeasureText{ID: id, Finding: b.field("finding"), Owner: audits.Owner(b.field("owner")), Text: b.field("text"), Due: due}, err
}

func (b *bench) doAddMeasure(s *audits.Service, id string) (string, error) {
	in, err := b.measureText(b.field("new"))
	if err == nil {
		_, err = s.AgreeMeasure(b.ctx, b.by, id, in)
	}
	return "measure-agreed", err
}

func (b *bench) askChangeMeasure(o papers) (sheets.Sheet, error) {
	x, n, err := b.measured(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	m := sheets.Sheet{Title: b.p.T("Change measure %d", n)}
	if x.Finished() {
		m.Note = b.p.T("This measure is finished. Add another one if more has to be done.")
		return m, nil
	}
	m.Asks = b.measureAsks(o, x, o.story.Items[x.ID].Text)
	m.Confirm = ui.Confirmation{Title: b.p.T("The measure is changed"), Will: []string{b.p.T("Both sides see the change.")}, Confirm: b.button(b.p.T("Change this measure"))}
	return m, nil
}

func (b *bench) doChangeMeasure(s *audits.Service, id string) (string, error) {
	in, err := b.measureText(b.item())
	if err == nil {
		_, err = s.ChangeMeasure(b.ctx, b.by, id, in)
	}
	return "measure-changed", err
}

func (b *bench) askReportMeasure(o papers) (sheets.Sheet, error) {
	x, n, err := b.measured(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	m := sheets.Sheet{Title: b.p.T("Measure %d is done", n), Typed: b.measureFacts(o, x)}
	if !x.Owes(b.party(o)) {
		m.Note = b.p.T("Your side has nothing to do for this measure now.")
		return m, nil
	}
	m.Asks = []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "text", Label: b.p.T("What was done"), Value: b.field("text"), Hint: b.p.T("Evidence is added as files, on the page of the audit.")}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("Your side has done its part"), Will: []string{b.p.T("It is checked whether the measure works."), b.p.T("What you write here is kept, with the time.")},
		Confirm: b.button(b.p.T("Say that it is done"))}
	if x.Owner == audits.OwnerBoth && !b.otherDone(o, x) {
		m.Confirm.Will[0] = b.p.T("The measure then still waits for the part of the other side.")
	}
	return m, nil
}

// otherDone tells whether the other side owes nothing for the measure any more.
func (b *bench) otherDone(o papers, x audits.Measure) bool {
	if b.party(o) == audits.Processor {
		return !x.Owes(audits.Controller)
	}
	return !x.Owes(audits.Processor)
}

func (b *bench) doReportMeasure(s *audits.Service, id string) (string, error) {
	_, err := s.CarryOut(b.ctx, b.by, id, b.item(), b.field("text"))
	return "measure-done", err
}

func (b *bench) askCheckMeasure(o papers) (sheets.Sheet, error) {
	x, n, err := b.measured(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	m := sheets.Sheet{Title: b.p.T("Check measure %d", n), Typed: b.measureFacts(o, x)}
	if !x.Checkable() {
		m.Note = b.p.T("This measure is not done yet. Wait until its owner says so.")
		return m, nil
	}
	m.Asks = []sheets.Ask{
		{Kind: "radio", Field: ui.Field{Name: "result", Label: b.p.T("Does it work?"), Value: b.field("result"), Options: []ui.Option{
			{Value: audits.Effective, Label: b.p.T("It works"), Hint: b.p.T("The measure is finished.")},
			{Value: audits.NotEffective, Label: b.p.T("It did not work"), Hint: b.p.T("It is owed again, by a new day.")}}}},
		{Kind: "area", Field: ui.Field{Name: "text", Label: b.p.T("How it was checked"), Value: b.field("text"), Hint: b.p.T("What you looked at, and what you saw.")}},
		{Kind: "date", Field: ui.Field{Name: "due", Label: b.p.T("New day"), Optional: true, Value: b.field("due"), Min: o.rules.Today.String(), Hint: b.p.T("Only when it did not work.")}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("The check is recorded"), Chip: b.termChip(o, termFindings), Facts: []ui.Fact{{Name: b.p.T("Who does it"), Value: b.owner(o, x.Owner)}},
		Will: []string{b.p.T("Both sides see the result."), b.p.T("When every measure is finished, the costs can be settled.")}, Confirm: b.button(b.p.T("Record this check"))}
	return m, nil
}

func (b *bench) doCheckMeasure(s *audits.Service, id string) (string, error) {
	due, err := b.dayField("due")
	if err == nil {
		_, err = s.Recheck(b.ctx, b.by, id, b.item(), b.field("result"), b.field("text"), due)
	}
	return "measure-checked", err
}

// askDropMeasure is for agreements that let a measure be left out; under the
// others the service refuses, with the clause.
func (b *bench) askDropMeasure(o papers) (sheets.Sheet, error) {
	x, n, err := b.measured(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	m := sheets.Sheet{Title: b.p.T("Leave measure %d out", n), Typed: b.measureFacts(o, x)}
	if x.Finished() {
		m.Note = b.p.T("This measure is finished. Add another one if more has to be done.")
		return m, nil
	}
	m.Asks = []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "reason", Label: b.p.T("Why is it left out?"), Value: b.field("reason"), Hint: b.p.T("Both sides read this.")}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("The measure is not carried out"), Grave: true, Chip: b.termChip(o, termFindings), Will: []string{b.p.T("It stays in the list, with your reason.")},
		Confirm: ui.Button{Label: b.p.T("Leave this measure out"), Look: ui.Grave, TestID: "do"}}
	return m, nil
}

func (b *bench) doDropMeasure(s *audits.Service, id string) (string, error) {
	_, err := s.LeaveOut(b.ctx, b.by, id, b.item(), b.field("reason"))
	return "measure-dropped", err
}
