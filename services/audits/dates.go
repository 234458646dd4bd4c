package audits

import (
	"context"
	"errors"
	"strconv"

	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// SendNotice announces the audit: its time is the time of the notice, from
// which the agreement's days are counted. Everything but the undertaking must
// be in order. The wanted day, if there is one, is the first proposal.
// What it says is kept as it was sent; see NoticeOf.
func (s *Service) SendNotice(ctx context.Context, by identity.Actor, id string) (Audit, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return Audit{}, err
	}
	controller, processor, err := s.parties(ctx, &a)
	if err != nil {
		return Audit{}, err
	}
	if _, err := allowed(by, &a, Announce); err == nil {
		if err := s.paced(ctx, &a); err != nil {
			return Audit{}, err
		}
	}
	out, err := s.announce(ctx, by, id, controller, processor)
	if err == nil {
		return out, nil
	}
	if a, gerr := s.Audits.Get(ctx, id); gerr == nil && a.Announced == nil {
		if uerr := s.unpaced(ctx, &a); uerr != nil {
			return Audit{}, uerr
		}
	}
	return Audit{}, err
}

// announce is SendNotice, within the pace.
func (s *Service) announce(ctx context.Context, by identity.Actor, id, controller, processor string) (Audit, error) {
	return s.change(ctx, by, id, Announce, func(st *step) (details, error) {
		if err := st.inForce(st.today); err != nil {
			return nil, err
		}
		if st.Auditor == nil {
			return nil, st.noAuditor()
		}
		if err := st.competes(); err != nil {
			return nil, err
		}
		if !st.Wanted.IsZero() {
			if err := st.day(st.ground, st.Wanted, st.now, st.WantedOff); err != nil {
				return nil, err
			}
		}
		facts := st.weighed(st.ground, st.Wanted, st.now)
		answer, err := Check(st.terms, facts)
		if err != nil {
			return nil, err
		}
		if err := refuse(answer, beforeNotice...); err != nil {
			return nil, err
		}
		now := st.now
		st.Announced, st.Sent = &now, st.freeze(controller, processor, facts)
		d := details{"processor": st.Processor, "earliest": answer.Earliest.String()}
		if !st.Wanted.IsZero() {
			st.Proposals = []Proposal{{ID: ledger.NewID("prp"), From: Controller, By: st.by.Account, At: now, Day: st.Wanted, State: Standing,
				DayOff: st.WantedOff}}
			d["day"], d["proposal"] = st.Wanted.String(), st.Proposals[0].ID
		}
		return d, nil
	})
}

// DayProposal is a day for the other side to accept.
type DayProposal struct {
	ID  string // prp_…; makes it idempotent
	Day deadlines.Date
	// Instead is the standing proposal that this one answers or replaces, as the
	// actor saw it; "" when there was none. When another stands by now, somebody
	// was faster, and this one is refused.
	Instead string
	Reason  string // needed against another proposal, and to move an agreed day
	DayOff  string // why it has to be on a weekend or holiday
}

// ProposeDay proposes a day, or another one instead of the standing proposal or
// the agreed day. The agreed day stays until the other side accepts.
func (s *Service) ProposeDay(ctx context.Context, by identity.Actor, id string, p DayProposal) (Audit, error) {
	p.ID = ledger.ChosenID("prp", p.ID)
	return s.change(ctx, by, id, Propose, func(st *step) (details, error) {
		if st.proposal(p.ID) != nil {
			return nil, errSame
		}
		last := st.standing()
		if err := st.faster(last, p.Instead); err != nil {
			return nil, err
		}
		moves := st.Stage == DateAgreed
		var f form
		if p.Day.IsZero() {
			f.Refuse("day", "Choose a day.")
		}
		if !f.filled("reason", p.Reason) && (moves || last != nil && last.From != st.party) {
			f.Refuse("reason", "Say why this day suits better.")
		}
		f.filled("day_off", p.DayOff)
		if err := f.Err(); err != nil {
			return nil, err
		}
		if len(st.Proposals) >= mostProposals {
			return nil, fault.New(fault.Conflict, "There have been %d proposals for a day. Talk to each other, then accept the last one or cancel the audit.", mostProposals)
		}
		if moves && p.Day == st.On {
			return nil, fault.New(fault.Invalid, "Some answers need another look.").At("day", "This is the day that is agreed already. Choose another one.")
		}
		off := st.z.Text("day_off", p.DayOff)
		if err := st.day(st.ground, p.Day, *st.Announced, off); err != nil {
			return nil, err
		}
		d := details{"proposal": p.ID, "day": p.Day.String(), "from": string(st.party), "moves": strconv.FormatBool(moves)}
		if last != nil {
			last.rule(Countered, st.ground)
			d["instead"] = last.ID
		}
		st.Proposals = append(st.Proposals, Proposal{ID: p.ID, From: st.party, By: st.by.Account, At: st.now, Day: p.Day,
			Reason: st.z.Text("reason", p.Reason), DayOff: off, Moves: moves, State: Standing})
		return d, nil
	})
}

// faster refuses an answer to a proposal that is not the standing one any more.
func (st *step) faster(standing *Proposal, seen string) error {
	switch {
	case standing == nil && seen == "", standing != nil && standing.ID == seen:
		return nil
	case standing == nil:
		return fault.New(fault.Conflict, "The proposal you answer does not stand any more. The page now shows how it is.")
	}
	line := lineOf(st.terms, "cooperation", "audit.cooperation")
	line.add(Refused, "Meanwhile %s was proposed. Accept that day, or propose another one instead of it.", standing.Day)
	return ruled(line)
}

func (p *Proposal) rule(as string, g ground) { p.State, p.Ruled = as, &g.now }

// standing is the proposal that waits for an answer, nil when none does.
func (a *Audit) standing() *Proposal {
	if n := len(a.Proposals); n > 0 && a.Proposals[n-1].State == Standing {
		return &a.Proposals[n-1]
	}
	return nil
}

// AcceptDay accepts the other side's proposal; the day is then agreed, and any
// day agreed before is given up. The engine judges it once more, beside every
// other audit under the agreement.
func (s *Service) AcceptDay(ctx context.Context, by identity.Actor, id, proposal string) (Audit, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return Audit{}, err
	}
	if _, err := allowed(by, &a, Accept); err != nil {
		return Audit{}, s.refused(ctx, by, Accept, id, s.moved(ctx, &a, err))
	}
	if p := a.proposal(proposal); p != nil && p.State == Standing && p.From != a.partyOf(by.Organisation) {
		g, err := s.ground(ctx, &a)
		if err != nil {
			return Audit{}, err
		}
		if err := s.take(ctx, &a, g, p.Day); err != nil {
			return Audit{}, s.refused(ctx, by, Accept, id, err)
		}
	}
	out, err := s.change(ctx, by, id, Accept, func(st *step) (details, error) { return st.accept(proposal) })
	if err != nil {
		// Whatever was taken is given back, also when the caller has gone.
		return Audit{}, errors.Join(err, s.sync(context.WithoutCancel(ctx), id))
	}
	return out, nil
}

func (st *step) accept(proposal string) (details, error) {
	p := st.proposal(proposal)
	if p == nil {
		return nil, ErrNotFound
	}
	if p.State == Accepted && p.Day == st.On {
		return nil, errSame
	}
	if p.State != Standing {
		return nil, ErrMoved
	}
	if p.From == st.party {
		return nil, fault.New(fault.Conflict, "This is your own proposal. The other side has to accept it.")
	}
	if err := st.day(st.ground, p.Day, *st.Announced, p.DayOff); err != nil {
		return nil, err
	}
	p.rule(Accepted, st.ground)
	d := details{"proposal": p.ID, "day": p.Day.String(), "before": st.On.String()}
	st.On = p.Day
	if st.Auditor != nil {
		st.Auditor.Reminded = deadlines.PassedReminders(startOf(st.On), st.now)
	}
	return d, nil
}

// TakeBackDay takes back the actor's own proposal; what was agreed stays agreed.
func (s *Service) TakeBackDay(ctx context.Context, by identity.Actor, id, proposal string) (Audit, error) {
	return s.change(ctx, by, id, TakeBack, func(st *step) (details, error) {
		p := st.proposal(proposal)
		switch {
		case p == nil:
			return nil, ErrNotFound
		case p.From != st.party:
			return nil, fault.New(fault.Conflict, "This is the other side's proposal. Accept it, or propose another day.")
		case p.State == TakenBack:
			return nil, errSame
		case p.State != Standing:
			return nil, ErrMoved
		}
		p.rule(TakenBack, st.ground)
		return details{"proposal": p.ID, "day": p.Day.String()}, nil
	})
}

// CallOff cancels the audit, at any point before it is closed, with a reason.
// The auditor's access ends at once, and its day is free again when it had not begun.
func (s *Service) CallOff(ctx context.Context, by identity.Actor, id, reason string) (Audit, error) {
	out, err := s.change(ctx, by, id, Cancel, func(st *step) (details, error) {
		var f form
		if !f.filled("reason", reason) {
			f.Refuse("reason", "Say why the audit is cancelled.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		st.Reason, st.Outcome = st.z.Text("reason", reason), CalledOff
		if st.Began != nil {
			st.Outcome = BrokenOff
		}
		return details{"outcome": st.Outcome, "stage": string(st.Stage), "day": st.On.String()}, nil
	})
	if err != nil {
		return Audit{}, err
	}
	return out, s.sync(ctx, id)
}

// Commence puts the audit under way: on the agreed day or after it, with the
// undertaking signed and nothing left in the way.
func (s *Service) Commence(ctx context.Context, by identity.Actor, id string) (Audit, error) {
	return s.change(ctx, by, id, Begin, func(st *step) (details, error) {
		if st.today.Before(st.On) {
			line := lineOf(st.terms, "notice", "audit.notice")
			line.add(TooEarly, "The audit is agreed for %s. Wait for that day, or propose an earlier one that the notice allows.", st.On)
			return nil, ruled(line)
		}
		if p := st.standing(); p != nil {
			return nil, fault.New(fault.Conflict, "Another day is proposed: %s. Accept it, or take it back, before the audit begins.", p.Day)
		}
		if st.Auditor == nil {
			return nil, st.noAuditor()
		}
		if o := st.Auditor.Objection; o != nil && o.AnsweredAt == nil {
			line := lineOf(st.terms, "auditor", "audit.auditor")
			line.add(Missing, "The processor objects to the auditor. Answer the objection, or name another auditor.")
			return nil, ruled(line)
		}
		if err := st.competes(); err != nil {
			return nil, err
		}
		if err := st.unsigned(); err != nil {
			return nil, err
		}
		answer, err := st.judged(st.ground, st.On, *st.Announced)
		if err != nil {
			return nil, err
		}
		if err := refuse(answer, beforeStart...); err != nil {
			return nil, err
		}
		now := st.now
		st.Began = &now
		return details{"day": st.On.String()}, nil
	})
}
