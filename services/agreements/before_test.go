package agreements_test

import (
	"testing"
	"time"

	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/services/store"
)

// yesterdays is an agreement as the build before stored it.
type yesterdays struct {
	document.Meta
	Controller string              `json:"controller"`
	Processor  string              `json:"processor"`
	Key        string              `json:"key"`
	SignedOn   string              `json:"signed_on"`
	From       string              `json:"from"`
	Until      string              `json:"until"`
	Versions   []yesterdaysVersion `json:"versions"`
}

type yesterdaysVersion struct {
	Number int       `json:"number"`
	From   string    `json:"from"`
	Source string    `json:"source"`
	At     time.Time `json:"at"`
	By     string    `json:"by"`
}

var yesterdaysKind = document.Kind{Name: "agreements", Indexes: []document.Index{
	{Name: "controller", Fields: []string{"controller", "from"}},
	{Name: "processor", Fields: []string{"processor", "from"}},
	{Name: "pair", Fields: []string{"controller", "processor", "from"}},
}}

// before opens a store of yesterday with one agreement in force, whose second
// version is to come, one to come, and one that has ended.
func before(t *testing.T) *world {
	folder := t.TempDir()
	e := open(t, folder)
	old := store.Collection[yesterdays](e, yesterdaysKind)
	must(t, e.Ping(t.Context()))
	for _, a := range []yesterdays{
		{Meta: document.Meta{ID: "agr_NOW"}, Controller: bakery, Processor: host, From: "2026-01-01", Versions: []yesterdaysVersion{{Number: 1, From: "2026-01-01"}, {Number: 2, From: "2026-12-01"}}},
		{Meta: document.Meta{ID: "agr_COMING"}, Controller: third, Processor: host, From: "2026-12-01", Versions: []yesterdaysVersion{{Number: 1, From: "2026-12-01"}}},
		{Meta: document.Meta{ID: "agr_OVER"}, Controller: bakery, Processor: third, From: "2025-01-01", Until: "2025-12-31", Versions: []yesterdaysVersion{{Number: 1, From: "2025-01-01"}}},
	} {
		for i := range a.Versions {
			a.Versions[i].Source = presetSource(t, "mpg")
		}
		must(t, old.Create(t.Context(), &a, ledger.Event{ID: ledger.NewID("evt"), Actor: "acc_X", Action: "agreement.sign", Object: a.ID, Outcome: ledger.Done}))
	}
	must(t, e.Close())
	return worldOn(t, open(t, folder))
}

// TestAgreementsFromBefore: what was in force in a store of yesterday stays in
// force, marked as stated by one side; what was to come waits for both.
func TestAgreementsFromBefore(t *testing.T) {
	w, ctx := before(t), t.Context()
	if w.version() != 1 {
		t.Fatal("what was in force lost its effect")
	}
	w.clock = w.clock.AddDate(0, 0, 20)
	if w.version() != 1 {
		t.Error("a version to come, by one hand, came")
	}
	if _, err := w.Between(ctx, third, host, w.clock); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an agreement to come, by one hand, came: %v", err)
	}
	a, err := w.Get(ctx, w.admin(bakery, 0), "agr_NOW")
	must(t, err)
	if a.Standing != agreements.Unconfirmed || !a.WaitsFor(bakery) || !a.WaitsFor(host) {
		t.Errorf("%s, waits for %v and %v", a.Standing, a.WaitsFor(bakery), a.WaitsFor(host))
	}
	_, err = w.Amend(ctx, w.admin(host, 0), a.ID, "2027-01-01", presetSource(t, "mpg"))
	refused(t, "changing what is not confirmed", err, fault.Conflict)
	_, err = w.Confirm(ctx, w.admin(host, time.Hour), a.ID)
	refused(t, "confirming with an old factor", err, fault.StepUp)
	for i, org := range []string{host, bakery} {
		a, err = w.Confirm(ctx, w.admin(org, 0), a.ID)
		must(t, err)
		if (a.Standing == agreements.Agreed) != (i == 1) {
			t.Errorf("%s after %d confirmed", a.Standing, i+1)
		}
	}
	if v := a.Newest(); v.From != "2026-12-11" || w.version() != 2 {
		t.Errorf("version %d from %s; in force is %d", v.Number, v.From, w.version())
	}
	over, err := w.Get(ctx, w.admin(bakery, 0), "agr_OVER")
	must(t, err)
	if over.WaitsFor(bakery) || over.WaitsFor(third) {
		t.Error("what is over is asked about")
	}
	if been, err := w.Partners(ctx, bakery, third); err != nil || !been {
		t.Errorf("what is over was never: %v", err)
	}
}

// TestDisputing takes an agreement from before out of force, from that day.
func TestDisputing(t *testing.T) {
	w, ctx := before(t), t.Context()
	a, err := w.Dispute(ctx, w.admin(bakery, 0), "agr_NOW")
	must(t, err)
	if w.version() != 0 || a.Until != "2026-11-20" || a.WaitsFor(host) {
		t.Errorf("version %d, until %s, still waits %v", w.version(), a.Until, a.WaitsFor(host))
	}
	_, err = w.Confirm(ctx, w.admin(host, 0), a.ID)
	refused(t, "confirming what is disputed", err, fault.Conflict)
}
