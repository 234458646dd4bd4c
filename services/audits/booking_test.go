package audits_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/fault"

	"github.com/google/go-cmp/cmp"
)

func terms(t testing.TB, key string) agreements.Terms {
	t.Helper()
	if key == "harbour-data" {
		source, err := os.ReadFile("../agreements/testdata/harbour.yaml")
		if err != nil {
			t.Fatal(err)
		}
		terms, problems := agreements.Parse(source)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return terms
	}
	terms, err := agreements.Preset(key)
	if err != nil {
		t.Fatal(err)
	}
	return terms
}

func day(t *testing.T, s string) deadlines.Date {
	t.Helper()
	if s == "" {
		return deadlines.Date{}
	}
	d, err := deadlines.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	moment, err := deadlines.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func yes() *bool { b := true; return &b }
func no() *bool  { b := false; return &b }

// complete is everything any agreement asks for, announced on 1 June 2026.
func complete(t *testing.T) audits.Facts {
	return audits.Facts{
		Announced: at(t, "2026-06-01T10:00:00+02:00"), Written: yes(), On: day(t, "2026-07-15"), LastAudit: day(t, "2025-05-01"),
		Notice:          audits.NoticeText{Method: "m", Auditor: "a", Information: "i", Locations: "l", Arguments: "r"},
		Reports:         audits.Reports{Asked: yes(), Available: yes(), Received: yes(), Assessment: audits.Inconclusive},
		BreachIndicated: yes(),
		Auditor:         audits.AuditorFacts{Independent: yes(), RegisterEDP: yes(), ICTExpert: yes(), BoundToSecrecy: yes(), UndertakingSigned: yes()},
	}
}

// verdicts are the lines' verdicts in order, as o, m, t, r; capitals are silent.
func verdicts(a audits.Answer) string {
	var b strings.Builder
	for _, l := range a.Lines {
		v := map[string]string{audits.OK: "o", audits.Missing: "m", audits.TooEarly: "t", audits.Refused: "r"}[l.Verdict]
		if l.Silent {
			v = strings.ToUpper(v)
		}
		b.WriteString(v)
	}
	return b.String()
}

func TestCheck(t *testing.T) {
	type facts = audits.Facts
	nothing := func(f *facts) { *f = facts{} }
	tests := []struct {
		name, key string
		change    func(*facts)
		verdict   string
		earliest  string
		lines     string // precondition notice content frequency auditor confidentiality cooperation
	}{
		{"complete", "vcare", func(*facts) {}, "allowed", "2026-06-01", "OoOOooo"},
		{"complete", "inserve", func(*facts) {}, "allowed", "", "OOOOoOo"},
		{"complete", "qputer", func(*facts) {}, "allowed", "2026-07-02", "oooOooo"},
		{"complete", "idea-online", func(*facts) {}, "allowed", "", "OOOOoOO"},
		{"complete", "mpg", func(*facts) {}, "allowed", "2026-06-16", "ooooooo"},
		{"complete", "harbour-data", func(*facts) {}, "allowed", "2026-06-16", "oooooOo"},

		{"nothing known", "vcare", nothing, "conditional", "", "OmOOmmo"},
		{"nothing known", "inserve", nothing, "allowed", "", "OOOOoOo"},
		{"nothing known", "qputer", nothing, "conditional", "", "mmmOmmo"},
		{"nothing known", "idea-online", nothing, "allowed", "", "OOOOoOO"},
		{"nothing known", "mpg", nothing, "conditional", "", "mmmommo"},

		{"reports not asked", "mpg", func(f *facts) { f.Reports = audits.Reports{} }, "conditional", "2026-06-16", "moooooo"},
		{"reports asked, no answer", "mpg", func(f *facts) { f.Reports = audits.Reports{Asked: yes()} }, "conditional", "2026-06-16", "moooooo"},
		{"no reports", "mpg", func(f *facts) {
			f.Reports = audits.Reports{Asked: yes(), Available: no()}
			f.Notice = audits.NoticeText{}
		}, "allowed", "2026-06-16", "ooooooo"},
		{"no reports, but never asked", "mpg", func(f *facts) { f.Reports = audits.Reports{Asked: no(), Available: no()} }, "conditional", "2026-06-16", "moooooo"},
		{"reports not received", "mpg", func(f *facts) { f.Reports.Received = no() }, "conditional", "2026-06-16", "moooooo"},
		{"reports not assessed", "mpg", func(f *facts) { f.Reports.Assessment = "" }, "conditional", "2026-06-16", "moooooo"},
		{"reports conclusive", "mpg", func(f *facts) { f.Reports.Assessment = audits.Conclusive }, "blocked", "2026-06-16", "roooooo"},
		{"reports inconclusive without arguments", "mpg", func(f *facts) { f.Notice.Arguments = " " }, "conditional", "2026-06-16", "momoooo"},
		{"breach not indicated", "qputer", func(f *facts) { f.BreachIndicated = no() }, "blocked", "2026-07-02", "rooOooo"},
		{"breach unknown", "qputer", func(f *facts) { f.BreachIndicated = nil }, "conditional", "2026-07-02", "mooOooo"},

		{"on the last day of the notice", "mpg", func(f *facts) { f.On = day(t, "2026-06-15") }, "too_early", "2026-06-16", "otooooo"},
		{"on the first day", "mpg", func(f *facts) { f.On = day(t, "2026-06-16") }, "allowed", "2026-06-16", "ooooooo"},
		{"late in the evening is the same day", "mpg", func(f *facts) { f.Announced = at(t, "2026-06-01T23:50:00+02:00"); f.On = day(t, "2026-06-16") }, "allowed", "2026-06-16", "ooooooo"},
		{"half past midnight here is the next day", "mpg", func(f *facts) { f.Announced = at(t, "2026-06-01T22:30:00Z"); f.On = day(t, "2026-06-16") }, "too_early", "2026-06-17", "otooooo"},
		{"thirty days", "qputer", func(f *facts) { f.On = day(t, "2026-07-01") }, "too_early", "2026-07-02", "otoOooo"},
		{"thirty days over a leap day", "qputer", func(f *facts) { f.Announced = at(t, "2028-01-30T10:00:00+01:00"); f.On = day(t, "2028-03-01") }, "allowed", "2028-03-01", "oooOooo"},
		{"before it was announced", "vcare", func(f *facts) { f.On = day(t, "2026-05-31") }, "too_early", "2026-06-01", "OtOOooo"},
		{"no day wanted", "mpg", func(f *facts) { f.On = deadlines.Date{} }, "allowed", "2026-06-16", "ooooooo"},
		{"not announced", "mpg", func(f *facts) { f.Announced = time.Time{} }, "conditional", "", "omooooo"},
		{"not in writing", "vcare", func(f *facts) { f.Written = no() }, "conditional", "", "OmOOooo"},
		{"not in writing", "qputer", func(f *facts) { f.Written = no() }, "conditional", "", "omoOooo"},
		{"writing unknown", "qputer", func(f *facts) { f.Written = nil }, "conditional", "2026-07-02", "omoOooo"},
		{"writing is not asked", "mpg", func(f *facts) { f.Written = no() }, "allowed", "2026-06-16", "ooooooo"},
		{"notice lacks the locations", "qputer", func(f *facts) { f.Notice.Locations = "" }, "conditional", "2026-07-02", "oomOooo"},

		{"within the year", "mpg", func(f *facts) { f.LastAudit = day(t, "2025-07-15") }, "too_early", "2026-07-16", "oootooo"},
		{"the day after the anniversary", "mpg", func(f *facts) { f.LastAudit = day(t, "2025-07-14") }, "allowed", "2026-07-15", "ooooooo"},
		{"after a leap day", "mpg", func(f *facts) {
			f.LastAudit = day(t, "2028-02-29")
			f.Announced = at(t, "2029-01-02T10:00:00+01:00")
			f.On = day(t, "2029-02-28")
		}, "too_early", "2029-03-01", "oootooo"},
		{"for cause within the year", "mpg", func(f *facts) { f.LastAudit = day(t, "2026-05-01"); f.ForCause = true }, "allowed", "2026-06-16", "ooooooo"},
		{"for cause keeps the notice", "mpg", func(f *facts) { f.ForCause = true; f.On = day(t, "2026-06-10") }, "too_early", "2026-06-16", "otooooo"},
		{"for cause keeps the precondition", "qputer", func(f *facts) { f.ForCause = true; f.BreachIndicated = no() }, "blocked", "2026-07-02", "rooOooo"},
		{"first audit", "mpg", func(f *facts) { f.LastAudit = deadlines.Date{} }, "allowed", "2026-06-16", "ooooooo"},

		{"not independent", "vcare", func(f *facts) { f.Auditor.Independent = no() }, "blocked", "2026-06-01", "OoOOroo"},
		{"no RE is needed", "mpg", func(f *facts) { f.Auditor.RegisterEDP = no() }, "allowed", "2026-06-16", "ooooooo"},
		{"no RE", "qputer", func(f *facts) { f.Auditor.RegisterEDP = no() }, "blocked", "2026-07-02", "oooOroo"},
		{"no ICT expert", "mpg", func(f *facts) { f.Auditor.ICTExpert = no() }, "blocked", "2026-06-16", "ooooroo"},
		{"not bound to secrecy", "mpg", func(f *facts) { f.Auditor.BoundToSecrecy = no() }, "blocked", "2026-06-16", "ooooroo"},
		{"qualification unknown", "qputer", func(f *facts) { f.Auditor.RegisterEDP = nil }, "conditional", "2026-07-02", "oooOmoo"},
		{"anyone may", "inserve", func(f *facts) { f.Auditor = audits.AuditorFacts{Independent: no()} }, "allowed", "", "OOOOoOo"},
		{"undertaking not signed", "mpg", func(f *facts) { f.Auditor.UndertakingSigned = no() }, "conditional", "2026-06-16", "ooooomo"},
		{"undertaking unknown", "vcare", func(f *facts) { f.Auditor.UndertakingSigned = nil }, "conditional", "2026-06-01", "OoOOomo"},
		{"refused is worse than missing and early", "mpg", func(f *facts) {
			f.Auditor.Independent, f.Auditor.UndertakingSigned, f.On = no(), nil, day(t, "2026-06-02")
		}, "blocked", "2026-06-16", "otoormo"},
		{"missing is worse than early", "mpg", func(f *facts) { f.Auditor.UndertakingSigned, f.On = nil, day(t, "2026-06-02") }, "conditional", "2026-06-16", "otooomo"},

		{"ten working days over Belgian holidays", "harbour-data", func(f *facts) { f.Announced = at(t, "2026-07-13T10:00:00+02:00"); f.On = day(t, "2026-07-28") }, "too_early", "2026-07-29", "otoooOo"},
		{"a shorter notice and no precondition for cause", "harbour-data", func(f *facts) {
			f.ForCause, f.BreachIndicated, f.Reports, f.On = true, no(), audits.Reports{}, day(t, "2026-06-04")
		}, "allowed", "2026-06-04", "oooooOo"},
		{"information not asked", "harbour-data", func(f *facts) { f.Reports = audits.Reports{} }, "conditional", "2026-06-16", "moooo" + "Oo"},
		{"twice in three years, one known", "harbour-data", func(f *facts) { f.LastAudit = day(t, "2026-05-01") }, "allowed", "2026-06-16", "oooooOo"},
		{"twice in three years, two known", "harbour-data", func(f *facts) {
			f.LastAudit, f.Earlier = day(t, "2026-05-01"), []deadlines.Date{day(t, "2020-01-01"), day(t, "2024-03-10")}
		}, "too_early", "2027-03-11", "oootoOo"},
		{"one of two qualifications is enough", "harbour-data", func(f *facts) { f.Auditor.RegisterEDP = no() }, "allowed", "2026-06-16", "oooooOo"},
		{"none of the qualifications", "harbour-data", func(f *facts) { f.Auditor.RegisterEDP, f.Auditor.ICTExpert = no(), no() }, "blocked", "2026-06-16", "oooorOo"},
		{"one not, the other unknown", "harbour-data", func(f *facts) { f.Auditor.RegisterEDP, f.Auditor.ICTExpert = no(), nil }, "conditional", "2026-06-16", "oooomOo"},
	}
	for _, tt := range tests {
		t.Run(tt.key+" "+tt.name, func(t *testing.T) {
			f := complete(t)
			tt.change(&f)
			a, err := audits.Check(terms(t, tt.key), f)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{a.Verdict, a.Earliest.String(), verdicts(a)}
			if diff := cmp.Diff([]string{tt.verdict, tt.earliest, tt.lines}, got); diff != "" {
				t.Errorf("Check (-want +got):\n%s", diff)
			}
		})
	}
}

// The order of the lines never changes, and each line names its clause or the law.
func TestLinesNameTheirClause(t *testing.T) {
	const h = "28(3)(h) GDPR"
	want := map[string][]string{
		"vcare":       {h, "9.2", h, h, "9.1", "9.3", "9.1"},
		"inserve":     {h, h, h, h, "4.3", h, "4.3"},
		"qputer":      {"5.2", "5.3", "5.3", h, "5.2", "5.2", "5.5"},
		"idea-online": {h, h, h, h, "4.5", h, h},
		"mpg":         {"10.2", "10.2", "10.2", "10.2", "10.1", "10.1", "10.3"},
	}
	order := []string{"precondition", "notice", "notice_content", "frequency", "auditor", "confidentiality", "cooperation"}
	for key, clauses := range want {
		a, err := audits.Check(terms(t, key), complete(t))
		if err != nil {
			t.Fatal(err)
		}
		var rules, got []string
		for _, l := range a.Lines {
			rules, got = append(rules, l.Rule), append(got, l.Clause)
			if l.Says == "" || strings.Contains(l.Says, "%!") || l.Silent != l.Chip.Silent {
				t.Errorf("%s %s says %q", key, l.Rule, l.Says)
			}
		}
		if diff := cmp.Diff(order, rules); diff != "" {
			t.Errorf("%s order (-want +got):\n%s", key, diff)
		}
		if diff := cmp.Diff(clauses, got); diff != "" {
			t.Errorf("%s clauses (-want +got):\n%s", key, diff)
		}
	}
}

func TestNoticeInMonths(t *testing.T) {
	agreed := terms(t, "mpg")
	agreed.Audit.Notice.Period = agreements.Period{Months: 1}
	f := complete(t)
	f.Announced, f.On = at(t, "2027-01-31T10:00:00+01:00"), day(t, "2027-02-28")
	a, err := audits.Check(agreed, f)
	if err != nil {
		t.Fatal(err)
	}
	if a.Earliest != day(t, "2027-03-01") || a.Verdict != audits.TooEarly {
		t.Errorf("earliest %s verdict %s, want 2027-03-01 too_early", a.Earliest, a.Verdict)
	}
}

// Not announced yet: the answer says by when it must be.
func TestTheLastDayToAnnounce(t *testing.T) {
	f := complete(t)
	f.Announced, f.On = time.Time{}, day(t, "2026-06-16")
	a, err := audits.Check(terms(t, "mpg"), f)
	if err != nil {
		t.Fatal(err)
	}
	if a.LatestNotice != day(t, "2026-06-01") || !strings.Contains(a.Lines[1].Says, "2026-06-01") {
		t.Errorf("latest notice %s, says %q, want 2026-06-01", a.LatestNotice, a.Lines[1].Says)
	}
}

func TestUnknownAssessmentIsRefused(t *testing.T) {
	f := complete(t)
	f.Reports.Assessment = "fine"
	if _, err := audits.Check(terms(t, "mpg"), f); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Check = %v, want an Invalid refusal", err)
	}
}

func TestInformationDue(t *testing.T) {
	tests := []struct {
		key, want string
		agreed    bool
	}{{"mpg", "2026-06-15", true}, {"qputer", "", false}, {"idea-online", "", false}, {"harbour-data", "2026-06-06", true}}
	for _, tt := range tests {
		due, err := audits.InformationDue(terms(t, tt.key), at(t, "2026-06-01T10:00:00+02:00"))
		if err != nil || due.Day != day(t, tt.want) || due.Agreed != tt.agreed {
			t.Errorf("%s: due %+v %v, want %s %v", tt.key, due, err, tt.want, tt.agreed)
		}
	}
	// Every unit ends when it was agreed to end, and says when holidays are not known.
	for _, tt := range []struct {
		within    agreements.Period
		day, ends string
		unknown   bool
	}{
		{agreements.Period{Hours: 36}, "2026-06-02", "2026-06-02T12:30:00+02:00", false},
		{agreements.Period{WorkingDays: 3}, "2026-06-04", "2026-06-05T00:00:00+02:00", true},
		{agreements.Period{Months: 1}, "2026-07-01", "2026-07-02T00:00:00+02:00", false},
	} {
		agreed := terms(t, "mpg")
		cooperation := *agreed.Audit.Cooperation
		cooperation.Within, agreed.Audit.Cooperation, agreed.Country = tt.within, &cooperation, ""
		due, err := audits.InformationDue(agreed, at(t, "2026-06-01T00:30:00+02:00"))
		if err != nil || due.Day != day(t, tt.day) || !due.Ends.Equal(at(t, tt.ends)) || due.Unknown != tt.unknown {
			t.Errorf("%s: %+v, %v; want %s until %s, unknown %v", tt.within, due, err, tt.day, tt.ends, tt.unknown)
		}
	}
}

// However the facts fall: the worst line decides, an earlier announcement never
// makes a day less lawful, and a later day is never earlier than too early.
func TestProperties(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same cases every run
	unsure := func() *bool { return []*bool{nil, yes(), no()}[rnd.IntN(3)] }
	grave := map[string]int{audits.Allowed: 0, audits.TooEarly: 1, audits.Conditional: 2, audits.Blocked: 3}
	start := day(t, "2026-01-01")
	for _, key := range append(agreements.Keys(), "harbour-data") {
		agreed := terms(t, key)
		for range 200 {
			f := complete(t)
			f.Announced = f.Announced.AddDate(0, 0, rnd.IntN(400))
			f.On = start.AddDays(rnd.IntN(800))
			f.LastAudit = start.AddDays(rnd.IntN(700) - 400)
			f.Written, f.BreachIndicated, f.ForCause = unsure(), unsure(), rnd.IntN(4) == 0
			f.Reports = audits.Reports{Asked: unsure(), Available: unsure(), Received: unsure(), Assessment: []string{"", audits.Conclusive, audits.Inconclusive}[rnd.IntN(3)]}
			f.Auditor.Independent, f.Auditor.UndertakingSigned = unsure(), unsure()
			a := check(t, agreed, f)
			earlier, later := f, f
			earlier.Announced = f.Announced.AddDate(0, 0, -1-rnd.IntN(60))
			later.On = f.On.AddDays(rnd.IntN(90))
			if b := check(t, agreed, earlier); grave[b.Verdict] > grave[a.Verdict] || b.Earliest.After(a.Earliest) {
				t.Fatalf("%s: announcing earlier went from %s %s to %s %s\n%+v", key, a.Verdict, a.Earliest, b.Verdict, b.Earliest, f)
			}
			if b := check(t, agreed, later); grave[b.Verdict] > grave[a.Verdict] {
				t.Fatalf("%s: a later day went from %s to %s\n%+v", key, a.Verdict, b.Verdict, f)
			}
			early := false
			for _, l := range a.Lines {
				if l.Verdict == audits.TooEarly {
					early = true
					if !f.On.Before(l.Until) {
						t.Fatalf("%s: %s is too early until %s on %s", key, l.Rule, l.Until, f.On)
					}
				}
			}
			if early && !a.Earliest.IsZero() && !f.On.Before(a.Earliest) {
				t.Fatalf("%s: too early on %s, though the earliest day is %s", key, f.On, a.Earliest)
			}
			if a.Verdict == audits.Allowed && f.On.Before(a.Earliest) {
				t.Fatalf("%s: allowed on %s, before %s", key, f.On, a.Earliest)
			}
		}
	}
}

func check(t *testing.T, agreed agreements.Terms, f audits.Facts) audits.Answer {
	t.Helper()
	a, err := audits.Check(agreed, f)
	if err != nil {
		t.Fatalf("Check(%+v): %v", f, err)
	}
	return a
}
