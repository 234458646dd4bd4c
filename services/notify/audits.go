package notify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// told is the mail that an event in an audit asks for. It goes to everybody
// who takes part, except the side that did it: they know.
type told struct {
	kind string
	// only, when set, are the parties it concerns; else it concerns both.
	only audits.Party
	// auditor: it concerns the auditor, too, who has signed the undertaking.
	auditor bool
	// admins: the administrators of the parties it concerns hear it, too.
	admins bool
	// colleagues: the others of the side that did it hear it, too.
	colleagues bool
}

// auditMails are the events in an audit that somebody has to hear of. What
// is not here changes nothing for anybody else: a draft, a file that goes with
// an answer, a line of costs that a side accepts before all is settled.
var auditMails = map[audits.Action]told{
	audits.AskFirst:           {kind: "audit_asked", only: audits.Processor},
	audits.Ask:                {kind: "audit_asked"},
	audits.Supply:             {kind: "audit_supplied", only: audits.Controller},
	audits.AnswerQuestion:     {kind: "audit_supplied", only: audits.Controller, auditor: true},
	audits.WithdrawInquiry:    {kind: "audit_inquiry_withdrawn"},
	audits.Conclude:           {kind: "audit_concluded", only: audits.Processor},
	audits.Announce:           {kind: "audit_announced", only: audits.Processor, admins: true},
	audits.Propose:            {kind: "audit_day_proposed"},
	audits.Accept:             {kind: "audit_day_agreed", auditor: true, colleagues: true},
	audits.TakeBack:           {kind: "audit_day_taken_back"},
	audits.Cancel:             {kind: "audit_cancelled", auditor: true, admins: true, colleagues: true},
	audits.NameAuditor:        {kind: "audit_auditor_named", only: audits.Processor},
	audits.Invite:             {kind: "audit_invited", only: nobody, auditor: true},
	audits.WithdrawInvitation: {kind: "audit_invitation_withdrawn", auditor: true, colleagues: true},
	audits.Sign:               {kind: "audit_signed"},
	audits.Object:             {kind: "audit_objection", only: audits.Controller, admins: true},
	audits.AnswerObjection:    {kind: "audit_objection_answered", only: audits.Processor, admins: true},
	audits.Begin:              {kind: "audit_begun"},
	audits.SetRules:           {kind: "audit_house_rules", only: audits.Controller, auditor: true},
	audits.PlanSession:        {kind: "audit_visit_planned", auditor: true},
	audits.DropSession:        {kind: "audit_visit_dropped", auditor: true},
	audits.Share:              {kind: "audit_report_shared", admins: true},
	audits.Comment:            {kind: "audit_report_commented", only: audits.Controller, auditor: true},
	audits.AddFinding:         {kind: "audit_findings_changed"},
	audits.ReviseFinding:      {kind: "audit_findings_changed"},
	audits.DropFinding:        {kind: "audit_findings_changed"},
	audits.Review:             {kind: "audit_review_opened", auditor: true},
	audits.FinishReview:       {kind: "audit_review_finished", auditor: true},
	audits.AddMeasure:         {kind: "audit_measure_agreed"},
	audits.ReviseMeasure:      {kind: "audit_measure_changed"},
	audits.DropMeasure:        {kind: "audit_measure_dropped"},
	audits.ReportMeasure:      {kind: "audit_measure_reported", auditor: true},
	audits.CheckMeasure:       {kind: "audit_measure_checked"},
	audits.AddCost:            {kind: "audit_cost_added"},
	audits.ReviseCost:         {kind: "audit_cost_changed"},
	audits.DropCost:           {kind: "audit_cost_changed"},
	audits.DisputeCost:        {kind: "audit_cost_disputed"},
	audits.Settle:             {kind: "audit_settled", admins: true},
	audits.Close:              {kind: "audit_closed", auditor: true, admins: true},
	audits.FlipCosts:          {kind: "audit_costs_moved", admins: true},
	audits.RemindOf:           {kind: "audit_reminder"}, // or audit_late; to whom follows from who owes it
}

// nobody is neither party.
const nobody audits.Party = "nobody"

// ofAudit composes what an event in an audit asks for.
func (s *Service) ofAudit(ctx context.Context, e ledger.Entry, verb audits.Action) error {
	t, ok := auditMails[verb]
	if !ok {
		return nil
	}
	a, err := s.Audits.Audits.Get(ctx, e.Event.Object)
	if err != nil {
		return err
	}
	m := meeting{s: s, ev: e.Event, entry: e.Number, a: a}
	if err := m.name(ctx); err != nil {
		return err
	}
	switch verb {
	case audits.RemindOf:
		return m.remind(ctx)
	case audits.AddFinding, audits.ReviseFinding, audits.DropFinding:
		if a.Report == nil || m.ev.At.Before(a.Report.Shared) {
			return nil // nobody but the controller's side sees the draft
		}
	case audits.NameAuditor:
		if err := m.toFormer(ctx); err != nil {
			return err
		}
		if a.Announced == nil || m.ev.At.Before(*a.Announced) {
			return nil // the notice says who it is
		}
	case audits.Accept:
		if m.ev.Details["before"] != "" {
			t.kind = "audit_day_moved"
		}
	}
	return m.tell(ctx, t)
}

// meeting writes to those who take part in one audit about one event in it.
type meeting struct {
	s     *Service
	ev    ledger.Event
	entry int64
	a     audits.Audit
	names map[string]string // of the organisations
	zone  *time.Location    // the controller's
}

// name reads what the organisations are called, and whose clock counts.
func (m *meeting) name(ctx context.Context) error {
	m.names = map[string]string{}
	for _, id := range []string{m.a.Controller, m.a.Processor} {
		o, err := m.s.Audits.People.Organisation(ctx, id)
		if err != nil {
			return fmt.Errorf("name organisation %s: %w", id, err)
		}
		m.names[id] = o.Name
		if id != m.a.Controller {
			continue
		}
		if m.zone, err = deadlines.Zone(cmp.Or(o.Zone, "Europe/Amsterdam")); err != nil {
			return err
		}
	}
	return nil
}

// tell writes to everybody whom the event concerns.
func (m *meeting) tell(ctx context.Context, t told) error {
	for _, p := range []audits.Party{audits.Controller, audits.Processor} {
		if t.only != "" && t.only != p || m.org(p) == m.ev.Organisation && !t.colleagues {
			continue
		}
		if err := m.toParty(ctx, t.kind, p, t.admins, nil); err != nil {
			return err
		}
	}
	if !t.auditor {
		return nil
	}
	return m.toAuditor(ctx, t.kind, nil)
}

func (m *meeting) org(p audits.Party) string {
	if p == audits.Processor {
		return m.a.Processor
	}
	return m.a.Controller
}

// toParty writes to the people of a side who act in the audit. The processor
// hears nothing of an audit that it may not know of.
func (m *meeting) toParty(ctx context.Context, kind string, p audits.Party, admins bool, more func(*writer)) error {
	roles := []identity.Role{identity.PrivacyOfficer}
	if p == audits.Processor {
		if !m.known() {
			return nil
		}
		roles = []identity.Role{identity.Agent}
	}
	if admins {
		roles = append(roles, identity.Admin)
	}
	all, err := m.s.staff(ctx, m.org(p), roles)
	if err != nil {
		return err
	}
	for _, one := range all {
		err := m.write(ctx, kind, one, m.s.Outbox.Links.Audit(m.a.ID), func(w *writer) {
			w.flags["agent"] = p == audits.Processor
			if more != nil {
				more(w)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// known tells whether the processor could see what the event is about: all
// of the audit after the notice, before it only what it is asked.
func (m *meeting) known() bool {
	if m.a.Announced != nil {
		return true
	}
	asked := []audits.Action{audits.AskFirst, audits.WithdrawInquiry, audits.Conclude, audits.Cancel, audits.RemindOf}
	return m.a.Listed != "" && slices.Contains(asked, m.verb())
}

func (m *meeting) verb() audits.Action {
	_, verb, _ := strings.Cut(m.ev.Action, ".")
	return audits.Action(verb)
}

// toAuditor writes to the auditor: to the one who has signed, and about the way
// into the audit itself also to the one who has not.
func (m *meeting) toAuditor(ctx context.Context, kind string, more func(*writer)) error {
	u, link := m.a.Auditor, m.s.Outbox.Links.Audit(m.a.ID)
	if u == nil || u.Own || u.Account == "" {
		return nil
	}
	door := slices.Contains([]audits.Action{audits.Invite, audits.WithdrawInvitation, audits.Cancel, audits.Close, audits.RemindOf}, m.verb())
	switch {
	case u.Undertaken == nil && !door:
		return nil // sees nothing of the audit yet
	case m.verb() == audits.Invite, m.verb() == audits.WithdrawInvitation:
		if m.ev.Details["auditor"] != u.ID {
			return nil // somebody else does the audit by now
		}
	case u.Withdrawn != nil:
		return nil
	}
	if m.a.Access == "" {
		link = m.s.Outbox.Links.Audits()
	}
	one, err := m.auditor(ctx)
	if err != nil {
		return err
	}
	return m.write(ctx, kind, one, link, func(w *writer) {
		w.flags["auditor"] = true
		if more != nil {
			more(w)
		}
	})
}

// auditor is where the auditor can be reached: the address of the account, or
// the one of the invitation as long as there is no account.
func (m *meeting) auditor(ctx context.Context) (person, error) {
	one, err := m.account(ctx, m.a.Auditor.Account)
	if err != nil || one.email != "" {
		return one, err
	}
	story, err := m.s.Audits.Tell(ctx, identity.System(), m.a)
	one.email, one.language = story.Auditor.Email, story.Auditor.Language
	return one, err
}

// account is the person behind an account; without an address when there is
// none yet, or none any more.
func (m *meeting) account(ctx context.Context, id string) (person, error) {
	one := person{account: id}
	acc, err := m.s.Accounts.Get(ctx, id)
	if err == nil {
		var p identity.Person
		p, err = m.s.People.Person(ctx, id)
		one.email, one.language = p.Email, acc.Language
	}
	if passed(err) != nil {
		return one, fmt.Errorf("open account %s: %w", id, err)
	}
	return one, nil
}

// toFormer tells the auditor in whose place another was named. One who never
// made an account cannot be reached, and never came in.
func (m *meeting) toFormer(ctx context.Context) error {
	id := m.ev.Details["instead"]
	if id == "" {
		return nil
	}
	one, err := m.account(ctx, id)
	if err != nil || one.email == "" {
		return err
	}
	return m.write(ctx, "audit_invitation_withdrawn", one, m.s.Outbox.Links.Audits(), func(w *writer) { w.flags["auditor"] = true })
}

// write writes to one person, unless it is who did it.
func (m *meeting) write(ctx context.Context, kind string, to person, link string, more func(*writer)) error {
	if to.account == m.ev.Actor {
		return nil
	}
	w, err := m.writer(to.language)
	if err != nil {
		return err
	}
	more(w)
	return m.s.mailTo(ctx, to, m.ev, link, w, Message{Kind: kind, Entry: m.entry, Object: m.a.ID})
}

// writer fills in what the mails about audits say: never words of the audit,
// and what the event said, not what became of it since.
func (m *meeting) writer(language string) (*writer, error) {
	w := &writer{texts: m.s.Outbox.Texts, language: language, zone: m.zone, now: m.s.Outbox.now(),
		values: map[string]string{}, flags: map[string]bool{}}
	d := m.ev.Details
	w.values["reference"], w.values["controller"], w.values["processor"] = m.a.Reference, m.names[m.a.Controller], m.names[m.a.Processor]
	w.values["day"], w.values["actor"] = w.day(m.ev.At), m.actor(w)
	for value, detail := range map[string]string{"due": "due", "on": "day", "before": "before"} {
		if d[detail] == "" {
			continue
		}
		day, err := deadlines.ParseDate(d[detail])
		if err != nil {
			return nil, fmt.Errorf("read the %s of entry %d: %w", detail, m.entry, err)
		}
		w.promise(value, day)
		if ends, err := time.Parse(time.RFC3339, d["ends"]); value == "due" && err == nil {
			w.promiseUntil(value, day, ends)
		}
	}
	w.values["thing"] = w.texts.Words.Owed[d["kind"]].In(language)
	// The day of an audit that was broken off stays its day.
	w.flags["has_day"], w.flags["has_due"] = d["day"] != "" && d["outcome"] != audits.BrokenOff, d["due"] != ""
	w.flags["moves"], w.flags["nothing"], w.flags["answered_late"] = d["moves"] == "true", d["none"] == "true", d["late"] == "true"
	w.flags["works"] = d["result"] == audits.Effective
	return w, nil
}

// actor names who did it, with a capital: the organisation, or the auditor.
func (m *meeting) actor(w *writer) string {
	if name := m.names[m.ev.Organisation]; name != "" {
		return name
	}
	words := w.texts.Words.Auditor.In(w.language)
	first, n := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[n:]
}
