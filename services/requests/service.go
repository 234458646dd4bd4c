package requests

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"inzage/config/decisions"
	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Agreements is what requests ask about agreements.
type Agreements interface {
	// Between returns the agreement in force at the time, NotFound when there is none.
	Between(ctx context.Context, controller, processor string, at time.Time) (agreements.Applied, error)
	// Applied returns a version of an agreement, in force or not.
	Applied(ctx context.Context, id string, version int) (agreements.Applied, error)
	// Serves tells whether an organisation is the processor in an agreement in force.
	Serves(ctx context.Context, processor string, at time.Time) (bool, error)
	// OfProcessor lists the agreements in force of a processor.
	OfProcessor(ctx context.Context, processor string, at time.Time) ([]agreements.Applied, error)
	// OfController lists the agreements in force of a controller.
	OfController(ctx context.Context, controller string, at time.Time) ([]agreements.Applied, error)
}

// Directory knows the organisations, and the accounts of data subjects.
type Directory interface {
	Organisation(ctx context.Context, id string) (identity.Organisation, error)
	// EachOrganisation calls do with every organisation, for the portal's sweeps.
	EachOrganisation(ctx context.Context, do func(identity.Organisation) error) error
	// Works tells whether an account can act for the organisation in one of the roles now.
	Works(ctx context.Context, account, organisation string, roles ...identity.Role) (bool, error)
	// Erase removes a data subject's account, for the system, when no request of theirs is left.
	Erase(ctx context.Context, by identity.Actor, account string) error
	// EnsureSubject finds or makes the data subject's account of a proven address.
	EnsureSubject(ctx context.Context, proof identity.Proof, name, language string) (string, error)
	// HasFactor tells whether the account has a second factor or a passkey.
	HasFactor(ctx context.Context, account string) (bool, error)
}

// Evidence keeps the events that change no state: refusals and reads. What
// cannot be recorded does not happen.
type Evidence = journal.Recorder

// Service carries the rules. All exported fields must be set.
type Service struct {
	Requests   document.Collection[Request]
	Assists    document.Collection[Assist]
	Drafts     document.Collection[Draft]
	Vault      vault.Keeper
	Agreements Agreements
	Directory  Directory
	Evidence   Evidence
	Catalogue  decisions.Catalogue
	Limits     Limits
	Now        func() time.Time

	seen int64 // the revision that At names; 0 is any
}

// At returns the service for somebody who saw the request at a revision: what
// they change there is refused with ErrMoved when the request has changed since.
func (s *Service) At(rev int64) *Service {
	at := *s
	at.seen = rev
	return &at
}

// Limits are the settable bounds on what people send.
type Limits struct {
	FileBytes int64 // the largest file
	Files     int   // files a request may hold
	// Keep is how long the content of an ended request stays where its controller
	// chose nothing; 0 means two years.
	Keep time.Duration
}

// DefaultLimits are 2 GiB a file and 50 files a request.
var DefaultLimits = Limits{FileBytes: 2 << 30, Files: 50}

func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// details are identifiers and enumerated values for the ledger.
type details map[string]string

// event makes the ledger event of an action on the object.
func (s *Service) event(by identity.Actor, action, object string, d details) ledger.Event {
	return by.Event(s.now(), action, object, d)
}

// change is the one way to change a request: the table decides, do changes,
// the clock is read again, and the event goes with it. A refusal by the table
// leaves its own entry. do is pure and may run twice.
func (s *Service) change(ctx context.Context, by identity.Actor, id string, a Action, do func(*Request) (details, error)) (Request, error) {
	r, err := s.reach(ctx, by, id, a)
	if err != nil {
		return Request{}, err
	}
	clock, err := s.reader(ctx, &r)
	if err != nil {
		return Request{}, err
	}
	out, err := s.Requests.Update(ctx, id, func(r *Request) ([]ledger.Event, error) {
		row, err := allowed(by, r, a)
		if err != nil {
			return nil, err
		}
		if s.seen != 0 && r.Rev != s.seen {
			return nil, ErrMoved
		}
		before := r.State
		d, err := do(r)
		if err != nil {
			return nil, err
		}
		if row.To != "" && r.State == before {
			r.State = row.To
		}
		r.settle(clock, s.now())
		return []ledger.Event{s.event(by, "request."+string(a), r.ID, d)}, nil
	})
	if err != nil {
		return Request{}, s.refused(ctx, by, "request."+string(a), id, err)
	}
	return out, nil
}

// reach returns the request when the table allows the action now. Whatever is
// read or made for an action comes after it: a key that is gone, or the work
// itself, would tell a stranger that the request is there.
func (s *Service) reach(ctx context.Context, by identity.Actor, id string, a Action) (Request, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, s.missing(ctx, by, "request."+string(a), err)
	}
	if _, err := allowed(by, &r, a); err != nil {
		return Request{}, s.refused(ctx, by, "request."+string(a), id, err)
	}
	return r, nil
}

// Entitled refuses who may not do the action in whichever state, NotFound or
// Forbidden, with the entry of it. A page asks it before it opens the request
// or reads a form; whether the state allows it now is left to the doing.
func (s *Service) Entitled(ctx context.Context, by identity.Actor, id string, a Action) error {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return s.missing(ctx, by, "request."+string(a), err)
	}
	if _, err := allowed(by, &r, a); err != nil && fault.KindOf(err) != fault.Conflict {
		return s.refused(ctx, by, "request."+string(a), id, err)
	}
	return nil
}

// refused leaves an entry for a refusal by role or state and passes the refusal on.
// When the entry cannot be written, the answer is that nothing happened.
func (s *Service) refused(ctx context.Context, by identity.Actor, action, object string, err error) error {
	return journal.Refused(ctx, s.Evidence, s.event(by, action, object, nil), err)
}

// missing is refused for what is not there: asking for it leaves an entry too,
// so that it answers no sooner than what the actor may not see. The entry
// names no object, because whoever asked could have written anything there.
func (s *Service) missing(ctx context.Context, by identity.Actor, action string, err error) error {
	if !isNotFound(err) {
		return err
	}
	return s.refused(ctx, by, action, unknownObject, err)
}

const unknownObject = "unknown"

// Look returns the request as far as the actor may see it, and leaves an entry
// for the reading when content was shown.
func (s *Service) Look(ctx context.Context, by identity.Actor, id string) (Request, Sight, error) {
	r, seen, err := s.Find(ctx, by, id)
	if err != nil {
		return Request{}, Nothing, err
	}
	if seen == Content {
		if err := s.Evidence.Record(ctx, s.event(by, "request.read", id, nil)); err != nil {
			return Request{}, Nothing, document.ErrBusy.Because(fmt.Errorf("record reading: %w", err))
		}
	}
	return r, seen, nil
}

// Story is the opened content of a request: who, what, and everything said since.
type Story struct {
	Person      Person
	Asked       map[Right]Asked
	About       string
	Attachments []NamedFile
	Files       []NamedFile
	Additions   []Said
	Notes       []Said
	Questions   []Question
	Extension   string // its reasons
	Misdirected string
	LateReason  string
	Decisions   map[Right]DecisionText
	Outside     string
	Joined      []JoinedStory // what goes on under this request
	Handed      []HandedStory // why controllers handed it back; for the desk
	OnePerson   string        // why it is said to be one person with the request it goes on under; for the desk
}

// NamedFile is a file with its opened name.
type NamedFile struct {
	File
	Name string
}

// Said is a text with its time and, for notes, its author.
type Said struct {
	At   time.Time
	By   string
	Text string
}

// Tell opens the content of a request that Look returned with sight Content.
// Internal notes are opened for the desk only. A shredded request yields Gone.
func (s *Service) Tell(ctx context.Context, by identity.Actor, r Request) (Story, error) {
	if sight(by, &r) != Content {
		return Story{}, ErrNotFound
	}
	key, err := s.Vault.Key(ctx, r.ID)
	if err != nil {
		return Story{}, err
	}
	o, theirs := vault.Opener{Key: key}, isSubject(by, &r)
	st := Story{Asked: map[Right]Asked{}, Decisions: map[Right]DecisionText{}}
	o.JSON("person", r.Person, &st.Person)
	st.About = o.Text("about", r.About)
	st.LateReason = o.Text("late_reason", r.LateReason)
	st.Misdirected = o.Text("misdirected", r.Misdirected)
	for _, i := range append(append([]Item(nil), r.Items...), r.Leaving...) {
		var a Asked
		if o.JSON("asked", i.Asked, &a); theirs && r.hidden(i.From) {
			a = Asked{}
		}
		st.Asked[i.Right] = a
		if i.Decision != nil {
			var d DecisionText
			o.JSON("decision", i.Decision.Text, &d)
			st.Decisions[i.Right] = d
		}
	}
	st.Attachments = namedFiles(&o, slices.DeleteFunc(slices.Clone(r.Attachments), func(f File) bool { return theirs && r.hidden(f.Joined) }))
	st.Joined = tellJoined(&o, &r, theirs, by.Organisation)
	st.Files = namedFiles(&o, r.Files)
	for _, a := range r.Additions {
		st.Additions = append(st.Additions, Said{At: a.At, Text: o.Text("addition", a.Text)})
	}
	if !theirs {
		st.Handed = tellHanded(&o, &r)
		if r.Joined != nil {
			st.OnePerson = o.Text("joined", r.Joined.Reason)
		}
		for _, n := range r.Notes {
			if n.Org == by.Organisation {
				st.Notes = append(st.Notes, Said{At: n.At, By: n.By, Text: o.Text("note", n.Text)})
			}
		}
	}
	for _, q := range r.Identity {
		st.Questions = append(st.Questions, Question{Asked: q, Reason: o.Text("identity", q.Reason), Least: o.Text("identity", q.Least), Reply: o.Text("identity", q.Reply)})
	}
	if r.Extension != nil {
		st.Extension = o.Text("extension", r.Extension.Reasons)
	}
	if r.Answer != nil && r.Answer.Outside != nil {
		st.Outside = o.Text("outside", r.Answer.Outside.Proof)
	}
	return st, o.Err
}

func namedFiles(o *vault.Opener, files []File) []NamedFile {
	var named []NamedFile
	for _, f := range files {
		named = append(named, NamedFile{File: f, Name: o.Text("file", f.Name)})
	}
	return named
}

// joined lists rights as one enumerated value for the ledger.
func joined(rights []Right) string {
	var b []string
	for _, r := range rights {
		b = append(b, string(r))
	}
	return strings.Join(b, ",")
}
