package requests

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Draft is a half-done filing. Its id is a secret of the filer and becomes the
// request's id; what was typed is sealed under the key that the request will have.
type Draft struct {
	document.Meta
	Organisation string       `json:"organisation"`
	Content      vault.Sealed `json:"content"` // JSON of Filing
	Files        []File       `json:"files"`
	Touched      time.Time    `json:"touched"`
	Submitted    bool         `json:"submitted"`
}

// DraftLife is how long a draft waits for its filer.
const DraftLife = 7 * 24 * time.Hour

// errDraftGone answers an unknown, old or foreign draft alike.
var errDraftGone = fault.New(fault.Gone, "This form is no longer here. Please start again; it takes a few minutes.")

// StartDraft opens an empty filing at an organisation.
func (s *Service) StartDraft(ctx context.Context, f Filing) (Draft, error) {
	if _, err := s.Directory.Organisation(ctx, f.Organisation); err != nil {
		return Draft{}, err
	}
	d := Draft{Organisation: f.Organisation, Touched: s.now()}
	d.ID = ledger.NewID("req")
	key, err := s.Vault.Create(ctx, d.ID)
	if err != nil {
		return Draft{}, err
	}
	z := vault.Sealer{Key: key}
	if d.Content = z.JSON("draft", f); z.Err != nil {
		return Draft{}, z.Err
	}
	return d, s.Drafts.Create(ctx, &d)
}

// Draft returns a draft and what was typed so far; of one that was submitted
// only that it was. An unknown or old one is Gone.
func (s *Service) Draft(ctx context.Context, id string) (Draft, Filing, error) {
	d, err := s.Drafts.Get(ctx, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && s.now().Sub(d.Touched) > DraftLife {
		return Draft{}, Filing{}, errDraftGone
	}
	if err != nil {
		return Draft{}, Filing{}, err
	}
	key, err := s.Vault.Key(ctx, id)
	if err != nil {
		return Draft{}, Filing{}, err
	}
	var f Filing
	if d.Submitted {
		return d, f, nil // what was sent belongs to the request, whose id others know
	}
	o := vault.Opener{Key: key}
	o.JSON("draft", d.Content, &f)
	return d, f, o.Err
}

// SaveDraft keeps what was typed. Nothing is checked: half is welcome.
func (s *Service) SaveDraft(ctx context.Context, id string, f Filing) error {
	z, err := s.sealer(ctx, id)
	if err != nil {
		return errDraftGone
	}
	content := z.JSON("draft", f)
	if z.Err != nil {
		return z.Err
	}
	_, err = s.Drafts.Touch(ctx, id, func(d *Draft) error {
		if d.Submitted {
			return ErrMoved
		}
		d.Content, d.Touched = content, s.now()
		return nil
	})
	return gone(err)
}

func gone(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return errDraftGone
	}
	return err
}

// AttachToDraft stores a file with a draft.
func (s *Service) AttachToDraft(ctx context.Context, id string, u Upload) (File, error) {
	d, err := s.Drafts.Get(ctx, id)
	if err != nil {
		return File{}, gone(err)
	}
	if d.Submitted {
		return File{}, ErrMoved
	}
	f, err := s.take(ctx, id, d.Files, u)
	if err != nil {
		return File{}, err
	}
	_, err = s.Drafts.Touch(ctx, id, func(d *Draft) error {
		if d.Submitted {
			return ErrMoved
		}
		d.Files, d.Touched = append(d.Files, f), s.now()
		return errors.Join(s.room(len(d.Files), 0), s.together(d.Files...))
	})
	if err != nil {
		return File{}, errors.Join(gone(err), s.Vault.DeleteFile(ctx, id, f.ID))
	}
	return f, nil
}

// DetachFromDraft removes a file from a draft.
func (s *Service) DetachFromDraft(ctx context.Context, id, file string) error {
	_, err := s.Drafts.Touch(ctx, id, func(d *Draft) error {
		if d.Submitted {
			return ErrMoved
		}
		d.Files = slices.DeleteFunc(slices.Clone(d.Files), func(f File) bool { return f.ID == file })
		d.Touched = s.now()
		return nil
	})
	if err != nil {
		return gone(err)
	}
	return s.Vault.DeleteFile(ctx, id, file)
}

// DraftFiles opens the names of a draft's files.
func (s *Service) DraftFiles(ctx context.Context, d Draft) ([]NamedFile, error) {
	key, err := s.Vault.Key(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	o := vault.Opener{Key: key}
	return namedFiles(&o, d.Files), o.Err
}

// SubmitDraft makes the unconfirmed request of a draft. It may be called
// again: the second call returns the same request.
func (s *Service) SubmitDraft(ctx context.Context, id string) (Request, error) {
	return s.SubmitAdmitted(ctx, id, func(string) error { return nil })
}

// SubmitAdmitted is SubmitDraft behind a door: admit is asked, with the address
// that has to be proven, before anything is made. What it refuses leaves the
// form as it was.
func (s *Service) SubmitAdmitted(ctx context.Context, id string, admit func(email string) error) (Request, error) {
	d, f, err := s.Draft(ctx, id)
	if err != nil {
		return Request{}, err
	}
	if d.Submitted {
		return s.Requests.Get(ctx, id)
	}
	if err := f.checked(true); err != nil {
		return Request{}, err
	}
	if err := admit(f.Person.Email); err != nil {
		return Request{}, err
	}
	r, err := s.submit(ctx, id, s.Vault.Key, f, d.Files) // the draft is sealed under the request's key
	if err != nil {
		return Request{}, err
	}
	_, err = s.Drafts.Touch(ctx, id, func(d *Draft) error {
		d.Submitted = true
		return nil
	})
	return r, err
}

// Unproven returns the request of a submitted draft while its e-mail address
// is not proven, with the person who filed it. Whoever holds the draft's id is
// the filer: nobody else sees a request in this state. Later it is ErrMoved.
func (s *Service) Unproven(ctx context.Context, id string) (Request, Person, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, Person{}, gone(err)
	}
	if r.State != Unconfirmed {
		return Request{}, Person{}, ErrMoved
	}
	p, err := s.person(ctx, &r)
	return r, p, err
}

func (s *Service) person(ctx context.Context, r *Request) (Person, error) {
	key, err := s.Vault.Key(ctx, r.ID)
	if err != nil {
		return Person{}, err
	}
	var p Person
	o := vault.Opener{Key: key}
	o.JSON("person", r.Person, &p)
	return p, o.Err
}

// Readdress gives an unconfirmed request another e-mail address, for a filer
// who mistyped theirs and so never gets the code.
func (s *Service) Readdress(ctx context.Context, id, email string) error {
	return s.ReaddressAdmitted(ctx, id, email, func(string) error { return nil })
}

// ReaddressAdmitted is Readdress behind a door: admit is asked before anything
// is changed.
func (s *Service) ReaddressAdmitted(ctx context.Context, id, email string, admit func(email string) error) error {
	email = strings.TrimSpace(email)
	if !ValidEmail(email) {
		return fault.New(fault.Invalid, "Some answers need another look.").At("email", "Fill in a complete e-mail address, like name@example.org.")
	}
	if err := s.reaches(ctx, email); err != nil {
		return err
	}
	_, p, err := s.Unproven(ctx, id)
	if err != nil {
		return err
	}
	z, err := s.sealer(ctx, id)
	if err != nil {
		return err
	}
	if err := admit(email); err != nil {
		return err
	}
	p.Email = email
	sealed := z.JSON("person", p)
	if z.Err != nil {
		return z.Err
	}
	hash := s.Vault.Fingerprint(mailPurpose, NormalEmail(email))
	_, err = s.Requests.Update(ctx, id, func(r *Request) ([]ledger.Event, error) {
		if r.State != Unconfirmed {
			return nil, ErrMoved
		}
		r.Person, r.MailHash, r.Claimed = sealed, "", hash
		return []ledger.Event{s.event(identity.Actor{}, "request.readdress", r.ID, nil)}, nil
	})
	return err
}
