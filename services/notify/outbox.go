package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inzage/config/notices"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Outbox keeps messages until they are sent. Any number of instances may send
// from one store: a message is claimed by one of them at a time.
type Outbox struct {
	Messages document.Collection[Message]
	// Conditions keep how mail leaves, for all instances.
	Conditions document.Collection[Condition]
	// Notices keep what became of the mails that announce them.
	Notices document.Collection[Notice]
	Vault   vault.Keeper
	Texts   notices.Catalogue
	Links   Links
	Layout  Layout
	Mailer  Mailer
	Now     func() time.Time
	// InUse tells whether the address of a mail about a request is still the
	// request's own; nil means that nobody asks.
	InUse func(ctx context.Context, request string, link int) (bool, error)
	// Wake, of capacity 1, lets urgent messages leave at once instead of at the
	// next round; nil means they wait for the round.
	Wake chan struct{}
}

// Lease is how long a claim holds. A send is cut off well before, so that two
// senders never send the same message at once. When a sender dies, its messages
// wait until the claim has ended: somebody in front of a screen waits a shorter time.
const (
	Lease          = 3 * time.Minute
	sendTime       = 2 * time.Minute
	UrgentLease    = 30 * time.Second
	urgentSendTime = 20 * time.Second
)

// claimed is how long a claim on the message holds, and how long sending it may take.
func (m *Message) claimed() (lease, sending time.Duration) {
	if m.Urgent {
		return UrgentLease, urgentSendTime
	}
	return Lease, sendTime
}

// Keep is how long a message that is done stays as a bare fact.
const Keep = 30 * 24 * time.Hour

// useful is how long a message may wait for a mail server.
const useful = 3 * 24 * time.Hour

// pauses are the waits after failed attempts; the last one repeats.
var (
	pauses       = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}
	urgentPauses = []time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute}
)

func (o *Outbox) now() time.Time { return o.Now().UTC().Truncate(time.Millisecond) }

// id is the same for the same cause, kind and reader, so that composing twice
// queues once. Nothing can be read from it. 160 bits of the keyed hash are
// enough, and keep the Message-ID on one line.
func (o *Outbox) id(cause, kind, reader string) string {
	return "msg_" + o.Vault.Fingerprint("outbox", cause+"\x00"+kind+"\x00"+reader)[:27]
}

// put seals and queues a message. When it is there already, nothing happens.
func (o *Outbox) put(ctx context.Context, m Message, to string, mail drafted) error {
	key, err := o.Vault.Key(ctx, m.Object)
	if err != nil {
		return err
	}
	if m.To, err = key.Seal("mail_to:"+m.ID, []byte(to)); err != nil {
		return err
	}
	if m.Content, err = vault.SealJSON(key, "mail:"+m.ID, mail); err != nil {
		return err
	}
	now := o.now()
	m.State, m.Open, m.Due, m.Created, m.Language = Queued, true, now, now, mail.Language
	if m.Until.IsZero() {
		m.Until = now.Add(useful)
	}
	if err := o.Messages.Create(ctx, &m); err != nil && !errors.Is(err, document.ErrTaken) {
		return fmt.Errorf("queue %s: %w", m.Kind, err)
	}
	if m.Urgent {
		o.wake()
	}
	return nil
}

func (o *Outbox) wake() {
	select {
	case o.Wake <- struct{}{}:
	default: // a round is due already, or nobody listens
	}
}

// Run sends until the context ends: at once when an urgent message is queued
// and while there is more to do, else after the pause. Errors go to report.
func (o *Outbox) Run(ctx context.Context, pause time.Duration, report func(error)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.Wake:
		case <-timer.C:
		}
		n, err := o.Send(ctx, 50)
		if err != nil && ctx.Err() == nil {
			report(err)
		}
		wait := pause
		if n > 0 && err == nil {
			wait = 0
		}
		timer.Reset(wait)
	}
}

// Send sends what is due, urgent messages first, at most limit (1 to 500), and
// returns how many it dealt with. It stops early when the server is away.
func (o *Outbox) Send(ctx context.Context, limit int) (int, error) {
	done := 0
	for _, urgent := range []bool{true, false} {
		page, err := o.Messages.List(ctx, document.Query{Index: "due", Equal: []any{true, urgent}, Until: o.now().Add(time.Millisecond), Limit: limit})
		if err != nil {
			return done, fmt.Errorf("list the outbox: %w", err)
		}
		for _, m := range page.Rows {
			dealt, err := o.attempt(ctx, m.ID)
			if dealt {
				done++
			}
			if err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

var errClaimed = errors.New("somebody else has claimed the message")

// claim takes the message for one attempt, by compare-and-swap.
func (o *Outbox) claim(ctx context.Context, id string) (Message, error) {
	lease := ledger.NewID("lea")
	return o.Messages.Touch(ctx, id, func(m *Message) error {
		now := o.now()
		if !m.Open || m.Due.After(now) {
			return errClaimed
		}
		holds, _ := m.claimed()
		m.State, m.Lease, m.Due = Sending, lease, now.Add(holds)
		m.Attempts++
		return nil
	})
}

// attempt sends one message once. Its error concerns all messages, not this one.
func (o *Outbox) attempt(ctx context.Context, id string) (bool, error) {
	m, err := o.claim(ctx, id)
	if errors.Is(err, errClaimed) || fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("claim %s: %w", id, err)
	}
	if o.now().After(m.Until) {
		return true, o.end(ctx, m, Failed, expired)
	}
	if m.Notice != "" && o.InUse != nil {
		used, err := o.InUse(ctx, m.Request, m.Link)
		if err != nil {
			return true, fmt.Errorf("ask about the address of %s: %w", id, err)
		}
		if !used {
			return true, o.end(ctx, m, Dropped, "address_changed")
		}
	}
	e, err := o.envelope(ctx, m)
	if k := fault.KindOf(err); k == fault.Gone || k == fault.NotFound {
		return true, o.end(ctx, m, Dropped, "shredded")
	}
	if err != nil {
		return true, fmt.Errorf("write message %s: %w", id, err)
	}
	_, most := m.claimed()
	sending, cancel := context.WithTimeout(ctx, most)
	err = o.Mailer.Send(sending, e)
	cancel()
	return true, o.after(ctx, m, err)
}

// after notes what came of one try to send a message. Its error concerns all
// messages, or is one that the operator has to hear of.
func (o *Outbox) after(ctx context.Context, m Message, sent error) error {
	var refusal *Refusal
	var trouble *Trouble
	switch {
	case sent == nil:
		if err := o.end(ctx, m, Sent, ""); err != nil {
			return err
		}
		_, err := o.note(ctx, nil, nil)
		return err
	case errors.As(sent, &refusal):
		return o.end(ctx, m, Failed, refusal.Code)
	case errors.Is(sent, ErrRefused):
		return o.end(ctx, m, Failed, "refused")
	case errors.As(sent, &trouble):
		if err := o.postpone(ctx, m, trouble); err != nil {
			return err
		}
		if !trouble.All {
			return nil // the others may leave; the health of mail tells of it
		}
		_, err := o.note(ctx, trouble, nil)
		return errors.Join(fmt.Errorf("send message %s: %w", m.ID, sent), err)
	}
	if err := o.postpone(ctx, m, nil); err != nil {
		return err
	}
	if errors.Is(sent, ErrAway) {
		return fmt.Errorf("send message %s: %w", m.ID, sent)
	}
	return nil
}

func (o *Outbox) envelope(ctx context.Context, m Message) (Envelope, error) {
	key, err := o.Vault.Key(ctx, m.Object)
	if err != nil {
		return Envelope{}, err
	}
	to, err := key.Open("mail_to:"+m.ID, m.To)
	if err != nil {
		return Envelope{}, err
	}
	kept, err := vault.OpenJSON[drafted](key, "mail:"+m.ID, m.Content)
	if err != nil {
		return Envelope{}, err
	}
	mail := kept.leaving(o.now())
	plain, html, err := o.Layout(ctx, mail)
	e := Envelope{ID: m.ID + "@" + o.Links.host(), To: string(to), Language: mail.Language,
		Subject: mail.Subject, Plain: plain, HTML: html, At: m.Created, Thread: o.thread(&m)}
	if mail.Note != "" {
		e.File = &File{Name: "checkpoint-" + m.Created.Format(time.DateOnly) + ".txt", Text: mail.Note}
	}
	return e, err
}

// end marks the message as done, if the claim still holds. What was sent to a
// data subject is evidence, and so is that it could not be sent: both leave an
// entry. Its context must not end with the sending: the mail is out.
func (o *Outbox) end(ctx context.Context, m Message, state State, cause string) error {
	ctx = context.WithoutCancel(ctx)
	now := o.now()
	finish := func(x *Message) bool {
		if x.Lease != m.Lease || x.State != Sending {
			return false
		}
		x.State, x.Open, x.Done, x.Cause, x.To, x.Content, x.Lease = state, false, &now, cause, "", "", ""
		x.Kept, x.Trouble = false, ""
		return true
	}
	var err error
	if m.Notice != "" && state != Dropped {
		_, err = o.Messages.Update(ctx, m.ID, func(x *Message) ([]ledger.Event, error) {
			if !finish(x) {
				return nil, nil
			}
			return []ledger.Event{o.evidence(m, state, cause)}, nil
		})
	} else {
		_, err = o.Messages.Touch(ctx, m.ID, func(x *Message) error {
			if !finish(x) {
				return errClaimed
			}
			return nil
		})
	}
	if err != nil && !errors.Is(err, errClaimed) {
		return fmt.Errorf("note that message %s is %s: %w", m.ID, state, err)
	}
	return nil
}

func (o *Outbox) evidence(m Message, state State, cause string) ledger.Event {
	ev := ledger.Event{ID: ledger.NewID("evt"), At: o.now(), Actor: ledger.SystemActor, Action: "notice.send", Object: m.Request,
		Outcome: ledger.Done, Details: map[string]string{"request": m.Request, "kind": m.Kind, "entry": fmt.Sprint(m.Entry), "message": m.ID}}
	if state == Failed {
		ev.Action, ev.Details["cause"] = "notice.fail", cause
	}
	return ev
}

// postpone gives the message back for a later attempt. It is kept back when the
// trouble is on our side; nil is for a server that only puts it off.
func (o *Outbox) postpone(ctx context.Context, m Message, t *Trouble) error {
	waits := pauses
	if m.Urgent {
		waits = urgentPauses
	}
	wait := waits[min(max(m.Attempts, 1), len(waits))-1]
	_, err := o.Messages.Touch(context.WithoutCancel(ctx), m.ID, func(x *Message) error {
		if x.Lease != m.Lease || x.State != Sending {
			return errClaimed
		}
		x.State, x.Lease, x.Due = Queued, "", o.now().Add(wait)
		x.Kept, x.Trouble, x.Cause = false, "", ""
		if t != nil {
			x.Kept, x.Trouble, x.Cause = true, t.Kind, t.Code
		}
		return nil
	})
	if err != nil && !errors.Is(err, errClaimed) {
		return fmt.Errorf("postpone message %s: %w", m.ID, err)
	}
	return nil
}

// Counts counts the messages of each state, each up to 10,000: what an
// operator may see of them.
func (o *Outbox) Counts(ctx context.Context) (map[State]int, error) {
	counts := map[State]int{}
	for _, state := range []State{Queued, Sending, Sent, Failed, Dropped} {
		n, err := o.Count(ctx, state)
		if err != nil {
			return nil, err
		}
		counts[state] = n
	}
	return counts, nil
}

// Count counts the messages of one state, up to 10,000.
func (o *Outbox) Count(ctx context.Context, state State) (int, error) {
	n, err := o.Messages.Count(ctx, document.Query{Index: "state", Equal: []any{string(state)}, Limit: 10_000})
	if err != nil {
		return 0, fmt.Errorf("count the outbox: %w", err)
	}
	return n, nil
}

// Tidy removes messages that were done a while ago, at most limit of each
// state, and destroys the keys of old letters. It returns how many it removed.
func (o *Outbox) Tidy(ctx context.Context, limit int) (int, error) {
	before, removed := o.now().Add(-Keep), 0
	for _, state := range []State{Sent, Failed, Dropped} {
		page, err := o.Messages.List(ctx, document.Query{Index: "state", Equal: []any{string(state)}, Until: before, Limit: limit})
		if err != nil {
			return removed, fmt.Errorf("list old messages: %w", err)
		}
		for _, m := range page.Rows {
			if m.Unsealed {
				continue
			}
			if err := o.carryOver(ctx, &m); err != nil {
				return removed, err
			}
			if err := o.Messages.Delete(ctx, m.ID); err != nil && fault.KindOf(err) != fault.NotFound {
				return removed, fmt.Errorf("remove message: %w", err)
			}
			removed++
		}
	}
	return removed, o.shredLetters(ctx)
}

// shredLetters destroys the day keys of letters that are older than Keep, so
// that the addresses in backups become unreadable, too. It looks ten days
// back beyond that: a portal that was off for longer is caught up by hand.
func (o *Outbox) shredLetters(ctx context.Context) error {
	for day := range 10 {
		object := dayKey(o.now().Add(-Keep).AddDate(0, 0, -1-day))
		_, err := o.Vault.Key(ctx, object)
		if k := fault.KindOf(err); k == fault.Gone || k == fault.NotFound {
			continue
		}
		if err == nil {
			err = o.Vault.Shred(ctx, object)
		}
		if err != nil {
			return fmt.Errorf("destroy the key of old letters: %w", err)
		}
	}
	return nil
}

// dayKey is the object under whose key the letters of a day are sealed.
func dayKey(t time.Time) string { return "mail_" + t.UTC().Format("20060102") }
