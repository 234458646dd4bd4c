package notify_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"inzage/services/identity"
	"inzage/services/notify"
)

func TestLetters(t *testing.T) {
	for _, language := range []string{"nl", "en"} {
		w := newWorld(t)
		o := w.Notify.Outbox
		letters := []identity.Letter{
			{Template: "code", Data: map[string]string{"code": "493027", "minutes": "10", "purpose": "file"}},
			{Template: "invitation", Data: map[string]string{"link": baseURL + "/invitation/x", "organisation": "Bakkerij", "expires": "2026-11-24T08:30:00Z", "roles": "admin"}},
			{Template: "password", Data: map[string]string{"link": baseURL + "/password/x", "minutes": "60"}},
			{Template: "enrol", Data: map[string]string{"link": baseURL + "/enrol/x", "hours": "24"}},
			{Template: "resume", Data: map[string]string{"link": baseURL + "/file/resume/x", "hours": "168", "organisation": "Bakkerij"}},
			{Template: "password_unknown"},
		}
		for _, what := range []string{"factor_added", "factor_removed", "factor_off", "factor_reset", "recovery_used", "recovery_renewed", "password_changed", "roles_changed", "something_new"} {
			letters = append(letters, identity.Letter{Template: "security", Data: map[string]string{"what": what}})
		}
		for i, l := range letters {
			l.Key, l.To, l.Language = fmt.Sprint("key", i), fmt.Sprintf("person%d@example.org", i), language
			for range 2 {
				must(t, o.Post(t.Context(), l))
			}
		}
		w.send()
		all := w.mails("")
		if len(all) != len(letters) {
			t.Errorf("%d mails left for %d letters, each posted twice", len(all), len(letters))
		}
		for i, l := range letters {
			got := w.mails(fmt.Sprintf("person%d@example.org", i))
			if len(got) != 1 {
				t.Errorf("%s: %d mails", l.Template, len(got))
				continue
			}
			show(t, language, "letter-"+l.Template+l.Data["what"], got[0].Subject+"\n\n"+got[0].Plain)
			for _, s := range []string{l.Data["code"], l.Data["link"]} {
				if !strings.Contains(got[0].Plain, s) || !strings.Contains(got[0].HTML, s) {
					t.Errorf("%s does not hold %q:\n%s", l.Template, s, got[0].Plain)
				}
			}
			if m := hole.FindString(strings.Join(strings.Fields(got[0].Plain), " ")); m != "" || got[0].Subject == "" {
				t.Errorf("%s has a hole %q:\n%s", l.Template, m, got[0].Plain)
			}
		}
		for _, m := range w.messages() {
			if m.State != notify.Sent || m.To != "" || m.Content != "" {
				t.Errorf("the letter %s is %s and may still hold its code", m.Kind, m.State)
			}
		}
	}
}

func TestLetterThatIsUnknown(t *testing.T) {
	w := newWorld(t)
	for name, l := range map[string]identity.Letter{
		"unknown template":         {Key: "1", To: theMail, Template: "nonsense"},
		"a notice is not a letter": {Key: "1", To: theMail, Template: "receipt"},
		"no address":               {Key: "1", Template: "password_unknown"},
		"no key":                   {To: theMail, Template: "password_unknown"},
		"a missing value":          {Key: "1", To: theMail, Template: "code", Data: map[string]string{"code": "1"}},
	} {
		if err := w.Notify.Outbox.Post(t.Context(), l); err == nil || strings.Contains(err.Error(), "kanarie") {
			t.Errorf("%s: Post = %v, want an error without the address", name, err)
		}
	}
}

func TestCodeLeavesAtOnceAndNeverTooLate(t *testing.T) {
	w := newWorld(t)
	o := w.Notify.Outbox
	code := identity.Letter{Key: "k", To: theMail, Language: "nl", Template: "code", Data: map[string]string{"code": "493027", "minutes": "10"}}
	t.Run("at once", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		left := make(chan struct{}, 1)
		o.Mailer = seen{o.Mailer, left}
		go func() {
			o.Run(ctx, time.Hour, func(err error) { t.Error(err) })
			close(ended)
		}()
		must(t, o.Post(t.Context(), code))
		select {
		case <-left:
		case <-time.After(5 * time.Minute):
			t.Error("the code waits for the next round, an hour away")
		}
		cancel()
		<-ended
	})
	t.Run("never too late", func(t *testing.T) {
		code.Key = "other"
		must(t, o.Post(t.Context(), code))
		w.pass(11 * time.Minute)
		_, err := o.Send(t.Context(), 10)
		must(t, err)
		if failed := w.inState(notify.Failed); len(failed) != 1 || failed[0].Cause != "expired" {
			t.Errorf("failed = %+v, want the late code", failed)
		}
		if n := len(w.mails(theMail)); n != 1 {
			t.Errorf("%d mails, want the first only", n)
		}
	})
}
