package web

import (
	"strings"

	"inzage/services/costs"
)

// parseCents reads an amount as people type it, in the Dutch and the English
// way: "1.234,56", "1,234.56", "120,5", "€ 90", in the smallest unit of a
// currency with so many decimals. The last separator is a decimal sign when no
// more digits than those follow it; before it, separators group thousands. It is
// exact, and refuses everything else, signs among them.
func parseCents(s string, decimals int) (int64, bool) {
	s = strings.TrimSpace(strings.NewReplacer("\u00a0", "", "\u202f", "", " ", "").Replace(s))
	s = strings.TrimSuffix(strings.TrimPrefix(s, "€"), "€")
	s = strings.TrimSuffix(strings.TrimPrefix(s, "EUR"), "EUR")
	whole, cents := s, ""
	if i := strings.LastIndexAny(s, ".,"); i >= 0 && len(s)-i-1 <= decimals && decimals > 0 {
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
	for _, c := range digits + (cents + strings.Repeat("0", decimals))[:decimals] {
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

// plainAmount writes an amount as people type it, for a form.
func plainAmount(cents int64, currency string) string { return costs.Plain(cents, currency, ",") }

// sampleAmount is an amount as an example of how one is typed.
func sampleAmount(currency string) string {
	units := int64(1250)
	for range costs.Digits(currency) {
		units *= 10
	}
	if costs.Digits(currency) > 0 { // a half
		return plainAmount(units+units/2500, currency)
	}
	return plainAmount(units, currency)
}

// signs of currencies that people type; others are typed as three letters.
var signs = strings.NewReplacer("€", "EUR", "$", "USD", "£", "GBP")

// parseAmount reads an amount with the currency and the sign that were typed
// with it, if any, so that the rules can refuse those and say what to do. Its
// decimals are those of that currency, or else of the one that is expected.
func parseAmount(s, expected string) (cents int64, currency string, ok bool) {
	s = signs.Replace(strings.ReplaceAll(strings.TrimSpace(s), "−", "-"))
	s, below := cutSign(s)
	if letters(s, len(s)-3, len(s)) {
		s, currency = strings.TrimSpace(s[:len(s)-3]), strings.ToUpper(s[len(s)-3:])
	} else if letters(s, 0, 3) {
		s, currency = strings.TrimSpace(s[3:]), strings.ToUpper(s[:3])
	}
	s, again := cutSign(s)
	cents, ok = parseCents(s, costs.Digits(orElse(currency, expected)))
	if below || again {
		cents = -cents
	}
	return cents, currency, ok && !(below && again)
}

func cutSign(s string) (string, bool) {
	rest, cut := strings.CutPrefix(s, "-")
	return strings.TrimSpace(rest), cut
}

// letters tells whether a part of s, within its bounds, is all ASCII letters.
func letters(s string, from, to int) bool {
	if from < 0 || to > len(s) {
		return false
	}
	for _, c := range []byte(s[from:to]) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}
