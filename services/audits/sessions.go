package audits

import (
	"context"
	"slices"
	"strconv"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// WriteRules sets the processor's house rules. A new version has to be
// acknowledged anew.
func (s *Service) WriteRules(ctx context.Context, by identity.Actor, id, text string) (Audit, error) {
	return s.change(ctx, by, id, SetRules, func(st *step) (details, error) {
		var f form
		if !f.filled("text", text) {
			f.Refuse("text", "Write the house rules, or say where they are.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		st.reviseRules()
		st.Rules.Text = st.z.Text("rules", text)
		return details{"version": strconv.Itoa(st.Rules.Version)}, nil
	})
}

// reviseRules begins a new version of the house rules, text and files alike,
// which has to be read anew.
func (st *step) reviseRules() {
	r := HouseRules{Acknowledged: []Acknowledgment{}}
	if st.Rules != nil {
		r = *st.Rules
	}
	r.Version, r.At, r.By = r.Version+1, st.now, st.by.Account
	if len(r.Acknowledged) > 50 { // who read the older versions stands in the ledger
		r.Acknowledged = r.Acknowledged[len(r.Acknowledged)-50:]
	}
	st.Rules = &r
}

// ReadRules acknowledges a version of the house rules.
func (s *Service) ReadRules(ctx context.Context, by identity.Actor, id string, version int) (Audit, error) {
	return s.change(ctx, by, id, Acknowledge, func(st *step) (details, error) {
		switch {
		case st.Rules == nil:
			return nil, ErrMoved
		case st.Rules.Version != version:
			return nil, fault.New(fault.Conflict, "The house rules have changed. Read them again first.")
		case st.Rules.read(st.by.Account):
			return nil, errSame
		}
		st.Rules.Acknowledged = append(slices.Clone(st.Rules.Acknowledged), Acknowledgment{Version: version, By: st.by.Account, At: st.now})
		return details{"version": strconv.Itoa(version)}, nil
	})
}

// read tells whether the account has acknowledged the rules as they are now.
func (r *HouseRules) read(account string) bool {
	return slices.ContainsFunc(r.Acknowledged, func(x Acknowledgment) bool { return x.By == account && x.Version == r.Version })
}

// Visit is a session to plan.
type Visit struct {
	ID      string // vis_…; makes it idempotent
	Day     deadlines.Date
	Mode    Mode
	Place   string // a place, or the means when it is at a distance
	Purpose string
}

// PlanVisit plans a session from the agreed day on.
func (s *Service) PlanVisit(ctx context.Context, by identity.Actor, id string, in Visit) (Audit, error) {
	in.ID = ledger.ChosenID("vis", in.ID)
	return s.change(ctx, by, id, PlanSession, func(st *step) (details, error) {
		if st.session(in.ID) != nil {
			return nil, errSame
		}
		if len(st.Sessions) >= mostSessions {
			return nil, fault.New(fault.Conflict, "There are %d sessions already. No more can be planned in this audit.", mostSessions)
		}
		var f form
		if in.Mode != OnSite && in.Mode != Remote {
			f.Refuse("mode", "Choose: on site or at a distance.")
		}
		if !f.filled("purpose", in.Purpose) {
			f.Refuse("purpose", "Say what the session is for.")
		}
		if !f.named("place", in.Place) && in.Mode == OnSite {
			f.Refuse("place", "Say where the session takes place.")
		}
		if in.Day.IsZero() || in.Day.Before(st.today) {
			f.Refuse("day", "This day has passed. Choose today or later.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		if in.Day.Before(st.On) {
			line := lineOf(st.terms, "notice", agreements.TermNotice)
			line.add(TooEarly, "The audit begins on %s. Choose that day or a later one.", st.On)
			return nil, ruled(line)
		}
		st.Sessions = append(st.Sessions, Session{ID: in.ID, Day: in.Day, Mode: in.Mode, Place: st.z.Text("place", in.Place), Purpose: st.z.Text("purpose", in.Purpose),
			From: st.party, By: st.by.Account, At: st.now})
		return details{"session": in.ID, "day": in.Day.String(), "mode": string(in.Mode)}, nil
	})
}

// RecordVisit records that a session was held. Who records it has acknowledged
// the house rules first, when the processor has any.
func (s *Service) RecordVisit(ctx context.Context, by identity.Actor, id, session, notes string) (Audit, error) {
	return s.change(ctx, by, id, HoldSession, func(st *step) (details, error) {
		v := st.session(session)
		switch {
		case v == nil:
			return nil, ErrNotFound
		case v.Held != nil:
			return nil, errSame
		case v.Dropped != nil:
			return nil, ErrMoved
		case st.today.Before(v.Day):
			return nil, fault.New(fault.Conflict, "This session is on %s. Record it when it was held.", v.Day)
		}
		var f form
		f.filled("notes", notes)
		if err := f.Err(); err != nil {
			return nil, err
		}
		if st.Rules != nil && !st.Rules.read(st.by.Account) {
			line := lineOf(st.terms, "cooperation", agreements.TermCooperation)
			line.add(Missing, "First read and acknowledge the processor's house rules.")
			return nil, ruled(line)
		}
		now := st.now
		v.Held, v.Notes = &now, st.z.Text("notes", notes)
		return details{"session": v.ID, "mode": string(v.Mode)}, nil
	})
}

// CancelVisit drops a session that was not held.
func (s *Service) CancelVisit(ctx context.Context, by identity.Actor, id, session string) (Audit, error) {
	return s.change(ctx, by, id, DropSession, func(st *step) (details, error) {
		v := st.session(session)
		switch {
		case v == nil:
			return nil, ErrNotFound
		case v.Dropped != nil:
			return nil, errSame
		case v.Held != nil:
			return nil, ErrMoved
		}
		now := st.now
		v.Dropped = &now
		return details{"session": v.ID}, nil
	})
}
