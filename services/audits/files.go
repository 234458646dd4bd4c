package audits

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"

	"inzage/services/attachment"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/vault"
)

// item is what a file can belong to, as far as the actor may add to it: its own
// unlocked answer, its own line of costs, a finding, a measure it carries out, a
// visit of either side: its programme beforehand, its minutes afterwards.
func (st *step) item(of string) error {
	if q := st.inquiry(of); q != nil {
		if st.party != Processor {
			return ErrForbidden
		}
		if !q.pending() {
			return fault.New(fault.Conflict, "This was answered already, or withdrawn. It can no longer be changed.")
		}
		return nil
	}
	if c := st.cost(of); c != nil && !stands(st.by, st.Audit, TheAuditor) {
		_, err := st.own(of)
		return err
	}
	if f := st.finding(of); f != nil {
		if st.party != Controller {
			return ErrForbidden
		}
		if st.Stage == Improving || st.Stage == Settled || f.Dropped != nil {
			return ErrMoved
		}
		return nil
	}
	if m := st.measure(of); m != nil {
		_, err := st.unfinished(of)
		return err
	}
	if v := st.session(of); v != nil {
		if v.Dropped != nil || st.Stage != DateAgreed && st.Stage != UnderWay {
			return ErrMoved
		}
		return nil
	}
	switch {
	case of == "rules" && st.party == Processor,
		of == "report" && st.party == Controller && st.Stage == UnderWay,
		st.Auditor != nil && of == st.Auditor.ID && st.party == Controller && st.Announced == nil,
		of == "notice" && st.party == Controller && st.Announced == nil:
		return nil
	}
	return ErrNotFound
}

// Attach stores a file, encrypted while it streams in, with the thing it
// belongs to: an inquiry, finding, measure, visit or cost by its id, the
// auditor by its id (proof of qualification), "notice", "report" or "rules". House
// rules with another file are a new version, which has to be read anew.
func (s *Service) Attach(ctx context.Context, by identity.Actor, id, of string, u attachment.Upload) (File, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return File{}, err
	}
	// The whole step first, so that nothing is stored for who may not attach it.
	if _, err := allowed(by, &a, AddFile); err != nil {
		return File{}, s.refused(ctx, by, AddFile, id, s.moved(ctx, &a, err))
	}
	if err := first(s.stepFor(by, &a).item(of), s.room(&a)); err != nil {
		return File{}, s.refused(ctx, by, AddFile, id, err)
	}
	stored, err := attachment.Store(ctx, s.Vault, id, s.Limits.FileBytes, u)
	if err != nil {
		return File{}, err
	}
	var f File
	_, err = s.change(ctx, by, id, AddFile, func(st *step) (details, error) {
		if err := first(st.item(of), s.room(st.Audit)); err != nil {
			return nil, err
		}
		f = File{ID: stored.ID, Of: of, From: st.party, Name: st.z.Text("file", stored.Name), Type: stored.Type, Size: stored.Size, SHA256: stored.SHA256,
			At: st.now, By: st.by.Account}
		st.Files = append(st.Files, f)
		st.changed(of)
		return details{"file": f.ID, "of": of, "type": f.Type, "bytes": strconv.FormatInt(f.Size, 10)}, nil
	})
	if err != nil {
		return File{}, errors.Join(err, s.Vault.DeleteFile(context.WithoutCancel(ctx), id, stored.ID))
	}
	return f, nil
}

// Takes tells whether the actor can add a file to a thing in the audit now, or
// take out one that its own side added.
func (s *Service) Takes(by identity.Actor, a Audit, of string) bool {
	_, err := allowed(by, &a, AddFile)
	return err == nil && s.stepFor(by, &a).item(of) == nil
}

// stepFor is a step that only looks.
func (s *Service) stepFor(by identity.Actor, a *Audit) *step {
	st := &step{Audit: a, by: by, party: a.partyOf(by.Organisation)}
	if stands(by, a, TheAuditor) {
		st.party = Controller
	}
	return st
}

func (s *Service) room(a *Audit) error {
	if len(a.Files) >= s.Limits.Files {
		return fault.New(fault.TooLarge, "There are already %d files. Remove one first.", s.Limits.Files)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Detach removes a file that the actor's side added, as long as the thing it
// belongs to can be changed.
func (s *Service) Detach(ctx context.Context, by identity.Actor, id, file string) (Audit, error) {
	out, err := s.change(ctx, by, id, RemoveFile, func(st *step) (details, error) {
		i := slices.IndexFunc(st.Files, func(f File) bool { return f.ID == file })
		if i < 0 {
			return nil, ErrNotFound
		}
		if st.Files[i].From != st.party {
			return nil, ErrForbidden
		}
		if err := st.item(st.Files[i].Of); err != nil {
			return nil, err
		}
		of := st.Files[i].Of
		st.Files = slices.Delete(slices.Clone(st.Files), i, i+1)
		st.changed(of)
		return details{"file": file, "of": of}, nil
	})
	if err != nil {
		return Audit{}, err
	}
	return out, s.Vault.DeleteFile(ctx, id, file)
}

// changed is told of what a file was added to, or taken from: house rules that
// visitors have read are others then.
func (st *step) changed(of string) {
	if of == "rules" && st.Rules != nil {
		st.reviseRules()
	}
}

func (st *step) countFiles(of string) int {
	n := 0
	for _, f := range st.Files {
		if f.Of == of {
			n++
		}
	}
	return n
}

// Open opens a file for who may see what it belongs to, and leaves an entry.
// The caller closes the stream.
func (s *Service) Open(ctx context.Context, by identity.Actor, id, file string) (NamedFile, io.ReadSeekCloser, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return NamedFile{}, nil, err
	}
	seen := sight(by, &a)
	if seen < Asked {
		return NamedFile{}, nil, s.refused(ctx, by, openFile, id, ErrNotFound)
	}
	shown := a.shown(by, seen)
	f := at(shown.visible(by), func(f File) bool { return f.ID == file })
	if f == nil {
		return NamedFile{}, nil, s.refused(ctx, by, openFile, id, ErrNotFound)
	}
	key, err := s.Vault.Key(ctx, id)
	if err != nil {
		return NamedFile{}, nil, err
	}
	o := vault.Opener{Key: key}
	named := NamedFile{File: *f, Name: o.Text("file", f.Name)}
	if o.Err != nil {
		return NamedFile{}, nil, o.Err
	}
	ev := s.event(by, openFile, id, details{"file": file, "of": f.Of})
	if err := s.Evidence.Record(ctx, ev); err != nil {
		return NamedFile{}, nil, document.ErrBusy.Because(err)
	}
	body, err := s.Vault.OpenFile(ctx, id, file)
	return named, body, err
}

// openFile is the reading of a file.
const openFile Action = "open_file"

// NamedFile is a file with its name opened.
type NamedFile struct {
	File
	Name string
}

// visible are the files that go with what is shown: a draft answer is its
// author's, costs are the parties', findings are the processor's once shared.
func (a *Audit) visible(by identity.Actor) []File {
	party := a.partyOf(by.Organisation)
	if stands(by, a, TheAuditor) {
		party = Controller
	}
	var files []File
	for _, f := range a.Files {
		q := at(a.Inquiries, func(q Inquiry) bool { return q.ID == f.Of })
		switch {
		case q != nil && q.Answered == nil && f.From != party:
		case f.Of[:min(4, len(f.Of))] == "cst_" && a.cost(f.Of) == nil:
		case f.Of[:min(4, len(f.Of))] == "fnd_" && a.finding(f.Of) == nil:
		case f.Of == "report" && a.Report == nil && party == Processor:
		default:
			files = append(files, f)
		}
	}
	return files
}
