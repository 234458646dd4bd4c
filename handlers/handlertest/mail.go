package handlertest

import (
	"context"

	"inzage/services/identity"
	"inzage/services/notify"
	"inzage/services/notify/mailer"
	"inzage/views/mail"
)

// Mail lets mail leave over a mail server, smtp://…, from now on.
func (w *World) Mail(address string) {
	w.T.Helper()
	m, err := mailer.Open(address, "inzage@inzage.example", "inzage.example")
	if err != nil {
		w.T.Fatalf("open the mailer: %v", err)
	}
	o := w.Notify.Outbox
	o.Mailer, o.Layout = m, func(ctx context.Context, m notify.Mail) (string, string, error) {
		return mail.Write(ctx, mail.Letter(m))
	}
}

// Leave posts the letters that were kept, each once, and sends what is due.
func (w *World) Leave() {
	w.T.Helper()
	w.mu.Lock()
	letters := w.letters
	w.mu.Unlock()
	for _, l := range letters {
		if err := w.Notify.Outbox.Post(context.Background(), l); err != nil {
			w.T.Fatalf("post the letter %s: %v", l.Template, err)
		}
	}
	_, _ = w.Notify.Outbox.Send(context.Background(), 500) // what came of it is what the test looks at
}

// Fate is what became of a letter that Leave has posted; it makes the World an
// identity.Tracer.
func (w *World) Fate(ctx context.Context, key, template string) (identity.Fate, error) {
	if w.Notify == nil || w.Notify.Outbox.Mailer == nil {
		return identity.Fate{}, nil
	}
	return w.Notify.Outbox.Fate(ctx, key, template)
}

// Takes tells whether the mail server takes an address.
func (w *World) Takes(ctx context.Context, address string) (bool, error) {
	return w.Notify.Outbox.Takes(ctx, address)
}
