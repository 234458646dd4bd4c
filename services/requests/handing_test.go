package requests_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// TestHandedBackAndDirectedAgain: what is not the controller's goes back to the
// processor with the reason and on to the right one; the clock runs from the
// first receipt throughout, and the processor's time is counted as its own.
func TestHandedBackAndDirectedAgain(t *testing.T) {
	for name, start := range engines {
		t.Run(name, func(t *testing.T) { handedBack(t, start(t)) })
	}
}

func handedBack(t *testing.T, w *handlertest.World) {
	t.Helper()
	ctx := context.Background()
	officer, agent := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)), w.Actor(w.Hire("Joris Bakker", w.Partner, identity.Agent))
	florist := w.Actor(w.Hire("Noor Jansen", w.Florist, identity.PrivacyOfficer))
	r, subject := filed(t, w, filing(w.Partner.ID, w.Bakery.ID, requests.Access))
	due := r.Due
	w.Pass(10 * 24 * time.Hour)
	r, err := w.Requests.TakeUp(ctx, officer, r.ID)
	must(t, err)
	if _, err := w.Requests.HandBack(ctx, officer, r.ID, " "); refusedAt(err) != "reason" {
		t.Errorf("without a reason: %v", err)
	}
	for name, by := range map[string]identity.Actor{"agent": agent, "subject": subject, "florist": florist} {
		if _, err := w.Requests.HandBack(ctx, by, r.ID, "Niet van ons."); err == nil {
			t.Errorf("%s hands it back", name)
		}
	}
	r, err = w.Requests.HandBack(ctx, officer, r.ID, "Dit is een klant van de bloemist.")
	must(t, err)
	if r.Desk != w.Partner.ID || r.State != requests.Received || r.Controller != "" || r.Due != due || len(r.Handed) != 1 || r.Handed[0].Received.IsZero() {
		t.Errorf("handed back: %s at %s, due %s, %+v", r.State, r.Desk, r.Due, r.Handed)
	}
	if requests.SightOf(officer, r) != requests.Nothing {
		t.Error("who handed it back follows where it goes")
	}
	if st := tell(t, w, agent, r.ID); len(st.Handed) != 1 || st.Handed[0].Why != "Dit is een klant van de bloemist." {
		t.Errorf("the agent reads %+v", st.Handed)
	}
	if st := tell(t, w, subject, r.ID); len(st.Handed) != 0 {
		t.Error("the person reads what the controller wrote to the processor")
	}
	w.Pass(2 * time.Hour)
	r, err = w.Requests.Direct(ctx, agent, r.ID, w.Florist.ID)
	must(t, err)
	if r.Desk != w.Florist.ID || r.State != requests.Forwarded || r.Due != due {
		t.Errorf("directed again: %s at %s, due %s", r.State, r.Desk, r.Due)
	}
	w.Drain()
	all, err := w.Ledger.History(ctx, r.ID, -1, 100)
	must(t, err)
	var minutes []string
	for _, e := range all {
		if e.Event.Action == "request.forward" {
			minutes = append(minutes, e.Event.Details["minutes"]+"/"+e.Event.Details["again"])
		}
	}
	if !slices.Equal(minutes, []string{"0/", "120/1"}) {
		t.Errorf("minutes at the processor: %v", minutes)
	}
	lapses, err := w.Requests.Lapses(ctx, w.Florist.ID, w.Partner.ID, r.Received.AddDate(0, 0, -1))
	must(t, err)
	if len(lapses) != 0 {
		t.Errorf("the time of a wrong controller counts as the processor's: %+v", lapses)
	}
	// The right one decides; then nobody can hand it back any more.
	_, err = w.Requests.TakeUp(ctx, florist, r.ID)
	must(t, err)
	_, err = w.Requests.Decide(ctx, florist, r.ID, requests.Verdict{Right: requests.Access, Outcome: requests.Denied, Ground: "cannot_identify", Reasons: "Niets.", ComplaintTold: true, CourtTold: true})
	must(t, err)
	if _, err := w.Requests.HandBack(ctx, florist, r.ID, "Toch niet."); fault.KindOf(err) != fault.Conflict {
		t.Errorf("after a decision: %v", err)
	}
}

// TestALateOneWarnsTheNextDesk: the desk that gets a late request hears that it
// is late, and the person is not told twice.
func TestALateOneWarnsTheNextDesk(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	agent := w.Actor(w.Hire("Joris Bakker", w.Partner, identity.Agent))
	r := letterOf(t, w, agent, 45, filing(w.Partner.ID, "", requests.Access))
	late := func() []string {
		_, err := w.Requests.Remind(ctx, 100)
		must(t, err)
		w.Drain()
		all, err := w.Ledger.History(ctx, r.ID, -1, 100)
		must(t, err)
		var told []string
		for _, e := range all {
			if e.Event.Action == "request.remind" {
				told = append(told, e.Event.Details["desk"]+e.Event.Details["told"])
			}
		}
		return told
	}
	late()
	_, err := w.Requests.Direct(ctx, agent, r.ID, w.Bakery.ID)
	must(t, err)
	if got := late(); !slices.Equal(got, []string{w.Partner.ID, w.Bakery.ID + "true"}) {
		t.Errorf("warned: %v", got)
	}
}

// TestSeveralControllers: where the data have several controllers each gets a
// request of its own; all name each other, and a crash between is finished.
func TestSeveralControllers(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	agent, officer := w.Actor(w.Hire("Joris Bakker", w.Partner, identity.Agent)), w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	for left := 1; left < 9; left++ {
		r := letterOf(t, w, agent, 5, filing(w.Partner.ID, "", requests.Access, requests.Erasure))
		if _, err := w.Requests.Direct(ctx, agent, r.ID, w.Bakery.ID, w.Bakery.ID); refusedAt(err) != "controller" {
			t.Errorf("twice the same: %v", err)
		}
		if _, err := w.Requests.Direct(ctx, agent, r.ID, w.Bakery.ID, w.Online.ID); refusedAt(err) != "controller" {
			t.Errorf("one without an agreement: %v", err)
		}
		whole := w.Requests.Vault
		w.Requests.Vault = &cut{whole, left}
		_, cutOff := w.Requests.Direct(ctx, agent, r.ID, w.Bakery.ID, w.Florist.ID)
		w.Requests.Vault = whole
		mend(t, w, "request.share", r.ID)
		first := get(t, w, r.ID)
		if len(first.Shared) != 2 || len(first.Sharing) != 0 || first.Desk != w.Bakery.ID {
			t.Fatalf("shared %+v, still %+v", first.Shared, first.Sharing)
		}
		second := get(t, w, first.Shared[1].ID)
		if second.Desk != w.Florist.ID || second.State != requests.Forwarded || second.Due != first.Due || len(second.Items) != 2 || !second.Received.Equal(first.Received) {
			t.Errorf("the second is %s at %s with %v, due %s", second.State, second.Desk, second.Rights(), second.Due)
		}
		linked, err := w.Requests.Linked(ctx, officer, first)
		must(t, err)
		if len(linked) != 1 || linked[0].How != "shared" || linked[0].Visible || linked[0].Reference != second.Reference {
			t.Errorf("the first names %+v", linked)
		}
		if cutOff == nil {
			break
		}
	}
	if events := strings.Join(w.Events(get(t, w, letterOf(t, w, agent, 1, filing(w.Partner.ID, w.Bakery.ID, requests.Access)).ID).ID), " "); strings.Contains(events, "share") {
		t.Errorf("one controller is shared: %s", events)
	}
}

// TestACutCopyIsFinished: a split that was cut short after a file was copied is
// finished by the log; it used to fail for ever on the file that was there.
func TestACutCopyIsFinished(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	f := filing(w.Online.ID, "", requests.Access, requests.Erasure)
	r, subject := filed(t, w, f)
	a, err := w.Requests.Receive(ctx, subject, r.ID, requests.Upload{Name: "bon.txt", Size: -1, Body: strings.NewReader("een bon")})
	must(t, err)
	_, err = w.Requests.AddTo(ctx, subject, r.ID, "", []requests.File{a})
	must(t, err)
	clerk := w.Actor(w.Hire("Kim de Boer", w.Online, identity.Agent))
	whole := w.Requests.Requests
	w.Requests.Requests = full{whole}
	_, err = w.Requests.Direct(ctx, clerk, r.ID, w.Bakery.ID)
	w.Requests.Requests = whole
	if err == nil {
		t.Fatal("it was not cut")
	}
	mend(t, w, "request.split", r.ID)
	r = get(t, w, r.ID)
	if part := get(t, w, r.SplitInto); len(r.Leaving) != 0 || len(part.Attachments) != 1 {
		t.Errorf("leaving %v, the part has %v", r.Leaving, part.Attachments)
	}
}

// full is a store that takes no new request.
type full struct {
	document.Collection[requests.Request]
}

func (full) Create(context.Context, *requests.Request, ...ledger.Event) error {
	return context.Canceled
}
