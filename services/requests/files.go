package requests

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"

	"inzage/services/attachment"
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

// room refuses more files than a request may hold.
func (s *Service) room(held, more int) error {
	if held+more > s.Limits.Files {
		return fault.New(fault.TooLarge, "There are already %d files. Remove one first.", s.Limits.Files)
	}
	return nil
}

// errTogether keeps one person from filling the disk in parts.
var errTogether = fault.New(fault.TooLarge, "Your files together are larger than one file may be. Remove one, or send less.")

// together refuses files of one person that are larger together than one file
// may be (ASVS 5.2.4).
func (s *Service) together(files ...File) error {
	var sum int64
	for _, f := range files {
		sum += f.Size
	}
	if sum > s.Limits.FileBytes {
		return errTogether
	}
	return nil
}

// take stores a file that a data subject sends beside those that are there.
func (s *Service) take(ctx context.Context, object string, held []File, u Upload) (File, error) {
	f, err := s.store(ctx, object, len(held), u)
	if err != nil {
		return File{}, err
	}
	if err := s.together(append(slices.Clone(held), f)...); err != nil {
		return File{}, errors.Join(err, s.Vault.DeleteFile(ctx, object, f.ID))
	}
	return f, nil
}

// store encrypts an upload into a new file of the object.
func (s *Service) store(ctx context.Context, object string, already int, u Upload) (File, error) {
	if err := s.room(already, 1); err != nil {
		return File{}, err
	}
	stored, err := attachment.Store(ctx, s.Vault, object, s.Limits.FileBytes, attachment.Upload{Name: u.Name, Size: u.Size, Body: u.Body})
	if err != nil {
		return File{}, err
	}
	z, err := s.sealer(ctx, object)
	if err != nil {
		return File{}, err
	}
	f := File{ID: stored.ID, Name: z.Text("file", stored.Name), Type: stored.Type, Size: stored.Size, SHA256: stored.SHA256, For: u.For, At: s.now()}
	return f, z.Err
}

// CleanName is a file name that is safe to show and to save.
func CleanName(name string) string { return attachment.CleanName(name) }

// AddAnswerFile stores a file that the answer will release.
func (s *Service) AddAnswerFile(ctx context.Context, by identity.Actor, id string, u Upload) (File, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return File{}, s.missing(ctx, by, "request.add_file", err)
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
		return File{}, s.missing(ctx, by, "assist.add_file", err)
	}
	if !mayAnswer(by, &a) {
		return File{}, s.refused(ctx, by, "assist.add_file", id, ErrNotFound)
	}
	if !a.Open {
		return File{}, s.refused(ctx, by, "assist.add_file", id, errLocked)
	}
	sealedFor := a.Request
	f, err := s.store(ctx, sealedFor, len(a.Files), u)
	if err != nil {
		return File{}, err
	}
	_, err = s.Assists.Update(ctx, id, func(a *Assist) ([]ledger.Event, error) {
		if !a.Open {
			return nil, errLocked
		}
		if a.Request != sealedFor {
			return nil, ErrMoved // it was joined with another request meanwhile
		}
		if len(a.Files) >= s.Limits.Files {
			return nil, fault.New(fault.TooLarge, "There are already %d files. Remove one first.", s.Limits.Files)
		}
		a.Files = append(a.Files, f)
		return []ledger.Event{s.event(by, "assist.add_file", a.ID, details{"request": a.Request, "file": f.ID, "bytes": strconv.FormatInt(f.Size, 10)})}, nil
	})
	if err != nil {
		return File{}, errors.Join(err, s.Vault.DeleteFile(ctx, sealedFor, f.ID))
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
