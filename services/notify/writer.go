package notify

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"inzage/config/notices"
)

// writer fills one message's texts in, for one language and zone.
type writer struct {
	texts    notices.Catalogue
	language string
	zone     *time.Location
	values   map[string]string
	flags    map[string]bool
	lists    map[string][]Item
}

// fill puts the values into a text. Each is used as it is: what somebody typed
// is never read as a text with values of its own. A value that nobody gave is
// an error, because a notice with a hole in it may not go out.
func (w *writer) fill(text string) (string, error) {
	var missing string
	out := notices.Placeholder.ReplaceAllStringFunc(text, func(m string) string {
		v := w.values[strings.Trim(m, "{}")]
		if v == "" {
			missing = m
		}
		return v
	})
	if missing != "" {
		return "", fmt.Errorf("there is no value for %s", missing)
	}
	return out, nil
}

// line is fill for an e-mail: one line without control characters, so that
// nothing in a value can become a header or a line of its own.
func (w *writer) line(t notices.Text) (string, error) {
	s, err := w.fill(t.In(w.language))
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, s)
	return strings.Join(strings.Fields(s), " "), err
}

func (w *writer) applies(p notices.Paragraph) bool {
	if flag, not := strings.CutPrefix(p.When, "!"); not {
		return !w.flags[flag]
	}
	return p.When == "" || w.flags[p.When]
}

// mail writes the e-mail, without a link.
func (w *writer) mail(n notices.Notice) (Mail, error) {
	m := Mail{Language: w.language, Greeting: w.texts.Words.Greeting.Plain.In(w.language), Footer: w.texts.Words.Footer[n.For].In(w.language)}
	var err error
	if m.Subject, err = w.line(n.Subject); err != nil {
		return Mail{}, fmt.Errorf("subject of %s: %w", n.Kind, err)
	}
	if m.Button, err = w.line(n.Button); err != nil {
		return Mail{}, fmt.Errorf("button of %s: %w", n.Kind, err)
	}
	for _, p := range n.Mail {
		if !w.applies(p) {
			continue
		}
		line, err := w.line(p.Text)
		if err != nil {
			return Mail{}, fmt.Errorf("mail of %s: %w", n.Kind, err)
		}
		m.Lines = append(m.Lines, line)
	}
	return m, nil
}

// writing writes the full notice.
func (w *writer) writing(n notices.Notice) (Writing, error) {
	title, greeting := n.Title, w.texts.Words.Greeting.Plain
	if title == (notices.Text{}) {
		title = n.Subject
	}
	if w.values["name"] != "" {
		greeting = w.texts.Words.Greeting.Named
	}
	out := Writing{From: w.values["sender"], To: w.values["name"], Date: w.values["day"], Reference: w.values["reference"]}
	var err error
	if out.Title, err = w.line(title); err != nil {
		return Writing{}, fmt.Errorf("title of %s: %w", n.Kind, err)
	}
	if out.Greeting, err = w.line(greeting); err != nil {
		return Writing{}, fmt.Errorf("greeting of %s: %w", n.Kind, err)
	}
	for _, p := range n.Body {
		if !w.applies(p) {
			continue
		}
		b, err := w.block(p)
		if err != nil {
			return Writing{}, fmt.Errorf("body of %s: %w", n.Kind, err)
		}
		if b.Kind == BlockText || b.Kind == BlockHeading || len(b.Items) > 0 {
			out.Blocks = append(out.Blocks, b)
		}
	}
	return out, nil
}

func (w *writer) block(p notices.Paragraph) (Block, error) {
	law, err := w.fill(p.Law)
	if err != nil {
		return Block{}, err
	}
	b := Block{Kind: BlockText, Law: w.law(law)}
	switch {
	case p.Quote != "":
		b.Kind, b.Items = BlockQuote, w.lists[p.Quote]
	case p.List != "":
		b.Kind, b.Items = BlockList, w.lists[p.List]
	case p.Facts != "":
		b.Kind, b.Items = BlockFacts, w.lists[p.Facts]
	default:
		if p.Heading {
			b.Kind = BlockHeading
		}
		b.Text, err = w.fill(p.In(w.language))
	}
	return b, err
}

// law writes a provision as the reader knows it: "art. 12(3) AVG".
func (w *writer) law(provision string) string {
	if provision == "" {
		return ""
	}
	name := strings.ReplaceAll(provision, "GDPR", w.texts.Words.GDPR.In(w.language))
	return strings.ReplaceAll(w.texts.Words.Article.In(w.language), "{article}", name)
}

// day writes the day of an instant out: "Thursday 17 December 2026".
func (w *writer) day(t time.Time) string {
	t = t.In(w.zone)
	return w.date(t.Year(), t.Month(), t.Day())
}

func (w *writer) date(year int, month time.Month, day int) string {
	words := w.texts.Words
	weekday := time.Date(year, month, day, 12, 0, 0, 0, time.UTC).Weekday()
	return words.Weekdays[w.tag()][weekday] + " " + strconv.Itoa(day) + " " + words.Months[w.tag()][month-1] + " " + strconv.Itoa(year)
}

// moment writes an instant with its time: "… at 14:05 (CET)".
func (w *writer) moment(t time.Time) string {
	t = t.In(w.zone)
	return strings.NewReplacer("{day}", w.day(t), "{clock}", t.Format("15:04"), "{zone}", t.Format("MST")).
		Replace(w.texts.Words.Time.In(w.language))
}

// join lists words as one reads them: "a, b and c".
func (w *writer) join(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + w.texts.Words.And.In(w.language) + " " + words[last]
}

// tag is the language of which there are words.
func (w *writer) tag() string {
	if w.language == "en" {
		return "en"
	}
	return "nl"
}
