package agreements

import (
	"context"

	"inzage/services/identity"
	"inzage/services/ledger"
)

// SignedByBoth puts an agreement in force by two deeds in the names of both
// parties. It is for made-up worlds (seed, demo, bench and tests), where there is
// nobody yet to do either; nothing that people can reach calls it.
func (g *Registry) SignedByBoth(ctx context.Context, id string, in Signing) (Agreement, error) {
	a, err := g.Sign(ctx, g.hand(in.Processor), id, in)
	if err != nil {
		return Agreement{}, err
	}
	return g.AcceptedByOther(ctx, a)
}

// AcceptedByOther accepts what waits in the name of the other party, likewise.
func (g *Registry) AcceptedByOther(ctx context.Context, a Agreement) (Agreement, error) {
	other := a.Controller
	if a.Proposal.Organisation == other {
		other = a.Processor
	}
	return g.Accept(ctx, g.hand(other), a.ID, a.Proposal.Turn)
}

// hand is an administrator that the portal itself plays.
func (g *Registry) hand(org string) identity.Actor {
	return identity.Actor{Account: ledger.SystemActor, Organisation: org, Roles: []identity.Role{identity.Admin}, Level: identity.Full, StrongAt: g.now()}
}
