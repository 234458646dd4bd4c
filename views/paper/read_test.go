package paper_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"inzage/views/paper"
)

// Names as people write them, in the scripts that the fonts of the program have.
var names = map[string]string{
	"Latin": "Łucja Štěpánková-Ñuñez", "Greek": "Αλέξανδρος Παπαδόπουλος", "Cyrillic": "Олександр Їжакевич", "Arabic": "محمد بن عبد الله الأنصاري",
	"Hebrew": "דוד בן־גוריון", "Devanagari": "श्रीमती लक्ष्मी क्षत्रिय", "Chinese": "王小明 龍龜 张伟", "Japanese": "さくら カタカナ",
	"Bengali": "শ্রী রবীন্দ্রনাথ", "Tamil": "தமிழ் செல்வி", "Thai": "สมชาย น้ำใส", "Emoji": "👋 😀",
}

// read writes a letter and gives what poppler, another maker's reader, says of it.
func read(t *testing.T, l paper.Letter, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%s (poppler-utils) is needed, .ci/setup installs it: %v", program, err)
	}
	at := filepath.Join(t.TempDir(), "letter.pdf")
	var b bytes.Buffer
	if err := paper.Write(&b, l); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if a == "FILE" {
			args[i] = at
		}
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	if bytes.Contains(out, []byte("Syntax Error")) {
		t.Errorf("%s: %s", program, out)
	}
	return string(out)
}

var (
	span  = regexp.MustCompile(`Span \(inline\)\s*"[^"]*"`)
	words = regexp.MustCompile(`/S /Span [^>]*/ActualText <FEFF([0-9A-F]*)>`)
	piece = regexp.MustCompile(`"\s*"`)
)

// aloud is the structure as a screen reader speaks it: where an element says
// its words, those, which poppler leaves out.
func aloud(t *testing.T, l paper.Letter) string {
	t.Helper()
	var b bytes.Buffer
	if err := paper.Write(&b, l); err != nil {
		t.Fatal(err)
	}
	said := words.FindAllSubmatch(b.Bytes(), -1)
	whole := span.ReplaceAllStringFunc(read(t, l, "pdfinfo", "-struct-text", "FILE"), func(string) string {
		if len(said) == 0 {
			t.Fatal("more spans than words")
		}
		raw, err := hex.DecodeString(string(said[0][1]))
		if err != nil {
			t.Fatal(err)
		}
		said = said[1:]
		var units []uint16
		for i := 0; i < len(raw); i += 2 {
			units = append(units, binary.BigEndian.Uint16(raw[i:]))
		}
		return `"` + string(utf16.Decode(units)) + `"`
	})
	if len(said) > 0 {
		t.Errorf("%d words of no span", len(said))
	}
	whole = piece.ReplaceAllString(whole, "")
	return strings.ReplaceAll(regexp.MustCompile(`\)\s*"`).ReplaceAllString(whole, ")"), `"`, "")
}

// A name in any of these scripts can be read back from the letter as it was
// written, in the order of reading, alone and in the midst of a Dutch sentence.
func TestNamesAreReadBack(t *testing.T) {
	for script, name := range names {
		t.Run(script, func(t *testing.T) {
			in := "Geachte " + name + " (nr. 12), wij schrijven u."
			l := paper.Letter{Title: "Antwoord aan " + name, Lang: "nl", To: []string{name}, Blocks: []paper.Block{{Text: in}, {Kind: paper.Quote, Items: []paper.Fact{{Value: name + ", 42"}}}}}
			aloud := aloud(t, l)
			for _, want := range []string{"P (block)" + name, in, name + ", 42"} {
				if !strings.Contains(aloud, want) {
					t.Errorf("no %s in:\n%s", want, aloud)
				}
			}
			if title := read(t, l, "pdfinfo", "FILE"); !strings.Contains(title, "Antwoord aan "+name) {
				t.Errorf("the title is not there:\n%s", title)
			}
			found := read(t, l, "pdftotext", "FILE", "-")
			for _, part := range strings.Fields(name) {
				if !strings.Contains(found, part) && part != "الأنصاري" { // poppler turns the letters of a ligature around
					t.Errorf("no %s in the text:\n%s", part, found)
				}
			}
		})
	}
}

// Every font is embedded, as the part that is used, and can be read back.
func TestFontsAreEmbeddedInPart(t *testing.T) {
	var all []string
	for _, n := range names {
		all = append(all, n)
	}
	l := paper.Letter{Title: "T", Lang: "nl", From: all, To: all}
	lines := strings.Split(strings.TrimSpace(read(t, l, "pdffonts", "FILE")), "\n")[2:]
	if len(lines) < 9 {
		t.Errorf("%d fonts for all scripts", len(lines))
	}
	for _, line := range lines {
		if !regexp.MustCompile(`^[A-Z]{6}\+.*CID TrueType +Identity-H +yes yes yes`).MatchString(line) {
			t.Errorf("font: %s", line)
		}
	}
	var b bytes.Buffer
	if err := paper.Write(&b, l); err != nil || b.Len() > 150_000 {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
}

// The structure says what is a heading, a list and the head of a table, and
// leaves out what is decoration: the number of the page, a head said again.
func TestALetterIsTagged(t *testing.T) {
	grid := paper.Grid{Columns: []paper.Column{{Label: "Kostenregel", Share: 3}, {Label: "Bedrag", Share: 1, Amount: true}}, Rows: slicesOf([]string{"Uren", "€ 12,00"}, 120)}
	l := paper.Letter{Title: "Kennisgeving", Lang: "nl", From: []string{"Afzender"}, To: []string{"Ontvanger"}, Page: "Bladzijde {number} van {all}", At: time.Date(2026, 11, 17, 0, 0, 0, 0, time.UTC),
		Facts: []paper.Fact{{Name: "Datum", Value: "17 november"}}, Closing: []string{"Groet"},
		Blocks: []paper.Block{{Kind: paper.Heading, Text: "Kosten"}, {Text: "Gewone woorden", Law: "art. 15 AVG"}, {Kind: paper.Quote, Items: []paper.Fact{{Value: "Aangehaald"}}},
			{Kind: paper.List, Items: []paper.Fact{{Value: "Eerste"}}}, {Kind: paper.Table, Grid: grid}}}
	about := read(t, l, "pdfinfo", "FILE")
	for _, want := range []string{"Title:           Kennisgeving", "Tagged:          yes", "PDF version:     1.7", "Pages:           4"} {
		if !strings.Contains(about, want) {
			t.Errorf("no %q in:\n%s", want, about)
		}
	}
	tree := read(t, l, "pdfinfo", "-struct-text", "FILE")
	flat := strings.Join(strings.Fields(tree), " ")
	for _, want := range []string{`H1 (block) "Kennisgeving"`, `H2 (block) "Kosten"`, `P (block) "Gewone woorden (art. 15 AVG)"`, `BlockQuote P (block) "Aangehaald"`,
		`L (block) LI (block) Lbl (block) "–" LBody (block) "Eerste"`, `L (block) LI (block) Lbl (block) "Datum" LBody (block) "17 november"`,
		`Table (block) TR TH /Scope /Column "Kostenregel" TH /Scope /Column "Bedrag" TR TD "Uren" TD "€ 12,00"`} {
		if !strings.Contains(strings.ReplaceAll(flat, ":", ""), want) {
			t.Errorf("no %s in:\n%.1500s", want, flat)
		}
	}
	if n := strings.Count(tree, "Kostenregel"); n != 1 || strings.Contains(tree, "Bladzijde") {
		t.Errorf("the head is read %d times, the number of the page too: %v", n, strings.Contains(tree, "Bladzijde"))
	}
	if text := read(t, l, "pdftotext", "FILE", "-"); !strings.Contains(text, "Bladzijde 4 van 4") || strings.Count(text, "Kostenregel") < 3 {
		t.Errorf("the page does not show its number, or the head of the table:\n%.300s", text)
	}
	var b bytes.Buffer
	if err := paper.Write(&b, l); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<pdfuaid:part>1</pdfuaid:part>", "/Lang <FEFF006E006C>", "/MarkInfo << /Marked true >>", "/DisplayDocTitle true",
		`<rdf:li xml:lang="x-default">Kennisgeving</rdf:li>`, "/StructTreeRoot", "/ParentTree", "/Tabs /S"} {
		if !bytes.Contains(b.Bytes(), []byte(want)) {
			t.Errorf("no %s in the document", want)
		}
	}
}

// What no font has is seen, as its code point; what has no picture is not.
func TestWhatNoFontHasIsSeen(t *testing.T) {
	l := paper.Letter{Title: "T", Lang: "nl", To: []string{"Teken \U00012000, \ue000 en \ufffe; \u202eniet\u202c \u2066omgekeerd\u2069 a\u00adb", "\ufe0f\u200d"}}
	if got := read(t, l, "pdftotext", "-raw", "FILE", "-"); !strings.Contains(got, "Teken [U+12000], [U+E000] en [U+FFFE]; niet omgekeerd ab") {
		t.Errorf("read: %q", got)
	}
}

// A number amid words from the right stands where they go on: left of them.
func TestNumbersAmidWordsFromTheRight(t *testing.T) {
	l := paper.Letter{Title: "T", Lang: "nl", To: []string{"Aan هنا (12) en verder"}}
	at := map[string]float64{}
	for _, m := range regexp.MustCompile(`xMin="([0-9.]+)"[^>]*>([^<]*)<`).FindAllStringSubmatch(read(t, l, "pdftotext", "-bbox", "FILE", "-"), -1) {
		at[m[2]], _ = strconv.ParseFloat(m[1], 64)
	}
	number, word := at["12"], at["انه"] // as it stands on the page, from the left
	if number == 0 || word == 0 || number >= word {
		t.Errorf("the number stands at %f, the word at %f of %v", number, word, at)
	}
}

func BenchmarkWrite(b *testing.B) {
	l := letter(strings.Repeat("Wij hebben uw verzoek ontvangen en hebben daarover besloten. ", 60))
	pages := 0
	for b.Loop() {
		var out bytes.Buffer
		if err := paper.Write(&out, l); err != nil {
			b.Fatal(err)
		}
		pages += bytes.Count(out.Bytes(), []byte("/Type /Page /"))
	}
	b.ReportMetric(float64(pages)/b.Elapsed().Seconds(), "pages/s")
}
