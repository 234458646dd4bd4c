package notify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/mailaddress"
)

// Standing is where one mail stands, in the one way in which it is shown everywhere.
type Standing string

// The standings of a mail.
const (
	Unmailed   Standing = ""            // none was written
	Waiting    Standing = "waiting"     // not handed over yet; also when it is tried again
	HandedOver Standing = "handed_over" // the next mail server took it; whether it arrived it has not said
	Refused    Standing = "refused"     // the mailbox was refused, for good
	GivenUp    Standing = "given_up"    // it could not be handed over while it was of use
	Unknown    Standing = "unknown"     // written before this was kept; the ledger has it
)

// Standings are all that a mail can have.
var Standings = []Standing{Waiting, HandedOver, Refused, GivenUp, Unknown}

// Post is what became of a mail, and since when.
type Post struct {
	Standing Standing  `json:"standing"`
	At       time.Time `json:"at"`
	Cause    string    `json:"cause"` // of Refused: the reply in numbers
	// Trouble tells of Waiting that it is kept back, and why.
	Trouble TroubleKind `json:"trouble"`
}

// Left tells whether the mail left the portal, as far as is known.
func (p Post) Left() bool { return p.Standing == HandedOver || p.Standing == Unknown }

// post is where the message stands.
func (m *Message) post() Post {
	p := Post{Standing: Waiting, At: m.Created, Trouble: m.Trouble}
	if m.Done != nil {
		p.At = *m.Done
	}
	switch m.State {
	case Sent:
		p.Standing = HandedOver
	case Failed:
		p.Standing, p.Cause = Refused, m.Cause
		if m.Cause == expired {
			p.Standing, p.Cause = GivenUp, ""
		}
	case Dropped:
		p.Standing = GivenUp
	}
	return p
}

// expired is the cause of a message that was of no use any more.
const expired = "expired"

// posts are what became of the mails that announced notices of a request, by
// notice, as far as the outbox still has them.
func (s *Service) posts(ctx context.Context, request string) (map[string]Post, error) {
	all := map[string]Post{}
	q := document.Query{Index: "request", Equal: []any{request}, Limit: 500}
	for {
		page, err := s.Outbox.Messages.List(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list the mails about %s: %w", request, err)
		}
		for _, m := range page.Rows {
			if m.Notice != "" {
				all[m.Notice] = m.post()
			}
		}
		if q.After = page.Next; q.After == "" {
			return all, nil
		}
	}
}

// became is what became of the mail that announced a notice.
func (n *Notice) became(posts map[string]Post) Post {
	if p, ok := posts[n.ID]; ok {
		return p
	}
	switch {
	case !n.Mailed:
		return Post{}
	case n.Post != nil:
		return *n.Post
	}
	return Post{Standing: Unknown, At: n.At}
}

// carryOver keeps with the notice what became of its mail, before the outbox
// forgets the mail.
func (o *Outbox) carryOver(ctx context.Context, m *Message) error {
	if m.Notice == "" || o.Notices == nil {
		return nil
	}
	p := m.post()
	_, err := o.Notices.Touch(ctx, m.Notice, func(n *Notice) error {
		n.Post = &p
		return nil
	})
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return fmt.Errorf("keep what became of message %s: %w", m.ID, err)
	}
	return nil
}

var _ identity.Tracer = (*Outbox)(nil)

// Fate is what became of a letter, by its key and template.
func (o *Outbox) Fate(ctx context.Context, key, template string) (identity.Fate, error) {
	m, err := o.Messages.Get(ctx, o.id(key, template, "letter"))
	if fault.KindOf(err) == fault.NotFound {
		return identity.Fate{}, nil
	}
	if err != nil {
		return identity.Fate{}, fmt.Errorf("read a letter: %w", err)
	}
	p := m.post()
	f := identity.Fate{Waiting: p.Standing == Waiting, Refused: p.Standing == Refused, GivenUp: p.Standing == GivenUp, At: p.At}
	if !f.Waiting {
		return f, nil
	}
	now, err := o.Condition(ctx)
	f.Trouble = m.Kept || now.Trouble != ""
	return f, err
}

// Takes tells whether the mail server takes an address, as far as it has said.
func (o *Outbox) Takes(ctx context.Context, address string) (bool, error) {
	c, err := o.Condition(ctx)
	if err != nil || c.Offer == nil || c.Offer.Server == "" {
		return true, err
	}
	return c.Offer.UTF8 || !mailaddress.NeedsUTF8(address), nil
}

// thread is what the mails about one request or audit refer to, each of them: a
// keyed hash, from which nothing can be read.
func (o *Outbox) thread(m *Message) string {
	if strings.HasPrefix(m.Object, "mail_") {
		return "" // a letter stands alone
	}
	return "thr_" + o.Vault.Fingerprint("thread", m.Object)[:27] + "@" + o.Links.host()
}
