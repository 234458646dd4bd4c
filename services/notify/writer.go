package notify

import (
	"fmt"
	"slices"
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

	now     time.Time            // the moment at which the message is said
	ends    map[string]time.Time // when the day of a value has passed
	turns   time.Time            // when the words that were chosen stop being true
	overdue string               // the value of the first day that passed without an answer
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

// mail writes the e-mail, without a link, and what it says instead once a day
// that it promises has passed.
func (w *writer) mail(n notices.Notice) (drafted, error) {
	m, err := w.mailNow(n)
	if err != nil || w.turns.IsZero() {
		return drafted{Mail: m}, err
	}
	at := w.turns
	later, err := w.from(at).mail(n)
	if err != nil {
		return drafted{}, err
	}
	return drafted{Mail: m, Turns: append([]Turn{{At: at, Subject: later.Subject, Lines: later.Lines}}, later.Turns...)}, nil
}

func (w *writer) mailNow(n notices.Notice) (Mail, error) {
	m := Mail{Language: w.language, Greeting: w.texts.Words.Greeting.Plain.In(w.language), Footer: w.texts.Words.Footer[n.For].In(w.language)}
	subject, err := w.choose(n.Subject, n.LateSubject, n.Past)
	if err != nil {
		return Mail{}, fmt.Errorf("subject of %s: %w", n.Kind, err)
	}
	if m.Subject, err = w.line(subject); err != nil {
		return Mail{}, fmt.Errorf("subject of %s: %w", n.Kind, err)
	}
	if m.Button, err = w.line(n.Button); err != nil {
		return Mail{}, fmt.Errorf("button of %s: %w", n.Kind, err)
	}
	if err = w.lines(&m, n.Mail, n.Past); err == nil && n.For == notices.Subject && w.overdue != "" {
		err = w.lines(&m, w.texts.OverdueMail, true)
	}
	if err != nil {
		return Mail{}, fmt.Errorf("mail of %s: %w", n.Kind, err)
	}
	return m, nil
}

func (w *writer) lines(m *Mail, all []notices.Paragraph, past bool) error {
	for _, p := range all {
		if !w.applies(p) {
			continue
		}
		text, err := w.choose(p.Text, p.Late, past || p.Past)
		if err != nil {
			return err
		}
		line, err := w.line(text)
		if err != nil {
			return err
		}
		m.Lines = append(m.Lines, line)
	}
	return nil
}

// writing writes the full notice.
func (w *writer) writing(n notices.Notice) (Writing, error) {
	title, greeting := n.Title, w.texts.Words.Greeting.Plain
	late := notices.Text{}
	if title == (notices.Text{}) {
		title, late = n.Subject, n.LateSubject
	}
	if w.values["name"] != "" {
		greeting = w.texts.Words.Greeting.Named
	}
	out := Writing{From: w.values["sender"], To: w.values["name"], Date: w.values["day"], Reference: w.values["reference"]}
	title, err := w.choose(title, late, n.Past)
	if err != nil {
		return Writing{}, fmt.Errorf("title of %s: %w", n.Kind, err)
	}
	if out.Title, err = w.line(title); err != nil {
		return Writing{}, fmt.Errorf("title of %s: %w", n.Kind, err)
	}
	if out.Greeting, err = w.line(greeting); err != nil {
		return Writing{}, fmt.Errorf("greeting of %s: %w", n.Kind, err)
	}
	if out.Blocks, err = w.blocks(n.Body, n.Past); err != nil {
		return Writing{}, fmt.Errorf("body of %s: %w", n.Kind, err)
	}
	if w.overdue == "" {
		return out, nil
	}
	passage := w.texts.Overdue
	if slices.ContainsFunc(n.Body, func(p notices.Paragraph) bool { return p.Says == "complaint" }) {
		passage = passage[:w.texts.OverdueOwn] // the notice itself says where to complain
	}
	more, err := w.blocks(passage, true)
	if err != nil {
		return Writing{}, fmt.Errorf("body of %s: %w", n.Kind, err)
	}
	out.Blocks = append(out.Blocks, more...)
	return out, nil
}

func (w *writer) blocks(all []notices.Paragraph, past bool) ([]Block, error) {
	var out []Block
	for _, p := range all {
		if !w.applies(p) {
			continue
		}
		p.Past = p.Past || past
		b, err := w.block(p)
		if err != nil {
			return nil, err
		}
		if b.Kind == BlockText || b.Kind == BlockHeading || len(b.Items) > 0 {
			out = append(out, b)
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
		var text notices.Text
		if text, err = w.choose(p.Text, p.Late, p.Past); err == nil {
			b.Text, err = w.fill(text.In(w.language))
		}
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
