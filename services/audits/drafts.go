package audits

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Plan is what the controller writes down before the notice. All of it can be
// changed until then.
type Plan struct {
	Subject string // what the audit is about
	Mode    Mode
	// ForCause: something points to non-compliance. BreachIndicated says whether
	// anything shows that the security duty is or may be breached; nil is unknown.
	ForCause        bool
	BreachIndicated *bool
	Why             string   // the cause in words; needed for either
	Indications     []string // of the processor's record, see Record
	Notice          NoticeText
	Wanted          deadlines.Date
	DayOff          string         // why Wanted has to be a weekend or holiday
	Earlier         deadlines.Date // the last audit under the agreement outside the portal
}

// bookable returns the version in force of an agreement of the actor's
// organisation as controller; an ended one is refused with its last day.
func (s *Service) bookable(ctx context.Context, by identity.Actor, agreement string) (agreements.Applied, error) {
	if by.Organisation == "" || !by.IsStaffOf(by.Organisation) {
		return agreements.Applied{}, ErrNotFound
	}
	all, err := s.Agreements.OfController(ctx, by.Organisation, s.now())
	if err != nil {
		return agreements.Applied{}, fmt.Errorf("list the agreements in force: %w", err)
	}
	if a := at(all, func(a agreements.Applied) bool { return a.ID == agreement }); a != nil {
		return *a, nil
	}
	stored, err := s.Agreements.Get(ctx, by, agreement)
	if err != nil || stored.Controller != by.Organisation {
		return agreements.Applied{}, ErrNotFound
	}
	last, err := s.Agreements.Applied(ctx, agreement, stored.Newest().Number)
	if err != nil {
		return agreements.Applied{}, err
	}
	line := lineOf(last.Terms, "in_force", termEnd)
	day := s.now().Format(time.DateOnly)
	switch {
	case !stored.Live:
		line.add(Refused, "The agreement is not in force: both parties have to agree to it first. Use an agreement that is in force.")
	case stored.From > day:
		line.add(Refused, "The agreement is in force from %s. Book the audit then, or use an agreement that is in force.", written(stored.From))
	default:
		line.add(Refused, "The agreement ended on %s, so it gives no right to an audit any more. Use an agreement that is in force, or ask the processor for information.", written(stored.Until))
	}
	return agreements.Applied{}, ruled(line)
}

// written is a stored day as a value that pages write out in full.
func written(day string) any {
	if d, err := deadlines.ParseDate(day); err == nil {
		return d
	}
	return day
}

// Start drafts an audit under an agreement of the actor's organisation. The
// version in force now judges it from here on. id makes it idempotent.
func (s *Service) Start(ctx context.Context, by identity.Actor, id, agreement string, p Plan) (Audit, error) {
	id = ledger.ChosenID("aud", id)
	if !by.IsStaffOf(by.Organisation, identity.PrivacyOfficer) {
		return Audit{}, s.refused(ctx, by, "draft", id, ErrForbidden)
	}
	applied, err := s.bookable(ctx, by, agreement)
	if err != nil {
		return Audit{}, s.refused(ctx, by, "draft", agreement, err)
	}
	a := Audit{Stage: Draft, Controller: applied.Controller, Processor: applied.Processor, Agreement: applied.ID, Version: applied.Version,
		Drafted: s.now(), By: by.Account, Reference: reference()}
	a.ID = id
	key, err := s.Vault.Create(ctx, id)
	if err != nil {
		return Audit{}, err
	}
	g, err := s.groundOf(ctx, applied, id)
	if err != nil {
		return Audit{}, err
	}
	record, err := s.recordFor(ctx, &a, p)
	if err != nil {
		return Audit{}, err
	}
	st := &step{ground: g, Audit: &a, by: by, party: Controller, z: &vault.Sealer{Key: key}}
	if err := errors.Join(st.plan(p, record), st.z.Err); err != nil {
		return Audit{}, s.refused(ctx, by, "draft", agreement, err)
	}
	a.settle(g)
	err = s.Audits.Create(ctx, &a, s.event(by, "draft", id, details{"agreement": a.Agreement, "version": fmt.Sprint(a.Version), "processor": a.Processor}))
	if errors.Is(err, document.ErrTaken) { // the second press of the same button
		old, gerr := s.Audits.Get(ctx, id)
		if gerr != nil || old.By != by.Account {
			return Audit{}, err
		}
		return old, nil
	}
	return a, err
}

// ReviseDraft writes the plan anew, until the notice is sent.
func (s *Service) ReviseDraft(ctx context.Context, by identity.Actor, id string, p Plan) (Audit, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return Audit{}, err
	}
	var record Record
	if sight(by, &a) == Content {
		if record, err = s.recordFor(ctx, &a, p); err != nil {
			return Audit{}, err
		}
	}
	return s.change(ctx, by, id, Revise, func(st *step) (details, error) {
		if err := st.plan(p, record); err != nil {
			return nil, err
		}
		return details{"for_cause": fmt.Sprint(p.ForCause)}, nil
	})
}

// recordFor reads the processor's record when the plan rests on it.
func (s *Service) recordFor(ctx context.Context, a *Audit, p Plan) (Record, error) {
	if len(p.Indications) == 0 {
		return Record{}, nil
	}
	return s.record(ctx, a.Controller, a.Processor)
}

func (st *step) plan(p Plan, record Record) error {
	var f form
	if !f.named("subject", p.Subject) {
		f.Refuse("subject", "Say in a few words what the audit is about.")
	}
	if !slices.Contains([]Mode{OnSite, Remote, Mixed}, p.Mode) {
		f.Refuse("mode", "Choose: on site, at a distance, or both.")
	}
	cause := p.ForCause || p.BreachIndicated != nil && *p.BreachIndicated
	if !f.filled("why", p.Why) && cause && len(p.Indications) == 0 {
		f.Refuse("why", "Say what points to a breach or to non-compliance, or choose it from the processor's record.")
	}
	for _, i := range p.Indications {
		if !record.holds(i) {
			f.Refuse("indications", "This is not in the record of this processor. Choose from the list.")
		}
	}
	for name, text := range map[string]string{"method": p.Notice.Method, "auditor": p.Notice.Auditor, "information": p.Notice.Information,
		"locations": p.Notice.Locations, "arguments": p.Notice.Arguments, "day_off": p.DayOff} {
		f.filled(name, text)
	}
	if !p.Earlier.IsZero() && p.Earlier.After(st.today) {
		f.Refuse("earlier", "This day has not come yet. Fill in the day of the last audit that took place.")
	}
	if err := f.Err(); err != nil {
		return err
	}
	z := st.z
	st.Subject, st.Mode, st.Wanted, st.Earlier = z.Text("subject", p.Subject), p.Mode, p.Wanted, p.Earlier
	st.Cause = Cause{ForCause: p.ForCause, BreachIndicated: p.BreachIndicated, Why: z.Text("why", p.Why), Indications: slices.Clone(p.Indications)}
	st.WantedOff = z.Text("day_off", p.DayOff)
	st.Notice = Notice{Method: z.Text("method", p.Notice.Method), Auditor: z.Text("auditor", p.Notice.Auditor), Information: z.Text("information", p.Notice.Information),
		Locations: z.Text("locations", p.Notice.Locations), Arguments: z.Text("arguments", p.Notice.Arguments)}
	if p.Wanted.IsZero() {
		return nil
	}
	// A wanted day is judged at once, as if the notice went out now. What is
	// missing besides is said by Judge and held at the notice.
	return st.day(st.ground, p.Wanted, st.now, st.WantedOff)
}

// reference is what people quote: letters and digits that are never mistaken
// for each other, in groups. The unique index refuses the twin that nobody will see.
func reference() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789" // 32 of them, so no remainder
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	out := []byte("A-")
	for i, c := range b {
		if i > 0 && i%4 == 0 {
			out = append(out, '-')
		}
		out = append(out, letters[int(c)%len(letters)])
	}
	return string(out)
}
