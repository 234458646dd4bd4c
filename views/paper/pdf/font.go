package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
)

// Source is a TrueType font that can be embedded. It may be shared.
type Source struct {
	name                string
	tables              map[string][]byte
	upem, long, glyphs  int // units of an em, entries of hmtx with a width, glyphs
	ascent, descent     int
	longLoca            bool
	box                 [4]int16
	loca, glyf, metrics []byte
}

var errFont = errors.New("this is no TrueType font")

// Parse reads the tables of a TrueType font.
func Parse(name string, raw []byte) (s *Source, err error) {
	defer func() {
		if recover() != nil { // an offset outside the file
			s, err = nil, errFont
		}
	}()
	s = &Source{name: name, tables: map[string][]byte{}}
	for i := range int(be16(raw, 4)) {
		entry := raw[12+16*i:]
		at, size := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		s.tables[string(entry[:4])] = raw[at : at+size]
	}
	head, hhea := s.tables["head"], s.tables["hhea"]
	s.loca, s.glyf, s.metrics = s.tables["loca"], s.tables["glyf"], s.tables["hmtx"]
	if s.loca == nil || s.glyf == nil {
		return nil, errFont
	}
	s.upem, s.longLoca = int(be16(head, 18)), be16(head, 50) == 1
	for i := range s.box {
		s.box[i] = int16(be16(head, 36+2*i))
	}
	s.ascent, s.descent = int(int16(be16(hhea, 4))), int(int16(be16(hhea, 6)))
	s.long, s.glyphs = int(be16(hhea, 34)), int(be16(s.tables["maxp"], 4))
	return s, nil
}

func be16(b []byte, at int) uint16 { return binary.BigEndian.Uint16(b[at:]) }

// outline is a glyph as it stands in the font; none for a space.
func (s *Source) outline(glyph int) []byte {
	if glyph >= s.glyphs {
		return nil
	}
	if s.longLoca {
		return s.glyf[binary.BigEndian.Uint32(s.loca[4*glyph:]):binary.BigEndian.Uint32(s.loca[4*glyph+4:])]
	}
	return s.glyf[2*int(be16(s.loca, 2*glyph)) : 2*int(be16(s.loca, 2*glyph+2))]
}

// metric is the width and the left bearing of a glyph, in its own units.
func (s *Source) metric(glyph int) (width, bearing uint16) {
	if glyph < s.long {
		return be16(s.metrics, 4*glyph), be16(s.metrics, 4*glyph+2)
	}
	return be16(s.metrics, 4*s.long-4), be16(s.metrics, 4*s.long+2*(glyph-s.long))
}

// width is that of a glyph in thousandths of an em.
func (s *Source) width(glyph int) float64 {
	w, _ := s.metric(min(glyph, s.glyphs-1))
	return float64(w) * 1000 / float64(s.upem)
}

// used is a glyph for the words that it stands for: the same picture for other
// words is another one, so that each can be read back.
type used struct {
	glyph int
	words string
}

// face is a font as far as one document uses it: what stands at n is shown by
// code n, and is glyph n of the embedded part. The first is "no such glyph".
type face struct {
	source *Source
	name   string // of the resource
	codes  map[used]int
	all    []used
}

func (f *face) code(u used) int {
	n, ok := f.codes[u]
	if !ok {
		n = len(f.all)
		f.codes[u], f.all = n, append(f.all, u)
	}
	return n
}

// subset makes a font of the glyphs that are used, with the parts of those that
// are put together at the end.
func (f *face) subset() []byte {
	var glyphs []int
	for _, u := range f.all {
		glyphs = append(glyphs, u.glyph)
	}
	at := map[int]int{}
	var glyf, loca, hmtx []byte
	for i := 0; i < len(glyphs); i++ { // grows on the way
		outline := bytes.Clone(f.source.outline(glyphs[i]))
		if len(outline) > 10 && int16(be16(outline, 0)) < 0 {
			eachPart(outline, func(part []byte) {
				old := int(be16(part, 2))
				if _, ok := at[old]; !ok {
					at[old] = len(glyphs)
					glyphs = append(glyphs, old)
				}
				binary.BigEndian.PutUint16(part[2:], uint16(at[old]))
			})
		}
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		width, bearing := f.source.metric(min(glyphs[i], f.source.glyphs-1))
		hmtx = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(hmtx, width), bearing)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head, hhea, maxp := bytes.Clone(f.source.tables["head"]), bytes.Clone(f.source.tables["hhea"]), bytes.Clone(f.source.tables["maxp"])
	binary.BigEndian.PutUint32(head[8:], 0)  // the sum, which nobody needs in a PDF
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(glyphs)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(glyphs)))
	return assemble([]table{{"cvt ", f.source.tables["cvt "]}, {"fpgm", f.source.tables["fpgm"]}, {"glyf", glyf}, {"head", head},
		{"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}, {"prep", f.source.tables["prep"]}})
}

// eachPart calls do for each component of a composite glyph.
func eachPart(outline []byte, do func(part []byte)) {
	const words, scale, more, xy, four = 1, 8, 0x20, 0x40, 0x80
	for rest := outline[10:]; ; {
		flags := be16(rest, 0)
		do(rest)
		size := 6
		if flags&words != 0 {
			size = 8
		}
		switch {
		case flags&scale != 0:
			size += 2
		case flags&xy != 0:
			size += 4
		case flags&four != 0:
			size += 8
		}
		if flags&more == 0 {
			return
		}
		rest = rest[size:]
	}
}

type table struct {
	tag  string
	data []byte
}

func assemble(all []table) []byte {
	var kept []table
	for _, t := range all {
		if len(t.data) > 0 {
			kept = append(kept, t)
		}
	}
	power, log := 1, 0
	for power*2 <= len(kept) {
		power, log = power*2, log+1
	}
	out := []byte{0, 1, 0, 0}
	for _, n := range []int{len(kept), power * 16, log, (len(kept) - power) * 16} {
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	}
	var body []byte
	for _, t := range kept {
		sum, padded := uint32(0), append(bytes.Clone(t.data), make([]byte, (4-len(t.data)%4)%4)...)
		for i := 0; i < len(padded); i += 4 {
			sum += binary.BigEndian.Uint32(padded[i:])
		}
		out = append(out, t.tag...)
		for _, n := range []uint32{sum, uint32(12 + 16*len(kept) + len(body)), uint32(len(t.data))} {
			out = binary.BigEndian.AppendUint32(out, n)
		}
		body = append(body, padded...)
	}
	return append(out, body...)
}

// write embeds the font, and answers with the number of its dictionary.
func (f *face) write(o *objects) int {
	subset, u := f.subset(), float64(f.source.upem)/1000
	sum := sha256.Sum256(subset)
	var tag strings.Builder
	for _, b := range sum[:6] {
		tag.WriteByte('A' + b%26)
	}
	name, s := tag.String()+"+"+f.source.name, f.source
	file := o.stream(fmt.Sprintf("/Length1 %d", len(subset)), subset)
	descriptor := o.add(fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%.0f %.0f %.0f %.0f] /ItalicAngle 0 /Ascent %.0f /Descent %.0f"+
		" /CapHeight %.0f /StemV 80 /FontFile2 %d 0 R >>", name, float64(s.box[0])/u, float64(s.box[1])/u, float64(s.box[2])/u, float64(s.box[3])/u,
		float64(s.ascent)/u, float64(s.descent)/u, float64(s.ascent)/u, file))
	var widths strings.Builder
	for _, one := range f.all {
		fmt.Fprintf(&widths, "%.2f ", s.width(one.glyph))
	}
	inner := o.add(fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"+
		" /FontDescriptor %d 0 R /CIDToGIDMap /Identity /DW 0 /W [0 [%s]] >>", name, descriptor, widths.String()))
	return o.add(fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>",
		name, inner, o.stream("", f.readBack())))
}

// readBack is the ToUnicode map: the words of each code.
func (f *face) readBack() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def /CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange\n")
	for at := 1; at < len(f.all); at += 100 {
		part := f.all[at:min(at+100, len(f.all))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for i, u := range part {
			fmt.Fprintf(&b, "<%04X> <%s>\n", at+i, hex16(u.words))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap CMapName currentdict /CMap defineresource pop end end\n")
	return b.Bytes()
}

// hex16 writes words in UTF-16, as a PDF does between "<" and ">".
func hex16(words string) string {
	var b strings.Builder
	for _, c := range utf16.Encode([]rune(words)) {
		fmt.Fprintf(&b, "%04X", c)
	}
	return b.String()
}
