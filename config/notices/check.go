package notices

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// check holds every text to the vocabulary.
func (c Catalogue) check() error {
	errs := []error{c.Words.check(), c.checkOverdue()}
	for _, kind := range slices.Sorted(maps.Keys(c.Notices)) {
		if err := c.checkNotice(c.Notices[kind]); err != nil {
			errs = append(errs, fmt.Errorf("notice %s: %w", kind, err))
		}
	}
	return errors.Join(errs...)
}

func (w Words) check() error {
	for _, tag := range []string{"en", "nl"} {
		if len(w.Months[tag]) != 12 || len(w.Weekdays[tag]) != 7 {
			return fmt.Errorf("words: %s needs 12 months and 7 weekdays", tag)
		}
	}
	all := map[string]Text{"time": w.Time, "and": w.And, "unknown_organisation": w.Unknown, "article": w.Article, "auditor": w.Auditor, "gdpr": w.GDPR,
		"greeting.named": w.Greeting.Named, "greeting.plain": w.Greeting.Plain, "link_note": w.LinkNote}
	for right, t := range w.Rights {
		all["rights."+right], all["staff_rights."+right] = t, w.StaffRights[right]
	}
	for name, t := range w.Owed {
		all["owed."+name] = t
	}
	for _, r := range []Reader{Subject, Staff, Letter, Party, Side, Keeper} {
		all["footer."+string(r)] = w.Footer[r]
	}
	for name, t := range all {
		if t.EN == "" || t.NL == "" {
			return fmt.Errorf("words: %s is not complete in both languages", name)
		}
	}
	return nil
}

func (c Catalogue) checkNotice(n Notice) error {
	if !slices.Contains([]Reader{Subject, Staff, Letter, Party, Side, Keeper}, n.For) {
		return fmt.Errorf("for is %q", n.For)
	}
	if len(n.Mail) == 0 || (n.For == Subject) != (len(n.Body) > 0) {
		return errors.New("a notice to a data subject needs mail and body, any other text only mail")
	}
	if n.For != Letter && n.Button == (Text{}) {
		return errors.New("the button has no words")
	}
	errs := []error{c.checkText("subject", n.Subject, true), c.checkText("title", n.Title, false), c.checkText("button", n.Button, true)}
	errs = append(errs, c.checkLate("subject", n.Subject, n.LateSubject, n.Past, true), c.checkLate("title", n.Title, Text{}, n.Past, false),
		c.checkLate("button", n.Button, Text{}, false, true))
	if n.Subject == (Text{}) {
		errs = append(errs, errors.New("the subject has no words"))
	}
	for i, p := range n.Mail {
		errs = append(errs, c.checkParagraph(fmt.Sprintf("mail %d", i+1), p, true), c.checkLate(fmt.Sprintf("mail %d", i+1), p.Text, p.Late, n.Past || p.Past, true))
	}
	for i, p := range n.Body {
		errs = append(errs, c.checkParagraph(fmt.Sprintf("body %d", i+1), p, false), c.checkLate(fmt.Sprintf("body %d", i+1), p.Text, p.Late, n.Past || p.Past, false))
	}
	return errors.Join(errs...)
}

func (c Catalogue) checkParagraph(where string, p Paragraph, mail bool) error {
	lists := 0
	for _, name := range []string{p.Quote, p.List, p.Facts} {
		if name == "" {
			continue
		}
		lists++
		if !slices.Contains(c.Lists, name) {
			return fmt.Errorf("%s: %q is not in the vocabulary", where, name)
		}
	}
	switch {
	case mail && (lists > 0 || p.Heading || p.Use != ""):
		return fmt.Errorf("%s: an e-mail holds plain sentences only", where)
	case lists > 1 || (lists == 1) == (p.Text != Text{}):
		return fmt.Errorf("%s: needs either words or one list", where)
	}
	if flag := strings.TrimPrefix(p.When, "!"); flag != "" && !slices.Contains(c.Flags, flag) {
		return fmt.Errorf("%s: the flag %q is not in the vocabulary", where, flag)
	}
	for _, m := range Placeholder.FindAllStringSubmatch(p.Law, -1) {
		if _, ok := c.Values[m[1]]; !ok {
			return fmt.Errorf("%s: {%s} is not in the vocabulary", where, m[1])
		}
	}
	return c.checkText(where, p.Text, mail)
}

// checkText refuses a text that lacks a language, that fills in other values
// in one language than in the other, or an unknown or private value.
func (c Catalogue) checkText(where string, t Text, mail bool) error {
	if t == (Text{}) {
		return nil
	}
	if strings.TrimSpace(t.EN) == "" || strings.TrimSpace(t.NL) == "" {
		return fmt.Errorf("%s: not complete in both languages", where)
	}
	en, nl := placeholders(t.EN), placeholders(t.NL)
	if !slices.Equal(en, nl) {
		return fmt.Errorf("%s: English fills in %v, Dutch %v", where, en, nl)
	}
	for _, name := range en {
		v, ok := c.Values[name]
		if !ok {
			return fmt.Errorf("%s: {%s} is not in the vocabulary", where, name)
		}
		if mail && v.Private {
			return fmt.Errorf("%s: {%s} is personal data and may not be in an e-mail", where, name)
		}
	}
	left := Placeholder.ReplaceAllString(t.EN+t.NL, "")
	if strings.ContainsAny(left, "{}") {
		return fmt.Errorf("%s: a brace does not belong to a value", where)
	}
	return nil
}

// placeholders are the values that a text fills in, each once, sorted.
func placeholders(s string) []string {
	seen := map[string]bool{}
	for _, m := range Placeholder.FindAllStringSubmatch(s, -1) {
		seen[m[1]] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// checkLate refuses a text that promises a day and has no words for when that
// day has passed, or whose words for then promise it again.
func (c Catalogue) checkLate(where string, t, late Text, past, mail bool) error {
	promises := slices.ContainsFunc(placeholders(t.EN), func(name string) bool { return c.Values[name].Ahead != "" })
	switch {
	case past && late != Text{}:
		return fmt.Errorf("%s: says of itself that it is about the past, and has words for a day that has passed", where)
	case promises && !past && late == Text{}:
		return fmt.Errorf("%s: promises a day, and has no words for when that day has passed", where)
	case !promises && late != Text{}:
		return fmt.Errorf("%s: promises no day, and has words for a day that has passed", where)
	}
	return c.checkText(where, late, mail)
}

// checkOverdue holds what follows when an answer is late: since when, what is
// done, and where one can complain and go to court.
func (c Catalogue) checkOverdue() error {
	var errs []error
	said := map[string]bool{}
	for i, p := range c.Overdue {
		said[p.Says] = true
		errs = append(errs, c.checkParagraph(fmt.Sprintf("overdue %d", i+1), p, false))
	}
	for i, p := range c.OverdueMail {
		errs = append(errs, c.checkParagraph(fmt.Sprintf("overdue_mail %d", i+1), p, true))
	}
	if !said["passed"] || !said["complaint"] || !said["court"] || len(c.OverdueMail) == 0 {
		errs = append(errs, errors.New("overdue: does not say that the day has passed, and where to complain and go to court"))
	}
	return errors.Join(errs...)
}
