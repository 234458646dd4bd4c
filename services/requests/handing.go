package requests

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Handing is that a controller handed a forwarded request back, because the
// data are not its own: from when until when it had it, and why.
type Handing struct {
	Controller string       `json:"controller"`
	Agreement  string       `json:"agreement"`
	Version    int          `json:"version"`
	Received   time.Time    `json:"received"` // by that controller
	At         time.Time    `json:"at"`
	By         string       `json:"by"`
	Reason     vault.Sealed `json:"reason"`
}

// Share is one of the requests that one became because several controllers decide.
type Share struct {
	ID         string `json:"id"` // req_…
	Reference  string `json:"reference"`
	Controller string `json:"controller"`
	Agreement  string `json:"agreement"`
	Version    int    `json:"version"`
}

// forwarded tells whether it stands at a controller that a processor sent it to.
func (r *Request) forwarded() bool {
	return r.ArrivedAt == Processor && r.Processor != "" && r.Controller != "" && r.Decides == Controller && r.Desk == r.Controller
}

// away is how long controllers had it that handed it back.
func (r *Request) away() time.Duration {
	var sum time.Duration
	for _, h := range r.Handed {
		sum += h.At.Sub(h.Received)
	}
	return sum
}

// HandBack returns a forwarded request to the processor that sent it, with the
// reason: the controller has nothing to do with these data. The processor finds
// out again who decides. The clock goes on from the first receipt.
func (s *Service) HandBack(ctx context.Context, by identity.Actor, id, reason string) (Request, error) {
	z, err := s.sealerFor(ctx, by, id, HandBack)
	if err != nil {
		return Request{}, err
	}
	if err := needText("reason", reason, "Say why this is not yours to decide, and what you know about whose it is."); err != nil {
		return Request{}, err
	}
	now := s.now()
	sealed := z.Text("hand_back", strings.TrimSpace(reason))
	if z.Err != nil {
		return Request{}, z.Err
	}
	r, err := s.change(ctx, by, id, HandBack, func(r *Request) (details, error) {
		if err := r.returnable(); err != nil {
			return nil, err
		}
		h := Handing{Controller: r.Controller, Agreement: r.Agreement, Version: r.AgreementVersion, At: now, By: by.Account, Reason: sealed}
		if r.ReceivedByController != nil {
			h.Received = *r.ReceivedByController
		}
		r.Handed = append(slices.Clone(r.Handed), h)
		r.State, r.Desk, r.Decides, r.Assignee, r.Acknowledged = Received, r.Processor, "", "", nil
		r.Controller, r.Agreement, r.AgreementVersion = "", "", 0
		r.warnAgain()
		return details{"controller": h.Controller, "processor": r.Processor, "agreement": h.Agreement,
			"times": strconv.Itoa(len(r.Handed)), "minutes": strconv.Itoa(int(now.Sub(h.Received).Minutes()))}, nil
	})
	if err != nil {
		return Request{}, err
	}
	return r, s.dropAssists(ctx, id)
}

// returnable refuses to hand back what the controller has made its own.
func (r *Request) returnable() error {
	switch {
	case r.decidedAny():
		return fault.New(fault.Conflict, "Your organisation decided something already, so this request is its own to finish.")
	case len(r.Files) > 0:
		return fault.New(fault.Conflict, "There are files of an answer. Take them out before you hand the request back.")
	case len(r.Holds) > 0:
		return fault.New(fault.Conflict, "Other requests go on under this one. Separate them before you hand it back.")
	}
	return nil
}

// Directions are the controllers that a request in triage goes to, each under
// its agreement with the processor.
func (s *Service) directions(ctx context.Context, r *Request, controllers []string) ([]agreements.Applied, error) {
	var form fault.Form
	var all []agreements.Applied
	if len(controllers) == 0 || len(controllers) > maxHeld {
		form.Refuse("controller", "Choose an organisation from the list.")
	}
	for i, c := range controllers {
		if slices.Contains(controllers[:i], c) {
			form.Refuse("controller", "Choose from the list, each one once.")
			break
		}
		a, err := s.Agreements.Between(ctx, c, r.Processor, s.now())
		if fault.KindOf(err) == fault.NotFound {
			form.Refuse("controller", "There is no agreement in force with this organisation, so the request cannot be forwarded to it.")
			break
		}
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, form.Err()
}

// Direct is the agent's hand in triage: it names the controller, and the
// request goes the way of the agreement between the two. Where the data have
// several controllers each gets the request as one of its own; all name each
// other, and each is decided by its controller.
func (s *Service) Direct(ctx context.Context, by identity.Actor, id string, controllers ...string) (Request, error) {
	r, err := s.reach(ctx, by, id, Triage)
	if err != nil {
		return Request{}, err
	}
	to, err := s.directions(ctx, &r, controllers)
	if err != nil {
		return Request{}, err
	}
	first := to[0]
	r.Controller, r.Agreement, r.AgreementVersion = first.Controller, first.ID, first.Version
	w, err := s.way(ctx, &r)
	if err != nil {
		return Request{}, err
	}
	clock, err := s.readerOf(ctx, first)
	if err != nil {
		return Request{}, err
	}
	child, shares := ledger.NewID("req"), sharesOf(&r, to)
	out, err := s.Requests.Update(ctx, id, func(r *Request) ([]ledger.Event, error) {
		if _, err := allowed(by, r, Triage); err != nil {
			return nil, err
		}
		if s.seen != 0 && r.Rev != s.seen {
			return nil, ErrMoved
		}
		now := s.now()
		r.Controller, r.Agreement, r.AgreementVersion = first.Controller, first.ID, first.Version
		events := []ledger.Event{s.event(by, "request.triage", r.ID, details{"controller": first.Controller, "agreement": first.ID})}
		if len(shares) > 1 {
			r.Shared, r.Sharing = shares, shares[1:]
			events = append(events, s.event(identity.System(), "request.share", r.ID, details{"controllers": strings.Join(controllers, ",")}))
		}
		events = append(events, s.send(r, w, child, now)...)
		r.settle(clock, now)
		return events, nil
	})
	if err != nil {
		return Request{}, s.refused(ctx, by, "request.triage", id, err)
	}
	return s.finishDirect(ctx, out)
}

// sharesOf names the requests that one becomes: itself, and one for each
// further controller. A request that was shared before keeps its other parts.
func sharesOf(r *Request, to []agreements.Applied) []Share {
	all := []Share{{r.ID, r.Reference, to[0].Controller, to[0].ID, to[0].Version}}
	for _, a := range to[1:] {
		all = append(all, Share{ledger.NewID("req"), newReference(), a.Controller, a.ID, a.Version})
	}
	return all
}

// finishDirect makes what directing a request asks for: the requests of further
// controllers, then the other half of a split one. It may run any number of times.
func (s *Service) finishDirect(ctx context.Context, r Request) (Request, error) {
	if len(r.Sharing) > 0 {
		for _, x := range r.Sharing {
			if err := s.copyFor(ctx, r, x); err != nil {
				return Request{}, err
			}
		}
		var err error
		if r, err = s.Requests.Update(ctx, r.ID, func(r *Request) ([]ledger.Event, error) {
			if len(r.Sharing) == 0 {
				return nil, nil
			}
			r.Sharing = nil
			return []ledger.Event{s.event(identity.System(), "request.share_done", r.ID, nil)}, nil
		}); err != nil {
			return Request{}, err
		}
	}
	return s.finishSplit(ctx, r)
}

// copyFor makes the request of one further controller, if it is not there yet,
// and lets it go the way of that controller's agreement.
func (s *Service) copyFor(ctx context.Context, r Request, x Share) error {
	whole := r
	whole.SplitInto = x.ID
	whole.Leaving = nil
	for _, i := range append(slices.Clone(r.Items), r.Leaving...) {
		whole.Leaving = append(whole.Leaving, Item{Right: i.Right, Asked: i.Asked})
	}
	c, err := s.part(ctx, whole)
	if err != nil {
		return err
	}
	c.Reference, c.SplitFrom = x.Reference, ""
	c.Controller, c.Agreement, c.AgreementVersion = x.Controller, x.Agreement, x.Version
	c.Shared, c.Sharing = r.Shared, nil
	// Where the first controller's agreement sent it is not where this one's does.
	c.State, c.Desk, c.Decides, c.ReceivedByController = Received, r.Processor, "", nil
	w, err := s.way(ctx, &c)
	if err != nil {
		return err
	}
	clock, err := s.reader(ctx, &c)
	if err != nil {
		return err
	}
	now := s.now()
	events := []ledger.Event{s.event(identity.System(), "request.copy", c.ID, details{"from": r.ID, "rights": joined(c.Rights())})}
	events = append(events, s.send(&c, w, ledger.NewID("req"), now)...)
	c.settle(clock, now)
	if err := s.Requests.Create(ctx, &c, events...); err != nil && !errors.Is(err, document.ErrTaken) {
		return err
	}
	made, err := s.Requests.Get(ctx, x.ID)
	if err != nil {
		return err
	}
	_, err = s.finishSplit(ctx, made)
	return err
}

// HandedStory is why a controller handed the request back, opened.
type HandedStory struct {
	Handing
	Why string
}

func tellHanded(o *vault.Opener, r *Request) []HandedStory {
	var all []HandedStory
	for _, h := range r.Handed {
		all = append(all, HandedStory{h, o.Text("hand_back", h.Reason)})
	}
	return all
}
