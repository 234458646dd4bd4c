package identity_test

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/store/mongo/mongotest"
)

// invited is the account and the token of an invitation of an auditor.
func (w *world) invited(by identity.Actor, name, email string) (account, token string) {
	w.t.Helper()
	account, err := w.InviteAuditor(w.t.Context(), by, identity.Invite{Name: name, Email: email, Language: "nl"})
	check(w.t, err)
	return account, w.linkToken("invitation")
}

// Two organisations invite one auditor before the first mail is answered: one
// account opens both, and the second link asks for nothing any more.
func TestAuditorInvitedTwiceHasOneAccount(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	other := w.organisation("Bloemenhuis")
	mine, theirs := w.full(w.someone("Petra", identity.PrivacyOfficer)).Actor, w.full(w.someoneAt(other.ID, "Floor", identity.PrivacyOfficer)).Actor
	one, first := w.invited(mine, "Edo", "edo@example.nl")
	two, second := w.invited(theirs, "E. de Vries", " EDO@example.nl")
	if one != two {
		t.Fatalf("two accounts for one person: %s and %s", one, two)
	}
	o, err := w.OpenInvitation(ctx, second)
	check(t, err)
	if o.Person.Name != "E. de Vries" || o.Known || o.Joined {
		t.Errorf("the second invitation says %+v", o)
	}
	e, err := w.AcceptInvitation(ctx, identity.Acceptance{Token: second, Password: password})
	check(t, err)
	if e.Actor.Account != one {
		t.Errorf("the account is %s, want %s", e.Actor.Account, one)
	}
	if o, err = w.OpenInvitation(ctx, first); err != nil || !o.Joined || o.Person.Name != "" {
		t.Errorf("the first link leads to %+v, %v", o, err)
	}
	_, err = w.AcceptInvitation(ctx, identity.Acceptance{Token: first, Password: password})
	refused(t, "the second acceptance", err, identity.ErrTaken)
	// What is left of the first ends without the account's key.
	w.clock.pass(30 * 24 * time.Hour)
	check(t, w.Sweep(ctx))
	if _, err = w.SignIn(ctx, identity.Credentials{Email: "edo@example.nl", Password: password, Address: address}); err != nil {
		t.Errorf("the auditor cannot sign in any more: %v", err)
	}
	if third, err := w.InviteAuditor(ctx, mine, identity.Invite{Name: "Edo", Email: "edo@example.nl"}); err != nil || third != one {
		t.Errorf("a third invitation = %s, %v", third, err)
	}
}

// TestAuditorInvitedThirtyTimesAtOnce: two controllers invite the same new
// auditor at the same moment. All their audits name one account; when every
// invitation was withdrawn, its key is gone, and thirty new ones name one other.
func TestAuditorInvitedThirtyTimesAtOnce(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { auditorInvitedAtOnce(t, newWorld(t)) })
	t.Run("MongoDB", func(t *testing.T) {
		uri := mongotest.Server(t)
		auditorInvitedAtOnce(t, worldOn(t, mongotest.Open(t, uri, mongotest.Database(t, uri))))
	})
}

func auditorInvitedAtOnce(t *testing.T, w *world) {
	ctx := t.Context()
	other := w.organisation("Bloemenhuis")
	by := []identity.Actor{w.full(w.someone("Petra", identity.PrivacyOfficer)).Actor, w.full(w.someoneAt(other.ID, "Floor", identity.PrivacyOfficer)).Actor}
	invite := func() string {
		var mu sync.Mutex
		named := map[string]int{}
		n := thirty(t, func(i int) error {
			account, err := w.InviteAuditor(ctx, by[i%2], identity.Invite{Name: "Edo", Email: "edo@example.nl", Language: "nl"})
			mu.Lock()
			defer mu.Unlock()
			named[account]++
			return err
		})
		if n[""] != 30 || len(named) != 1 {
			t.Fatalf("%v went through, and the audits name the accounts %v, want one", n, named)
		}
		return slices.Collect(maps.Keys(named))[0]
	}
	first := invite()
	operator := w.full(w.someoneAt("", "Otto", identity.Operator)).Actor
	page, err := w.Invitations.List(ctx, document.Query{Index: "state", Equal: []any{identity.InvitationOpen}, Limit: 100})
	check(t, err)
	for _, inv := range page.Rows {
		if inv.Account != first {
			t.Errorf("an invitation makes the account %s, want %s", inv.Account, first)
		}
		check(t, w.WithdrawInvitation(ctx, operator, inv.ID))
	}
	second := invite()
	if second == first {
		t.Fatal("an account whose key is gone is named again")
	}
	e, err := w.AcceptInvitation(ctx, identity.Acceptance{Token: w.linkToken("invitation"), Password: password})
	if err != nil || e.Actor.Account != second {
		t.Errorf("who answers has the account %s, %v, want %s", e.Actor.Account, err, second)
	}
	t.Logf("2 times 30 invitations at once by two organisations: each time one account; %d were withdrawn between", len(page.Rows))
}

// One of two open invitations ends: the other still opens, and the auditor
// whose invitations have all expired can be invited again.
func TestAuditorInvitationExpires(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	by := w.full(w.someone("Petra", identity.PrivacyOfficer)).Actor
	one, _ := w.invited(by, "Edo", "edo@example.nl")
	w.clock.pass(48 * time.Hour)
	by = w.full(w.someone("Quirine", identity.PrivacyOfficer)).Actor
	_, late := w.invited(by, "Edo", "edo@example.nl")
	w.clock.pass(6 * 24 * time.Hour) // seven days after the first
	check(t, w.Sweep(ctx))
	if o, err := w.OpenInvitation(ctx, late); err != nil || o.Person.Email != "edo@example.nl" {
		t.Fatalf("the second link after the first has expired: %+v, %v", o, err)
	}
	w.clock.pass(30 * 24 * time.Hour)
	check(t, w.Sweep(ctx))
	by = w.full(w.someone("Roos", identity.PrivacyOfficer)).Actor
	again, token := w.invited(by, "Edo", "edo@example.nl")
	if again == one {
		t.Errorf("the account of the expired invitation, whose key is gone, is used again")
	}
	e, err := w.AcceptInvitation(ctx, identity.Acceptance{Token: token, Password: password})
	if err != nil || e.Actor.Account != again {
		t.Errorf("after expiry: %+v, %v", e.Actor, err)
	}
}

// Whoever invites cannot tell whether the address is known here: the answers
// and the refusals are alike. Somebody who works here moves, and keeps the
// account that the audit names.
func TestInvitingAnAuditorTellsNothing(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	other := w.organisation("Bloemenhuis")
	by := w.full(w.someone("Petra", identity.PrivacyOfficer)).Actor
	known := w.someoneAt(other.ID, "Floor", identity.Agent)
	w.someoneAt(other.ID, "Adri", identity.Auditor)
	for _, email := range []string{"nobody@example.nl", known.email, "adri@example.nl"} {
		for _, in := range []identity.Invite{{Name: "", Email: email}, {Name: "X", Email: email, Language: "fr"}} {
			if _, err := w.InviteAuditor(ctx, by, in); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: a bad invitation is answered with %v", email, err)
			}
		}
	}
	account, token := w.invited(by, "Floor", known.email)
	if account != known.Account {
		t.Fatalf("the audit would name %s, not the account that will join", account)
	}
	if o, err := w.OpenInvitation(ctx, token); err != nil || !o.Known || o.Joined {
		t.Errorf("the invitation of somebody who works here: %+v, %v", o, err)
	}
	check(t, w.JoinInvitation(ctx, w.full(known).Actor, token))
	if a := w.full(known).Actor; !a.Is(identity.Auditor) || a.Organisation != "" || a.Account != account {
		t.Errorf("after joining: %+v", a)
	}
}
