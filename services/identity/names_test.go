package identity_test

import (
	"errors"
	"testing"
	"time"

	"inzage/services/identity"
	"inzage/services/ledger"
)

// TestNamesAreUniqueAfterFolding, at creating and at renaming.
func TestNamesAreUniqueAfterFolding(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	first, err := w.CreateOrganisation(ctx, identity.System(), identity.Organisation{Name: "Café Zonneschijn B.V.", Slug: "zon", Country: "NL"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.CreateOrganisation(ctx, identity.System(), identity.Organisation{Name: "Maanlicht", Slug: "maan", Country: "NL"})
	if err != nil {
		t.Fatal(err)
	}
	for _, like := range []string{"café zonneschijn bv", "CAFE  ZONNESCHIJN B.V.", "Cafe-Zonneschijn, B V", "Ｃａｆé Zonneschijn B.V.", "Cafe\u0301 Zonneschijn B.V."} {
		if _, err := w.CreateOrganisation(ctx, identity.System(), identity.Organisation{Name: like, Slug: "another", Country: "NL"}); !errors.Is(err, identity.ErrName) {
			t.Errorf("%q beside %q: %v", like, first.Name, err)
		}
		to := other
		to.Name = like
		boss := identity.Actor{Account: "acc_X", Organisation: other.ID, Roles: []identity.Role{identity.Admin}, Level: identity.Full}
		if _, err := w.ChangeOrganisation(ctx, boss, other.ID, to); !errors.Is(err, identity.ErrName) {
			t.Errorf("renamed to %q: %v", like, err)
		}
	}
	if _, err := w.CreateOrganisation(ctx, identity.System(), identity.Organisation{Name: "Zonlicht", Slug: "zon", Country: "NL"}); !errors.Is(err, identity.ErrSlug) {
		t.Errorf("a start page twice: %v", err)
	}
	first.Country = "BE"
	if _, err := w.ChangeOrganisation(ctx, identity.Actor{Account: "acc_X", Organisation: first.ID, Roles: []identity.Role{identity.Admin}, Level: identity.Full}, first.ID, first); err != nil {
		t.Errorf("its own name again: %v", err)
	}
}

// TestTwoOldNamesAlike: a store of yesterday with one name twice opens, both go
// on, and nobody gets that name a third time.
func TestTwoOldNamesAlike(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	var old []identity.Organisation
	for _, slug := range []string{"een", "twee"} {
		o := identity.Organisation{Name: "Molen De Hoop", Slug: slug, Country: "NL", Language: "nl", Zone: "Europe/Amsterdam"}
		o.ID = ledger.NewID("org")
		if err := w.Organisations.Create(ctx, &o, identity.System().Event(time.Now(), "organisation.create", o.ID, nil)); err != nil {
			t.Fatal(err)
		}
		old = append(old, o)
	}
	started, err := identity.New(w.Deps) // the portal starts on that store
	if err != nil {
		t.Fatal(err)
	}
	if _, err := started.CreateOrganisation(ctx, identity.System(), identity.Organisation{Name: "molen de hoop", Slug: "drie", Country: "NL"}); !errors.Is(err, identity.ErrName) {
		t.Errorf("a third: %v", err)
	}
	for _, o := range old {
		o.Country = "BE"
		if _, err := started.ChangeOrganisation(ctx, identity.Actor{Account: "acc_X", Organisation: o.ID, Roles: []identity.Role{identity.Admin}, Level: identity.Full}, o.ID, o); err != nil {
			t.Errorf("%s changes its country: %v", o.Slug, err)
		}
	}
}
