package web

import (
	"inzage/services/audits"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// inquiryFacts are the facts of an inquiry above the form of a move on it.
func (b *bench) inquiryFacts(o papers, q audits.Inquiry) []ui.Fact {
	facts := []ui.Fact{{Name: b.inquiryKind(q.Kind), Value: o.story.Items[q.ID].Text}, {Name: b.p.T("Answer due by"), Value: b.ending(q.Due, q.Ends, o.rules.Terms.TimeZone()), Chip: b.dutyChip(o, q.Duty)}}
	for _, f := range b.files(o, q.ID) {
		facts = append(facts, ui.Fact{Name: b.p.T("File"), Value: f.Name, Href: f.Href, Note: f.Size})
	}
	return facts
}

// askSupply is the processor's answer; the files were added before.
func (b *bench) askSupply(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Answer what is asked")}
	q, err := b.inquiryNamed(o)
	if err != nil {
		return m, err
	}
	m.Typed = b.inquiryFacts(o, q)
	if q.Answered != nil || q.Withdrawn != nil {
		m.Note = b.p.T("This was answered or withdrawn already.")
		return m, nil
	}
	files := len(b.files(o, q.ID))
	to := b.org(o.a.Controller)
	m.Asks = []sheets.Ask{
		{Kind: "area", Field: ui.Field{Name: "text", Label: b.p.T("Your answer"), Optional: files > 0, Value: b.field("text"), Hint: b.p.T("Files are added on the page of the audit, before you send this.")}},
		{Kind: "checkbox", Field: ui.Field{Name: "none", Label: b.p.T("There is nothing to give"), Optional: true, Value: b.field("none"), Hint: b.p.T("Say above why.")}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("Your answer goes to %s", to), Grave: true,
		Facts:   []ui.Fact{{Name: b.p.T("What is sent"), Value: b.p.T("Your words and %d files", files)}, {Name: b.p.T("To"), Value: to}},
		Will:    []string{b.p.T("The answer is locked: nothing in it can be changed any more."), b.p.T("The controller weighs it, and can then close the matter or announce an audit.")},
		Confirm: ui.Button{Label: b.p.T("Send this answer"), TestID: "do"}}
	return m, nil
}

func (b *bench) doSupply(s *audits.Service, id string) (string, error) {
	_, err := s.AnswerInquiry(b.ctx, b.by, id, b.field("item"), audits.Supplied{None: b.field("none") != "", Text: b.field("text")})
	return "audit-answered", err
}

// askAssess asks what the controller makes of an answer.
func (b *bench) askAssess(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Weigh the answer")}
	q, err := b.inquiryNamed(o)
	if err != nil {
		return m, err
	}
	said := o.story.Items[q.ID]
	m.Typed = b.inquiryFacts(o, q)
	if q.Answered == nil || q.None {
		m.Note = b.p.T("There is nothing to weigh: the processor has supplied nothing.")
		return m, nil
	}
	if said.Answer != "" {
		m.Typed = append(m.Typed, ui.Fact{Name: b.p.T("The answer"), Value: said.Answer})
	}
	as, why := b.field("assessment"), b.field("arguments")
	if b.field("rev") == "" { // opened, not sent
		as, why = q.Assessment, said.Args
	}
	choice := ui.Field{Name: "assessment", Label: b.p.T("Does it settle whether the processor keeps to the agreement?"), Value: as, Options: []ui.Option{
		{Value: audits.Conclusive, Label: b.p.T("Yes, it settles the matter"), Hint: b.p.T("You can then close the audit on it. An audit is not justified unless something else comes up.")},
		{Value: audits.Inconclusive, Label: b.p.T("No, it leaves questions open"), Hint: b.p.T("Your reasons become part of the notice, when it says nothing about this yet.")}}}
	m.Asks = []sheets.Ask{{Kind: "radio", Field: choice}, {Kind: "area", Field: ui.Field{Name: "arguments", Label: b.p.T("Why?"), Value: why, Hint: b.p.T("The processor can read this.")}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("Your judgement is recorded"), Will: []string{b.p.T("The portal works out anew whether an audit is allowed."), b.p.T("You can change your judgement until the notice is sent.")},
		Chip: b.ruleChip(o, "precondition"), Confirm: b.button(b.p.T("Record this judgement"))}
	return m, nil
}

func (b *bench) doAssess(s *audits.Service, id string) (string, error) {
	_, err := s.AssessReports(b.ctx, b.by, id, b.field("item"), b.field("assessment"), b.field("arguments"))
	return "audit-assessed", err
}

// askConclude closes the matter without an audit.
func (b *bench) askConclude(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Close the audit on this answer")}
	q, err := b.inquiryNamed(o)
	if err != nil {
		return m, err
	}
	m.Typed = b.inquiryFacts(o, q)
	name := b.org(o.a.Processor)
	m.Confirm = ui.Confirmation{Title: b.p.T("There will be no audit"), Grave: true, Facts: []ui.Fact{{Name: b.p.T("Who hears this"), Value: name}},
		Will: []string{b.p.T("The matter is settled on what the processor supplied, on the same footing as an audit."), b.p.T("The audit is closed. For anything new you book another one.")},
		Chip: b.kindChip(o.rules.Terms, q.Kind, o.a.Agreement), Confirm: ui.Button{Label: b.p.T("Close without an audit"), Look: ui.Grave, TestID: "do"}}
	return m, nil
}

func (b *bench) doConclude(s *audits.Service, id string) (string, error) {
	_, err := s.ConcludeWithout(b.ctx, b.by, id, b.field("item"))
	return "audit-concluded", err
}

// askWithdraw takes a question back that was not answered.
func (b *bench) askWithdraw(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Withdraw this question")}
	q, err := b.inquiryNamed(o)
	if err != nil {
		return m, err
	}
	m.Typed = b.inquiryFacts(o, q)
	if q.Answered != nil || q.Withdrawn != nil {
		m.Note = b.p.T("This was answered or withdrawn already.")
		return m, nil
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("%s need not answer any more", b.org(o.a.Processor)), Grave: true,
		Will:    []string{b.p.T("The question stays in the history; no answer to it can be given."), b.p.T("You can ask again with a new question.")},
		Confirm: ui.Button{Label: b.p.T("Withdraw this question"), Look: ui.Grave, TestID: "do"}}
	return m, nil
}

func (b *bench) doWithdraw(s *audits.Service, id string) (string, error) {
	_, err := s.WithdrawQuestion(b.ctx, b.by, id, b.field("item"))
	return "audit-question-withdrawn", err
}
