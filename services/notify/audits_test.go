package notify_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"inzage/config/notices"
	"inzage/services/audits"
	"inzage/services/notify"
)

// wholeAudit takes an audit through everything that somebody hears of, and
// says who hears it.
func (w *audience) wholeAudit() {
	ctx, s := w.t.Context(), w.Audits
	w.start()
	a := w.does("ask", func() (audits.Audit, error) {
		return s.AskBefore(ctx, w.officer, w.id, audits.Inquire{Kind: audits.ExistingReports, Text: theWish})
	}, "asked agent")
	w.does("supply", func() (audits.Audit, error) {
		return s.AnswerInquiry(ctx, w.agent, w.id, a.Inquiries[0].ID, audits.Supplied{None: true, Text: theReason})
	}, "supplied officer")
	a = w.does("ask again", func() (audits.Audit, error) {
		return s.AskBefore(ctx, w.officer, w.id, audits.Inquire{Kind: audits.Information, Text: theWish})
	}, "asked agent")
	w.does("withdraw", func() (audits.Audit, error) {
		return s.WithdrawQuestion(ctx, w.officer, w.id, a.Inquiries[1].ID)
	}, "inquiry_withdrawn agent")
	w.does("announce", func() (audits.Audit, error) { return s.SendNotice(ctx, w.officer, w.id) }, "announced agent", "announced chief")
	w.does("another auditor", func() (audits.Audit, error) {
		return s.AppointAuditor(ctx, w.officer, w.id, w.details(auditorMail))
	}, "auditor_named agent")
	w.invite()
	w.does("object", func() (audits.Audit, error) {
		return s.ObjectToAuditor(ctx, w.agent, w.id, audits.ObjectionOf{Ground: audits.OtherGround, Reason: theReason})
	}, "objection officer", "objection boss", "objection second boss")
	w.does("answer", func() (audits.Audit, error) { return s.KeepAuditor(ctx, w.officer, w.id, theReason) },
		"objection_answered agent", "objection_answered chief")
	w.does("withdraw the invitation", func() (audits.Audit, error) { return s.WithdrawAuditor(ctx, w.boss, w.id) },
		"invitation_withdrawn auditor", "invitation_withdrawn officer", "invitation_withdrawn agent")
	w.invite()
	w.does("sign", w.sign, "signed officer", "signed agent")
	w.days()
	w.conduct()
	w.review()
	w.settle()
}

func (w *audience) days() {
	ctx, s := w.t.Context(), w.Audits
	first := w.today().AddDays(15)
	a := w.does("propose", func() (audits.Audit, error) {
		return s.ProposeDay(ctx, w.officer, w.id, audits.DayProposal{Day: first})
	}, "day_proposed agent")
	w.does("take back", func() (audits.Audit, error) { return s.TakeBackDay(ctx, w.officer, w.id, a.Proposals[0].ID) }, "day_taken_back agent")
	a = w.does("propose by the processor", func() (audits.Audit, error) {
		return s.ProposeDay(ctx, w.agent, w.id, audits.DayProposal{Day: first})
	}, "day_proposed officer")
	w.does("accept", func() (audits.Audit, error) { return s.AcceptDay(ctx, w.officer, w.id, a.Proposals[1].ID) },
		"day_agreed agent", "day_agreed auditor")
	a = w.does("move", func() (audits.Audit, error) {
		return s.ProposeDay(ctx, w.agent, w.id, audits.DayProposal{Day: first.AddDays(1), Reason: theReason})
	}, "day_proposed officer")
	w.does("accept the move", func() (audits.Audit, error) { return s.AcceptDay(ctx, w.officer, w.id, a.Proposals[2].ID) },
		"day_moved agent", "day_moved auditor")
}

func (w *audience) conduct() {
	ctx, s := w.t.Context(), w.Audits
	a := w.does("a question by the auditor", func() (audits.Audit, error) {
		return s.AskDuring(ctx, w.auditor, w.id, audits.Inquire{Text: theWish})
	}, "asked agent", "asked officer")
	w.does("its answer", func() (audits.Audit, error) {
		return s.AnswerInquiry(ctx, w.agent, w.id, a.Inquiries[2].ID, audits.Supplied{Text: theReason})
	}, "supplied officer", "supplied auditor")
	w.does("house rules", func() (audits.Audit, error) { return s.WriteRules(ctx, w.agent, w.id, theWhere) }, "house_rules officer", "house_rules auditor")
	a = w.does("plan a visit", func() (audits.Audit, error) {
		return s.PlanVisit(ctx, w.agent, w.id, audits.Visit{Day: w.audit().On, Mode: audits.OnSite, Place: theWhere, Purpose: theWish})
	}, "visit_planned officer", "visit_planned auditor")
	w.does("drop the visit", func() (audits.Audit, error) { return s.CancelVisit(ctx, w.officer, w.id, a.Sessions[0].ID) },
		"visit_dropped agent", "visit_dropped auditor")
	w.until(w.audit().On)
	w.does("begin", func() (audits.Audit, error) { return s.Commence(ctx, w.auditor, w.id) }, "begun agent", "begun officer")
	w.does("a finding", func() (audits.Audit, error) {
		return s.Find(ctx, w.auditor, w.id, audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: theWish, Text: theReason, NonCompliance: true})
	})
	w.does("share", func() (audits.Audit, error) { return s.ShareReport(ctx, w.auditor, w.id, theReason) },
		"report_shared agent", "report_shared chief", "report_shared officer", "report_shared boss", "report_shared second boss")
	w.does("comment", func() (audits.Audit, error) { return s.CommentReport(ctx, w.agent, w.id, theReason) }, "report_commented officer", "report_commented auditor")
}

func (w *audience) review() {
	ctx, s := w.t.Context(), w.Audits
	a := w.does("review", func() (audits.Audit, error) { return s.OpenReview(ctx, w.officer, w.id) }, "review_opened agent", "review_opened auditor")
	f := a.Findings[0].ID
	w.does("rewrite", func() (audits.Audit, error) {
		return s.Rewrite(ctx, w.officer, w.id, audits.FindingText{ID: f, Grade: audits.Minor, Clause: "6.2", Title: theWish, Text: theReason, NonCompliance: true})
	}, "findings_changed agent")
	w.does("hold", func() (audits.Audit, error) { return s.Hold(ctx, w.officer, w.id, f, audits.Agrees, "") })
	w.does("hold", func() (audits.Audit, error) { return s.Hold(ctx, w.agent, w.id, f, audits.Disputes, theReason) })
	w.does("end", func() (audits.Audit, error) { return s.EndReview(ctx, w.officer, w.id) }, "review_finished agent", "review_finished auditor")
	m := audits.MeasureText{Finding: f, Owner: audits.OwnerProcessor, Text: theWish, Due: w.today().AddDays(20)}
	a = w.does("measure", func() (audits.Audit, error) { return s.AgreeMeasure(ctx, w.officer, w.id, m) }, "measure_agreed agent")
	m.ID, m.Due = a.Measures[0].ID, w.today().AddDays(21)
	w.does("change it", func() (audits.Audit, error) { return s.ChangeMeasure(ctx, w.agent, w.id, m) }, "measure_changed officer")
	for _, result := range []string{audits.NotEffective, audits.Effective} {
		w.does("report it", func() (audits.Audit, error) { return s.CarryOut(ctx, w.agent, w.id, m.ID, theProof) }, "measure_reported officer", "measure_reported auditor")
		w.does("check it", func() (audits.Audit, error) {
			return s.Recheck(ctx, w.auditor, w.id, m.ID, result, theProof, w.today().AddDays(9))
		}, "measure_checked agent", "measure_checked officer")
	}
	m.ID = ""
	a = w.does("another", func() (audits.Audit, error) { return s.AgreeMeasure(ctx, w.auditor, w.id, m) }, "measure_agreed agent", "measure_agreed officer")
	w.does("leave it out", func() (audits.Audit, error) { return s.LeaveOut(ctx, w.officer, w.id, a.Measures[1].ID, theReason) }, "measure_dropped agent")
}

func (w *audience) settle() {
	ctx, s := w.t.Context(), w.Audits
	c := audits.CostText{Kind: "travel", For: theWish, Cents: 12345}
	a := w.does("cost", func() (audits.Audit, error) { return s.StateCost(ctx, w.agent, w.id, c) }, "cost_added officer")
	c.ID = a.Costs[0].ID
	w.does("dispute", func() (audits.Audit, error) { return s.ContestCost(ctx, w.officer, w.id, c.ID, theReason) }, "cost_disputed agent")
	a = w.does("change", func() (audits.Audit, error) { return s.RestateCost(ctx, w.agent, w.id, c) }, "cost_changed officer")
	w.does("accept", func() (audits.Audit, error) {
		return s.AgreeCost(ctx, w.officer, w.id, c.ID, c.Cents, a.Costs[0].Bearer)
	})
	w.does("accept", func() (audits.Audit, error) { return s.AgreeCost(ctx, w.agent, w.id, c.ID, c.Cents, a.Costs[0].Bearer) })
	w.does("settle", func() (audits.Audit, error) { return s.SettleCosts(ctx, w.agent, w.id) }, "settled officer", "settled boss", "settled second boss")
	w.does("close", func() (audits.Audit, error) { return s.Finish(ctx, w.officer, w.id) }, "closed agent", "closed chief", "closed auditor")
}

// shorter are the ways that end early, and costs that go to another bearer.
func (w *audience) shorter() {
	ctx, s := w.t.Context(), w.Audits
	w.start()
	a := w.does("ask", func() (audits.Audit, error) {
		return s.AskBefore(ctx, w.officer, w.id, audits.Inquire{Kind: audits.SelfAssessment, Text: theWish})
	}, "asked agent")
	q := a.Inquiries[0].ID
	w.does("supply", func() (audits.Audit, error) {
		return s.AnswerInquiry(ctx, w.agent, w.id, q, audits.Supplied{Text: theReason})
	}, "supplied officer")
	w.does("assess", func() (audits.Audit, error) {
		return s.AssessReports(ctx, w.officer, w.id, q, audits.Conclusive, theReason)
	})
	w.does("conclude", func() (audits.Audit, error) { return s.ConcludeWithout(ctx, w.officer, w.id, q) }, "concluded agent")

	w.start()
	w.does("cancel a draft", func() (audits.Audit, error) { return s.CallOff(ctx, w.boss, w.id, theReason) }, "cancelled boss", "cancelled officer")

	w.start()
	w.does("announce", func() (audits.Audit, error) { return s.SendNotice(ctx, w.officer, w.id) }, "announced agent", "announced chief")
	w.invite()
	w.does("sign", w.sign, "signed officer", "signed agent")
	a = w.does("propose", func() (audits.Audit, error) {
		return s.ProposeDay(ctx, w.agent, w.id, audits.DayProposal{Day: w.today().AddDays(20)})
	}, "day_proposed officer")
	w.does("accept", func() (audits.Audit, error) { return s.AcceptDay(ctx, w.officer, w.id, a.Proposals[0].ID) }, "day_agreed agent", "day_agreed auditor")
	w.until(w.audit().On)
	w.does("begin", func() (audits.Audit, error) { return s.Commence(ctx, w.officer, w.id) }, "begun agent")
	w.does("cost", func() (audits.Audit, error) {
		return s.StateCost(ctx, w.officer, w.id, audits.CostText{Kind: "auditor_fee", For: theWish, Cents: 500})
	}, "cost_added agent")
	w.does("a finding moves the costs", func() (audits.Audit, error) {
		return s.Find(ctx, w.auditor, w.id, audits.FindingText{Grade: audits.Major, Clause: "4.1", Title: theWish, Text: theReason, Root: theReason, NonCompliance: true})
	}, "costs_moved agent", "costs_moved chief", "costs_moved officer", "costs_moved boss", "costs_moved second boss")
	w.does("cancel", func() (audits.Audit, error) { return s.CallOff(ctx, w.officer, w.id, theReason) },
		"cancelled agent", "cancelled chief", "cancelled auditor", "cancelled boss", "cancelled second boss")
}

// quiet are the events in an audit that nobody needs a mail about, and why.
var quiet = map[audits.Action]string{
	audits.Revise: "a draft is the controller's", audits.Assess: "the notice or the conclusion follows from it",
	audits.Acknowledge: "seen on the page", audits.HoldSession: "everybody was there", audits.TakePosition: "one for each finding; the end of the review is told",
	audits.AcceptCost: "one for each line; settling is told", audits.AddFile: "goes with what it belongs to", audits.RemoveFile: "goes with what it belongs to",
}

func TestEveryAuditMail(t *testing.T) {
	texts, err := notices.Load()
	must(t, err)
	for _, tc := range []struct {
		language, preset string
		way              func(*audience)
		words            []string
	}{
		{"nl", "mpg", (*audience).wholeAudit, []string{"Bakkerij De Korenaar", "MijnPartnerGroep", "woensdag 2 december 2026", "donderdag 3 december 2026", "bestaande auditrapporten", "De auditor"}},
		{"en", "mpg", (*audience).wholeAudit, []string{"Wednesday 2 December 2026", "Thursday 3 December 2026", "existing audit reports", "The auditor"}},
		{"nl", "inserve", (*audience).shorter, []string{"een zelfbeoordeling"}},
		{"en", "inserve", (*audience).shorter, []string{"a self-assessment"}},
	} {
		t.Run(tc.language+" "+tc.preset, func(t *testing.T) {
			t.Parallel()
			w := newAudience(t, tc.preset, tc.language)
			if tc.language == "en" {
				w.register()
			}
			tc.way(w)
			w.checkAuditMails(texts, tc.words)
		})
	}
}

// checkAuditMails looks at every mail: no holes, nothing of the content, one
// link into the portal, and every event that somebody needs to hear of.
func (w *audience) checkAuditMails(texts notices.Catalogue, words []string) {
	t := w.t
	t.Helper()
	links := regexp.MustCompile(`https?://[^\s"<>]+`)
	var all strings.Builder
	for _, e := range w.post.all {
		show(t, w.language, "audit-"+e.ID[4:12], e.Subject+"\n\n"+e.Plain)
		body := e.Subject + "\n" + e.Plain + "\n" + e.HTML
		all.WriteString(strings.Join(strings.Fields(e.Subject+" "+e.Plain), " "))
		if strings.Contains(strings.ToLower(body), "kanarie") || strings.Contains(body, "123,45") || strings.Contains(body, "123.45") {
			t.Errorf("content or personal data in the mail %q:\n%s", e.Subject, e.Plain)
		}
		if s := hole.FindString(strings.Join(strings.Fields(e.Subject+" "+e.Plain), " ")); s != "" {
			t.Errorf("the mail %q has a hole %q:\n%s", e.Subject, s, e.Plain)
		}
		if e.Language != w.language {
			t.Errorf("the mail %q is in %s, want %s", e.Subject, e.Language, w.language)
		}
		if !strings.Contains(body, "A-") {
			t.Errorf("the mail %q does not say the reference:\n%s", e.Subject, e.Plain)
		}
		found := links.FindAllString(e.Plain+"\n"+e.HTML, -1)
		for _, l := range found {
			if !strings.HasPrefix(l, baseURL+"/audits") {
				t.Errorf("the mail %q links to %s", e.Subject, l)
			}
		}
		if len(found) != 3 {
			t.Errorf("the mail %q has %d links, want 1 in plain and 2 in HTML", e.Subject, len(found))
		}
	}
	for _, s := range words {
		if !strings.Contains(all.String(), s) {
			t.Errorf("no mail says %q", s)
		}
	}
	for _, m := range w.messages() {
		if n := texts.Notices[m.Kind]; n.For != notices.Party || m.Object == "" || m.Request != "" || m.State != notify.Sent {
			t.Errorf("the message %s is for %s, about %q and %q, %s", m.Kind, n.For, m.Object, m.Request, m.State)
		}
	}
}

// TestNobodyIsForgotten holds every event that an audit can have to a mail, or
// to a reason for none.
func TestNobodyIsForgotten(t *testing.T) {
	texts, err := notices.Load()
	must(t, err)
	mailed := notify.AuditMails()
	events := []audits.Action{audits.FlipCosts, audits.RemindOf}
	for _, r := range audits.Table() {
		if r.By[0] != audits.ThePortal {
			events = append(events, r.Action)
		}
	}
	for _, action := range events {
		kind, ok := mailed[action]
		if ok == (quiet[action] != "") {
			t.Errorf("%s: mailed %t, and the reason for silence is %q", action, ok, quiet[action])
		}
		if _, there := texts.Notices[kind]; ok && !there {
			t.Errorf("%s: there is no text %q", action, kind)
		}
	}
	kinds := []string{"audit_day_moved", "audit_late"}
	for action, kind := range mailed {
		kinds = append(kinds, kind)
		if !slices.Contains(events, action) {
			t.Errorf("%s is mailed about and never happens", action)
		}
	}
	for kind, n := range texts.Notices {
		if n.For == notices.Party && !slices.Contains(kinds, kind) {
			t.Errorf("nothing leads to the text %q", kind)
		}
	}
}
