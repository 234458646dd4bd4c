package web

import (
	"testing"
	"time"

	"inzage/services/deadlines"
	"inzage/views/language"
)

func TestAmountsAreExactInBothNotations(t *testing.T) {
	tests := []struct {
		typed string
		cents int64
		ok    bool
	}{
		{"120", 12000, true}, {"120,5", 12050, true}, {"120.50", 12050, true}, {"0,05", 5, true}, {"€ 90", 9000, true}, {"90 EUR", 9000, true},
		{"1.234,56", 123456, true}, {"1,234.56", 123456, true}, {"1.234", 123400, true}, {"1,234,567", 123456700, true}, {"1 234,56", 123456, true},
		{"0.07", 7, true}, {"29,99", 2999, true}, {"999.999.999.999,99", 99999999999999, true},
		{"", 0, false}, {"-5", 0, false}, {"+5", 0, false}, {"1e3", 0, false}, {"12,-", 0, false}, {"1.2.3", 0, false}, {"12.34,5.6", 0, false},
		{"1.23.456", 0, false}, {"1,234,56", 0, false}, {"0x10", 0, false}, {"5 euro", 0, false}, {"1.234.567.890.123,00", 0, false}, {",50", 0, false}, {"٣", 0, false},
	}
	for _, tt := range tests {
		if cents, ok := parseCents(tt.typed, 2); cents != tt.cents && tt.ok || ok != tt.ok {
			t.Errorf("parseCents(%q) = %d, %t; want %d, %t", tt.typed, cents, ok, tt.cents, tt.ok)
		}
	}
}

// TestAmountsHaveTheDecimalsOfTheirCurrency: none for yen, three for the dinar of
// Bahrain, four for the unidad de fomento; typed and written alike.
func TestAmountsHaveTheDecimalsOfTheirCurrency(t *testing.T) {
	tests := []struct {
		typed, currency string
		units           int64
		of              string // the currency that was typed
		ok              bool
	}{
		{"1250", "JPY", 1250, "", true}, {"1.250", "JPY", 1250, "", true}, {"1,250", "JPY", 1250, "", true}, {"1250,50", "JPY", 0, "", false}, {"1250 JPY", "EUR", 1250, "JPY", true},
		{"1250", "BHD", 1250000, "", true}, {"1,250", "BHD", 1250, "", true}, {"1.234,567", "BHD", 1234567, "", true}, {"0,5", "BHD", 500, "", true}, {"0,0005", "BHD", 0, "", false},
		{"1,2345", "CLF", 12345, "", true}, {"1.234,56", "CLF", 12345600, "", true}, {"1,2", "EUR", 120, "", true}, {"1,234 BHD", "EUR", 1234, "BHD", true},
	}
	for _, tt := range tests {
		units, of, ok := parseAmount(tt.typed, tt.currency)
		if ok != tt.ok || ok && (units != tt.units || of != tt.of) {
			t.Errorf("parseAmount(%q, %s) = %d %s %t; want %d %s %t", tt.typed, tt.currency, units, of, ok, tt.units, tt.of, tt.ok)
		}
	}
	for _, code := range []string{"EUR", "JPY", "BHD", "CLF"} {
		for _, units := range []int64{0, 5, 12345, 99999999} {
			if got, _, ok := parseAmount(plainAmount(units, code), code); !ok || got != units {
				t.Errorf("%d %s is written %q and read as %d", units, code, plainAmount(units, code), got)
			}
		}
		if _, _, ok := parseAmount(sampleAmount(code), code); !ok {
			t.Errorf("the example %q for %s is refused", sampleAmount(code), code)
		}
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	for in, want := range map[string]string{"=1+1": "'=1+1", "+31": "31", "-2": "-2", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "gewoon": "gewoon", "": "", "|x": "'|x", "-cmd": "'-cmd"} {
		if in == "+31" {
			want = "+31" // a whole number
		}
		if got := plainCell(in); got != want {
			t.Errorf("plainCell(%q) = %q, want %q", in, got, want)
		}
	}
}

// The rules and readings behind dates reach the page as variables, which the
// scan of the language package does not see.
func TestRulesAndFlashesAreTranslated(t *testing.T) {
	languages, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, f := range flashTexts {
		keys = append(keys, f.key)
	}
	calendar, err := deadlines.CalendarOf("NL")
	if err != nil {
		t.Fatal(err)
	}
	for day := range 800 {
		at := time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC).AddDate(0, 0, day)
		for _, e := range [][]deadlines.Event{
			nil, {{Type: deadlines.Extended, At: at.AddDate(0, 0, 10)}}, {{Type: deadlines.Extended, At: at.AddDate(0, 2, 0)}}, {{Type: deadlines.Extended, At: at.AddDate(0, 1, 1)}},
			{{Type: deadlines.Asked, At: at.AddDate(0, 0, 2)}}, {{Type: deadlines.Asked, At: at.AddDate(0, 0, 2)}, {Type: deadlines.Insufficient, At: at.AddDate(0, 0, 5)}, {Type: deadlines.Answered, At: at.AddDate(0, 0, 9)}},
			{{Type: deadlines.Answered, At: at.AddDate(0, 0, 9)}}, {{Type: deadlines.Asked, At: at.AddDate(0, 3, 0)}},
		} {
			known := calendar
			if day%3 == 0 {
				known = deadlines.CalendarFor("DE") // a country without a holiday set
			}
			d, err := deadlines.Request(deadlines.RequestFacts{Received: at, Zone: amsterdam(), Calendar: known, Window: 30, ExtendMonths: 1 + day%2, Events: e})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range d.Basis {
				keys = append(keys, r.Rule)
				keys = append(keys, sourcesOf(r.Source)...)
			}
			for _, r := range d.Readings {
				keys = append(keys, r.Reading)
				keys = append(keys, sourcesOf(r.Source)...)
			}
		}
	}
	seen := map[string]bool{}
	for _, key := range languages.Missing("nl", keys) {
		if !seen[key] {
			t.Errorf("%q has no Dutch", key)
		}
		seen[key] = true
	}
}
