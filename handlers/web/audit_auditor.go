package web

import (
	"slices"

	"github.com/a-h/templ"

	"inzage/services/agreements"
	"inzage/services/audits"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

// auditorPart shows who does the audit, and how far they are let in.
func (b *bench) auditorPart(page ui.Page, o papers, bad ui.FieldErrors) (templ.Component, error) {
	if o.sight != audits.Content {
		return nil, nil
	}
	u := o.a.Auditor
	m := pages.Auditor{ID: "nobody", State: b.auditorState(o.a), Known: b.auditorKnown(o)}
	if u == nil {
		m.Empty = b.p.T("Nobody has been named yet. Here you will see who does the audit, what is known of them, and when they signed the undertaking.")
		m.Links = b.auditorLinks(o)
		return pages.AuditorPart(page, m), nil
	}
	m.ID, m.Facts, m.Steps, m.Links = u.ID, b.auditorFacts(o), b.auditorSteps(u), b.auditorLinks(o)
	if c := o.rules.Terms.Audit.Confidentiality; u.Own && c != nil && c.Undertaking && o.a.Open {
		m.Note = b.p.T("The agreement asks for a signed undertaking. The controller's own people cannot sign it here; name an external auditor.")
	}
	var err error
	if m.Signed, err = b.signed(o); err != nil {
		return nil, err
	}
	m.Objection = b.objection(o)
	proves := o.a.Announced == nil && b.party(o) == audits.Controller && !b.isAuditor()
	m.Files = b.attached(o, u.ID, b.p.T("Proof of what the auditor is"), proves, bad)
	if proves || len(m.Files.Files) > 0 {
		m.FilesTitle = b.p.T("Proof")
		m.Files.Empty = b.p.T("No proof has been added: an extract of the register, a certificate. The processor sees it with the notice.")
	}
	return pages.AuditorPart(page, m), nil
}

// auditorState says in a word how far the auditor is let in.
func (b *bench) auditorState(a audits.Audit) ui.State {
	u := a.Auditor
	switch {
	case u == nil:
		return ui.State{Tone: ui.Neutral, Word: b.p.T("Nobody named")}
	case u.Own:
		return ui.State{Tone: ui.Neutral, Word: b.p.T("Own people of the controller")}
	case a.Access != "" && u.Undertaken != nil:
		return ui.State{Tone: ui.Good, Word: b.p.T("Undertaking signed")}
	case a.Access != "":
		return ui.State{Tone: ui.Waiting, Word: b.p.T("Invited, not signed yet")}
	case u.Withdrawn != nil:
		return ui.State{Tone: ui.Danger, Word: b.p.T("Invitation withdrawn")}
	case !a.Open && u.Invited != nil:
		return ui.State{Tone: ui.Neutral, Word: b.p.T("Access has ended")}
	}
	return ui.State{Tone: ui.Neutral, Word: b.p.T("Not invited yet")}
}

// auditorFacts are who the auditor is. The address is for who invites, and for
// the auditor: the processor has no need of it.
func (b *bench) auditorFacts(o papers) []ui.Fact {
	who := o.story.Auditor
	facts := []ui.Fact{{Name: b.p.T("Name"), Value: who.Name, TestID: "auditor-name"}}
	if who.Firm != "" {
		facts = append(facts, ui.Fact{Name: b.p.T("Firm"), Value: who.Firm})
	}
	if who.Register != "" {
		facts = append(facts, ui.Fact{Name: b.p.T("Number in the register"), Value: who.Register})
	}
	if who.Email != "" && b.party(o) == audits.Controller {
		facts = append(facts, ui.Fact{Name: b.p.T("E-mail address"), Value: who.Email})
	}
	return facts
}

// trait is one thing that an agreement can ask of an auditor.
type trait struct {
	name, word string // in the agreement; the English words for it
	of         func(*audits.Auditor) *bool
}

func traits() []trait {
	return []trait{
		{"independent", "Independent", func(u *audits.Auditor) *bool { return u.Independent }},
		{"register_edp", "Registered EDP auditor (RE)", func(u *audits.Auditor) *bool { return u.RegisterEDP }},
		{"ict_expert", "ICT expert", func(u *audits.Auditor) *bool { return u.ICTExpert }},
		{"bound_to_secrecy", "Bound to secrecy", func(u *audits.Auditor) *bool { return u.BoundToSecrecy }},
	}
}

// asked lists what the agreement asks of the auditor, and of what one is enough.
func asked(t agreements.Terms) (all, oneOf []string) {
	if t.Audit.Auditor == nil {
		return nil, nil
	}
	return t.Audit.Auditor.Qualifications, t.Audit.Auditor.OneOf
}

// auditorKnown holds what is known against what the agreement asks, each with
// its clause.
func (b *bench) auditorKnown(o papers) []ui.Fact {
	u, chip := o.a.Auditor, b.ruleChip(o, "auditor")
	all, oneOf := asked(o.rules.Terms)
	var facts []ui.Fact
	for _, t := range traits() {
		must, may := slices.Contains(all, t.name), slices.Contains(oneOf, t.name)
		if u == nil || !must && !may && t.of(u) == nil {
			continue
		}
		f := ui.Fact{Name: b.p.T(t.word), State: b.known(t.of(u), must), Note: b.p.T("The agreement does not ask for this."), TestID: "known-" + t.name}
		switch {
		case must:
			f.Note, f.Chip = b.p.T("The agreement asks for this."), chip
		case may:
			f.Note, f.Chip = b.p.T("The agreement asks for one of these."), chip
		}
		facts = append(facts, f)
	}
	if u != nil {
		facts = append(facts, b.competes(o))
	}
	return append(facts, b.asks(o, "auditor", b.p.T("What the agreement asks of the auditor"), b.p.T("The agreement asks nothing of the auditor.")),
		b.asks(o, "confidentiality", b.p.T("Secrecy"), b.p.T("The agreement does not ask for a signed undertaking. The portal asks it of every external auditor all the same.")))
}

// known says yes, no or not known; a no to what must be is a danger.
func (b *bench) known(is *bool, must bool) *ui.State {
	switch {
	case is == nil && must:
		return &ui.State{Tone: ui.Warn, Word: b.p.T("Not known")}
	case is == nil:
		return &ui.State{Tone: ui.Neutral, Word: b.p.T("Not known")}
	case *is:
		return &ui.State{Tone: ui.Good, Word: b.p.T("Yes")}
	case must:
		return &ui.State{Tone: ui.Danger, Word: b.p.T("No")}
	}
	return &ui.State{Tone: ui.Neutral, Word: b.p.T("No")}
}

// competes says whether the auditor works for a competitor. Where the agreement
// does not ask for independence, the law does.
func (b *bench) competes(o papers) ui.Fact {
	f := ui.Fact{Name: b.p.T("Works for a competitor of %s", b.org(o.a.Processor)), State: &ui.State{Tone: ui.Good, Word: b.p.T("No")},
		Note: b.p.T("As the controller says."), Chip: b.competitorChip(o), TestID: "known-competitor"}
	if o.a.Auditor.Competitor {
		f.State = &ui.State{Tone: ui.Danger, Word: b.p.T("Yes")}
	}
	return f
}

func (b *bench) competitorChip(o papers) *ui.Clause {
	if all, oneOf := asked(o.rules.Terms); slices.Contains(all, "independent") || slices.Contains(oneOf, "independent") {
		return b.ruleChip(o, "auditor")
	}
	return b.law("28(3)(h) GDPR")
}

// asks is one line of the judgement in words; none is what it says when the
// agreement asks nothing.
func (b *bench) asks(o papers, rule, name, none string) ui.Fact {
	f := ui.Fact{Name: name, Value: none, TestID: "asks-" + rule}
	for _, l := range o.rules.Lines {
		if l.Rule != rule {
			continue
		}
		f.Chip = b.chip(l.Chip, o.a.Agreement)
		for i, why := range b.sentences(l.Reasons) {
			if i == 0 {
				f.Value = why
			} else {
				f.Value += " " + why
			}
		}
	}
	return f
}

// auditorSteps are when the auditor was let in, signed, and was shut out.
func (b *bench) auditorSteps(u *audits.Auditor) []ui.Fact {
	var facts []ui.Fact
	if u.Invited != nil {
		facts = append(facts, ui.Fact{Name: b.p.T("Invited"), Value: b.p.DateTime(*u.Invited), TestID: "invited"})
	}
	if s := u.Undertaken; s != nil {
		facts = append(facts, ui.Fact{Name: b.p.T("Undertaking signed"), Value: b.p.DateTime(s.At), TestID: "signed"})
	}
	if u.Withdrawn != nil {
		facts = append(facts, ui.Fact{Name: b.p.T("Invitation withdrawn"), Value: b.p.DateTime(*u.Withdrawn), TestID: "withdrawn"})
	}
	return facts
}

// signed is the undertaking, word for word as the auditor signed it.
func (b *bench) signed(o papers) (*pages.Signed, error) {
	s := o.a.Auditor.Undertaken
	if s == nil {
		return nil, nil
	}
	text, err := b.Audits.Undertaking(b.ctx, b.by, o.a, s.Language)
	if err != nil {
		return nil, err
	}
	return &pages.Signed{SHA256: s.SHA256, Text: pages.Undertaking{Lines: text.Lines, Lang: text.Language},
		Facts: []ui.Fact{{Name: b.p.T("Signed as"), Value: o.story.SignedAs, TestID: "signed-as"}, {Name: b.p.T("Signed on"), Value: b.p.DateTime(s.At)},
			{Name: b.p.T("Wording"), Value: b.p.T("Version %d", s.Version), Chip: b.ruleChip(o, "confidentiality")}}}, nil
}

// objection is what the processor has against the auditor.
func (b *bench) objection(o papers) *pages.Objection {
	x := o.a.Auditor.Objection
	if x == nil {
		return nil
	}
	m := &pages.Objection{State: ui.State{Tone: ui.Waiting, Word: b.p.T("Waits for an answer")}, Reason: o.story.Objection.Reason, Answer: o.story.Objection.Answer,
		Facts: []ui.Fact{{Name: b.p.T("Ground"), Value: b.ground(x.Ground)}, {Name: b.p.T("Made on"), Value: b.p.DateTime(x.At)}},
		Chip:  b.chip(agreements.Explain(o.rules.Terms, agreements.TermAuditor, x.Clause), o.a.Agreement)}
	if x.AnsweredAt != nil {
		m.State = ui.State{Tone: ui.Info, Word: b.p.T("Answered: the auditor stays")}
		m.Facts = append(m.Facts, ui.Fact{Name: b.p.T("Answered on"), Value: b.p.DateTime(*x.AnsweredAt)})
	}
	if l, ok := b.link(o, "answer-objection", o.a.Auditor.ID); ok {
		m.Links = append(m.Links, l)
	}
	return m
}

// ground names what the processor can have against an auditor.
func (b *bench) ground(g string) string {
	switch g {
	case audits.NotIndependent:
		return b.p.T("The auditor is not independent")
	case audits.NotQualified:
		return b.p.T("The auditor is not qualified")
	case audits.NoSecrecy:
		return b.p.T("The auditor is not bound to secrecy")
	}
	return b.p.T("Another ground")
}

// auditorLinks lead to what the reader can do about the auditor now.
func (b *bench) auditorLinks(o papers) []ui.Link {
	id := "auditor"
	if o.a.Auditor != nil {
		id = o.a.Auditor.ID
	}
	var all []ui.Link
	for _, name := range []string{"name-auditor", "invite-auditor"} {
		if l, ok := b.link(o, name, id); ok {
			all = append(all, l)
		}
	}
	if b.mayInviteAgain(o) {
		all = append(all, ui.Link{Label: b.p.T("Send the invitation again"), Href: o.path("/do/invite-again?item=" + id)})
	}
	if l, ok := b.link(o, "withdraw-invitation", id); ok {
		all = append(all, l)
	}
	// Where the agreement asks nothing of the auditor there is no right to object.
	if l, ok := b.link(o, "object-to-auditor", id); ok && audits.MayObject(o.rules.Terms) {
		all = append(all, l)
	}
	return all
}

// mayInviteAgain tells whether the reader can send the invitation anew: it was
// lost or has expired, and nobody signed on it.
func (b *bench) mayInviteAgain(o papers) bool {
	u := o.a.Auditor
	return u != nil && o.a.Access != "" && u.Undertaken == nil && audits.May(b.by, o.a, audits.Invite) == nil
}
