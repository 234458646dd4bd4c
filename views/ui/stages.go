package ui

import (
	"fmt"
	"strings"
)

// Stage is one step of something that goes in a fixed order: an audit, a
// filing.
type Stage struct {
	Label string
	Note  string // a date, or what is waited for
	Href  string // leads back to a step that may be looked at again
	Done  bool
	Now   bool
}

// QR is a square of modules, true for dark, without a border.
type QR [][]bool

// path draws the dark modules, row by row, as runs.
func (q QR) path() string {
	var b strings.Builder
	for y, row := range q {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return b.String()
}

// box leaves the border of four modules that readers of the code need.
func (q QR) box() string { return fmt.Sprintf("-4 -4 %d %d", len(q)+8, len(q)+8) }
