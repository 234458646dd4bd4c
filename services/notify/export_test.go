package notify

import (
	"strings"
	"time"

	"inzage/config/notices"
	"inzage/services/audits"
	"inzage/services/deadlines"
)

// AuditMails are the kinds of mail by the event that asks for them.
func AuditMails() map[audits.Action]string {
	all := map[audits.Action]string{}
	for action, t := range auditMails {
		all[action] = t.kind
	}
	return all
}

// Said is one notice as it is said at one moment.
type Said struct {
	drafted
	Writing Writing
}

// Lines are all of its words.
func (s Said) Lines() []string {
	all := append([]string{s.Subject, s.Writing.Title}, s.Mail.Lines...)
	for _, b := range s.Writing.Blocks {
		all = append(all, b.Text)
	}
	return all
}

func sayer(texts notices.Catalogue, language string, zone *time.Location, now time.Time) *writer {
	w := &writer{texts: texts, language: language, zone: zone, now: now, values: map[string]string{}, flags: map[string]bool{}, lists: map[string][]Item{}}
	for name := range texts.Values {
		w.values[name] = strings.ToUpper(name)
	}
	for _, f := range texts.Flags {
		w.flags[f] = true
	}
	return w
}

// Say writes a notice at a moment, with every day that it promises being due.
func Say(texts notices.Catalogue, n notices.Notice, language string, zone *time.Location, due deadlines.Date, now time.Time) (Said, error) {
	var said Said
	w := sayer(texts, language, zone, now)
	for name, v := range texts.Values {
		if v.Ahead != "" {
			w.promise(name, due)
		}
	}
	// Both branches of every flag: each paragraph is said.
	for i := range n.Mail {
		n.Mail[i].When = ""
	}
	for i := range n.Body {
		n.Body[i].When = ""
	}
	var err error
	if said.Writing, err = w.writing(n); err != nil {
		return said, err
	}
	said.drafted, err = w.mail(n)
	return said, err
}

// SayUnmeasured writes a notice whose days were filled in by hand.
func SayUnmeasured(texts notices.Catalogue, n notices.Notice) error {
	w := sayer(texts, "en", time.UTC, time.Time{})
	if _, err := w.mail(n); err != nil {
		return err
	}
	_, err := w.writing(n)
	return err
}
