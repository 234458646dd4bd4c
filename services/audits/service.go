package audits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"inzage/config/undertakings"
	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/requests"
	"inzage/services/vault"
)

// Agreements is what audits ask about agreements.
type Agreements interface {
	// Get returns an agreement with all its versions to its parties and the portal.
	Get(ctx context.Context, by identity.Actor, id string) (agreements.Agreement, error)
	// Applied returns a version of an agreement, in force or not.
	Applied(ctx context.Context, id string, version int) (agreements.Applied, error)
	// OfController lists the agreements in force of a controller.
	OfController(ctx context.Context, controller string, at time.Time) ([]agreements.Applied, error)
}

// People knows organisations, and invites auditors.
type People interface {
	Organisation(ctx context.Context, id string) (identity.Organisation, error)
	// EachOrganisation calls do with every organisation, for the portal's sweeps.
	EachOrganisation(ctx context.Context, do func(identity.Organisation) error) error
	// InviteAuditor returns the account that the auditor has or will have.
	InviteAuditor(ctx context.Context, by identity.Actor, in identity.Invite) (account string, err error)
}

// Conduct knows what the portal recorded of a processor's help with requests.
type Conduct interface {
	// Lapses lists what the processor did late or not at all for the controller
	// since a time, bounded.
	Lapses(ctx context.Context, controller, processor string, since time.Time) ([]requests.Lapse, error)
}

// Limits are the settable bounds on what people send.
type Limits struct {
	FileBytes int64         // the largest file
	Files     int           // files an audit may hold
	Keep      time.Duration // how long the content of an ended audit stays where its controller chose nothing; 0 is Keep
}

// DefaultLimits are 2 GiB a file and 300 files an audit.
var DefaultLimits = Limits{FileBytes: 2 << 30, Files: 300}

// Service carries the rules. All exported fields must be set.
type Service struct {
	Audits       document.Collection[Audit]
	Slots        document.Collection[Slots]
	Vault        vault.Keeper
	Agreements   Agreements
	People       People
	Conduct      Conduct
	Evidence     journal.Recorder
	Undertakings undertakings.Versions
	Limits       Limits
	Now          func() time.Time

	seen    int64  // the revision that At names; 0 is any
	covered string // the audit whose dossier was handed out, see Within
}

// At returns the service for somebody who saw the audit at a revision: what
// they change there is refused with ErrMoved when the audit has changed since.
func (s *Service) At(rev int64) *Service {
	at := *s
	at.seen = rev
	return &at
}

func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// details are identifiers and enumerated values for the ledger.
type details map[string]string

// ground is what every step on an audit stands on, read before it begins: the
// terms of its version, the days of the agreement, the other audits under it.
type ground struct {
	terms    agreements.Terms
	until    deadlines.Date // the last day in force; zero is open
	zone     *time.Location
	calendar deadlines.Calendar
	now      time.Time
	today    deadlines.Date
	others   []Slot // the agreed days of the other audits under the agreement
	key      vault.Key
}

func (s *Service) ground(ctx context.Context, a *Audit) (ground, error) {
	applied, err := s.Agreements.Applied(ctx, a.Agreement, a.Version)
	if err != nil {
		return ground{}, fmt.Errorf("read the terms of %s: %w", a.Agreement, err)
	}
	g, err := s.groundOf(ctx, applied, a.ID)
	if err != nil {
		return ground{}, err
	}
	g.key, err = s.Vault.Key(ctx, a.ID)
	return g, err
}

// groundOf is the ground of an audit under an agreement, without a key; "" is an
// audit to come.
func (s *Service) groundOf(ctx context.Context, applied agreements.Applied, audit string) (ground, error) {
	// What the agreement does not say of country and zone is that of its controller.
	org, err := s.People.Organisation(ctx, applied.Controller)
	if err != nil {
		return ground{}, fmt.Errorf("read organisation %s: %w", applied.Controller, err)
	}
	g := ground{terms: applied.Terms.At(org.Country, org.Zone), now: s.now()}
	agreement, err := s.Agreements.Get(ctx, identity.System(), applied.ID)
	if err != nil {
		return ground{}, fmt.Errorf("read agreement %s: %w", applied.ID, err)
	}
	if agreement.Until != "" {
		if g.until, err = deadlines.ParseDate(agreement.Until); err != nil {
			return ground{}, err
		}
	}
	if g.zone, err = deadlines.Zone(g.terms.TimeZone()); err != nil {
		return ground{}, err
	}
	g.calendar = deadlines.CalendarFor(g.terms.Holidays())
	g.today = deadlines.DateOf(g.now, g.zone)
	g.others, err = s.others(ctx, applied.ID, audit)
	return g, err
}

// step is one change of an audit under way.
type step struct {
	ground
	*Audit
	by    identity.Actor
	party Party // the side that acts; the auditor is on the controller's
	z     *vault.Sealer
	more  []details // further events, by their "action"
}

// errSame ends a step that was done before: nothing changes, nothing is refused.
var errSame = errors.New("done before")

// change is the one way to change an audit: the table decides, do changes, what
// follows is derived again, and the event goes with it. A refusal by the table
// or the agreement leaves its own entry. do may run twice.
func (s *Service) change(ctx context.Context, by identity.Actor, id string, action Action, do func(*step) (details, error)) (Audit, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return Audit{}, err
	}
	if _, err := allowed(by, &a, action); err != nil {
		return Audit{}, s.refused(ctx, by, action, id, s.moved(ctx, &a, err))
	}
	g, err := s.ground(ctx, &a)
	if err != nil {
		return Audit{}, err
	}
	out, err := s.Audits.Update(ctx, id, func(a *Audit) ([]ledger.Event, error) {
		events, err := s.stepped(g, a, by, action, do)
		if errors.Is(err, errSame) {
			return nil, nil
		}
		return events, err
	})
	if err != nil {
		return Audit{}, s.refused(ctx, by, action, id, err)
	}
	return out, nil
}

// Entitled refuses who may not do the action in whichever stage, NotFound or
// Forbidden, with the entry of it. A page asks it before it opens the audit or
// reads a form; whether the stage allows it now is left to the doing.
func (s *Service) Entitled(ctx context.Context, by identity.Actor, id string, action Action) error {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return err
	}
	if _, err := allowed(by, &a, action); err != nil && fault.KindOf(err) != fault.Conflict {
		return s.refused(ctx, by, action, id, err)
	}
	return nil
}

// stepped does one step on the audit as it is now, and returns its events.
func (s *Service) stepped(g ground, a *Audit, by identity.Actor, action Action, do func(*step) (details, error)) ([]ledger.Event, error) {
	row, err := allowed(by, a, action)
	if err != nil {
		return nil, err
	}
	st := &step{ground: g, Audit: a, by: by, party: a.partyOf(by.Organisation), z: &vault.Sealer{Key: g.key}}
	if stands(by, a, TheAuditor) {
		st.party = Controller
	}
	before := a.Stage
	d, err := do(st)
	if err == nil {
		err = st.z.Err
	}
	if err != nil {
		return nil, err
	}
	// After errSame, so that a second press of the same button is no conflict.
	if s.seen != 0 && a.Rev != s.seen {
		return nil, ErrMoved
	}
	if row.To != "" && a.Stage == before {
		a.Stage = row.To
	}
	if err := st.divide(); err != nil {
		return nil, err
	}
	a.settle(g)
	events := []ledger.Event{s.event(by, action, a.ID, d)}
	for _, m := range st.more {
		name := Action(m["action"])
		delete(m, "action")
		events = append(events, s.event(identity.System(), name, a.ID, m))
	}
	return events, nil
}

func (s *Service) event(by identity.Actor, action Action, id string, d details) ledger.Event {
	return by.Event(s.now(), "audit."+string(action), id, d)
}

// refused leaves an entry for a refusal by role, stage or agreement and passes
// it on. Where the agreement refused, the entry names the rule and its clause.
func (s *Service) refused(ctx context.Context, by identity.Actor, action Action, id string, err error) error {
	var d details
	var r *Ruled
	if errors.As(err, &r) && len(r.Lines) > 0 {
		d = details{"rule": r.Lines[0].Rule, "clause": r.Lines[0].Clause}
	}
	return journal.Refused(ctx, s.Evidence, s.event(by, action, id, d), err)
}

// moved says more about why nothing can be done to an audit that has ended:
// from when there can be another one.
func (s *Service) moved(ctx context.Context, a *Audit, err error) error {
	if !errors.Is(err, ErrMoved) || a.Stage != Closed {
		return err
	}
	applied, aerr := s.Agreements.Applied(ctx, a.Agreement, a.Version)
	if aerr != nil {
		return err
	}
	line := lineOf(applied.Terms, "frequency", agreements.TermFrequency)
	refusal := fault.New(fault.Conflict, "This audit is closed and stands as it is (%s). For anything new, book another audit.", line.Chip.Label.EN)
	if !a.Next.IsZero() {
		refusal = fault.New(fault.Conflict, "This audit is closed and stands as it is (%s). For anything new, book another audit; it is possible from %s.", line.Chip.Label.EN, a.Next)
	}
	return refusal.Because(&Ruled{Lines: []Line{line}})
}

// Look returns the audit as far as the actor may see it, and leaves an entry
// for the reading when content was shown.
func (s *Service) Look(ctx context.Context, by identity.Actor, id string) (Audit, Sight, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return Audit{}, Nothing, err
	}
	seen := sight(by, &a)
	if seen == Nothing {
		return Audit{}, Nothing, s.refused(ctx, by, "read", id, ErrNotFound)
	}
	if seen != Threshold {
		if err := s.read(ctx, by, "read", id); err != nil {
			return Audit{}, Nothing, err
		}
	}
	return a.shown(by, seen), seen, nil
}

// read leaves the entry of a reading; what cannot be recorded is not shown.
func (s *Service) read(ctx context.Context, by identity.Actor, what Action, id string) error {
	if s.covered != "" && id == s.covered {
		return nil
	}
	if err := s.Evidence.Record(ctx, s.event(by, what, id, nil)); err != nil {
		return document.ErrBusy.Because(fmt.Errorf("record reading: %w", err))
	}
	return nil
}

// shown is the audit without what the actor may not see.
func (a *Audit) shown(by identity.Actor, seen Sight) Audit {
	b := *a
	switch {
	case seen == Nothing:
		return Audit{}
	case seen == Content && stands(by, a, TheAuditor):
		b.Costs, b.Bill = nil, nil // who pays what is between the parties
	case seen == Content && a.partyOf(by.Organisation) == Processor && a.Report == nil:
		b.Findings = nil // a draft until it is shared
		b.NonCompliance = a.NonCompliance
	case seen == Content && a.partyOf(by.Organisation) == Processor:
		// What was struck out of the draft before it was shared stays with the auditor.
		b.Findings = slices.DeleteFunc(slices.Clone(a.Findings), func(f Finding) bool { return f.Withheld })
	case seen == Asked:
		b = Audit{Meta: a.Meta, Reference: a.Reference, Stage: a.Stage, Open: a.Open, Outcome: a.Outcome, Controller: a.Controller, Processor: a.Processor,
			Agreement: a.Agreement, Version: a.Version, Drafted: a.Drafted, Inquiries: a.Inquiries, Files: a.filesOf(a.Inquiries), Listed: a.Listed, Ended: a.Ended, Shredded: a.Shredded}
	case seen == Threshold:
		b = Audit{Meta: a.Meta, Reference: a.Reference, Stage: a.Stage, Open: a.Open, Controller: a.Controller, Processor: a.Processor,
			Agreement: a.Agreement, Version: a.Version, Access: a.Access}
	}
	b.Files = b.visible(by)
	return b
}

func (a *Audit) filesOf(list []Inquiry) []File {
	var files []File
	for _, f := range a.Files {
		if at(list, func(q Inquiry) bool { return q.ID == f.Of }) != nil {
			files = append(files, f)
		}
	}
	return files
}

// form collects refused fields, and knows how long a text may be.
type form struct{ fault.Form }

// filled tells whether there is a text; one that is too long it refuses.
func (f *form) filled(name, text string) bool { return f.within(name, text, maxText) }

// named is filled for a name or title.
func (f *form) named(name, text string) bool { return f.within(name, text, maxName) }

func (f *form) within(name, text string, most int) bool {
	if len([]rune(text)) > most {
		f.Refuse(name, "This is too long. Use at most %d characters, or add the rest as a file.", most)
	}
	return !fault.Blank(text)
}
