package notify_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/config/notices"
	"inzage/services/deadlines"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/requests"
)

// What promises, in the texts of this portal: a day named after one of these is one that is still to come.
var promising = regexp.MustCompile(`(?i)will have (an|both) answers?|krijgt antwoord|follows by|is due|, due (on )?\{|runs from|keep working towards|can download|is ready|works once|` +
	`is on \{|krijgt uiterlijk|moet er uiterlijk|loopt van|blijven toewerken|kunt downloaden|staat (opnieuw )?klaar|is op \{`)

// Every text of the catalogue, said a day before its day, on the day and the day after: the one
// that comes too late does not promise, says so, and tells a data subject where to complain.
func TestNoTextPromisesADayThatHasPassed(t *testing.T) {
	texts, err := notices.Load()
	must(t, err)
	due := deadlines.Date{Year: 2026, Month: 11, Day: 14}
	zone, err := time.LoadLocation("Europe/Amsterdam")
	must(t, err)
	for _, language := range []string{"en", "nl"} {
		for _, kind := range slices.Sorted(maps.Keys(texts.Notices)) {
			n := texts.Notices[kind]
			at := func(day, hour int) notify.Said {
				s, err := notify.Say(texts, n, language, zone, due, time.Date(2026, 11, day, hour, 59, 0, 0, zone))
				if err != nil {
					t.Fatalf("%s %s: %v", language, kind, err)
				}
				return s
			}
			before, today, after := at(13, 12), at(14, 23), at(15, 0)
			if !slices.Equal(before.Lines(), today.Lines()) {
				t.Errorf("%s %s: the day itself is already too late:\n%v\n%v", language, kind, before.Lines(), today.Lines())
			}
			if len(before.Turns) > 0 {
				late := before.Turns[len(before.Turns)-1]
				if late.Subject != after.Mail.Subject || !slices.Equal(late.Lines, after.Mail.Lines) || late.At.In(zone).Format("2006-01-02 15:04") != "2026-11-15 00:00" {
					t.Errorf("%s %s: a mail that leaves a day later says %q, %q", language, kind, late.Subject, late.Lines)
				}
			}
			for _, line := range after.Lines() {
				if strings.Contains(line, "14 november 2026") || strings.Contains(line, "14 November 2026") {
					plain := strings.NewReplacer("Saturday 14 November 2026", "{", "zaterdag 14 november 2026", "{").Replace(line)
					if !n.Past && promising.MatchString(plain) && !strings.Contains(plain, "LATE") {
						t.Errorf("%s %s promises a day that has passed: %s", language, kind, line)
					}
				}
			}
			changed := !slices.Equal(before.Lines(), after.Lines())
			owed := changed && n.For == notices.Subject && names(n, "due", "other_due")
			all := strings.Join(after.Lines(), "\n")
			if owed && (!strings.Contains(all, "AUTHORITY") || !strings.Contains(all, "COURT")) {
				t.Errorf("%s %s is late and does not say where to complain:\n%s", language, kind, all)
			}
			if mail := strings.Join(after.Mail.Lines, "\n"); owed && !strings.Contains(mail, "AUTHORITY") {
				t.Errorf("%s %s: the mail is late and does not say where to complain:\n%s", language, kind, mail)
			}
		}
	}
}

// names tells whether a text of the notice that looks ahead names one of the values.
func names(n notices.Notice, values ...string) bool {
	for _, p := range slices.Concat(n.Mail, n.Body) {
		for _, v := range values {
			if strings.Contains(p.Late.EN, "{"+v+"}") {
				return true
			}
		}
	}
	return false
}

// A day that was not given through the one function that knows when it has passed cannot be said.
func TestADayThatNobodyMeasuredIsNotSaid(t *testing.T) {
	texts, err := notices.Load()
	must(t, err)
	if err := notify.SayUnmeasured(texts, texts.Notices["receipt"]); err == nil || !strings.Contains(err.Error(), "has passed") {
		t.Errorf("a day by hand = %v, want it refused", err)
	}
}

// A letter of 45 days ago is late when it is put in: receipt, acknowledgement, identity question and
// the mails to staff say so, and name the authority and the court.
func TestALateRequestIsToldThatItIsLate(t *testing.T) {
	for language, want := range map[string]struct{ late, court string }{"nl": {"te laat", "rechtbank"}, "en": {"late", "district court"}} {
		w := newWorld(t)
		f := requests.Filing{Organisation: w.bakery.ID, Rights: []requests.Right{requests.Access}, Language: language,
			Asked: map[requests.Right]requests.Asked{requests.Access: {What: theWish}}, Person: requests.Person{Name: theName, Email: theMail}}
		r, err := w.Requests.Enter(t.Context(), w.officer, ledger.NewID("req"),
			requests.Entry{Filing: f, Channel: requests.Letter, Received: w.now().AddDate(0, 0, -45), LateReason: theReason})
		must(t, err)
		w.held(r.ID)
		w.takeUp(r.ID)
		_, err = w.Requests.Ask(t.Context(), w.officer, r.ID, theReason, theLeast)
		must(t, err)
		_, err = w.Requests.AssignTo(t.Context(), w.officer, r.ID, w.agentOf(w.bakery))
		must(t, err)
		w.send()
		seen := map[string]bool{}
		for _, n := range w.notices(w.officer, r.ID) {
			seen[n.Kind] = true
			got := text(n)
			for _, s := range []string{want.late, want.court, "Autoriteit Persoonsgegevens"} {
				if !strings.Contains(got, s) {
					t.Errorf("%s %s does not say %q:\n%s", language, n.Kind, s, got)
				}
			}
			if strings.Contains(got, "will have an answer") || strings.Contains(got, "krijgt uiterlijk") {
				t.Errorf("%s %s promises what has passed:\n%s", language, n.Kind, got)
			}
		}
		for _, kind := range []string{"receipt", "acknowledged", "identity_question"} {
			if !seen[kind] {
				t.Errorf("no notice %s was written", kind)
			}
		}
		for _, m := range w.mails("") {
			body := strings.Join(strings.Fields(m.Subject+" "+m.Plain), " ")
			if lower := strings.ToLower(body); !strings.Contains(lower, "late") && !strings.Contains(lower, "te laat") {
				t.Errorf("%s: the mail to %s does not say that it is late:\n%s", language, m.To, body)
			}
		}
	}
}

// A mail that could not leave in time says, when it leaves, what is true by then.
func TestAMailThatWaitedDoesNotPromiseAPassedDay(t *testing.T) {
	w := newWorld(t)
	f := requests.Filing{Organisation: w.bakery.ID, Rights: []requests.Right{requests.Access}, Language: "en",
		Asked: map[requests.Right]requests.Asked{requests.Access: {What: theWish}}, Person: requests.Person{Name: theName, Email: theMail}}
	r, err := w.Requests.Enter(t.Context(), w.officer, ledger.NewID("req"),
		requests.Entry{Filing: f, Channel: requests.Letter, Received: w.now().AddDate(0, 0, -30), LateReason: theReason})
	must(t, err)
	w.held(r.ID)
	w.compose()
	w.pass(24 * time.Hour)
	w.send()
	mails := w.mails(theMail)
	if len(mails) == 0 || strings.Contains(mails[0].Plain, "will have an answer") || !strings.Contains(mails[0].Plain, "late") {
		t.Errorf("the receipt left a day after its day: %+v", mails)
	}
}
