package notify

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"inzage/config/notices"
	"inzage/services/identity"
)

var _ identity.Postman = (*Outbox)(nil)

// Post queues a letter about signing in and lets it leave at once. The same
// key and template is sent once. It returns when the letter is stored.
func (o *Outbox) Post(ctx context.Context, l identity.Letter) error {
	kind := l.Template
	if what := l.Data["what"]; what != "" {
		if _, ok := o.Texts.Notices[kind+"_"+what]; ok {
			kind += "_" + what
		}
	}
	n, ok := o.Texts.Notices[kind]
	if !ok || n.For != notices.Letter {
		return fmt.Errorf("post a letter: there is no text %q", kind)
	}
	if l.To == "" || l.Key == "" {
		return errors.New("post a letter: it needs a key and an address")
	}
	w := writer{texts: o.Texts, language: l.Language, zone: time.UTC, now: o.now(),
		values: map[string]string{}, flags: map[string]bool{"organisation": l.Data["organisation"] != ""}}
	for _, name := range []string{"minutes", "hours", "organisation"} {
		w.values[name] = l.Data[name]
	}
	if at, err := time.Parse(time.RFC3339, l.Data["expires"]); err == nil {
		w.promiseMoment("until", w.day(at), at)
	}
	mail, err := w.mail(n)
	if err != nil {
		return fmt.Errorf("post a letter: %w", err)
	}
	mail.Code = l.Data["code"]
	if mail.Button != "" {
		mail.Link, mail.LinkNote = l.Data["link"], o.Texts.Words.LinkNote.In(l.Language)
	}
	object := dayKey(o.now())
	if _, err := o.Vault.Create(ctx, object); err != nil {
		return fmt.Errorf("post a letter: %w", err)
	}
	m := Message{Kind: kind, Object: object, Urgent: true, Until: o.lettersEnd(l)}
	m.ID = o.id(l.Key, l.Template, "letter")
	return o.put(ctx, m, l.To, mail)
}

// lettersEnd is when a letter is of no use any more: a code that comes too
// late only confuses.
func (o *Outbox) lettersEnd(l identity.Letter) time.Time {
	if minutes, err := strconv.Atoi(l.Data["minutes"]); err == nil {
		return o.now().Add(time.Duration(minutes) * time.Minute)
	}
	return o.now().Add(useful)
}
