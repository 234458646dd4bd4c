package requests_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
	"inzage/services/vault"
)

// bakers are the officer of the bakery and a letter to it of so many days ago.
func bakers(t *testing.T) (*handlertest.World, identity.Actor) {
	t.Helper()
	w := handlertest.New(t)
	return w, w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
}

func letterOf(t *testing.T, w *handlertest.World, by identity.Actor, days int, f requests.Filing) requests.Request {
	t.Helper()
	r, err := w.Requests.Enter(context.Background(), by, ledger.NewID("req"),
		requests.Entry{Filing: f, Channel: requests.Letter, Received: w.Now().AddDate(0, 0, -days)})
	if err != nil {
		t.Fatalf("enter: %v", err)
	}
	return r
}

func get(t *testing.T, w *handlertest.World, id string) requests.Request {
	t.Helper()
	r, err := w.Requests.Requests.Get(context.Background(), id)
	if err != nil {
		t.Fatalf("get %s: %v", id, err)
	}
	return r
}

func tell(t *testing.T, w *handlertest.World, by identity.Actor, id string) requests.Story {
	t.Helper()
	st, err := w.Requests.Tell(context.Background(), by, get(t, w, id))
	if err != nil {
		t.Fatalf("tell: %v", err)
	}
	return st
}

// TestJoiningKeepsTheEarlierClock: a letter of 45 days ago joined with a request
// of yesterday leaves one that is late, and says from what it runs.
func TestJoiningKeepsTheEarlierClock(t *testing.T) {
	w, officer := bakers(t)
	ctx := context.Background()
	old := letterOf(t, w, officer, 45, filing(w.Bakery.ID, "", requests.Access))
	kept := letterOf(t, w, officer, 1, filing(w.Bakery.ID, "", requests.Access))
	before := counts(t, w, officer)[requests.Overdue]
	if before != 1 || kept.OverdueAt(w.Now()) {
		t.Fatalf("%d late before", before)
	}
	if _, err := w.Requests.MergeInto(ctx, officer, old.ID, kept.Reference); err != nil {
		t.Fatalf("join: %v", err)
	}
	was, kept := kept, get(t, w, kept.ID)
	if !kept.Received.Equal(old.Received) || kept.Due != old.Due || !kept.OverdueAt(w.Now()) || !kept.CameIn().Equal(was.Received) {
		t.Errorf("received %s, due %s, want those of the letter: %s, %s", kept.Received, kept.Due, old.Received, old.Due)
	}
	if after := counts(t, w, officer)[requests.Overdue]; after != before {
		t.Errorf("%d late ones, want %d as before", after, before)
	}
	clock, err := w.Requests.Clock(ctx, kept)
	if err != nil || clock.From == nil || clock.From.Reference != old.Reference || !clock.From.Late || clock.Left() >= 0 {
		t.Errorf("the clock does not say from what it runs: %+v %v", clock.From, err)
	}
	if n, err := w.Requests.Remind(ctx, 100); err != nil || n == 0 {
		t.Errorf("nobody is warned: %d %v", n, err)
	}
	if !slices.Contains(get(t, w, kept.ID).Reminded, "late") {
		t.Error("the one that goes on is late and nobody was warned")
	}
	if a := get(t, w, old.ID); a.State != requests.Merged || !a.Joined.Done || a.Due != old.Due {
		t.Errorf("the joined one is %s, done %t", a.State, a.Joined.Done)
	}

	// Undone: each has its own clock again.
	if _, err := w.Requests.Separate(ctx, officer, kept.ID, old.Reference); err != nil {
		t.Fatalf("separate: %v", err)
	}
	kept = get(t, w, kept.ID)
	if !kept.Received.Equal(was.Received) || kept.Due != was.Due || kept.OverdueAt(w.Now()) || len(kept.Holds)+len(kept.Parting) != 0 || kept.Own != nil {
		t.Errorf("after separating: received %s, due %s, want %s, %s", kept.Received, kept.Due, was.Received, was.Due)
	}
	if a := get(t, w, old.ID); a.State != requests.Received || !a.OverdueAt(w.Now()) || a.MergedInto != "" || a.Joined != nil || !a.Received.Equal(old.Received) {
		t.Errorf("the parted one is %s, received %s", a.State, a.Received)
	}
	if after := counts(t, w, officer)[requests.Overdue]; after != before {
		t.Errorf("%d late ones after separating, want %d", after, before)
	}
}

// TestJoiningNeverLoosensADate: of what was joined, the earliest date counts,
// also where an extension or a later receipt would give more time.
func TestJoiningNeverLoosensADate(t *testing.T) {
	w, officer := bakers(t)
	ctx := context.Background()
	long := letterOf(t, w, officer, 20, filing(w.Bakery.ID, "", requests.Access))
	long, err := w.Requests.Extend(ctx, officer, long.ID, 2, []string{"complexity"}, "Er zijn veel opnamen.")
	if err != nil {
		t.Fatal(err)
	}
	fresh := letterOf(t, w, officer, 5, filing(w.Bakery.ID, "", requests.Access))
	for _, pair := range [][2]requests.Request{{long, fresh}, {fresh, long}} {
		if _, err := w.Requests.MergeInto(ctx, officer, pair[0].ID, pair[1].Reference); err != nil {
			t.Fatal(err)
		}
		kept := get(t, w, pair[1].ID)
		if kept.Due != fresh.Due || !kept.Received.Equal(long.Received) {
			t.Errorf("due %s received %s, want the earliest of both: %s, %s", kept.Due, kept.Received, fresh.Due, long.Received)
		}
		if _, err := w.Requests.Separate(ctx, officer, kept.ID, pair[0].Reference); err != nil {
			t.Fatal(err)
		}
		if got := get(t, w, kept.ID); got.Due != pair[1].Due {
			t.Errorf("due %s after separating, want %s", got.Due, pair[1].Due)
		}
	}
}

// TestJoiningLosesNothing: rights, words, files, additions, notes, questions and
// open help go along, each right is decided, and both name each other.
func TestJoiningLosesNothing(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer, agent := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)), w.Actor(w.Hire("Joris Bakker", w.Partner, identity.Agent))
	asks := filing(w.Bakery.ID, "", requests.Access, requests.Erasure)
	asks.Asked[requests.Access] = requests.Asked{What: "Ook mijn telefoontjes."}
	gone, subject := filed(t, w, asks)
	f, err := w.Requests.Receive(ctx, subject, gone.ID, requests.Upload{Name: "bon.txt", Size: -1, Body: strings.NewReader("een bon")})
	must(t, err)
	_, err = w.Requests.AddTo(ctx, subject, gone.ID, "Klantnummer 7.", []requests.File{f})
	must(t, err)
	_, err = w.Requests.TakeUp(ctx, officer, gone.ID)
	must(t, err)
	_, err = w.Requests.Jot(ctx, officer, gone.ID, "Gebeld.")
	must(t, err)
	help, err := w.Requests.Seek(ctx, officer, gone.ID, ledger.NewID("ast"), requests.Help{Processor: w.Partner.ID, Right: requests.Erasure, Question: "Waar staat dit?"})
	must(t, err)
	_, err = w.Requests.AddAssistFile(ctx, agent, help.ID, requests.Upload{Name: "a.txt", Size: -1, Body: strings.NewReader("gevonden")})
	must(t, err)
	keep, _ := filed(t, w, filing(w.Bakery.ID, "", requests.Access))
	_, err = w.Requests.TakeUp(ctx, officer, keep.ID)
	must(t, err)

	twin, err := w.Requests.Duplicates(ctx, officer, get(t, w, gone.ID))
	must(t, err)
	if len(twin) != 1 {
		t.Errorf("%d proposed", len(twin))
	}
	_, err = w.Requests.MergeInto(ctx, officer, gone.ID, keep.Reference)
	must(t, err)
	kept := get(t, w, keep.ID)
	if !slices.Equal(kept.Rights(), []requests.Right{requests.Access, requests.Erasure}) || !kept.Waiting {
		t.Errorf("rights %v, waiting %t", kept.Rights(), kept.Waiting)
	}
	for name, by := range map[string]identity.Actor{"officer": officer, "subject": subject} {
		st := tell(t, w, by, keep.ID)
		if len(st.Joined) != 1 || st.Joined[0].Asked[requests.Access].What != "Ook mijn telefoontjes." || st.Asked[requests.Erasure].What == "" ||
			len(st.Joined[0].Said) != 1 || st.Joined[0].Person.Name == "" || len(st.Attachments) != 1 || st.Attachments[0].Name != "bon.txt" {
			t.Errorf("%s reads %+v", name, st)
		}
		if notes := len(st.Joined[0].Remarks); (notes == 1) != (name == "officer") {
			t.Errorf("%s reads %d notes", name, notes)
		}
	}
	_, in, err := w.Requests.View(ctx, officer, keep.ID, f.ID)
	must(t, err)
	text, err := io.ReadAll(in)
	must(t, err)
	must(t, in.Close())
	if string(text) != "een bon" {
		t.Errorf("the file is %q", text)
	}
	for id, how := range map[string]string{keep.ID: "holds", gone.ID: "into"} {
		linked, err := w.Requests.Linked(ctx, officer, get(t, w, id))
		must(t, err)
		if len(linked) != 1 || linked[0].How != how {
			t.Errorf("%s names %+v", id, linked)
		}
	}
	// Help that is under way is answered there, and its files can be used.
	_, err = w.Requests.Answer(ctx, agent, help.ID, requests.Reply{Outcome: requests.Found})
	must(t, err)
	a, asked, err := w.Requests.Task(ctx, officer, help.ID)
	must(t, err)
	if a.Request != keep.ID || asked.Question != "Waar staat dit?" || len(asked.Files) != 1 {
		t.Errorf("help is of %s: %+v", a.Request, asked)
	}
	if get(t, w, keep.ID).Waiting {
		t.Error("it waits for help that came")
	}
	_, err = w.Requests.UseAssistFile(ctx, officer, help.ID, asked.Files[0].ID)
	must(t, err)

	// Separated: everything goes back.
	_, err = w.Requests.Separate(ctx, officer, keep.ID, gone.Reference)
	must(t, err)
	kept, back := get(t, w, keep.ID), get(t, w, gone.ID)
	if len(kept.Rights()) != 1 || len(kept.Attachments)+len(kept.Files)+len(kept.Holds) != 0 {
		t.Errorf("left behind: %v %v %v", kept.Rights(), kept.Attachments, kept.Files)
	}
	if _, err := w.Requests.Vault.OpenFile(ctx, keep.ID, f.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a copy of the file stayed: %v", err)
	}
	if back.State != requests.InProgress || len(back.Attachments) != 1 {
		t.Errorf("parted in %s", back.State)
	}
	if a, asked, err = w.Requests.Task(ctx, officer, help.ID); err != nil || a.Request != gone.ID || asked.Question == "" {
		t.Errorf("help is of %s, %v", a.Request, err)
	}

	// Joined again and decided: every right has to be, and then it is too late.
	_, err = w.Requests.MergeInto(ctx, officer, gone.ID, keep.Reference)
	must(t, err)
	refuse := func(right requests.Right) requests.State {
		r, err := w.Requests.Decide(ctx, officer, keep.ID, requests.Verdict{Right: right, Outcome: requests.Denied, Ground: "cannot_identify", Reasons: "Niets gevonden.", ComplaintTold: true, CourtTold: true})
		must(t, err)
		return r.State
	}
	if s := refuse(requests.Access); s != requests.InProgress {
		t.Errorf("decided on one of two rights: %s", s)
	}
	if _, err := w.Requests.Separate(ctx, officer, keep.ID, gone.Reference); fault.KindOf(err) != fault.Conflict {
		t.Errorf("separate after a decision = %v, want a conflict", err)
	}
	if s := refuse(requests.Erasure); s != requests.Decided {
		t.Errorf("decided on both rights: %s", s)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestJoiningIsRefusedWhereItWouldLose: chains, what is over, elsewhere,
// decided, or itself joined.
func TestJoiningIsRefusedWhereItWouldLose(t *testing.T) {
	w, officer := bakers(t)
	ctx := context.Background()
	of := func() requests.Request { return letterOf(t, w, officer, 1, filing(w.Bakery.ID, "", requests.Access)) }
	join := func(r, into requests.Request) error {
		_, err := w.Requests.MergeInto(ctx, officer, r.ID, into.Reference)
		return err
	}
	a, b, c := of(), of(), of()
	must(t, join(a, b))
	florist := w.Actor(w.Hire("Noor Jansen", w.Florist, identity.PrivacyOfficer))
	elsewhere := letterOf(t, w, florist, 1, filing(w.Florist.ID, "", requests.Access))
	over := of()
	_, err := w.Requests.Retract(ctx, officer, over.ID)
	must(t, err)
	decided := of()
	_, err = w.Requests.TakeUp(ctx, officer, decided.ID)
	must(t, err)
	_, err = w.Requests.Decide(ctx, officer, decided.ID, requests.Verdict{Right: requests.Access, Outcome: requests.Denied, Ground: "cannot_identify", Reasons: "Niets.", ComplaintTold: true, CourtTold: true})
	must(t, err)
	for name, err := range map[string]error{
		"what holds another into a third": join(b, c), "into what is joined": join(c, a), "into itself": join(c, c),
		"at another desk": join(c, elsewhere), "into what is over": join(c, over), "into what is decided": join(c, decided), "what is decided": join(decided, c),
		"twice": join(a, c),
	} {
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, join(c, b)) // the way round that the refusal names
	if got := get(t, w, b.ID); len(got.Holds) != 2 {
		t.Errorf("%d held", len(got.Holds))
	}
}

// TestOnePersonThroughTwoChannels: a letter without e-mail and the portal are
// joined when an officer states that it is one person, and nobody reads through
// it what they did not prove.
func TestOnePersonThroughTwoChannels(t *testing.T) {
	w, officer := bakers(t)
	ctx := context.Background()
	secret := filing(w.Bakery.ID, "", requests.Erasure)
	secret.Person.Email, secret.Asked[requests.Erasure] = "", requests.Asked{What: "Mijn dossier 4711."}
	letter := letterOf(t, w, officer, 20, secret)
	portal, subject := filed(t, w, filing(w.Bakery.ID, "", requests.Access))
	join := requests.Join{Reference: portal.Reference}
	for field, j := range map[string]requests.Join{"one_person": {Reference: join.Reference, Reason: "Gebeld."}, "reason": {Reference: join.Reference, OnePerson: true, Reason: "\t "}} {
		_, err := w.Requests.Join(ctx, officer, letter.ID, j)
		if at := refusedAt(err); at != field {
			t.Errorf("refused at %q (%v), want %q", at, err, field)
		}
	}
	join.OnePerson, join.Reason = true, "Zelfde handtekening en klantnummer."
	_, err := w.Requests.Join(ctx, officer, letter.ID, join)
	must(t, err)
	kept := get(t, w, portal.ID)
	if kept.Due != letter.Due || !slices.Equal(kept.Rights(), []requests.Right{requests.Access, requests.Erasure}) {
		t.Errorf("due %s, rights %v", kept.Due, kept.Rights())
	}
	if st := tell(t, w, officer, portal.ID); len(st.Joined) != 1 || st.Joined[0].Reason != join.Reason || st.Asked[requests.Erasure].What != "Mijn dossier 4711." {
		t.Errorf("the desk reads %+v", st.Joined)
	}
	if st := tell(t, w, subject, portal.ID); len(st.Joined) != 0 || st.Asked[requests.Erasure].What != "" {
		t.Errorf("who proved the one reads the other: %+v %+v", st.Joined, st.Asked)
	}
	if _, _, err := w.Requests.Look(ctx, subject, letter.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("who proved the one opens the other: %v", err)
	}
	events := strings.Join(w.Events(letter.ID), " ")
	if !strings.Contains(events, "request.merge") {
		t.Errorf("events %s", events)
	}
	// The holder of the one cannot end the other.
	_, err = w.Requests.Retract(ctx, subject, portal.ID)
	must(t, err)
	if got := get(t, w, letter.ID); got.State != requests.Received || !got.Open || get(t, w, portal.ID).State != requests.Withdrawn {
		t.Errorf("the letter is %s after the other one was withdrawn", got.State)
	}
}

// TestTwoAddressesAtOneDesk: the same address is not one person where somebody
// acts for others, and what stranger filed stays unreadable through the other link.
func TestOneAddressForTwoPeople(t *testing.T) {
	w, officer := bakers(t)
	ctx := context.Background()
	for_ := func(name string) requests.Request {
		f := filing(w.Bakery.ID, "", requests.Access)
		f.Person.Name, f.Person.Email = name, "advocaat@example.org"
		f.Person.Representative = &requests.Representative{Name: "Mr. Bakker", Capacity: "lawyer"}
		return letterOf(t, w, officer, 1, f)
	}
	a, b, c := for_("Jan Smit"), for_("Piet Smit"), for_("Jan  smit")
	if _, err := w.Requests.MergeInto(ctx, officer, a.ID, b.Reference); refusedAt(err) == "" && fault.KindOf(err) != fault.Invalid {
		t.Errorf("two clients of one lawyer = %v, want it refused", err)
	}
	_, err := w.Requests.MergeInto(ctx, officer, a.ID, c.Reference)
	must(t, err)
}

// cut is a vault that fails once at the first file or key that is asked for.
type cut struct {
	vault.Keeper
	left int
}

func (c *cut) Key(ctx context.Context, id string) (vault.Key, error) {
	if c.left--; c.left == 0 {
		return nil, context.Canceled
	}
	return c.Keeper.Key(ctx, id)
}

// TestJoiningSurvivesACrash cuts the joining and the separating short at every
// key that they ask for; the log finishes them, and the result is the same.
func TestJoiningSurvivesACrash(t *testing.T) {
	for left := 1; left < 20; left++ {
		w, officer := bakers(t)
		ctx := context.Background()
		asks := filing(w.Bakery.ID, "", requests.Erasure)
		gone := letterOf(t, w, officer, 40, asks)
		_, err := w.Requests.TakeUp(ctx, officer, gone.ID)
		must(t, err)
		_, err = w.Requests.Seek(ctx, officer, gone.ID, ledger.NewID("ast"), requests.Help{Processor: w.Partner.ID, Right: requests.Erasure, Question: "Waar staat dit?"})
		must(t, err)
		keep := letterOf(t, w, officer, 1, filing(w.Bakery.ID, "", requests.Access))
		whole := w.Requests.Vault
		c := &cut{whole, left}
		w.Requests.Vault = c
		_, err = w.Requests.MergeInto(ctx, officer, gone.ID, keep.Reference)
		w.Requests.Vault = whole
		if err == nil {
			t.Logf("nothing to cut after %d keys", left-1)
			break
		}
		if get(t, w, gone.ID).State != requests.Merged {
			continue // cut before the deed: nothing happened
		}
		mend(t, w, "request.merge", gone.ID)
		a, b := get(t, w, gone.ID), get(t, w, keep.ID)
		helps, err := w.Requests.AssistsOf(ctx, keep.ID)
		must(t, err)
		if !a.Joined.Done || len(b.Holds) != 1 || b.Due != a.Due || len(b.Items) != 2 || len(helps) != 1 || !helps[0].Open || !b.Waiting {
			t.Errorf("cut at %d: done %t, holds %d, rights %v, help %d", left, a.Joined.Done, len(b.Holds), b.Rights(), len(helps))
		}
		mend(t, w, "request.merge", gone.ID)
		if len(get(t, w, keep.ID).Holds) != 1 {
			t.Error("twice held")
		}
		c.left = left
		w.Requests.Vault = c
		_, err = w.Requests.Separate(ctx, officer, keep.ID, gone.Reference)
		w.Requests.Vault = whole
		if err != nil {
			mend(t, w, "request.separate", keep.ID)
		}
		a, b = get(t, w, gone.ID), get(t, w, keep.ID)
		helps, err = w.Requests.AssistsOf(ctx, gone.ID)
		must(t, err)
		if a.State != requests.InProgress || len(b.Holds)+len(b.Parting) != 0 || len(b.Items) != 1 || len(helps) != 1 || b.Waiting || !a.Waiting {
			t.Errorf("separating cut at %d: %s, parting %d, rights %v, help %d", left, a.State, len(b.Parting), b.Rights(), len(helps))
		}
	}
}

func mend(t *testing.T, w *handlertest.World, action, id string) {
	t.Helper()
	if err := w.Requests.Mend(context.Background(), ledger.Event{Action: action, Object: id}); err != nil {
		t.Fatalf("mend %s: %v", action, err)
	}
}

// TestTheOtherMovedOnMeanwhile: the one that should hold it ends between the
// deed and what follows; the joined one goes on by itself, nothing is lost.
func TestTheOtherMovedOnMeanwhile(t *testing.T) {
	w, officer := bakers(t)
	ctx := context.Background()
	gone, keep := letterOf(t, w, officer, 40, filing(w.Bakery.ID, "", requests.Erasure)), letterOf(t, w, officer, 1, filing(w.Bakery.ID, "", requests.Access))
	whole := w.Requests.Vault
	for left := 2; get(t, w, gone.ID).State != requests.Merged; left++ {
		w.Requests.Vault = &cut{whole, left}
		if _, err := w.Requests.MergeInto(ctx, officer, gone.ID, keep.Reference); err == nil {
			t.Fatal("it was not cut")
		}
	}
	w.Requests.Vault = whole
	_, err := w.Requests.Retract(ctx, officer, keep.ID)
	must(t, err)
	mend(t, w, "request.merge", gone.ID)
	if got := get(t, w, gone.ID); got.State != requests.Received || !got.Open || got.Due != gone.Due || !got.OverdueAt(w.Now()) {
		t.Errorf("it is %s, due %s", got.State, got.Due)
	}
	if after := get(t, w, keep.ID); len(after.Holds) != 0 {
		t.Error("what is over holds it")
	}
}
