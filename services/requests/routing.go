package requests

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// way is where each right of a request goes under the agreement.
type way struct {
	known    bool    // the controller and the agreement are known
	forward  []Right // decided by the controller
	handle   []Right // decided by the processor itself
	silently bool    // the agreement does not make the processor tell the controller
	// entries are the entries of the agreement, or the law where it is silent, by
	// which each right goes: several entries can share a clause.
	entries map[Right]string
}

// by names the entries by which rights go, each once.
func (w way) by(rights []Right) string {
	var all []string
	for _, right := range rights {
		if entry := w.entries[right]; !slices.Contains(all, entry) {
			all = append(all, entry)
		}
	}
	return strings.Join(all, ", ")
}

// way asks the agreement about each right. Without a controller there is no way yet.
func (s *Service) way(ctx context.Context, r *Request) (way, error) {
	if r.ArrivedAt != Processor || r.Agreement == "" {
		return way{}, nil
	}
	a, err := s.Agreements.Applied(ctx, r.Agreement, r.AgreementVersion)
	if err != nil {
		return way{}, err
	}
	w := way{known: true, entries: map[Right]string{}}
	for _, right := range r.Rights() {
		routing := agreements.Route(a.Terms, Processor, right)
		w.entries[right] = routing.Clause // the law, where the agreement is silent
		if !routing.Silent {
			w.entries[right] = agreements.EntryPath(routing.Term, routing.Entry)
		}
		if routing.Decides == Processor {
			w.handle = append(w.handle, right)
			w.silently = w.silently || !routing.TellController
		} else {
			w.forward = append(w.forward, right)
		}
	}
	return w, nil
}

// send lets a received request go its way: forwarded whole, handled whole, or
// split, in which case the rights that go to the controller wait in Leaving
// until finishSplit has made the other request of them. It returns the events.
func (s *Service) send(r *Request, w way, child string, now time.Time) []ledger.Event {
	switch {
	case !w.known:
		return nil
	case len(w.handle) == 0:
		r.forwardTo(now)
		return []ledger.Event{s.forwarded(r, w, now)}
	case len(w.forward) == 0:
		r.Decides = Processor
		return []ledger.Event{s.handled(r, w)}
	}
	var stay []Item
	for _, i := range r.Items {
		if slices.Contains(w.forward, i.Right) {
			r.Leaving = append(r.Leaving, i)
		} else {
			stay = append(stay, i)
		}
	}
	r.Items, r.Decides, r.SplitInto = stay, Processor, child
	split := s.event(identity.System(), "request.split", r.ID, details{"into": child, "rights": joined(w.forward), "agreement": r.Agreement})
	return []ledger.Event{split, s.handled(r, w)}
}

// forwardTo moves the request to the controller's desk. The clock keeps
// running from the earlier receipt.
func (r *Request) forwardTo(now time.Time) {
	r.State, r.Desk, r.Decides, r.Assignee = Forwarded, r.Controller, Controller, ""
	r.ReceivedByController = &now
	r.warnAgain()
}

// warnAgain lets a desk that gets a late request hear that it is late, though
// the desk before it was told.
func (r *Request) warnAgain() {
	r.Reminded = slices.DeleteFunc(slices.Clone(r.Reminded), func(name string) bool { return name == deadlines.Late })
}

// forwarded is the event that tells the controller and the data subject, with
// how long the processor took (EDPB 07/2020: prompt forwarding is assistance).
func (s *Service) forwarded(r *Request, w way, now time.Time) ledger.Event {
	d := details{"controller": r.Controller, "processor": r.Processor, "agreement": r.Agreement,
		"version": strconv.Itoa(r.AgreementVersion), "rights": joined(r.Rights()), "entries": w.by(r.Rights())}
	if r.ReceivedByProcessor != nil {
		// How long the processor had it: not the time that a wrong controller had it.
		d["minutes"] = strconv.Itoa(int((now.Sub(*r.ReceivedByProcessor) - r.away()).Minutes()))
	}
	if n := len(r.Handed); n > 0 {
		d["again"] = strconv.Itoa(n)
	}
	return s.event(identity.System(), "request.forward", r.ID, d)
}

func (s *Service) handled(r *Request, w way) ledger.Event {
	return s.event(identity.System(), "request.handle", r.ID, details{"controller": r.Controller, "processor": r.Processor,
		"agreement": r.Agreement, "rights": joined(r.Rights()), "entries": w.by(r.Rights()), "tell_controller": strconv.FormatBool(!w.silently)})
}

// finishSplit makes the second request of a split filing, if it is not there
// yet. It may run any number of times: after the change that split the
// request, and again from the log if that was cut short.
func (s *Service) finishSplit(ctx context.Context, r Request) (Request, error) {
	if r.SplitInto == "" || len(r.Leaving) == 0 {
		return r, nil
	}
	part, err := s.part(ctx, r)
	if err != nil {
		return Request{}, err
	}
	w, err := s.way(ctx, &part)
	if err != nil {
		return Request{}, err
	}
	now := s.now()
	clock, err := s.reader(ctx, &part)
	if err != nil {
		return Request{}, err
	}
	part.forwardTo(now)
	part.settle(clock, now)
	filed := s.event(identity.System(), "request.part", part.ID, details{"from": r.ID, "rights": joined(part.Rights())})
	if err := s.Requests.Create(ctx, &part, filed, s.forwarded(&part, w, now)); err != nil && !errors.Is(err, document.ErrTaken) {
		return Request{}, err
	}
	return s.Requests.Update(ctx, r.ID, func(r *Request) ([]ledger.Event, error) {
		if len(r.Leaving) == 0 {
			return nil, nil
		}
		r.Leaving = nil
		return []ledger.Event{s.event(identity.System(), "request.split_done", r.ID, details{"into": r.SplitInto})}, nil
	})
}

// part is the half of a split request that leaves, resealed under its own key,
// with its own copies of the attachments, so that either half can be shredded alone.
func (s *Service) part(ctx context.Context, r Request) (Request, error) {
	old, err := s.Vault.Key(ctx, r.ID)
	if err != nil {
		return Request{}, err
	}
	key, err := s.Vault.Create(ctx, r.SplitInto)
	if err != nil {
		return Request{}, err
	}
	o, z := vault.Opener{Key: old}, vault.Sealer{Key: key}
	p := r
	p.Meta = document.Meta{ID: r.SplitInto}
	p.Reference, p.SplitFrom, p.SplitInto, p.Leaving, p.Attachments = newReference(), r.ID, "", nil, nil
	// What was done with the half that stays since, when this was cut short, is its own.
	p.Files, p.Answer, p.Acknowledged, p.Closed, p.Holds, p.Own, p.Joined, p.Parting, p.MergedInto = nil, nil, nil, nil, nil, nil, nil, nil, ""
	p.Sharing, p.Handed = nil, nil
	for _, h := range r.Handed {
		h.Reason = z.Text("hand_back", o.Text("hand_back", h.Reason))
		p.Handed = append(p.Handed, h)
	}
	for _, f := range r.Attachments {
		if err := s.copyFile(ctx, r.ID, p.ID, f); err != nil {
			return Request{}, err
		}
		f.Name = z.Text("file", o.Text("file", f.Name))
		p.Attachments = append(p.Attachments, f)
	}
	p.Person = z.Text("person", o.Text("person", r.Person))
	p.About = z.Text("about", o.Text("about", r.About))
	p.LateReason = z.Text("late_reason", o.Text("late_reason", r.LateReason))
	// Notes stay with the desk that wrote them.
	p.Items, p.Notes, p.Additions, p.Identity, p.Extension = nil, nil, nil, nil, nil
	p.Assignee, p.State, p.Reminded = "", Received, nil
	for _, a := range r.Additions {
		p.Additions = append(p.Additions, Addition{At: a.At, Files: a.Files, Text: z.Text("addition", o.Text("addition", a.Text))})
	}
	for _, q := range r.Identity {
		q.Reason, q.Least, q.Reply = z.Text("identity", o.Text("identity", q.Reason)), z.Text("identity", o.Text("identity", q.Least)), z.Text("identity", o.Text("identity", q.Reply))
		p.Identity = append(p.Identity, q)
	}
	if x := r.Extension; x != nil {
		p.Extension = &Extension{At: x.At, Months: x.Months, Grounds: x.Grounds, Reasons: z.Text("extension", o.Text("extension", x.Reasons))}
	}
	for _, i := range r.Leaving {
		p.Items = append(p.Items, Item{Right: i.Right, Asked: z.Text("asked", o.Text("asked", i.Asked))})
	}
	if o.Err != nil {
		return Request{}, o.Err
	}
	return p, z.Err
}

// copyFile reseals a file of one object under another's key, as a stream. What
// was copied whole before it was cut short is not copied again.
func (s *Service) copyFile(ctx context.Context, from, to string, f File) error {
	if there, err := s.Vault.OpenFile(ctx, to, f.ID); err == nil {
		return there.Close()
	} else if !isNotFound(err) {
		return err
	}
	in, err := s.Vault.OpenFile(ctx, from, f.ID)
	if err != nil {
		return err
	}
	_, err = s.Vault.PutFile(ctx, to, f.ID, in, f.Size, s.Limits.FileBytes)
	return errors.Join(err, in.Close())
}

// Proposal is a controller that a request in triage may be meant for.
type Proposal struct {
	Controller string
	Agreement  string
	// Named is true when the filer's own words name this organisation.
	Named bool
}

// Proposals lists the controllers that the processor works for, those that
// the filer named first.
func (s *Service) Proposals(ctx context.Context, r Request, about string) ([]Proposal, error) {
	all, err := s.Agreements.OfProcessor(ctx, r.Processor, s.now())
	if err != nil {
		return nil, err
	}
	var named, rest []Proposal
	for _, a := range all {
		org, err := s.Directory.Organisation(ctx, a.Controller)
		if err != nil {
			return nil, err
		}
		p := Proposal{Controller: a.Controller, Agreement: a.ID, Named: resembles(about, org.Name)}
		if p.Named {
			named = append(named, p)
		} else {
			rest = append(rest, p)
		}
	}
	return append(named, rest...), nil
}

// SendAstray answers a request that has no relation at all to the
// organisation, with where to turn instead. It is never silently dropped.
func (s *Service) SendAstray(ctx context.Context, by identity.Actor, id, where string) (Request, error) {
	z, err := s.sealerFor(ctx, by, id, Misdirect)
	if err != nil {
		return Request{}, err
	}
	if err := needText("where", where, "Say where the person can turn instead, or that you do not know."); err != nil {
		return Request{}, err
	}
	sealed := z.Text("misdirected", where)
	if z.Err != nil {
		return Request{}, z.Err
	}
	return s.change(ctx, by, id, Misdirect, func(r *Request) (details, error) {
		r.Misdirected = sealed
		return details{"rights": joined(r.Rights())}, nil
	})
}

// Duplicates lists other open requests of the same person at the same desk
// that share a right with this one, at most ten.
func (s *Service) Duplicates(ctx context.Context, by identity.Actor, r Request) ([]Request, error) {
	if r.MailHash == "" || sight(by, &r) != Content {
		return nil, nil
	}
	var same []Request
	err := s.ofAddress(ctx, r.MailHash, func(o *Request) bool {
		shares := slices.ContainsFunc(o.Items, func(i Item) bool { return r.Has(i.Right) })
		if o.ID != r.ID && o.Open && o.State != Unconfirmed && o.Desk == r.Desk && shares {
			same = append(same, *o)
		}
		return len(same) < 10
	})
	if err != nil {
		return nil, err
	}
	return same, nil
}
