package ui_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"inzage/views/ui"
)

func page() ui.Page {
	return ui.Page{Lang: "en", T: func(key string, args ...any) string { return fmt.Sprintf(key, args...) }, CSRF: "token", Path: "/r/1?tab=2&lang=nl"}
}

func render(t *testing.T, c templ.Component) (*goquery.Document, string) {
	t.Helper()
	return renderIn(t.Context(), t, c)
}

func renderIn(ctx context.Context, t *testing.T, c templ.Component) (*goquery.Document, string) {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return doc, b.String()
}

// Text of others stays text, wherever it is shown, and its addresses open
// nothing but pages.
func TestHostileTextStaysText(t *testing.T) {
	const bad = `"><script>alert(1)</script><img src=x onerror=alert(2)>'`
	const link = `javascript:alert(3)`
	p := page()
	clause := &ui.Clause{Label: bad, Title: bad, Does: bad, Href: link}
	state := &ui.State{Tone: ui.Good, Word: bad, Code: bad}
	field := ui.Field{Name: bad, Label: bad, Hint: bad, Error: bad, Value: bad, Options: []ui.Option{{Value: bad, Label: bad, Hint: bad, Chip: clause}}, Autocomplete: bad, Lang: bad, Accept: bad}
	cases := map[string]templ.Component{
		"clause":    ui.ClauseChip(p, *clause),
		"seal":      ui.Seal(p, ui.Proof{Number: bad, Words: []string{bad}, Hash: bad, Verify: link}),
		"status":    ui.Status(*state),
		"message":   ui.Message(ui.Warn, bad),
		"facts":     ui.Facts(p, []ui.Fact{{Name: bad, Value: bad, Note: bad, Href: link, Lang: bad, Chip: clause}}),
		"timeline":  ui.Timeline(p, []ui.Entry{{What: bad, Who: bad, When: bad, ISO: bad, Note: bad, Lang: bad, Chip: clause}}),
		"table":     ui.Table(p, ui.Listing{Caption: bad, Columns: []ui.Column{{Label: bad}, {Label: bad}}, Rows: []ui.Row{{Href: link, Cells: []ui.Cell{{Text: bad, Note: bad}, {State: state, Lang: bad}}}}, CSV: link}),
		"empty":     ui.Nothing(ui.Empty{Title: bad, Text: bad, Link: &ui.Link{Label: bad, Href: link}}),
		"files":     ui.Files(p, []ui.File{{Name: bad, Size: bad, Href: link}, {Name: bad, Why: bad}}),
		"tabs":      ui.Tabs(bad, []ui.Tab{{Label: bad, Href: link}}),
		"pager":     ui.Pager(p, ui.Paging{Newer: link, Older: link, Shown: bad}),
		"confirm":   ui.Confirm(p, ui.Confirmation{Title: bad, Will: []string{bad}, Confirm: ui.Button{Label: bad, Value: bad, Name: bad}, Cancel: ui.Link{Label: bad, Href: link}}),
		"clock":     ui.ClockRibbon(p, ui.Clock{Title: bad, Words: bad, Marks: []ui.Mark{at(0, ui.Event, bad), at(9, ui.Enforced, bad)}}),
		"summary":   ui.ErrorSummary(p, ui.FieldErrors{{Name: bad, Text: bad}}),
		"text":      ui.TextField(p, field),
		"area":      ui.TextArea(p, field),
		"select":    ui.SelectField(p, field),
		"radio":     ui.RadioGroup(p, field),
		"checkbox":  ui.Checkbox(p, field),
		"file":      ui.FileField(p, field),
		"form":      ui.Form(p, ui.Post{Action: link, ID: bad, Upload: true}),
		"passkey":   ui.PasskeyBox(p, ui.Passkey{Post: ui.Post{Action: "/p"}, Options: bad, Label: bad}),
		"submit":    ui.Submit(ui.Button{Label: bad, Href: link, Name: bad}),
		"disclosed": ui.Disclosure(bad, true),
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			doc, html := render(t, c)
			if n := doc.Find("script, img, [onerror]").Length(); n != 0 {
				t.Errorf("%d elements were made from text:\n%s", n, html)
			}
			if strings.Contains(html, link) {
				t.Errorf("an address runs a script:\n%s", html)
			}
			if !strings.Contains(doc.Text(), "alert(1)") && !strings.Contains(html, "alert(1)") && name != "form" {
				t.Errorf("the text is gone:\n%s", html)
			}
		})
	}
}

func TestFieldPointsAtHintAndError(t *testing.T) {
	doc, html := render(t, ui.EmailField(page(), ui.Field{Name: "e-mail[0]", Label: "E-mail", Hint: "Why we ask.", Error: "Fill it in.", Value: "noor@"}))
	input := doc.Find("input")
	for attr, want := range map[string]string{
		"id": "f-e-mail_0_", "name": "e-mail[0]", "type": "email", "value": "noor@", "autocomplete": "email",
		"aria-invalid": "true", "aria-required": "true", "aria-describedby": "f-e-mail_0_-hint f-e-mail_0_-error",
	} {
		if got := input.AttrOr(attr, ""); got != want {
			t.Errorf("%s = %q, want %q\n%s", attr, got, want, html)
		}
	}
	if got := doc.Find("#f-e-mail_0_-error").Text(); !strings.Contains(got, "Fill it in.") {
		t.Errorf("error text is %q", got)
	}
	if got := doc.Find(`label[for="f-e-mail_0_"]`).Length(); got != 1 {
		t.Errorf("%d labels, want 1", got)
	}
}

func TestFieldsKeepWhatWasTyped(t *testing.T) {
	options := []ui.Option{{Value: "a", Label: "A"}, {Value: "b", Label: "B"}, {Value: "c", Label: "C", Off: true}}
	cases := []struct {
		name     string
		c        templ.Component
		selector string
		want     int
	}{
		{"select", ui.SelectField(page(), ui.Field{Name: "x", Options: options, Value: "b"}), `option[value=b][selected]`, 1},
		{"radio", ui.RadioGroup(page(), ui.Field{Name: "x", Options: options, Value: "b"}), `input[value=b][checked]`, 1},
		{"radio leaves others", ui.RadioGroup(page(), ui.Field{Name: "x", Options: options, Value: "b"}), `input[checked]`, 1},
		{"nothing chosen", ui.RadioGroup(page(), ui.Field{Name: "x", Options: options}), `input[checked]`, 0},
		{"off", ui.RadioGroup(page(), ui.Field{Name: "x", Options: options}), `input[value=c][disabled]`, 1},
		{"checkboxes", ui.CheckboxGroup(page(), ui.Field{Name: "x", Options: options, Values: []string{"a", "b"}}), `input[type=checkbox][checked]`, 2},
		{"first option is the target", ui.CheckboxGroup(page(), ui.Field{Name: "x", Options: options}), `input#f-x[value=a]`, 1},
		{"a tick", ui.Checkbox(page(), ui.Field{Name: "x", Value: "on"}), `input[checked]`, 1},
		{"a password is not sent back", ui.PasswordField(page(), ui.Field{Name: "x", Value: "secret"}), `input[value]`, 0},
		{"a password is hidden, and known to what keeps passwords", ui.PasswordField(page(), ui.Field{Name: "x"}), `input[type=password][autocomplete="current-password"]`, 1},
		{"nor a code", ui.CodeField(page(), ui.Field{Name: "x", Value: "482193"}), `input[value]`, 0},
		{"a code is offered", ui.CodeField(page(), ui.Field{Name: "x"}), `input[autocomplete="one-time-code"][inputmode=numeric]`, 1},
		{"the form carries the token", ui.Form(page(), ui.Post{Action: "/x"}), `form[method=post] input[name=csrf][value=token]`, 1},
		{"no summary without errors", ui.ErrorSummary(page(), nil), `[role=alert]`, 0},
		{"summary links to the field", ui.ErrorSummary(page(), ui.FieldErrors{{Name: "x", Text: "Wrong"}}), `a[href="#f-x"]`, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			doc, html := render(t, c.c)
			if got := doc.Find(c.selector).Length(); got != c.want {
				t.Errorf("%d of %s, want %d\n%s", got, c.selector, c.want, html)
			}
		})
	}
}

// The list under the ribbon says all that is drawn.
func TestClockListSaysWhatIsDrawn(t *testing.T) {
	due := at(30, ui.Enforced, "The answer is due")
	due.Date = "Thursday 17 December 2026"
	doc, html := render(t, ui.ClockRibbon(page(), ui.Clock{Title: "Clock", Words: "12 days left", Marks: []ui.Mark{due, at(0, ui.Event, "Received"), at(31, ui.Reading, "Statutory")}}))
	var list []string
	doc.Find("ol li .ribbon-label").Each(func(_ int, s *goquery.Selection) { list = append(list, s.Text()) })
	if got := strings.Join(list, "|"); got != "Received|The answer is due|Statutory" {
		t.Errorf("list is %q", got)
	}
	if item := doc.Find(".ribbon-item-enforced").Text(); !strings.Contains(item, due.Date) || !strings.Contains(item, "This is the date that counts here.") {
		t.Errorf("enforced date is said as %q\n%s", item, html)
	}
	if n := doc.Find("svg:not([aria-hidden=true])").Not("svg svg").Length(); n != 0 {
		t.Errorf("%d drawings are read out", n)
	}
}

func TestSealWaitsForItsNumber(t *testing.T) {
	doc, _ := render(t, ui.Seal(page(), ui.Proof{}))
	if doc.Find("details").Length() != 0 || !strings.Contains(doc.Text(), "To be sealed") {
		t.Errorf("an entry that is not sealed shows %q", doc.Text())
	}
}

func TestLanguageSwitchKeepsThePage(t *testing.T) {
	for path, want := range map[string]string{
		"/r/1?tab=2&lang=nl":    "/r/1?lang=en&tab=2",
		"/":                     "/?lang=en",
		"":                      "/?lang=en",
		"https://evil.example/": "/?lang=en",
		"//evil.example/x":      "/?lang=en",
		"javascript:alert(1)":   "/?lang=en",
	} {
		p := page()
		p.Path = path
		if got := p.In("en"); got != want {
			t.Errorf("In(en) of %q = %q, want %q", path, got, want)
		}
	}
}

func TestQRDrawsEachDarkModuleOnce(t *testing.T) {
	doc, html := render(t, ui.QRCode(ui.QR{{true, true, false}, {false, false, false}, {true, false, true}}))
	if got, want := doc.Find("path").AttrOr("d", ""), "M0 0h2v1h-2zM0 2h1v1h-1zM2 2h1v1h-1z"; got != want {
		t.Errorf("path = %q, want %q", got, want)
	}
	if !strings.Contains(html, `viewBox="-4 -4 11 11"`) {
		t.Errorf("the border is missing: %s", html)
	}
}

func TestStagesSayWhereItStands(t *testing.T) {
	doc, _ := render(t, ui.Stages(page(), "Stages", []ui.Stage{{Label: "Announced", Done: true}, {Label: "On site", Now: true}, {Label: "Closed"}}))
	if got := doc.Find("[aria-current=step]").Text(); !strings.Contains(got, "On site") {
		t.Errorf("current stage is %q", got)
	}
	if got := doc.Find(".stage-done").Text(); !strings.Contains(got, "(done)") {
		t.Errorf("a stage that is done is said as %q", got)
	}
}

// TestWordsBesideAnIcon: on one line, templ takes `@ui.Icon("back") { words }`
// for an icon with children, which an icon does not show: the words are gone.
func TestWordsBesideAnIcon(t *testing.T) {
	swallowed := regexp.MustCompile(`@(ui\.)?Icon\([^)\n]*\) \{`)
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".templ" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range swallowed.FindAllString(string(source), -1) {
			t.Errorf("%s: the words after %s are not shown; put them on a line of their own", path, found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
