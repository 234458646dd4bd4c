package paper_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"inzage/views/paper"
)

func letter(words string) paper.Letter {
	return paper.Letter{Title: words, Lang: "nl", From: []string{words}, To: []string{words}, Page: "Bladzijde {number} van {all}", At: time.Date(2026, 11, 17, 0, 0, 0, 0, time.UTC),
		Facts: []paper.Fact{{Name: "Datum", Value: words}}, Closing: []string{words},
		Blocks: []paper.Block{{Text: words, Law: "art. 15 AVG"}, {Kind: paper.Heading, Text: words}, {Kind: paper.Quote, Items: []paper.Fact{{Value: words}}},
			{Kind: paper.List, Items: []paper.Fact{{Value: words}}}, {Kind: paper.Facts, Items: []paper.Fact{{Name: words, Value: words}}}}}
}

func TestWrite(t *testing.T) {
	for name, words := range map[string]string{
		"plain":        "Wij hebben besloten.",
		"empty":        "",
		"other script": "Żółć, Ελλάδα, Москва, ąęß",
		"signs":        "😀 \u202eabc\x00\x1b[31m \ufffe \uffff",
		"not UTF-8":    "a\xff\xfeb",
		"percent":      "100% %d %s %!",
		"long word":    strings.Repeat("w", 5000),
		"many lines":   strings.Repeat("een regel\n", 400),
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := paper.Write(&b, letter(words)); err != nil {
				t.Fatalf("Write: %v", err)
			}
			if !bytes.HasPrefix(b.Bytes(), []byte("%PDF-")) || !bytes.Contains(b.Bytes(), []byte("%%EOF")) {
				t.Errorf("this is no PDF: %.40q", b.Bytes())
			}
		})
	}
}

func TestSameLetterSameBytes(t *testing.T) {
	var a, b bytes.Buffer
	if err := paper.Write(&a, letter("Wij hebben besloten.")); err != nil {
		t.Fatal(err)
	}
	if err := paper.Write(&b, letter("Wij hebben besloten.")); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same letter was written in two ways")
	}
}
