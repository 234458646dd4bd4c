package agreements

import (
	"context"
	"slices"
	"strconv"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// The paces of what one side can do alone, each within a day: whoever has an
// account on the portal could else fill another's list and mailbox.
const (
	ProposalsADay = 5  // agreements proposed between the same two organisations
	StepsADay     = 20 // steps of one side about one agreement
)

var (
	errMoved   = fault.New(fault.Conflict, "This was answered or withdrawn already, or something else is proposed now. The page shows how it stands.")
	errOwn     = fault.New(fault.Forbidden, "Your own side proposed this. An administrator of the other party has to answer it.")
	errOther   = fault.New(fault.Forbidden, "The other party proposed this. Only that party can withdraw it; you can decline it.")
	errRunning = fault.New(fault.Conflict, "Something is proposed already. It has to be answered or withdrawn first.")
	errNoForce = fault.New(fault.Conflict, "This agreement is not agreed by both parties, or has ended, so it cannot be changed.")
	errParties = fault.New(fault.Forbidden, "Only an administrator of one of the two parties can change an agreement.")
	errOften   = fault.New(fault.TooMany, "Too much was proposed about this agreement today. Please go on tomorrow.")
	errMany    = fault.New(fault.TooMany, "Five agreements were proposed between these two organisations today. Please wait for an answer, or go on tomorrow.")
)

// Sign states an agreement in the name of one of its parties. It has no effect
// on anybody until an administrator of the other party has accepted it. The
// terms are checked whole, and a fault in them is refused with its line.
func (g *Registry) Sign(ctx context.Context, by identity.Actor, id string, in Signing) (Agreement, error) {
	if !by.IsStaffOf(in.Controller, identity.Admin) && !by.IsStaffOf(in.Processor, identity.Admin) {
		return Agreement{}, fault.New(fault.Forbidden, "Only an administrator of one of the two parties can add an agreement.")
	}
	terms, err := in.checked()
	if err != nil {
		return Agreement{}, err
	}
	now := g.now()
	recent, err := g.Agreements.Count(ctx, document.Query{Index: "stated", Equal: []any{in.Controller, in.Processor}, From: now.Add(-24 * time.Hour), Limit: ProposalsADay})
	if err != nil {
		return Agreement{}, err
	}
	if recent >= ProposalsADay {
		return Agreement{}, errMany.After(24 * time.Hour)
	}
	a := Agreement{Controller: in.Controller, Processor: in.Processor, Key: terms.Key, SignedOn: in.SignedOn, From: in.From, Until: in.Until, Stated: now, Standing: Proposed, Numbers: 1,
		Versions: []Version{{Number: 1, From: in.From, Wanted: in.From, Source: in.Source, At: now, By: by.Account}}}
	a.ID = id
	a.propose(by, now, Proposal{Of: TheAgreement})
	ev, err := g.step(by, &a, "sign", TheAgreement, in.From)
	if err != nil {
		return Agreement{}, err
	}
	return a, g.Agreements.Create(ctx, &a, ev)
}

// CheckAmendment refuses a new version that Amend would refuse whoever asks.
// It changes nothing.
func (g *Registry) CheckAmendment(a Agreement, from, source string) error {
	in := Signing{Controller: a.Controller, Processor: a.Processor, SignedOn: a.SignedOn, From: from, Source: source}
	if _, err := in.checked(); err != nil {
		return err
	}
	today, err := g.today()
	if err != nil {
		return err
	}
	some := fault.New(fault.Invalid, "Some answers need another look.")
	if last := a.Newest(); from < last.From {
		return some.At("from", "A new version cannot begin before the one it replaces: %s.", last.From)
	}
	if from < today {
		return some.At("from", "A new version cannot begin in the past. Fill in today or a later day.")
	}
	return nil
}

// Amend proposes a version of the terms that is in force from a day on, once
// the other side has accepted it.
func (g *Registry) Amend(ctx context.Context, by identity.Actor, id, from, source string) (Agreement, error) {
	return g.change(ctx, by, id, func(a *Agreement) ([]ledger.Event, error) {
		if err := g.changeable(a); err != nil {
			return nil, err
		}
		if err := g.CheckAmendment(*a, from, source); err != nil {
			return nil, err
		}
		a.Numbers = max(a.Numbers, a.Newest().Number) + 1
		a.propose(by, g.now(), Proposal{Of: AVersion, Version: &Version{Number: a.Numbers, From: from, Wanted: from, Source: source, At: g.now(), By: by.Account}})
		return g.events(by, a, "amend", AVersion, from)
	})
}

// End proposes the last day in force; a day that was agreed stays until the
// other side has accepted another one.
func (g *Registry) End(ctx context.Context, by identity.Actor, id, until string) (Agreement, error) {
	return g.change(ctx, by, id, func(a *Agreement) ([]ledger.Event, error) {
		if err := g.changeable(a); err != nil {
			return nil, err
		}
		today, err := g.today()
		if err != nil {
			return nil, err
		}
		if _, err := time.Parse(time.DateOnly, until); err != nil || until < a.From || until < today {
			return nil, fault.New(fault.Invalid, "Some answers need another look.").At("until", "Fill in today or a later day, on or after the first day in force.")
		}
		a.propose(by, g.now(), Proposal{Of: AnEnding, Until: until})
		return g.events(by, a, "end", AnEnding, until)
	})
}

// changeable refuses a change of what both do not agree on, or that has ended,
// or beside another proposal.
func (g *Registry) changeable(a *Agreement) error {
	today, err := g.today()
	switch {
	case err != nil:
		return err
	case a.Standing != Agreed || a.Last < today:
		return errNoForce
	case a.Proposal != nil:
		return errRunning
	}
	return nil
}

// Accept makes what the other side proposed be in force: from its day, and never
// from before today. It needs a fresh second factor.
func (g *Registry) Accept(ctx context.Context, by identity.Actor, id string, turn int) (Agreement, error) {
	return g.answer(ctx, by, id, turn, true, func(a *Agreement, p Proposal, today string) ([]ledger.Event, error) {
		day := ""
		switch p.Of {
		case TheAgreement:
			day = max(a.From, today)
			if a.Until != "" && a.Until < day {
				return nil, fault.New(fault.Conflict, "The last day of this agreement has passed, so it cannot be accepted any more. Decline it, or ask the other party for a new one.")
			}
			a.Standing, a.From, a.Versions[0].From = Agreed, day, day
		case AVersion:
			v := *p.Version
			v.From = max(v.From, today)
			day, a.Versions = v.From, append(a.Versions, v)
		case AnEnding:
			day = max(p.Until, today)
			a.Until = day
		}
		return g.events(by, a, "accept", p.Of, day)
	})
}

// Decline refuses what the other side proposed.
func (g *Registry) Decline(ctx context.Context, by identity.Actor, id string, turn int) (Agreement, error) {
	return g.answer(ctx, by, id, turn, false, func(a *Agreement, p Proposal, _ string) ([]ledger.Event, error) {
		if p.Of == TheAgreement {
			a.Standing = Declined
		}
		return g.events(by, a, "decline", p.Of, "")
	})
}

func (g *Registry) answer(ctx context.Context, by identity.Actor, id string, turn int, fresh bool,
	do func(a *Agreement, p Proposal, today string) ([]ledger.Event, error)) (Agreement, error) {
	return g.change(ctx, by, id, func(a *Agreement) ([]ledger.Event, error) {
		switch p := a.Proposal; {
		case p == nil || p.Turn != turn:
			return nil, errMoved
		case p.Organisation == by.Organisation:
			return nil, errOwn
		case fresh && !by.Strong(g.now()):
			return nil, identity.ErrStepUp
		}
		today, err := g.today()
		if err != nil {
			return nil, err
		}
		p := *a.Proposal
		a.Proposal = nil
		return do(a, p, today)
	})
}

// Withdraw takes back what one's own side proposed.
func (g *Registry) Withdraw(ctx context.Context, by identity.Actor, id string, turn int) (Agreement, error) {
	return g.change(ctx, by, id, func(a *Agreement) ([]ledger.Event, error) {
		p := a.Proposal
		switch {
		case p == nil || p.Turn != turn:
			return nil, errMoved
		case p.Organisation != by.Organisation:
			return nil, errOther
		}
		a.Proposal = nil
		if p.Of == TheAgreement {
			a.Standing = Withdrawn
		}
		return g.events(by, a, "withdraw", p.Of, "")
	})
}

// Confirm says, of an agreement from before, that this is what both agreed.
// When the other side has said so too, it stands as any other.
func (g *Registry) Confirm(ctx context.Context, by identity.Actor, id string) (Agreement, error) {
	return g.review(ctx, by, id, func(a *Agreement, today string) ([]ledger.Event, error) {
		if slices.Contains(a.Confirmed, by.Organisation) {
			return nil, errMoved
		}
		a.Confirmed = append(a.Confirmed, by.Organisation)
		if len(a.Confirmed) == 2 {
			a.Standing = Agreed
			// What had not begun when both were asked begins with the word of both.
			for i := range a.Versions {
				if v := &a.Versions[i]; v.From > a.Adopted && v.From < today {
					v.From = today
				}
			}
			a.From = a.Versions[0].From
		}
		return g.events(by, a, "confirm", TheAgreement, a.From)
	})
}

// Dispute says, of an agreement from before, that it was not agreed like this.
// Yesterday was its last day, then.
func (g *Registry) Dispute(ctx context.Context, by identity.Actor, id string) (Agreement, error) {
	return g.review(ctx, by, id, func(a *Agreement, today string) ([]ledger.Event, error) {
		day, err := time.Parse(time.DateOnly, today)
		if err != nil {
			return nil, err
		}
		if last := day.AddDate(0, 0, -1).Format(time.DateOnly); a.Until == "" || a.Until > last {
			a.Until = last
		}
		a.Standing = Disputed
		return g.events(by, a, "dispute", TheAgreement, a.Until)
	})
}

func (g *Registry) review(ctx context.Context, by identity.Actor, id string, do func(*Agreement, string) ([]ledger.Event, error)) (Agreement, error) {
	return g.change(ctx, by, id, func(a *Agreement) ([]ledger.Event, error) {
		if a.Standing != Unconfirmed {
			return nil, errMoved
		}
		if !by.Strong(g.now()) {
			return nil, identity.ErrStepUp
		}
		today, err := g.today()
		if err != nil {
			return nil, err
		}
		return do(a, today)
	})
}

func (g *Registry) change(ctx context.Context, by identity.Actor, id string, do func(*Agreement) ([]ledger.Event, error)) (Agreement, error) {
	if err := g.Adopt(ctx); err != nil {
		return Agreement{}, err
	}
	return g.Agreements.Update(ctx, id, func(a *Agreement) ([]ledger.Event, error) {
		if !sees(by, *a) {
			return nil, document.ErrNotFound
		}
		if !by.IsStaffOf(by.Organisation, identity.Admin) {
			return nil, errParties
		}
		return do(a)
	})
}

// propose makes a proposal the one that waits.
func (a *Agreement) propose(by identity.Actor, now time.Time, p Proposal) {
	a.Turns++
	p.Turn, p.Organisation, p.By, p.At = a.Turns, by.Organisation, by.Account, now
	a.Proposal = &p
}

func (g *Registry) events(by identity.Actor, a *Agreement, deed, of, day string) ([]ledger.Event, error) {
	ev, err := g.step(by, a, deed, of, day)
	return []ledger.Event{ev}, err
}

// step notes what a side did, settles what the indexes say, and is the event.
func (g *Registry) step(by identity.Actor, a *Agreement, deed, of, day string) (ledger.Event, error) {
	now := g.now()
	today, err := g.today()
	if err != nil {
		return ledger.Event{}, err
	}
	recent := 0
	for _, s := range a.Steps {
		if s.Organisation == by.Organisation && now.Sub(s.At) < 24*time.Hour {
			recent++
		}
	}
	if recent >= StepsADay && (deed == "amend" || deed == "end") {
		return ledger.Event{}, errOften.After(24 * time.Hour)
	}
	a.Steps = append(a.Steps, Step{At: now, Organisation: by.Organisation, By: by.Account, Deed: deed, Of: of, Day: day})
	a.settle(today)
	d := map[string]string{"controller": a.Controller, "processor": a.Processor, "version": strconv.Itoa(a.Newest().Number), "of": of}
	if p := a.Proposal; p != nil && p.Version != nil {
		d["version"] = strconv.Itoa(p.Version.Number)
	}
	if day != "" {
		d["day"] = day
	}
	return by.Event(now, "agreement."+deed, a.ID, d), nil
}

// settle works out what the indexes say.
func (a *Agreement) settle(today string) {
	a.Live = a.Standing == Agreed || a.Standing == Disputed && a.From <= a.Adopted || a.Standing == Unconfirmed && a.From <= a.Adopted
	switch {
	case !a.Live:
		a.Last = today
	case a.Until == "":
		a.Last = endless
	default:
		a.Last = a.Until
	}
	a.AskController, a.AskProcessor = a.waitsFor(a.Controller), a.waitsFor(a.Processor)
}

// waitsFor tells whether a party has to say something now.
func (a *Agreement) waitsFor(party string) bool {
	if a.Standing == Unconfirmed {
		return !slices.Contains(a.Confirmed, party)
	}
	return a.Proposal != nil && a.Proposal.Organisation != party
}

// WaitsFor tells whether a party has to answer, confirm or dispute something now.
func (a Agreement) WaitsFor(party string) bool { return a.waitsFor(party) }

// today is the day in the zone in which the days of agreements are counted.
func (g *Registry) today() (string, error) { return dayOf(g.now()) }

func dayOf(at time.Time) (string, error) {
	zone, err := deadlines.Zone("Europe/Amsterdam")
	if err != nil {
		return "", err
	}
	return at.In(zone).Format(time.DateOnly), nil
}
