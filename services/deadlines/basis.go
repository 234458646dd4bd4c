package deadlines

// voidRules explain the events that counted nothing.
var voidRules = []struct {
	bit  int
	rule Rule
}{
	{voidAsked, Rule{"statutory", "A question asked after the last day or with undue delay pauses nothing.", sourcePause + "; ECLI:NL:RBMNE:2023:6043"}},
	{voidReminder, Rule{"statutory", "Asking again while a question is open does not begin another pause.", sourcePause}},
	{voidAnswer, Rule{"statutory", "An answer counts no pause when no question that pauses the clock was open.", sourcePause}},
	{voidLate, Rule{"statutory", "The notice of extension went out after the first month, so it extends nothing.", sourceExtend}},
	{voidExtension, Rule{"statutory", "A request is extended once; only the first notice counts.", sourceExtend}},
}

// basis lists the rules behind a request's dates, in the order of the dates.
func (f *RequestFacts) basis(d RequestDeadline, c clock) []Rule {
	out := []Rule{
		{"", "The clock starts on the local day on which the request was received; that day does not count.", "EDPB 01/2022 par. 159; Reg. 1182/71 art. 3(1)"},
		f.nominalRule(c),
	}
	if d.Nominal.Day != d.Received.Day {
		out = append(out, Rule{"nominal", "That month has no day with this number, so its last day counts.", "Reg. 1182/71 art. 3(2)(c)"})
	}
	out = append(out, statutoryRules(c)...)
	out = append(out, f.Calendar.rolls(c.last()).of("statutory"), safeRule(c.extension))
	out = append(out, f.dueRule(d), Rule{"ends", "The day runs until 24:00 local time.", "Reg. 1182/71 art. 3(2)(c)"})
	roll := join(sourceRoll, f.Calendar.Source())
	out = append(out,
		Rule{"extension_notice_statutory", "The notice of an extension can go out until the end of the first month, rolled over when that is no working day.", roll},
		Rule{"extension_notice_safe", "The notice of an extension, with its reasons, goes out within one month of receipt.", sourceExtend},
		Rule{"refusal_notice_statutory", "A refusal can go out until the end of the first month, rolled over when that is no working day.", roll},
		Rule{"refusal_notice_safe", "A refusal, with its reasons and where to complain, goes out within one month of receipt; an extension does not lengthen it.", "Art. 12(4) GDPR; EDPB 01/2022 par. 157"},
	)
	return append(out, f.Calendar.unknowns(d.Received, d.Statutory)...)
}

func (f *RequestFacts) nominalRule(c clock) Rule {
	switch c.months {
	case 1:
		return Rule{"nominal", "One month: the day with the same number in the next month.", sourceMonth}
	case 2:
		return Rule{"nominal", "Extended by one further month: the day with the same number two months after receipt.", sourceExtend}
	default:
		return Rule{"nominal", "Extended by two further months: the day with the same number three months after receipt.", sourceExtend}
	}
}

func statutoryRules(c clock) []Rule {
	var out []Rule
	if c.extension == ExtendedStatutory {
		out = append(out, Rule{"statutory", "The notice of extension went out after the unrolled last day of the first month but by the rolled one, so it moves this date and no other.", sourceRoll})
	}
	if c.paused > 0 {
		out = append(out, Rule{"statutory", "A pause is the date of the answer minus the date of asking; it is added before the roll-over.", sourcePause})
	}
	if c.waiting {
		out = append(out, Rule{"statutory", "A question that is not answered yet counts no pause.", sourcePause})
	}
	for _, v := range voidRules {
		if c.void&v.bit != 0 {
			out = append(out, v.rule)
		}
	}
	return out
}

func safeRule(e Extension) Rule {
	const source = "Art. 12(3) GDPR, which names neither a roll-over nor a pause"
	if e == ExtendedStatutory {
		return Rule{"safe", "The safe date is the end of the first month, because not every reading accepts the extension.", source}
	}
	return Rule{"safe", "The safe date counts no roll-over and no pause, which are contested.", source}
}

func (f *RequestFacts) dueRule(d RequestDeadline) Rule {
	switch {
	case f.Window == 0:
		return Rule{"due", "The agreement has no window of its own, so the safe date is enforced.", sourceContract}
	case d.Window.IsZero():
		return Rule{"due", "Once extended, the window of the agreement no longer counts: the safe date is enforced.", sourceContract + "; " + sourceExtend}
	case d.Due == d.Safe:
		return Rule{"due", "The safe date does not lie after the last day of the agreement's window, so it is enforced.", sourceContract}
	default:
		return Rule{"due", "The agreement's window in days from receipt ends before the safe date, so it is enforced; it does not roll.", sourceContract}
	}
}
