package audits

import (
	"context"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/identity"
	"inzage/services/vault"
)

// sent is what the notice rested on when it went out, of all that can change
// afterwards: the auditor may be replaced, a party may take another name, an
// answer may come late, and other audits get their days. Everything else in a
// notice is fixed by the table: Revise and Assess come before it only. It is
// kept sealed in Audit.Sent; the engine is pure, so from the same facts and
// terms it says again what it said then.
type sent struct {
	Controller string        `json:"controller"` // names
	Processor  string        `json:"processor"`
	Auditor    AuditorPerson `json:"auditor"`
	Own        bool          `json:"own"`
	Facts      Facts         `json:"facts"` // without what the notice states
}

func (st *step) freeze(controller, processor string, f Facts) vault.Sealed {
	o := opener(st.ground)
	s := sent{Controller: controller, Processor: processor, Own: st.Auditor.Own, Facts: f}
	o.JSON("auditor", st.Auditor.Person, &s.Auditor)
	if o.Err != nil {
		st.z.Err = o.Err
		return ""
	}
	s.Facts.Notice = NoticeText{}
	return st.z.JSON("sent", s)
}

// parties are the names of the two sides now.
func (s *Service) parties(ctx context.Context, a *Audit) (controller, processor string, err error) {
	c, err := s.People.Organisation(ctx, a.Controller)
	if err != nil {
		return "", "", err
	}
	p, err := s.People.Organisation(ctx, a.Processor)
	return c.Name, p.Name, err
}

// Announcement is the notice of an audit as it was sent, opened.
type Announcement struct {
	Audit                 string // aud_…
	Reference             string
	Sent                  time.Time
	Controller, Processor string // their names then
	Agreement             string // agr_…
	Version               int
	SignedOn              deadlines.Date
	Terms                 agreements.Terms

	Subject, Why string
	Mode         Mode
	Cause        Cause // Why in it stays sealed; see above
	Text         NoticeText
	Must         []string // the parts of Text that the agreement says a notice states
	Asked        []Asking // what was asked and assessed before
	Auditor      AuditorPerson
	Own          bool           // the controller's own people do the audit
	Wanted       deadlines.Date // the day that was proposed with it; zero for none
	DayOff       string
	Answer       Answer // line by line, as the engine judged it then

	// What has changed since.
	On         deadlines.Date // the day that is agreed now; zero for none
	NewAuditor bool           // somebody else does the audit now
}

// Asking is something that the processor was asked before the notice, with
// what had become of it when the notice went out.
type Asking struct {
	Kind       Kind
	At         time.Time
	Due        deadlines.Date
	Answered   *time.Time
	None       bool   // there was nothing to give
	Assessment string // Conclusive, Inconclusive or empty
	Arguments  string // of the assessment
}

// NoticeOf is the notice of an audit as it was sent, for both parties and the
// auditor who has signed; the reading leaves an entry.
func (s *Service) NoticeOf(ctx context.Context, by identity.Actor, id string) (Announcement, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return Announcement{}, err
	}
	if sight(by, &a) != Content || a.Announced == nil {
		return Announcement{}, s.refused(ctx, by, "notice", id, ErrNotFound)
	}
	g, err := s.ground(ctx, &a)
	if err != nil {
		return Announcement{}, err
	}
	agreement, err := s.Agreements.Get(ctx, identity.System(), a.Agreement)
	if err != nil {
		return Announcement{}, err
	}
	n, err := a.announcement(g)
	if err != nil {
		return Announcement{}, err
	}
	if n.SignedOn, err = dayOrNone(agreement.SignedOn); err != nil {
		return Announcement{}, err
	}
	return n, s.read(ctx, by, "notice", id)
}

func dayOrNone(s string) (deadlines.Date, error) {
	if s == "" {
		return deadlines.Date{}, nil
	}
	return deadlines.ParseDate(s)
}

func (a *Audit) announcement(g ground) (Announcement, error) {
	o := opener(g)
	var was sent
	o.JSON("sent", a.Sent, &was)
	st := a.story(o, identity.System())
	if o.Err != nil {
		return Announcement{}, o.Err
	}
	facts := was.Facts
	facts.Notice = st.Notice
	answer, err := Check(g.terms, facts)
	if err != nil {
		return Announcement{}, err
	}
	n := Announcement{Audit: a.ID, Reference: a.Reference, Sent: *a.Announced, Controller: was.Controller, Processor: was.Processor, Agreement: a.Agreement,
		Version: a.Version, Terms: g.terms, Subject: st.Subject, Why: st.Why, Mode: a.Mode, Cause: a.Cause, Text: st.Notice, Auditor: was.Auditor, Own: was.Own,
		Wanted: a.Wanted, DayOff: o.Text("day_off", a.WantedOff), Answer: answer, On: a.On}
	n.NewAuditor = a.Auditor == nil || a.Auditor.Own != was.Own || st.Auditor != was.Auditor
	if c := g.terms.Audit.NoticeContent; c != nil {
		n.Must = append(n.Must, c.States...)
		if !isFalse(facts.Reports.Available) {
			n.Must = append(n.Must, c.WhenReportsExist...)
		}
	}
	n.Asked = a.askedBefore(st)
	return n, o.Err
}

// askedBefore is what was asked until the notice; what came after it is left out.
func (a *Audit) askedBefore(st Story) []Asking {
	until := func(t *time.Time) *time.Time {
		if t == nil || t.After(*a.Announced) {
			return nil
		}
		return t
	}
	var all []Asking
	for _, q := range a.Inquiries {
		if q.Kind == Question || until(&q.At) == nil || until(q.Withdrawn) != nil {
			continue
		}
		x := Asking{Kind: q.Kind, At: q.At, Due: q.Due, Answered: until(q.Answered)}
		if x.Answered != nil {
			x.None, x.Assessment, x.Arguments = q.None, q.Assessment, st.Items[q.ID].Args
		}
		all = append(all, x)
	}
	return all
}
