package identity

import (
	_ "embed"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	zxcvbn "github.com/ccojocar/zxcvbn-go"
)

// The length of a password in characters (security.md, Numbers).
const (
	PasswordMin = 12
	PasswordMax = 128
)

// busyWait is when to try again after a full queue.
const busyWait = 5 * time.Second

// strengthLimit is how much of a password is judged; judging takes longer than
// linear time, and a strong beginning is enough.
const strengthLimit = 64

// strengthMin is the lowest zxcvbn score (0 to 4) that is accepted.
const strengthMin = 3

// commonWords are Dutch words that passwords are made of, one a line; the
// strength check itself knows the English ones and the common passwords.
//
//go:embed words_nl.txt
var commonWords string

// checkPassword refuses a password that is too short or long, known from a
// breach, or easy to guess. context are words that belong to the person or place: the product,
// the organisation, the name, the address.
func checkPassword(field, password string, context ...string) error {
	n := utf8.RuneCountInString(normalPassword(password))
	switch {
	case n < PasswordMin:
		return ErrPassword.At(field, "Use at least %d characters. A sentence of a few words works well.", PasswordMin)
	case n > PasswordMax:
		return ErrPassword.At(field, "Use at most %d characters.", PasswordMax)
	}
	words := contextWords(context)
	if madeOf(password, words) {
		return ErrPassword.At(field, "Do not build the password around your name, your e-mail address, your organisation or this portal.")
	}
	if breached(password) || zxcvbn.PasswordStrength(head(password), append(words, strings.Fields(commonWords)...)).Score < strengthMin {
		return ErrPassword.At(field, "This password is too common or too easy to guess. Use a few words that do not belong together.")
	}
	return nil
}

// contextWords are the single words of the context, three letters or more.
func contextWords(context []string) []string {
	var words []string
	for _, c := range context {
		for _, w := range strings.FieldsFunc(strings.ToLower(c), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if utf8.RuneCountInString(w) >= 3 {
				words = append(words, w)
			}
		}
	}
	return words
}

// madeOf tells whether less than eight characters are left when the words and
// what is not a letter are taken out.
func madeOf(password string, words []string) bool {
	rest := strings.ToLower(password)
	for _, w := range words {
		if utf8.RuneCountInString(w) >= 4 {
			rest = strings.ReplaceAll(rest, w, "")
		}
	}
	if rest == strings.ToLower(password) {
		return false
	}
	return utf8.RuneCountInString(rest) < 8
}

func head(password string) string {
	r := []rune(password)
	return string(r[:min(len(r), strengthLimit)])
}
