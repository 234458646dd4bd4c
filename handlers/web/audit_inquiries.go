package web

import (
	"slices"

	"github.com/a-h/templ"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/ledger"
	pages "inzage/views/pages/audit"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// inquiriesPart shows what was asked of the processor before the audit or in
// its place, and what it answered. The questions during an audit stand elsewhere.
func (b *bench) inquiriesPart(page ui.Page, o papers, bad ui.FieldErrors) (templ.Component, error) {
	if o.sight < audits.Asked {
		return nil, nil
	}
	var m pages.Inquiries
	for _, q := range o.a.Inquiries {
		if q.Kind != audits.Question {
			m.All = append(m.All, b.inquiry(o, q, bad))
		}
	}
	asks := slices.Contains(audits.Possible(b.by, o.a), audits.AskFirst)
	if len(m.All) == 0 && !asks {
		return nil, nil
	}
	if asks {
		m.Ask = &ui.Link{Label: b.p.T(bookingMoves()["ask-first"].label), Href: o.path("/do/ask-first")}
	}
	return pages.InquiriesPart(page, m), nil
}

// inquiry is one of them, with what the reader can do about it.
func (b *bench) inquiry(o papers, q audits.Inquiry, bad ui.FieldErrors) pages.Inquiry {
	said := o.story.Items[q.ID]
	m := pages.Inquiry{ID: q.ID, Title: b.inquiryKind(q.Kind), State: b.inquiryState(q), Facts: []ui.Fact{
		{Name: b.p.T("What is asked"), Value: said.Text},
		{Name: b.p.T("Asked on"), Value: b.p.DateTime(q.At)},
		{Name: b.p.T("Answer due by"), Value: b.ending(q.Due, q.Ends, o.rules.Terms.TimeZone()), Note: b.dueNote(q, said.Reason), Chip: b.dutyChip(o, q.Duty), TestID: "inquiry-due"}}}
	if q.Answered != nil {
		answer := said.Answer
		if q.None {
			m.Facts = append(m.Facts, ui.Fact{Name: b.p.T("The answer"), Value: b.p.T("There is nothing to give."), Note: answer, TestID: "inquiry-answer"})
		} else {
			m.Facts = append(m.Facts, ui.Fact{Name: b.p.T("The answer"), Value: orElse(answer, b.p.T("See the files.")), TestID: "inquiry-answer"})
		}
		m.Facts = append(m.Facts, ui.Fact{Name: b.p.T("Answered on"), Value: b.p.DateTime(*q.Answered)})
	}
	if q.Withdrawn != nil {
		m.Facts = append(m.Facts, ui.Fact{Name: b.p.T("Withdrawn on"), Value: b.p.DateTime(*q.Withdrawn)})
	}
	if q.Assessment != "" {
		st := b.assessment(q.Assessment)
		m.Facts = append(m.Facts, ui.Fact{Name: b.p.T("What the controller makes of it"), State: &st, Note: said.Args, TestID: "inquiry-assessment"})
	}
	pending := q.Answered == nil && q.Withdrawn == nil
	for name, fits := range map[string]bool{"supply": pending, "assess": q.Answered != nil && !q.None, "conclude": q.Assessment == audits.Conclusive, "withdraw-inquiry": pending} {
		if link, ok := b.link(o, name, q.ID); ok && fits {
			m.Ways = append(m.Ways, sheets.Step{Label: link.Label, Href: link.Href, TestID: "do-" + name})
		}
	}
	slices.SortFunc(m.Ways, func(x, y sheets.Step) int { return slices.Index(wayOrder, x.TestID) - slices.Index(wayOrder, y.TestID) })
	m.Files = b.attached(o, q.ID, b.p.T("Files for this answer"), pending && b.party(o) == audits.Processor, bad)
	return m
}

// wayOrder puts first what brings an inquiry on.
var wayOrder = []string{"do-supply", "do-conclude", "do-assess", "do-withdraw-inquiry"}

// inquiryKind names what an inquiry asks for.
func (b *bench) inquiryKind(k audits.Kind) string {
	switch k {
	case audits.ExistingReports:
		return b.p.T("Existing audit reports")
	case audits.SelfAssessment:
		return b.p.T("A self-assessment")
	case audits.Information:
		return b.p.T("Information")
	}
	return b.p.T("A question")
}

func (b *bench) assessment(as string) ui.State {
	if as == audits.Conclusive {
		return ui.State{Tone: ui.Good, Word: b.p.T("It settles the matter"), Code: as}
	}
	return ui.State{Tone: ui.Warn, Word: b.p.T("It leaves questions open"), Code: as}
}

// dueNote says how the day came about.
func (b *bench) dueNote(q audits.Inquiry, haste string) string {
	switch {
	case haste != "":
		return b.p.T("Sooner than agreed, because: %s", haste)
	case !q.Agreed:
		return b.p.T("The agreement sets no number of days; the portal's own default, or the day that was chosen.")
	}
	return ""
}

// dutyChip is the chip of the clause that set a day.
func (b *bench) dutyChip(o papers, d audits.Duty) *ui.Clause {
	terms := o.rules.Terms
	if o.sight != audits.Content {
		applied, ok := b.terms(o.a.Agreement, o.a.Version)
		if !ok {
			return b.law(d.Clause)
		}
		terms = applied.Terms
	}
	return b.chip(agreements.Explain(terms, agreements.TermCooperation, d.Clause), o.a.Agreement)
}

// inquiryNamed is the inquiry that a move is about; the questions of an audit
// under way have moves of their own.
func (b *bench) inquiryNamed(o papers) (audits.Inquiry, error) {
	i := slices.IndexFunc(o.a.Inquiries, func(q audits.Inquiry) bool { return q.ID == b.item() && q.Kind != audits.Question })
	if i < 0 {
		return audits.Inquiry{}, audits.ErrNotFound
	}
	return o.a.Inquiries[i], nil
}

// askFirst asks for something before the audit or in its place, what the
// agreement names first.
func (b *bench) askFirst(o papers) (sheets.Sheet, error) {
	name, t := b.org(o.a.Processor), o.rules.Terms
	m := sheets.Sheet{Title: b.p.T("Ask %s for something first", name), Lead: b.p.T("What the processor already has can spare both sides an audit.")}
	kinds := b.kindsFirst(t)
	kind := ui.Field{Name: "kind", Label: b.p.T("What do you ask for?"), Value: orElse(b.field("kind"), string(kinds[0]))}
	for _, k := range kinds {
		kind.Options = append(kind.Options, ui.Option{Value: string(k), Label: b.inquiryKind(k), Hint: b.kindHint(k), Chip: b.kindChip(t, k, o.a.Agreement)})
	}
	most, err := audits.TimeToSay(t, b.Now())
	if err != nil {
		return m, err
	}
	today, limit, agreed := o.rules.Today, most.Day, most.Agreed
	hint := b.p.T("Leave it empty for %s, the day that the agreement gives.", b.ending(limit, most.Ends, t.TimeZone()))
	if !agreed {
		hint = b.p.T("The agreement sets no number of days. Leave it empty for %s, the portal's own default, or choose another day.", b.day(limit))
	}
	due := ui.Field{Name: "due", Label: b.p.T("By when"), Optional: true, Value: b.field("due"), Min: today.String(), Hint: hint}
	if agreed {
		due.Max = limit.String()
	}
	m.Hidden = []ui.Button{{Name: "inquiry", Value: orElse(b.field("inquiry"), ledger.NewID("inq"))}}
	m.Asks = []sheets.Ask{{Kind: "radio", Field: kind},
		{Kind: "area", Field: ui.Field{Name: "text", Label: b.p.T("What exactly do you ask for?"), Value: b.field("text"), Hint: b.p.T("Say which reports or facts, and about which systems and period.")}},
		{Kind: "date", Field: due},
		{Kind: "area", Field: short(ui.Field{Name: "haste", Label: b.p.T("Why is it urgent?"), Optional: true, Value: b.field("haste"), Hint: b.p.T("Only when you choose a sooner day than that one. The processor reads it.")})}}
	m.Confirm = ui.Confirmation{Title: b.p.T("%s gets your question", name), Facts: []ui.Fact{{Name: b.p.T("What is sent"), Value: b.p.T("The question and its day; nothing else of the draft")}, {Name: b.p.T("To"), Value: name}},
		Will: []string{b.p.T("From now on the processor sees that there is an audit to come, and what you ask."),
			b.p.T("It answers with words and files, or says that there is nothing."),
			b.p.T("When its time is over without an answer, you go on without it.")},
		Chip: b.ruleChip(o, "cooperation"), Confirm: b.button(b.p.T("Send this question"))}
	return m, nil
}

// kindsFirst are the kinds of inquiries, those first that the precondition or
// the alternatives of the agreement name.
func (b *bench) kindsFirst(t agreements.Terms) []audits.Kind {
	var first []audits.Kind
	if p := t.Audit.Precondition; p != nil {
		for _, need := range p.Needs {
			switch need {
			case "reports_first":
				first = append(first, audits.ExistingReports)
			case "information_first", "breach_indicated":
				first = append(first, audits.Information)
			}
		}
	}
	if a := t.Audit.Alternatives; a != nil {
		for _, k := range a.Kinds {
			first = append(first, audits.Kind(k))
		}
	}
	var kinds []audits.Kind
	all := []audits.Kind{audits.ExistingReports, audits.SelfAssessment, audits.Information}
	for _, k := range append(first, all...) {
		if slices.Contains(all, k) && !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

func (b *bench) kindHint(k audits.Kind) string {
	switch k {
	case audits.ExistingReports:
		return b.p.T("Reports of audits that others did, such as a certificate with its report.")
	case audits.SelfAssessment:
		return b.p.T("The processor reports on itself how it keeps to the law and the agreement.")
	}
	return b.p.T("Facts and documents that show how the data are kept safe.")
}

// kindChip is the clause that names a kind, as a step before an audit or in its place.
func (b *bench) kindChip(t agreements.Terms, k audits.Kind, agreement string) *ui.Clause {
	if p := t.Audit.Precondition; p != nil && (k == audits.ExistingReports && slices.Contains(p.Needs, "reports_first") || k == audits.Information && slices.Contains(p.Needs, "information_first")) {
		return b.chip(agreements.Explain(t, agreements.TermPrecondition, ""), agreement)
	}
	if a := t.Audit.Alternatives; a != nil && slices.Contains(a.Kinds, string(k)) {
		return b.chip(agreements.Explain(t, "audit.alternatives", ""), agreement)
	}
	return nil
}

func (b *bench) doAskFirst(s *audits.Service, id string) (string, error) {
	due, err := b.dayField("due")
	if err != nil {
		return "", err
	}
	in := audits.Inquire{ID: b.field("inquiry"), Kind: audits.Kind(b.field("kind")), Text: b.field("text"), Haste: b.field("haste"), Due: due}
	_, err = s.AskBefore(b.ctx, b.by, id, in)
	return "audit-asked", err
}
