package identity

import "context"

// HoldHash takes one of the slots of the password hashes.
func (s *Service) HoldHash(ctx context.Context) (leave func(), err error) { return s.hasher.enter(ctx) }
