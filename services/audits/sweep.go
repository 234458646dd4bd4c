package audits

import (
	"context"
	"fmt"
	"strings"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// Remind raises the reminders and escalations that have come due, for at most
// limit audits, and returns for how many. Each is raised once, whoever sweeps:
// the event goes with the mark that it was raised.
func (s *Service) Remind(ctx context.Context, limit int) (int, error) {
	now := s.now()
	page, err := s.Audits.List(ctx, document.Query{Index: "remind", Equal: []any{true}, Until: now.Add(time.Millisecond), Limit: limit})
	if err != nil {
		return 0, fmt.Errorf("list reminders: %w", err)
	}
	for _, a := range page.Rows {
		if _, err := s.Audits.Update(ctx, a.ID, func(a *Audit) ([]ledger.Event, error) { return s.raise(a, now), nil }); err != nil {
			return 0, fmt.Errorf("remind of %s: %w", a.ID, err)
		}
	}
	return len(page.Rows), nil
}

// raise marks what has come due, and returns an event for each.
func (s *Service) raise(a *Audit, now time.Time) []ledger.Event {
	if !a.Open || a.Remind.After(now) {
		return nil
	}
	var events []ledger.Event
	a.Remind = deadlines.Never
	for _, o := range a.duties() {
		if name := deadlines.DueReminder(o.ends, *o.reminded, now); name != "" {
			*o.reminded = deadlines.PassedReminders(o.ends, now)
			d := details{"days": name, "kind": o.kind, "item": o.id, "due": o.due.String()}
			if o.kind != "undertaking" && o.ends.Hour()+o.ends.Minute()+o.ends.Second() > 0 {
				d["ends"] = o.ends.UTC().Format(time.RFC3339)
			}
			var who []string
			for _, p := range o.by {
				who = append(who, string(p))
			}
			if d["by"] = strings.Join(who, ","); who == nil {
				d["by"] = "auditor"
			}
			events = append(events, s.event(identity.System(), RemindOf, a.ID, d))
		}
		if next := deadlines.NextReminder(o.ends, *o.reminded, now); next.Before(a.Remind) {
			a.Remind = next
		}
	}
	return events
}

// RemindOf is the portal's own event that something is due or late.
const RemindOf Action = "remind"

// OwedBy are the parties that a RemindOf event says have to act; none when it
// is the auditor.
func OwedBy(ev ledger.Event) []Party {
	if ev.Details["by"] == "auditor" {
		return nil
	}
	var who []Party
	for p := range strings.SplitSeq(ev.Details["by"], ",") {
		who = append(who, Party(p))
	}
	return who
}

// Mend finishes what a crash cut short, from the log: the days of the agreement
// say what the audit says. It may be called again for the same entry.
func (s *Service) Mend(ctx context.Context, ev ledger.Event) error {
	if ev.Outcome != ledger.Done {
		return nil
	}
	switch ev.Action {
	case "audit.accept", "audit.cancel", "audit.begin":
		err := s.sync(ctx, ev.Object)
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		return err
	}
	return nil
}
