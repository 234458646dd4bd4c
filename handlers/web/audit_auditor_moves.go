package web

import (
	"slices"

	"inzage/services/audits"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

func auditorMoves() map[string]move {
	return map[string]move{
		"name-auditor":        {action: audits.NameAuditor, label: "Name the auditor", ask: (*bench).askAuditor, do: (*bench).doAuditor},
		"invite-auditor":      {action: audits.Invite, label: "Invite the auditor", next: true, ask: (*bench).askInvite, do: (*bench).doInvite},
		"invite-again":        {action: audits.Invite, label: "Send the invitation again", item: true, ask: (*bench).askInvite, do: (*bench).doInvite},
		"withdraw-invitation": {action: audits.WithdrawInvitation, label: "Withdraw the auditor's invitation", ask: (*bench).askShutOut, do: (*bench).doShutOut},
		"object-to-auditor":   {action: audits.Object, label: "Object to the auditor", item: true, ask: (*bench).askObject, do: (*bench).doObject},
		"answer-objection":    {action: audits.AnswerObjection, label: "Answer the objection", next: true, ask: (*bench).askKeep, do: (*bench).doKeep},
	}
}

// askAuditor asks who does the audit, and what this agreement wants to know of
// them; nothing else.
func (b *bench) askAuditor(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Who does the audit?"), Lead: b.p.T("Your own people, or an external auditor who works for you.")}
	if c := b.ruleChip(o, "auditor"); c != nil {
		m.Chips = []ui.Clause{*c}
	}
	u, who := o.a.Auditor, o.story.Auditor
	if u == nil {
		u = &audits.Auditor{}
	}
	kind := "external"
	if u.Own {
		kind = "own"
	}
	ask := func(kind, name, label, hint, stored string, optional bool) {
		m.Asks = append(m.Asks, sheets.Ask{Kind: kind, Field: ui.Field{Name: name, Label: label, Hint: hint, Value: b.typed(name, stored), Optional: optional}})
	}
	ask("radio", "kind", b.p.T("Who"), "", kind, false)
	m.Asks[0].Options = []ui.Option{{Value: "external", Label: b.p.T("An external auditor"), Hint: b.p.T("You invite them by e-mail. They sign the undertaking before they see anything.")},
		{Value: "own", Label: b.p.T("Our own people"), Hint: b.p.T("Nobody is invited: your privacy officers record what they find.")}}
	ask("text", "name", b.p.T("Name"), "", who.Name, false)
	ask("email", "email", b.p.T("E-mail address"), b.p.T("The invitation goes there. Only for an external auditor."), who.Email, true)
	ask("radio", "language", b.p.T("Language of the invitation"), "", orElse(who.Language, b.p.Tag()), false)
	m.Asks[len(m.Asks)-1].Options = languageOptions()
	ask("text", "firm", b.p.T("Firm"), "", who.Firm, true)
	ask("text", "register", b.p.T("Number in the register"), b.p.T("Of a professional register, such as that of NOREA."), who.Register, true)
	for _, t := range b.wanted(o) {
		ask("radio", t.name, b.p.T(t.word), "", yesNo(t.of(u)), false)
		last := &m.Asks[len(m.Asks)-1]
		last.Options = []ui.Option{{Value: "yes", Label: b.p.T("Yes")}, {Value: "no", Label: b.p.T("No")}, {Value: "unknown", Label: b.p.T("Not known yet")}}
	}
	competitor := ""
	if u.Competitor {
		competitor = "on"
	}
	ask("checkbox", "competitor", b.p.T("The auditor works for a competitor of %s", b.org(o.a.Processor)),
		b.p.T("Such an auditor is not independent, and is refused."), competitor, true)
	m.Confirm = ui.Confirmation{Title: b.p.T("The auditor is recorded"), Will: b.namingWill(o), Chip: b.competitorChip(o), Confirm: b.button(b.p.T("Record the auditor"))}
	return m, nil
}

// namingWill says what comes of naming the auditor at this moment.
func (b *bench) namingWill(o papers) []string {
	will := []string{b.p.T("Nobody is told yet. The processor reads it in the notice.")}
	if o.a.Announced != nil {
		will = []string{b.p.T("%s hears by e-mail that there is another auditor, and sees who it is.", b.org(o.a.Processor)), b.p.T("An auditor whom the agreement does not allow is refused at once.")}
	}
	switch {
	case o.a.Access != "":
		return append(will, b.p.T("If you fill in another e-mail address, it is another person: %s loses access at once, and the new auditor has to be invited and to sign.", o.story.Auditor.Name))
	case o.a.Auditor != nil && o.a.Auditor.Objection != nil:
		return append(will, b.p.T("If you fill in another e-mail address, it is another person, and the objection falls away."))
	}
	return will
}

// wanted are the traits that this agreement asks about.
func (b *bench) wanted(o papers) []trait {
	all, oneOf := asked(o.rules.Terms)
	return slices.DeleteFunc(traits(), func(t trait) bool { return !slices.Contains(all, t.name) && !slices.Contains(oneOf, t.name) })
}

func yesNo(is *bool) string {
	switch {
	case is == nil:
		return "unknown"
	case *is:
		return "yes"
	}
	return "no"
}

// truth reads a yes or no; anything else is not known.
func truth(s string) *bool {
	if s != "yes" && s != "no" {
		return nil
	}
	is := s == "yes"
	return &is
}

func (b *bench) doAuditor(s *audits.Service, id string) (string, error) {
	_, err := s.AppointAuditor(b.ctx, b.by, id, audits.AuditorDetails{
		Person: audits.AuditorPerson{Name: b.field("name"), Email: b.field("email"), Firm: b.field("firm"), Register: b.field("register"), Language: b.field("language")},
		Own:    b.field("kind") == "own", Competitor: b.field("competitor") != "",
		Independent: truth(b.field("independent")), RegisterEDP: truth(b.field("register_edp")), ICTExpert: truth(b.field("ict_expert")),
		BoundToSecrecy: truth(b.field("bound_to_secrecy"))})
	return "auditor-named", err
}

// askInvite says what the auditor gets, sees, and when that ends.
func (b *bench) askInvite(o papers) (sheets.Sheet, error) {
	who := o.story.Auditor
	m := sheets.Sheet{Title: b.p.T("Invite the auditor")}
	if o.a.Access != "" {
		m.Title = b.p.T("Send the invitation again")
	}
	if o.a.Auditor == nil || o.a.Auditor.Own {
		m.Note = b.p.T("There is nobody to invite. First name an external auditor.")
		return m, nil
	}
	facts := b.auditorFacts(o)
	m.Confirm = ui.Confirmation{Title: b.p.T("%s gets an e-mail", who.Name), Facts: append(facts, ui.Fact{Name: b.p.T("In which language"), Value: b.languageName(orElse(who.Language, "nl"))}),
		Will: []string{b.p.T("Who is new to the portal gets a link to make an account, with a password and a second factor. Who has an account signs in with it. The link works for %d days.", int(b.Identity.Limits.Invitation.Hours())/24),
			b.p.T("Before signing, the auditor sees the names of the two parties and the confidentiality undertaking, and nothing else."),
			b.p.T("After signing, the auditor sees this audit, except the costs, and no other."),
			b.p.T("The access ends at once when the audit is closed or cancelled, when you name somebody else, or when you withdraw the invitation.")},
		Chip: b.ruleChip(o, "confidentiality"), Confirm: b.button(b.p.T("Send the invitation"))}
	return m, nil
}

func (b *bench) doInvite(s *audits.Service, id string) (string, error) {
	_, err := s.InviteAuditor(b.ctx, b.by, id)
	return "auditor-invited", err
}

// askShutOut warns before the auditor is shut out.
func (b *bench) askShutOut(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Withdraw the auditor's invitation")}
	if o.a.Access == "" {
		m.Note = b.p.T("Nobody has access as the auditor now.")
		return m, nil
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("%s no longer has access", o.story.Auditor.Name), Facts: b.auditorFacts(o),
		Will: []string{b.p.T("The access ends at once, also on a page that is open and for a link in a mail."),
			b.p.T("The auditor hears by e-mail that the access has ended."),
			b.p.T("What the auditor wrote and signed stays in the audit."),
			b.p.T("You can invite the auditor again as long as the audit is open.")},
		Chip: b.ruleChip(o, "confidentiality"), Confirm: ui.Button{Label: b.p.T("Withdraw the invitation"), Look: ui.Grave, TestID: "do"}}
	return m, nil
}

func (b *bench) doShutOut(s *audits.Service, id string) (string, error) {
	_, err := s.WithdrawAuditor(b.ctx, b.by, id)
	return "auditor-withdrawn", err
}

// askObject asks the processor what it has against the auditor, where the
// agreement gives it a right to object.
func (b *bench) askObject(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Object to the auditor")}
	chip := b.ruleChip(o, "auditor")
	switch {
	case !audits.MayObject(o.rules.Terms):
		m.Note = b.p.T("The agreement lets the controller choose the auditor, so it gives no right to object. Tell the controller if something worries you.")
	case o.a.Auditor == nil:
		m.Note = b.p.T("Nobody has been named yet.")
	case o.a.Auditor.Objection != nil:
		m.Note = b.p.T("There is an objection to this auditor already. Wait for the answer, or read it.")
	}
	if m.Note != "" {
		if chip != nil {
			m.Chips = []ui.Clause{*chip}
		}
		return m, nil
	}
	ground := ui.Field{Name: "ground", Label: b.p.T("What do you have against the auditor?"), Value: b.field("ground")}
	for _, g := range []string{audits.NotIndependent, audits.NotQualified, audits.NoSecrecy, audits.OtherGround} {
		ground.Options = append(ground.Options, ui.Option{Value: g, Label: b.ground(g)})
	}
	m.Asks = []sheets.Ask{{Kind: "radio", Field: ground},
		{Kind: "area", Field: ui.Field{Name: "reason", Label: b.p.T("Your reasons"), Value: b.field("reason"), Hint: b.p.T("Say what you base it on. The controller reads this as you write it.")}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("Your objection goes to %s", b.org(o.a.Controller)), Facts: b.auditorFacts(o),
		Will: []string{b.p.T("The audit does not begin before the controller has answered."),
			b.p.T("The controller keeps the auditor and says why, or names another one."),
			b.p.T("You object once to an auditor, so give all your reasons.")},
		Chip: chip, Confirm: b.button(b.p.T("Send the objection"))}
	return m, nil
}

func (b *bench) doObject(s *audits.Service, id string) (string, error) {
	_, err := s.ObjectToAuditor(b.ctx, b.by, id, audits.ObjectionOf{Ground: b.field("ground"), Reason: b.field("reason")})
	return "auditor-objected", err
}

// askKeep lets the controller keep the auditor with an answer; the other way is
// to name somebody else.
func (b *bench) askKeep(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Answer the objection")}
	if o.a.Auditor == nil || o.a.Auditor.Objection == nil || o.a.Auditor.Objection.AnsweredAt != nil {
		m.Note = b.p.T("There is no objection that waits for an answer.")
		return m, nil
	}
	x := o.a.Auditor.Objection
	m.Lead = b.p.T("You keep the auditor and say why, or you name another one.")
	m.Typed = []ui.Fact{{Name: b.p.T("The auditor"), Value: o.story.Auditor.Name}, {Name: b.p.T("Ground"), Value: b.ground(x.Ground)},
		{Name: b.p.T("Reasons of the processor"), Value: o.story.Objection.Reason},
		{Name: b.p.T("If the processor is right"), Value: b.p.T("Name another auditor"), Href: o.path("/do/name-auditor")}}
	m.Asks = []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "answer", Label: b.p.T("Why this auditor does the audit all the same"), Value: b.field("answer")}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("The auditor stays"), Will: []string{b.p.T("%s reads your answer, and hears of it by e-mail.", b.org(o.a.Processor)),
		b.p.T("The objection and your answer stay in the audit, for both sides to see."), b.p.T("The objection no longer holds the audit up.")},
		Chip: b.ruleChip(o, "auditor"), Confirm: b.button(b.p.T("Keep this auditor"))}
	return m, nil
}

func (b *bench) doKeep(s *audits.Service, id string) (string, error) {
	_, err := s.KeepAuditor(b.ctx, b.by, id, b.field("answer"))
	return "auditor-kept", err
}
