package requests

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Joined is how a request came to go on under another one: who said so, and
// what it returns to when the two are separated again.
type Joined struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Before State     `json:"before"`
	// Stated is true when staff stated that it is one person, with the Reason:
	// the addresses do not say so.
	Stated bool         `json:"stated"`
	Reason vault.Sealed `json:"reason"`
	// Done is true once the other one holds everything.
	Done bool `json:"done"`
}

// Held is a request that goes on under another one, with all that it carries,
// sealed under the key of the one that holds it. Its own document stays as it
// was, so that the two can be separated.
type Held struct {
	ID                   string     `json:"id"` // req_…
	Reference            string     `json:"reference"`
	At                   time.Time  `json:"at"` // when it was joined
	Channel              Channel    `json:"channel"`
	Received             time.Time  `json:"received"`
	ReceivedByProcessor  *time.Time `json:"received_by_processor,omitempty"`
	ReceivedByController *time.Time `json:"received_by_controller,omitempty"`
	// Late is true when its day had passed when it was joined.
	Late bool `json:"late"`
	// Stated as in Joined. Same is true when one account proved both: only then
	// may the data subject of the one that holds it read what is in it.
	Stated bool `json:"stated"`
	Same   bool `json:"same"`
	// Elsewhere is true when its notices go to another address, or to none.
	Elsewhere bool         `json:"elsewhere"`
	Reason    vault.Sealed `json:"reason"`

	Person     vault.Sealed       `json:"person"`
	About      vault.Sealed       `json:"about"`
	LateReason vault.Sealed       `json:"late_reason"`
	Items      []Item             `json:"items"`
	Additions  []Addition         `json:"additions,omitempty"`
	Notes      []Note             `json:"notes,omitempty"`
	Identity   []IdentityQuestion `json:"identity,omitempty"`
	Extension  *Extension         `json:"extension,omitempty"`
	Reminded   []string           `json:"reminded,omitempty"`
}

// Has tells whether the joined request invokes the right.
func (h *Held) Has(right Right) bool {
	return slices.ContainsFunc(h.Items, func(i Item) bool { return i.Right == right })
}

// Rights lists the rights of the joined request.
func (h *Held) Rights() []Right { return (&Request{Items: h.Items}).Rights() }

// Own is what a request that holds others had before the first of them came.
type Own struct {
	Received             time.Time  `json:"received"`
	ReceivedByProcessor  *time.Time `json:"received_by_processor,omitempty"`
	ReceivedByController *time.Time `json:"received_by_controller,omitempty"`
	Reminded             []string   `json:"reminded,omitempty"`
}

// own is what is the request's own, also when it holds nothing.
func (r *Request) own() Own {
	if r.Own != nil {
		return *r.Own
	}
	return Own{r.Received, r.ReceivedByProcessor, r.ReceivedByController, r.Reminded}
}

// CameIn is when the request itself was received, whatever was joined with it.
func (r *Request) CameIn() time.Time { return r.own().Received }

// maxHeld bounds how many requests go on under one.
const maxHeld = 20

// Join says which open request the one at hand goes on under.
type Join struct {
	Reference string
	// OnePerson states that both are of one person where the addresses do not
	// say so, with the Reason.
	OnePerson bool
	Reason    string
}

// MergeInto joins a request with another one of the same proven address.
func (s *Service) MergeInto(ctx context.Context, by identity.Actor, id, reference string) (Request, error) {
	return s.Join(ctx, by, id, Join{Reference: reference})
}

// Join lets a request go on under another open one of the same person. Nothing
// is lost: the other runs from the earliest receipt of both, and holds its
// rights, words, files, notes and questions, each to be answered there. A right
// that both have is decided once, over the words of both. The deed is one change
// of the request that goes; what follows can be finished by anybody.
func (s *Service) Join(ctx context.Context, by identity.Actor, id string, j Join) (Request, error) {
	r, err := s.reach(ctx, by, id, Merge)
	if err != nil {
		return Request{}, err
	}
	other, err := s.Requests.Find(ctx, "reference", NormalReference(j.Reference))
	if err != nil && !isNotFound(err) {
		return Request{}, err
	}
	if err != nil || other.ID == id || sight(by, &other) != Content {
		return Request{}, again().At("reference", "There is no other request with this reference.")
	}
	if err := cmp.Or(leavable(&r), holdable(&other, &r)); err != nil {
		return Request{}, s.refused(ctx, by, "request.merge", id, err)
	}
	one, err := s.onePerson(ctx, &r, &other)
	if err != nil {
		return Request{}, err
	}
	if err := j.check(one); err != nil {
		return Request{}, err
	}
	z, err := s.sealer(ctx, id)
	if err != nil {
		return Request{}, err
	}
	how := Joined{At: s.now(), By: by.Account, Stated: !one, Reason: z.Text("joined", strings.TrimSpace(j.Reason))}
	if z.Err != nil {
		return Request{}, z.Err
	}
	out, err := s.change(ctx, by, id, Merge, func(r *Request) (details, error) {
		if err := leavable(r); err != nil {
			return nil, err
		}
		now := how
		now.Before = r.State
		r.Joined, r.MergedInto = &now, other.ID
		d := details{"into": other.ID, "rights": joined(r.Rights())}
		if now.Stated {
			d["person"] = "stated"
		}
		return d, nil
	})
	if err != nil {
		return Request{}, err
	}
	return s.finishJoin(ctx, out)
}

// again asks to look again at what was filled in.
func again() *fault.Error { return fault.New(fault.Invalid, "Some answers need another look.") }

// check refuses a joining of what may be two people without the statement.
func (j Join) check(one bool) error {
	if one {
		return nil
	}
	var form fault.Form
	if !j.OnePerson {
		form.Refuse("one_person", "The addresses do not show that both requests are of one person. Join them only if you know it otherwise, and say here that you do.")
	}
	if needText("reason", j.Reason, "x") != nil {
		form.Refuse("reason", "Say how you know that it is one person.")
	}
	return form.Err()
}

// onePerson tells whether the addresses show that both are of one person: the
// same address, and the same name where somebody acts for another.
func (s *Service) onePerson(ctx context.Context, a, b *Request) (bool, error) {
	if a.MailHash == "" || a.MailHash != b.MailHash {
		return false, nil
	}
	p, err := s.person(ctx, a)
	if err != nil {
		return false, err
	}
	q, err := s.person(ctx, b)
	if err != nil {
		return false, err
	}
	if p.Representative == nil && q.Representative == nil {
		return true, nil
	}
	return strings.EqualFold(strings.Join(strings.Fields(p.Name), " "), strings.Join(strings.Fields(q.Name), " ")), nil
}

// NeedsStatement tells whether staff have to state that two requests are of
// one person before they can be joined.
func (s *Service) NeedsStatement(ctx context.Context, by identity.Actor, r, other Request) (bool, error) {
	if sight(by, &r) != Content || sight(by, &other) != Content {
		return false, ErrNotFound
	}
	one, err := s.onePerson(ctx, &r, &other)
	return !one, err
}

// leavable refuses to let a request go on under another one that cannot be
// taken along whole.
func leavable(r *Request) error {
	switch {
	case len(r.Holds) > 0 || len(r.Parting) > 0:
		return again().At("reference", "Other requests go on under this one. Join the other one into this, or separate them first.")
	case r.decidedAny():
		return again().At("reference", "Something was decided on this request already. Finish it, or join the other one into this one.")
	case len(r.Leaving) > 0 || len(r.Sharing) > 0:
		return ErrMoved
	}
	return nil
}

// holdable refuses a request that cannot take another one along: one that is
// over or elsewhere, and one that has already answered what the other asks.
func holdable(other, r *Request) error {
	switch {
	case other.State == Merged:
		return again().At("reference", "This request itself goes on under another one. Name that one.")
	case !other.Open || !slices.Contains(running, other.State):
		return again().At("reference", "Only an open request that is not decided yet can be the one that goes on.")
	case other.Desk != r.Desk || other.Controller != r.Controller || other.Decides != r.Decides || other.Decides == "":
		return again().At("reference", "Only a request that the same organisation decides on can be the one that goes on.")
	case len(other.Leaving) > 0 || len(other.Sharing) > 0:
		return ErrMoved
	case len(other.Holds) >= maxHeld:
		return again().At("reference", "Twenty requests go on under this one already. No more can be joined.")
	}
	for _, i := range r.Items {
		if there := other.item(i.Right); there != nil && there.Decision != nil {
			return again().At("reference", "That request has already decided on a right that this one asks. Answer this one by itself.")
		}
	}
	return nil
}

// first is the strand that has to be answered first, with the joined request
// that it is; nil for the request's own. Each keeps the clock that it had, and
// what was asked and extended after the joining counts for all.
func (c reader) first(r *Request) (deadlines.RequestFacts, *Held) {
	best := c.factsOf(r.own().Received, r.Identity, r.Extension)
	var from *Held
	day, _, err := deadlines.Enforced(best)
	for i := range r.Holds {
		h := &r.Holds[i]
		asked, extended := slices.Clone(h.Identity), h.Extension
		for _, q := range r.Identity {
			if q.Asked.After(h.At) {
				asked = append(asked, q)
			}
		}
		if x := r.Extension; x != nil && x.At.After(h.At) && (extended == nil || extended.Months < x.Months) {
			extended = x
		}
		f := c.factsOf(h.Received, asked, extended)
		due, _, ferr := deadlines.Enforced(f)
		if ferr == nil && (err != nil || due.Before(day) || due == day && f.Received.Before(best.Received)) {
			best, day, from, err = f, due, h, nil
		}
	}
	return best, from
}

// gather derives what follows from the requests that go on under this one: the
// earliest receipts, the rights that they brought, and the reminders raised.
func (r *Request) gather() {
	own := r.own()
	r.Received, r.ReceivedByProcessor, r.ReceivedByController = own.Received, own.ReceivedByProcessor, own.ReceivedByController
	r.Items = slices.DeleteFunc(slices.Clone(r.Items), func(i Item) bool { return i.From != "" && i.Decision == nil })
	gone := func(f File) bool {
		return f.Joined != "" && !slices.ContainsFunc(r.Holds, func(h Held) bool { return h.ID == f.Joined })
	}
	r.Attachments, r.Files = slices.DeleteFunc(slices.Clone(r.Attachments), gone), slices.DeleteFunc(slices.Clone(r.Files), gone)
	for _, h := range r.Holds {
		if h.Received.Before(r.Received) {
			r.Received = h.Received
		}
		r.ReceivedByProcessor = earliest(r.ReceivedByProcessor, h.ReceivedByProcessor)
		r.ReceivedByController = earliest(r.ReceivedByController, h.ReceivedByController)
		for _, i := range h.Items {
			if !r.Has(i.Right) {
				r.Items = append(r.Items, Item{Right: i.Right, Asked: i.Asked, From: h.ID})
			}
		}
		for _, name := range h.Reminded {
			if !slices.Contains(r.Reminded, name) {
				r.Reminded = append(slices.Clone(r.Reminded), name)
			}
		}
	}
	slices.SortStableFunc(r.Items, func(a, b Item) int {
		return cmp.Compare(slices.Index(Rights(), a.Right), slices.Index(Rights(), b.Right))
	})
	if len(r.Holds) == 0 {
		r.Own = nil
	}
}

// earliest is the earlier of two times that may both be unknown.
func earliest(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}

// hold takes a request along that goes on under this one.
func (r *Request) hold(h Held, attachments, files []File) {
	if r.Own == nil {
		own := r.own()
		own.Reminded = slices.Clone(own.Reminded)
		r.Own = &own
	}
	r.Holds = append(slices.Clone(r.Holds), h)
	r.gather()
	r.Attachments, r.Files = append(r.Attachments, attachments...), append(r.Files, files...)
}

// held finds a request that goes on under this one.
func held(all []Held, id string) int {
	return slices.IndexFunc(all, func(h Held) bool { return h.ID == id })
}

// joinedDetails names for the ledger what ends along with the request.
func (r *Request) joinedDetails() details {
	if len(r.Holds) == 0 {
		return nil
	}
	var ids []string
	for _, h := range r.Holds {
		ids = append(ids, h.ID)
	}
	return details{"joined": strings.Join(ids, ",")}
}

// ownFiles are those that did not come with a joined request: the bounds on
// what one person sends count for each request.
func ownFiles(all []File) []File {
	return slices.DeleteFunc(slices.Clone(all), func(f File) bool { return f.Joined != "" })
}

// bareJoined leaves the bare facts of what was joined, as bare does of the rest.
func (r *Request) bareJoined() {
	for _, list := range [][]Held{r.Holds, r.Parting} {
		for i := range list {
			h := &list[i]
			h.Reason, h.Person, h.About, h.LateReason = "", "", "", ""
			h.Additions, h.Notes, h.Identity = nil, nil, nil
			for n := range h.Items {
				h.Items[n].Asked = ""
			}
			if h.Extension != nil {
				h.Extension.Reasons = ""
			}
		}
	}
	if r.Joined != nil {
		r.Joined.Reason = ""
	}
	for i := range r.Handed {
		r.Handed[i].Reason = ""
	}
}

// mendJoined finishes a joining, a separating or a sharing that was cut short.
func (s *Service) mendJoined(ctx context.Context, ev ledger.Event) error {
	r, err := s.Requests.Get(ctx, ev.Object)
	if err != nil {
		return err
	}
	switch ev.Action {
	case "request.share":
		_, err = s.finishDirect(ctx, r)
	case "request.merge":
		if r.Joined == nil && r.State == Merged { // joined before joinings carried anything over
			return s.dropAssists(ctx, r.ID)
		}
		_, err = s.finishJoin(ctx, r)
		if errors.Is(err, errWentOn) {
			err = nil // it goes on by itself, which is what there was to do
		}
	default:
		_, err = s.finishSeparate(ctx, r)
	}
	return err
}

// mendEnded finishes what follows the end of a request.
func (s *Service) mendEnded(ctx context.Context, id string) error {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return err
	}
	if _, err := s.finishSeparate(ctx, r); err != nil {
		return err
	}
	return s.dropAssists(ctx, id)
}
