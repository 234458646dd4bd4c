package mail_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"

	"inzage/views/mail"
)

func letter() mail.Letter {
	return mail.Letter{
		Language: "nl", Subject: "Uw verzoek ABCD & meer", Greeting: "Goedendag,",
		Lines: []string{strings.Repeat("één twee drie ", 20), "Namens <b>Bakkerij</b> & Zn."},
		Link:  "https://inzage.example/r/ABCD-EFGH-JKLM/" + strings.Repeat("x", 60), Button: "Bekijk uw verzoek",
		LinkNote: "Werkt de knop niet?", Footer: "In deze mail staan geen persoonsgegevens.",
	}
}

func TestWrite(t *testing.T) {
	l := letter()
	plain, html, err := mail.Write(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		t.Fatal(err)
	}
	if lang, _ := doc.Find("html").Attr("lang"); lang != "nl" {
		t.Errorf("lang = %q, want nl", lang)
	}
	if href, _ := doc.Find("a").Attr("href"); href != l.Link || doc.Find("a").Text() != l.Button {
		t.Errorf("the button %q leads to %q", doc.Find("a").Text(), href)
	}
	if n := doc.Find("b, img, script, link, iframe, form, [src], [background]").Length(); n != 0 {
		t.Errorf("%d elements are markup of others or load something", n)
	}
	for _, want := range []string{"Namens <b>Bakkerij</b> & Zn.", l.Footer, l.LinkNote} {
		if !strings.Contains(doc.Text(), want) {
			t.Errorf("HTML does not say %q", want)
		}
	}
	for _, want := range []string{l.Greeting, "Namens <b>Bakkerij</b> & Zn.", l.Button + ":\n" + l.Link, "\n-- \n" + l.Footer} {
		if !strings.Contains(plain, want) {
			t.Errorf("the plain text does not say %q:\n%s", want, plain)
		}
	}
	for line := range strings.SplitSeq(plain, "\n") {
		if utf8.RuneCountInString(line) > 72 && line != l.Link {
			t.Errorf("a line of %d characters: %s", utf8.RuneCountInString(line), line)
		}
	}
}

func TestCodeStandsAlone(t *testing.T) {
	l := letter()
	l.Code, l.Link, l.Lines = "493027", "", []string{"Dit is uw code.", "Geef hem aan niemand."}
	plain, html, err := mail.Write(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(plain, "Dit is uw code.\n\n    493027\n\nGeef hem aan niemand.") {
		t.Errorf("the code does not stand alone:\n%s", plain)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		t.Fatal(err)
	}
	if doc.Find("a").Length() != 0 || doc.Find("p").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.Text() == "493027" }).Length() != 1 {
		t.Errorf("want the code in a paragraph of its own and no button:\n%s", html)
	}
	if len(l.Lines) != 2 || l.Lines[0] != "Dit is uw code." {
		t.Error("Write changed the caller's letter")
	}
}
