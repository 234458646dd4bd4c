package requests_test

import (
	"context"
	"errors"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
)

// TestTheUnprovenHidesNobody: hundreds of forms that strangers sent with a
// person's address hide neither a duplicate of that person nor a search, and
// stand in neither; when they lapse nothing of the address is left.
func TestTheUnprovenHidesNobody(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	f := filing(w.Bakery.ID, "", requests.Access)
	first, _ := filed(t, w, f)
	second, _ := filed(t, w, f)
	for range 230 {
		d, err := w.Requests.StartDraft(ctx, f)
		if err != nil {
			t.Fatal(err)
		}
		r, err := w.Requests.SubmitDraft(ctx, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		if r.MailHash != "" || r.Claimed == "" {
			t.Fatalf("what nobody proved is found by its address: %q, claimed %q", r.MailHash, r.Claimed)
		}
	}
	found, err := w.Requests.Search(ctx, officer, f.Person.Email)
	if err != nil || len(found) != 2 {
		t.Errorf("search finds %d, %v; want the two that were proven", len(found), err)
	}
	same, err := w.Requests.Duplicates(ctx, officer, second)
	if err != nil || len(same) != 1 || same[0].ID != first.ID {
		t.Errorf("duplicates: %d, %v; want the earlier one", len(same), err)
	}
	if got := counts(t, w, officer)[requests.AllOpen]; got != 2 {
		t.Errorf("the queue counts %d, want 2", got)
	}
}

// TestManyProvenHideNobody: a search walks on where the first page holds what
// the desk may not see.
func TestManyProvenHideNobody(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	mine, _ := filed(t, w, filing(w.Bakery.ID, "", requests.Access))
	elsewhere := w.Organisation("Elders BV", "elders")
	for range 205 {
		d, err := w.Requests.StartDraft(ctx, filing(elsewhere.ID, "", requests.Access))
		if err != nil {
			t.Fatal(err)
		}
		r, err := w.Requests.SubmitDraft(ctx, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Requests.Requests.Touch(ctx, r.ID, func(x *requests.Request) error {
			x.State, x.MailHash, x.Claimed = requests.Received, x.Claimed, ""
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	found, err := w.Requests.Search(ctx, officer, filing(w.Bakery.ID, "").Person.Email)
	if err != nil || len(found) != 1 || found[0].ID != mine.ID {
		t.Errorf("search finds %d, %v; want the one of this desk", len(found), err)
	}
}

// TestWhatIsRefusedLeavesNothing: the door is asked before anything is made or
// changed; what it refuses leaves the form as it was, and can be sent later.
func TestWhatIsRefusedLeavesNothing(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	full := fault.New(fault.TooMany, "Too many.")
	shut := func(string) error { return full }
	d, err := w.Requests.StartDraft(ctx, filing(w.Bakery.ID, "", requests.Access))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Requests.SubmitAdmitted(ctx, d.ID, shut); !errors.Is(err, full) {
		t.Errorf("submit = %v, want the refusal", err)
	}
	if _, err := w.Requests.Requests.Get(ctx, d.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a refused form became a request: %v", err)
	}
	if after, _, err := w.Requests.Draft(ctx, d.ID); err != nil || after.Submitted {
		t.Errorf("the form is %+v, %v; want it as it was", after, err)
	}
	r, err := w.Requests.SubmitDraft(ctx, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Requests.ReaddressAdmitted(ctx, r.ID, "balthasar@example.nl", shut); !errors.Is(err, full) {
		t.Errorf("readdress = %v, want the refusal", err)
	}
	if after, err := w.Requests.Requests.Get(ctx, r.ID); err != nil || after.Claimed != r.Claimed {
		t.Errorf("a refused address was taken: %v", err)
	}
}
