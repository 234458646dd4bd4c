package agreements_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
)

// contradicting is an agreement of yesterday: the one who forwards decides.
const contradicting = head + `requests:
  at_processor:
    - {rights: [erasure], route: forward, decides: processor, tell_controller: false, clause: '8.1'}
    - {rights: [access], route: handle, decides: controller, clause: '8.2'}
    - {rights: [objection], route: handle, decides: processor, clause: '8.3'}
`

// TestWhoForwardsDoesNotDecide: a new file is refused with line and reason; one
// that is stored already is read, and the controller decides.
func TestWhoForwardsDoesNotDecide(t *testing.T) {
	_, problems := agreements.Parse([]byte(contradicting))
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%d %s: %s", p.Line, p.Path, p.Reason()))
	}
	want := []string{"6 requests.at_processor[0].decides: Who forwards a request does not decide on it", "7 requests.at_processor[1].decides: Who handles a request decides on it"}
	if len(got) != 2 || !strings.HasPrefix(got[0], want[0]) || !strings.HasPrefix(got[1], want[1]) {
		t.Fatalf("problems %q, want %q", got, want)
	}
	terms, problems := agreements.ParseStored([]byte(contradicting))
	if len(problems) > 0 {
		t.Fatalf("stored terms are not read: %v", problems)
	}
	for right, decides := range map[agreements.Right]agreements.Party{"erasure": "controller", "access": "controller", "objection": "processor", "restriction": "controller"} {
		r := agreements.Route(terms, agreements.Processor, right)
		if r.Decides != decides || (r.Route == agreements.Forward) != (decides == agreements.Controller) || decides == agreements.Controller && !r.TellController {
			t.Errorf("%s: %s, %s decides, controller told %v; want %s to decide", right, r.Route, r.Decides, r.TellController, decides)
		}
	}
	if _, problems := agreements.ParseStored([]byte(contradicting + "adit: 1\n")); len(problems) != 1 {
		t.Errorf("other faults of stored terms are forgotten: %v", problems)
	}
}

// TestEntriesOfOneClause: each right is explained by the entry that routes it.
func TestEntriesOfOneClause(t *testing.T) {
	terms, problems := agreements.Parse([]byte(head + `requests:
  at_processor:
    - {rights: [access], route: handle, clause: '6.1', says: {en: P handles access itself., nl: P doet inzage zelf.}}
    - {rights: [erasure], route: forward, clause: '6.1', says: {en: P sends it on., nl: P stuurt het door.}}
audit:
  costs:
    - {kinds: [travel], bearer: processor, clause: '9.1', says: {en: Travel is for P., nl: Reizen zijn voor P.}}
    - {kinds: [all], bearer: controller, clause: '9.1', says: {en: The rest is for the controller., nl: De rest is voor de verantwoordelijke.}}
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for right, want := range map[agreements.Right]string{"access": "P handles access itself.", "erasure": "P sends it on."} {
		r := agreements.Route(terms, agreements.Processor, right)
		if e := agreements.ExplainRoute(terms, r); e.Says.EN != want || e.Silent {
			t.Errorf("%s: %q, want %q", right, e.Says.EN, want)
		}
		name, entry, ok := agreements.EntryOf(agreements.EntryPath(r.Term, r.Entry))
		if e := agreements.ExplainEntry(terms, name, entry); !ok || e.Says.EN != want {
			t.Errorf("%s by its path: %q, want %q", right, e.Says.EN, want)
		}
	}
	if e := agreements.ExplainRoute(terms, agreements.Route(terms, agreements.Processor, "objection")); !e.Silent {
		t.Errorf("a right without an entry is explained by %+v", e)
	}
	// Only a clause is known, as of what was stored before: no entry is picked.
	for _, name := range []agreements.TermName{agreements.TermArrival, agreements.TermCosts} {
		e := agreements.Explain(terms, name, map[agreements.TermName]string{agreements.TermArrival: "6.1", agreements.TermCosts: "9.1"}[name])
		if e.Silent || e.Says.EN == "" || strings.Contains(e.Says.EN, "itself") || strings.Contains(e.Says.EN, "Travel") {
			t.Errorf("%s by its clause: %q", name, e.Says.EN)
		}
	}
	for _, path := range []string{"", "audit.costs", "audit.costs[x]", "audit.costs[1", "no.term[0]", "28(3)(e) GDPR"} {
		if _, _, ok := agreements.EntryOf(path); ok {
			t.Errorf("EntryOf(%q) is an entry", path)
		}
	}
	if e := agreements.ExplainEntry(terms, agreements.TermCosts, 7); !e.Silent {
		t.Errorf("an entry that is not there is explained by %+v", e)
	}
}

// TestEndsInEveryUnit: what the schema takes is counted, and never later than
// what was agreed.
func TestEndsInEveryUnit(t *testing.T) {
	zone, err := deadlines.Zone("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	nl, err := deadlines.CalendarOf("NL")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		from      string
		period    agreements.Period
		last, end string
	}{
		{"2026-04-30T16:00:00+02:00", agreements.Period{Hours: 36}, "2026-05-02", "2026-05-02T04:00:00+02:00"},
		{"2026-04-30T00:00:00+02:00", agreements.Period{Hours: 24}, "2026-04-30", "2026-05-01T00:00:00+02:00"},
		{"2026-03-28T16:00:00+01:00", agreements.Period{Hours: 24}, "2026-03-29", "2026-03-29T16:00:00+02:00"}, // a night of 23 hours
		{"2026-04-30T16:00:00+02:00", agreements.Period{Days: 3}, "2026-05-03", "2026-05-04T00:00:00+02:00"},
		{"2026-04-30T16:00:00+02:00", agreements.Period{Weeks: 2}, "2026-05-14", "2026-05-15T00:00:00+02:00"},
		{"2026-04-30T16:00:00+02:00", agreements.Period{WorkingDays: 3}, "2026-05-06", "2026-05-07T00:00:00+02:00"}, // 5 May is none
		{"2026-01-31T16:00:00+01:00", agreements.Period{Months: 1}, "2026-02-28", "2026-03-01T00:00:00+01:00"},
		{"2026-01-31T16:00:00+01:00", agreements.Period{Years: 1}, "2027-01-31", "2027-02-01T00:00:00+01:00"},
	}
	for _, tt := range tests {
		from, _ := time.Parse(time.RFC3339, tt.from)
		last, end, err := tt.period.Ends(from, zone, nl)
		if err != nil || last.String() != tt.last || end.Format(time.RFC3339) != tt.end {
			t.Errorf("%s from %s: %s until %s, %v; want %s until %s", tt.period, tt.from, last, end.Format(time.RFC3339), err, tt.last, tt.end)
		}
	}
	if last, end, err := (agreements.Period{}).Ends(time.Now(), zone, nl); !last.IsZero() || !end.IsZero() || err != nil {
		t.Errorf("no period ends on %s at %s, %v", last, end, err)
	}
}
