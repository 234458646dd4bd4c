package paper

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	classes "golang.org/x/text/unicode/bidi"

	"inzage/views/paper/pdf"
)

func codePoint(r rune) string { return fmt.Sprintf("[U+%04X]", r) }

// composer shapes words and breaks them into lines.
type composer struct {
	*cabinet
	lang    language.Language
	split   shaping.Segmenter
	shaper  shaping.HarfbuzzShaper
	wrapper shaping.LineWrapper
	ways    bidi.Paragraph
}

// typed is a line of shaped words. Its pieces stand in the order in which they
// are read, each at its place from the left.
type typed struct {
	pieces   []pdf.Piece
	width    float64
	backward bool // the paragraph runs from right to left
}

type ink struct {
	size float64
	bold bool
}

// lines breaks words into lines of at most that width. There is at least one.
func (c *composer) lines(words string, with ink, width float64) []typed {
	var all []typed
	c.bold = with.bold
	for _, p := range c.paragraphs(words) {
		all = append(all, c.paragraph(p, with, width)...)
	}
	return all
}

func (c *composer) paragraph(words []rune, with ink, width float64) []typed {
	if len(words) == 0 {
		return []typed{{}}
	}
	direction, base := di.DirectionLTR, bidi.LeftToRight
	if backward(words) {
		direction, base = di.DirectionRTL, bidi.RightToLeft
	}
	levels := make([]bidi.Level, len(words))
	runs := c.ways.Segment(words, base)
	for i := range runs.NumRuns() {
		for r, at := runs.Run(i), runs.Run(i).Start; at < r.End; at++ {
			levels[at] = r.Level
		}
	}
	in := shaping.Input{Text: words, RunEnd: len(words), Direction: direction, Size: fixed.I(1000), Language: c.lang}
	var shaped []shaping.Output
	for _, run := range slices.Clone(c.split.Split(in, c.cabinet)) {
		shaped = append(shaped, c.shaper.Shape(run))
	}
	wrapped, _ := c.wrapper.WrapParagraph(shaping.WrapConfig{Direction: direction}, int(width/with.size*1000), words, shaping.NewSliceIterator(shaped))
	var all []typed
	for _, line := range wrapped {
		t := c.typed(words, seen(line, levels), with)
		t.backward = direction == di.DirectionRTL
		all = append(all, t)
	}
	return all
}

// backward tells whether the first letter with a direction runs to the left.
func backward(words []rune) bool {
	for _, r := range words {
		p, _ := classes.LookupRune(r)
		switch p.Class() {
		case classes.L:
			return false
		case classes.R, classes.AL:
			return true
		}
	}
	return false
}

// seen puts the runs of a line in the order from left to right (rule L2 of UAX
// #9). The wrapper knows two directions only, and sets the 12 of "(12)" amid
// words from the right on their wrong side.
func seen(line shaping.Line, levels []bidi.Level) shaping.Line {
	line = slices.Clone(line)
	level := func(o shaping.Output) bidi.Level { return levels[o.Runes.Offset] }
	highest := bidi.Level(0)
	for _, run := range line {
		highest = max(highest, level(run))
	}
	for ; highest > 0; highest-- {
		for from := 0; from < len(line); from++ {
			to := from
			for to < len(line) && level(line[to]) >= highest {
				to++
			}
			slices.Reverse(line[from:to])
			from = max(from, to-1)
		}
	}
	return line
}

// word is glyphs between two spaces, or a space.
type word struct {
	piece    pdf.Piece
	from, to int // among the words
	right    float64
	space    bool
}

func (c *composer) typed(words []rune, line shaping.Line, with ink) typed {
	var all []word
	x := 0.0
	for _, run := range line {
		all = append(all, c.words(words, run, &x, with)...)
	}
	slices.SortStableFunc(all, func(a, b word) int { return a.from - b.from })
	t := typed{width: x * with.size / 1000}
	for i, w := range all {
		w.piece.Words = string(words[w.from:w.to])
		if i > 0 && w.piece.Plain {
			last := &t.pieces[len(t.pieces)-1]
			if gap := all[i-1].right - w.piece.X; last.Plain && last.Font == w.piece.Font && gap < 0.01 && gap > -0.01 {
				last.Glyphs = append(last.Glyphs, w.piece.Glyphs...)
				last.Words += w.piece.Words
				continue
			}
		}
		t.pieces = append(t.pieces, w.piece)
	}
	return t
}

// words divides a run at its spaces. x goes on to its right end, in points.
func (c *composer) words(words []rune, run shaping.Output, x *float64, with ink) []word {
	var all []word
	rtl := run.Direction.Progression() == di.TowardTopLeft
	for i := 0; i < len(run.Glyphs); {
		n := i + 1
		from, to := run.Glyphs[i].TextIndex(), run.Glyphs[i].TextIndex()+run.Glyphs[i].RunesCount()
		for n < len(run.Glyphs) && run.Glyphs[n].TextIndex() == from {
			n++
		}
		cluster := string(words[from:to])
		space := strings.TrimSpace(cluster) == ""
		if len(all) == 0 || space || all[len(all)-1].space {
			all = append(all, word{from: from, to: to, space: space, piece: pdf.Piece{Font: c.sources[run.Face], Size: with.size, X: *x * with.size / 1000,
				Plain: !rtl || space, Backward: rtl, Bold: c.thick(run.Face)}})
		}
		w := &all[len(all)-1]
		w.from, w.to = min(w.from, from), max(w.to, to)
		w.piece.Plain = w.piece.Plain && n-i == 1
		for k, g := range run.Glyphs[i:n] {
			text := cluster
			if k > 0 {
				text = "\u200b" // the words of the cluster belong to its first glyph
			}
			w.piece.Glyphs = append(w.piece.Glyphs, pdf.Glyph{ID: int(g.GlyphID), Text: text, Advance: thousandths(g.Advance), X: thousandths(g.XOffset), Y: thousandths(g.YOffset)})
			*x += thousandths(g.Advance)
		}
		w.right = *x * with.size / 1000
		i = n
	}
	return all
}

func thousandths(v fixed.Int26_6) float64 { return float64(v) / 64 }
