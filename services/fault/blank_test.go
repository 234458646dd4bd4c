package fault_test

import (
	"testing"
	"unicode"

	"inzage/services/fault"
)

func TestNothingThatShowsIsBlank(t *testing.T) {
	for _, s := range []string{
		"", " ", "\t\r\n", "\u00a0", "\u200b", "\u2060", "\u00ad", "\ufeff", "\u180e", "\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\ufe0f", "\U000e0100",
		"\u034f", "\u17b4", "\u17b5", "\u061c", "\u202e", "\u2066", "\U000e0041", "\u0301", "\u20dd", "\u3000", "\x00", "\U00013441",
		".", "…", "-", "?!", "·", "„“", "\u200b.\u3164", " \u0301 ", "🙂", "\ufffd", "\xff",
	} {
		if !fault.Blank(s) {
			t.Errorf("%+q passes as a text", s)
		}
	}
}

func TestEveryScriptIsText(t *testing.T) {
	for _, s := range []string{"Ya", "Ø", "王", "O'Neill", "ᄒ", "한", "Müller", "u\u0308", "نور", "ש", "क्षत्रिय", "ไทย", "አበበ", "𐒰", "⠽⠁", "٣", "4", "Ⅳ", "zero\u200bwidth", "ꦗꦮ"} {
		if fault.Blank(s) {
			t.Errorf("%q does not pass as a text", s)
		}
	}
	for c := rune(0); c <= unicode.MaxRune; c++ {
		ignorable := unicode.Is(unicode.Other_Default_Ignorable_Code_Point, c) || unicode.Is(unicode.Variation_Selector, c) || unicode.Is(unicode.Cf, c)
		if ignorable && !fault.Blank(string(c)) {
			t.Errorf("%U takes no part in what is shown, and passes as a text", c)
		}
	}
}
