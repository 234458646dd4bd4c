// Package paper lays letters out as PDF: the answer to a request, the notice
// of an audit. What stands in them is already formatted and translated.
//
// The letters of the alphabets come with the program (DejaVu Sans Condensed,
// free to embed), so that a name in any of them is printed as it is written.
package paper

import (
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
)

var (
	//go:embed DejaVuSansCondensed.ttf
	plainFont []byte
	//go:embed DejaVuSansCondensed-Bold.ttf
	boldFont []byte
)

// Letter is one document.
type Letter struct {
	Title    string
	Lang     string // "nl"
	From, To []string
	Facts    []Fact // date, reference
	Blocks   []Block
	Closing  []string
	Page     string // the foot of each page: "Page {number} of {all}"
	At       time.Time
}

// Fact is a name with its value, and what is said about it in smaller words:
// the rule behind it.
type Fact struct{ Name, Value, Note string }

// The kinds of a Block; any other is plain text.
const (
	Heading = "heading"
	Quote   = "quote" // words of a person
	List    = "list"
	Facts   = "facts"
	Table   = "table"
)

// Block is one piece of a letter. Items are its facts, the entries of its list
// or its quotes, by Value.
type Block struct {
	Kind  string
	Text  string
	Law   string // the provision behind the words
	Items []Fact
	Grid  Grid // of a table
}

// Grid is a table: what stands in it, row by row. Columns of amounts stand to
// the right.
type Grid struct {
	Columns []Column
	Rows    [][]string
}

// Column is the head of a column, and its share of the width among the others.
type Column struct {
	Label  string
	Share  float64
	Amount bool
}

// Measures in millimetres and points.
const (
	margin = 25.0
	width  = 210 - 2*margin
	line   = 5.4
	text   = 10.5
	small  = 8.5
	family = "sans"
	bottom = 297 - margin
	room   = 22 // below a heading, or it goes to the next page
)

// Write writes the letter as PDF on A4.
func Write(w io.Writer, l Letter) error {
	d := &doc{fpdf.New("P", "mm", "A4", "")}
	d.AddUTF8FontFromBytes(family, "", plainFont)
	d.AddUTF8FontFromBytes(family, "B", boldFont)
	d.SetMargins(margin, margin, margin)
	d.SetAutoPageBreak(true, margin)
	d.SetTitle(clean(l.Title), true)
	d.SetLang(l.Lang)
	d.SetCreationDate(l.At)
	d.SetModificationDate(l.At)
	d.SetCatalogSort(true)
	d.AliasNbPages("{pages}")
	d.SetFooterFunc(func() {
		d.SetY(-15)
		d.ink("", small)
		d.CellFormat(width, line, strings.NewReplacer("{number}", strconv.Itoa(d.PageNo()), "{all}", "{pages}").Replace(clean(l.Page)), "", 0, "R", false, 0, "")
	})
	d.AddPage()
	d.letter(l)
	if err := d.Output(w); err != nil {
		return fmt.Errorf("write a letter as PDF: %w", err)
	}
	return nil
}

type doc struct{ *fpdf.Fpdf }

func (d *doc) ink(style string, size float64) { d.SetFont(family, style, size) }

func (d *doc) letter(l Letter) {
	d.ink("B", text)
	d.lines(l.From, 0)
	d.Ln(line)
	d.ink("", text)
	d.lines(l.To, 0)
	d.Ln(line)
	d.facts(l.Facts)
	d.Ln(line)
	d.ink("B", 15)
	d.MultiCell(width, 7.5, clean(l.Title), "", "L", false)
	d.Ln(line / 2)
	for _, b := range l.Blocks {
		d.block(b)
	}
	d.Ln(line)
	d.ink("", text)
	d.lines(l.Closing, 0)
}

func (d *doc) block(b Block) {
	d.ink("", text)
	switch b.Kind {
	case Heading:
		d.Ln(line / 2)
		if d.GetY() > bottom-room {
			d.AddPage()
		}
		d.ink("B", 12)
		d.MultiCell(width, 6.4, clean(b.Text), "", "L", false)
		d.Ln(1)
		return
	case Quote:
		for _, i := range b.Items {
			d.indented(i.Value, 6, "")
		}
	case List:
		for _, i := range b.Items {
			d.indented(i.Value, 6, "–")
		}
	case Facts:
		d.facts(b.Items)
	case Table:
		d.table(b.Grid)
	default:
		words := b.Text
		if b.Law != "" {
			words += " (" + b.Law + ")"
		}
		d.MultiCell(width, line, clean(words), "", "L", false)
	}
	d.Ln(line / 2)
}

func (d *doc) lines(all []string, indent float64) {
	for _, l := range all {
		d.SetX(margin + indent)
		d.MultiCell(width-indent, line, clean(l), "", "L", false)
	}
}

func (d *doc) indented(words string, by float64, mark string) {
	if mark != "" {
		d.SetX(margin)
		d.CellFormat(by, line, mark, "", 0, "L", false, 0, "")
	}
	d.SetLeftMargin(margin + by)
	d.SetX(margin + by)
	d.MultiCell(width-by, line, clean(words), "", "L", false)
	d.SetLeftMargin(margin)
}

// facts puts names above their values, which may be long. A name does not
// stand alone at the foot of a page.
func (d *doc) facts(all []Fact) {
	for _, f := range all {
		if d.GetY() > bottom-2*line {
			d.AddPage()
		}
		if f.Name != "" {
			d.ink("", small)
			d.MultiCell(width, line-1, clean(f.Name), "", "L", false)
		}
		d.ink("", text)
		d.MultiCell(width, line, clean(f.Value), "", "L", false)
		if f.Note != "" {
			d.ink("", small)
			d.MultiCell(width, line-1, clean(f.Note), "", "L", false)
		}
		d.Ln(1)
	}
}

// clean leaves what the letters of the font can print: a sign from outside the
// first 65,536 becomes a question mark, a control sign nothing.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n':
			return c
		case c == '\t':
			return ' '
		case c > 0xffff:
			return '?'
		case unicode.IsControl(c), unicode.In(c, unicode.Cf):
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "?"))
}
