package audits

import (
	"context"
	"maps"
	"time"

	"inzage/services/fault"
)

// NoticesADay is how many audits can be announced under one agreement within a
// day. Each is a mail to everybody at the processor, and begins its periods.
const NoticesADay = 5

// paced counts a notice that is about to go out, past all others under the
// agreement in one step: of thirty at once five go out. What is sent again is
// counted once.
func (s *Service) paced(ctx context.Context, a *Audit) error {
	now := s.now()
	return s.slots(ctx, a.Agreement, func(t *Slots) error {
		maps.DeleteFunc(t.Notices, func(_ string, at time.Time) bool { return now.Sub(at) >= 24*time.Hour })
		if _, again := t.Notices[a.ID]; !again && len(t.Notices) >= NoticesADay {
			wait := 24 * time.Hour
			for _, at := range t.Notices {
				wait = min(wait, at.Add(24*time.Hour).Sub(now))
			}
			return fault.New(fault.TooMany, "Five audits were announced under this agreement within a day. Please announce the next one later.").After(wait)
		}
		if t.Notices == nil {
			t.Notices = map[string]time.Time{}
		}
		t.Notices[a.ID] = now
		return nil
	})
}

// unpaced takes back what paced counted, of a notice that did not go out.
func (s *Service) unpaced(ctx context.Context, a *Audit) error {
	return s.slots(ctx, a.Agreement, func(t *Slots) error {
		delete(t.Notices, a.ID)
		return nil
	})
}
