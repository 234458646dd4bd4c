package notify_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"inzage/services/audits"
	"inzage/services/document"
	"inzage/services/ledger"
	"inzage/services/notify"

	"github.com/google/go-cmp/cmp"
)

// cut is an outbox whose power goes at every third message, right after it was
// stored and before anybody noted that.
type cut struct {
	document.Collection[notify.Message]
	mu sync.Mutex
	n  int
}

var errPower = errors.New("the power went")

func (c *cut) Create(ctx context.Context, m *notify.Message, events ...ledger.Event) error {
	err := c.Collection.Create(ctx, m, events...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n++; err == nil && c.n%3 == 0 {
		return errPower
	}
	return err
}

// sweep lets two instances remind and compose at once, each cut off now and
// then, until nothing is left to do.
func (w *audience) sweep() {
	t := w.t
	t.Helper()
	for range 30 {
		var both sync.WaitGroup
		var mu sync.Mutex
		left := 0
		for range 2 {
			both.Go(func() {
				n, err := w.Audits.Remind(t.Context(), 50)
				if err != nil {
					t.Error(err)
				}
				m, err := w.Notify.Compose(t.Context(), 50)
				if err != nil && !errors.Is(err, errPower) && !errors.Is(err, document.ErrBusy) {
					t.Error(err)
				}
				if err != nil {
					m++
				}
				mu.Lock()
				defer mu.Unlock()
				left += n + m
			})
		}
		both.Wait()
		sealed, err := w.Ledger.Drain(t.Context(), w.Engine)
		must(t, err)
		if left+sealed == 0 {
			_, err := w.Notify.Outbox.Send(t.Context(), 100)
			must(t, err)
			return
		}
	}
	t.Fatal("the sweeps do not come to an end")
}

// counted are the mails since the last look, by "kind name".
func (w *audience) counted() map[string]int {
	w.t.Helper()
	w.send()
	got := map[string]int{}
	for _, e := range w.post.all[w.seen:] {
		m, err := w.Notify.Outbox.Messages.Get(w.t.Context(), strings.Split(e.ID, "@")[0])
		must(w.t, err)
		name, _, _ := strings.Cut(e.To, "@")
		if e.To == auditorMail {
			name = "auditor"
		}
		got[strings.TrimPrefix(m.Kind, "audit_")+" "+name]++
	}
	w.seen = len(w.post.all)
	return got
}

// Two instances sweep at once, and are cut off between the reminder, its mail
// and the note of it: each reminder goes out once, an escalation reaches both
// sides with their administrators, and what was done in time asks for nothing.
func TestAuditRemindersGoOutOnce(t *testing.T) {
	t.Parallel()
	w := newAudience(t, "mpg", "nl")
	ctx := t.Context()
	w.start()
	a, err := w.Audits.AskBefore(ctx, w.officer, w.id, audits.Inquire{Kind: audits.ExistingReports, Text: theWish})
	must(t, err)
	done, err := w.Audits.AskBefore(ctx, w.officer, w.id, audits.Inquire{Kind: audits.Information, Text: theWish})
	must(t, err)
	late := a.Inquiries[0]
	w.counted()
	whole := w.Notify.Outbox.Messages
	w.Notify.Outbox.Messages = &cut{Collection: whole}
	for day := range 17 {
		if day == 5 { // after the reminder of fourteen days: it is the only one
			_, err := w.Audits.AnswerInquiry(ctx, w.agent, w.id, done.Inquiries[1].ID, audits.Supplied{Text: theReason})
			must(t, err)
		}
		w.sweep()
		w.pass(24 * time.Hour)
	}
	w.Notify.Outbox.Messages = whole
	got := w.counted()
	want := map[string]int{"supplied officer": 1, "reminder agent": 4 + 1, "late agent": 1, "late chief": 1, "late officer": 1, "late boss": 1, "late second boss": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	for _, m := range w.messages() {
		if m.Attempts != 1 {
			t.Errorf("%s was sent %d times", m.Kind, m.Attempts)
		}
	}
	_, err = w.Audits.AnswerInquiry(ctx, w.agent, w.id, late.ID, audits.Supplied{Text: theReason})
	must(t, err)
	w.pass(40 * 24 * time.Hour)
	w.sweep()
	if diff := cmp.Diff(map[string]int{"supplied officer": 1}, w.counted()); diff != "" {
		t.Errorf("after the answer (-want +got):\n%s", diff)
	}
}

// An auditor who has not signed is reminded, and once the day has come so is
// everybody; positions are asked of the side that owes them.
func TestWhoIsRemindedInAnAudit(t *testing.T) {
	t.Parallel()
	w := newAudience(t, "mpg", "en")
	ctx, s := t.Context(), w.Audits
	w.start()
	a, err := s.AskBefore(ctx, w.officer, w.id, audits.Inquire{Kind: audits.ExistingReports, Text: theWish})
	must(t, err)
	_, err = s.AnswerInquiry(ctx, w.agent, w.id, a.Inquiries[0].ID, audits.Supplied{None: true, Text: theReason})
	must(t, err)
	_, err = s.SendNotice(ctx, w.officer, w.id)
	must(t, err)
	w.counted()
	w.invite()
	a, err = s.ProposeDay(ctx, w.officer, w.id, audits.DayProposal{Day: w.today().AddDays(16)})
	must(t, err)
	_, err = s.AcceptDay(ctx, w.agent, w.id, a.Proposals[0].ID)
	must(t, err)
	w.counted()
	step := func(what string, days int, want map[string]int) {
		t.Helper()
		for range days {
			w.pass(24 * time.Hour)
			w.sweep()
		}
		if diff := cmp.Diff(want, w.counted()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	step("before the day", 15, map[string]int{"reminder auditor": 4})
	everybody := map[string]int{"late agent": 1, "late chief": 1, "late officer": 1, "late boss": 1, "late second boss": 1}
	unsigned := maps.Clone(everybody)
	unsigned["late auditor"] = 1
	step("on the day", 1, unsigned)
	w.auditor.StrongAt = w.now()
	_, err = w.sign()
	must(t, err)
	_, err = s.Commence(ctx, w.officer, w.id)
	must(t, err)
	_, err = s.Find(ctx, w.officer, w.id, audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: theWish, Text: theReason})
	must(t, err)
	_, err = s.ShareReport(ctx, w.officer, w.id, theReason)
	must(t, err)
	_, err = s.CommentReport(ctx, w.agent, w.id, theReason)
	must(t, err)
	a, err = s.OpenReview(ctx, w.officer, w.id)
	must(t, err)
	_, err = s.Hold(ctx, w.officer, w.id, a.Findings[0].ID, audits.Agrees, "")
	must(t, err)
	w.counted()
	step("positions", 14, map[string]int{"reminder agent": 4})
	step("late positions", 1, everybody)
}

// A reminder that is composed after the thing was done is not sent any more.
func TestReminderOfWhatWasDoneSince(t *testing.T) {
	t.Parallel()
	w := newAudience(t, "mpg", "nl")
	ctx := t.Context()
	w.start()
	a, err := w.Audits.AskBefore(ctx, w.officer, w.id, audits.Inquire{Kind: audits.ExistingReports, Text: theWish})
	must(t, err)
	w.counted()
	w.pass(time.Duration(a.Inquiries[0].Due.DaysSince(w.today())-2) * 24 * time.Hour)
	if n, err := w.Audits.Remind(ctx, 10); err != nil || n != 1 {
		t.Fatalf("reminded %d, %v", n, err)
	}
	_, err = w.Audits.AnswerInquiry(ctx, w.agent, w.id, a.Inquiries[0].ID, audits.Supplied{None: true, Text: theReason})
	must(t, err)
	if diff := cmp.Diff(map[string]int{"supplied officer": 1}, w.counted()); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
}

// What was not sent when the audit is shredded never goes out, and what was not
// composed is passed over.
func TestShreddedAuditIsWrittenAboutNoMore(t *testing.T) {
	t.Parallel()
	w := newAudience(t, "mpg", "nl")
	ctx := t.Context()
	w.start()
	_, err := w.Audits.AskBefore(ctx, w.officer, w.id, audits.Inquire{Kind: audits.ExistingReports, Text: theWish})
	must(t, err)
	w.compose() // queued, not sent
	_, err = w.Audits.CallOff(ctx, w.officer, w.id, theReason)
	must(t, err)
	must(t, w.Vault.Shred(ctx, w.id)) // before the cancelling is composed
	if diff := cmp.Diff(map[string]int{}, w.counted()); diff != "" {
		t.Errorf("mails (-want +got):\n%s", diff)
	}
	dropped := w.inState(notify.Dropped)
	if len(dropped) != 1 || dropped[0].Kind != "audit_asked" || dropped[0].To != "" || dropped[0].Content != "" {
		t.Errorf("dropped: %+v", dropped)
	}
}

// Whoever loses the audit to another auditor hears of it; who never made an
// account cannot, and never came in.
func TestAnAuditorWhoIsReplaced(t *testing.T) {
	for name, known := range map[string]bool{"with an account": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			w := newAudience(t, "inserve", "nl")
			ctx := t.Context()
			if known {
				w.register()
			}
			w.start()
			_, err := w.Audits.SendNotice(ctx, w.officer, w.id)
			must(t, err)
			w.counted()
			w.invite()
			_, err = w.Audits.AppointAuditor(ctx, w.officer, w.id, w.details("other@auditors.example"))
			must(t, err)
			want := map[string]int{"auditor_named agent": 1}
			if known {
				want["invitation_withdrawn auditor"] = 1
			}
			if diff := cmp.Diff(want, w.counted()); diff != "" {
				t.Errorf("mails (-want +got):\n%s", diff)
			}
		})
	}
}

// Names are taken as they are: never as markup, a header or a value.
func TestHostileNamesInAnAudit(t *testing.T) {
	t.Parallel()
	w := newAudience(t, "inserve", "nl")
	w.partner = w.organisation("Evil {thing} <b>x</b>", "evil")
	w.agent = w.hire("villain", w.partner, "agent")
	w.contract = w.agree("inserve", w.bakery, w.partner)
	w.start()
	_, err := w.Audits.SendNotice(t.Context(), w.officer, w.id)
	must(t, err)
	w.send()
	if len(w.post.all) != 1 {
		t.Fatalf("%d mails", len(w.post.all))
	}
	e := w.post.all[0]
	if !strings.Contains(e.Subject, "Evil {thing} <b>x</b>") || strings.Contains(e.HTML, "<b>") {
		t.Errorf("the name was not taken as it is: %s\n%s", e.Subject, e.HTML)
	}
}
