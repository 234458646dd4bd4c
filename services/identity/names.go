package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"inzage/services/document"
	"inzage/services/fault"
)

// ErrName is the refusal of a name that another organisation has, as people
// would read it.
var ErrName = fault.New(fault.Conflict, "Another organisation on this portal already has this name. Please choose one that people can tell from it, for example with the place.")

// fold is what a name is told from others by: letters and digits alone, without
// case, width, accents, spaces and punctuation.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(strings.ToLower(norm.NFKC.String(name))))
}

// claims gives the organisations of a store from before the claim of their
// name, once in a run. Of two with one name the first gets it; the other keeps
// its name, and nobody can take it a third time.
type claims struct {
	mu   sync.Mutex
	done bool
}

func (s *Service) claimNames(ctx context.Context) error {
	s.claims.mu.Lock()
	defer s.claims.mu.Unlock()
	if s.claims.done {
		return nil
	}
	err := s.EachOrganisation(ctx, func(o Organisation) error {
		if o.Claim != "" {
			return nil
		}
		_, err := s.Organisations.Touch(ctx, o.ID, func(o *Organisation) error {
			o.Claim = fold(o.Name)
			return nil
		})
		if err != nil && !errors.Is(err, document.ErrTaken) {
			return fmt.Errorf("claim the name of %s: %w", o.ID, err)
		}
		return nil
	})
	s.claims.done = err == nil
	return err
}

// taken tells which of its names an organisation could not have.
func (s *Service) taken(ctx context.Context, id, claim string, err error) error {
	if !errors.Is(err, document.ErrTaken) {
		return err
	}
	o, ferr := s.Organisations.Find(ctx, "name", claim)
	if ferr == nil && o.ID != id {
		return ErrName
	}
	return ErrSlug
}
