package audits

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Keep is how long the content of an ended audit is kept when Limits say
// nothing else: as long as that of requests.
const Keep = 2 * 365 * 24 * time.Hour

// DraftLife is how long a draft stays that nobody touches and nobody was sent
// anything of: a year, after which it would be planned anew in any case. It
// names an auditor and perhaps a suspicion, so it does not stay for ever
// (art. 5(1)(e) GDPR).
const DraftLife = 365 * 24 * time.Hour

// What an audit's storage period is: Audit.Kept.
const (
	keptDraft = "draft" // nothing was sent yet: DraftLife since it was last touched
	keptEnded = "ended" // Keep since it ended
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

// ShredEnded destroys the keys and files of audits that ended longer than the
// storage period ago, and of forgotten drafts, at most limit of each, and
// returns how many. What stays are the bare facts: stages, days, clauses,
// amounts, organisations. The key goes first, so that a sweep that was cut
// short is finished by the next.
func (s *Service) ShredEnded(ctx context.Context, limit int) (int, error) {
	keep := s.Limits.Keep
	if keep == 0 {
		keep = Keep
	}
	n := 0
	for period, life := range map[string]time.Duration{keptEnded: keep, keptDraft: DraftLife} {
		q := document.Query{Index: "kept", Equal: []any{period}, Until: s.now().Add(-life), Limit: limit}
		page, err := s.Audits.List(ctx, q)
		if err != nil {
			return n, fmt.Errorf("list audits past their time: %w", err)
		}
		for _, a := range page.Rows {
			if err := s.shred(ctx, a.ID, period, s.now().Add(-life)); err != nil {
				return n, fmt.Errorf("shred %s: %w", a.ID, err)
			}
		}
		n += len(page.Rows)
	}
	return n, nil
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
