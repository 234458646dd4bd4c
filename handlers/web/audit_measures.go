package web

import (
	"slices"

	"github.com/a-h/templ"

	"inzage/services/audits"
	"inzage/services/deadlines"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

// measuresPart shows what is done about the findings, from the review on.
func (b *bench) measuresPart(page ui.Page, o papers, bad ui.FieldErrors) (templ.Component, error) {
	if o.sight != audits.Content || o.a.Report == nil || o.a.Stage == audits.Reported {
		return nil, nil
	}
	m := pages.Measures{Lead: b.p.T("Each measure is carried out by one side or both, by its day. After that the controller or the auditor checks whether it works."), Chip: b.termChip(o, termFindings),
		Empty: ui.Empty{Title: b.p.T("There are no measures"), Text: b.p.T("What the sides agree to do about the findings appears here, with who does it and by when.")}}
	if !audits.MayLeaveOut(o.rules.Terms) {
		m.Keeps = b.p.T("Under this agreement a measure is not left out: change who carries it out, or its day.")
	}
	m.Add, _ = b.link(o, "add-measure", "")
	for n, x := range o.a.Measures {
		m.List = append(m.List, b.measure(o, n+1, x, bad))
	}
	return pages.MeasuresSection(page, m), nil
}

func (b *bench) measure(o papers, number int, x audits.Measure, bad ui.FieldErrors) pages.Measure {
	m := pages.Measure{ID: x.ID, Title: b.p.T("Measure %d", number), State: b.measureState(o, x), Facts: b.measureFacts(o, x),
		Evidence: b.folded(o, x.ID, b.p.T("Add evidence to measure %d", number), bad)}
	can := map[string]bool{"report-measure": x.Owes(b.party(o)), "check-measure": x.Checkable(), "change-measure": !x.Finished(),
		"drop-measure": !x.Finished() && audits.MayLeaveOut(o.rules.Terms)}
	for _, name := range []string{"report-measure", "check-measure", "change-measure", "drop-measure"} {
		if l, ok := b.link(o, name, x.ID); ok && can[name] {
			m.Links = append(m.Links, l)
		}
	}
	return m
}

// measureFacts is a measure at a glance: what, who, by when, what was done, and
// whether it works.
func (b *bench) measureFacts(o papers, x audits.Measure) []ui.Fact {
	said := o.story.Items[x.ID]
	facts := []ui.Fact{{Name: b.p.T("What has to be done"), Value: said.Text}}
	if i := slices.IndexFunc(o.a.Findings, func(f audits.Finding) bool { return f.ID == x.Finding }); i >= 0 {
		facts = append(facts, ui.Fact{Name: b.p.T("About finding"), Value: b.findingName(o, o.a.Findings[i]), Href: o.path("#" + x.Finding)})
	}
	facts = append(facts, ui.Fact{Name: b.p.T("Who does it"), Value: b.owner(o, x.Owner)})
	due := ui.Fact{Name: b.p.T("By when"), Value: b.day(x.Due), TestID: "due"}
	if !x.Finished() {
		due.Note = b.p.Relative(x.Due.DaysSince(deadlines.DateOf(b.Now(), b.zone())))
	}
	facts = append(facts, due)
	for _, p := range []audits.Party{audits.Controller, audits.Processor} {
		if done, ok := x.Done[p]; ok {
			facts = append(facts, ui.Fact{Name: b.p.T("Done by %s", b.side(o, p)), Value: said.By[p], Note: b.p.DateTime(done.At), TestID: "done"})
		} else if x.Owes(p) && o.a.Stage == audits.Improving {
			facts = append(facts, ui.Fact{Name: b.p.T("Done by %s", b.side(o, p)), Value: b.p.T("Not yet")})
		}
	}
	if x.Checked != nil {
		result := ui.State{Tone: ui.Good, Word: b.p.T("It works")}
		if x.Result != audits.Effective {
			result = ui.State{Tone: ui.Warn, Word: b.p.T("It did not work")}
		}
		facts = append(facts, ui.Fact{Name: b.p.T("Checked"), State: &result, Note: b.p.DateTime(*x.Checked), TestID: "checked"}, ui.Fact{Name: b.p.T("How it was checked"), Value: said.Answer})
	}
	if x.Dropped != nil {
		facts = append(facts, ui.Fact{Name: b.p.T("Left out because"), Value: said.Reason, Note: b.p.DateTime(*x.Dropped)})
	}
	return facts
}

// measureState says how far a measure is.
func (b *bench) measureState(o papers, x audits.Measure) ui.State {
	late := !b.Now().Before(x.Ends)
	switch {
	case x.Dropped != nil:
		return ui.State{Tone: ui.Neutral, Word: b.p.T("Left out"), Code: "dropped"}
	case x.Result == audits.Effective:
		return ui.State{Tone: ui.Good, Word: b.p.T("Done, and it works"), Code: "effective"}
	case x.Checkable():
		return ui.State{Tone: ui.Waiting, Word: b.p.T("Done, to be checked"), Code: "check"}
	case late && o.a.Open:
		return ui.State{Tone: ui.Danger, Word: b.p.T("Overdue"), Code: "overdue"}
	case x.Result == audits.NotEffective:
		return ui.State{Tone: ui.Warn, Word: b.p.T("To be done again"), Code: "again"}
	}
	return ui.State{Tone: ui.Info, Word: b.p.T("To be done"), Code: "todo"}
}

// owner names who carries a measure out.
func (b *bench) owner(o papers, w audits.Owner) string {
	switch w {
	case audits.OwnerController:
		return b.org(o.a.Controller)
	case audits.OwnerProcessor:
		return b.org(o.a.Processor)
	}
	return b.p.List(b.org(o.a.Controller), b.org(o.a.Processor))
}
