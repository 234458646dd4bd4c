package requests

import (
	"context"
	"io"
	"slices"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/vault"
)

// ReleaseTime is how long released files can be downloaded before the data
// subject, or the desk, renews it.
const ReleaseTime = 7 * 24 * time.Hour

// Delivery is how the answer reached the data subject.
type Delivery struct {
	At time.Time `json:"at"`
	// Until is the end of the release; zero when delivered outside the portal.
	Until     time.Time  `json:"until"`
	Downloads []Fetched  `json:"downloads,omitempty"`
	Outside   *Outside   `json:"outside,omitempty"`
	Renewed   int        `json:"renewed"`
	Last      *time.Time `json:"last,omitempty"`
}

// Fetched is one download of one file.
type Fetched struct {
	File string    `json:"file"`
	At   time.Time `json:"at"`
}

// Outside is a delivery by post or in person, with its proof.
type Outside struct {
	Way   string       `json:"way"` // post, in_person
	Proof vault.Sealed `json:"proof"`
}

// The refusals of a download.
var (
	ErrExpired = fault.New(fault.Gone, "The time to download has ended. Ask for it again; it takes one click.")
	ErrStepUp  = fault.New(fault.StepUp, "Confirm that it is you before you download personal data.")
)

// Release gives the answer's files to the data subject, for seven days.
func (s *Service) Release(ctx context.Context, by identity.Actor, id string) (Request, error) {
	if err := s.strong(ctx, by, "request.deliver", id); err != nil {
		return Request{}, err
	}
	now := s.now()
	return s.change(ctx, by, id, Deliver, func(r *Request) (details, error) {
		if len(r.Files) == 0 {
			return nil, fault.New(fault.Conflict, "There are no files to deliver. Add them first, or record how the answer was delivered.")
		}
		r.Answer = &Delivery{At: now, Until: now.Add(ReleaseTime)}
		return details{"way": "portal"}, nil
	})
}

// strong refuses an actor whose second factor is older than five minutes.
func (s *Service) strong(ctx context.Context, by identity.Actor, action, object string) error {
	if by.Strong(s.now()) {
		return nil
	}
	return s.refused(ctx, by, action, object, ErrStepUp)
}

// ReleaseOutside records a delivery by post or in person, with its proof.
func (s *Service) ReleaseOutside(ctx context.Context, by identity.Actor, id, means, proof string) (Request, error) {
	z, err := s.sealerFor(ctx, by, id, DeliverOutside)
	if err != nil {
		return Request{}, err
	}
	var form fault.Form
	if means != "post" && means != "in_person" {
		form.Refuse("way", "Choose how the answer was delivered.")
	}
	if needText("proof", proof, "x") != nil {
		form.Refuse("proof", "Say what proves it: a tracking number, or who received it and when.")
	}
	if err := form.Err(); err != nil {
		return Request{}, err
	}
	now, sealed := s.now(), z.Text("outside", proof)
	if z.Err != nil {
		return Request{}, z.Err
	}
	return s.change(ctx, by, id, DeliverOutside, func(r *Request) (details, error) {
		r.Answer = &Delivery{At: now, Outside: &Outside{Way: means, Proof: sealed}}
		return details{"way": means}, nil
	})
}

// RenewRelease opens the release for another seven days.
func (s *Service) RenewRelease(ctx context.Context, by identity.Actor, id string) (Request, error) {
	now := s.now()
	return s.change(ctx, by, id, Renew, func(r *Request) (details, error) {
		if r.Answer == nil || r.Answer.Outside != nil {
			return nil, ErrMoved
		}
		r.Answer.Until = now.Add(ReleaseTime)
		r.Answer.Renewed++
		return nil, nil
	})
}

// Plan says from which byte on a file is wanted, once it is known that it may
// be had; 0 is the whole. An error ends it before anything is recorded.
type Plan func(NamedFile) (from int64, err error)

// resumeTime is how long a download that broke off goes on as the same one.
const resumeTime = 24 * time.Hour

// Fetch opens a released file for the data subject: after the second factor,
// within the release, and with its entry written before the first byte.
func (s *Service) Fetch(ctx context.Context, by identity.Actor, id, file string) (NamedFile, io.ReadSeekCloser, error) {
	return s.FetchFrom(ctx, by, id, file, func(NamedFile) (int64, error) { return 0, nil })
}

// FetchFrom is Fetch for whoever may want a part. What goes on after the
// beginning, within a day of a recorded download of the file, is that download:
// it meets the same checks and leaves no second entry, however often the line
// breaks. Without one before it, it is a download of its own.
func (s *Service) FetchFrom(ctx context.Context, by identity.Actor, id, file string, plan Plan) (NamedFile, io.ReadSeekCloser, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return NamedFile{}, nil, s.missing(ctx, by, "request.download", err)
	}
	if _, err := allowed(by, &r, Download); err != nil {
		return NamedFile{}, nil, s.refused(ctx, by, "request.download", id, err)
	}
	if err := s.strong(ctx, by, "request.download", id); err != nil {
		return NamedFile{}, nil, err
	}
	f, ok := find(r.Files, file)
	if !ok {
		return NamedFile{}, nil, s.refused(ctx, by, "request.download", id, ErrNotFound)
	}
	now := s.now()
	open := func(a *Delivery) bool { return a != nil && a.Outside == nil && !now.After(a.Until) }
	if !open(r.Answer) {
		return NamedFile{}, nil, s.refused(ctx, by, "request.download", id, ErrExpired)
	}
	named, err := s.named(ctx, id, f)
	if err != nil {
		return NamedFile{}, nil, err
	}
	from, err := plan(named)
	if err != nil {
		return named, nil, err
	}
	begun := func(one Fetched) bool { return one.File == file && now.Sub(one.At) < resumeTime }
	if from == 0 || !slices.ContainsFunc(r.Answer.Downloads, begun) {
		if _, err := s.change(ctx, by, id, Download, func(r *Request) (details, error) {
			if !open(r.Answer) {
				return nil, ErrExpired
			}
			r.Answer.Downloads = append(r.Answer.Downloads, Fetched{File: file, At: now})
			r.Answer.Last = &now
			return details{"file": file}, nil
		}); err != nil {
			return NamedFile{}, nil, err
		}
	}
	in, err := s.Vault.OpenFile(ctx, id, f.ID)
	return named, in, err
}

// View opens an attachment or an answer file for the desk. The entry is
// written before the first byte.
func (s *Service) View(ctx context.Context, by identity.Actor, id, file string) (NamedFile, io.ReadSeekCloser, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return NamedFile{}, nil, s.missing(ctx, by, "request.view_file", err)
	}
	if !isDesk(by, &r) {
		return NamedFile{}, nil, s.refused(ctx, by, "request.view_file", id, ErrNotFound)
	}
	f, ok := find(append(append([]File(nil), r.Attachments...), r.Files...), file)
	if !ok {
		return NamedFile{}, nil, s.refused(ctx, by, "request.view_file", id, ErrNotFound)
	}
	return s.recordAndOpen(ctx, by, "request.view_file", id, f)
}

// ViewAssist opens a file of an assist for the two parties to it.
func (s *Service) ViewAssist(ctx context.Context, by identity.Actor, id, file string) (NamedFile, io.ReadSeekCloser, error) {
	a, err := s.Assists.Get(ctx, id)
	if err != nil {
		return NamedFile{}, nil, s.missing(ctx, by, "assist.view_file", err)
	}
	f, ok := find(a.Files, file)
	if !ok || !mayAsk(by, &a) && (!mayAnswer(by, &a) || a.Outcome == Cancelled) {
		return NamedFile{}, nil, s.refused(ctx, by, "assist.view_file", id, ErrNotFound)
	}
	return s.recordAndOpen(ctx, by, "assist.view_file", a.Request, f)
}

func (s *Service) recordAndOpen(ctx context.Context, by identity.Actor, action, request string, f File) (NamedFile, io.ReadSeekCloser, error) {
	if err := s.Evidence.Record(ctx, s.event(by, action, request, details{"file": f.ID})); err != nil {
		return NamedFile{}, nil, document.ErrBusy.Because(err)
	}
	return s.openFile(ctx, request, f)
}

func (s *Service) openFile(ctx context.Context, request string, f File) (NamedFile, io.ReadSeekCloser, error) {
	named, err := s.named(ctx, request, f)
	if err != nil {
		return NamedFile{}, nil, err
	}
	in, err := s.Vault.OpenFile(ctx, request, f.ID)
	return named, in, err
}

func (s *Service) named(ctx context.Context, request string, f File) (NamedFile, error) {
	key, err := s.Vault.Key(ctx, request)
	if err != nil {
		return NamedFile{}, err
	}
	o := vault.Opener{Key: key}
	named := NamedFile{File: f, Name: o.Text("file", f.Name)}
	return named, o.Err
}

func find(files []File, id string) (File, bool) {
	for _, f := range files {
		if f.ID == id {
			return f, true
		}
	}
	return File{}, false
}
