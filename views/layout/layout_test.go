package layout_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"inzage/views/language"
	"inzage/views/layout"
	"inzage/views/ui"
)

func page(t *testing.T, tag string) ui.Page {
	t.Helper()
	languages, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := languages.Printer(tag, nil)
	return ui.Page{Lang: tag, T: p.T, Title: "A page", Path: "/r/1", Zone: "Europe/Amsterdam", Nonce: "n0nce", CSRF: "token"}
}

func render(t *testing.T, c templ.Component) (*goquery.Document, string) {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return doc, b.String()
}

// Nobody learns from the page whether something exists.
func TestForbiddenLooksLikeNotFound(t *testing.T) {
	for _, tag := range []string{"en", "nl"} {
		_, absent := render(t, layout.Problem(page(t, tag), layout.Trouble{Status: 404}))
		_, foreign := render(t, layout.Problem(page(t, tag), layout.Trouble{Status: 403, Text: "You may not do this."}))
		if absent != foreign {
			t.Errorf("%s: the pages differ:\n%s\n%s", tag, absent, foreign)
		}
	}
}

func TestProblem(t *testing.T) {
	cases := []struct {
		name    string
		trouble layout.Trouble
		title   string
		says    string
	}{
		{"sign in", layout.Trouble{Status: 401}, "Log eerst in", "komt u hier terug"},
		{"not found", layout.Trouble{Status: 404}, "Deze pagina is niet gevonden", "startpagina"},
		{"changed meanwhile", layout.Trouble{Status: 409, Text: "Dit verzoek is al gesloten."}, "Er is intussen iets veranderd", "Dit verzoek is al gesloten."},
		{"ended", layout.Trouble{Status: 410}, "Deze link is verlopen", "nieuwe vragen"},
		{"throttled", layout.Trouble{Status: 429, Retry: "15 minuten"}, "Te veel pogingen, wacht even", "over 15 minuten"},
		{"our fault", layout.Trouble{Status: 500, Number: "R-7F3K"}, "Er ging bij ons iets mis", "R-7F3K"},
		{"away", layout.Trouble{Status: 503}, "Het portaal kan dit nu even niet", "niets verloren"},
		{"any other", layout.Trouble{Status: 599}, "Er ging bij ons iets mis", "vastgelegd"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			doc, html := render(t, layout.Problem(page(t, "nl"), c.trouble))
			if got := doc.Find("h1").Text(); got != c.title {
				t.Errorf("h1 = %q, want %q", got, c.title)
			}
			if got := doc.Find("title").Text(); !strings.HasPrefix(got, c.title) {
				t.Errorf("title = %q, want %q first", got, c.title)
			}
			if !strings.Contains(doc.Find("main").Text(), c.says) {
				t.Errorf("the page does not say %q:\n%s", c.says, html)
			}
		})
	}
}

func TestFrame(t *testing.T) {
	p := page(t, "nl")
	p.User = &ui.User{Name: "Noor", Organisation: "De Korenaar", SignOut: "/sign-out"}
	p.Nav = []ui.NavItem{{Label: "Verzoeken", Href: "/requests", Current: true, Count: 3}, {Label: "Audits", Href: "/audits"}}
	p.Flash = &ui.Flash{Tone: ui.Good, Text: "Verstuurd."}
	for name, frame := range map[string]templ.Component{"base": layout.Base(p), "narrow": layout.Narrow(p), "document": layout.Document(p, layout.Letter{})} {
		t.Run(name, func(t *testing.T) {
			doc, html := render(t, frame)
			for selector, want := range map[string]int{
				`html[lang=nl]`: 1, `a.skip[href="#main"]`: 1, `main#main`: 1,
				`nav a[aria-current=page][href="/requests"]`: 1, `nav.site-nav a`: 2,
				`.languages a[hreflang=en][lang=en][href="/r/1?lang=en"]`: 1, `.languages [aria-current=true][lang=nl]`: 1,
				`form[action="/sign-out"][method=post] input[name=csrf][value=token]`: 1,
				`script[nonce=n0nce][src]`: 1, `script`: 1, `[data-testid=message]`: 1,
			} {
				if got := doc.Find(selector).Length(); got != want {
					t.Errorf("%d of %s, want %d\n%s", got, selector, want, html)
				}
			}
			if got := doc.Find("footer.site-foot").Text(); !strings.Contains(got, "Amsterdam") {
				t.Errorf("the footer does not name the zone: %q", got)
			}
		})
	}
}

func TestRefusedFormIsSaidFirstInTheTitle(t *testing.T) {
	p := page(t, "en")
	p.Invalid = true
	doc, _ := render(t, layout.Narrow(p))
	if got := doc.Find("title").Text(); got != "Please check: A page – Inzage" {
		t.Errorf("title = %q", got)
	}
}
