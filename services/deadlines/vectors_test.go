package deadlines_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"inzage/services/deadlines"
)

type vector struct {
	ID       string
	Rule     string
	Timezone string
	Received time.Time
	Events   []struct {
		At   time.Time
		Type string
	}
	Params struct {
		Days, Hours, Weeks, Years int
		WorkingDays               int            `json:"working_days"`
		LastAudit                 deadlines.Date `json:"last_audit"`
		UndueDelay                bool           `json:"undue_delay"`
	}
	HolidaySet  string                          `json:"holiday_set"`
	ExpectedDue string                          `json:"expected_due"`
	EndsAt      time.Time                       `json:"expected_due_end_exclusive"`
	SafeDue     string                          `json:"safe_due"`
	WorkingDay  deadlines.Date                  `json:"earliest_working_day"`
	Alternative []struct{ Reading, Due string } `json:"alt_due"`
}

// calendars maps the holiday sets of the vectors to ours. The sets of other
// countries stand for "none": in none of their vectors a holiday of that
// country is the last day or next to it, so only weekends decide.
var calendars = map[string]string{
	"NL_ATW31": "NL", "BE": "BE", "NONE": "none",
	"SE": "none", "UK_EW": "none", "AT": "none", "DE": "none", "DK": "none",
}

// otherReadings are alternatives in the vectors that are no readings of ours.
var otherReadings = map[string]string{
	"D060": "the date in UTC is a mistake, not a reading",
	"P15":  "a court that ended the term before its last day, against C-171/03 Toeters; the safe advice is to answer before the last day",
	"D156": "the latest notice when day N suffices: the readings are of the earliest day",
}

// got is what the engine says, in the words of a vector.
type got struct {
	due, safe  string
	ends       time.Time
	workingDay deadlines.Date
	readings   []string
}

func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/deadlines.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 80 {
		t.Fatalf("%d vectors, want the whole file", len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.ID, func(t *testing.T) { v.test(t) })
	}
}

func (v vector) test(t *testing.T) {
	g := v.compute(t)
	if g.due != v.ExpectedDue {
		t.Errorf("due = %s, want %s", g.due, v.ExpectedDue)
	}
	want := v.SafeDue
	if want == "" {
		want = v.ExpectedDue
	}
	if g.safe != want {
		t.Errorf("safe = %s, want %s", g.safe, want)
	}
	if !v.EndsAt.IsZero() && (!g.ends.Equal(v.EndsAt) || g.ends.Format(time.RFC3339) != v.EndsAt.Format(time.RFC3339)) {
		t.Errorf("ends = %s, want %s", g.ends.Format(time.RFC3339), v.EndsAt.Format(time.RFC3339))
	}
	if g.workingDay != v.WorkingDay && !v.WorkingDay.IsZero() {
		t.Errorf("earliest working day = %s, want %s", g.workingDay, v.WorkingDay)
	}
	for _, alt := range v.Alternative {
		if _, ours := otherReadings[v.ID]; !ours && !slices.Contains(g.readings, alt.Due) {
			t.Errorf("readings = %v, want %s (%s) among them", g.readings, alt.Due, alt.Reading)
		}
	}
}

func (v vector) compute(t *testing.T) got {
	t.Helper()
	zone, err := deadlines.Zone(v.Timezone)
	if err != nil {
		t.Fatal(err)
	}
	key, ok := calendars[v.HolidaySet]
	if !ok {
		t.Fatalf("no calendar for %s", v.HolidaySet)
	}
	cal, err := deadlines.CalendarOf(key)
	if err != nil {
		t.Fatal(err)
	}
	switch v.Rule {
	case "MONTH", "MONTH_EXTENDED", "SUSPENSION", "SUSPENSION_EXTENDED", "EXTENSION_NOTICE", "NOTICE_NOT_ACTING", "MIN_30D_MONTH":
		return v.request(t, zone, cal)
	case "DAYS_1182":
		return v.term(t, deadlines.Days, v.Params.Days, zone, cal)
	case "WEEKS":
		return v.term(t, deadlines.Weeks, v.Params.Weeks, zone, cal)
	case "WORKING_DAYS":
		return v.term(t, deadlines.WorkingDays, v.Params.WorkingDays, zone, cal)
	case "HOURS", "HOURS_ART3", "HOURS_FROM_PROCESSOR_NOTICE":
		return v.hours(t, zone)
	default:
		return v.audit(t, zone, cal)
	}
}

// types maps the events of the vectors to those of the clock; an internal
// forwarding is no event of the clock.
var types = map[string]deadlines.EventType{
	"identity_requested": deadlines.Asked, "clarification_requested": deadlines.Asked,
	"identity_received": deadlines.Answered, "clarification_received": deadlines.Answered,
	"extended": deadlines.Extended, "forwarded_internally": "",
}

func (v vector) request(t *testing.T, zone *time.Location, cal deadlines.Calendar) got {
	t.Helper()
	f := deadlines.RequestFacts{Received: v.Received, Zone: zone, Calendar: cal}
	if v.Rule == "MIN_30D_MONTH" {
		f.Window = v.Params.Days
	}
	for _, e := range v.Events {
		typ, ok := types[e.Type]
		if !ok {
			t.Fatalf("unknown event %s", e.Type)
		}
		if typ != "" {
			f.Events = append(f.Events, deadlines.Event{Type: typ, At: e.At, UndueDelay: v.Params.UndueDelay})
		}
	}
	d, err := deadlines.Request(f)
	if err != nil {
		t.Fatal(err)
	}
	enforcedAlike(t, f, d)
	g := got{due: d.Statutory.String(), safe: d.Safe.String(), ends: deadlines.EndOf(d.Statutory, zone)}
	for _, r := range d.Readings {
		g.readings = append(g.readings, r.Due.String())
	}
	switch v.Rule {
	case "EXTENSION_NOTICE":
		g.due, g.safe = d.ExtensionNoticeStatutory.String(), d.ExtensionNoticeSafe.String()
	case "NOTICE_NOT_ACTING":
		g.due, g.safe = d.RefusalNoticeStatutory.String(), d.RefusalNoticeSafe.String()
		g.ends = deadlines.EndOf(d.RefusalNoticeStatutory, zone)
	case "MIN_30D_MONTH":
		g.due, g.safe, g.ends = d.Due.String(), d.Due.String(), d.Ends
	}
	return g
}

func (v vector) term(t *testing.T, count func(deadlines.TermFacts, int) (deadlines.Term, error), n int, zone *time.Location, cal deadlines.Calendar) got {
	t.Helper()
	d, err := count(deadlines.TermFacts{From: v.Received, Zone: zone, Calendar: cal}, n)
	if err != nil {
		t.Fatal(err)
	}
	g := got{due: d.Due.String(), safe: d.Safe.String(), ends: d.Ends}
	for _, r := range d.Readings {
		g.readings = append(g.readings, r.Due.String())
	}
	return g
}

func (v vector) hours(t *testing.T, zone *time.Location) got {
	t.Helper()
	f := deadlines.HoursFacts{From: v.Received, Hours: v.Params.Hours, Zone: zone}
	if v.Rule == "HOURS_FROM_PROCESSOR_NOTICE" {
		f.From, f.ProcessorAware = v.Events[0].At, v.Received
	}
	d, err := deadlines.Hours(f)
	if err != nil {
		t.Fatal(err)
	}
	g := got{due: d.Due.Format(time.RFC3339), safe: d.Safe.Format(time.RFC3339)}
	if v.Rule == "HOURS_ART3" {
		// The literal count is a reading of ours, never the date itself.
		for _, r := range d.Readings {
			if r.Reading == "The hour of the event does not count" {
				g.due = r.Due.Format(time.RFC3339)
			}
		}
	}
	return g
}

func (v vector) audit(t *testing.T, zone *time.Location, cal deadlines.Calendar) got {
	t.Helper()
	f := deadlines.AuditFacts{Announced: v.Received, Zone: zone, Calendar: cal,
		Notice: deadlines.Notice{Days: v.Params.Days, WorkingDays: v.Params.WorkingDays},
		Last:   v.Params.LastAudit, Years: v.Params.Years}
	switch v.Rule {
	case "AUDIT_NOTICE", "AUDIT_NOTICE_WORKING_DAYS", "AUDIT_NOTICE_AND_FREQUENCY":
	case "AUDIT_FOR_CAUSE":
		f.Years, f.ForCause = 1, true
	case "AUDIT_FREQUENCY":
		f.Announced, f.Last = time.Time{}, deadlines.DateOf(v.Received, zone)
	case "AUDIT_LATEST_NOTICE":
		f.Announced, f.On = time.Time{}, deadlines.DateOf(v.Received, zone)
	default:
		t.Fatalf("unknown rule %s", v.Rule)
	}
	d, err := deadlines.Audit(f)
	if err != nil {
		t.Fatal(err)
	}
	day := d.Earliest
	if v.Rule == "AUDIT_LATEST_NOTICE" {
		day = d.LatestNotice
	}
	g := got{due: day.String(), safe: day.String(), ends: deadlines.EndOf(day, zone), workingDay: d.EarliestWorkingDay}
	for _, r := range d.Readings {
		g.readings = append(g.readings, r.Due.String())
	}
	return g
}
