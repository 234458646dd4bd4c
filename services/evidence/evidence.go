// Package evidence hands the ledger's signed checkpoints to the parties of the
// agreements, every day and when one of them asks. Who holds an earlier
// checkpoint can tell a rewritten ledger from the real one, so neither the
// operator nor one party alone can change what is in it.
//
// It decides what goes to whom, and leaves an entry of it; package notify
// writes the mails from those entries.
package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
)

// Dispatch is one checkpoint that goes to one organisation.
type Dispatch struct {
	document.Meta
	To   string    `json:"to"`  // org_…
	By   string    `json:"by"`  // the organisation that asked for it; "" for the daily one
	Day  string    `json:"day"` // YYYY-MM-DD in UTC, of the daily one; "" when it was asked for
	At   time.Time `json:"at"`
	Size int64     `json:"size"` // entries that it covers
	// Signed is when the checkpoint was signed, Note the signed note itself.
	Signed time.Time `json:"signed"`
	Note   string    `json:"note"`
	// People is to how many people it was written; 0 until the mails are composed.
	People int `json:"people"`
}

// Kinds are the collections of this package.
var Kinds = []document.Kind{{Name: "dispatches", Indexes: []document.Index{
	{Name: "to", Fields: []string{"to", "at"}},
	{Name: "day", Fields: []string{"day", "to"}},
}}}

// Service sends checkpoints. All fields must be set.
type Service struct {
	Dispatches document.Collection[Dispatch]
	Agreements *agreements.Registry
	Ledger     *ledger.Ledger
	Record     journal.Recorder
	Now        func() time.Time
}

// Pause is how long an organisation waits between two checkpoints that it asks
// for: each is a mail to its partners, too.
const Pause = 10 * time.Minute

// Send is the action of the ledger's entry about a Dispatch, which is its object.
const Send = "checkpoint.send"

// keepers are the roles that may look after the evidence of an organisation.
var keepers = []identity.Role{identity.Admin, identity.PrivacyOfficer, identity.Agent}

// May tells whether the actor looks after the evidence of an organisation:
// NotFound for everybody but its staff.
func May(by identity.Actor) error {
	if !by.IsStaffOf(by.Organisation, keepers...) {
		return document.ErrNotFound
	}
	return nil
}

func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// Daily sends the newest checkpoint of the day (UTC) to every organisation
// with an agreement in force that has not had the day's yet, and returns to how
// many. It may run on any number of instances and be cut off anywhere: the day
// and the organisation make the id. It waits for the day's checkpoint to be signed.
func (s *Service) Daily(ctx context.Context) (int, error) {
	now := s.now()
	newest, err := s.Ledger.Newest(ctx)
	if fault.KindOf(err) == fault.NotFound || err == nil && newest.At.Before(now.Truncate(24*time.Hour)) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	parties, err := s.Agreements.Parties(ctx, now)
	if err != nil {
		return 0, err
	}
	day := now.Format(time.DateOnly)
	had, err := s.had(ctx, day)
	if err != nil {
		return 0, err
	}
	sent := 0
	for _, org := range parties {
		if had[org] {
			continue
		}
		d := Dispatch{To: org, Day: day}
		d.ID = "dsp_" + day + "_" + org
		err := s.create(ctx, identity.System(), d, newest)
		switch {
		case errors.Is(err, document.ErrTaken): // another instance was first
		case err != nil:
			return sent, err
		default:
			sent++
		}
	}
	return sent, nil
}

// had are the organisations that have had the checkpoint of the day.
func (s *Service) had(ctx context.Context, day string) (map[string]bool, error) {
	had := map[string]bool{}
	q := document.Query{Index: "day", Equal: []any{day}, Limit: 500}
	for {
		page, err := s.Dispatches.List(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list what was sent on %s: %w", day, err)
		}
		for _, d := range page.Rows {
			had[d.To] = true
		}
		if q.After = page.Next; q.After == "" {
			return had, nil
		}
	}
}

// Ask signs what the ledger is now and sends that to the actor's organisation
// and to everybody with whom it has an agreement in force. It is a fault of kind
// TooMany when the organisation asked less than Pause ago, and NotFound for who
// may not ask.
func (s *Service) Ask(ctx context.Context, by identity.Actor) (Dispatch, error) {
	now := s.now()
	if err := May(by); err != nil {
		return Dispatch{}, journal.Refused(ctx, s.Record, by.Event(now, Send, "ledger", nil), err)
	}
	if err := s.rested(ctx, by.Organisation, now); err != nil {
		return Dispatch{}, err
	}
	partners, err := s.Partners(ctx, by)
	if err != nil {
		return Dispatch{}, err
	}
	signed, err := s.Ledger.Checkpoint(ctx)
	if err != nil {
		return Dispatch{}, err
	}
	// The asker's own comes last: cut off before it, the question counts as not
	// asked, and asking again leaves out whom it reached. The ids tell one
	// question from the next by the time of day at which it may be asked again.
	stem := "dsp_" + now.Truncate(Pause).Format("20060102T1504") + "_" + by.Organisation + "_"
	var d Dispatch
	for _, org := range append(partners, by.Organisation) {
		d = Dispatch{To: org, By: by.Organisation}
		d.ID = stem + org
		err := s.create(ctx, by, d, signed)
		if errors.Is(err, document.ErrTaken) && org != by.Organisation {
			continue
		}
		if errors.Is(err, document.ErrTaken) {
			return Dispatch{}, tooSoon(now.Truncate(Pause).Add(Pause).Sub(now))
		}
		if err != nil {
			return Dispatch{}, err
		}
	}
	return s.Dispatches.Get(ctx, d.ID)
}

// rested refuses an organisation that asked less than Pause ago.
func (s *Service) rested(ctx context.Context, org string, now time.Time) error {
	page, err := s.Dispatches.List(ctx, document.Query{Index: "to", Equal: []any{org}, From: now.Add(-Pause).Add(time.Millisecond), Limit: 500})
	if err != nil {
		return fmt.Errorf("look for what %s asked: %w", org, err)
	}
	for _, d := range page.Rows {
		if d.By == org {
			return tooSoon(d.At.Add(Pause).Sub(now))
		}
	}
	return nil
}

func tooSoon(wait time.Duration) error {
	return fault.New(fault.TooMany, "A checkpoint was sent less than ten minutes ago. It is in the mailboxes of both sides.").After(wait)
}

func (s *Service) create(ctx context.Context, by identity.Actor, d Dispatch, c ledger.Signed) error {
	d.At, d.Size, d.Signed, d.Note = s.now(), c.Size, c.At, string(c.Note)
	ev := by.Event(d.At, Send, d.ID, map[string]string{"to": d.To, "size": strconv.FormatInt(c.Size, 10)})
	if err := s.Dispatches.Create(ctx, &d, ev); err != nil {
		if errors.Is(err, document.ErrTaken) {
			return err
		}
		return fmt.Errorf("send the checkpoint of %d entries to %s: %w", c.Size, d.To, err)
	}
	return nil
}

// Partners are the organisations with whom the actor's has an agreement in
// force, each once, sorted by id.
func (s *Service) Partners(ctx context.Context, by identity.Actor) ([]string, error) {
	if err := May(by); err != nil {
		return nil, err
	}
	return s.Agreements.PartnersOf(ctx, by.Organisation, s.now())
}

// Newest lists what went to the actor's organisation last, and what went to
// each of its partners daily or at the question of either; per organisation at
// most limit (1 to 50), the newest first. What others asked a partner for stays theirs.
func (s *Service) Newest(ctx context.Context, by identity.Actor, limit int) ([]Dispatch, error) {
	if err := May(by); err != nil {
		return nil, err
	}
	partners, err := s.Partners(ctx, by)
	if err != nil {
		return nil, err
	}
	var all []Dispatch
	for _, org := range append([]string{by.Organisation}, partners...) {
		page, err := s.Dispatches.List(ctx, document.Query{Index: "to", Equal: []any{org}, Descending: true, Limit: 10 * limit})
		if err != nil {
			return nil, fmt.Errorf("list what was sent to %s: %w", org, err)
		}
		shown := 0
		for _, d := range page.Rows {
			concerns := d.By == "" || d.By == org || d.By == by.Organisation || org == by.Organisation
			if shown < limit && concerns {
				all, shown = append(all, d), shown+1
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Dispatch) int { return b.At.Compare(a.At) })
	return all, nil
}
