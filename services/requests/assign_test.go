package requests_test

import (
	"fmt"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// clerk makes an account without a password, so that many are made quickly.
func clerk(t *testing.T, w *handlertest.World, org, name string, disabled bool, roles ...identity.Role) string {
	t.Helper()
	acc := identity.Account{Meta: document.Meta{ID: ledger.NewID("acc")}, Organisation: org, Realm: identity.Staff, Roles: roles, Disabled: disabled,
		Email: w.Vault.Fingerprint("email:staff", name+"@staff.example"), Language: "nl", Created: w.Now()}
	key, err := w.Vault.Create(t.Context(), acc.ID)
	if err == nil {
		acc.Person, err = vault.SealJSON(key, "person", identity.Person{Name: name, Email: name + "@staff.example"})
	}
	if err == nil {
		err = w.Identity.Accounts.Create(t.Context(), &acc)
	}
	if err != nil {
		t.Fatal(err)
	}
	return acc.ID
}

// A request is given only to somebody who can act at its desk, whoever calls the service.
func TestARequestIsGivenOnlyToWhoWorksAtItsDesk(t *testing.T) {
	w := handlertest.New(t)
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	r, subject := filed(t, w, filing(w.Bakery.ID, "", "access"))
	for who, account := range map[string]string{
		"another organisation's officer": clerk(t, w, w.Partner.ID, "elsewhere", false, identity.PrivacyOfficer),
		"a disabled colleague":           clerk(t, w, w.Bakery.ID, "gone", true, identity.PrivacyOfficer),
		"a colleague of another role":    clerk(t, w, w.Bakery.ID, "boss", false, identity.Admin),
		"the data subject":               subject.Account,
		"nobody there is":                ledger.NewID("acc"),
		"the request itself":             r.ID,
	} {
		if _, err := w.Requests.AssignTo(t.Context(), officer, r.ID, account); fault.KindOf(err) != fault.Invalid {
			t.Errorf("given to %s = %v, want it refused", who, err)
		}
	}
	colleague := clerk(t, w, w.Bakery.ID, "colleague", false, identity.PrivacyOfficer)
	for _, account := range []string{colleague, officer.Account, ""} {
		got, err := w.Requests.AssignTo(t.Context(), officer, r.ID, account)
		if err != nil || got.Assignee != account {
			t.Errorf("given to %q = %q, %v", account, got.Assignee, err)
		}
	}
	stranger := w.Actor(w.Hire("Joris Bakker", w.Partner, identity.PrivacyOfficer))
	if _, err := w.Requests.AssignTo(t.Context(), stranger, r.ID, "acc_x"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a stranger gives it = %v, want not found", err)
	}
}

// Everybody who works at a desk can be chosen, however many they are.
func TestEveryColleagueCanBeGivenARequest(t *testing.T) {
	w := handlertest.New(t)
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	before, err := w.Identity.Colleagues(t.Context(), officer, identity.PrivacyOfficer)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 250 {
		clerk(t, w, w.Bakery.ID, fmt.Sprintf("colleague%03d", i), false, identity.PrivacyOfficer)
	}
	all, err := w.Identity.Colleagues(t.Context(), officer, identity.PrivacyOfficer)
	if err != nil || len(all)-len(before) != 250 {
		t.Errorf("%d of 250 more can be chosen, %v", len(all)-len(before), err)
	}
}
