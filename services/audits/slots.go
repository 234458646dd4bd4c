package audits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
)

// slotsKept bounds the days that are kept per agreement; the oldest go first.
const slotsKept = 200

// slotGrace is how long a day may be taken before its audit says so: the time
// between the two writes of Accept, with room for a slow store.
const slotGrace = time.Minute

// others are the agreed days of the other audits under an agreement.
func (s *Service) others(ctx context.Context, agreement, audit string) ([]Slot, error) {
	all, err := s.Slots.Get(ctx, agreement)
	if errors.Is(err, document.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the days of %s: %w", agreement, err)
	}
	return all.without(audit), nil
}

func (t *Slots) without(audit string) []Slot {
	return slices.DeleteFunc(slices.Clone(t.Days), func(s Slot) bool { return s.Audit == audit })
}

// take books a day for an audit, past all other audits under the agreement in
// one step: of thirty at once that would be one too many, one gets it. A day
// that somebody took and never used, because a crash came between, is freed.
func (s *Service) take(ctx context.Context, a *Audit, g ground, on deadlines.Date) error {
	err := s.book(ctx, a, g, on)
	var r *Ruled
	if !errors.As(err, &r) {
		return err
	}
	freed, ferr := s.free(ctx, a.Agreement)
	if ferr != nil || !freed {
		return errors.Join(err, ferr)
	}
	return s.book(ctx, a, g, on)
}

func (s *Service) book(ctx context.Context, a *Audit, g ground, on deadlines.Date) error {
	return s.slots(ctx, a.Agreement, func(t *Slots) error {
		g.others = t.without(a.ID)
		if err := a.fitsIn(g, on); err != nil {
			return err
		}
		t.put(Slot{Audit: a.ID, Day: on, ForCause: a.Cause.ForCause, At: g.now})
		return nil
	})
}

// fitsIn refuses a day that the frequency does not allow beside the others.
func (a *Audit) fitsIn(g ground, on deadlines.Date) error {
	announced := time.Time{}
	if a.Announced != nil {
		announced = *a.Announced
	}
	answer, err := a.judged(g, on, announced)
	if err != nil {
		return err
	}
	if err := refuse(answer, "frequency"); err != nil {
		return err
	}
	return a.crowds(g, on)
}

func (t *Slots) put(s Slot) {
	t.Days = append(t.without(s.Audit), s)
	slices.SortFunc(t.Days, func(a, b Slot) int { return a.Day.Compare(b.Day) })
	if len(t.Days) > slotsKept {
		t.Days = t.Days[len(t.Days)-slotsKept:]
	}
}

// slots changes the days of an agreement, whose document is made when it is
// not there. The days follow from the audits, so this is no evidence.
func (s *Service) slots(ctx context.Context, agreement string, fn func(*Slots) error) error {
	_, err := s.Slots.Touch(ctx, agreement, fn)
	if !errors.Is(err, document.ErrNotFound) {
		return err
	}
	none := Slots{}
	none.ID = agreement
	if err := s.Slots.Create(ctx, &none); err != nil && !errors.Is(err, document.ErrTaken) {
		return fmt.Errorf("begin the days of %s: %w", agreement, err)
	}
	_, err = s.Slots.Touch(ctx, agreement, fn)
	return err
}

// free drops days whose audit does not hold them, and tells whether there were any.
func (s *Service) free(ctx context.Context, agreement string) (bool, error) {
	all, err := s.others(ctx, agreement, "")
	if err != nil {
		return false, err
	}
	var stale []Slot
	for _, t := range all {
		a, err := s.Audits.Get(ctx, t.Audit)
		if err != nil && !errors.Is(err, document.ErrNotFound) {
			return false, err
		}
		if (err != nil || !a.holds(t.Day)) && s.now().Sub(t.At) >= slotGrace {
			stale = append(stale, t)
		}
	}
	if len(stale) == 0 {
		return false, nil
	}
	return true, s.slots(ctx, agreement, func(t *Slots) error {
		t.Days = slices.DeleteFunc(t.Days, func(x Slot) bool { return slices.Contains(stale, x) })
		return nil
	})
}

// holds tells whether the day is the audit's: agreed and not given up. One that
// began counts, however it ended.
func (a *Audit) holds(day deadlines.Date) bool {
	return !day.IsZero() && a.On == day && (a.Open || a.Began != nil)
}

// sync makes the days of the agreement say what the audit says.
func (s *Service) sync(ctx context.Context, id string) error {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return err
	}
	return s.slots(ctx, a.Agreement, func(t *Slots) error {
		if a.holds(a.On) {
			t.put(Slot{Audit: a.ID, Day: a.On, ForCause: a.Cause.ForCause, At: s.now()})
		} else {
			t.Days = t.without(a.ID)
		}
		return nil
	})
}
