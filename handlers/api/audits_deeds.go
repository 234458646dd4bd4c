package api

import (
	"context"

	"inzage/services/audits"
	"inzage/services/identity"
)

type service = audits.Service

// mountAuditDeeds is everything that can be done to an audit.
func (a *API) mountAuditDeeds() {
	a.mountAuditBooking()
	a.mountAuditAuditor()
	a.mountAuditConduct()
	a.mountAuditFollowUp()
}

func (a *API) mountAuditBooking() {
	does(a, deed{audits.Revise, "revise-audit", "plan", "Write the plan anew, until the notice is sent"}, revise)
	makes(a, deed{audits.AskFirst, "ask-before-audit", "inquiries", "Ask for reports, a self-assessment or information before an audit or in its place"}, "inq", askBefore)
	does(a, deed{audits.Supply, "answer-inquiry", "inquiries/{item}/answer", "Answer what was asked, before the audit or during it; this locks the answer"}, answer)
	does(a, deed{audits.Assess, "assess-reports", "inquiries/{item}/assessment", "Say whether what was supplied settles the matter"}, assess)
	does(a, deed{audits.Conclude, "conclude-audit", "inquiries/{item}/conclusion", "Close the matter on what was supplied, without an audit"}, item((*service).ConcludeWithout))
	does(a, deed{audits.WithdrawInquiry, "withdraw-inquiry", "inquiries/{item}/withdrawal", "Withdraw a question that was not answered"}, item((*service).WithdrawQuestion))
	does(a, deed{audits.Announce, "announce-audit", "notice", "Send the notice"}, bare((*service).SendNotice))
	makes(a, deed{audits.Propose, "propose-day", "days", "Propose a day, or another one instead of what stands"}, "prp", propose)
	does(a, deed{audits.Accept, "accept-day", "days/{item}/acceptance", "Accept the other side's day"}, item((*service).AcceptDay))
	does(a, deed{audits.TakeBack, "take-back-day", "days/{item}/withdrawal", "Take back your own proposal"}, item((*service).TakeBackDay))
	does(a, deed{audits.Cancel, "cancel-audit", "cancellation", "Cancel the audit, with a reason"}, text((*service).CallOff))
}

func (a *API) mountAuditAuditor() {
	does(a, deed{audits.NameAuditor, "name-auditor", "auditor", "Name the auditor, or another one"}, appoint)
	does(a, deed{audits.Invite, "invite-auditor", "auditor/invitation", "Invite the named auditor to this audit alone"}, bare((*service).InviteAuditor))
	does(a, deed{audits.WithdrawInvitation, "withdraw-auditor", "auditor/withdrawal", "Take the auditor's access away, at once"}, bare((*service).WithdrawAuditor))
	does(a, deed{audits.Sign, "sign-undertaking", "undertaking", "Sign the confidentiality undertaking; needs a fresh second factor"}, sign)
	does(a, deed{audits.Object, "object-to-auditor", "auditor/objection", "Object to the auditor"}, object)
	does(a, deed{audits.AnswerObjection, "answer-objection", "auditor/objection/answer", "Keep the auditor, with reasons"}, text((*service).KeepAuditor))
}

func (a *API) mountAuditConduct() {
	does(a, deed{audits.Begin, "begin-audit", "begin", "Put the audit under way"}, bare((*service).Commence))
	makes(a, deed{audits.Ask, "ask-question", "questions", "Ask the processor a question during the audit"}, "inq", askDuring)
	does(a, deed{audits.SetRules, "set-house-rules", "house-rules", "Write the house rules, or a new version"}, text((*service).WriteRules))
	does(a, deed{audits.Acknowledge, "read-house-rules", "house-rules/acknowledgment", "Acknowledge a version of the house rules"}, readRules)
	makes(a, deed{audits.PlanSession, "plan-visit", "visits", "Plan a visit, or a meeting at a distance"}, "vis", visit)
	does(a, deed{audits.HoldSession, "record-visit", "visits/{item}/record", "Record that a visit was held"}, itemText((*service).RecordVisit))
	does(a, deed{audits.DropSession, "cancel-visit", "visits/{item}/cancellation", "Cancel a visit that was not held"}, item((*service).CancelVisit))
	makes(a, deed{audits.AddFinding, "add-finding", "findings", "Write down a finding"}, "fnd", finding((*service).Find))
	does(a, deed{audits.ReviseFinding, "revise-finding", "findings/{item}", "Change a finding"}, finding((*service).Rewrite))
	does(a, deed{audits.DropFinding, "strike-finding", "findings/{item}/removal", "Strike a finding"}, item((*service).Strike))
	does(a, deed{audits.Share, "share-report", "report", "Share the draft report with the processor"}, text((*service).ShareReport))
	does(a, deed{audits.Comment, "comment-report", "report/comments", "Comment on the draft report; this locks the comments"}, text((*service).CommentReport))
}

func (a *API) mountAuditFollowUp() {
	does(a, deed{audits.Review, "open-review", "review", "Open the joint review"}, bare((*service).OpenReview))
	does(a, deed{audits.TakePosition, "take-position", "findings/{item}/position", "Say what your side holds of a finding"}, hold)
	does(a, deed{audits.FinishReview, "end-review", "review/end", "End the joint review"}, bare((*service).EndReview))
	makes(a, deed{audits.AddMeasure, "add-measure", "measures", "Agree a measure, with its owner and day"}, "msr", measure((*service).AgreeMeasure))
	does(a, deed{audits.ReviseMeasure, "change-measure", "measures/{item}", "Change a measure until it is done"}, measure((*service).ChangeMeasure))
	does(a, deed{audits.ReportMeasure, "carry-out-measure", "measures/{item}/done", "Say that your side has done its part"}, itemText((*service).CarryOut))
	does(a, deed{audits.CheckMeasure, "check-measure", "measures/{item}/check", "Say whether a measure works"}, recheck)
	does(a, deed{audits.DropMeasure, "drop-measure", "measures/{item}/removal", "Leave a measure out, with a reason"}, itemText((*service).LeaveOut))
	makes(a, deed{audits.AddCost, "add-cost", "costs", "State a cost that your side made"}, "cst", cost((*service).StateCost))
	does(a, deed{audits.ReviseCost, "change-cost", "costs/{item}", "Change a cost of your side"}, cost((*service).RestateCost))
	does(a, deed{audits.DropCost, "remove-cost", "costs/{item}/removal", "Take a cost of your side out"}, item((*service).RemoveCost))
	does(a, deed{audits.AcceptCost, "accept-cost", "costs/{item}/acceptance", "Accept a cost for your side, as you saw it"}, agreeCost)
	does(a, deed{audits.DisputeCost, "dispute-cost", "costs/{item}/dispute", "Dispute a cost for your side"}, itemText((*service).ContestCost))
	does(a, deed{audits.Settle, "settle-costs", "settlement", "Settle the costs"}, bare((*service).SettleCosts))
	does(a, deed{audits.Close, "close-audit", "closure", "Close the audit"}, bare((*service).Finish))
}

func revise(ctx context.Context, s *service, by identity.Actor, at place, in AuditRevision) (audits.Audit, error) {
	return s.ReviseDraft(ctx, by, at.audit, in.Plan.plan())
}

func askBefore(ctx context.Context, s *service, by identity.Actor, at place, in AuditAsk) (audits.Audit, error) {
	return s.AskBefore(ctx, by, at.audit, audits.Inquire{ID: at.item, Kind: in.Kind, Text: in.Text, Due: in.Due, Haste: in.Haste})
}

func askDuring(ctx context.Context, s *service, by identity.Actor, at place, in AuditQuestion) (audits.Audit, error) {
	return s.AskDuring(ctx, by, at.audit, audits.Inquire{ID: at.item, Text: in.Text, Due: in.Due, Haste: in.Haste})
}

func answer(ctx context.Context, s *service, by identity.Actor, at place, in AuditAnswer) (audits.Audit, error) {
	return s.AnswerInquiry(ctx, by, at.audit, at.item, audits.Supplied{None: in.None, Text: in.Text})
}

func assess(ctx context.Context, s *service, by identity.Actor, at place, in AuditAssessment) (audits.Audit, error) {
	return s.AssessReports(ctx, by, at.audit, at.item, in.Assessment, in.Arguments)
}

func propose(ctx context.Context, s *service, by identity.Actor, at place, in AuditProposal) (audits.Audit, error) {
	return s.ProposeDay(ctx, by, at.audit, audits.DayProposal{ID: at.item, Day: in.Day, Instead: in.Instead, Reason: in.Reason, DayOff: in.DayOff})
}

func appoint(ctx context.Context, s *service, by identity.Actor, at place, in AuditAppointment) (audits.Audit, error) {
	return s.AppointAuditor(ctx, by, at.audit, in.details())
}

func sign(ctx context.Context, s *service, by identity.Actor, at place, in AuditSignature) (audits.Audit, error) {
	return s.SignUndertaking(ctx, by, at.audit, audits.Signature{Name: in.Name, Version: in.Version, Language: in.Language, Agrees: in.Agrees})
}

func object(ctx context.Context, s *service, by identity.Actor, at place, in AuditObjection) (audits.Audit, error) {
	return s.ObjectToAuditor(ctx, by, at.audit, audits.ObjectionOf{Ground: in.Ground, Reason: in.Reason})
}

func readRules(ctx context.Context, s *service, by identity.Actor, at place, in AuditRulesRead) (audits.Audit, error) {
	return s.ReadRules(ctx, by, at.audit, in.Version)
}

func visit(ctx context.Context, s *service, by identity.Actor, at place, in AuditVisitPlan) (audits.Audit, error) {
	return s.PlanVisit(ctx, by, at.audit, audits.Visit{ID: at.item, Day: in.Day, Mode: in.Mode, Place: in.Place, Purpose: in.Purpose})
}

func finding(do func(*service, context.Context, identity.Actor, string, audits.FindingText) (audits.Audit, error)) doing[AuditFindingText] {
	return func(ctx context.Context, s *service, by identity.Actor, at place, in AuditFindingText) (audits.Audit, error) {
		return do(s, ctx, by, at.audit, audits.FindingText{ID: at.item, Grade: in.Grade, Clause: in.Clause, Title: in.Title, Text: in.Text, Root: in.Root, NonCompliance: in.NonCompliance})
	}
}

func hold(ctx context.Context, s *service, by identity.Actor, at place, in AuditView) (audits.Audit, error) {
	return s.Hold(ctx, by, at.audit, at.item, in.View, in.Text)
}

func measure(do func(*service, context.Context, identity.Actor, string, audits.MeasureText) (audits.Audit, error)) doing[AuditMeasureText] {
	return func(ctx context.Context, s *service, by identity.Actor, at place, in AuditMeasureText) (audits.Audit, error) {
		return do(s, ctx, by, at.audit, audits.MeasureText{ID: at.item, Finding: in.Finding, Owner: in.Owner, Text: in.Text, Due: in.Due})
	}
}

func recheck(ctx context.Context, s *service, by identity.Actor, at place, in AuditCheck) (audits.Audit, error) {
	return s.Recheck(ctx, by, at.audit, at.item, in.Result, in.Text, in.Due)
}

func cost(do func(*service, context.Context, identity.Actor, string, audits.CostText) (audits.Audit, error)) doing[AuditCostText] {
	return func(ctx context.Context, s *service, by identity.Actor, at place, in AuditCostText) (audits.Audit, error) {
		return do(s, ctx, by, at.audit, audits.CostText{ID: at.item, Kind: in.Kind, For: in.For, Cents: in.Cents, Currency: in.Currency})
	}
}

func agreeCost(ctx context.Context, s *service, by identity.Actor, at place, in AuditCostAccepted) (audits.Audit, error) {
	return s.AgreeCost(ctx, by, at.audit, at.item, in.Cents, in.Bearer)
}
