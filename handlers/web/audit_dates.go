package web

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/ledger"
	pages "inzage/views/pages/audit"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// dateMoves are the steps towards a day. Proposing has three names, so that
// the link says what it does; none needs the revision, because a proposal names
// the one that it answers, and an answer names its proposal.
func dateMoves() map[string]move {
	propose := move{action: audits.Propose, label: "Propose a day", next: true, loose: true, ask: (*bench).askDay, do: (*bench).doPropose,
		fits: func(o papers) bool { return o.a.On.IsZero() && standingDay(o) == nil }}
	instead := move{action: audits.Propose, label: "Propose another day instead", item: true, loose: true, ask: (*bench).askDay, do: (*bench).doPropose}
	other := move{action: audits.Propose, label: "Propose to move the agreed day", loose: true, ask: (*bench).askDay, do: (*bench).doPropose,
		fits: func(o papers) bool { return !o.a.On.IsZero() && standingDay(o) == nil }}
	return map[string]move{
		"propose":       propose,
		"propose-other": instead,
		"move-day":      other,
		"accept-day":    {action: audits.Accept, label: "Accept this day", item: true, loose: true, ask: (*bench).askAccept, do: (*bench).doAccept},
		"take-back-day": {action: audits.TakeBack, label: "Take this proposal back", item: true, loose: true, ask: (*bench).askTakeBack, do: (*bench).doTakeBack},
		"begin":         {action: audits.Begin, label: "Begin the audit", next: true, fits: dayCame, ask: (*bench).askBegin, do: (*bench).doBegin},
	}
}

// dayCame tells whether the agreed day has come and no other is proposed.
func dayCame(o papers) bool {
	return !o.a.On.IsZero() && !o.rules.Today.Before(o.a.On) && standingDay(o) == nil
}

// standingDay is the proposal that waits for an answer, nil when none does.
func standingDay(o papers) *audits.Proposal {
	if n := len(o.a.Proposals); n > 0 && o.a.Proposals[n-1].State == audits.Standing {
		return &o.a.Proposals[n-1]
	}
	return nil
}

// datesPart shows the days that were proposed, and what became of each.
func (b *bench) datesPart(page ui.Page, o papers, _ ui.FieldErrors) (templ.Component, error) {
	if o.sight != audits.Content || o.a.Announced == nil {
		return nil, nil
	}
	m := pages.Dates{Empty: b.p.T("No day has been proposed yet. A proposal of either side appears here, with its reason.")}
	if !o.a.On.IsZero() {
		m.Agreed = b.day(o.a.On)
	}
	if o.a.Stage == audits.DateAgreed && !dayCame(o) {
		m.Begins = b.p.T("The audit can begin on that day, or later, when no other day is proposed.")
	}
	for _, p := range slices.Backward(o.a.Proposals) {
		m.Proposals = append(m.Proposals, b.proposal(o, p))
	}
	if o.a.Open {
		m.Warnings = b.sentences(o.rules.Warnings)
	}
	if o.a.Open && o.a.Began == nil {
		m.Earliest = b.earliestDay(o)
	}
	return pages.DatesPart(page, m), nil
}

// proposal is one proposed day, with what became of it and what can be done.
func (b *bench) proposal(o papers, p audits.Proposal) pages.Proposal {
	said := o.story.Items[p.ID]
	v := pages.Proposal{ID: p.ID, Day: b.day(p.Day), Iso: p.Day.String(), Reason: said.Reason, DayOff: said.Text,
		Who: b.p.T("%s proposed this on %s.", b.side(o, p.From), b.p.DateTime(p.At)), State: b.became(o, p)}
	if p.Ruled != nil {
		v.Ruled = b.p.DateTime(*p.Ruled)
	}
	if p.State != audits.Standing {
		return v
	}
	v.Waits = b.p.T("This waits for the answer of %s.", b.side(o, across(p.From)))
	if p.From != b.party(o) && !b.isAuditor() {
		v.Waits = b.p.T("The other side waits for your answer.")
	}
	for _, name := range []string{"accept-day", "propose-other", "take-back-day"} {
		if l, ok := b.link(o, name, p.ID); ok {
			v.Links = append(v.Links, ui.Button{Label: l.Label, Href: l.Href, TestID: name, Look: ui.Secondary})
		}
	}
	if len(v.Links) > 0 && p.From != b.party(o) {
		v.Links[0].Look = ui.Primary
	}
	return v
}

// across is the side across the table.
func across(p audits.Party) audits.Party {
	if p == audits.Processor {
		return audits.Controller
	}
	return audits.Processor
}

// became says what became of a proposal.
func (b *bench) became(o papers, p audits.Proposal) ui.State {
	switch {
	case p.State == audits.Accepted && p.Day == o.a.On:
		return ui.State{Tone: ui.Good, Word: b.p.T("Agreed"), Code: p.State}
	case p.State == audits.Accepted:
		return ui.State{Tone: ui.Neutral, Word: b.p.T("Agreed, moved since"), Code: p.State}
	case p.State == audits.Countered:
		return ui.State{Tone: ui.Neutral, Word: b.p.T("Another day was proposed"), Code: p.State}
	case p.State == audits.TakenBack:
		return ui.State{Tone: ui.Neutral, Word: b.p.T("Taken back"), Code: p.State}
	}
	return ui.State{Tone: ui.Waiting, Word: b.p.T("Waits for an answer"), Code: p.State}
}

// earliestDay is the first day that the agreement allows, with the rules that set it.
func (b *bench) earliestDay(o papers) *ui.Fact {
	first := o.rules.Earliest
	if first.IsZero() || first.Before(o.rules.Today) {
		first = o.rules.Today
	}
	f := &ui.Fact{Name: b.p.T("Earliest lawful day"), Value: b.day(first), TestID: "earliest"}
	for _, l := range o.rules.Lines {
		if !l.Until.IsZero() && l.Until == o.rules.Earliest {
			f.Chip = b.chip(l.Chip, o.a.Agreement)
		}
	}
	if f.Chip == nil {
		f.Chip = b.ruleChip(o, "notice")
	}
	if work := o.rules.EarliestWorkingDay; work.After(first) {
		f.Note = b.p.T("The first working day from then is %s.", b.day(work))
	}
	return f
}

// askDay is the form for a proposal: the first, one against another, or one
// that moves the agreed day.
func (b *bench) askDay(o papers) (sheets.Sheet, error) {
	last, moves := standingDay(o), !o.a.On.IsZero()
	needed := moves || last != nil && last.From != b.party(o)
	them := b.side(o, across(b.party(o)))
	m := sheets.Sheet{Title: b.p.T("Propose a day for the audit"), Hidden: []ui.Button{{Name: "proposal", Value: b.proposalID()}}}
	if moves {
		m.Title = b.p.T("Propose to move the agreed day")
		m.Typed = append(m.Typed, ui.Fact{Name: b.p.T("Agreed day"), Value: b.day(o.a.On), Note: b.p.T("It stays agreed until the other side accepts another one.")})
	}
	if last != nil {
		m.Hidden = append(m.Hidden, ui.Button{Name: "instead", Value: last.ID})
		m.Typed = append(m.Typed, ui.Fact{Name: b.p.T("The proposal that stands now"), Value: b.day(last.Day), TestID: "stands",
			Note: orElse(o.story.Items[last.ID].Reason, b.p.T("Proposed by %s.", b.side(o, last.From)))})
	}
	first := b.earliestDay(o)
	m.Typed = append(m.Typed, *first)
	from := o.rules.Today
	if o.rules.Earliest.After(from) {
		from = o.rules.Earliest
	}
	m.Asks = []sheets.Ask{
		{Kind: "date", Field: ui.Field{Name: "day", Label: b.p.T("Which day"), Value: b.field("day"), Min: from.String(), Hint: b.p.T("From %s. The portal checks it against the agreement.", b.day(from))}},
		{Kind: "area", Field: ui.Field{Name: "reason", Label: b.p.T("Why this day"), Value: b.field("reason"), Rows: 3, Optional: !needed, Hint: b.p.T("%s reads this.", them)}},
		{Kind: "area", Field: ui.Field{Name: "day_off", Label: b.p.T("Why on a day off"), Value: b.field("day_off"), Rows: 2, Optional: true,
			Hint: b.p.T("Only for a Saturday, a Sunday or a public holiday: say why it has to be on that day.")}},
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("The proposal goes to %s", them),
		Facts:   []ui.Fact{{Name: b.p.T("What is sent"), Value: b.p.T("The day and your reasons")}, {Name: b.p.T("To whom"), Value: them}},
		Will:    []string{b.p.T("%s accepts the day, or proposes another one.", them), b.p.T("The day is agreed only when it is accepted."), b.p.T("Until then you can take your proposal back.")},
		Confirm: b.button(b.p.T("Propose this day"))}
	return m, nil
}

// proposalID makes the sending of a form twice one proposal.
func (b *bench) proposalID() string {
	if id := b.field("proposal"); strings.HasPrefix(id, "prp_") && len(id) <= 40 {
		return id
	}
	return ledger.NewID("prp")
}

func (b *bench) doPropose(s *audits.Service, id string) (string, error) {
	p := audits.DayProposal{ID: b.proposalID(), Instead: b.field("instead"), Reason: b.field("reason"), DayOff: b.field("day_off")}
	if text := b.field("day"); text != "" {
		day, err := deadlines.ParseDate(text)
		if err != nil {
			return "", fault.New(fault.Invalid, "Some answers need another look.").At("day", "Fill in a date as year, month and day.")
		}
		p.Day = day
	}
	_, err := s.ProposeDay(b.ctx, b.by, id, p)
	return "audit-proposed", err
}

// namedDay is the proposal that the address or the form names, nil when it does
// not wait for an answer any more.
func (b *bench) namedDay(o papers) *audits.Proposal {
	if p := standingDay(o); p != nil && p.ID == b.item() {
		return p
	}
	return nil
}

// overtaken is the page of an answer to a proposal that does not stand any more.
func (b *bench) overtaken(o papers, m sheets.Sheet) sheets.Sheet {
	m.Note = b.p.T("This proposal was answered or taken back already.")
	if p := standingDay(o); p != nil {
		m.Note = b.p.T("Meanwhile %s was proposed. Go back to the audit to answer that proposal.", b.day(p.Day))
	}
	return m
}

func (b *bench) askAccept(o papers) (sheets.Sheet, error) {
	p := b.namedDay(o)
	m := sheets.Sheet{Title: b.p.T("Accept a day for the audit")}
	if p == nil {
		return b.overtaken(o, m), nil
	}
	judged, err := b.Audits.JudgeDay(b.ctx, b.by, o.a, p.Day)
	if err != nil {
		return m, err
	}
	said, them := o.story.Items[p.ID], b.side(o, p.From)
	m.Typed = []ui.Fact{{Name: b.p.T("Day"), Value: b.day(p.Day), Note: strings.Join(b.sentences(judged.Warnings), " "), TestID: "day"},
		{Name: b.p.T("Proposed by"), Value: them, Note: said.Reason}}
	if said.Text != "" {
		m.Typed = append(m.Typed, ui.Fact{Name: b.p.T("Why on a day off"), Value: said.Text})
	}
	if !o.a.On.IsZero() {
		m.Typed = append(m.Typed, ui.Fact{Name: b.p.T("Agreed until now"), Value: b.day(o.a.On), Note: b.p.T("That day is given up when you accept.")})
	}
	m.Typed = append(m.Typed, *b.earliestDay(o))
	m.Confirm = ui.Confirmation{Title: b.p.T("The audit is agreed for %s", b.day(p.Day)),
		Facts:   []ui.Fact{{Name: b.p.T("What is sent"), Value: b.p.T("That you accept the day")}, {Name: b.p.T("To whom"), Value: them}},
		Will:    []string{b.p.T("The day stands in the calendar of both sides."), b.p.T("Either side can still propose another day, with a reason.")},
		Confirm: b.button(b.p.T("Accept this day"))}
	return m, nil
}

func (b *bench) doAccept(s *audits.Service, id string) (string, error) {
	_, err := s.AcceptDay(b.ctx, b.by, id, b.field("item"))
	return "audit-accepted", err
}

func (b *bench) askTakeBack(o papers) (sheets.Sheet, error) {
	p := b.namedDay(o)
	m := sheets.Sheet{Title: b.p.T("Take your proposal back")}
	if p == nil {
		return b.overtaken(o, m), nil
	}
	will := b.p.T("No day is proposed then. Either side can propose one.")
	if !o.a.On.IsZero() {
		will = b.p.T("The audit stays agreed for %s.", b.day(o.a.On))
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("Your proposal of %s no longer stands", b.day(p.Day)),
		Facts: []ui.Fact{{Name: b.p.T("To whom"), Value: b.side(o, across(p.From))}},
		Will:  []string{will}, Confirm: b.button(b.p.T("Take this proposal back"))}
	return m, nil
}

func (b *bench) doTakeBack(s *audits.Service, id string) (string, error) {
	_, err := s.TakeBackDay(b.ctx, b.by, id, b.field("item"))
	return "audit-taken-back", err
}

func (b *bench) askBegin(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Begin the audit")}
	m.Typed = []ui.Fact{{Name: b.p.T("Agreed day"), Value: b.day(o.a.On), Chip: b.ruleChip(o, "notice")}}
	m.Confirm = ui.Confirmation{Title: b.p.T("The audit is under way from now on"),
		Facts: []ui.Fact{{Name: b.p.T("Who sees it"), Value: b.p.List(b.org(o.a.Controller), b.org(o.a.Processor))}},
		Will: []string{b.p.T("The day can no longer be moved."), b.p.T("Findings can be written down, and visits can be noted as held."),
			b.p.T("From this day the agreement counts when the next audit is possible.")},
		Chip: b.ruleChip(o, "frequency"), Confirm: b.button(b.p.T("Begin the audit"))}
	return m, nil
}

func (b *bench) doBegin(s *audits.Service, id string) (string, error) {
	_, err := s.Commence(b.ctx, b.by, id)
	return "audit-begun", err
}
