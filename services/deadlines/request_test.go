package deadlines_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/deadlines"
	"inzage/services/fault"
)

// facts is a Dutch request; each event is written as "type moment".
func facts(t testing.TB, received string, events ...string) deadlines.RequestFacts {
	t.Helper()
	f := deadlines.RequestFacts{Received: at(t, received), Zone: zone(t, "Europe/Amsterdam"), Calendar: calendar(t, "NL"), Window: 30}
	for _, e := range events {
		typ, moment, _ := strings.Cut(e, " ")
		f.Events = append(f.Events, deadlines.Event{Type: deadlines.EventType(typ), At: at(t, moment)})
	}
	return f
}

func request(t testing.TB, f deadlines.RequestFacts) deadlines.RequestDeadline {
	t.Helper()
	d, err := deadlines.Request(f)
	if err != nil {
		t.Fatal(err)
	}
	enforcedAlike(t, f, d)
	return d
}

// enforcedAlike: the short answer is the long one's.
func enforcedAlike(t testing.TB, f deadlines.RequestFacts, d deadlines.RequestDeadline) {
	t.Helper()
	due, ends, err := deadlines.Enforced(f)
	if err != nil || due != d.Due || !ends.Equal(d.Ends) {
		t.Errorf("Enforced = %v, %v, %v; Request has %v, %v", due, ends, err, d.Due, d.Ends)
	}
}

func TestWhatEventsDoToARequest(t *testing.T) {
	const received = "2026-01-12T10:00:00+01:00" // a month: 12 February; the window: 11 February
	for _, c := range []struct {
		name                 string
		events               []string
		statutory, safe, due string
		paused               int
		waiting              bool
		extension            deadlines.Extension
	}{
		{"nothing", nil, "2026-02-12", "2026-02-12", "2026-02-11", 0, false, deadlines.NotExtended},
		{"asked and never answered", []string{"asked 2026-01-13T10:00:00Z"},
			"2026-02-12", "2026-02-12", "2026-02-11", 0, true, deadlines.NotExtended},
		{"asked and answered on one day", []string{"asked 2026-01-13T08:00:00Z", "answered 2026-01-13T18:00:00Z"},
			"2026-02-12", "2026-02-12", "2026-02-11", 0, false, deadlines.NotExtended},
		{"asked and answered", []string{"asked 2026-01-13T10:00:00Z", "answered 2026-01-20T09:00:00Z"},
			"2026-02-19", "2026-02-12", "2026-02-11", 7, false, deadlines.NotExtended},
		{"the pause is added before the roll-over", []string{"asked 2026-01-13T10:00:00Z", "answered 2026-01-15T09:00:00Z"},
			"2026-02-16", "2026-02-12", "2026-02-11", 2, false, deadlines.NotExtended},
		{"an answer that nobody asked for", []string{"answered 2026-01-20T09:00:00Z"},
			"2026-02-12", "2026-02-12", "2026-02-11", 0, false, deadlines.NotExtended},
		{"insufficient ends the pause, the late answer counts nothing",
			[]string{"asked 2026-01-13T10:00:00Z", "insufficient 2026-01-15T10:00:00Z", "answered 2026-01-20T10:00:00Z"},
			"2026-02-16", "2026-02-12", "2026-02-11", 2, false, deadlines.NotExtended},
		{"insufficient, asked again and answered",
			[]string{"asked 2026-01-13T10:00:00Z", "insufficient 2026-01-15T10:00:00Z", "asked 2026-01-19T10:00:00Z", "answered 2026-01-22T10:00:00Z"},
			"2026-02-17", "2026-02-12", "2026-02-11", 5, false, deadlines.NotExtended},
		{"insufficient, asked again and never answered",
			[]string{"asked 2026-01-13T10:00:00Z", "insufficient 2026-01-15T10:00:00Z", "asked 2026-01-19T10:00:00Z"},
			"2026-02-16", "2026-02-12", "2026-02-11", 2, true, deadlines.NotExtended},
		{"a reminder does not begin another pause",
			[]string{"asked 2026-01-13T10:00:00Z", "asked 2026-01-16T10:00:00Z", "answered 2026-01-20T10:00:00Z"},
			"2026-02-19", "2026-02-12", "2026-02-11", 7, false, deadlines.NotExtended},
		{"asked on the last day", []string{"asked 2026-02-12T22:59:59Z", "answered 2026-02-13T10:00:00Z"},
			"2026-02-13", "2026-02-12", "2026-02-11", 1, false, deadlines.NotExtended},
		{"asked after the last day", []string{"asked 2026-02-12T23:00:00Z", "answered 2026-02-20T10:00:00Z"},
			"2026-02-12", "2026-02-12", "2026-02-11", 0, false, deadlines.NotExtended},
		{"asked again within the paused term",
			[]string{"asked 2026-02-10T10:00:00Z", "answered 2026-02-17T10:00:00Z", "asked 2026-02-19T10:00:00Z", "answered 2026-02-20T10:00:00Z"},
			"2026-02-20", "2026-02-12", "2026-02-11", 8, false, deadlines.NotExtended},
		{"asked within the extended term", []string{"extended 2026-02-10T10:00:00Z", "asked 2026-03-02T10:00:00Z", "answered 2026-03-09T10:00:00Z"},
			"2026-04-20", "2026-04-12", "2026-04-12", 7, false, deadlines.ExtendedSafe},
		{"extended on the day of receipt", []string{"extended 2026-01-12T09:00:00Z"},
			"2026-04-13", "2026-04-12", "2026-04-12", 0, false, deadlines.ExtendedSafe},
		{"extended after the window but within the month", []string{"extended 2026-02-12T10:00:00Z"},
			"2026-04-13", "2026-04-12", "2026-04-12", 0, false, deadlines.ExtendedSafe},
		{"extended after the month", []string{"extended 2026-02-13T10:00:00Z"},
			"2026-02-12", "2026-02-12", "2026-02-11", 0, false, deadlines.NotExtended},
		{"a pause does not make a late extension good",
			[]string{"asked 2026-01-13T10:00:00Z", "answered 2026-01-20T09:00:00Z", "extended 2026-02-13T10:00:00Z"},
			"2026-02-19", "2026-02-12", "2026-02-11", 7, false, deadlines.NotExtended},
		{"extended twice counts once", []string{"extended 2026-02-10T10:00:00Z", "extended 2026-02-11T10:00:00Z"},
			"2026-04-13", "2026-04-12", "2026-04-12", 0, false, deadlines.ExtendedSafe},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := facts(t, received, c.events...)
			d := request(t, f)
			if d.Statutory.String() != c.statutory || d.Safe.String() != c.safe || d.Due.String() != c.due {
				t.Errorf("statutory, safe, due = %s %s %s, want %s %s %s", d.Statutory, d.Safe, d.Due, c.statutory, c.safe, c.due)
			}
			if d.Paused != c.paused || d.Waiting != c.waiting || d.Extension != c.extension {
				t.Errorf("paused, waiting, extension = %d %v %d, want %d %v %d", d.Paused, d.Waiting, d.Extension, c.paused, c.waiting, c.extension)
			}
			if d.Window.IsZero() != (c.extension == deadlines.ExtendedSafe) {
				t.Errorf("window = %s with extension %d", d.Window, c.extension)
			}
			slices.Reverse(f.Events)
			if diff := cmp.Diff(d, request(t, f)); diff != "" {
				t.Errorf("the order in which events are given matters (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnExtensionOnTheRolledDayDoesNotLoosenWhatIsEnforced(t *testing.T) {
	// The first month ends on Saturday 28 February, rolled to Monday 2 March.
	d := request(t, facts(t, "2026-01-28T10:00:00+01:00", "extended 2026-03-02T10:00:00+01:00"))
	if d.Extension != deadlines.ExtendedStatutory || d.Statutory.String() != "2026-04-28" {
		t.Errorf("extension, statutory = %d, %s", d.Extension, d.Statutory)
	}
	if d.Safe.String() != "2026-02-28" || d.Window.String() != "2026-02-27" || d.Due != d.Window {
		t.Errorf("safe, window, due = %s, %s, %s", d.Safe, d.Window, d.Due)
	}
}

func TestEventsWithoutEffectAreExplained(t *testing.T) {
	for want, events := range map[string][]string{
		"asked after the last day": {"asked 2026-02-13T10:00:00Z"},
		"Asking again":             {"asked 2026-01-13T10:00:00Z", "asked 2026-01-14T10:00:00Z"},
		"no question that pauses":  {"answered 2026-01-14T10:00:00Z"},
		"extends nothing":          {"extended 2026-02-13T10:00:00Z"},
		"extended once":            {"extended 2026-01-13T10:00:00Z", "extended 2026-01-14T10:00:00Z"},
		"not answered yet":         {"asked 2026-01-13T10:00:00Z"},
	} {
		said := func(d deadlines.RequestDeadline) bool {
			return slices.ContainsFunc(d.Basis, func(r deadlines.Rule) bool { return strings.Contains(r.Rule, want) })
		}
		if !said(request(t, facts(t, "2026-01-12T10:00:00+01:00", events...))) {
			t.Errorf("%v: the basis does not say %q", events, want)
		}
		if said(request(t, facts(t, "2026-01-12T10:00:00+01:00"))) {
			t.Errorf("without events the basis says %q", want)
		}
	}
}

func TestReadingsOfARequest(t *testing.T) {
	for _, c := range []struct {
		name, received string
		events         []string
		want           map[string]string
	}{
		{"an ordinary month has none", "2026-01-12T10:00:00+01:00", nil, map[string]string{}},
		{"a late pause", "2026-01-12T10:00:00+01:00", []string{"asked 2026-02-13T10:00:00Z", "answered 2026-02-14T10:00:00Z"}, map[string]string{}},
		{"an extension in time on the roll-over only", "2026-01-28T10:00:00+01:00", []string{"extended 2026-03-02T10:00:00Z"},
			map[string]string{"No roll-over, and none for the notice of an extension": "2026-02-28"}},
		{"two pauses", "2026-01-12T10:00:00+01:00",
			[]string{"asked 2026-01-13T10:00:00Z", "insufficient 2026-01-14T10:00:00Z", "asked 2026-01-15T10:00:00Z", "answered 2026-01-19T10:00:00Z"},
			map[string]string{ // 12 February + 5 = 17 February
				"No pause: the law has no words for one":                          "2026-02-12",
				"A pause counts both the day of asking and the day of the answer": "2026-02-19",
				"An insufficient answer does not end the pause":                   "2026-02-18",
				"The month begins again on the day of the answer":                 "2026-02-19",
			}},
		{"the extension notice within the paused month", "2026-01-12T10:00:00+01:00",
			[]string{"asked 2026-01-13T10:00:00Z", "answered 2026-01-20T10:00:00Z", "extended 2026-02-17T10:00:00Z"},
			map[string]string{
				"No pause: the law has no words for one":                          "2026-02-12",
				"A pause counts both the day of asking and the day of the answer": "2026-02-20",
				"The month begins again on the day of the answer":                 "2026-04-20",
				"A pause also stretches the month for the notice of an extension": "2026-04-20",
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := map[string]string{}
			for _, r := range request(t, facts(t, c.received, c.events...)).Readings {
				got[r.Reading] = r.Due.String()
				if r.Source == "" {
					t.Errorf("%q has no source", r.Reading)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestYearsWithoutADecreeAreMarked(t *testing.T) {
	for received, want := range map[string]bool{
		"2026-06-10T10:00:00Z": false, "2028-11-20T10:00:00Z": false,
		"2028-12-01T10:00:00Z": true, "2029-06-11T10:00:00Z": true, "2023-12-20T10:00:00Z": true,
	} {
		d := request(t, facts(t, received))
		got := slices.ContainsFunc(d.Basis, func(r deadlines.Rule) bool { return strings.Contains(r.Rule, "royal decree") })
		if got != want {
			t.Errorf("%s: marked = %v, want %v", received, got, want)
		}
	}
}

func TestImpossibleFactsAreRefused(t *testing.T) {
	good := facts(t, "2026-01-12T10:00:00+01:00", "asked 2026-01-13T10:00:00Z")
	request(t, good)
	for name, spoil := range map[string]func(*deadlines.RequestFacts){
		"no zone":                   func(f *deadlines.RequestFacts) { f.Zone = nil },
		"no receipt":                func(f *deadlines.RequestFacts) { f.Received = time.Time{} },
		"before the regulation":     func(f *deadlines.RequestFacts) { f.Received = f.Received.AddDate(-60, 0, 0) },
		"a negative window":         func(f *deadlines.RequestFacts) { f.Window = -1 },
		"an endless window":         func(f *deadlines.RequestFacts) { f.Window = 1 << 40 },
		"three months of extension": func(f *deadlines.RequestFacts) { f.ExtendMonths = 3 },
		"an unknown event":          func(f *deadlines.RequestFacts) { f.Events[0].Type = "paused" },
		"an event before receipt":   func(f *deadlines.RequestFacts) { f.Events[0].At = f.Received.Add(-time.Second) },
		"an event after all years":  func(f *deadlines.RequestFacts) { f.Events[0].At = f.Received.AddDate(4000, 0, 0) },
	} {
		f := good
		f.Events = slices.Clone(good.Events)
		spoil(&f)
		if _, _, err := deadlines.Enforced(f); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Enforced of %+v: err = %v, want %s", f, err, fault.Invalid)
		}
		if _, err := deadlines.Request(f); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: err = %v, want a refusal", name, err)
		}
	}
}

func TestRequestLeavesItsFactsAlone(t *testing.T) {
	f := facts(t, "2026-01-12T10:00:00+01:00", "answered 2026-01-20T10:00:00Z", "asked 2026-01-13T10:00:00Z")
	before := slices.Clone(f.Events)
	request(t, f)
	if diff := cmp.Diff(before, f.Events); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// holds checks what is true of every request.
func holds(t *testing.T, f deadlines.RequestFacts, d deadlines.RequestDeadline) {
	t.Helper()
	if d.Due.After(d.Safe) || d.Safe.After(d.Nominal) || d.Nominal.After(d.Statutory) {
		t.Errorf("due %s, safe %s, nominal %s, statutory %s are out of order", d.Due, d.Safe, d.Nominal, d.Statutory)
	}
	if !f.Calendar.Working(d.Statutory) || !f.Calendar.Working(d.ExtensionNoticeStatutory) {
		t.Errorf("statutory %s or its notice %s is no working day", d.Statutory, d.ExtensionNoticeStatutory)
	}
	if deadlines.DateOf(d.Ends, f.Zone) != d.Due.AddDays(1) || deadlines.DateOf(d.Ends.Add(-1), f.Zone) != d.Due {
		t.Errorf("ends = %s is not the end of %s", d.Ends, d.Due)
	}
	for _, r := range d.Readings {
		if r.Due.Before(d.Safe) || r.Due == d.Statutory {
			t.Errorf("reading %q = %s with safe %s and statutory %s", r.Reading, r.Due, d.Safe, d.Statutory)
		}
	}
	plain := f
	plain.Events = slices.DeleteFunc(slices.Clone(f.Events), func(e deadlines.Event) bool { return e.Type != deadlines.Extended })
	if p := request(t, plain); p.Safe != d.Safe || p.Due != d.Due || d.Statutory.Before(p.Statutory) {
		t.Errorf("pauses moved safe, due from %s, %s to %s, %s, or statutory back from %s to %s", p.Safe, p.Due, d.Safe, d.Due, p.Statutory, d.Statutory)
	}
	raw, err := json.Marshal(d)
	if err != nil || strings.Contains(string(raw), "null") {
		t.Errorf("JSON = %s, %v", raw, err)
	}
}

func TestALaterReceiptNeverMeansAnEarlierDate(t *testing.T) {
	for _, key := range []string{"NL", "BE", "none"} {
		f := facts(t, "2023-12-25T12:00:00Z")
		f.Calendar = calendar(t, key)
		last := request(t, f)
		for range 3 * 366 {
			f.Received = f.Received.AddDate(0, 0, 1)
			d := request(t, f)
			holds(t, f, d)
			if d.Nominal.Before(last.Nominal) || d.Statutory.Before(last.Statutory) || d.Due.Before(last.Due) {
				t.Fatalf("%s: received %s gives %s %s %s after %s %s %s", key, f.Received, d.Nominal, d.Statutory, d.Due, last.Nominal, last.Statutory, last.Due)
			}
			last = d
		}
	}
}

func FuzzRequest(f *testing.F) {
	f.Add(int64(1769590800), uint16(30), uint8(2), uint8(0), []byte{0, 1, 2, 7, 3, 20})
	f.Add(int64(1769590800), uint16(0), uint8(1), uint8(1), []byte{3, 33})
	f.Add(int64(1779590800), uint16(45), uint8(0), uint8(2), []byte{0, 1, 1, 2, 0, 1, 2, 9})
	zones := []string{"Europe/Amsterdam", "America/Havana", "Asia/Beirut", "Pacific/Apia", "America/Sao_Paulo", "UTC"}
	types := []deadlines.EventType{deadlines.Asked, deadlines.Insufficient, deadlines.Answered, deadlines.Extended}
	f.Fuzz(func(t *testing.T, received int64, window uint16, months, place uint8, ops []byte) {
		facts := deadlines.RequestFacts{
			Received:     time.Unix(received%(50*365*86400), 0).AddDate(30, 0, 0),
			Zone:         zone(t, zones[int(place)%len(zones)]),
			Calendar:     calendar(t, []string{"NL", "BE", "none"}[int(place)%3]),
			Window:       int(window % 400),
			ExtendMonths: int(months % 3),
		}
		now := facts.Received
		for i := 0; i+1 < len(ops) && i < 40; i += 2 {
			now = now.Add(time.Duration(ops[i+1]) * 11 * time.Hour)
			facts.Events = append(facts.Events, deadlines.Event{Type: types[ops[i]%4], At: now, UndueDelay: ops[i] > 200})
		}
		d, err := deadlines.Request(facts)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		enforcedAlike(t, facts, d)
		holds(t, facts, d)
	})
}
