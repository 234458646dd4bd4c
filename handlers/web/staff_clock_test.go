package web_test

import (
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"inzage/services/requests"
)

func TestClockPutsTodayAfterThisAfternoon(t *testing.T) {
	o := openOffice(t)
	o.Pass(6 * time.Hour) // half past two in the afternoon
	r := o.takenUp(t, requests.Access)
	page := o.SignIn(o.officer).Get("/requests/"+r.ID).Want(t, 200)
	got := page.Find(`[data-testid="clock"] .ribbon-label`).Map(func(_ int, s *goquery.Selection) string { return s.Text() })
	want := "Vandaag"
	if len(got) < 2 || got[len(got)-2] != want {
		t.Errorf("the clock reads %v, want %q last before the due date", got, want)
	}
}
