package identity

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
)

// The bounds of a storage period that an organisation chooses, in days.
const (
	// MinKeepDays covers the time in which a decision is contested in the usual
	// way, so that the evidence is there while it is needed: six weeks to turn to
	// the authority or the court (art. 35(2) UAVG), three months in which the
	// authority says how a complaint stands (art. 78(2) GDPR), and six weeks after
	// that to go to court (art. 36 UAVG). That is 176 days at most.
	MinKeepDays = 180
	// MaxKeepDays is seven years, the longest that a duty asks for: the costs of
	// an audit belong to the books (art. 52(4) AWR). A claim for damages mostly
	// lapses before, five years after it became known (art. 3:310 BW). For longer
	// there is no purpose (art. 5(1)(e) GDPR).
	MaxKeepDays = 7*365 + 2
)

// ErrKeepMoved is the refusal of a storage period that was chosen by what no
// longer holds.
var ErrKeepMoved = fault.New(fault.Conflict, "Somebody else changed the storage period in the meantime. Look at it again before you change it.")

// Keeps is how long the organisation keeps the content of what has ended:
// otherwise, unless it chose a period itself.
func (o Organisation) Keeps(otherwise time.Duration) time.Duration {
	if o.KeepDays == 0 {
		return otherwise
	}
	return time.Duration(o.KeepDays) * 24 * time.Hour
}

// TendedBy tells whether somebody looks after the organisation: its own
// administrators, and the operators.
func (o Organisation) TendedBy(a Actor) bool {
	return a.Is(Operator) || a.IsStaffOf(o.ID, Admin)
}

// CheckKeep refuses a storage period outside of the bounds; 0 follows the
// portal's own, whatever that is.
func CheckKeep(days int64) error {
	var f fault.Form
	if days != 0 && (days < MinKeepDays || days > MaxKeepDays) {
		f.Refuse("days", "Choose %d to %d days, or leave it empty to follow the portal.", MinKeepDays, MaxKeepDays)
	}
	return f.Err()
}

// ParseKeep reads a storage period as people type it: a whole number of days, or
// nothing to follow the portal. Whatever else is Invalid, as CheckKeep has it.
func ParseKeep(text string) (days int64, err error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	days, err = strconv.ParseInt(text, 10, 32)
	if err != nil || days == 0 {
		days = -1 // a period that nobody may choose: a 0 that was typed does not mean the portal's
	}
	return days, CheckKeep(days)
}

// ChangeKeep sets the storage period of the actor's own organisation, which
// holds for everything that has ended and is still there. Only its administrators
// may, with a fresh factor: what a shorter period destroys does not come back.
// was is the period that the actor saw; another one by now is ErrKeepMoved. The
// organisation's revision would not do, since each reading of its people moves that.
func (s *Service) ChangeKeep(ctx context.Context, by Actor, id string, was, days int64) (Organisation, error) {
	if !by.IsStaffOf(id, Admin) {
		return Organisation{}, strangerOr(by.Organisation == id)
	}
	if !by.Strong(s.now()) {
		return Organisation{}, ErrStepUp
	}
	if err := CheckKeep(days); err != nil {
		return Organisation{}, err
	}
	after, err := s.Organisations.Update(ctx, id, func(o *Organisation) ([]ledger.Event, error) {
		if o.KeepDays == days {
			return nil, nil
		}
		if o.KeepDays != was {
			return nil, ErrKeepMoved
		}
		o.KeepDays = days
		return one(s.event(by, "organisation.keep", o.ID, ledger.Done, "from", strconv.FormatInt(was, 10), "to", strconv.FormatInt(days, 10))), nil
	})
	if err != nil {
		return Organisation{}, fmt.Errorf("change a storage period: %w", hide(err, ErrNotFound))
	}
	return after, nil
}

// EachOrganisation calls do with every organisation until it fails, for what
// the portal itself sweeps.
func (s *Service) EachOrganisation(ctx context.Context, do func(Organisation) error) error {
	after := ""
	for {
		page, err := s.Organisations.List(ctx, document.Query{Index: "slug", After: after, Limit: 100})
		if err != nil {
			return fmt.Errorf("list the organisations: %w", err)
		}
		for _, o := range page.Rows {
			if err := do(o); err != nil {
				return err
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}
