// Package attachment takes in a file as people send it: the name made safe,
// the type read from the bytes, the content encrypted under the key of what it
// belongs to. Archives are stored as they are and never unpacked.
package attachment

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Upload is a file as it arrives: a stream with the name and the length that
// the sender announced (-1 unknown).
type Upload struct {
	Name string
	Size int64
	Body io.Reader
}

// Stored is a file that was encrypted under its object's key.
type Stored struct {
	ID     string // fil_…
	Name   string // made safe; personal data, so to be sealed
	Type   string // media type by its content
	Size   int64
	SHA256 string
}

// acceptedTypes are the media types by content that may be stored. Programs
// are refused.
var acceptedTypes = [...]string{
	"application/pdf", "image/png", "image/jpeg", "image/webp", "image/gif", "image/tiff", "image/heic",
	"audio/mpeg", "audio/wave", "audio/ogg", "audio/mp4", "audio/aac", "audio/flac", "video/mp4", "video/webm",
	"application/zip", "application/gzip", "application/json", "text/csv", "text/plain", "text/xml",
	"message/rfc822", "application/msword", "application/octet-stream",
}

// Store encrypts an upload into a new file of the object, which gets a key when
// it has none. An empty file and a stream that breaks off are Invalid, a
// program or web page is UnsupportedType, more bytes than limit and a picture of
// too many pixels TooLarge; then nothing is left behind.
func Store(ctx context.Context, v vault.Keeper, object string, limit int64, u Upload) (Stored, error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(u.Body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Stored{}, fault.New(fault.Invalid, "The upload was cut off. Please send the file again.").Because(err)
	}
	if n == 0 { // a browser does not say the length of a file before it
		return Stored{}, fault.New(fault.Invalid, "Some answers need another look.").At("file", "This file is empty. Choose another file.")
	}
	head = head[:n]
	kind, err := Type(head, u.Name)
	if err != nil {
		return Stored{}, err
	}
	if err := measured(head); err != nil {
		return Stored{}, err
	}
	if _, err := v.Create(ctx, object); err != nil {
		return Stored{}, err
	}
	f := Stored{ID: ledger.NewID("fil"), Name: CleanName(u.Name), Type: kind}
	info, err := v.PutFile(ctx, object, f.ID, io.MultiReader(bytes.NewReader(head), u.Body), u.Size, limit)
	if err != nil {
		return Stored{}, err
	}
	f.Size, f.SHA256 = info.Size, info.SHA256
	return f, nil
}

// Type names what the first bytes of a file are, and refuses programs and web
// pages, by bytes and by name, and a name that promises something else. Only a text may be told apart further by its name, because JSON and
// CSV have no magic bytes.
func Type(head []byte, name string) (string, error) {
	for _, magic := range []string{"MZ", "\x7fELF", "\xca\xfe\xba\xbe", "\xcf\xfa\xed\xfe", "#!"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return "", errProgram
		}
	}
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	if kind == "application/x-gzip" {
		kind = "application/gzip"
	}
	if kind == "text/html" {
		return "", errPage
	}
	if kind == "text/plain" {
		switch strings.ToLower(path.Ext(name)) {
		case ".json":
			kind = "application/json"
		case ".csv":
			kind = "text/csv"
		case ".eml":
			kind = "message/rfc822"
		}
	}
	if !slices.Contains(acceptedTypes[:], kind) {
		return "", fault.New(fault.UnsupportedType, "This kind of file is not accepted. Send a document, picture, recording or data file.")
	}
	if err := fits(name, kind); err != nil {
		return "", err
	}
	return kind, nil
}

// CleanName is a file name that is safe to show and to save: the last part,
// without control characters, at most 150 characters.
func CleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || strings.ContainsRune(`<>:"/\|?*`, c) || unicode.In(c, unicode.Cf) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(name, ""))
	name = strings.Trim(name, " .")
	for utf8.RuneCountInString(name) > 150 {
		_, size := utf8.DecodeRuneInString(name)
		name = name[size:]
	}
	name = strings.TrimLeft(name, " .") // which the cut may have laid bare
	if name == "" {
		return "file"
	}
	return name
}
