package evidence_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/evidence"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// fresh is the actor with a second factor proven at a time.
func fresh(by identity.Actor, at time.Time) identity.Actor {
	by.StrongAt = at
	return by
}

// exports are the sealed entries about exports.
func (w *world) exports(outcome string) []ledger.Event {
	w.t.Helper()
	w.seal()
	all, err := w.instances[0].Ledger.Read(w.t.Context(), 0, 1000)
	must(w.t, err)
	var found []ledger.Event
	for _, e := range all {
		if e.Event.Action == evidence.TakeAway && e.Event.Outcome == outcome {
			found = append(found, e.Event)
		}
	}
	return found
}

// TestExportIsThePartysOwn takes the ledger away as two parties: each verifies,
// reads its own and nothing of the other, and left one entry.
func TestExportIsThePartysOwn(t *testing.T) {
	w := newWorld(t, 1)
	s := w.instances[0]
	for _, org := range []string{bakery, florist, bakery} {
		_, err := s.Ask(t.Context(), staff(org, identity.Admin))
		must(t, err)
		w.pass(evidence.Pause)
	}
	w.seal()
	for _, org := range []string{bakery, florist} {
		e, err := s.Export(t.Context(), fresh(staff(org, identity.Agent), w.now()))
		must(t, err)
		w.seal()
		var out bytes.Buffer
		must(t, e.Write(t.Context(), &out))
		r, err := ledger.VerifyZIP(t.Context(), bytes.NewReader(out.Bytes()), int64(out.Len()), ledger.Terms{Keys: s.Ledger.Key.Public()})
		size, serr := s.Ledger.Size(t.Context())
		must(t, serr)
		if err != nil || r.Party == nil || r.Party.Organisation != org || r.Party.Own == 0 || r.Party.Own >= size || r.Checkpoint.Size != size {
			t.Fatalf("%s: %+v, %v", org, r, err)
		}
		other := map[string]string{bakery: florist, florist: bakery}[org]
		if strings.Contains(out.String(), "acc_"+other) {
			t.Errorf("the export of %s tells of the people of %s", org, other)
		}
		t.Logf("%s: %d of %d entries can be read", org, r.Party.Own, size)
	}
	if done := w.exports(ledger.Done); len(done) != 2 || done[0].Organisation != bakery || done[1].Actor != "acc_"+florist {
		t.Errorf("the ledger has %+v, want one entry of each export", done)
	}
}

func TestExportIsRefused(t *testing.T) {
	w := newWorld(t, 1)
	s := w.instances[0]
	half := staff(bakery, identity.Admin)
	half.Level = identity.Half
	for name, c := range map[string]struct {
		by   identity.Actor
		want fault.Kind
	}{
		"nobody":                {identity.Actor{}, fault.NotFound},
		"a data subject":        {identity.Actor{Account: "acc_1", Roles: []identity.Role{identity.Subject}, Level: identity.Full}, fault.NotFound},
		"an auditor":            {staff(bakery, identity.Auditor), fault.NotFound},
		"an operator":           {identity.Actor{Account: "acc_2", Roles: []identity.Role{identity.Operator}, Level: identity.Full}, fault.NotFound},
		"one factor":            {half, fault.NotFound},
		"an old second factor":  {fresh(staff(bakery, identity.Admin), w.now().Add(-identity.StepUpAge-time.Second)), fault.StepUp},
		"no second factor ever": {staff(bakery, identity.Admin), fault.StepUp},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(w.exports(ledger.Refused))
			if c.want == fault.NotFound { // not for want of a fresh factor
				c.by = fresh(c.by, w.now())
			}
			if _, err := s.Export(t.Context(), c.by); fault.KindOf(err) != c.want {
				t.Errorf("Export = %v, want %s", err, c.want)
			}
			if n := len(w.exports(ledger.Refused)) - before; n != 1 {
				t.Errorf("%d refusals in the ledger, want 1", n)
			}
		})
	}
	if n := len(w.exports(ledger.Done)); n != 0 {
		t.Errorf("%d exports in the ledger, want none", n)
	}
	_, err := s.Export(t.Context(), fresh(staff(bakery, identity.Admin), w.now()))
	must(t, err) // the same person just after the second factor
}

// deaf records nothing.
type deaf struct{}

func (deaf) Record(context.Context, ledger.Event) error { return errors.New("the disk is full") }

func TestExportNeedsItsEntry(t *testing.T) {
	w := newWorld(t, 1)
	s := *w.instances[0]
	s.Record = deaf{}
	if _, err := s.Export(t.Context(), fresh(staff(bakery, identity.Admin), w.now())); !errors.Is(err, document.ErrBusy) {
		t.Errorf("Export = %v, want busy", err)
	}
}
