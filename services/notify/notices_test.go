package notify_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/config/notices"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/requests"
)

// verdict is a decision that the rules accept.
func (w *world) verdict(right requests.Right, outcome requests.Outcome, ground string) requests.Verdict {
	v := requests.Verdict{Right: right, Outcome: outcome, Reasons: theReason, ComplaintTold: true, CourtTold: true, Information: map[string]string{}}
	if outcome != requests.Granted {
		v.Ground = ground
	}
	if right == requests.Access {
		for _, i := range w.Requests.Catalogue.Information {
			v.Information[i.ID] = "kanarie-informatie " + i.ID
		}
	}
	if right == requests.Erasure || right == requests.Rectification {
		v.Recipients = []string{theOther}
	}
	return v
}

func (w *world) takeUp(id string) {
	w.t.Helper()
	_, err := w.Requests.TakeUp(w.t.Context(), w.officer, id)
	must(w.t, err)
}

func (w *world) decide(by identity.Actor, id string, v requests.Verdict) {
	w.t.Helper()
	_, err := w.Requests.Decide(w.t.Context(), by, id, v)
	must(w.t, err)
}

func (w *world) addFile(by identity.Actor, id string) {
	w.t.Helper()
	_, err := w.Requests.AddAnswerFile(w.t.Context(), by, id, requests.Upload{Name: "gegevens.json", Size: -1, Body: strings.NewReader(`{"a":1}`)})
	must(w.t, err)
}

// everything lets requests run through every kind of notice and message, and
// returns the notices by kind.
func (w *world) everything(language string) map[string]notify.Opened {
	w.t.Helper()
	ctx := w.t.Context()
	bakery := w.bakery.ID
	var subject identity.Actor
	var ids []string
	file := func(org identity.Organisation, controller string, rights ...requests.Right) requests.Request {
		r, by := w.file(language, org, controller, rights...)
		subject = by
		ids = append(ids, r.ID)
		return r
	}
	// Forwarded, asked twice about identity, extended, helped, granted, delivered, renewed, closed.
	r := file(w.partner, bakery, requests.Access)
	w.takeUp(r.ID)
	for _, enough := range []bool{false, true} {
		_, err := w.Requests.Ask(ctx, w.officer, r.ID, theReason, theLeast)
		must(w.t, err)
		_, err = w.Requests.Reply(ctx, subject, r.ID, theWish, nil)
		must(w.t, err)
		_, err = w.Requests.Settle(ctx, w.officer, r.ID, enough)
		must(w.t, err)
		w.pass(time.Minute)
	}
	_, err := w.Requests.Extend(ctx, w.officer, r.ID, 2, []string{"complexity", "number"}, theReason)
	must(w.t, err)
	_, err = w.Requests.AddTo(ctx, subject, r.ID, theWish, nil)
	must(w.t, err)
	for i, outcome := range []string{requests.Found, requests.NothingFound, requests.Exception, requests.Cancelled} {
		a, err := w.Requests.Seek(ctx, w.officer, r.ID, ledger.NewID("ast"), requests.Help{Processor: w.partner.ID, Right: requests.Access, Question: theWish})
		must(w.t, err)
		if outcome == requests.Cancelled {
			_, err = w.Requests.CancelHelp(ctx, w.officer, a.ID)
		} else {
			_, err = w.Requests.Answer(ctx, w.agent, a.ID, requests.Reply{Outcome: outcome, Text: theReason})
		}
		must(w.t, err)
		w.pass(time.Duration(i) * time.Second)
	}
	w.addFile(w.officer, r.ID)
	w.decide(w.officer, r.ID, w.verdict(requests.Access, requests.Granted, ""))
	w.officer.StrongAt = w.now()
	_, err = w.Requests.Release(ctx, w.officer, r.ID)
	must(w.t, err)
	_, err = w.Requests.RenewRelease(ctx, subject, r.ID)
	must(w.t, err)
	_, err = w.Requests.Finish(ctx, w.officer, r.ID)
	must(w.t, err)
	// Split: one part handled by the processor, the other forwarded.
	r = file(w.online, bakery, requests.Access, requests.Erasure)
	ids = append(ids, r.SplitInto)
	w.takeUp(r.SplitInto)
	w.decide(w.officer, r.SplitInto, w.verdict(requests.Erasure, requests.Partly, "legal_obligation"))
	// Handled whole by the processor.
	file(w.online, bakery, requests.Access)
	// Refused, delivered by post.
	r = file(w.bakery, bakery, requests.Access, requests.Objection, requests.Rectification)
	w.takeUp(r.ID)
	w.decide(w.officer, r.ID, w.verdict(requests.Objection, requests.Denied, "compelling_grounds"))
	w.decide(w.officer, r.ID, w.verdict(requests.Rectification, requests.Granted, ""))
	w.addFile(w.officer, r.ID)
	w.decide(w.officer, r.ID, w.verdict(requests.Access, requests.Granted, ""))
	_, err = w.Requests.ReleaseOutside(ctx, w.officer, r.ID, "post", theProof)
	must(w.t, err)
	// Misdirected, merged, withdrawn.
	r = file(w.bakery, bakery, requests.Erasure)
	_, err = w.Requests.SendAstray(ctx, w.officer, r.ID, theWhere)
	must(w.t, err)
	first, again := file(w.bakery, bakery, requests.Restriction), file(w.bakery, bakery, requests.Restriction)
	_, err = w.Requests.MergeInto(ctx, w.officer, again.ID, first.Reference)
	must(w.t, err)
	// Joined on a statement that it is one person, and separated again; handed back.
	post := w.letter(language, w.bakery, requests.Erasure)
	_, err = w.Requests.Join(ctx, w.officer, post.ID, requests.Join{Reference: first.Reference, OnePerson: true, Reason: theReason})
	must(w.t, err)
	w.pass(time.Second)
	_, err = w.Requests.Separate(ctx, w.officer, first.ID, post.Reference)
	must(w.t, err)
	r = file(w.partner, bakery, requests.Access)
	_, err = w.Requests.HandBack(ctx, w.officer, r.ID, theReason)
	must(w.t, err)
	r = file(w.partner, "", requests.Access) // to triage
	_, err = w.Requests.Retract(ctx, subject, r.ID)
	must(w.t, err)
	_, err = w.Requests.AssignTo(ctx, w.officer, first.ID, w.agentOf(w.bakery))
	must(w.t, err)
	// Corrected by the desk, with a new word after it.
	wrong, _ := w.file(language, w.bakery, bakery, requests.Access)
	_, err = w.Requests.CorrectAddress(ctx, w.officer, wrong.ID, "beter@example.org")
	must(w.t, err)
	_, err = w.Requests.RenewWord(ctx, w.officer, wrong.ID)
	must(w.t, err)
	w.send()
	// Left lying, with an open question to a processor, until the date has passed.
	w.takeUp(first.ID)
	_, err = w.Requests.Seek(ctx, w.officer, first.ID, ledger.NewID("ast"), requests.Help{Processor: w.partner.ID, Right: requests.Restriction, Question: theWish})
	must(w.t, err)
	w.send()
	for range 35 {
		w.pass(24 * time.Hour)
		for {
			n, err := w.Notify.Remind(ctx, 50)
			must(w.t, err)
			if n == 0 {
				break
			}
		}
		w.send()
	}
	found := map[string]notify.Opened{}
	for _, id := range ids {
		for _, n := range w.notices(subject, id) {
			if _, ok := found[n.Kind]; !ok || n.Right == string(requests.Access) {
				found[n.Kind] = n
			}
		}
	}
	for _, n := range w.notices(w.officer, wrong.ID) {
		if n.Kind == "word" || n.Kind == "address_changed" {
			found[n.Kind] = n
		}
	}
	return found
}

// agentOf hires a second person, to whom a request can be handed over.
func (w *world) agentOf(org identity.Organisation) string {
	return w.hire("second", org, identity.PrivacyOfficer).Account
}

var hole = regexp.MustCompile(`[{}]|%!|<nil>|\b0001\b|  `)

func TestEveryNoticeAndMail(t *testing.T) {
	authority := "Autoriteit Persoonsgegevens, Postbus 93374, 2509 AJ Den Haag"
	remedies := []string{authority, "https://autoriteitpersoonsgegevens.nl"}
	cases := []struct {
		language, court, gdpr, blacken, clock, day, due, later string
	}{
		{"nl", "rechtbank", "AVG", "onleesbaar", "stilstaat", "dinsdag 17 november 2026", "donderdag 17 december 2026", "woensdag 17 februari 2027"},
		{"en", "district court", "GDPR", "illegible", "stand still", "Tuesday 17 November 2026", "Thursday 17 December 2026", "Wednesday 17 February 2027"},
	}
	for _, tc := range cases {
		t.Run(tc.language, func(t *testing.T) {
			w := newWorld(t)
			found := w.everything(tc.language)
			want := map[string][]string{
				"receipt": {tc.day, tc.due, "12(3) " + tc.gdpr}, "forwarded": {tc.day, tc.due, "Bakkerij De Korenaar", "MijnPartnerGroep", "(CET)", "12(3) " + tc.gdpr},
				"handled": {"IDEA-ONLINE", "Bakkerij De Korenaar"}, "split": {"IDEA-ONLINE", "Bakkerij De Korenaar"}, "split_part": {"IDEA-ONLINE"},
				"acknowledged": {tc.day, tc.due, "Bakkerij De Korenaar"}, "identity_question": {theReason, theLeast, tc.blacken, tc.clock, "12(6) " + tc.gdpr},
				"identity_settled": {"2026"}, "identity_insufficient": {tc.clock},
				"extended": append([]string{theReason, tc.day, tc.due, tc.later, tc.court}, remedies...),
				"granted":  append([]string{"kanarie-informatie purposes", "kanarie-informatie transfers", "15(1)(e) " + tc.gdpr, tc.court}, remedies...),
				"partly":   append([]string{theReason, theOther, "17(3)(b) " + tc.gdpr, "19 " + tc.gdpr, tc.court}, remedies...),
				"refused":  append([]string{theReason, "21(1) " + tc.gdpr, tc.court}, remedies...), "delivered": {"(CET)"},
				"delivered_outside": {theProof}, "renewed": {"(CET)"}, "closed": remedies, "withdrawn": {"2026"}, "word": {"-"}, "address_changed": {"2026"},
				"misdirected": append([]string{theWhere}, remedies...), "merged": {"2026", "12(3) " + tc.gdpr}, "joined": {"2026", "12(3) " + tc.gdpr}, "separated": {"2026"}, "handed_back": {"MijnPartnerGroep", "Bakkerij De Korenaar", tc.due}, "late": append([]string{tc.due, tc.court}, remedies...),
			}
			texts, err := notices.Load()
			must(t, err)
			for kind, n := range texts.Notices {
				if n.For == notices.Subject && len(want[kind]) == 0 {
					t.Errorf("%s: this test says nothing about it", kind)
				}
			}
			for _, kind := range slices.Sorted(maps.Keys(want)) {
				n, ok := found[kind]
				if !ok {
					t.Errorf("no notice %s was written", kind)
					continue
				}
				got := text(n)
				show(t, tc.language, kind, got)
				for _, s := range append(want[kind], theName, n.Writing.Reference) {
					if !strings.Contains(got, s) {
						t.Errorf("%s does not say %q:\n%s", kind, s, got)
					}
				}
				if m := hole.FindString(strings.ReplaceAll(got, "\n  > ", "\n")); m != "" {
					t.Errorf("%s has a hole %q:\n%s", kind, m, got)
				}
			}
			w.checkMails(tc.language, texts)
		})
	}
}

// show writes a text to be read by a person, when INZAGE_NOTICES names a folder.
func show(t *testing.T, language, name, text string) {
	t.Helper()
	if dir := os.Getenv("INZAGE_NOTICES"); dir != "" {
		must(t, os.WriteFile(filepath.Join(dir, language+"-"+name+".txt"), []byte(text), 0o600))
	}
}

// checkMails looks at every mail that went out: every kind is there, each links
// to the portal only, and none holds personal data.
func (w *world) checkMails(language string, texts notices.Catalogue) {
	t := w.t
	t.Helper()
	sent := map[string]bool{}
	for _, m := range w.messages() {
		sent[m.Kind] = true
		if m.State != notify.Sent || m.To != "" || m.Content != "" {
			t.Errorf("%s is %s and keeps its content: %t", m.Kind, m.State, m.To != "" || m.Content != "")
		}
	}
	for kind, n := range texts.Notices {
		unmailed := kind == "split_part" || n.For == notices.Letter || n.For == notices.Party || n.For == notices.Side || n.For == notices.Keeper || kind == "staff_undelivered"
		if !sent[kind] && !unmailed {
			t.Errorf("no mail %s went out", kind)
		}
	}
	all := w.mails("")
	if len(all) < 60 {
		t.Fatalf("only %d mails went out; the scenario is broken", len(all))
	}
	links := regexp.MustCompile(`https?://[^\s"<>]+`)
	for _, m := range all {
		show(t, language, "mail-"+m.ID[4:12], m.To+"\n"+m.Subject+"\n\n"+m.Plain)
		body := m.Subject + "\n" + m.Plain + "\n" + m.HTML
		if i := strings.Index(strings.ToLower(body), "kanarie"); i >= 0 {
			t.Errorf("personal data in the mail %q: …%s…", m.Subject, body[max(0, i-20):min(len(body), i+40)])
		}
		if s := hole.FindString(strings.Join(strings.Fields(m.Subject+m.Plain), " ")); s != "" {
			t.Errorf("the mail %q has a hole %q:\n%s", m.Subject, s, m.Plain)
		}
		found := links.FindAllString(m.Plain+"\n"+m.HTML, -1)
		for _, l := range found {
			if !strings.HasPrefix(l, baseURL+"/") {
				t.Errorf("the mail %q links to %s", m.Subject, l)
			}
		}
		if len(found) != 3 {
			t.Errorf("the mail %q has %d links, want 1 in plain and 2 in HTML", m.Subject, len(found))
		}
		if strings.Contains(m.HTML, "<img") || strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "url(") {
			t.Errorf("the mail %q loads something", m.Subject)
		}
	}
}

// messages are all messages of the outbox.
func (w *world) messages() []notify.Message {
	w.t.Helper()
	var all []notify.Message
	for _, state := range []notify.State{notify.Queued, notify.Sending, notify.Sent, notify.Failed, notify.Dropped} {
		all = append(all, w.inState(state)...)
	}
	return all
}

func TestTheLedgerHoldsNothingOfTheNotices(t *testing.T) {
	w := newWorld(t)
	w.everything("nl")
	n := 0
	for from := int64(0); ; from += 500 {
		all, err := w.Ledger.Read(t.Context(), from, 500)
		must(t, err)
		for _, e := range all {
			n++
			if s := strings.ToLower(string(e.Data)); strings.Contains(s, "kanarie") || strings.Contains(s, "@") {
				t.Errorf("entry %d holds personal data: %s", e.Number, e.Data)
			}
		}
		if len(all) < 500 {
			break
		}
	}
	sent := 0
	for _, m := range w.inState(notify.Sent) {
		if m.Notice != "" {
			sent++
		}
	}
	if got := w.entries("notice.send"); got != sent || sent < 30 {
		t.Errorf("%d entries notice.send among %d for %d mails to data subjects", got, n, sent)
	}
}

func TestWhoMayReadNotices(t *testing.T) {
	w := newWorld(t)
	r, subject := w.file("nl", w.partner, w.bakery.ID, requests.Access)
	w.compose()
	r, err := w.Requests.Requests.Get(t.Context(), r.ID)
	must(t, err)
	stranger := subject
	stranger.Account = "acc_other"
	for name, tc := range map[string]struct {
		by  identity.Actor
		may bool
	}{
		"the data subject":                {subject, true},
		"the desk":                        {w.officer, true},
		"the processor that passed it on": {w.agent, false},
		"another data subject":            {stranger, false},
		"nobody":                          {identity.Actor{}, false},
	} {
		all, err := w.Notify.NoticesOf(t.Context(), tc.by, r)
		if tc.may != (err == nil && len(all) == 2) {
			t.Errorf("%s: %d notices, %v", name, len(all), err)
		}
	}
	must(t, w.Vault.Shred(t.Context(), r.ID))
	if _, err := w.Notify.NoticesOf(t.Context(), subject, r); !isGone(err) {
		t.Errorf("after shredding = %v, want gone", err)
	}
}

func TestLinkLeadsToTheRequest(t *testing.T) {
	w := newWorld(t)
	r, _ := w.file("nl", w.partner, w.bakery.ID, requests.Access)
	w.send()
	reference, token, ok := strings.Cut(strings.TrimPrefix(linkIn(t, w.mails(theMail)[0].Plain), baseURL+"/r/"), "/")
	if !ok {
		t.Fatalf("the link is %q and %q", reference, token)
	}
	got, person, err := w.Requests.Followed(t.Context(), reference, token)
	if err != nil || got.ID != r.ID || person.Email != theMail {
		t.Errorf("Followed = %s, %s, %v", got.ID, person.Email, err)
	}
	if _, _, err := w.Requests.Followed(t.Context(), reference, token[1:]+"x"); err == nil {
		t.Error("a wrong token opens the request")
	}
}

func linkIn(t *testing.T, plain string) string {
	t.Helper()
	for line := range strings.SplitSeq(plain, "\n") {
		if strings.HasPrefix(line, "http") {
			return line
		}
	}
	t.Fatalf("there is no link in:\n%s", plain)
	return ""
}

// A value that somebody typed is never read as a text with values of its own,
// nor as a header or as markup.
func TestHostileWords(t *testing.T) {
	w := newWorld(t)
	evil := w.organisation("Bakkerij {name} <b>x</b>", "evil")
	w.agree("mpg", evil, w.partner)
	r, subject := w.file("nl", w.partner, evil.ID, requests.Access)
	w.send()
	for _, n := range w.notices(subject, r.ID) {
		if n.Kind == "forwarded" && !strings.Contains(text(n), "Bakkerij {name} <b>x</b>") {
			t.Errorf("the name was not taken as it is:\n%s", text(n))
		}
	}
	for _, m := range w.mails(theMail) {
		if strings.Contains(m.HTML, "<b>") || strings.Contains(strings.ToLower(m.Plain+m.HTML), "kanarie") {
			t.Errorf("the mail took the name as markup or as a value:\n%s", m.HTML)
		}
	}
}
