package web

import "strings"

// parseCents reads an amount of euros as people type it, in the Dutch and the
// English way: "1.234,56", "1,234.56", "120,5", "€ 90". The last separator is
// a decimal sign when one or two digits follow it; before it, separators group
// thousands. It is exact, and refuses everything else, signs among them.
func parseCents(s string) (int64, bool) {
	s = strings.TrimSpace(strings.NewReplacer("\u00a0", "", "\u202f", "", " ", "").Replace(s))
	s = strings.TrimSuffix(strings.TrimPrefix(s, "€"), "€")
	s = strings.TrimSuffix(strings.TrimPrefix(s, "EUR"), "EUR")
	whole, cents := s, ""
	if i := strings.LastIndexAny(s, ".,"); i >= 0 && len(s)-i-1 <= 2 {
		whole, cents = s[:i], s[i+1:]
		if cents == "-" || cents == "" || strings.ContainsRune(whole, rune(s[i])) {
			return 0, false // "12,-" and "1.2.3"
		}
	}
	digits, ok := ungroup(whole)
	if !ok || len(digits) > 12 {
		return 0, false
	}
	var n int64
	for _, c := range digits + (cents + "00")[:2] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// ungroup takes the separators out of a whole number: one kind, before every
// three digits.
func ungroup(s string) (string, bool) {
	if s == "" {
		return "", false
	}
	i := strings.IndexAny(s, ".,")
	if i < 0 {
		return s, true
	}
	groups := strings.Split(s, string(s[i]))
	for n, g := range groups {
		if n == 0 && (len(g) < 1 || len(g) > 3) || n > 0 && len(g) != 3 {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}
