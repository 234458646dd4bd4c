package web

import (
	"errors"
	"regexp"
	"slices"

	"github.com/gofiber/fiber/v2"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/ledger"
	pages "inzage/views/pages/audit"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// auditID is the form of an id that the form carries, so that pressing twice
// makes one audit.
var auditID = regexp.MustCompile(`^aud_[A-Z2-7]{26}$`)

// outlooks is for how many agreements the list works the first day out; beyond
// that the page of the agreement itself does.
const outlooks = 20

// chooseAgreement lists the agreements under which an audit can be booked now.
func (b *bench) chooseAgreement() error {
	if !b.books() {
		return audits.ErrForbidden
	}
	all, err := b.Agreements.OfController(b.ctx, b.by.Organisation, b.Now())
	if err != nil {
		return err
	}
	l := ui.Listing{Caption: b.p.T("Agreements in force"), TestID: "agreements", Columns: []ui.Column{{Label: b.p.T("Processor")}, {Label: b.p.T("Agreement")}, {Label: b.p.T("Earliest day")}},
		Empty: ui.Empty{Title: b.p.T("There is no agreement to audit under"), Text: b.p.T("An audit is booked under an agreement with a processor that is in force. An administrator of your organisation adds agreements; one that has ended gives no right to an audit any more."),
			Link: &ui.Link{Label: b.p.T("To the agreements"), Href: "/agreements"}}}
	for _, a := range all {
		day := ui.Cell{Text: b.p.T("See the agreement")}
		if len(all) <= outlooks {
			j, err := b.Audits.Outlook(b.ctx, b.by, a.ID, deadlines.Date{})
			if err != nil {
				return err
			}
			day = ui.Cell{Text: b.earliestFact(j, audits.Audit{Agreement: a.ID}).Value, Note: b.verdict(j).Word}
		}
		l.Rows = append(l.Rows, ui.Row{Href: "/audits/new/" + a.ID, TestID: "agreement", Cells: []ui.Cell{{Text: b.org(a.Processor)}, {Text: a.Terms.Title}, day}})
	}
	return b.show(fiber.StatusOK, pages.ChoosePage(b.frame("Book an audit"), pages.Choose{List: l}))
}

// wizard shows which rules apply to an audit under an agreement, from which
// day it could be, what is missing, and the form for the draft.
func (b *bench) wizard() error {
	if !b.books() {
		return audits.ErrForbidden
	}
	return b.wizardPage(fiber.StatusOK, ledger.NewID("aud"), nil, nil)
}

// book keeps the draft. What was typed comes back with a refusal, of a field or
// by the agreement.
func (b *bench) book() error {
	if !b.books() {
		return audits.ErrForbidden
	}
	id := b.field("id")
	if !auditID.MatchString(id) {
		return audits.ErrNotFound
	}
	plan, err := b.plan()
	if err == nil {
		var a audits.Audit
		if a, err = b.Audits.Start(b.ctx, b.by, id, b.c.Params("agreement"), plan); err == nil {
			return b.Site.done(b.c, "/audits/"+a.ID, "audit-drafted")
		}
	}
	if fault.KindOf(err) == fault.Conflict {
		return b.wizardPage(fiber.StatusConflict, id, nil, err)
	}
	bad, mine := b.wrong(err, "wanted")
	if !mine {
		return err
	}
	return b.wizardPage(fiber.StatusUnprocessableEntity, id, bad, nil)
}

// wizardPage shows the wizard; refusal is what the agreement has against what
// was typed.
func (b *bench) wizardPage(status int, id string, bad ui.FieldErrors, refusal error) error {
	agreement := b.c.Params("agreement")
	wanted, _ := deadlines.ParseDate(b.field("wanted")) // what is no date is refused by book
	j, err := b.Audits.Outlook(b.ctx, b.by, agreement, wanted)
	if fault.KindOf(err) == fault.Invalid { // a day outside the calendar, refused already
		j, err = b.Audits.Outlook(b.ctx, b.by, agreement, deadlines.Date{})
	}
	m := pages.Wizard{Back: ui.Link{Label: b.p.T("Choose another agreement"), Href: "/audits/new"}}
	page := b.frame("Book an audit")
	page.Sensitive = true
	var ended *audits.Ruled
	if errors.As(err, &ended) { // not in force: there is nothing to fill in
		m.Moved = b.inTheWay(err, agreement)
		page.Invalid = true
		return b.show(fiber.StatusConflict, pages.WizardPage(page, m))
	}
	if err != nil {
		return err
	}
	stored, err := b.Agreements.Get(b.ctx, b.by, agreement)
	if err != nil {
		return err
	}
	if refusal != nil {
		m.Moved = b.inTheWay(refusal, agreement)
		bad = ui.FieldErrors{{Name: "wanted", Text: b.p.T("Choose another day: see why above.")}}
		var ruled *audits.Ruled
		if errors.As(refusal, &ruled) && ruled.Lines[0].Rule == "cooperation" { // a free day, which can have its reason
			bad = ui.FieldErrors{{Name: "day_off", Text: b.p.T("Say why the audit must be on this day, or choose another day.")}}
		}
	}
	name := b.org(stored.Processor)
	m.Title = b.p.T("Book an audit of %s", name)
	m.Agreement = j.Terms.Title
	m.Judgement = b.judgement(j, agreement, nil)
	m.Judgement.Facts = []ui.Fact{b.earliestFact(j, audits.Audit{Agreement: agreement})}
	m.Errors, m.ID, m.Action = bad, id, "/audits/new/"+agreement
	if m.Groups, err = b.planForm(j.Terms, agreement, stored.Processor, b.field, b.fields("indications"), bad); err != nil {
		return err
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("A draft, for your side only"), Will: []string{
		b.p.T("The draft is kept. %s sees nothing of it until you ask it something or send the notice.", name),
		b.p.T("The audit keeps to the version of the agreement that is in force today."),
		b.p.T("On the next page you do what is still needed: ask the processor first where the agreement says so, name the auditor, send the notice.")},
		Confirm: ui.Button{Label: b.p.T("Keep this draft"), TestID: "do"}, Cancel: ui.Link{Label: b.p.T("Do nothing and go back"), Href: "/audits"}}
	page.Title, page.Invalid = m.Title, status >= 400
	return b.show(status, pages.WizardPage(page, m))
}

// inTheWay shows the rules of an agreement that refuse something.
func (b *bench) inTheWay(err error, agreement string) *pages.InTheWay {
	m := &pages.InTheWay{Text: b.sentence(err)}
	var ruled *audits.Ruled
	if errors.As(err, &ruled) {
		for _, l := range ruled.Lines {
			m.Lines = append(m.Lines, pages.Line{Rule: l.Rule, Name: l.Chip.Name.In(b.p.Tag()), State: b.lineState(l), Says: b.sentences(l.Reasons), Chip: b.chip(l.Chip, agreement)})
		}
	}
	return m
}

// plan reads the form of a draft.
func (b *bench) plan() (audits.Plan, error) {
	p := audits.Plan{Subject: b.field("subject"), Mode: audits.Mode(b.field("mode")), ForCause: b.field("for_cause") == "yes", Why: b.field("why"),
		Indications: slices.Compact(slices.Sorted(slices.Values(b.fields("indications")))), DayOff: b.field("day_off"),
		Notice: audits.NoticeText{Method: b.field("method"), Auditor: b.field("auditor"), Information: b.field("information"), Locations: b.field("locations"), Arguments: b.field("arguments")}}
	switch indicated := b.field("breach_indicated"); indicated {
	case "yes", "no":
		yes := indicated == "yes"
		p.BreachIndicated = &yes
	}
	bad := fault.New(fault.Invalid, "Some answers need another look.")
	for name, into := range map[string]*deadlines.Date{"wanted": &p.Wanted, "earlier": &p.Earlier} {
		if text := b.field(name); text != "" {
			day, err := deadlines.ParseDate(text)
			if err != nil {
				bad = bad.At(name, "Fill in a date as year, month and day.")
			}
			*into = day
		}
	}
	if len(bad.Fields) > 0 {
		return p, bad
	}
	return p, nil
}

// part is one thing that a notice can state.
type noticePart struct {
	name, title, hint string
	must              bool // the agreement asks for it
}

// noticeParts are the parts of a notice: those that the agreement asks for first.
func (b *bench) noticeParts(t agreements.Terms) []noticePart {
	var must, later []string
	if c := t.Audit.NoticeContent; c != nil {
		must, later = c.States, c.WhenReportsExist
	}
	all := []noticePart{
		{name: "method", title: b.p.T("How the audit is done"), hint: b.p.T("For example: interviews, looking at settings, reading logs.")},
		{name: "auditor", title: b.p.T("Who does the audit"), hint: b.p.T("As the notice says it. You record the auditor later.")},
		{name: "information", title: b.p.T("Which information is wanted"), hint: ""},
		{name: "locations", title: b.p.T("At which locations"), hint: ""},
		{name: "arguments", title: b.p.T("Why an own audit is justified"), hint: b.p.T("What the existing reports leave open.")},
	}
	for i := range all {
		all[i].must = slices.Contains(must, all[i].name) || slices.Contains(later, all[i].name)
		if slices.Contains(later, all[i].name) {
			all[i].hint = b.p.T("Needed when the processor has earlier reports. You can fill it in after you have read them.")
		}
	}
	slices.SortStableFunc(all, func(x, y noticePart) int {
		switch {
		case x.must == y.must:
			return 0
		case x.must:
			return -1
		}
		return 1
	})
	return all
}

// planForm are the questions of a draft: only those that matter under the
// agreement, each with the clause that asks for it.
func (b *bench) planForm(t agreements.Terms, agreement, processor string, was func(string) string, chosen []string, bad ui.FieldErrors) ([]pages.Group, error) {
	f := func(name, label, hint string) ui.Field {
		return ui.Field{Name: name, Label: label, Hint: hint, Value: was(name), Error: bad.For(name), Rows: 3}
	}
	optional := func(x ui.Field) ui.Field {
		x.Optional = true
		return x
	}
	chip := func(term agreements.TermName) *ui.Clause { return b.chip(agreements.Explain(t, term, ""), agreement) }
	mode := f("mode", b.p.T("Where is the audit?"), "")
	for _, m := range []audits.Mode{audits.OnSite, audits.Remote, audits.Mixed} {
		mode.Options = append(mode.Options, ui.Option{Value: string(m), Label: b.mode(m)})
	}
	today := deadlines.DateOf(b.Now(), b.zone())
	wanted := optional(f("wanted", b.p.T("Which day do you want?"), b.p.T("It becomes your first proposal when the notice is sent. You can leave it open.")))
	wanted.Min = today.String()
	what := pages.Group{ID: "what", Title: b.p.T("What, where and when"), Prompts: []pages.Prompt{
		{Ask: sheets.Ask{Field: f("subject", b.p.T("What is the audit about?"), b.p.T("A few words, such as: the security of the hosting."))}},
		{Ask: sheets.Ask{Kind: "radio", Field: mode}},
		{Ask: sheets.Ask{Kind: "date", Field: wanted}, Chip: chip(agreements.TermNotice)},
		{Ask: sheets.Ask{Kind: "area", Field: short(optional(f("day_off", b.p.T("Why must it be on that day?"), b.p.T("Only when the day is a weekend or a public holiday."))))}}}}
	if t.Audit.Frequency != nil {
		earlier := optional(f("earlier", b.p.T("When was the last audit that the portal knows nothing of?"), b.p.T("The agreement limits how often there is an audit. Audits in the portal are counted already.")))
		earlier.Max = today.String()
		what.Prompts = append(what.Prompts, pages.Prompt{Ask: sheets.Ask{Kind: "date", Field: earlier}, Chip: chip(agreements.TermFrequency)})
	}
	why, err := b.causeForm(t, agreement, processor, f, chosen, bad)
	if err != nil {
		return nil, err
	}
	return append([]pages.Group{what, why}, b.noticeForm(t, agreement, f)...), nil
}

// causeForm asks why the audit is now, with what the portal itself recorded.
func (b *bench) causeForm(t agreements.Terms, agreement, processor string, f func(name, label, hint string) ui.Field, chosen []string, bad ui.FieldErrors) (pages.Group, error) {
	cause := f("for_cause", b.p.T("Does something point to non-compliance?"), "")
	cause.Value = orElse(cause.Value, "no")
	cause.Options = []ui.Option{{Value: "no", Label: b.p.T("No, it is a regular audit")}, {Value: "yes", Label: b.p.T("Yes, it is an audit for cause")}}
	g := pages.Group{ID: "cause", Title: b.p.T("Why now"), Prompts: []pages.Prompt{{Ask: sheets.Ask{Kind: "radio", Field: cause}}}}
	if t.Audit.Frequency != nil {
		g.Prompts[0].Chip = b.chip(agreements.Explain(t, agreements.TermFrequency, ""), agreement)
	}
	if p := t.Audit.Precondition; p != nil && slices.Contains(p.Needs, "breach_indicated") {
		breach := f("breach_indicated", b.p.T("Does anything show that the security duty is breached, or about to be?"), b.p.T("Such as the information you received, a report, or a data breach."))
		breach.Value = orElse(breach.Value, "unknown")
		breach.Options = []ui.Option{{Value: "unknown", Label: b.p.T("Not known yet")}, {Value: "yes", Label: b.p.T("Yes")}, {Value: "no", Label: b.p.T("No")}}
		g.Prompts = append(g.Prompts, pages.Prompt{Ask: sheets.Ask{Kind: "radio", Field: breach}, Chip: b.chip(agreements.Explain(t, agreements.TermPrecondition, ""), agreement)})
	}
	why := f("why", b.p.T("What points to it?"), b.p.T("Needed for an audit for cause and for an indicated breach, unless you choose something from the record. The processor reads it with the notice."))
	why.Optional = true
	g.Prompts = append(g.Prompts, pages.Prompt{Ask: sheets.Ask{Kind: "area", Field: why}})
	record, err := b.Audits.RecordOf(b.ctx, b.by, processor)
	if err != nil {
		return g, err
	}
	if options := b.recordOptions(record); len(options) > 0 {
		list := ui.Field{Name: "indications", Label: b.p.T("What the portal recorded of this processor"), Optional: true, Values: chosen, Options: options, Error: bad.For("indications"),
			Hint: b.p.T("Since %s. Tick what supports the cause. It is a record, no judgement.", b.p.Date(record.Since))}
		g.Prompts = append(g.Prompts, pages.Prompt{Ask: sheets.Ask{Kind: "checkboxes", Field: list}})
	} else {
		g.Note = b.p.T("The portal has recorded nothing late and no grave finding of this processor since %s.", b.p.Date(record.Since))
	}
	return g, nil
}

// recordOptions lists a processor's record to tick, each thing once.
func (b *bench) recordOptions(r audits.Record) []ui.Option {
	var options []ui.Option
	add := func(value, label, hint string) {
		if !slices.ContainsFunc(options, func(o ui.Option) bool { return o.Value == value }) {
			options = append(options, ui.Option{Value: value, Label: label, Hint: hint})
		}
	}
	for _, s := range r.Slips {
		due := b.p.T("It was due on %s.", b.p.Date(s.Due))
		switch s.Kind {
		case audits.LateForward:
			add(s.Object, b.p.T("A request forwarded %d days late", s.Days), due)
		case audits.LateAssist:
			add(s.Object, b.p.T("Help with a request that came %d days late", s.Days), due)
		case audits.MissedAssist:
			add(s.Object, b.p.T("Help with a request that did not come"), due)
		default:
			add(s.Object, b.p.T("An answer in an audit that came %d days late, or not yet", s.Days), due)
		}
	}
	for _, x := range r.Findings {
		label := b.p.T("A minor finding in audit %s", x.Reference)
		if x.Grade == audits.Major {
			label = b.p.T("A major finding in audit %s", x.Reference)
		}
		hint := b.p.T("Of %s, on %s.", b.p.Date(x.At), x.Clause)
		if x.Open {
			hint += " " + b.p.T("A measure for it is not finished.")
		}
		add(x.Finding, label, hint)
	}
	return options
}

// noticeForm asks for what the notice must state, each part with its clause,
// and apart from it for what it may state.
func (b *bench) noticeForm(t agreements.Terms, agreement string, f func(name, label, hint string) ui.Field) []pages.Group {
	must := pages.Group{ID: "must", Title: b.p.T("What the notice must state"), Note: b.p.T("You can fill this in later; the notice does not go out without it.")}
	may := pages.Group{ID: "may", Title: b.p.T("What the notice can also state"), Closed: true, Note: b.p.T("The agreement does not ask for this. It helps the processor to prepare.")}
	for _, part := range b.noticeParts(t) {
		q := pages.Prompt{Ask: sheets.Ask{Kind: "area", Field: f(part.name, part.title, part.hint)}}
		q.Optional = true // of the draft
		if part.must {
			q.Chip = b.chip(agreements.Explain(t, agreements.TermNoticeContent, ""), agreement)
			must.Prompts = append(must.Prompts, q)
			continue
		}
		may.Closed = may.Closed && q.Value == "" && q.Error == ""
		may.Prompts = append(may.Prompts, q)
	}
	var groups []pages.Group
	for _, g := range []pages.Group{must, may} {
		if len(g.Prompts) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// askRevise is the form of the draft again, with what it says now.
func (b *bench) askRevise(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Change the draft of audit %s", o.a.Reference)}
	posted := b.c.Method() == fiber.MethodPost
	chosen := o.a.Cause.Indications
	if posted {
		chosen = b.fields("indications")
	}
	was := func(name string) string {
		if posted {
			return b.field(name)
		}
		return b.drafted(o, name)
	}
	groups, err := b.planForm(o.rules.Terms, o.a.Agreement, o.a.Processor, was, chosen, nil)
	if err != nil {
		return m, err
	}
	said := map[string]bool{}
	for _, g := range groups {
		for _, q := range g.Prompts {
			m.Asks = append(m.Asks, q.Ask)
			if q.Chip != nil && !said[q.Chip.Label+q.Chip.Title] {
				said[q.Chip.Label+q.Chip.Title] = true
				m.Chips = append(m.Chips, *q.Chip)
			}
		}
	}
	will := b.p.T("The draft is changed. The processor sees nothing of it before the notice.")
	m.Confirm = ui.Confirmation{Title: b.p.T("The rules are looked at again"), Will: []string{will, b.p.T("The portal works out anew what is allowed and from which day.")},
		Confirm: b.button(b.p.T("Keep these changes"))}
	return m, nil
}

// drafted is what a field of the draft says now.
func (b *bench) drafted(o papers, name string) string {
	yesNo := func(yes bool) string {
		if yes {
			return "yes"
		}
		return "no"
	}
	a, said := o.a, o.story
	switch name {
	case "for_cause":
		return yesNo(a.Cause.ForCause)
	case "breach_indicated":
		if a.Cause.BreachIndicated == nil {
			return "unknown"
		}
		return yesNo(*a.Cause.BreachIndicated)
	case "wanted":
		return a.Wanted.String()
	case "earlier":
		return a.Earlier.String()
	}
	return map[string]string{"subject": said.Subject, "mode": string(a.Mode), "why": said.Why, "day_off": said.DayOff, "method": said.Notice.Method, "auditor": said.Notice.Auditor,
		"information": said.Notice.Information, "locations": said.Notice.Locations, "arguments": said.Notice.Arguments}[name]
}

func (b *bench) doRevise(s *audits.Service, id string) (string, error) {
	plan, err := b.plan()
	if err == nil {
		_, err = s.ReviseDraft(b.ctx, b.by, id, plan)
	}
	return "audit-revised", err
}
