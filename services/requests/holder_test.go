package requests_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
)

// reads is a proof that somebody has the private link of the request and reads
// the mail of its address, as it is now.
func reads(t *testing.T, w *handlertest.World, id, email string) identity.Proof {
	t.Helper()
	ctx := context.Background()
	w.Pass(16 * time.Minute) // so many codes go to one address in a while
	r, err := w.Requests.Requests.Get(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	ask := identity.CodeRequest{Purpose: identity.LinkRequestPage, Object: r.LinkOf(), Email: email, Language: "nl", Address: "127.0.0.1"}
	if err := w.Identity.SendCode(ctx, ask); err != nil {
		t.Fatalf("send a code: %v", err)
	}
	proof, err := w.Identity.CheckCode(ctx, ask, w.LastLetter(email, "code").Data["code"])
	if err != nil {
		t.Fatalf("check a code: %v", err)
	}
	return proof
}

// follow goes the way of the adapters: admitted, signed in, tied to the request.
func follow(t *testing.T, w *handlertest.World, id, email, word string) (identity.Actor, error) {
	t.Helper()
	ctx := context.Background()
	proof := reads(t, w, id, email)
	r, err := w.Requests.Admit(ctx, id, proof, word)
	if err != nil {
		return identity.Actor{}, err
	}
	entry, err := w.Identity.StartFollower(ctx, proof, w.Vault.Fingerprint(requests.FollowPurpose, r.LinkOf()), "Jan", "nl")
	if err != nil {
		return identity.Actor{}, err
	}
	_, err = w.Requests.Adopt(ctx, entry.Actor, id, proof)
	return entry.Actor, err
}

func now(t *testing.T, w *handlertest.World, id string) requests.Request {
	t.Helper()
	r, err := w.Requests.Requests.Get(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sees tells whether the actor reads the request or finds it in their list.
func sees(t *testing.T, w *handlertest.World, by identity.Actor, id string) bool {
	t.Helper()
	_, _, err := w.Requests.Look(context.Background(), by, id)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		t.Fatalf("look: %v", err)
	}
	mine, lerr := w.Requests.OfAccount(context.Background(), by, "")
	if lerr != nil {
		t.Fatal(lerr)
	}
	listed := false
	for _, r := range mine.Rows {
		listed = listed || r.ID == id
	}
	if listed != (err == nil) {
		t.Errorf("listed: %t, readable: %v", listed, err)
	}
	return err == nil
}

// TestAnAddressThatStaffTypedOpensNothing: whoever holds it has the link and
// the code, and gets no further without the word of the letter; thirty tries at
// once are no more than five.
func TestAnAddressThatStaffTypedOpensNothing(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	f := filing(w.Bakery.ID, "", requests.Access)
	f.Person.Email = "verkeerd@example.org"
	r := entered(t, w, officer, f)
	if _, err := follow(t, w, r.ID, "verkeerd@example.org", ""); fault.KindOf(err) != fault.Invalid {
		t.Fatalf("without a word: %v", err)
	}
	proof := reads(t, w, r.ID, "verkeerd@example.org")
	stranger := identity.Actor{Account: "acc_STRANGER", Roles: []identity.Role{identity.Subject}, Level: identity.Half}
	if _, err := w.Requests.Adopt(ctx, stranger, r.ID, proof); fault.KindOf(err) != fault.NotFound {
		t.Errorf("tied without the word: %v", err)
	}
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if _, err := w.Requests.Admit(ctx, r.ID, proof, "AAAAA-AAAAA"); err == nil {
				t.Error("a wrong word was taken")
			}
		})
	}
	all.Wait()
	after := now(t, w, r.ID)
	if after.Holder.Tries != requests.WordTries || after.Held() || after.Account != "" {
		t.Errorf("after thirty wrong words at once: %+v, account %q", after.Holder, after.Account)
	}
	word := w.Requests.Word(after)
	if _, err := w.Requests.Admit(ctx, r.ID, proof, word); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the right word after too many wrong ones: %v", err)
	}
	if after, err := w.Requests.RenewWord(ctx, officer, r.ID); err != nil || w.Requests.Word(after) == word {
		t.Fatalf("a new word: %v", err)
	}
	if _, err := follow(t, w, r.ID, "verkeerd@example.org", word); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the earlier word: %v", err)
	}
	by, err := follow(t, w, r.ID, "verkeerd@example.org", " "+w.Requests.Word(now(t, w, r.ID))+" ")
	if err != nil || !sees(t, w, by, r.ID) {
		t.Errorf("with the word of the letter: %v", err)
	}
	if _, err := follow(t, w, r.ID, "verkeerd@example.org", ""); err != nil {
		t.Errorf("once proven, on another device: %v", err)
	}
}

// TestAStoreOfBeforeIsSafe: an address that staff typed and whose holder was
// let in by an earlier build is closed, until the desk has settled who it is.
func TestAStoreOfBeforeIsSafe(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	own, me := filed(t, w, filing(w.Bakery.ID, "", requests.Erasure))
	r := entered(t, w, officer, filing(w.Bakery.ID, "", requests.Access))
	if _, err := w.Requests.Requests.Touch(ctx, r.ID, func(r *requests.Request) error { r.Account = me.Account; return nil }); err != nil {
		t.Fatal(err)
	}
	if sees(t, w, me, r.ID) {
		t.Error("the holder of an address that staff typed reads the request")
	}
	if _, _, err := w.Requests.TakeAway(ctx, me, r.ID, "letter"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("takes it away: %v", err)
	}
	if !sees(t, w, me, own.ID) {
		t.Error("a request that was filed on the portal is closed to who proved its address")
	}
	if _, err := w.Requests.TakeUp(ctx, officer, r.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Requests.Ask(ctx, officer, r.ID, "Het adres komt van een brief.", "Uw klantnummer."); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Requests.Settle(ctx, officer, r.ID, true); err != nil {
		t.Fatal(err)
	}
	if !sees(t, w, me, r.ID) {
		t.Error("the desk settled who it is, and the request is still closed")
	}
}

// TestACorrectedAddressCutsOffTheOld, for a request of the portal too.
func TestACorrectedAddressCutsOffTheOld(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	foreign := w.Actor(w.Hire("Noor Jansen", w.Florist, identity.PrivacyOfficer))
	r, me := filed(t, w, filing(w.Bakery.ID, "", requests.Access))
	token := w.Vault.Fingerprint(requests.FollowPurpose, r.LinkOf())
	held := reads(t, w, r.ID, "fatima@example.org")
	if _, err := w.Requests.CorrectAddress(ctx, foreign, r.ID, "nieuw@example.org"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("by a foreign officer: %v", err)
	}
	for _, bad := range []string{"nieuw", "fatima@example.org", "a@b c.nl"} {
		if _, err := w.Requests.CorrectAddress(ctx, officer, r.ID, bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	after, err := w.Requests.CorrectAddress(ctx, officer, r.ID, "nieuw@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if after.Due != r.Due || after.State != r.State || after.Account != "" {
		t.Errorf("after it: due %s, %s, account %q", after.Due, after.State, after.Account)
	}
	if sees(t, w, me, r.ID) {
		t.Error("the session of the old address still reads the request")
	}
	if _, _, err := w.Requests.Followed(ctx, r.Reference, token); !errors.Is(err, requests.ErrNotFound) {
		t.Errorf("the old link: %v", err)
	}
	if _, err := w.Requests.Admit(ctx, r.ID, held, w.Requests.Word(after)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a code of the old address, with the word: %v", err)
	}
	if _, err := follow(t, w, r.ID, "nieuw@example.org", ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the new address without the word: %v", err)
	}
	by, err := follow(t, w, r.ID, "nieuw@example.org", w.Requests.Word(after))
	if err != nil || !sees(t, w, by, r.ID) {
		t.Errorf("the new address with the word: %v", err)
	}
	if _, err := w.Requests.CorrectAddress(ctx, officer, r.ID, ""); err != nil {
		t.Fatal(err)
	}
	if sees(t, w, by, r.ID) || now(t, w, r.ID).MailHash != "" {
		t.Error("without an address somebody still reads it on the portal")
	}
}

// TestAPersonMovesToAnotherAddress, having proven both; where they have a
// second factor it is asked, or else the old mail would be a way around it.
func TestAPersonMovesToAnotherAddress(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	r, me := filed(t, w, filing(w.Bakery.ID, "", requests.Access))
	prove := func(email string) identity.Proof {
		is := now(t, w, r.ID)
		ask := identity.CodeRequest{Purpose: requests.MovePurpose, Object: is.LinkOf(), Email: email, Language: "nl", Address: "127.0.0.1"}
		if err := w.Identity.SendCode(ctx, ask); err != nil {
			t.Fatal(err)
		}
		proof, err := w.Identity.CheckCode(ctx, ask, w.LastLetter(email, "code").Data["code"])
		if err != nil {
			t.Fatal(err)
		}
		return proof
	}
	if _, err := w.Requests.Move(ctx, me, r.ID, reads(t, w, r.ID, "fatima@example.org")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("with a proof of another kind: %v", err)
	}
	stranger := me
	stranger.Account = "acc_STRANGER"
	proof := prove("fatima.nieuw@example.org")
	if _, err := w.Requests.Move(ctx, stranger, r.ID, proof); fault.KindOf(err) != fault.NotFound {
		t.Errorf("by a stranger: %v", err)
	}
	bind := func(factor string) {
		if _, err := w.Identity.Accounts.Touch(ctx, me.Account, func(a *identity.Account) error { a.TOTP.ID = factor; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	bind("fac_1")
	if _, err := w.Requests.Move(ctx, me, r.ID, proof); fault.KindOf(err) != fault.StepUp {
		t.Errorf("around the second factor: %v", err)
	}
	bind("")
	after, err := w.Requests.Move(ctx, me, r.ID, proof)
	if err != nil {
		t.Fatal(err)
	}
	if sees(t, w, me, r.ID) {
		t.Error("the old address still reads the request")
	}
	entry, err := w.Identity.StartSubject(ctx, proof, "Fatima", "nl")
	if err != nil || entry.Actor.Account != after.Account || !sees(t, w, entry.Actor, r.ID) {
		t.Errorf("the new address: %v", err)
	}
}
