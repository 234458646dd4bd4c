// Package mail lays out the portal's e-mails as plain text and as simple HTML.
//
// An e-mail loads nothing from anywhere: no picture, no font, no script, so
// that nobody learns from it when it was opened.
package mail

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Letter is an e-mail. Every field holds plain text in the reader's language.
type Letter struct {
	Language string // as in the lang attribute
	Subject  string
	Greeting string
	Lines    []string // paragraphs
	Code     string   // a one-time code, shown large; "" for none
	Link     string   // where the button leads; "" for no button
	Button   string
	LinkNote string // what to do when the button does not work
	Note     string // a text whose lines stay as they are; "" for none
	Footer   string
}

// Write gives the letter as plain text, folded at 72 characters, and as an
// HTML document. Only a link and a note are never folded.
func Write(ctx context.Context, l Letter) (plain, html string, err error) {
	var b strings.Builder
	if err := document(l).Render(ctx, &b); err != nil {
		return "", "", fmt.Errorf("lay out a mail: %w", err)
	}
	return Plain(l), b.String(), nil
}

// Plain gives the letter as plain text.
func Plain(l Letter) string {
	parts := []string{fold(l.Greeting)}
	if l.Code != "" && len(l.Lines) > 0 {
		parts = append(parts, fold(l.Lines[0]), "    "+l.Code)
		l.Lines = l.Lines[1:]
	}
	for _, line := range l.Lines {
		parts = append(parts, fold(line))
	}
	if l.Link != "" {
		parts = append(parts, fold(l.Button+":")+"\n"+l.Link)
	}
	if l.Note != "" {
		parts = append(parts, strings.TrimSuffix(l.Note, "\n"))
	}
	parts = append(parts, "Inzage", "-- \n"+fold(l.Footer))
	return strings.Join(parts, "\n\n") + "\n"
}

// width is where lines of plain text are folded.
const width = 72

func fold(text string) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}

// before and after split the lines around the code.
func (l Letter) before() []string {
	if l.Code == "" || len(l.Lines) == 0 {
		return l.Lines
	}
	return l.Lines[:1]
}

func (l Letter) after() []string {
	if l.Code == "" || len(l.Lines) == 0 {
		return nil
	}
	return l.Lines[1:]
}
