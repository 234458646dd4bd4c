package audits_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"

	"github.com/google/go-cmp/cmp"
)

// TestTable pins who may do what in which stage; the file is what the
// documentation publishes. It is compared, not written.
func TestTable(t *testing.T) {
	var b strings.Builder
	for _, r := range audits.Table() {
		fmt.Fprintf(&b, "%s | %s | %s | %s\n", r.Action, join(r.By), join(r.From), r.To)
	}
	want, err := os.ReadFile("testdata/table.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func join[T ~string](list []T) string {
	var b []string
	for _, x := range list {
		b = append(b, string(x))
	}
	return strings.Join(b, " ")
}

// people are everybody who may try something, as they stand to the audit.
func (w *world) people() map[audits.Relation]identity.Actor {
	half, subject := w.officer, w.officer
	half.Level = identity.Half
	subject.Roles = []identity.Role{identity.Subject}
	return map[audits.Relation]identity.Actor{
		audits.TheOfficer: w.officer, audits.TheControllerAdmin: w.controllerAdmin, audits.TheAgent: w.agent, audits.TheProcessorAdmin: w.processorAdmin,
		audits.TheAuditor: w.auditor, "stranger": w.stranger, "half": half, "foreign_auditor": {Account: "acc_other", Roles: []identity.Role{identity.Auditor}, Level: identity.Full},
		"operator": {Account: "acc_operator", Roles: []identity.Role{identity.Operator}, Level: identity.Full}, "nobody": {},
	}
}

// tries is one call for each action, with input that is in order as far as it can be.
func (w *world) tries(a audits.Audit) map[audits.Action]func(identity.Actor) error {
	ctx, s, id := w.t.Context(), w.audits, a.ID
	f := audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: "T", Text: "T"}
	c := audits.CostText{Kind: agreements.Travel, For: "Trein", Cents: 1}
	m := audits.MeasureText{Owner: audits.OwnerBoth, Text: "T", Due: w.today().AddDays(5)}
	q := a.Inquiries
	inquiry := "inq_none"
	if len(q) > 0 {
		inquiry = q[0].ID
	}
	asked := audits.Inquire{Kind: audits.Information, Text: "T"}
	return map[audits.Action]func(identity.Actor) error{
		audits.Revise:   func(by identity.Actor) error { return only(s.ReviseDraft(ctx, by, id, plan())) },
		audits.AskFirst: func(by identity.Actor) error { return only(s.AskBefore(ctx, by, id, asked)) },
		audits.Supply: func(by identity.Actor) error {
			return only(s.AnswerInquiry(ctx, by, id, inquiry, audits.Supplied{Text: "T"}))
		},
		audits.Assess: func(by identity.Actor) error {
			return only(s.AssessReports(ctx, by, id, inquiry, audits.Inconclusive, "T"))
		},
		audits.Conclude:           func(by identity.Actor) error { return only(s.ConcludeWithout(ctx, by, id, inquiry)) },
		audits.NameAuditor:        func(by identity.Actor) error { return only(s.AppointAuditor(ctx, by, id, expert())) },
		audits.Invite:             func(by identity.Actor) error { return only(s.InviteAuditor(ctx, by, id)) },
		audits.WithdrawInvitation: func(by identity.Actor) error { return only(s.WithdrawAuditor(ctx, by, id)) },
		audits.Sign: func(by identity.Actor) error {
			return only(s.SignUndertaking(ctx, by, id, audits.Signature{Name: "T", Version: 1, Language: "nl", Agrees: true}))
		},
		audits.Object: func(by identity.Actor) error {
			return only(s.ObjectToAuditor(ctx, by, id, audits.ObjectionOf{Ground: audits.NoSecrecy, Reason: "T"}))
		},
		audits.AnswerObjection: func(by identity.Actor) error { return only(s.KeepAuditor(ctx, by, id, "T")) },
		audits.Announce:        func(by identity.Actor) error { return only(s.SendNotice(ctx, by, id)) },
		audits.Propose: func(by identity.Actor) error {
			return only(s.ProposeDay(ctx, by, id, audits.DayProposal{Day: w.today().AddDays(60), Reason: "T"}))
		},
		audits.Accept:          func(by identity.Actor) error { return only(s.AcceptDay(ctx, by, id, "prp_none")) },
		audits.TakeBack:        func(by identity.Actor) error { return only(s.TakeBackDay(ctx, by, id, "prp_none")) },
		audits.Cancel:          func(by identity.Actor) error { return only(s.CallOff(ctx, by, id, "T")) },
		audits.Begin:           func(by identity.Actor) error { return only(s.Commence(ctx, by, id)) },
		audits.Ask:             func(by identity.Actor) error { return only(s.AskDuring(ctx, by, id, asked)) },
		audits.WithdrawInquiry: func(by identity.Actor) error { return only(s.WithdrawQuestion(ctx, by, id, inquiry)) },
		audits.SetRules:        func(by identity.Actor) error { return only(s.WriteRules(ctx, by, id, "T")) },
		audits.Acknowledge:     func(by identity.Actor) error { return only(s.ReadRules(ctx, by, id, 1)) },
		audits.PlanSession: func(by identity.Actor) error {
			return only(s.PlanVisit(ctx, by, id, audits.Visit{Day: w.today(), Mode: audits.Remote, Purpose: "T"}))
		},
		audits.HoldSession:   func(by identity.Actor) error { return only(s.RecordVisit(ctx, by, id, "vis_none", "")) },
		audits.DropSession:   func(by identity.Actor) error { return only(s.CancelVisit(ctx, by, id, "vis_none")) },
		audits.AddFinding:    func(by identity.Actor) error { return only(s.Find(ctx, by, id, f)) },
		audits.ReviseFinding: func(by identity.Actor) error { return only(s.Rewrite(ctx, by, id, f)) },
		audits.DropFinding:   func(by identity.Actor) error { return only(s.Strike(ctx, by, id, "fnd_none")) },
		audits.Share:         func(by identity.Actor) error { return only(s.ShareReport(ctx, by, id, "T")) },
		audits.Comment:       func(by identity.Actor) error { return only(s.CommentReport(ctx, by, id, "T")) },
		audits.Review:        func(by identity.Actor) error { return only(s.OpenReview(ctx, by, id)) },
		audits.TakePosition:  func(by identity.Actor) error { return only(s.Hold(ctx, by, id, "fnd_none", audits.Agrees, "")) },
		audits.FinishReview:  func(by identity.Actor) error { return only(s.EndReview(ctx, by, id)) },
		audits.AddMeasure:    func(by identity.Actor) error { return only(s.AgreeMeasure(ctx, by, id, m)) },
		audits.ReviseMeasure: func(by identity.Actor) error { return only(s.ChangeMeasure(ctx, by, id, m)) },
		audits.ReportMeasure: func(by identity.Actor) error { return only(s.CarryOut(ctx, by, id, "msr_none", "T")) },
		audits.CheckMeasure: func(by identity.Actor) error {
			return only(s.Recheck(ctx, by, id, "msr_none", audits.Effective, "T", deadlines.Date{}))
		},
		audits.DropMeasure: func(by identity.Actor) error { return only(s.LeaveOut(ctx, by, id, "msr_none", "T")) },
		audits.AddCost:     func(by identity.Actor) error { return only(s.StateCost(ctx, by, id, c)) },
		audits.ReviseCost:  func(by identity.Actor) error { return only(s.RestateCost(ctx, by, id, c)) },
		audits.DropCost:    func(by identity.Actor) error { return only(s.RemoveCost(ctx, by, id, "cst_none")) },
		audits.AcceptCost:  func(by identity.Actor) error { return only(s.AgreeCost(ctx, by, id, "cst_none", 1, audits.Controller)) },
		audits.DisputeCost: func(by identity.Actor) error { return only(s.ContestCost(ctx, by, id, "cst_none", "T")) },
		audits.Settle:      func(by identity.Actor) error { return only(s.SettleCosts(ctx, by, id)) },
		audits.Close:       func(by identity.Actor) error { return only(s.Finish(ctx, by, id)) },
		audits.AddFile: func(by identity.Actor) error {
			_, err := s.Attach(ctx, by, id, "notice", upload("x.txt"))
			return err
		},
		audits.RemoveFile: func(by identity.Actor) error { return only(s.Detach(ctx, by, id, "fil_none")) },
	}
}

// TestEverybodyTriesEverything tries each action in each stage as everybody
// whom the table does not name: all are refused, as the table says, and change
// nothing.
func TestEverybodyTriesEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	id := w.draft().ID
	tried := 0
	for _, stage := range audits.Stages() {
		if stage == audits.Cancelled {
			id = w.draft().ID
			w.must(w.audits.CallOff(t.Context(), w.officer, id, "T"))
		}
		a := w.reach(id, stage)
		tries := w.tries(a)
		for _, row := range audits.Table() {
			do, ok := tries[row.Action]
			if !ok && row.Action != audits.AnswerQuestion { // the same call as Supply
				t.Fatalf("nobody tries %s", row.Action)
			}
			for name, by := range w.people() {
				err := audits.May(by, a, row.Action)
				may := slices.Contains(row.By, name) && slices.Contains(row.From, stage)
				if name == audits.TheAuditor && a.Access == "" || name == audits.TheAgent && stage == audits.Draft {
					may = false // not invited yet; not asked anything yet
				}
				if (err == nil) != may {
					t.Errorf("%s: %s may %s = %v, want %v", stage, name, row.Action, err, may)
				}
				if may || !ok || row.Action == audits.Supply {
					continue
				}
				tried++
				got := do(by)
				if k := fault.KindOf(got); k != fault.KindOf(err) {
					t.Errorf("%s: %s tries %s: %v, want %v", stage, name, row.Action, got, err)
				}
			}
		}
		if after := w.get(id); after.Rev != a.Rev || after.Stage != stage {
			t.Errorf("%s: a refusal changed the audit", stage)
		}
	}
	if tried < 4000 {
		t.Errorf("only %d refusals tried", tried)
	}
}

// What somebody else's is answers as what does not exist.
func TestForeignIsNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	a := w.reach(w.draft().ID, audits.UnderWay)
	ctx, s := t.Context(), w.audits
	for name, by := range w.people() {
		if slices.Contains(audits.Relations(), name) {
			continue
		}
		_, _, look := s.Look(ctx, by, a.ID)
		_, _, absent := s.Look(ctx, by, "aud_absent")
		_, tell := s.Tell(ctx, by, a)
		_, judge := s.Judge(ctx, by, a)
		_, bill := s.StatementOf(ctx, by, a)
		_, report := s.ClosingOf(ctx, by, a.ID)
		_, notice := s.NoticeOf(ctx, by, a.ID)
		_, found := s.FindReference(ctx, by, a.Reference)
		_, text := s.Undertaking(ctx, by, a, "nl")
		for what, err := range map[string]error{"look": look, "tell": tell, "judge": judge, "statement": bill, "report": report, "notice": notice, "find": found, "undertaking": text} {
			if err == nil || err.Error() != absent.Error() {
				t.Errorf("%s: %s = %v, want %v", name, what, err, absent)
			}
		}
	}
}

// A draft is the controller's own; the processor hears of it with the first question.
func TestADraftIsNobodyElses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	a := w.draft()
	if _, _, err := w.audits.Look(t.Context(), w.agent, a.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the processor looks at a draft: %v", err)
	}
	page, err := w.audits.List(t.Context(), w.agent, audits.AsProcessor, true, "", 10)
	if err != nil || len(page.Rows) != 0 {
		t.Errorf("the processor lists %d drafts, %v", len(page.Rows), err)
	}
}
