package requests

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/vault"
)

// needText refuses a missing or overlong text field.
func needText(field, text, missing string) error {
	var form fault.Form
	switch {
	case fault.Blank(text):
		form.Refuse(field, missing)
	case utf8.RuneCountInString(text) > maxText:
		form.Refuse(field, "This is too long. Use at most 10,000 characters, or add the rest as a file.")
	}
	return form.Err()
}

// sealer returns a sealer under the request's key.
func (s *Service) sealer(ctx context.Context, id string) (*vault.Sealer, error) {
	key, err := s.Vault.Key(ctx, id)
	if err != nil {
		return nil, err
	}
	return &vault.Sealer{Key: key}, nil
}

// sealerFor is sealer for an action that the table allows the actor now.
func (s *Service) sealerFor(ctx context.Context, by identity.Actor, id string, a Action) (*vault.Sealer, error) {
	if _, err := s.reach(ctx, by, id, a); err != nil {
		return nil, err
	}
	return s.sealer(ctx, id)
}

// NormalReference brings a typed reference into its stored form.
func NormalReference(s string) string {
	var b strings.Builder
	n := 0
	for _, c := range strings.ToUpper(s) {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			continue
		}
		if n > 0 && n%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(c)
		n++
	}
	return b.String()
}

// resembles tells whether the filer's words name the organisation: each word
// of one of them, legal forms and short words aside, stands in the other.
func resembles(about, name string) bool {
	a, n := wordsOf(about), wordsOf(name)
	return len(a) > 0 && len(n) > 0 && (within(a, n) || within(n, a))
}

func wordsOf(s string) map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		if len(w) > 2 && w != "het" && w != "the" && w != "een" && w != "van" && w != "stichting" && w != "vof" {
			words[w] = true
		}
	}
	return words
}

func within(a, b map[string]bool) bool {
	for w := range a {
		if !b[w] {
			return false
		}
	}
	return true
}

// mailPurpose is the purpose of the keyed hash of a data subject's address: the
// same as the accounts', so that a proven address finds its requests.
const mailPurpose = "email:" + string(identity.Subjects)
