package mailer

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"inzage/services/document"
	"inzage/services/notify"
)

// Mailbox reads the mails that a file: mailer wrote, for the trial portal,
// where nobody has a mailbox of their own.
type Mailbox string

// Letter is one mail of a mailbox. List leaves the texts out.
type Letter struct {
	ID      string // to Get it by
	To      string
	Subject string
	At      time.Time
	Plain   string
	HTML    string
	File    *notify.File // nil for none
}

// List returns the newest mails, at most limit, the newest first: to one
// address, or to anybody when it is "".
func (m Mailbox) List(to string, limit int) ([]Letter, error) {
	entries, err := os.ReadDir(string(m))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the mailbox: %w", err)
	}
	type written struct {
		Letter
		at time.Time
	}
	var all []written
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), extension)
		if !ok || !fileName.MatchString(id) {
			continue
		}
		l, err := m.Get(id)
		if err != nil {
			return nil, err
		}
		info, err := e.Info()
		if err != nil {
			return nil, fmt.Errorf("list the mailbox: %w", err)
		}
		if l.Plain, l.HTML, l.File = "", "", nil; to == "" || strings.EqualFold(l.To, to) {
			all = append(all, written{l, info.ModTime()})
		}
	}
	// The date in a mail has whole seconds only; two codes may share one.
	slices.SortStableFunc(all, func(a, b written) int { return b.at.Compare(a.at) })
	letters := make([]Letter, 0, min(len(all), limit))
	for _, w := range all[:min(len(all), limit)] {
		letters = append(letters, w.Letter)
	}
	return letters, nil
}

// Get returns one mail with its texts; document.ErrNotFound when it is not there.
func (m Mailbox) Get(id string) (Letter, error) {
	if !fileName.MatchString(id) {
		return Letter{}, document.ErrNotFound
	}
	data, err := os.ReadFile(filepath.Join(string(m), id+extension))
	if errors.Is(err, fs.ErrNotExist) {
		return Letter{}, document.ErrNotFound
	}
	if err != nil {
		return Letter{}, fmt.Errorf("read a mail: %w", err)
	}
	l, err := parse(data)
	if err != nil {
		return Letter{}, fmt.Errorf("read mail %s: %w", id, err)
	}
	l.ID = id
	return l, nil
}

func parse(data []byte) (Letter, error) {
	msg, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return Letter{}, err
	}
	var l Letter
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return Letter{}, err
	}
	to, err := netmail.ParseAddress(msg.Header.Get("To"))
	if err != nil {
		return Letter{}, err
	}
	l.To = to.Address
	if l.At, err = msg.Header.Date(); err != nil {
		return Letter{}, err
	}
	return l, l.read(msg.Header.Get("Content-Type"), msg.Body)
}

// read reads the parts of a mail, and the parts within one of them.
func (l *Letter) read(contentType string, from io.Reader) error {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	parts := multipart.NewReader(from, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.take(part); err != nil {
			return err
		}
	}
}

func (l *Letter) take(part *multipart.Part) error {
	kind := part.Header.Get("Content-Type")
	if strings.HasPrefix(kind, "multipart/") {
		return l.read(kind, part)
	}
	text, err := body(part)
	switch {
	case err != nil:
		return err
	case part.FileName() != "":
		l.File = &notify.File{Name: part.FileName(), Text: text}
	case strings.HasPrefix(kind, "text/html"):
		l.HTML = text
	default:
		l.Plain = text
	}
	return nil
}

func body(p *multipart.Part) (string, error) {
	var r io.Reader = p
	switch strings.ToLower(p.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		r = quotedprintable.NewReader(p)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, p)
	}
	b, err := io.ReadAll(r)
	if p.FileName() != "" {
		return string(b), err // a file is what it is, byte for byte
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n"), err
}
