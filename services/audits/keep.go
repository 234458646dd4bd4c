package audits

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
	"inzage/services/vault"
)

// Keep is how long the content of an ended audit is kept where neither its
// controller nor Limits say anything else: as long as that of requests.
const Keep = requests.Keep

// Keeps is how long the content of an ended audit of the controller stays: as
// long as it chose, else as long as the portal keeps.
func (s *Service) Keeps(controller identity.Organisation) time.Duration {
	return controller.Keeps(cmp.Or(s.Limits.Keep, Keep))
}

// DraftLife is how long a draft stays that nobody touches and nobody was sent
// anything of: a year, after which it would be planned anew in any case. It
// names an auditor and perhaps a suspicion, so it does not stay for ever
// (art. 5(1)(e) GDPR).
const DraftLife = 365 * 24 * time.Hour

// What an audit's storage period is: Audit.Kept.
const (
	keptDraft = "draft" // nothing was sent yet: DraftLife since it was last touched
	keptEnded = "ended" // Keeps since it was last touched
)

// The portal's own events at the end of a storage period.
const (
	Shred Action = "shred" // the content of an ended audit is destroyed
	Lapse Action = "lapse" // a forgotten draft ends, and its content is destroyed
)

// period says which storage period the audit is in; "" while it is open, and
// when nothing is left to destroy.
func (a *Audit) period() string {
	switch {
	case a.Shredded != nil:
		return ""
	case !a.Open:
		return keptEnded
	case a.Stage == Draft:
		return keptDraft
	}
	return ""
}

// ShredEnded destroys the keys and files of audits that ended longer ago than
// their controller keeps them, and of forgotten drafts, at most limit of each,
// and returns how many. What stays are the bare facts: stages, days, clauses,
// amounts, organisations. The key goes first, so that a sweep that was cut
// short is finished by the next.
func (s *Service) ShredEnded(ctx context.Context, limit int) (int, error) {
	drafts, err := s.sweep(ctx, keptDraft, document.Query{Index: "kept", Equal: []any{keptDraft}, Until: s.now().Add(-DraftLife), Limit: limit})
	if err != nil {
		return drafts, err
	}
	ended := 0
	err = s.People.EachOrganisation(ctx, func(o identity.Organisation) error {
		if ended >= limit {
			return nil // the next sweep goes on
		}
		n, err := s.sweep(ctx, keptEnded, kept(o.ID, s.now().Add(-s.Keeps(o)), "", limit-ended))
		ended += n
		return err
	})
	return drafts + ended, err
}

// sweep destroys the content of what a query finds in a storage period.
func (s *Service) sweep(ctx context.Context, period string, q document.Query) (int, error) {
	page, err := s.Audits.List(ctx, q)
	if err != nil {
		return 0, fmt.Errorf("list audits past their time: %w", err)
	}
	for _, a := range page.Rows {
		if err := s.shred(ctx, a.ID, period, s.now().Add(-DraftLife)); err != nil {
			return 0, fmt.Errorf("shred %s: %w", a.ID, err)
		}
	}
	return len(page.Rows), nil
}

// kept is the range of what a controller keeps and what ended before a time,
// the oldest first; the zero time is no bound.
func kept(controller string, before time.Time, after string, limit int) document.Query {
	q := document.Query{Index: "kept_by", Equal: []any{keptEnded, controller}, After: after, Limit: limit}
	if !before.IsZero() {
		q.Until = before
	}
	return q
}

// Ended lists the audits whose content is kept for a controller, what goes first
// at the beginning: for those who tend the organisation, see
// identity.Organisation.TendedBy. The period runs from the last change, which can
// be after the end. It shows no personal data, so it leaves no entry.
func (s *Service) Ended(ctx context.Context, by identity.Actor, controller identity.Organisation, after string, limit int) (document.Page[requests.Ended], error) {
	if !controller.TendedBy(by) {
		return document.Page[requests.Ended]{}, ErrNotFound
	}
	page, err := s.Audits.List(ctx, kept(controller.ID, time.Time{}, after, limit))
	if err != nil {
		return document.Page[requests.Ended]{}, fmt.Errorf("list ended audits: %w", err)
	}
	out := document.Page[requests.Ended]{Next: page.Next}
	for _, a := range page.Rows {
		out.Rows = append(out.Rows, requests.Ended{ID: a.ID, Reference: a.Reference, At: *a.Ended, Goes: a.Touched.Add(s.Keeps(controller))})
	}
	return out, nil
}

// Forgotten lists the drafts of a controller as Ended lists what has ended: what
// nobody worked on for longest at the beginning. At is when somebody did last,
// and DraftLife after that it goes.
func (s *Service) Forgotten(ctx context.Context, by identity.Actor, controller identity.Organisation, after string, limit int) (document.Page[requests.Ended], error) {
	if !controller.TendedBy(by) {
		return document.Page[requests.Ended]{}, ErrNotFound
	}
	page, err := s.Audits.List(ctx, document.Query{Index: "kept_by", Equal: []any{keptDraft, controller.ID}, After: after, Limit: limit})
	if err != nil {
		return document.Page[requests.Ended]{}, fmt.Errorf("list drafts: %w", err)
	}
	out := document.Page[requests.Ended]{Next: page.Next}
	for _, a := range page.Rows {
		out.Rows = append(out.Rows, requests.Ended{ID: a.ID, Reference: a.Reference, At: a.Touched, Goes: a.Touched.Add(DraftLife)})
	}
	return out, nil
}

// CountEnded counts what is kept now and would go with a period, up to CountCap.
func (s *Service) CountEnded(ctx context.Context, by identity.Actor, controller identity.Organisation, period time.Duration) (int, error) {
	if !controller.TendedBy(by) {
		return 0, ErrNotFound
	}
	return s.Audits.Count(ctx, kept(controller.ID, s.now().Add(-period), "", CountCap))
}

// shred destroys what an audit holds, unless somebody touched it since. A draft
// is ended first: whoever would still work on it is refused from then on.
func (s *Service) shred(ctx context.Context, id, period string, before time.Time) error {
	if period == keptDraft {
		if err := s.lapse(ctx, id, before); err != nil {
			return err
		}
	}
	a, err := s.Audits.Get(ctx, id)
	if err != nil || a.period() != keptEnded {
		return err
	}
	if err := s.Vault.Shred(ctx, id); err != nil {
		return err
	}
	now := s.now()
	_, err = s.Audits.Update(ctx, id, func(a *Audit) ([]ledger.Event, error) {
		if a.period() != keptEnded {
			return nil, nil
		}
		a.bare(now)
		return []ledger.Event{s.event(identity.System(), Shred, id, nil)}, nil
	})
	return err
}

// lapse ends a draft that nobody touched since a time.
func (s *Service) lapse(ctx context.Context, id string, before time.Time) error {
	now := s.now()
	_, err := s.Audits.Update(ctx, id, func(a *Audit) ([]ledger.Event, error) {
		if a.period() != keptDraft || !a.Touched.Before(before) {
			return nil, nil
		}
		a.Stage, a.Outcome = Cancelled, CalledOff
		a.settle(ground{now: now})
		return []ledger.Event{s.event(identity.System(), Lapse, id, nil)}, nil
	})
	return err
}

// bare leaves the facts. The ciphertexts could not be opened any more; they go
// all the same, and so do the accounts of who did what, which stand in the
// ledger, and the files' checksums, from which somebody who has such a file
// could tell that it was here.
func (a *Audit) bare(now time.Time) {
	strip(reflect.ValueOf(a).Elem())
	a.Shredded, a.Kept, a.Remind, a.Access, a.Files = &now, "", deadlines.Never, "", []File{}
}

var sealed = reflect.TypeFor[vault.Sealed]()

// strip empties every sealed field and every account, also those that are
// added to the audit later: a list of them would be forgotten some day.
func strip(v reflect.Value) {
	switch {
	case v.Type() == sealed, v.Kind() == reflect.String && strings.HasPrefix(v.String(), "acc_"):
		v.SetString("")
	case v.Kind() == reflect.Pointer && !v.IsNil():
		strip(v.Elem())
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				strip(f)
			}
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			strip(v.Index(i))
		}
	case v.Kind() == reflect.Map:
		for it := v.MapRange(); it.Next(); {
			value := reflect.New(v.Type().Elem()).Elem() // what is in a map cannot be set
			value.Set(it.Value())
			strip(value)
			v.SetMapIndex(it.Key(), value)
		}
	}
}
