package main

import (
	"context"
	"fmt"
	"time"

	"inzage/config/demo"
	"inzage/services/attachment"
	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// auditTelling is how far the story of one audit has come.
type auditTelling struct {
	story demo.Audit
	start time.Time
	id    string
	items map[string]string // ids by the names that the story gives
	rolls func(deadlines.Date) deadlines.Date
}

// auditing plays one step of the story of an audit.
type auditing func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error

// auditScenes turns the story of an audit into what happens when.
func (t *teller) auditScenes(s demo.Audit) ([]scene, error) {
	one := &auditTelling{story: s, start: s.Start.After(t.begun, t.zone), id: ledger.NewID("aud"), items: map[string]string{}}
	calendar, err := deadlines.CalendarOf("NL")
	if err != nil {
		return nil, err
	}
	one.rolls = calendar.Roll
	all := []scene{{one.start, s.Key + ": drafted", func(ctx context.Context) (bool, error) { return true, t.draft(ctx, one) }}}
	for _, step := range s.Steps {
		do, ok := auditSteps()[step.Do]
		if !ok {
			return nil, fmt.Errorf("there is no step %q", step.Do)
		}
		by, err := t.by(step.By)
		if err != nil {
			return nil, err
		}
		at := step.At.After(one.start, t.zone)
		all = append(all, scene{at, s.Key + ": " + step.Do, func(ctx context.Context) (bool, error) {
			by.StrongAt = at
			for _, f := range step.Files {
				if err := t.attach(ctx, by, one, step.Item, f); err != nil {
					return false, err
				}
			}
			return true, plain(do(t, ctx, by, one, step))
		}})
	}
	return all, nil
}

// draft makes the audit, and names its auditor.
func (t *teller) draft(ctx context.Context, one *auditTelling) error {
	s := one.story
	by, err := t.by(s.By)
	if err != nil {
		return err
	}
	plan := audits.Plan{Subject: s.Subject, Mode: audits.Mode(s.Mode), ForCause: s.ForCause, BreachIndicated: s.Indicated, Why: s.Why, Notice: audits.NoticeText(s.Notice)}
	if _, err := t.audits.Start(ctx, by, one.id, t.agreementOf(s), plan); err != nil {
		return plain(err)
	}
	if s.Auditor == nil {
		return nil
	}
	who := s.Auditor
	details := audits.AuditorDetails{Person: audits.AuditorPerson{Name: who.Name, Firm: who.Firm, Register: who.Register, Language: "nl"}, Own: who.Key == "",
		Independent: who.Independent, RegisterEDP: who.RegisterEDP, ICTExpert: who.ICTExpert, BoundToSecrecy: who.Bound}
	if m, ok := t.cast.members[who.Key]; ok {
		details.Person.Name, details.Person.Email = m.Name, m.Email
	}
	_, err = t.audits.AppointAuditor(ctx, by, one.id, details)
	return plain(err)
}

// agreementOf is the agreement between the two sides of a story.
func (t *teller) agreementOf(s demo.Audit) string {
	for i, a := range t.cast.world.Agreements {
		if a.Controller == s.Controller && a.Processor == s.Processor {
			return t.cast.agreements[i].ID
		}
	}
	return ""
}

func (t *teller) attach(ctx context.Context, by identity.Actor, one *auditTelling, item string, f demo.File) error {
	u, err := fileOf(f, "")
	if err != nil {
		return err
	}
	_, err = t.audits.Attach(ctx, by, one.id, one.items[item], attachment.Upload{Name: u.Name, Size: u.Size, Body: u.Body})
	return plain(err)
}

// named is a new id of its kind for what a story names.
func (one *auditTelling) named(kind, item string) string {
	id := ledger.NewID(kind)
	one.items[item] = id
	return id
}

// day is a working day counted from the start of the story.
func (t *teller) day(one *auditTelling, m demo.Moment) deadlines.Date {
	if m == (demo.Moment{}) {
		return deadlines.Date{}
	}
	return one.rolls(deadlines.DateOf(m.After(one.start, t.zone), t.zone))
}

// auditSteps are the things that can happen in the story of an audit.
func auditSteps() map[string]auditing {
	return map[string]auditing{
		"ask_first": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.AskBefore(ctx, by, one.id, audits.Inquire{ID: one.named("inq", s.Item), Kind: audits.Kind(s.Kind), Text: s.Text})
			return err
		},
		"ask": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.AskDuring(ctx, by, one.id, audits.Inquire{ID: one.named("inq", s.Item), Text: s.Text, Due: t.day(one, s.Day), Haste: s.Reason})
			return err
		},
		"supply": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.AnswerInquiry(ctx, by, one.id, one.items[s.Item], audits.Supplied{None: s.None, Text: s.Text})
			return err
		},
		"assess": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.AssessReports(ctx, by, one.id, one.items[s.Item], s.View, s.Text)
			return err
		},
		"conclude": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.ConcludeWithout(ctx, by, one.id, one.items[s.Item])
			return err
		},
		"announce": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.SendNotice(ctx, by, one.id)
			return err
		},
		"cancel": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.CallOff(ctx, by, one.id, s.Text)
			return err
		},
		"propose": (*teller).propose, "accept": (*teller).acceptDay, "invite": (*teller).invite, "sign": (*teller).undertake,
		"begin": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.Commence(ctx, by, one.id)
			return err
		},
		"house_rules": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.WriteRules(ctx, by, one.id, s.Text)
			return err
		},
		"read_rules": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.ReadRules(ctx, by, one.id, 1)
			return err
		},
		"visit": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.PlanVisit(ctx, by, one.id, audits.Visit{ID: one.named("vis", s.Item), Day: t.day(one, s.Day), Mode: audits.Mode(s.Mode), Place: s.Place, Purpose: s.Text})
			return err
		},
		"visited": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.RecordVisit(ctx, by, one.id, one.items[s.Item], s.Text)
			return err
		},
		"find": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.Find(ctx, by, one.id, audits.FindingText{ID: one.named("fnd", s.Item), Grade: audits.Grade(s.Grade), Clause: s.Clause, Title: s.Title, Text: s.Text,
				Root: s.Root, NonCompliance: s.NonCompliance})
			return err
		},
		"share": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.ShareReport(ctx, by, one.id, s.Text)
			return err
		},
		"comment": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.CommentReport(ctx, by, one.id, s.Text)
			return err
		},
		"review": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.OpenReview(ctx, by, one.id)
			return err
		},
		"hold": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.Hold(ctx, by, one.id, one.items[s.Item], s.View, s.Text)
			return err
		},
		"end_review": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.EndReview(ctx, by, one.id)
			return err
		},
		"measure": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.AgreeMeasure(ctx, by, one.id, audits.MeasureText{ID: one.named("msr", s.Item), Finding: one.items[s.Finding], Owner: audits.Owner(s.Owner), Text: s.Text, Due: t.day(one, s.Day)})
			return err
		},
		"carry_out": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.CarryOut(ctx, by, one.id, one.items[s.Item], s.Text)
			return err
		},
		"check": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.Recheck(ctx, by, one.id, one.items[s.Item], s.View, s.Text, t.day(one, s.Day))
			return err
		},
		"cost": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.StateCost(ctx, by, one.id, audits.CostText{ID: one.named("cst", s.Item), Kind: s.Kind, For: s.Text, Cents: s.Cents})
			return err
		},
		"agree_cost": (*teller).agreeCost,
		"contest": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.ContestCost(ctx, by, one.id, one.items[s.Item], s.Text)
			return err
		},
		"settle": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.SettleCosts(ctx, by, one.id)
			return err
		},
		"finish_audit": func(t *teller, ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
			_, err := t.audits.Finish(ctx, by, one.id)
			return err
		},
	}
}

// standing is the proposal that waits for an answer; "" when there is none.
func (t *teller) standing(ctx context.Context, one *auditTelling) (string, error) {
	a, err := t.audits.Audits.Get(ctx, one.id)
	if err != nil {
		return "", err
	}
	for _, p := range a.Proposals {
		if p.State == audits.Standing {
			return p.ID, nil
		}
	}
	return "", nil
}

func (t *teller) propose(ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
	instead, err := t.standing(ctx, one)
	if err != nil {
		return err
	}
	_, err = t.audits.ProposeDay(ctx, by, one.id, audits.DayProposal{Day: t.day(one, s.Day), Instead: instead, Reason: s.Reason})
	return err
}

func (t *teller) acceptDay(ctx context.Context, by identity.Actor, one *auditTelling, _ demo.AuditStep) error {
	p, err := t.standing(ctx, one)
	if err != nil {
		return err
	}
	_, err = t.audits.AcceptDay(ctx, by, one.id, p)
	return err
}

func (t *teller) invite(ctx context.Context, by identity.Actor, one *auditTelling, _ demo.AuditStep) error {
	_, err := t.audits.InviteAuditor(ctx, by, one.id)
	return err
}

// undertake signs as the auditor, whose account is in the demo already.
func (t *teller) undertake(ctx context.Context, by identity.Actor, one *auditTelling, _ demo.AuditStep) error {
	a, err := t.audits.Audits.Get(ctx, one.id)
	if err != nil {
		return err
	}
	text, err := t.audits.Undertaking(ctx, by, a, "nl")
	if err != nil {
		return err
	}
	_, err = t.audits.SignUndertaking(ctx, by, one.id, audits.Signature{Name: t.cast.members[one.story.Auditor.Key].Name, Version: text.Version, Language: "nl", Agrees: true})
	return err
}

// agreeCost accepts a line as it stands.
func (t *teller) agreeCost(ctx context.Context, by identity.Actor, one *auditTelling, s demo.AuditStep) error {
	a, err := t.audits.Audits.Get(ctx, one.id)
	if err != nil {
		return err
	}
	for _, c := range a.Costs {
		if c.ID == one.items[s.Item] {
			_, err := t.audits.AgreeCost(ctx, by, one.id, c.ID, c.Cents, c.Bearer)
			return err
		}
	}
	return fmt.Errorf("there is no cost %q", s.Item)
}
