package dossier

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"inzage/services/requests"
)

// The places of what every answer holds.
const (
	packagePlace = "datapackage.json"
	packageRules = "https://datapackage.org/profiles/2.0/datapackage.json"
)

// Answer is the answer to a request as its data subject takes it away (art. 15(3)
// and 20(1) GDPR): to read, and for machines, which Data Package v2 describes.
type Answer struct {
	Request  requests.Request
	Files    []requests.NamedFile
	Language string
	// In the reader's language:
	Title, By   string // by is the controller
	PageTitle   string
	Letter      Document
	LetterTitle string
	For         func(requests.Right) string
}

// Placed is a file with its place in the ZIP.
type Placed struct {
	requests.NamedFile
	Place string
}

// Placed gives each file of the answer its place.
func (a Answer) Placed() []Placed {
	taken := newPlaces()
	var all []Placed
	for _, f := range a.Files {
		of := string(f.For)
		if of == "" {
			of = "all"
		}
		all = append(all, Placed{f, taken.file(of, f.Name)})
	}
	return all
}

// descriptor is a Data Package (datapackage.org, version 2).
type descriptor struct {
	Schema    string     `json:"$schema"`
	Name      string     `json:"name"`
	ID        string     `json:"id"`
	Title     string     `json:"title"`
	Language  string     `json:"language"`
	Created   string     `json:"created"`
	Released  string     `json:"released"`
	Received  string     `json:"received"`
	Sources   []source   `json:"sources"`
	Resources []resource `json:"resources"`
}

type source struct {
	Title string `json:"title"`
}

type resource struct {
	Name        string       `json:"name"`
	Path        string       `json:"path"`
	Type        string       `json:"type,omitempty"`
	Title       string       `json:"title"`
	Description string       `json:"description,omitempty"`
	Format      string       `json:"format,omitempty"`
	MediaType   string       `json:"mediatype"`
	Encoding    string       `json:"encoding,omitempty"`
	Bytes       int64        `json:"bytes"`
	Hash        string       `json:"hash"`
	Dialect     *dialect     `json:"dialect,omitempty"`
	Schema      *tableSchema `json:"schema,omitempty"`
}

type dialect struct {
	Delimiter string `json:"delimiter"`
}

type tableSchema struct {
	Fields []field `json:"fields"`
}

// field is a column. Its values are not looked at, so its type is any.
type field struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Title string `json:"title"`
}

// WriteAnswer writes the ZIP as a stream: page is the readable page. Memory does
// not grow with the files. After an error what was written is no whole ZIP, and
// the caller has to break the connection off.
func (s *Service) WriteAnswer(ctx context.Context, to io.Writer, a Answer, page []byte) error {
	z := &archive{w: zip.NewWriter(to), at: a.Request.Answer.At}
	placed := a.Placed()
	described := descriptor{Schema: packageRules, Name: strings.ToLower(a.Request.Reference), ID: a.Request.ID, Title: a.Title, Language: a.Language,
		Created: s.Now().UTC().Format(time.RFC3339), Released: a.Request.Answer.At.UTC().Format(time.RFC3339), Received: a.Request.Received.UTC().Format(time.RFC3339),
		Sources: []source{{a.By}}}
	for _, d := range []struct {
		Document
		name, title, format, media string
	}{{Document{PagePlace, page}, "index", a.PageTitle, "html", "text/html"}, {a.Letter, "letter", a.LetterTitle, "pdf", "application/pdf"}} {
		sum := sha256.Sum256(d.Body)
		r := resource{Name: d.name, Path: d.Name, Title: d.title, Format: d.format, MediaType: d.media, Bytes: int64(len(d.Body)), Hash: "sha256:" + hex.EncodeToString(sum[:])}
		if d.format == "html" {
			r.Encoding = "utf-8"
		}
		described.Resources = append(described.Resources, r)
	}
	for i, f := range placed {
		r, err := s.resource(ctx, a, f, i+1)
		if err != nil {
			return err
		}
		described.Resources = append(described.Resources, r)
	}
	text, err := json.MarshalIndent(described, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", packagePlace, err)
	}
	for _, doc := range []Document{{PagePlace, page}, a.Letter, {packagePlace, append(text, '\n')}} {
		if err := z.whole(doc); err != nil {
			return err
		}
	}
	for _, f := range placed {
		if err := z.part(f.Place, zip.Store, func(w io.Writer) error { return s.copy(ctx, w, Attached{object: a.Request.ID, id: f.ID}) }); err != nil {
			return err
		}
	}
	return z.close()
}

func (s *Service) resource(ctx context.Context, a Answer, f Placed, n int) (resource, error) {
	media, _, _ := strings.Cut(f.Type, ";")
	r := resource{Name: fmt.Sprintf("file-%d", n), Path: f.Place, Title: f.Name, MediaType: media, Bytes: f.Size, Hash: "sha256:" + f.SHA256,
		Format: strings.ToLower(strings.TrimPrefix(path.Ext(f.Place), "."))}
	if f.For != "" {
		r.Description = a.For(f.For)
	}
	if !strings.HasPrefix(media, "text/") && media != "application/json" && media != "application/xml" {
		return r, nil
	}
	head, err := s.head(ctx, a.Request.ID, f.ID)
	if err != nil {
		return resource{}, err
	}
	whole := int64(len(head)) == f.Size
	if !utf8.Valid(head) && !(len(head) > utf8.UTFMax && !whole && utf8.Valid(cutRune(head))) {
		return r, nil // which code page it is in nobody knows
	}
	r.Encoding = "utf-8"
	if media == "text/csv" || r.Format == "csv" {
		if columns, mark := columns(head, whole); len(columns) > 0 {
			r.Type, r.Dialect, r.Schema = "table", &dialect{mark}, &tableSchema{columns}
		}
	}
	return r, nil
}

// headSize is how far into a file its description looks.
const headSize = 64 << 10

func (s *Service) head(ctx context.Context, object, file string) ([]byte, error) {
	in, err := s.Vault.OpenFile(ctx, object, file)
	if err != nil {
		return nil, err
	}
	head, err := io.ReadAll(io.LimitReader(in, headSize))
	if cerr := in.Close(); err == nil {
		err = cerr
	}
	return head, err
}

// cutRune leaves out what may be the beginning of a character at the end.
func cutRune(b []byte) []byte {
	for n := 1; n < utf8.UTFMax; n++ {
		if utf8.RuneStart(b[len(b)-n]) {
			return b[:len(b)-n]
		}
	}
	return b
}

// columns reads the first line of a table, with the mark that divides it into
// the most columns; none when the line does not end in what was read, or when
// two columns have one name.
func columns(head []byte, whole bool) ([]field, string) {
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	if !whole && !bytes.Contains(head, []byte("\n")) {
		return nil, ""
	}
	var names []string
	mark := ""
	for _, m := range ",;\t|" {
		in := csv.NewReader(bytes.NewReader(head))
		in.Comma = m
		if line, err := in.Read(); err == nil && len(line) > len(names) {
			names, mark = line, string(m)
		}
	}
	var all []field
	seen := map[string]bool{}
	for _, name := range names {
		if name == "" || seen[name] {
			return nil, ""
		}
		seen[name] = true
		all = append(all, field{Name: name, Type: "any", Title: name})
	}
	return all, mark
}
