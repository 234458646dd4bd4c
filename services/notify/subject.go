package notify

import (
	"context"
	"fmt"
	"strings"

	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// kindOf names the notice that an event about a request asks for, and whether
// an e-mail announces it; "" when there is nothing to tell the data subject.
func kindOf(ev ledger.Event, verb string, r *requests.Request) (kind string, mailed bool) {
	switch verb {
	case "confirm", "enter":
		return "receipt", true
	case "forward":
		return "forwarded", true
	case "handle":
		// The notice of the split says it too, so one mail is enough.
		return "handled", r.SplitInto == ""
	case "split_done":
		return "split", true
	case "part":
		// The mail about the forwarding of this part follows at once.
		return "split_part", false
	case "acknowledge":
		return "acknowledged", true
	case "ask_identity":
		return "identity_question", true
	case "settle_identity":
		if ev.Details["result"] == "sufficient" {
			return "identity_settled", true
		}
		return "identity_insufficient", true
	case "extend":
		return "extended", true
	case "decide":
		return ev.Details["outcome"], true
	case "deliver":
		return "delivered", true
	case "deliver_outside":
		return "delivered_outside", true
	case "renew":
		return "renewed", true
	case "close":
		return "closed", true
	case "withdraw":
		return "withdrawn", true
	case "new_word":
		return "word", true
	case "change_address", "move_address":
		return "address_changed", true
	case "misdirect":
		return "misdirected", true
	case "merge_done":
		return "merged", true
	case "join":
		// The mail about the joined one says it too, where it goes to the same address.
		return "joined", ev.Details["address"] == "other"
	case "separated":
		return "separated", true
	case "separate":
		return "separated", ev.Details["address"] == "other"
	case "hand_back":
		return "handed_back", true
	case "remind":
		if ev.Details["days"] == "late" && ev.Details["told"] == "" {
			return "late", true
		}
	}
	return "", false
}

// ofRequest composes what an event about a request asks for: the notice to the
// data subject, the mail that announces it, and the messages to staff.
func (s *Service) ofRequest(ctx context.Context, e ledger.Entry, verb string) error {
	if !composed[verb] {
		return nil
	}
	r, err := s.Requests.Requests.Get(ctx, e.Event.Object)
	if err != nil {
		return err
	}
	if r.State == requests.Unconfirmed || r.Channel == requests.Portal && r.Account == "" && !r.Holder.Typed {
		return nil // nobody has proven the address
	}
	c, err := s.gather(ctx, e, r)
	if err != nil {
		return err
	}
	if kind, mailed := kindOf(e.Event, verb, &r); kind != "" {
		if err := s.toSubject(ctx, c, kind, mailed); err != nil {
			return err
		}
		if kind == "address_changed" {
			if err := s.toAddressBefore(ctx, c); err != nil {
				return err
			}
		}
	}
	return s.toStaff(ctx, c, verb)
}

// composed are the verbs that anybody hears of; opening the content for any
// other entry would be work for nothing.
var composed = map[string]bool{
	"confirm": true, "enter": true, "forward": true, "handle": true, "split_done": true, "part": true, "triage": false,
	"acknowledge": true, "assign": true, "add": true, "ask_identity": true, "answer_identity": true, "settle_identity": true,
	"extend": true, "decide": true, "deliver": true, "deliver_outside": true, "renew": true, "close": true,
	"change_address": true, "move_address": true, "new_word": true,
	"withdraw": true, "misdirect": true, "merge_done": true, "join": true, "separate": true, "separated": true, "hand_back": true, "remind": true,
}

func (s *Service) toSubject(ctx context.Context, c *cause, kind string, mailed bool) error {
	n, err := s.text(kind)
	if err != nil {
		return err
	}
	w, err := s.forSubject(ctx, c, kind)
	if err != nil {
		return err
	}
	writing, err := w.writing(n)
	if err != nil {
		return err
	}
	mailed = mailed && c.story.Person.Email != ""
	note := Notice{Request: c.r.ID, Kind: kind, Right: c.ev.Details["right"], Language: w.language,
		Entry: c.entry, At: c.ev.At, Mailed: mailed}
	note.ID = "ntc_" + strings.TrimPrefix(c.ev.ID, "evt_")
	if err := s.keep(ctx, note, writing); err != nil {
		return err
	}
	if !mailed {
		return nil
	}
	if !c.r.Held() {
		// Whoever reads it may be a stranger: the mail says nothing but where to go.
		if n, err = s.text("unheld"); err != nil {
			return err
		}
	}
	mail, err := w.mail(n)
	if err != nil {
		return err
	}
	mail.Link, mail.LinkNote = s.Outbox.Links.Follow(c.r.Reference, c.r.LinkOf()), w.texts.Words.LinkNote.In(w.language)
	m := Message{Kind: kind, Request: c.r.ID, Notice: note.ID, Entry: c.entry, Object: c.r.ID, Link: c.r.Holder.Link}
	m.ID = s.Outbox.id(c.ev.ID, kind, "subject")
	return s.Outbox.put(ctx, m, c.story.Person.Email, mail)
}

// cause is an event about a request with what its messages are made of.
type cause struct {
	ev    ledger.Event
	entry int64
	r     requests.Request
	story requests.Story
	clock requests.Clock
}

func (s *Service) gather(ctx context.Context, e ledger.Entry, r requests.Request) (*cause, error) {
	c := &cause{ev: e.Event, entry: e.Number, r: r}
	var err error
	if c.story, err = s.Requests.Tell(ctx, identity.System(), r); err != nil {
		return nil, err
	}
	// What came after the event belongs to later notices, also when this one is
	// composed late.
	then := r
	if x := r.Extension; x != nil && x.At.After(e.Event.At) {
		then.Extension = nil
	}
	if c.clock, err = s.Requests.Clock(ctx, then); err != nil {
		return nil, fmt.Errorf("read the clock of %s: %w", r.ID, err)
	}
	return c, nil
}
