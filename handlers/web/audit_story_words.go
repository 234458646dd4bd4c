package web

import (
	"slices"
	"strconv"

	"inzage/services/audits"
	"inzage/services/ledger"
	"inzage/views/ui"
)

// looking tells a reading in a sentence; "" for what is none.
func (b *bench) looking(verb audits.Action) string {
	switch verb {
	case readAudit:
		return b.p.T("Looked at the audit")
	case openFile:
		return b.p.T("Opened a file")
	case readNotice:
		return b.p.T("Read the notice")
	case readReport:
		return b.p.T("Read the closing report")
	case tookDossier:
		return b.p.T("Took the dossier out of the portal")
	}
	return ""
}

// says tells an event in a sentence; "" for what is nothing to tell.
func (b *bench) says(o papers, ev ledger.Event) (string, ui.Tone) {
	for _, part := range []func(*bench, papers, audits.Action, map[string]string) (string, ui.Tone){
		(*bench).saysOfBooking, (*bench).saysOfAuditor, (*bench).saysOfDay, (*bench).saysOfConduct, (*bench).saysOfFindings, (*bench).saysOfMeasures, (*bench).saysOfCosts, (*bench).saysOfEnd} {
		if words, tone := part(b, o, verbOf(ev), ev.Details); words != "" {
			return words, tone
		}
	}
	return "", ui.Neutral
}

// saysOfBooking is says for what comes before the notice, and the notice.
func (b *bench) saysOfBooking(_ papers, verb audits.Action, x map[string]string) (string, ui.Tone) {
	switch verb {
	case draftAudit:
		return b.p.T("Drafted the audit"), ui.Neutral
	case audits.Revise:
		return b.p.T("Changed the draft"), ui.Neutral
	case audits.AskFirst:
		return b.p.T("Asked for %s, by %s", b.askedFor(x["kind"]), b.dayOf(x["due"])), ui.Waiting
	case audits.Supply:
		if x["none"] == "true" {
			return b.p.T("Answered that there is nothing: %s", b.askedFor(x["kind"])), ui.Warn
		}
		return b.p.T("Answered with %s", b.askedFor(x["kind"])), ui.Good
	case audits.Assess:
		if x["assessment"] == audits.Conclusive {
			return b.p.T("Judged that the answer settles the matter"), ui.Good
		}
		return b.p.T("Judged that the answer does not settle the matter"), ui.Warn
	case audits.Conclude:
		return b.p.T("Closed the matter without an audit: the answer was enough"), ui.Good
	case audits.Announce:
		return b.p.T("Announced the audit to %s", b.org(x["processor"])), ui.Good
	}
	return "", ui.Neutral
}

// askedFor names what an inquiry asks for.
func (b *bench) askedFor(kind string) string {
	switch audits.Kind(kind) {
	case audits.ExistingReports:
		return b.p.T("existing reports")
	case audits.SelfAssessment:
		return b.p.T("a self-assessment")
	}
	return b.p.T("information")
}

func (b *bench) saysOfAuditor(_ papers, verb audits.Action, x map[string]string) (string, ui.Tone) {
	switch verb {
	case audits.NameAuditor:
		if x["own"] == "true" {
			return b.p.T("Named its own people to do the audit"), ui.Neutral
		}
		return b.p.T("Named the auditor"), ui.Neutral
	case audits.Invite:
		return b.p.T("Invited the auditor"), ui.Info
	case audits.WithdrawInvitation:
		return b.p.T("Withdrew the invitation of the auditor"), ui.Warn
	case audits.Sign:
		return b.p.T("Signed the confidentiality undertaking"), ui.Good
	case audits.Object:
		return b.p.T("Objected to the auditor"), ui.Warn
	case audits.AnswerObjection:
		return b.p.T("Answered the objection and kept the auditor"), ui.Info
	}
	return "", ui.Neutral
}

func (b *bench) saysOfDay(_ papers, verb audits.Action, x map[string]string) (string, ui.Tone) {
	switch verb {
	case audits.Propose:
		if x["moves"] == "true" {
			return b.p.T("Proposed to move the audit to %s", b.dayOf(x["day"])), ui.Waiting
		}
		return b.p.T("Proposed %s as the day of the audit", b.dayOf(x["day"])), ui.Waiting
	case audits.Accept:
		return b.p.T("Agreed to %s as the day of the audit", b.dayOf(x["day"])), ui.Good
	case audits.TakeBack:
		return b.p.T("Took back the proposal of %s", b.dayOf(x["day"])), ui.Neutral
	case audits.Begin:
		return b.p.T("Began the audit"), ui.Good
	}
	return "", ui.Neutral
}

// saysOfConduct is says for what goes on while the audit is under way.
func (b *bench) saysOfConduct(_ papers, verb audits.Action, x map[string]string) (string, ui.Tone) {
	switch verb {
	case audits.Ask:
		if x["urgent"] == "true" {
			return b.p.T("Asked the processor an urgent question, by %s", b.dayOf(x["due"])), ui.Waiting
		}
		return b.p.T("Asked the processor a question, by %s", b.dayOf(x["due"])), ui.Waiting
	case audits.AnswerQuestion:
		return b.saysOfAnswer(x)
	case audits.WithdrawInquiry:
		return b.p.T("Withdrew a question to the processor"), ui.Neutral
	case audits.SetRules:
		return b.p.T("Wrote version %s of the house rules", x["version"]), ui.Info
	case audits.Acknowledge:
		return b.p.T("Read version %s of the house rules", x["version"]), ui.Good
	case audits.PlanSession:
		return b.p.T("Planned a visit or meeting on %s", b.dayOf(x["day"])), ui.Info
	case audits.HoldSession:
		return b.p.T("Recorded a visit or meeting"), ui.Good
	case audits.DropSession:
		return b.p.T("Cancelled a visit or meeting"), ui.Warn
	case audits.AddFile:
		return b.p.T("Added a file"), ui.Neutral
	case audits.RemoveFile:
		return b.p.T("Took out a file"), ui.Neutral
	}
	return "", ui.Neutral
}

func (b *bench) saysOfAnswer(x map[string]string) (string, ui.Tone) {
	switch {
	case x["none"] == "true":
		return b.p.T("Answered a question: there is nothing available"), ui.Warn
	case x["late"] == "true":
		return b.p.T("Answered a question after its day"), ui.Warn
	}
	return b.p.T("Answered a question"), ui.Good
}

func (b *bench) saysOfFindings(o papers, verb audits.Action, x map[string]string) (string, ui.Tone) {
	switch verb {
	case audits.AddFinding:
		return b.p.T("Wrote down %s", b.findingNamed(o, x["finding"])), ui.Info
	case audits.ReviseFinding:
		return b.p.T("Changed %s", b.findingNamed(o, x["finding"])), ui.Neutral
	case audits.DropFinding:
		return b.p.T("Struck out %s", b.findingNamed(o, x["finding"])), ui.Warn
	case audits.Share:
		return b.p.T("Shared the draft report; comments by %s", b.dayOf(x["due"])), ui.Good
	case audits.Comment:
		return b.p.T("Commented on the draft report"), ui.Info
	case audits.Review:
		return b.p.T("Opened the joint review; positions by %s", b.dayOf(x["due"])), ui.Info
	case audits.TakePosition:
		return b.saysOfPosition(o, x)
	case audits.FinishReview:
		return b.p.T("Ended the joint review"), ui.Good
	}
	return "", ui.Neutral
}

func (b *bench) saysOfPosition(o papers, x map[string]string) (string, ui.Tone) {
	finding := b.findingNamed(o, x["finding"])
	switch x["view"] {
	case audits.Agrees:
		return b.p.T("Agreed with %s", finding), ui.Good
	case audits.AgreesPartly:
		return b.p.T("Agreed in part with %s", finding), ui.Info
	}
	return b.p.T("Disputed %s", finding), ui.Warn
}

// findingNamed names a finding by its number, never by its words.
func (b *bench) findingNamed(o papers, id string) string {
	i := slices.IndexFunc(o.a.Findings, func(f audits.Finding) bool { return f.ID == id })
	if i < 0 {
		return b.p.T("a finding")
	}
	return b.p.T("finding %d", o.a.Findings[i].Number)
}

func (b *bench) saysOfMeasures(_ papers, verb audits.Action, x map[string]string) (string, ui.Tone) {
	switch verb {
	case audits.AddMeasure:
		return b.p.T("Recorded a measure, due on %s", b.dayOf(x["due"])), ui.Info
	case audits.ReviseMeasure:
		return b.p.T("Changed a measure, due on %s", b.dayOf(x["due"])), ui.Neutral
	case audits.ReportMeasure:
		if x["late"] == "true" {
			return b.p.T("Reported a measure as carried out, after its day"), ui.Warn
		}
		return b.p.T("Reported a measure as carried out"), ui.Good
	case audits.CheckMeasure:
		if x["result"] == audits.NotEffective {
			return b.p.T("Checked a measure: it does not work yet; due again on %s", b.dayOf(x["due"])), ui.Warn
		}
		return b.p.T("Checked a measure: it works"), ui.Good
	case audits.DropMeasure:
		return b.p.T("Left a measure out"), ui.Warn
	}
	return "", ui.Neutral
}

func (b *bench) saysOfCosts(_ papers, verb audits.Action, x map[string]string) (string, ui.Tone) {
	switch verb {
	case audits.AddCost:
		return b.p.T("Added costs of %s", b.amount(x)), ui.Info
	case audits.ReviseCost:
		return b.p.T("Changed costs to %s", b.amount(x)), ui.Neutral
	case audits.DropCost:
		return b.p.T("Removed costs of %s", b.amount(x)), ui.Neutral
	case audits.AcceptCost:
		return b.p.T("Accepted a line of the costs"), ui.Good
	case audits.DisputeCost:
		return b.p.T("Disputed a line of the costs"), ui.Warn
	case flipCosts:
		if x["non_compliance"] == "true" {
			return b.p.T("A finding shows that the agreement or the law was not kept, so costs fall to %s now", b.partyNamed(x["to"])), ui.Warn
		}
		return b.p.T("No finding shows any more that the agreement or the law was not kept, so costs fall to %s again", b.partyNamed(x["to"])), ui.Warn
	case audits.Settle:
		if x["cents"] != "" {
			return b.p.T("Settled the costs: %s pays %s to %s", b.partyNamed(x["from"]), b.amount(x), b.partyNamed(x["to"])), ui.Good
		}
		return b.p.T("Settled the costs: nobody has to pay the other"), ui.Good
	}
	return "", ui.Neutral
}

func (b *bench) partyNamed(party string) string {
	switch audits.Party(party) {
	case audits.Processor:
		return b.p.T("the processor")
	case audits.Controller:
		return b.p.T("the controller")
	}
	return b.p.T("whoever made them")
}

// amount writes the money of an event out.
func (b *bench) amount(x map[string]string) string {
	cents, err := strconv.ParseInt(x["cents"], 10, 64)
	if err != nil {
		return x["cents"]
	}
	return b.p.Money(cents, x["currency"])
}

// saysOfEnd is says for the end, and for the reminders on the way.
func (b *bench) saysOfEnd(_ papers, verb audits.Action, x map[string]string) (string, ui.Tone) {
	switch verb {
	case audits.Cancel:
		if x["outcome"] == audits.BrokenOff {
			return b.p.T("Broke the audit off"), ui.Danger
		}
		return b.p.T("Cancelled the audit"), ui.Danger
	case audits.Close:
		if next := x["next"]; next != "" {
			return b.p.T("Closed the audit; another one is possible from %s", b.dayOf(next)), ui.Good
		}
		return b.p.T("Closed the audit"), ui.Good
	case remindOf:
		what := b.markWord(audits.Mark{Kind: x["kind"]})
		if x["days"] == "late" {
			return b.p.T("Warned that a day has passed: %s, %s", what, b.dayOf(x["due"])), ui.Danger
		}
		return b.p.T("Reminded of a day: %s, %s", what, b.dayOf(x["due"])), ui.Warn
	}
	return "", ui.Neutral
}
