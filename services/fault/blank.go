package fault

import "unicode"

// Blank tells whether nobody can read anything in s: it holds no letter and no
// digit that shows. Blanks of every kind, signs that take no part in what is
// shown, marks without a letter under them and punctuation alone are no name and
// no reason. What script a text is in does not matter.
func Blank(s string) bool {
	for _, c := range s {
		if shows(c) {
			return false
		}
	}
	return true
}

func shows(c rune) bool {
	switch {
	case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, c): // fillers are letters, and show nothing
		return false
	case c == 0x13441 || c == 0x13442: // blanks that Unicode counts among the letters of a script
		return false
	case unicode.IsLetter(c), unicode.IsNumber(c):
		return true
	}
	return unicode.Is(unicode.Braille, c) && c != 0x2800 // raised dots are signs to Unicode, and the first has none
}
