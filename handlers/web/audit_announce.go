package web

import (
	"slices"
	"strings"

	"inzage/services/agreements"
	"inzage/services/audits"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// askAnnounce shows exactly what will be sent, to whom, and from which day the
// audit can then be. While something is in the way it says what, by which clause.
func (b *bench) askAnnounce(o papers) (sheets.Sheet, error) {
	name := b.org(o.a.Processor)
	m := sheets.Sheet{Title: b.p.T("Send the notice to %s", name)}
	if m.Typed = b.beforeNotice(o); len(m.Typed) > 0 {
		m.Note = b.p.T("The notice cannot be sent yet. First do what stands above.")
		return m, nil
	}
	a := o.a
	facts := []ui.Fact{{Name: b.p.T("To"), Value: name}, {Name: b.p.T("What it is about"), Value: o.story.Subject}, {Name: b.p.T("Where"), Value: b.mode(a.Mode)}}
	why := b.p.T("A regular audit")
	if a.Cause.ForCause {
		why = b.p.T("For cause")
	}
	facts = append(facts, ui.Fact{Name: b.p.T("Why"), Value: why, Note: o.story.Why})
	facts = append(facts, b.indications(o)...)
	if !a.Wanted.IsZero() {
		facts = append(facts, ui.Fact{Name: b.p.T("Proposed day"), Value: b.day(a.Wanted), Note: o.story.DayOff})
	}
	for _, part := range b.notice(o) {
		if part.State == nil { // what is not filled in is not sent
			facts = append(facts, part)
		}
	}
	facts = append(facts, ui.Fact{Name: b.p.T("The auditor"), Value: b.auditorName(o)}, b.earliestFact(o.rules, a))
	will := []string{b.p.T("%s sees the audit from now on, with everything that stands here, and hears of it by e-mail.", name),
		b.p.T("The days of the agreement are counted from the notice. The draft can no longer be changed.")}
	if a.Wanted.IsZero() {
		will = append(will, b.p.T("Then you or the processor propose a day."))
	} else {
		will = append(will, b.p.T("The day you want is your first proposal. The processor accepts it or proposes another."))
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("This is sent"), Facts: facts, Will: will, Grave: true, Chip: b.ruleChip(o, "notice"),
		Confirm: ui.Button{Label: b.p.T("Send the notice"), TestID: "do"}}
	return m, nil
}

// beforeNotice is what stands in the way of the notice. Only the undertaking
// may come later: the auditor signs it before the audit begins.
func (b *bench) beforeNotice(o papers) []ui.Fact {
	var facts []ui.Fact
	if o.a.Auditor == nil {
		facts = append(facts, ui.Fact{Name: b.p.T("The auditor"), Value: b.p.T("Say who does the audit."), Chip: b.ruleChip(o, "auditor"), TestID: "in-the-way"})
	}
	for _, l := range o.rules.Lines {
		if l.Verdict == audits.OK || l.Rule == "confidentiality" || l.Rule == "auditor" && o.a.Auditor == nil {
			continue
		}
		facts = append(facts, ui.Fact{Name: l.Chip.Name.In(b.p.Tag()), Value: strings.Join(b.sentences(l.Reasons), " "), Chip: b.chip(l.Chip, o.a.Agreement), TestID: "in-the-way"})
	}
	return facts
}

// noticeReady tells whether nothing stands in the way of the notice.
func (b *bench) noticeReady(o papers) bool { return len(b.beforeNotice(o)) == 0 }

// auditorName is who does the audit, as the notice will show it.
func (b *bench) auditorName(o papers) string {
	parts := []string{o.story.Auditor.Name, o.story.Auditor.Firm}
	if o.a.Auditor != nil && o.a.Auditor.Own {
		parts = append(parts, b.p.T("of your own organisation"))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func (b *bench) doAnnounce(s *audits.Service, id string) (string, error) {
	_, err := s.SendNotice(b.ctx, b.by, id)
	return "audit-announced", err
}

// askCallOff cancels the audit, at any point, with a reason.
func (b *bench) askCallOff(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Cancel audit %s", o.a.Reference)}
	name := b.org(o.a.Processor)
	who, lock := b.p.T("Nobody: the processor does not know of it yet"), b.p.T("The draft stays in your list of ended audits.")
	if o.a.Listed != "" {
		who, lock = name, b.p.T("The reason stands on the page of the audit for both sides.")
	}
	will := []string{lock, b.p.T("Whoever was invited as the auditor has no access any more."), b.p.T("An agreed day becomes free again.")}
	if o.a.Began != nil {
		will[2] = b.p.T("The audit has begun, so it counts as an audit that took place: the day stays taken.")
	}
	m.Asks = []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "reason", Label: b.p.T("Why is the audit cancelled?"), Value: b.field("reason")}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("The audit ends here"), Grave: true, Facts: []ui.Fact{{Name: b.p.T("Who hears this"), Value: who}}, Will: will,
		Chip: b.chip(agreements.Explain(o.rules.Terms, agreements.TermFrequency, ""), o.a.Agreement), Confirm: ui.Button{Label: b.p.T("Cancel this audit"), Look: ui.Grave, TestID: "do"}}
	return m, nil
}

func (b *bench) doCallOff(s *audits.Service, id string) (string, error) {
	_, err := s.CallOff(b.ctx, b.by, id, b.field("reason"))
	return "audit-cancelled", err
}
