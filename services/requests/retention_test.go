package requests_test

import (
	"context"
	"testing"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
)

// TestPeriodOfTheController: a request goes by the period of its controller,
// wherever it was filed.
func TestPeriodOfTheController(t *testing.T) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			ctx := context.Background()
			short, subject := filed(t, w, filing(w.Partner.ID, w.Bakery.ID, requests.Access))
			if _, err := w.Requests.Retract(ctx, subject, short.ID); err != nil {
				t.Fatal(err)
			}
			long, subject := filed(t, w, filing(w.Partner.ID, w.Florist.ID, requests.Access))
			if _, err := w.Requests.Retract(ctx, subject, long.ID); err != nil {
				t.Fatal(err)
			}
			admin := w.Actor(w.Hire("Anna", w.Bakery, identity.Admin))
			admin.Level, admin.StrongAt = identity.Full, w.Now()
			bakery, err := w.Identity.ChangeKeep(ctx, admin, w.Bakery.ID, 0, identity.MinKeepDays)
			if err != nil {
				t.Fatal(err)
			}
			page, err := w.Requests.Ended(ctx, admin, bakery, "", 10)
			if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != short.ID || !page.Rows[0].Goes.Equal(page.Rows[0].At.Add(identity.MinKeepDays*24*time.Hour)) {
				t.Errorf("what goes = %+v, %v", page, err)
			}
			if _, err := w.Requests.Ended(ctx, admin, w.Florist, "", 10); fault.KindOf(err) != fault.NotFound {
				t.Errorf("another organisation's = %v", err)
			}
			w.Pass(identity.MinKeepDays*24*time.Hour - time.Minute)
			if n, err := w.Requests.ShredEnded(ctx, 10); n != 0 || err != nil {
				t.Errorf("shredded %d before the period ended, %v", n, err)
			}
			w.Pass(2 * time.Minute)
			if n, err := w.Requests.CountEnded(ctx, admin, bakery, w.Requests.Keeps(bakery)); n != 1 || err != nil {
				t.Errorf("%d would go, %v", n, err)
			}
			if n, err := w.Requests.ShredEnded(ctx, 10); n != 1 || err != nil {
				t.Errorf("shredded %d, %v, want the bakery's", n, err)
			}
			left, err := w.Requests.Requests.Get(ctx, long.ID)
			if err != nil || left.Shredded != nil {
				t.Errorf("the florist's went with it: %v", err)
			}
			w.Pass(requests.Keep)
			if n, err := w.Requests.ShredEnded(ctx, 10); n != 1 || err != nil {
				t.Errorf("shredded %d by the portal's period, %v, want the florist's", n, err)
			}
		})
	}
}
