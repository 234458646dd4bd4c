// Package paper lays letters out as PDF: the answer to a request, the notice
// of an audit. What stands in them is already formatted and translated.
//
// Words are shaped (HarfBuzz, ported to Go), run both ways, and are set in fonts
// that come with the program: a name is printed as it is written. The document
// is tagged, so that a screen reader finds its way in it (PDF/UA-1).
package paper

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/go-text/typesetting/language"

	"inzage/views/paper/pdf"
)

// Letter is one document.
type Letter struct {
	Title    string // the heading
	Name     string // of the document, in the list of a reader's windows; "" is the title
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

// Measures in points.
const (
	mm     = 72 / 25.4
	margin = 25 * mm
	width  = 210*mm - 2*margin
	line   = 5.4 * mm
	text   = 10.5
	small  = 8.5
	bottom = 297*mm - margin
	room   = 22 * mm // below a heading, or it goes to the next page
)

// Write writes the letter as PDF on A4.
func Write(w io.Writer, l Letter) error {
	l.Title = strings.Join(strings.Fields(strings.ToValidUTF8(l.Title, "\ufffd")), " ")
	name := strings.Join(strings.Fields(strings.ToValidUTF8(l.Name, "\ufffd")), " ")
	if name == "" {
		name = l.Title
	}
	d := &doc{file: pdf.New(name, l.Lang, l.At, 210*mm, 297*mm), composer: composer{cabinet: newCabinet(), lang: language.NewLanguage(l.Lang)}}
	d.newPage()
	d.letter(l)
	for i, p := range d.file.Pages() {
		d.page, d.y = p, 282*mm
		words := strings.NewReplacer("{number}", strconv.Itoa(i+1), "{all}", strconv.Itoa(len(d.file.Pages()))).Replace(l.Page)
		for _, t := range d.lines(words, ink{size: small}, width)[:1] {
			d.set(nil, t, box{margin, width, line, true}, small)
		}
	}
	if err := d.file.Write(w); err != nil {
		return fmt.Errorf("write a letter as PDF: %w", err)
	}
	return nil
}

// doc is a letter that is being set, from the top of its pages downwards.
type doc struct {
	composer
	file *pdf.Document
	page *pdf.Page
	y    float64
}

func (d *doc) newPage() { d.page, d.y = d.file.AddPage(), margin }

// box is where lines stand: from x on, as wide as width, each as tall as line;
// at the right of it or at the left.
type box struct {
	x, width, line float64
	right          bool
}

// put sets words as content of an element, over as many pages as they need.
func (d *doc) put(e *pdf.Element, words string, with ink, in box) {
	for _, t := range d.lines(words, with, in.width) {
		if d.y+in.line > bottom {
			d.newPage()
		}
		d.set(e, t, in, with.size)
		d.y += in.line
	}
}

// set sets one line where the document is now.
func (d *doc) set(e *pdf.Element, t typed, in box, size float64) {
	if len(t.pieces) == 0 {
		return
	}
	x := in.x
	if in.right {
		x += in.width - t.width
	}
	for i := range t.pieces {
		t.pieces[i].X += x
		t.pieces[i].Y = d.y + in.line/2 + 0.35*size
	}
	d.page.Text(e, t.pieces)
}

func (d *doc) letter(l Letter) {
	root, whole := d.file.Root(), box{x: margin, width: width, line: line}
	for _, words := range l.From {
		d.put(root.Add("P"), words, ink{text, true}, whole)
	}
	d.y += line
	for _, words := range l.To {
		d.put(root.Add("P"), words, ink{size: text}, whole)
	}
	d.y += line
	d.facts(l.Facts)
	d.y += line
	d.put(root.Add("H1"), l.Title, ink{15, true}, box{x: margin, width: width, line: 7.5 * mm})
	d.y += line / 2
	for _, b := range l.Blocks {
		d.block(b)
	}
	d.y += line
	for _, words := range l.Closing {
		d.put(root.Add("P"), words, ink{size: text}, whole)
	}
}

const indent = 6 * mm

func (d *doc) block(b Block) {
	root, inner := d.file.Root(), box{x: margin + indent, width: width - indent, line: line}
	switch b.Kind {
	case Heading:
		d.y += line / 2
		if d.y > bottom-room {
			d.newPage()
		}
		d.put(root.Add("H2"), b.Text, ink{12, true}, box{x: margin, width: width, line: 6.4 * mm})
		d.y += 1 * mm
		return
	case Quote:
		quote := root.Add("BlockQuote")
		for _, i := range b.Items {
			d.quoted(quote.Add("P"), i.Value, inner)
		}
	case List:
		list := root.Add("L")
		for _, i := range b.Items {
			item := list.Add("LI")
			if d.y+line > bottom {
				d.newPage()
			}
			at, on := d.y, d.page
			d.put(item.Add("Lbl"), "–", ink{size: text}, box{x: margin, width: indent, line: line})
			d.y, d.page = at, on
			d.put(item.Add("LBody"), i.Value, ink{size: text}, inner)
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
		d.put(root.Add("P"), words, ink{size: text}, box{x: margin, width: width, line: line})
	}
	d.y += line / 2
}

// quoted sets what a person wrote: from the right where it is read from there.
func (d *doc) quoted(e *pdf.Element, words string, in box) {
	for _, t := range d.lines(words, ink{size: text}, in.width) {
		if d.y+in.line > bottom {
			d.newPage()
		}
		in.right = t.backward
		d.set(e, t, in, text)
		d.y += in.line
	}
}

// facts puts names above their values, which may be long. A name does not
// stand alone at the foot of a page.
func (d *doc) facts(all []Fact) {
	if len(all) == 0 {
		return
	}
	list := d.file.Root().Add("L")
	less := box{x: margin, width: width, line: line - 1*mm}
	for _, f := range all {
		if d.y > bottom-2*line {
			d.newPage()
		}
		item := list.Add("LI")
		if f.Name != "" {
			d.put(item.Add("Lbl"), f.Name, ink{size: small}, less)
		}
		body := item.Add("LBody")
		d.put(body, f.Value, ink{size: text}, box{x: margin, width: width, line: line})
		if f.Note != "" {
			d.put(body, f.Note, ink{size: small}, less)
		}
		d.y += 1 * mm
	}
}
