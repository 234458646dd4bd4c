package paper

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"slices"
	"sync"
	"unicode"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"

	"inzage/views/paper/pdf"
)

// The fonts come with the program, packed; one is unpacked when a letter first
// needs it. Of most scripts there is one weight, whose strokes are thickened.
//
//go:embed fonts/*.ttf.gz
var files embed.FS

const (
	plainFont = "DejaVuSansCondensed"
	boldFont  = "DejaVuSansCondensed-Bold"
	widest    = "DroidSansFallbackFull" // Chinese, Japanese, Korean, and much besides
	pictures  = "NotoEmoji"
)

// own are the fonts of the scripts that the plain one does not write, or not well.
var own = map[language.Script]string{
	language.Arabic: "NotoSansArabic", language.Hebrew: "NotoSansHebrew", language.Devanagari: "NotoSansDevanagari", language.Bengali: "NotoSansBengali",
	language.Gurmukhi: "NotoSansGurmukhi", language.Gujarati: "NotoSansGujarati", language.Tamil: "NotoSansTamil", language.Telugu: "NotoSansTelugu",
	language.Kannada: "NotoSansKannada", language.Malayalam: "NotoSansMalayalam", language.Sinhala: "NotoSansSinhala", language.Thai: "NotoSansThai",
	language.Lao: "NotoSansLao", language.Khmer: "NotoSansKhmer", language.Myanmar: "NotoSansMyanmar", language.Ethiopic: "NotoSansEthiopic",
	language.Han: widest, language.Hiragana: widest, language.Katakana: widest, language.Hangul: widest, language.Bopomofo: widest,
}

// typeface is an unpacked font: to shape with, and to embed. Letters share it.
type typeface struct {
	shapes *font.Font
	source *pdf.Source
}

var unpacked sync.Map // name → func() *typeface

func typefaceOf(name string) *typeface {
	load, _ := unpacked.LoadOrStore(name, sync.OnceValue(func() *typeface {
		t, err := unpack(name)
		if err != nil {
			panic("a font of the program: " + name + ": " + err.Error()) // TestEveryFontOpens
		}
		return t
	}))
	return load.(func() *typeface)()
}

func unpack(name string) (*typeface, error) {
	packed, err := files.ReadFile("fonts/" + name + ".ttf.gz")
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	source, err := pdf.Parse(name, raw)
	if err != nil {
		return nil, err
	}
	face, err := font.ParseTTF(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return &typeface{face.Font, source}, nil
}

// cabinet is the fonts of one letter, which is set by one goroutine.
type cabinet struct {
	bold    bool
	script  language.Script
	faces   map[string]*font.Face
	sources map[*font.Face]*pdf.Source
}

func newCabinet() *cabinet {
	return &cabinet{faces: map[string]*font.Face{}, sources: map[*font.Face]*pdf.Source{}}
}

func (c *cabinet) face(name string) *font.Face {
	f := c.faces[name]
	if f == nil {
		t := typefaceOf(name)
		f = font.NewFace(t.shapes)
		c.faces[name], c.sources[f] = f, t.source
	}
	return f
}

// SetScript says which script the runes that are asked for next stand in.
func (c *cabinet) SetScript(s language.Script) { c.script = s }

// ResolveFace gives the font of a rune; the shaper asks for it.
func (c *cabinet) ResolveFace(r rune) *font.Face {
	if f := c.find(r); f != nil {
		return f
	}
	return c.face(plainFont)
}

// find looks for a font that has the rune: that of the script around it, the
// plain one, that of its own script, then those with much in them.
func (c *cabinet) find(r rune) *font.Face {
	base := plainFont
	if c.bold {
		base = boldFont
	}
	for _, name := range []string{own[c.script], base, own[language.LookupScript(r)], pictures, widest} {
		if name == "" {
			continue
		}
		if f := c.face(name); has(f, r) {
			return f
		}
	}
	return nil
}

func has(f *font.Face, r rune) bool {
	g, ok := f.NominalGlyph(r)
	return ok && g != 0
}

// thick tells whether the strokes of a font have to be thickened to be bold.
func (c *cabinet) thick(f *font.Face) bool { return c.bold && f != c.faces[boldFont] }

// joiners have no picture: they say how the signs beside them are joined.
func joiner(r rune) bool {
	return r == '\u200c' || r == '\u200d' || unicode.Is(unicode.Variation_Selector, r)
}

// clean leaves what can be printed. A sign that no font has is written as its
// code point, so that nobody reads over it; control signs go.
func (c *cabinet) clean(s string) []rune {
	var out []rune
	c.script = 0
	for _, r := range s {
		switch {
		case r == '\u2028', r == '\u2029', r == '\r', r == '\v', r == '\f', r == '\u0085':
			r = '\n'
		case r == '\t':
			r = ' '
		case joiner(r):
			if len(out) == 0 || out[len(out)-1] == '\n' {
				continue
			}
		case r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf)):
			continue
		}
		if r != '\n' && !joiner(r) && c.find(r) == nil {
			out = append(out, []rune(codePoint(r))...)
			continue
		}
		out = append(out, r)
	}
	return out
}

// paragraphs are the lines that somebody ended.
func (c *cabinet) paragraphs(s string) [][]rune {
	var all [][]rune
	rest := c.clean(s)
	for {
		at := slices.Index(rest, '\n')
		if at < 0 {
			return append(all, rest)
		}
		all, rest = append(all, rest[:at]), rest[at+1:]
	}
}
