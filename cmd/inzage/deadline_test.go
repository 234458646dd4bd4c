package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decoded runs a command with --json and reads its one object.
func decoded(t *testing.T, args ...string) map[string]any {
	t.Helper()
	code, out, errs := invoke(t, append(args, "--json")...)
	if code != 0 || errs != "" {
		t.Fatalf("%v: code = %d, stderr = %q", args, code, errs)
	}
	var got map[string]any
	dec := json.NewDecoder(strings.NewReader(out))
	if err := dec.Decode(&got); err != nil || dec.More() {
		t.Fatalf("%v: %q is not one object: %v", args, out, err)
	}
	return got
}

func words(s string) []string { return strings.Fields(s) }

// The values in the order of the columns of TestDeadlineRequest.
var requestKeys = []string{"nominal", "statutory", "safe", "due", "ends",
	"extension_notice_statutory", "extension_notice_safe", "refusal_notice_statutory", "refusal_notice_safe"}

func TestDeadlineRequest(t *testing.T) {
	for _, c := range []struct {
		name, args string
		want       string // the values of requestKeys
	}{
		{"a month and the default window", "--received 2026-01-12T10:00:00+01:00",
			"2026-02-12 2026-02-12 2026-02-12 2026-02-11 2026-02-12T00:00:00+01:00 2026-02-12 2026-02-12 2026-02-12 2026-02-12"},
		{"no window", "--received 2026-01-12T10:00:00+01:00 --window none",
			"2026-02-12 2026-02-12 2026-02-12 2026-02-12 2026-02-13T00:00:00+01:00 2026-02-12 2026-02-12 2026-02-12 2026-02-12"},
		{"a shorter window", "--received 2026-01-12T10:00:00+01:00 --window=14d",
			"2026-02-12 2026-02-12 2026-02-12 2026-01-26 2026-01-27T00:00:00+01:00 2026-02-12 2026-02-12 2026-02-12 2026-02-12"},
		{"the month ends before the window", "--received 2026-01-31T10:00:00+01:00",
			"2026-02-28 2026-03-02 2026-02-28 2026-02-28 2026-03-01T00:00:00+01:00 2026-03-02 2026-02-28 2026-03-02 2026-02-28"},
		{"extended in time", "--received 2026-01-31T10:00:00+01:00 --event extended=2026-02-28T23:59:59+01:00",
			"2026-04-30 2026-04-30 2026-04-30 2026-04-30 2026-05-01T00:00:00+02:00 2026-03-02 2026-02-28 2026-03-02 2026-02-28"},
		{"extended by one month", "--received 2026-01-31T10:00:00+01:00 --event extended=2026-02-20T10:00:00+01:00 --extend-months 1",
			"2026-03-31 2026-03-31 2026-03-31 2026-03-31 2026-04-01T00:00:00+02:00 2026-03-02 2026-02-28 2026-03-02 2026-02-28"},
		{"extended on the rolled day: the window still counts", "--received 2026-01-28T10:00:00+01:00 --event extended=2026-03-02T10:00:00+01:00",
			"2026-04-28 2026-04-28 2026-02-28 2026-02-27 2026-02-28T00:00:00+01:00 2026-03-02 2026-02-28 2026-03-02 2026-02-28"},
		{"extended too late", "--received 2026-01-28T10:00:00+01:00 --event extended=2026-03-03T00:00:00+01:00",
			"2026-02-28 2026-03-02 2026-02-28 2026-02-27 2026-02-28T00:00:00+01:00 2026-03-02 2026-02-28 2026-03-02 2026-02-28"},
		{"paused and extended", "--received 2026-01-12T10:00:00+01:00 --event asked=2026-01-13T10:00:00+01:00 --event answered=2026-01-20T10:00:00+01:00 --event extended=2026-02-10T10:00:00+01:00",
			"2026-04-12 2026-04-20 2026-04-12 2026-04-12 2026-04-13T00:00:00+02:00 2026-02-12 2026-02-12 2026-02-12 2026-02-12"},
		{"the day is the zone's", "--received 2026-03-31T22:30:00Z --zone UTC --country none --window none",
			"2026-04-30 2026-04-30 2026-04-30 2026-04-30 2026-05-01T00:00:00Z 2026-04-30 2026-04-30 2026-04-30 2026-04-30"},
		{"Belgium", "--received 2026-04-01T10:00:00+02:00 --zone Europe/Brussels --country BE --window none",
			"2026-05-01 2026-05-04 2026-05-01 2026-05-01 2026-05-02T00:00:00+02:00 2026-05-04 2026-05-01 2026-05-04 2026-05-01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := decoded(t, append(words("deadline request"), words(c.args)...)...)
			for i, want := range words(c.want) {
				if got[requestKeys[i]] != want {
					t.Errorf("%s = %v, want %s", requestKeys[i], got[requestKeys[i]], want)
				}
			}
			if len(got) != len(requestKeys)+2 {
				t.Errorf("keys of %v, want the nine values, readings and basis", got)
			}
			if basis, ok := got["basis"].([]any); !ok || len(basis) < 8 {
				t.Errorf("basis = %v", got["basis"])
			}
			if _, ok := got["readings"].([]any); !ok {
				t.Errorf("readings = %v, want an array", got["readings"])
			}
		})
	}
}

func TestDeadlineRequestReadings(t *testing.T) {
	got := decoded(t, words("deadline request --received 2026-03-03T10:00:00+01:00")...)
	want := []any{map[string]any{"reading": "Good Friday counts as a holiday", "due": "2026-04-07"}}
	if diff := cmp.Diff(want, got["readings"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, line := range got["basis"].([]any) {
		rule := line.(map[string]any)
		if len(rule) != 2 || rule["rule"] == "" || rule["source"] == "" {
			t.Errorf("basis line %v, want a rule and its source", rule)
		}
	}
}

func TestOtherDeadlines(t *testing.T) {
	for _, c := range []struct {
		name, args string
		want       map[string]any
	}{
		{"hours over a clock change", "hours --from 2026-03-28T10:00:00+01:00 --hours 72",
			map[string]any{"due": "2026-03-31T11:00:00+02:00", "safe": "2026-03-31T10:00:00+02:00"}},
		{"hours given in UTC are answered in the zone", "hours --from 2026-06-12T07:00:00Z --hours=72",
			map[string]any{"due": "2026-06-15T09:00:00+02:00", "safe": "2026-06-15T09:00:00+02:00"}},
		{"two days hold two working days", "days --from 2026-11-06T10:00:00+01:00 --days 2", map[string]any{"due": "2026-11-10"}},
		{"weeks", "days --from 1998-03-12T10:00:00+01:00 --weeks 3 --country none", map[string]any{"due": "1998-04-02"}},
		{"working days", "days --from 2026-05-04T10:00:00+02:00 --working-days 2", map[string]any{"due": "2026-05-07"}},
		{"audit by notice", "audit --announced 2026-12-18T10:00:00+01:00 --notice-days 14",
			map[string]any{"earliest": "2027-01-02", "earliest_working_day": "2027-01-04", "latest_notice": nil}},
		{"audit by notice in working days", "audit --announced 2026-04-20T10:00:00+02:00 --notice-working-days 10",
			map[string]any{"earliest": "2026-05-07", "earliest_working_day": "2026-05-07", "latest_notice": nil}},
		{"audit by frequency alone", "audit --last 2024-02-29 --years 1",
			map[string]any{"earliest": "2025-03-01", "earliest_working_day": "2025-03-03", "latest_notice": nil}},
		{"the later of notice and frequency", "audit --announced 2026-06-01T10:00:00+02:00 --notice-days 14 --last 2025-06-20 --years 1",
			map[string]any{"earliest": "2026-06-21", "earliest_working_day": "2026-06-22", "latest_notice": nil}},
		{"for cause the notice stays", "audit --announced 2026-06-01T10:00:00+02:00 --notice-days 14 --last 2025-06-20 --years 1 --for-cause",
			map[string]any{"earliest": "2026-06-16", "earliest_working_day": "2026-06-16", "latest_notice": nil}},
		{"for cause without a notice nothing bounds", "audit --last 2025-06-20 --years 1 --for-cause",
			map[string]any{"earliest": nil, "earliest_working_day": nil, "latest_notice": nil}},
		{"the latest notice for a planned day", "audit --on 2026-06-01 --notice-days 30",
			map[string]any{"earliest": nil, "earliest_working_day": nil, "latest_notice": "2026-05-01"}},
		{"the latest notice in working days", "audit --on 2026-05-07 --notice-working-days 10",
			map[string]any{"earliest": nil, "earliest_working_day": nil, "latest_notice": "2026-04-20"}},
		{"a planned day without a notice", "audit --on 2026-05-07 --last 2025-05-05 --years 1",
			map[string]any{"earliest": "2026-05-06", "earliest_working_day": "2026-05-06", "latest_notice": nil}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := decoded(t, append([]string{"deadline"}, words(c.args)...)...)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestDeadlineRefusals(t *testing.T) {
	const request = "deadline request --received 2026-02-03T10:00:00+01:00 "
	const days = "deadline days --from 2026-02-03T10:00:00+01:00 "
	for _, c := range []struct{ args, want string }{
		{"deadline", "Say which term"},
		{"deadline year", "Say which term"},
		{"deadline request extra --received 2026-02-03T10:00:00Z", `"extra"`},
		{"deadline request", "--received"},
		{"deadline request --received", "--received needs a value"},
		{"deadline request --received 2026-02-30T10:00:00+01:00", "2026-02-30"},
		{"deadline request --received 2026-02-03T10:00:00", "is not a moment"},
		{"deadline request --received 2026-02-03", "is not a moment"},
		{"deadline request --received 2026-02-03T24:00:00Z", "is not a moment"},
		{"deadline request --received 2026-02-03T1:00:00Z", "is not a moment"},
		{"deadline request --received 1900-02-03T10:00:00Z", "1971"},
		{request + "--received 2026-02-03T10:00:00Z", "--received is given twice"},
		{request + "--foo", "inzage deadline request has no flag --foo"},
		{request + "--hours 3", "no flag --hours"},
		{request + "--window 30", "--window"},
		{request + "--window 0d", "--window"},
		{request + "--window +30d", "--window"},
		{request + "--window 99999d", "window"},
		{request + "--extend-months 3", "--extend-months"},
		{request + "--event asked", "TYPE=MOMENT"},
		{request + "--event asked=2026-02-29T10:00:00Z", "2026-02-29"},
		{request + "--event paused=2026-02-10T10:00:00Z", `"paused"`},
		{request + "--event asked=2026-02-02T10:00:00Z", "before the receipt"},
		{request + "--zone Mars/Olympus", "Mars/Olympus"},
		{request + "--zone Local", "Local"},
		{request + "--zone=", "is not a time zone"},
		{request + "--country DE", `"DE"`},
		{request + "--json=perhaps", "perhaps"},
		{"deadline hours --from 2026-02-03T10:00:00Z", "--hours"},
		{"deadline hours --hours 72", "--from"},
		{"deadline hours --from 2026-02-03T10:00:00Z --hours 1.5", "whole number"},
		{"deadline hours --from 2026-02-03T10:00:00Z --hours 999999999", "from 1 to"},
		{days, "--working-days"},
		{days + "--days 0", "from 1"},
		{days + "--days -2", "from 1"},
		{days + "--days 2 --weeks 1", "not more"},
		{days + "--days 99999999999999999999", "whole number"},
		{"deadline audit", "at least"},
		{"deadline audit --on 2026-05-07", "at least"},
		{"deadline audit --announced 2026-02-03T10:00:00Z", "--notice-days"},
		{"deadline audit --notice-days 14", "--announced"},
		{"deadline audit --on 2026-02-30 --notice-days 14", "2026-02-30"},
		{"deadline audit --on 2026-2-3 --notice-days 14", "YYYY-MM-DD"},
		{"deadline audit --on 2026-03-02 --notice-days 14 --notice-working-days 10", "not in both"},
		{"deadline audit --last 2025-05-05", "belong together"},
		{"deadline audit --years 1 --announced 2026-02-03T10:00:00Z --notice-days 1", "belong together"},
		{"deadline audit --last 2025-05-05 --years 1000", "years"},
	} {
		t.Run(c.args, func(t *testing.T) { refused(t, c.want, words(c.args)...) })
	}
}

func TestFlagsStandBeforeOrAfterTheTerm(t *testing.T) {
	want := decoded(t, words("deadline hours --from 2026-06-12T09:00:00+02:00 --hours 24 --zone UTC")...)
	for _, args := range []string{
		"deadline --zone UTC --hours 24 hours --from 2026-06-12T09:00:00+02:00",
		"deadline --from=2026-06-12T09:00:00+02:00 --hours=24 --zone=UTC hours",
	} {
		if diff := cmp.Diff(want, decoded(t, words(args)...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", args, diff)
		}
	}
}

func TestTheExplanationCitesARuleForEveryLine(t *testing.T) {
	for _, args := range []string{
		"deadline request --received 2026-01-28T10:00:00+01:00",
		"deadline request --received 2026-01-28T10:00:00+01:00 --window none --event asked=2026-01-29T10:00:00+01:00 --event extended=2026-03-02T10:00:00+01:00",
		"deadline hours --from 2026-03-28T10:00:00+01:00 --hours 72",
		"deadline days --from 2026-11-06T10:00:00+01:00 --days 2",
		"deadline days --from 2026-11-06T10:00:00+01:00 --weeks 2",
		"deadline days --from 2026-05-04T10:00:00+02:00 --working-days 2",
		"deadline audit --announced 2026-06-01T10:00:00+02:00 --notice-days 30 --last 2025-06-20 --years 1 --on 2026-09-01",
	} {
		code, out, errs := invoke(t, words(args)...)
		if code != 0 || errs != "" {
			t.Fatalf("%s: code = %d, stderr = %q", args, code, errs)
		}
		values, _, _ := strings.Cut(out, "\n\n")
		lines := strings.Split(strings.TrimRight(values, "\n"), "\n")
		for i, l := range lines {
			value := !strings.HasPrefix(l, " ")
			if value && (i+2 >= len(lines) || !strings.HasPrefix(lines[i+2], "    [")) {
				t.Errorf("%s: the line %q has no rule with its source", args, l)
			}
		}
	}
}

func TestTheExplanationNamesTheDaysItRolledOver(t *testing.T) {
	_, out, _ := invoke(t, words("deadline request --received 2025-11-25T10:00:00+01:00")...)
	for _, want := range []string{"Mon 2025-12-29", "2025-12-25 Christmas Day", "2025-12-27 Saturday"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}
