package audits

import (
	"slices"
	"strings"

	"inzage/services/identity"
	"inzage/services/ledger"
)

// ofMoney are the steps about who pays what. That is between the parties.
var ofMoney = [...]Action{AddCost, ReviseCost, DropCost, AcceptCost, DisputeCost, Settle, FlipCosts}

// ofFindings are the steps that the processor learns of with the draft report.
var ofFindings = [...]Action{AddFinding, ReviseFinding, DropFinding}

// ofAsking are the steps that the processor is told of although they came
// before the notice: those of what it was asked.
var ofAsking = [...]Action{AskFirst, Supply, Assess, Conclude, WithdrawInquiry, Cancel}

// MayKnow tells whether somebody who sees an audit may know of an event in its
// history: the auditor of nothing about money, the processor of nothing from
// before it was asked or told, and of findings when the draft report is out.
// What one's own side did one may always know.
func MayKnow(by identity.Actor, a Audit, ev ledger.Event) bool {
	_, verb, _ := strings.Cut(ev.Action, ".")
	do, of, auditor := Action(verb), ev.Details["of"], by.Is(identity.Auditor)
	switch {
	case auditor && (slices.Contains(ofMoney[:], do) || strings.HasPrefix(of, "cst_")):
		return false
	case ev.Organisation != "" && ev.Organisation == by.Organisation:
		return true
	case strings.HasPrefix(of, "inq_") && !a.answered(of):
		return false // files of an answer that is not sent yet
	case auditor || by.Organisation != a.Processor:
		return true
	case do != Announce && (a.Announced == nil || !ev.At.After(*a.Announced)):
		return ev.Outcome == ledger.Done && (slices.Contains(ofAsking[:], do) || strings.HasPrefix(of, "inq_") || ev.Details["kind"] == "inquiry")
	case a.Report == nil:
		return !slices.Contains(ofFindings[:], do) && of != "report" && !strings.HasPrefix(of, "fnd_")
	}
	return true
}

// answered tells whether something asked was answered.
func (a *Audit) answered(inquiry string) bool {
	q := a.inquiry(inquiry)
	return q != nil && q.Answered != nil
}
