// Package pdf writes tagged PDF 1.7 (PDF/UA-1): pages of shaped text, the
// structure that a screen reader goes by, and of each font what is used. It
// lays nothing out.
package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Document is being written. Its measures are points from the top left corner.
type Document struct {
	Title, Lang   string
	At            time.Time
	Width, Height float64

	root  *Element
	pages []*Page
	faces []*face
}

// Page is one page of a document.
type Page struct {
	d     *Document
	ink   bytes.Buffer
	marks []*Element // by the number of the marked content
}

// Element is one of the structure: what its content is.
type Element struct {
	tag, attributes string
	parent          *Element
	kids            []kid
	number          int
}

type kid struct {
	element *Element // or
	page    *Page
	mark    int
}

// New begins a document with the structure element Document.
func New(title, lang string, at time.Time, width, height float64) *Document {
	return &Document{Title: title, Lang: lang, At: at.UTC(), Width: width, Height: height, root: &Element{tag: "Document"}}
}

// Root is the element of the whole document.
func (d *Document) Root() *Element { return d.root }

// Add makes a part of an element: "P", "H1", "Table", "TH"…
func (e *Element) Add(tag string) *Element {
	in := &Element{tag: tag, parent: e}
	if tag == "TH" {
		in.attributes = " /A << /O /Table /Scope /Column >>"
	}
	e.kids = append(e.kids, kid{element: in})
	return in
}

// AddPage adds a page at the end.
func (d *Document) AddPage() *Page {
	p := &Page{d: d}
	d.pages = append(d.pages, p)
	return p
}

// Pages are those made so far.
func (d *Document) Pages() []*Page { return d.pages }

// Piece is glyphs from one font that stand side by side, and the words that
// they are. Plain ones have one glyph for each Text; of others the words are
// written beside them, for whoever reads the document aloud or searches it.
type Piece struct {
	Font  *Source
	Size  float64
	X, Y  float64 // of the first glyph on the base line
	Words string
	Plain bool
	// Backward is what runs from right to left: its glyphs still stand from left
	// to right, its words in the order of reading.
	Backward bool
	Bold     bool // thicken the strokes, where the font has no bold of its own
	Glyphs   []Glyph
}

// Glyph is one picture. Its measures are thousandths of the size.
type Glyph struct {
	ID            int
	Text          string
	Advance, X, Y float64
}

// Text sets pieces as content of an element; nil is decoration that is not read,
// such as the number of a page. A piece that is not plain becomes a Span with
// its words.
func (p *Page) Text(e *Element, pieces []Piece) {
	for len(pieces) > 0 {
		n, in, beside := 1, e, ""
		if pieces[0].Plain || e == nil {
			for n < len(pieces) && (pieces[n].Plain || e == nil) {
				n++
			}
		} else {
			in = e.Add("Span")
			in.attributes = " /ActualText " + words(pieces[0].Words)
			// Readers that go by the page and not by the structure turn around
			// themselves what runs from the right, and would do it twice.
			if !pieces[0].Backward {
				beside = in.attributes
			}
		}
		p.begin(in, beside)
		p.ink.WriteString("BT\n")
		for _, one := range pieces[:n] {
			p.piece(one)
		}
		p.ink.WriteString("ET\nEMC\n")
		pieces = pieces[n:]
	}
}

// Line draws a thin line, which is decoration.
func (p *Page) Line(x1, x2, y float64) {
	fmt.Fprintf(&p.ink, "/Artifact << /Type /Layout >> BDC\n0.3 w %.2f %.2f m %.2f %.2f l S\nEMC\n", x1, p.d.Height-y, x2, p.d.Height-y)
}

func (p *Page) begin(e *Element, beside string) {
	if e == nil {
		p.ink.WriteString("/Artifact << /Type /Pagination >> BDC\n")
		return
	}
	fmt.Fprintf(&p.ink, "/%s << /MCID %d%s >> BDC\n", e.tag, len(p.marks), beside)
	e.kids = append(e.kids, kid{page: p, mark: len(p.marks)})
	p.marks = append(p.marks, e)
}

func (p *Page) piece(one Piece) {
	f := p.d.face(one.Font)
	if one.Bold {
		fmt.Fprintf(&p.ink, "2 Tr %.3f w\n", one.Size/30)
	}
	fmt.Fprintf(&p.ink, "/%s %.2f Tf 1 0 0 1 %.2f %.2f Tm [", f.name, one.Size, one.X, p.d.Height-one.Y)
	rise := 0.0
	for _, g := range one.Glyphs {
		if g.Y != rise {
			fmt.Fprintf(&p.ink, "] TJ %.3f Ts [", g.Y*one.Size/1000)
			rise = g.Y
		}
		if g.X != 0 {
			fmt.Fprintf(&p.ink, "%.2f ", -g.X)
		}
		fmt.Fprintf(&p.ink, "<%04X>", f.code(used{g.ID, g.Text}))
		if back := one.Font.width(g.ID) + g.X - g.Advance; back > 0.01 || back < -0.01 {
			fmt.Fprintf(&p.ink, "%.2f ", back)
		}
	}
	p.ink.WriteString("] TJ\n")
	if rise != 0 {
		p.ink.WriteString("0 Ts\n")
	}
	if one.Bold {
		p.ink.WriteString("0 Tr\n")
	}
}

func (d *Document) face(s *Source) *face {
	if i := slices.IndexFunc(d.faces, func(f *face) bool { return f.source == s }); i >= 0 {
		return d.faces[i]
	}
	f := &face{source: s, name: "F" + strconv.Itoa(len(d.faces)), codes: map[used]int{}, all: []used{{}}}
	d.faces = append(d.faces, f)
	return f
}

// objects are the numbered parts of a file.
type objects struct{ all [][]byte }

func (o *objects) reserve() int { o.all = append(o.all, nil); return len(o.all) }

func (o *objects) add(body string) int { n := o.reserve(); o.set(n, body); return n }

func (o *objects) set(n int, body string) { o.all[n-1] = []byte(body) }

func (o *objects) stream(extra string, data []byte) int {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write(data) // into memory
	_ = z.Close()
	n := o.reserve()
	o.all[n-1] = slices.Concat(fmt.Appendf(nil, "<< %s /Filter /FlateDecode /Length %d >>\nstream\n", extra, b.Len()), b.Bytes(), []byte("\nendstream"))
	return n
}

// Write writes the document.
func (d *Document) Write(w io.Writer) error {
	o := &objects{}
	catalog, pages := o.reserve(), o.reserve()
	numbers := make([]int, len(d.pages))
	for i := range d.pages {
		numbers[i] = o.reserve()
	}
	var fonts strings.Builder
	for _, f := range d.faces {
		fmt.Fprintf(&fonts, "/%s %d 0 R ", f.name, f.write(o))
	}
	var kids strings.Builder
	for i, p := range d.pages {
		o.set(numbers[i], fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Resources << /Font << %s>> >> /Contents %d 0 R /StructParents %d /Tabs /S >>",
			pages, d.Width, d.Height, fonts.String(), o.stream("", p.ink.Bytes()), i))
		fmt.Fprintf(&kids, "%d 0 R ", numbers[i])
	}
	o.set(pages, fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(d.pages), kids.String()))
	o.set(catalog, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Lang %s /MarkInfo << /Marked true >> /ViewerPreferences << /DisplayDocTitle true >> /Metadata %d 0 R /StructTreeRoot %d 0 R >>",
		pages, words(d.Lang), d.metadata(o), d.structure(o, numbers)))
	stamp := d.At.Format("D:20060102150405Z")
	info := o.add(fmt.Sprintf("<< /Title %s /Producer (Inzage) /CreationDate (%s) /ModDate (%s) >>", words(d.Title), stamp, stamp))
	return o.write(w, catalog, info)
}

// structure writes the tree of elements, and for each page which of them each
// piece of its content belongs to.
func (d *Document) structure(o *objects, pages []int) int {
	root := o.reserve()
	d.root.reserve(o)
	at := map[*Page]int{}
	for i, p := range d.pages {
		at[p] = pages[i]
	}
	d.root.write(o, root, at)
	var parents strings.Builder
	for i, p := range d.pages {
		fmt.Fprintf(&parents, "%d [", i)
		for _, e := range p.marks {
			fmt.Fprintf(&parents, "%d 0 R ", e.number)
		}
		parents.WriteString("] ")
	}
	tree := o.add("<< /Nums [" + parents.String() + "] >>")
	o.set(root, fmt.Sprintf("<< /Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d >>", d.root.number, tree, len(d.pages)))
	return root
}

func (e *Element) reserve(o *objects) {
	e.number = o.reserve()
	for _, k := range e.kids {
		if k.element != nil {
			k.element.reserve(o)
		}
	}
}

func (e *Element) write(o *objects, parent int, pages map[*Page]int) {
	var kids strings.Builder
	for _, k := range e.kids {
		if k.element != nil {
			fmt.Fprintf(&kids, "%d 0 R ", k.element.number)
			k.element.write(o, e.number, pages)
			continue
		}
		fmt.Fprintf(&kids, "<< /Type /MCR /Pg %d 0 R /MCID %d >> ", pages[k.page], k.mark)
	}
	o.set(e.number, fmt.Sprintf("<< /Type /StructElem /S /%s /P %d 0 R%s /K [%s] >>", e.tag, parent, e.attributes, kids.String()))
}

// metadata says what the document is, and that it keeps to PDF/UA-1.
func (d *Document) metadata(o *objects) int {
	var title, lang strings.Builder
	_ = xml.EscapeText(&title, []byte(d.Title)) // into memory
	_ = xml.EscapeText(&lang, []byte(d.Lang))
	body := "<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">" +
		"<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\"" +
		" xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\"><pdfuaid:part>1</pdfuaid:part>" +
		"<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">" + title.String() + "</rdf:li></rdf:Alt></dc:title><dc:language><rdf:Bag><rdf:li>" + lang.String() +
		"</rdf:li></rdf:Bag></dc:language><xmp:CreateDate>" + d.At.Format(time.RFC3339) + "</xmp:CreateDate><xmp:ModifyDate>" + d.At.Format(time.RFC3339) +
		"</xmp:ModifyDate><pdf:Producer>Inzage</pdf:Producer></rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>"
	return o.add(fmt.Sprintf("<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream", len(body), body))
}

func words(s string) string { return "<FEFF" + hex16(s) + ">" }

func (o *objects) write(w io.Writer, catalog, info int) error {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(o.all))
	for i, body := range o.all {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	sum, at := sha256.Sum256(b.Bytes()), b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(o.all)+1)
	for _, n := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%x> <%x>] >>\nstartxref\n%d\n%%%%EOF\n", len(o.all)+1, catalog, info, sum[:16], sum[:16], at)
	_, err := w.Write(b.Bytes())
	return err
}
