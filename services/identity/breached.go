package identity

import (
	"crypto/sha256"
	_ "embed"
	"sort"
	"strings"
)

// breachedPasswords are the passwords of PasswordMin characters or more among
// the million most used of the ten million that Mark Burnett published out of
// breaches (2015, public domain). The strength check knows short ones only, and
// takes two of three of these for good. They are kept as the beginnings of the
// SHA-256 of their lower case, in order, so that nobody reads them here.
//
//go:embed breached.bin
var breachedPasswords string

// breachedWidth is how many bytes of each hash are kept: one good password in
// six thousand million has the same.
const breachedWidth = 6

// breached tells whether a password is known from a breach, in any case.
func breached(password string) bool {
	sum := sha256.Sum256([]byte(strings.ToLower(normalPassword(password))))
	at := func(i int) string { return breachedPasswords[i*breachedWidth : (i+1)*breachedWidth] }
	n := len(breachedPasswords) / breachedWidth
	i := sort.Search(n, func(i int) bool { return at(i) >= string(sum[:breachedWidth]) })
	return i < n && at(i) == string(sum[:breachedWidth])
}
