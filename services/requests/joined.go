package requests

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// errWentOn is when the request that should hold another one had moved on
// between the deed and what follows from it. The other one goes on by itself.
var errWentOn = fault.New(fault.Conflict, "The other request had moved on, so nothing was joined. Both go on as they were.")

// finishJoin lets the request that goes on hold the one that was joined with
// it. It may run any number of times: after the deed, and again from the log
// when that was cut short.
func (s *Service) finishJoin(ctx context.Context, r Request) (Request, error) {
	if r.Joined == nil || r.Joined.Done || r.State != Merged {
		return r, nil
	}
	to, err := s.Requests.Get(ctx, r.MergedInto)
	if err != nil {
		return Request{}, fmt.Errorf("read what %s goes on under: %w", r.ID, err)
	}
	if held(to.Holds, r.ID) < 0 {
		switch err := s.takeAlong(ctx, &r, &to); {
		case errors.Is(err, errWentOn):
			return s.goOnAlone(ctx, r)
		case err != nil:
			return Request{}, err
		}
	}
	if err := s.moveAssists(ctx, r, to, func(a Assist) bool { return a.Outcome != Cancelled }); err != nil {
		return Request{}, err
	}
	return s.Requests.Update(ctx, r.ID, func(r *Request) ([]ledger.Event, error) {
		if r.Joined == nil || r.Joined.Done {
			return nil, nil
		}
		r.Joined.Done = true
		d := details{"into": r.MergedInto}
		if r.Joined.Stated {
			d["person"] = "stated"
		}
		return []ledger.Event{s.event(identity.System(), "request.merge_done", r.ID, d)}, nil
	})
}

// describe adds to a ledger entry how the joined request relates to the one that holds it.
func (h *Held) describe(d details) {
	if h.Stated {
		d["person"] = "stated"
	}
	if h.Elsewhere {
		d["address"] = "other"
	}
}

// takeAlong is the change of the request that goes on: it holds the other from
// now on, and its clock is read again.
func (s *Service) takeAlong(ctx context.Context, r, to *Request) error {
	if cannot := holdable(to, r); cannot != nil {
		return errWentOn
	}
	h, attachments, files, err := s.reseal(ctx, r, to)
	if err != nil {
		return err
	}
	clock, err := s.reader(ctx, to)
	if err != nil {
		return err
	}
	_, err = s.Requests.Update(ctx, to.ID, func(to *Request) ([]ledger.Event, error) {
		if held(to.Holds, r.ID) >= 0 {
			return nil, nil
		}
		if cannot := holdable(to, r); cannot != nil {
			return nil, errWentOn
		}
		now := s.now()
		to.hold(h, attachments, files)
		to.settle(clock, now)
		d := details{"from": r.ID, "rights": joined(r.Rights()), "due": to.Due, "late": fmt.Sprint(to.OverdueAt(now))}
		h.describe(d)
		return []ledger.Event{s.event(identity.System(), "request.join", to.ID, d)}, nil
	})
	if errors.Is(err, errWentOn) {
		return errors.Join(err, s.dropCopies(ctx, to.ID, attachments, files))
	}
	return err
}

// goOnAlone returns a request that could not be joined to where it was.
func (s *Service) goOnAlone(ctx context.Context, r Request) (Request, error) {
	clock, err := s.reader(ctx, &r)
	if err != nil {
		return Request{}, err
	}
	_, err = s.Requests.Update(ctx, r.ID, func(r *Request) ([]ledger.Event, error) {
		if r.Joined == nil || r.Joined.Done || r.State != Merged {
			return nil, nil
		}
		into := r.MergedInto
		r.reopen()
		r.settle(clock, s.now())
		return []ledger.Event{s.event(identity.System(), "request.merge_undone", r.ID, details{"into": into})}, nil
	})
	return Request{}, errors.Join(err, errWentOn)
}

// reopen returns a joined request to where it was.
func (r *Request) reopen() {
	r.State, r.Joined, r.MergedInto, r.Closed = r.Joined.Before, nil, "", nil
}

// reseal is what a request carries, sealed under the key of the one that goes
// on, with copies of its files, so that either can be shredded alone.
func (s *Service) reseal(ctx context.Context, r, to *Request) (h Held, attachments, files []File, err error) {
	old, err := s.Vault.Key(ctx, r.ID)
	if err != nil {
		return h, nil, nil, err
	}
	key, err := s.Vault.Key(ctx, to.ID)
	if err != nil {
		return h, nil, nil, err
	}
	o, z := vault.Opener{Key: old}, vault.Sealer{Key: key}
	anew := func(kind string, v vault.Sealed) vault.Sealed { return z.Text(kind, o.Text(kind, v)) }
	h = Held{ID: r.ID, Reference: r.Reference, At: r.Joined.At, Channel: r.Channel,
		Received: r.Received, ReceivedByProcessor: r.ReceivedByProcessor, ReceivedByController: r.ReceivedByController,
		Late: !r.Joined.At.Before(r.Ends), Stated: r.Joined.Stated, Same: r.Account != "" && r.Account == to.Account, Elsewhere: r.MailHash == "" || r.MailHash != to.MailHash,
		Reason: anew("joined", r.Joined.Reason), Person: anew("person", r.Person), About: anew("about", r.About),
		LateReason: anew("late_reason", r.LateReason), Reminded: slices.Clone(r.Reminded)}
	for _, i := range r.Items {
		h.Items = append(h.Items, Item{Right: i.Right, Asked: anew("asked", i.Asked)})
	}
	for _, a := range r.Additions {
		h.Additions = append(h.Additions, Addition{At: a.At, Files: a.Files, Text: anew("addition", a.Text)})
	}
	for _, n := range r.Notes {
		h.Notes = append(h.Notes, Note{At: n.At, By: n.By, Org: n.Org, Text: anew("note", n.Text)})
	}
	for _, q := range r.Identity {
		q.Reason, q.Least, q.Reply = anew("identity", q.Reason), anew("identity", q.Least), anew("identity", q.Reply)
		h.Identity = append(h.Identity, q)
	}
	if x := r.Extension; x != nil {
		h.Extension = &Extension{At: x.At, Months: x.Months, Grounds: x.Grounds, Reasons: anew("extension", x.Reasons)}
	}
	copies := func(all []File) (out []File, err error) {
		for _, f := range all {
			if f.Assist == "" { // those of help come along with the help
				err = s.copyFile(ctx, r.ID, to.ID, f)
			}
			f.Name, f.Joined = anew("file", f.Name), r.ID
			out = append(out, f)
			if err != nil {
				return nil, fmt.Errorf("copy a file of %s: %w", r.ID, err)
			}
		}
		return out, nil
	}
	if attachments, err = copies(r.Attachments); err != nil {
		return h, nil, nil, err
	}
	if files, err = copies(r.Files); err != nil {
		return h, nil, nil, err
	}
	return h, attachments, files, errors.Join(o.Err, z.Err)
}

// dropCopies removes copies of files that nothing names.
func (s *Service) dropCopies(ctx context.Context, object string, lists ...[]File) error {
	for _, f := range slices.Concat(lists...) {
		if err := s.Vault.DeleteFile(ctx, object, f.ID); err != nil && !isNotFound(err) {
			return err
		}
	}
	return nil
}

// moveAssists lets help that was asked for one request go on under another:
// open questions stay open, with their own day, and answers can be used.
func (s *Service) moveAssists(ctx context.Context, from, to Request, which func(Assist) bool) error {
	all, err := s.AssistsOf(ctx, from.ID)
	if err != nil {
		return err
	}
	for _, a := range all {
		if !which(a) {
			continue
		}
		for err = ErrMoved; errors.Is(err, ErrMoved); {
			if a, err = s.Assists.Get(ctx, a.ID); err == nil && a.Request == from.ID {
				err = s.moveAssist(ctx, a, from, to)
			}
		}
		if err != nil {
			return fmt.Errorf("take %s along: %w", a.ID, err)
		}
	}
	for _, r := range []Request{from, to} {
		if err := s.recount(ctx, r.ID, nil); err != nil {
			return err
		}
	}
	return nil
}

// moveAssist reseals one question for help under the other request's key; it
// is ErrMoved when the processor has changed it meanwhile.
func (s *Service) moveAssist(ctx context.Context, was Assist, from, to Request) error {
	old, err := s.Vault.Key(ctx, from.ID)
	if err != nil {
		return err
	}
	key, err := s.Vault.Key(ctx, to.ID)
	if err != nil {
		return err
	}
	o, z := vault.Opener{Key: old}, vault.Sealer{Key: key}
	anew := func(kind string, v vault.Sealed) vault.Sealed { return z.Text(kind, o.Text(kind, v)) }
	question, reply, costsFor := anew("assist", was.Question), anew("assist", was.Reply), was.CostsFor
	if costsFor != "" {
		var lines []string
		o.JSON("costs_for", was.CostsFor, &lines)
		costsFor = z.JSON("costs_for", lines)
	}
	files := slices.Clone(was.Files)
	for i, f := range files {
		if err := s.copyFile(ctx, from.ID, to.ID, f); err != nil {
			return err
		}
		files[i].Name = anew("file", f.Name)
	}
	if err := errors.Join(o.Err, z.Err); err != nil {
		return err
	}
	_, err = s.Assists.Update(ctx, was.ID, func(a *Assist) ([]ledger.Event, error) {
		if a.Rev != was.Rev {
			return nil, ErrMoved
		}
		a.Request, a.Reference, a.Question, a.Reply, a.CostsFor, a.Files = to.ID, to.Reference, question, reply, costsFor, files
		if a.Joined = from.ID; from.MergedInto != to.ID {
			a.Joined = ""
		}
		return []ledger.Event{s.event(identity.System(), "assist.move", a.ID, details{"request": to.ID, "from": from.ID})}, nil
	})
	return err
}

// Separate takes a request that was joined off the one that holds it, until
// something was decided there since: it goes on by itself, with the clock that
// it had, and what it brought goes with it. reference names it.
func (s *Service) Separate(ctx context.Context, by identity.Actor, id, reference string) (Request, error) {
	r, err := s.reach(ctx, by, id, Separate)
	if err != nil {
		return Request{}, err
	}
	i := slices.IndexFunc(r.Holds, func(h Held) bool { return h.Reference == NormalReference(reference) })
	if i < 0 {
		return Request{}, again().At("reference", "No request with this reference goes on under this one.")
	}
	gone := r.Holds[i].ID
	if back, err := s.Requests.Get(ctx, gone); err != nil {
		return Request{}, err
	} else if back.Shredded != nil {
		return Request{}, s.refused(ctx, by, "request.separate", id, fault.New(fault.Conflict, "What was joined has been erased since. The two can no longer be separated."))
	}
	back, err := s.helpGoingWith(ctx, r, r.Holds[i])
	if err != nil {
		return Request{}, err
	}
	out, err := s.change(ctx, by, id, Separate, func(r *Request) (details, error) {
		i := held(r.Holds, gone)
		if i < 0 {
			return nil, ErrMoved
		}
		if r.decidedSince(&r.Holds[i]) {
			return nil, fault.New(fault.Conflict, "Something was decided since the two were joined. They can no longer be separated.")
		}
		d := details{"from": gone}
		r.Holds[i].describe(d)
		r.partAll(func(h *Held) bool { return h.ID == gone })
		r.Files = slices.DeleteFunc(slices.Clone(r.Files), func(f File) bool { return slices.Contains(back, f.Assist) })
		return d, nil
	})
	if err != nil {
		return Request{}, err
	}
	return s.finishSeparate(ctx, out)
}

// goesWith tells whether help goes along when a joined request leaves: what was
// asked for it, and what was asked since for a right that leaves with it.
func (a *Assist) goesWith(r *Request, h *Held) bool {
	if a.Joined != "" || !h.Has(a.Right) {
		return a.Joined == h.ID
	}
	own := slices.ContainsFunc(r.Items, func(i Item) bool { return i.Right == a.Right && i.From != h.ID })
	return !own && !slices.ContainsFunc(r.Holds, func(o Held) bool { return o.ID != h.ID && o.Has(a.Right) })
}

func (s *Service) helpGoingWith(ctx context.Context, r Request, h Held) ([]string, error) {
	all, err := s.AssistsOf(ctx, r.ID)
	var ids []string
	for _, a := range all {
		if a.goesWith(&r, &h) {
			ids = append(ids, a.ID)
		}
	}
	return ids, err
}

// decidedSince tells whether something was decided since a request was joined.
func (r *Request) decidedSince(h *Held) bool {
	return slices.ContainsFunc(r.Items, func(i Item) bool { return i.Decision != nil && !i.Decision.At.Before(h.At) })
}

// Separable tells whether a joined request can still be taken off.
func (r *Request) Separable(h Held) bool {
	return slices.Contains(running, r.State) && !r.decidedSince(&h)
}

// partAll lets those that are meant leave; finishSeparate sees to the rest.
func (r *Request) partAll(which func(*Held) bool) {
	var stay []Held
	for i := range r.Holds {
		if h := r.Holds[i]; which(&h) {
			r.Parting = append(slices.Clone(r.Parting), h)
		} else {
			stay = append(stay, h)
		}
	}
	if len(stay) == len(r.Holds) {
		return
	}
	if r.Own != nil {
		r.Reminded = slices.Clone(r.Own.Reminded)
	}
	r.Holds = stay
	r.gather()
}

// finishSeparate lets those that leave go on by themselves. It may run any
// number of times.
func (s *Service) finishSeparate(ctx context.Context, r Request) (Request, error) {
	for _, h := range r.Parting {
		back, err := s.goOn(ctx, r, h)
		if err != nil {
			return Request{}, err
		}
		if back.Shredded == nil {
			mine := func(a Assist) bool { return a.goesWith(&r, &h) }
			if err := s.moveAssists(ctx, r, back, mine); err != nil {
				return Request{}, err
			}
		}
		if err := s.dropOf(ctx, r, back); err != nil {
			return Request{}, err
		}
		if r, err = s.Requests.Update(ctx, r.ID, func(r *Request) ([]ledger.Event, error) {
			i := held(r.Parting, h.ID)
			if i < 0 {
				return nil, nil
			}
			r.Parting = slices.Delete(slices.Clone(r.Parting), i, i+1)
			return []ledger.Event{s.event(identity.System(), "request.separate_done", r.ID, details{"from": h.ID})}, nil
		}); err != nil {
			return Request{}, err
		}
	}
	return r, nil
}

// dropOf removes the copies of what left, but for those that an answer names.
func (s *Service) dropOf(ctx context.Context, r, back Request) error {
	helps, err := s.AssistsOf(ctx, back.ID)
	if err != nil {
		return err
	}
	all := slices.Concat(back.Attachments, back.Files)
	for _, a := range helps {
		all = append(all, a.Files...)
	}
	return s.dropCopies(ctx, r.ID, slices.DeleteFunc(all, func(f File) bool {
		_, named := find(r.Files, f.ID)
		return named
	}))
}

// goOn opens a request again that was joined with r.
func (s *Service) goOn(ctx context.Context, r Request, h Held) (Request, error) {
	back, err := s.Requests.Get(ctx, h.ID)
	if err != nil || back.MergedInto != r.ID || back.State != Merged || back.Shredded != nil {
		return back, err
	}
	clock, err := s.reader(ctx, &back)
	if err != nil {
		return Request{}, err
	}
	return s.Requests.Update(ctx, h.ID, func(b *Request) ([]ledger.Event, error) {
		if b.State != Merged || b.MergedInto != r.ID || b.Joined == nil {
			return nil, nil
		}
		b.reopen()
		b.settle(clock, s.now())
		return []ledger.Event{s.event(identity.System(), "request.separated", b.ID, details{"from": r.ID})}, nil
	})
}

// JoinedStory is what a joined request carries, opened for the desk.
type JoinedStory struct {
	Held
	Person            Person
	Asked             map[Right]Asked
	About, LateReason string
	Reason            string // why it is said to be one person
	Said              []Said
	Remarks           []Said
	Questions         []Question
	Extended          string // the reasons of its extension
}

// tellJoined opens what was joined, as far as the reader may see it: the desk
// all of it, the data subject what their own account proved.
func tellJoined(o *vault.Opener, r *Request, theirs bool, organisation string) []JoinedStory {
	var all []JoinedStory
	for _, h := range r.Holds {
		if theirs && !h.Same {
			continue
		}
		j := JoinedStory{Held: h, Asked: map[Right]Asked{}, About: o.Text("about", h.About), LateReason: o.Text("late_reason", h.LateReason)}
		o.JSON("person", h.Person, &j.Person)
		for _, i := range h.Items {
			var a Asked
			o.JSON("asked", i.Asked, &a)
			j.Asked[i.Right] = a
		}
		for _, a := range h.Additions {
			j.Said = append(j.Said, Said{At: a.At, Text: o.Text("addition", a.Text)})
		}
		for _, q := range h.Identity {
			j.Questions = append(j.Questions, Question{Asked: q, Reason: o.Text("identity", q.Reason), Least: o.Text("identity", q.Least), Reply: o.Text("identity", q.Reply)})
		}
		if h.Extension != nil {
			j.Extended = o.Text("extension", h.Extension.Reasons)
		}
		if !theirs {
			j.Reason = o.Text("joined", h.Reason)
			for _, n := range h.Notes {
				if n.Org == organisation {
					j.Remarks = append(j.Remarks, Said{At: n.At, By: n.By, Text: o.Text("note", n.Text)})
				}
			}
		}
		all = append(all, j)
	}
	return all
}

// hidden tells whether what came with a joined request is kept from the data
// subject of the one that holds it: another account, or none, proved it.
func (r *Request) hidden(from string) bool {
	i := held(r.Holds, from)
	return from != "" && (i < 0 || !r.Holds[i].Same)
}

// Relative is a request that belongs with another one: the bare facts that
// both may tell of each other.
type Relative struct {
	Request
	// How it belongs: split, into (goes on under it), holds (goes on under the
	// one at hand), shared (another controller decides on the same).
	How string
	// Visible is true when the reader may open it.
	Visible bool
	// Held is what was joined, with How holds; Separable whether it can leave again.
	Held      *Held
	Separable bool
}

// Linked returns what belongs with a request: the other half of a split
// filing, the request that it goes on under, those that go on under it, and
// those at other controllers. What the reader may not open is told by its
// reference, state, day and organisation alone, and only when it was joined or shared.
func (s *Service) Linked(ctx context.Context, by identity.Actor, r Request) ([]Relative, error) {
	var linked []Relative
	add := func(id, how string, told bool, h *Held) error {
		if id == "" || id == r.ID {
			return nil
		}
		o, err := s.Requests.Get(ctx, id)
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if visible := sight(by, &o) != Nothing; visible || told {
			linked = append(linked, Relative{o, how, visible, h, h != nil && r.Separable(*h)})
		}
		return nil
	}
	if err := errors.Join(add(r.SplitFrom, "split", false, nil), add(r.SplitInto, "split", false, nil), add(r.MergedInto, "into", true, nil)); err != nil {
		return nil, err
	}
	for i := range r.Holds {
		if err := add(r.Holds[i].ID, "holds", true, &r.Holds[i]); err != nil {
			return nil, err
		}
	}
	for _, x := range r.Shared {
		if err := add(x.ID, "shared", true, nil); err != nil {
			return nil, err
		}
	}
	return linked, nil
}
