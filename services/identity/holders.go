package identity

import (
	"context"
	"fmt"
)

// HasFactor tells whether a second factor or a passkey is bound to the account.
func (s *Service) HasFactor(ctx context.Context, account string) (bool, error) {
	acc, err := s.Accounts.Get(ctx, account)
	if err != nil {
		return false, fmt.Errorf("read an account: %w", err)
	}
	return acc.HasFactor(), nil
}
