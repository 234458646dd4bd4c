package web

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"inzage/services/audits"
	"inzage/services/identity"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

func (s auditing) mountBooking(app routes) {
	app.Get("/audits/new", s.at((*bench).chooseAgreement))
	app.Get("/audits/new/:agreement", s.at((*bench).wizard))
	app.Post("/audits/new/:agreement", post(s.at((*bench).book)))
}

func bookingMoves() map[string]move {
	return map[string]move{
		"announce":         {action: audits.Announce, label: "Send the notice", next: true, ready: (*bench).noticeReady, ask: (*bench).askAnnounce, do: (*bench).doAnnounce},
		"ask-first":        {action: audits.AskFirst, label: "Ask the processor for something first", next: true, ready: (*bench).questionFirst, ask: (*bench).askFirst, do: (*bench).doAskFirst},
		"revise":           {action: audits.Revise, label: "Change the draft", ask: (*bench).askRevise, do: (*bench).doRevise},
		"supply":           {action: audits.Supply, label: "Answer this", item: true, ask: (*bench).askSupply, do: (*bench).doSupply},
		"assess":           {action: audits.Assess, label: "Weigh this answer", item: true, ask: (*bench).askAssess, do: (*bench).doAssess},
		"conclude":         {action: audits.Conclude, label: "Close the audit on this answer", item: true, ask: (*bench).askConclude, do: (*bench).doConclude},
		"withdraw-inquiry": {action: audits.WithdrawInquiry, label: "Withdraw this question", item: true, ask: (*bench).askWithdraw, do: (*bench).doWithdraw},
		"cancel":           {action: audits.Cancel, label: "Cancel the audit", ask: (*bench).askCallOff, do: (*bench).doCallOff},
	}
}

// books tells whether the reader may book audits for the organisation.
func (b *bench) books() bool {
	return b.by.IsStaffOf(b.by.Organisation, identity.PrivacyOfficer)
}

// bookingPart shows, rule by rule, how the audit stands by its agreement.
func (b *bench) bookingPart(page ui.Page, o papers, _ ui.FieldErrors) (templ.Component, error) {
	if o.sight != audits.Content {
		return nil, nil
	}
	m := pages.Booking{Title: b.p.T("May this audit go on?"), States: b.notice(o), Began: o.a.Began != nil || !o.a.Open}
	m.Judgement = b.judgement(o.rules, o.a.Agreement, b.ways(o))
	if m.Began {
		m.Title = b.p.T("How the audit was booked")
		m.Judgement.Verdict, m.Judgement.Missing, m.Judgement.Warnings = ui.State{}, nil, nil
		return pages.BookingPart(page, m), nil
	}
	m.Judgement.Facts = b.dayFacts(o.rules, o.a)
	m.Indications = b.indications(o)
	return pages.BookingPart(page, m), nil
}

// judgement shows what the booking engine answers; ways leads from a rule to
// what can be done about it.
func (b *bench) judgement(j audits.Judgement, agreement string, ways map[string]ui.Link) pages.Judgement {
	m := pages.Judgement{Verdict: b.verdict(j), Because: b.because(j), Warnings: b.sentences(j.Warnings)}
	for _, l := range j.Lines {
		line := pages.Line{Rule: l.Rule, Name: l.Chip.Name.In(b.p.Tag()), State: b.lineState(l), Says: b.sentences(l.Reasons), Chip: b.chip(l.Chip, agreement)}
		if len(line.Says) == 0 {
			line.Says = []string{l.Chip.Says.In(b.p.Tag())}
		}
		if way, ok := ways[l.Rule]; ok && l.Verdict != audits.OK {
			line.Way = &way
		}
		m.Lines = append(m.Lines, line)
		if l.Verdict != audits.OK {
			m.Missing = append(m.Missing, line)
		}
	}
	return m
}

// verdict says in words whether an audit may be.
func (b *bench) verdict(j audits.Judgement) ui.State {
	st := ui.State{Code: j.Verdict}
	switch j.Verdict {
	case audits.Allowed:
		st.Tone, st.Word = ui.Good, b.p.T("Allowed")
	case audits.TooEarly:
		st.Tone, st.Word = ui.Warn, b.p.T("Too early until %s", b.day(j.EarliestWorkingDay))
	case audits.Blocked:
		st.Tone, st.Word = ui.Danger, b.p.T("Not allowed now")
	default:
		st.Tone, st.Word = ui.Warn, b.p.T("Allowed when something more is done")
	}
	return st
}

// because goes on where the verdict stops.
func (b *bench) because(j audits.Judgement) string {
	switch j.Verdict {
	case audits.Allowed:
		return b.p.T("Nothing stands in the way.")
	case audits.TooEarly:
		return b.p.T("Only the day stands in the way. Choose that day or a later one.")
	case audits.Blocked:
		return b.p.T("It is not allowed because of the rules below that are refused. Mend what they name, or settle the matter without an audit.")
	}
	return b.p.T("It is allowed when what is still needed below has been done.")
}

func (b *bench) lineState(l audits.Line) ui.State {
	st := ui.State{Code: l.Verdict}
	switch {
	case l.Verdict == audits.Refused:
		st.Tone, st.Word = ui.Danger, b.p.T("Not allowed")
	case l.Verdict == audits.TooEarly:
		st.Tone, st.Word = ui.Warn, b.p.T("Too early")
	case l.Verdict == audits.Missing:
		st.Tone, st.Word = ui.Warn, b.p.T("Still needed")
	case l.Silent:
		st.Tone, st.Word = ui.Neutral, b.p.T("No rule agreed")
	default:
		st.Tone, st.Word = ui.Good, b.p.T("In order")
	}
	return st
}

// ways leads from a rule that is not in order to the page that mends it.
func (b *bench) ways(o papers) map[string]ui.Link {
	ways := map[string]ui.Link{}
	all, can := moves(), audits.Possible(b.by, o.a)
	for rule, name := range map[string]string{"precondition": b.firstStep(o), "notice": "revise", "notice_content": "revise", "frequency": "revise", "auditor": "name-auditor"} {
		if m, ok := all[name]; ok && !m.item && slices.Contains(can, m.action) {
			ways[rule] = ui.Link{Label: b.p.T(m.label), Href: o.path("/do/" + name)}
		}
	}
	// What came in already is weighed first.
	for _, q := range o.a.Inquiries {
		if q.Kind != audits.Question && q.Answered != nil && !q.None && q.Assessment == "" {
			if way, ok := b.link(o, "assess", q.ID); ok {
				ways["precondition"] = way
			}
		}
	}
	return ways
}

// firstStep is the move that brings the precondition on: the draft where only
// the indication of a breach is asked for, else the question to the processor.
func (b *bench) firstStep(o papers) string {
	if p := o.rules.Terms.Audit.Precondition; p != nil && len(p.Needs) == 1 && p.Needs[0] == "breach_indicated" {
		return "revise"
	}
	return "ask-first"
}

// questionFirst tells whether the agreement wants something asked before the
// audit, and nothing has been.
func (b *bench) questionFirst(o papers) bool {
	asked := slices.ContainsFunc(o.a.Inquiries, func(q audits.Inquiry) bool { return q.Kind != audits.Question && q.Withdrawn == nil })
	needed := slices.ContainsFunc(o.rules.Lines, func(l audits.Line) bool { return l.Rule == "precondition" && l.Verdict == audits.Missing })
	return needed && !asked
}

// dayFacts are the days that follow from the agreement, each with its clause.
func (b *bench) dayFacts(j audits.Judgement, a audits.Audit) []ui.Fact {
	facts := []ui.Fact{b.earliestFact(j, a)}
	if a.Announced == nil && !a.Wanted.IsZero() {
		facts = append(facts, ui.Fact{Name: b.p.T("Day you want"), Value: b.day(a.Wanted)})
		if !j.LatestNotice.IsZero() && j.Terms.Audit.Notice != nil {
			facts = append(facts, ui.Fact{Name: b.p.T("Latest day to send the notice for that day"), Value: b.day(j.LatestNotice), Chip: b.chipOf(j, "notice", a.Agreement), TestID: "latest-notice"})
		}
	}
	if !a.Earlier.IsZero() {
		facts = append(facts, ui.Fact{Name: b.p.T("Earlier audit outside the portal"), Value: b.day(a.Earlier), Chip: b.chipOf(j, "frequency", a.Agreement)})
	}
	return facts
}

// earliestFact is the first lawful day, why, and the clause that sets it.
// The audit may be one to come, of which only the agreement is known.
func (b *bench) earliestFact(j audits.Judgement, a audits.Audit) ui.Fact {
	f := ui.Fact{Name: b.p.T("Earliest day"), TestID: "earliest", Chip: b.chipOf(j, "notice", a.Agreement)}
	day := j.EarliestWorkingDay
	switch {
	case j.Earliest.IsZero():
		f.Value = b.p.T("From today: the agreement sets no first day")
		f.Note = b.p.T("The portal announces the audit all the same, and the two sides agree on a day.")
		return f
	case !j.Earliest.After(j.Today):
		f.Value = b.p.T("From today")
		f.Note = b.p.T("The notice has to come first; the agreement sets no number of days that has still to pass.")
		if a.Announced != nil {
			f.Note = b.p.T("The notice was sent on %s, long enough ago.", b.p.DateTime(*a.Announced))
		}
	default:
		f.Value = b.day(day)
		f.Note = b.p.T("When the notice is sent today. Each day later makes this day later.")
		if a.Announced != nil {
			f.Note = b.p.T("Counted from the notice, which was sent on %s.", b.p.DateTime(*a.Announced))
		}
		if j.Earliest != day {
			f.Note += " " + b.p.T("The agreement allows %s, but that is a weekend or a public holiday.", b.day(j.Earliest))
		}
	}
	// The rule that sets the day; the frequency when it is the later one.
	for _, l := range j.Lines {
		if l.Rule == "frequency" && l.Until == j.Earliest {
			f.Chip = b.chip(l.Chip, a.Agreement)
			f.Note = b.p.T("That is the first day on which another audit is allowed after the last one.")
		}
	}
	return f
}

// chipOf is the chip of one line of a judgement; nil when there is none.
func (b *bench) chipOf(j audits.Judgement, rule, agreement string) *ui.Clause {
	return b.ruleChip(papers{a: audits.Audit{Agreement: agreement}, rules: j}, rule)
}

// notice is what the notice states, part by part. What is empty and not asked
// for by the agreement is left out.
func (b *bench) notice(o papers) []ui.Fact {
	var facts []ui.Fact
	for _, part := range b.noticeParts(o.rules.Terms) {
		text := map[string]string{"method": o.story.Notice.Method, "auditor": o.story.Notice.Auditor, "information": o.story.Notice.Information,
			"locations": o.story.Notice.Locations, "arguments": o.story.Notice.Arguments}[part.name]
		f := ui.Fact{Name: part.title, Value: text, TestID: "notice-" + part.name}
		if part.must {
			f.Chip = b.ruleChip(o, "notice_content")
		}
		if strings.TrimSpace(text) == "" {
			if !part.must || o.a.Announced != nil {
				continue
			}
			f.Value, f.State = "", &ui.State{Tone: ui.Warn, Word: b.p.T("Not filled in yet")}
			if part.name == "arguments" {
				f.State.Word, f.State.Tone = b.p.T("Not filled in; needed when reports exist"), ui.Neutral
			}
		}
		facts = append(facts, f)
	}
	return facts
}

// indications are the things in the portal's own records that the cause rests
// on. What they are follows from their kind; nothing in them is opened here.
func (b *bench) indications(o papers) []ui.Fact {
	var facts []ui.Fact
	for _, id := range o.a.Cause.Indications {
		f := ui.Fact{Name: b.p.T("In the record of the processor"), TestID: "indication"}
		kind, _, _ := strings.Cut(id, "_")
		switch kind {
		case "req":
			f.Value, f.Href = b.p.T("A request that was forwarded late"), "/requests/"+id
		case "ast":
			f.Value, f.Href = b.p.T("Help with a request that came late or not at all"), "/assists/"+id
		case "aud":
			f.Value, f.Href = b.p.T("An answer in an audit that came late or not at all"), "/audits/"+id
		default:
			f.Value = b.p.T("A finding of an earlier audit")
		}
		if b.party(o) != audits.Controller || b.isAuditor() {
			f.Href = "" // the controller's way in; others have their own
		}
		facts = append(facts, f)
	}
	return facts
}
