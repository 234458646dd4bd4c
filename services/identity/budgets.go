package identity

import (
	"context"
	"net/netip"

	"inzage/services/ledger"
)

// Network is what one stranger has at hand of network addresses: a /24 of
// IPv4, a /48 of IPv6.
func Network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	bits := 48
	if a = a.Unmap(); a.Is4() {
		bits = 24
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return address
	}
	return p.String()
}

// strangers are the limits on letters that anybody can ask for to any address:
// from one network, so that it uses up nobody else's; from everywhere, so that
// no mailbox is flooded; and from one network address.
func (s *Service) strangers(emailHash, address string) []limit {
	return []limit{
		s.sendLimit(emailHash + ":" + s.addressKey(Network(address))),
		{key: "sent:" + emailHash, max: s.Limits.CodesSentInAll, window: s.Limits.FailureWindow, lock: s.Limits.FailureWindow},
		s.askLimit(address),
	}
}

// budgetOf are the limits on a code. Whoever holds the private link of a request
// has shown more than a stranger: their codes are counted for that link alone,
// and what others do uses none of them up.
func (s *Service) budgetOf(r CodeRequest) []limit {
	if r.Purpose == LinkRequestPage && r.Object != "" {
		return []limit{s.sendLimit("link:" + r.Object)}
	}
	return s.strangers(s.emailHash(Subjects, r.Email), r.Address)
}

// Admitted is a place for one letter, counted before anything was made for it.
type Admitted struct{ email string }

// AdmitCode counts a code before that which it proves is made, so that what is
// refused leaves nothing. Too many are TooMany.
func (s *Service) AdmitCode(ctx context.Context, r CodeRequest) (Admitted, error) {
	if err := checkEmail("email", r.Email); err != nil {
		return Admitted{}, err
	}
	if err := s.Reaches(ctx, r.Email); err != nil {
		return Admitted{}, err
	}
	if err := s.admit(ctx, s.budgetOf(r)); err != nil {
		return Admitted{}, err
	}
	return Admitted{s.emailHash(Subjects, r.Email)}, nil
}

// SendAdmitted is SendCode for a code that was counted already; one that was
// not is counted now.
func (s *Service) SendAdmitted(ctx context.Context, r CodeRequest, a Admitted) error {
	if a.email == "" || a.email != s.emailHash(Subjects, r.Email) {
		return s.SendCode(ctx, r)
	}
	return s.sendCode(ctx, r, a.email)
}

// admit takes a place under every limit or under none.
func (s *Service) admit(ctx context.Context, limits []limit) error {
	var taken []attempt
	for _, l := range limits {
		a, err := s.try(ctx, l)
		if err != nil {
			return err
		}
		if a.allowed {
			taken = append(taken, a)
			continue
		}
		for _, t := range taken {
			if err := s.forget(ctx, t); err != nil {
				return err
			}
		}
		return s.refuse(ctx, ErrTooMany.After(a.wait), s.event(Actor{}, "code.send", "unknown", ledger.Refused, "reason", "too_many"))
	}
	return nil
}
