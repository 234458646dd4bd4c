package handlertest

import (
	"context"

	"inzage/services/notify/mailer"
	"inzage/views/mail"

	"inzage/services/notify"
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
