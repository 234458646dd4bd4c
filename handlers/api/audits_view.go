package api

import (
	"slices"
	"time"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/identity"
)

// Audit is an audit as far as the caller may see it: at the threshold, before
// the undertaking is signed, the parties only; of what the processor is asked
// before the notice, the questions and files; else its content. Costs are
// absent for the auditor, findings for the processor until they are shared.
type Audit struct {
	AuditRow
	Sight     string          `json:"sight" enum:"threshold,asked,content" doc:"How much of it you see"`
	Can       []audits.Action `json:"can" doc:"What the table allows you now and makes sense"`
	Shredded  *time.Time      `json:"shredded,omitempty" doc:"Its content was destroyed after the storage period"`
	Judgement *AuditJudgement `json:"judgement,omitempty"`

	Plan             *AuditPlan     `json:"plan,omitempty"`
	Auditor          *AuditAuditor  `json:"auditor,omitempty"`
	Inquiries        []AuditInquiry `json:"inquiries,omitempty"`
	Announced        *time.Time     `json:"announced,omitempty" doc:"When the notice went out"`
	Days             []AuditDay     `json:"days,omitempty" doc:"What was proposed"`
	On               deadlines.Date `json:"on,omitzero" format:"date" doc:"The agreed day"`
	Began            *time.Time     `json:"began,omitempty"`
	Rules            *AuditRules    `json:"house_rules,omitempty"`
	Visits           []AuditVisit   `json:"visits,omitempty"`
	Findings         []AuditFinding `json:"findings,omitempty"`
	NonCompliance    bool           `json:"non_compliance,omitempty" doc:"A finding shows that the processor does not keep to the agreement or the law"`
	Report           *AuditReport   `json:"report,omitempty"`
	Measures         []AuditMeasure `json:"measures,omitempty"`
	Costs            []AuditCost    `json:"costs,omitempty"`
	Files            []AuditFile    `json:"files,omitempty"`
	Settled          *time.Time     `json:"settled,omitempty"`
	Ended            *time.Time     `json:"ended,omitempty"`
	CancelledBecause string         `json:"cancelled_because,omitempty"`
	Next             deadlines.Date `json:"next,omitzero" format:"date" doc:"The first day the frequency allows another audit"`
}

// tell fills in the content. What the actor may not see is absent from x and
// story already.
func (v *Audit) tell(x *audits.Audit, story *audits.Story, by identity.Actor) {
	said := func(id string) audits.Said { return story.Items[id] }
	v.Inquiries = each(x.Inquiries, func(q audits.Inquiry) AuditInquiry { return inquiryOf(q, said(q.ID)) })
	v.Files = each(story.Files, auditFile)
	v.Ended = x.Ended
	if v.Sight != sightName(audits.Content) {
		return
	}
	v.Plan, v.Auditor, v.Rules, v.Report = planOf(x, story), auditorOf(x.Auditor, story), rulesOf(x.Rules, story, by), reportOf(x.Report, story)
	v.Announced, v.On, v.Began, v.NonCompliance = x.Announced, x.On, x.Began, x.NonCompliance
	v.Settled, v.CancelledBecause, v.Next = x.Settled, story.CancelledAs, x.Next
	v.Days = each(x.Proposals, func(p audits.Proposal) AuditDay { return dayOf(p, said(p.ID)) })
	v.Visits = each(x.Sessions, func(s audits.Session) AuditVisit { return visitOf(s, said(s.ID)) })
	v.Findings = each(x.Findings, func(f audits.Finding) AuditFinding { return findingOf(f, said(f.ID)) })
	v.Measures = each(x.Measures, func(m audits.Measure) AuditMeasure { return measureOf(m, said(m.ID)) })
	v.Costs = each(x.Costs, func(c audits.Cost) AuditCost { return costOf(c, said(c.ID)) })
}

func each[S, T any](all []S, make func(S) T) []T {
	var out []T
	for _, one := range all {
		out = append(out, make(one))
	}
	return out
}

// AuditPlan is what the controller writes down before the notice.
type AuditPlan struct {
	Subject         string         `json:"subject" maxLength:"200" doc:"What the audit is about"`
	Mode            audits.Mode    `json:"mode" enum:"on_site,remote,mixed"`
	ForCause        bool           `json:"for_cause,omitempty" doc:"Something points to non-compliance"`
	BreachIndicated *bool          `json:"breach_indicated,omitempty" doc:"Something shows that the security duty is or may be breached; absent is unknown"`
	Why             string         `json:"why,omitempty" maxLength:"4000" doc:"The cause in words; needed for either"`
	Indications     []string       `json:"indications,omitempty" maxItems:"200" doc:"Ids out of the processor's record"`
	Notice          AuditNotice    `json:"notice,omitzero"`
	Wanted          deadlines.Date `json:"wanted,omitzero" format:"date" doc:"The day that is proposed with the notice"`
	DayOff          string         `json:"day_off,omitempty" maxLength:"4000" doc:"Why it has to be a weekend or holiday"`
	Earlier         deadlines.Date `json:"earlier,omitzero" format:"date" doc:"The last audit under the agreement outside the portal"`
}

// AuditNotice is what the notice states, each in words.
type AuditNotice struct {
	Method      string `json:"method,omitempty" maxLength:"4000"`
	Auditor     string `json:"auditor,omitempty" maxLength:"4000"`
	Information string `json:"information,omitempty" maxLength:"4000"`
	Locations   string `json:"locations,omitempty" maxLength:"4000"`
	Arguments   string `json:"arguments,omitempty" maxLength:"4000"`
}

func (p AuditPlan) plan() audits.Plan {
	return audits.Plan{Subject: p.Subject, Mode: p.Mode, ForCause: p.ForCause, BreachIndicated: p.BreachIndicated, Why: p.Why, Indications: p.Indications,
		Notice: audits.NoticeText(p.Notice), Wanted: p.Wanted, DayOff: p.DayOff, Earlier: p.Earlier}
}

func planOf(x *audits.Audit, story *audits.Story) *AuditPlan {
	return &AuditPlan{Subject: story.Subject, Mode: x.Mode, ForCause: x.Cause.ForCause, BreachIndicated: x.Cause.BreachIndicated, Why: story.Why,
		Indications: x.Cause.Indications, Notice: AuditNotice(story.Notice), Wanted: x.Wanted, DayOff: story.DayOff, Earlier: x.Earlier}
}

// AuditJudgement answers, line by line, whether the audit is allowed.
type AuditJudgement struct {
	Verdict            string         `json:"verdict" enum:"allowed,conditional,too_early,blocked"`
	Today              deadlines.Date `json:"today" format:"date" doc:"In the agreement's time zone"`
	Earliest           deadlines.Date `json:"earliest,omitzero" format:"date" doc:"The first lawful day; absent when no rule sets one or a fact is unknown"`
	EarliestWorkingDay deadlines.Date `json:"earliest_working_day,omitzero" format:"date"`
	LatestNotice       deadlines.Date `json:"latest_notice,omitzero" format:"date" doc:"The last day to announce an audit on the day asked for"`
	Rules              []AuditRule    `json:"rules"`
	Warnings           []string       `json:"warnings,omitempty" doc:"They do not stand in the way"`
}

// AuditRule is the answer on one rule of the agreement.
type AuditRule struct {
	Rule    string         `json:"rule"`
	Clause  string         `json:"clause" doc:"The law's when the agreement is silent, such as 28(3)(h) GDPR"`
	Silent  bool           `json:"silent" doc:"The agreement says nothing of it"`
	Verdict string         `json:"verdict" enum:"ok,missing,too_early,refused"`
	Until   deadlines.Date `json:"until,omitzero" format:"date" doc:"The first day this rule allows"`
	Says    string         `json:"says"`
}

func judgement(j audits.Judgement) *AuditJudgement {
	out := &AuditJudgement{Verdict: j.Verdict, Today: j.Today, Earliest: j.Earliest, EarliestWorkingDay: j.EarliestWorkingDay, LatestNotice: j.LatestNotice,
		Rules: rulesIn(j.Answer)}
	for _, w := range j.Warnings {
		out.Warnings = append(out.Warnings, w.String())
	}
	return out
}

func rulesIn(answer audits.Answer) []AuditRule {
	rules := []AuditRule{}
	for _, l := range answer.Lines {
		rules = append(rules, AuditRule{Rule: l.Rule, Clause: l.Clause, Silent: l.Silent, Verdict: l.Verdict, Until: l.Until, Says: l.Says})
	}
	return rules
}

// AuditRules are the processor's house rules.
type AuditRules struct {
	Version int       `json:"version"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
	Read    bool      `json:"read" doc:"You have acknowledged this version"`
}

func rulesOf(r *audits.HouseRules, story *audits.Story, by identity.Actor) *AuditRules {
	if r == nil {
		return nil
	}
	read := slices.ContainsFunc(r.Acknowledged, func(x audits.Acknowledgment) bool { return x.By == by.Account && x.Version == r.Version })
	return &AuditRules{Version: r.Version, Text: story.Rules, At: r.At, Read: read}
}
