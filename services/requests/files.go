package requests

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// Upload is a file as it arrives: a stream with the name and the length that
// the sender announced (-1 unknown).
type Upload struct {
	Name string
	Size int64
	Body io.Reader
	For  Right // answer files: the right it answers, "" for all
}

// acceptedTypes are the media types by content that may be stored. Archives
// are stored as they are and never unpacked; programs are refused.
var acceptedTypes = []string{
	"application/pdf", "image/png", "image/jpeg", "image/webp", "image/gif", "image/tiff", "image/heic",
	"audio/mpeg", "audio/wave", "audio/ogg", "audio/mp4", "audio/aac", "audio/flac", "video/mp4", "video/webm",
	"application/zip", "application/gzip", "application/json", "text/csv", "text/plain", "text/xml",
	"message/rfc822", "application/msword", "application/octet-stream",
}

// store encrypts an upload into a new file of the object. Its type is read
// from its first bytes, never from its name.
func (s *Service) store(ctx context.Context, object string, already int, u Upload) (File, error) {
	if already >= s.Limits.Files {
		return File{}, fault.New(fault.TooLarge, "There are already %d files. Remove one first.", s.Limits.Files)
	}
	if u.Size == 0 {
		return File{}, fault.New(fault.Invalid, "Some answers need another look.").At("file", "This file is empty. Choose another file.")
	}
	head := make([]byte, 3072)
	n, err := io.ReadFull(u.Body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return File{}, cutOff(err)
	}
	head = head[:n]
	kind, err := contentType(head, u.Name)
	if err != nil {
		return File{}, err
	}
	key, err := s.Vault.Create(ctx, object)
	if err != nil {
		return File{}, err
	}
	z := sealer{key: key}
	f := File{ID: ledger.NewID("fil"), Name: z.text("file", CleanName(u.Name)), Type: kind, For: u.For, At: s.now()}
	if z.err != nil {
		return File{}, z.err
	}
	info, err := s.Vault.PutFile(ctx, object, f.ID, io.MultiReader(bytes.NewReader(head), u.Body), u.Size, s.Limits.FileBytes)
	if err != nil {
		return File{}, err
	}
	f.Size, f.SHA256 = info.Size, info.SHA256
	return f, nil
}

func cutOff(err error) error {
	return fault.New(fault.Invalid, "The upload was cut off. Please send the file again.").Because(err)
}

// contentType names what the bytes are, and refuses programs. Only a text may
// be told apart further by its name, because JSON and CSV have no magic bytes.
func contentType(head []byte, name string) (string, error) {
	for _, magic := range []string{"MZ", "\x7fELF", "\xca\xfe\xba\xbe", "\xcf\xfa\xed\xfe", "#!"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return "", fault.New(fault.UnsupportedType, "Programs are not accepted. Send a document, picture, recording or data file.")
		}
	}
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	if kind == "application/x-gzip" {
		kind = "application/gzip"
	}
	if kind == "text/html" {
		return "", fault.New(fault.UnsupportedType, "Web pages are not accepted. Send it as a PDF.")
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
	if !slices.Contains(acceptedTypes, kind) {
		return "", fault.New(fault.UnsupportedType, "This kind of file is not accepted. Send a document, picture, recording or data file.")
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
	if name == "" {
		return "file"
	}
	return name
}

// AddAnswerFile stores a file that the answer will release.
func (s *Service) AddAnswerFile(ctx context.Context, by identity.Actor, id string, u Upload) (File, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return File{}, err
	}
	if _, err := allowed(by, &r, AddFile); err != nil {
		return File{}, s.refused(ctx, by, "request.add_file", id, err)
	}
	f, err := s.store(ctx, id, len(r.Files), u)
	if err != nil {
		return File{}, err
	}
	if err := s.attach(ctx, by, id, f); err != nil {
		return File{}, errors.Join(err, s.Vault.DeleteFile(ctx, id, f.ID))
	}
	return f, nil
}

func (s *Service) attach(ctx context.Context, by identity.Actor, id string, f File) error {
	_, err := s.change(ctx, by, id, AddFile, func(r *Request) (details, error) {
		if len(r.Files) >= s.Limits.Files {
			return nil, fault.New(fault.TooLarge, "There are already %d files. Remove one first.", s.Limits.Files)
		}
		r.Files = append(r.Files, f)
		return details{"file": f.ID, "type": f.Type, "bytes": strconv.FormatInt(f.Size, 10)}, nil
	})
	return err
}

// RemoveAnswerFile takes a file out of the answer before it is delivered.
func (s *Service) RemoveAnswerFile(ctx context.Context, by identity.Actor, id, file string) (Request, error) {
	var removed File
	r, err := s.change(ctx, by, id, RemoveFile, func(r *Request) (details, error) {
		i := slices.IndexFunc(r.Files, func(f File) bool { return f.ID == file })
		if i < 0 {
			return nil, ErrNotFound
		}
		removed = r.Files[i]
		r.Files = slices.Delete(slices.Clone(r.Files), i, i+1)
		return details{"file": file}, nil
	})
	if err != nil || removed.Assist != "" {
		return r, err
	}
	return r, s.Vault.DeleteFile(ctx, id, file)
}

// UseAssistFile makes a file that a processor sent part of the answer.
func (s *Service) UseAssistFile(ctx context.Context, by identity.Actor, assist, file string) (Request, error) {
	a, err := s.Assists.Get(ctx, assist)
	if err != nil {
		return Request{}, err
	}
	f, ok := find(a.Files, file)
	if !ok || a.Open || !mayAsk(by, &a) {
		return Request{}, s.refused(ctx, by, "request.add_file", a.Request, ErrNotFound)
	}
	f.For, f.Assist = a.Right, a.ID
	return s.change(ctx, by, a.Request, AddFile, func(r *Request) (details, error) {
		if _, there := find(r.Files, file); there {
			return nil, fault.New(fault.Conflict, "This file is already part of the answer.")
		}
		r.Files = append(r.Files, f)
		return details{"file": f.ID, "assist": assist}, nil
	})
}

// AddAssistFile stores a file that belongs to the processor's answer.
func (s *Service) AddAssistFile(ctx context.Context, by identity.Actor, id string, u Upload) (File, error) {
	a, err := s.Assists.Get(ctx, id)
	if err != nil {
		return File{}, err
	}
	if !mayAnswer(by, &a) {
		return File{}, s.refused(ctx, by, "assist.add_file", id, ErrNotFound)
	}
	if !a.Open {
		return File{}, s.refused(ctx, by, "assist.add_file", id, errLocked)
	}
	f, err := s.store(ctx, a.Request, len(a.Files), u)
	if err != nil {
		return File{}, err
	}
	_, err = s.Assists.Update(ctx, id, func(a *Assist) ([]ledger.Event, error) {
		if !a.Open {
			return nil, errLocked
		}
		if len(a.Files) >= s.Limits.Files {
			return nil, fault.New(fault.TooLarge, "There are already %d files. Remove one first.", s.Limits.Files)
		}
		a.Files = append(a.Files, f)
		return []ledger.Event{s.event(by, "assist.add_file", a.ID, details{"request": a.Request, "file": f.ID, "bytes": strconv.FormatInt(f.Size, 10)})}, nil
	})
	if err != nil {
		return File{}, errors.Join(err, s.Vault.DeleteFile(ctx, a.Request, f.ID))
	}
	return f, nil
}

// RemoveAssistFile takes a file out of an answer that was not sent yet.
func (s *Service) RemoveAssistFile(ctx context.Context, by identity.Actor, id, file string) error {
	a, err := s.Assists.Update(ctx, id, func(a *Assist) ([]ledger.Event, error) {
		if !mayAnswer(by, a) {
			return nil, ErrNotFound
		}
		i := slices.IndexFunc(a.Files, func(f File) bool { return f.ID == file })
		if i < 0 || !a.Open {
			return nil, errLocked
		}
		a.Files = slices.Delete(slices.Clone(a.Files), i, i+1)
		return []ledger.Event{s.event(by, "assist.remove_file", a.ID, details{"request": a.Request, "file": file})}, nil
	})
	if err != nil {
		return s.refused(ctx, by, "assist.remove_file", id, err)
	}
	return s.Vault.DeleteFile(ctx, a.Request, file)
}
