package main

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/config"
	"inzage/config/demo"
	"inzage/services/audits"
	"inzage/services/document"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// filledDemo fills a demo as if it were started at now.
func filledDemo(t *testing.T, now time.Time) (*show, demo.World) {
	t.Helper()
	w, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(nil, []string{"INZAGE_DATA=" + t.TempDir(), "INZAGE_BASE_URL=http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	if err := makeMaster(cfg); err != nil {
		t.Fatal(err)
	}
	p, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	s := newShow(p, demoFolder{})
	if err := s.fill(t.Context()); err != nil {
		t.Fatalf("fill: %v", err)
	}
	return s, w
}

// The days are chosen for what could go wrong on them: just after midnight,
// the shortest month, and the hour that summer time skips. An ordinary day is
// the one on which the other tests run.
func TestDemoTellsItsStories(t *testing.T) {
	for _, day := range []string{"2027-03-01T00:01:00+01:00", "2026-03-29T03:10:00+02:00"} {
		t.Run(day, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, day)
			if err != nil {
				t.Fatal(err)
			}
			s, w := filledDemo(t, now)
			all := everyRequest(t, s.portal)
			checkEnds(t, s, w, all)
			checkSpecial(t, now, all)
			checkAudits(t, s, w)
			checkHistory(t, s.portal, now)
		})
	}
}

func everyRequest(t *testing.T, p *portal) []requests.Request {
	t.Helper()
	page, err := p.requests.Requests.List(t.Context(), document.Query{Index: "reference", Limit: 500})
	if err != nil || page.Next != "" {
		t.Fatalf("list every request: %v, and more %q", err, page.Next)
	}
	return page.Rows
}

// checkEnds holds every story to the state that it says it ends in.
func checkEnds(t *testing.T, s *show, w demo.World, all []requests.Request) {
	t.Helper()
	states := map[requests.State]bool{}
	said := map[requests.State]int{}
	for _, r := range all {
		states[r.State] = true
		said[r.State]--
	}
	for _, story := range w.Stories {
		said[requests.State(story.Ends)]++
	}
	said[requests.Forwarded]++ // the half that left the split request
	for state, n := range said {
		if n != 0 {
			t.Errorf("%d stories too many say that they end %s", n, state)
		}
	}
	for _, state := range []requests.State{requests.Unconfirmed, requests.Received, requests.Forwarded, requests.Acknowledged, requests.InProgress, requests.Identifying,
		requests.Decided, requests.Delivered, requests.Closed, requests.Withdrawn, requests.Misdirected, requests.Merged} {
		if !states[state] {
			t.Errorf("no request is %s", state)
		}
	}
	if n := len(s.pages().Accounts()); n < 20 {
		t.Errorf("only %d accounts", n)
	}
}

// checkSpecial looks for what a state alone does not tell.
func checkSpecial(t *testing.T, now time.Time, all []requests.Request) {
	t.Helper()
	tomorrow := now.AddDate(0, 0, 1).Format(time.DateOnly)
	has := func(what string, is func(requests.Request) bool) {
		t.Helper()
		if !slices.ContainsFunc(all, is) {
			t.Errorf("there is no request that is %s", what)
		}
	}
	has("overdue", func(r requests.Request) bool { return r.Open && r.State == requests.InProgress && r.Ends.Before(now) })
	// No 30 days and no month end on 30 March after a February of 28 days.
	if now.Month() != time.March || now.Day() < 28 {
		has("due tomorrow", func(r requests.Request) bool { return r.Open && r.Due == tomorrow })
	}
	has("extended", func(r requests.Request) bool { return r.Extension != nil })
	has("split", func(r requests.Request) bool { return r.SplitInto != "" })
	has("in triage", func(r requests.Request) bool {
		return r.State == requests.Received && r.Processor != "" && r.Controller == ""
	})
	has("answered on an identity question", func(r requests.Request) bool {
		return r.State == requests.Identifying && r.Identity[0].Replied != nil
	})
	has("waiting for a processor", func(r requests.Request) bool { return r.State == requests.InProgress && r.Waiting })
	has("entered from a letter", func(r requests.Request) bool { return r.Channel == requests.Letter })
	has("entered from a telephone call", func(r requests.Request) bool { return r.Channel == requests.Phone })
	has("refused", func(r requests.Request) bool {
		return r.Items[0].Decision != nil && r.Items[0].Decision.Outcome == requests.Denied
	})
	has("in English", func(r requests.Request) bool { return r.Language == "en" })
	has("handled by a processor", func(r requests.Request) bool { return r.State == requests.Delivered && r.Decides == requests.Processor })
}

// checkHistory holds the log to the order of time, with nothing in the future.
func checkHistory(t *testing.T, p *portal, now time.Time) {
	t.Helper()
	var last time.Time
	var costs bool
	for from := int64(0); ; {
		entries, err := p.ledger.Read(t.Context(), from, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			break
		}
		for _, e := range entries {
			from = e.Number + 1
			if e.Event.Outcome != ledger.Done {
				t.Errorf("entry %d: %s was refused: %v", e.Number, e.Event.Action, e.Event.Details)
			}
			// The accounts and agreements are made at the start, before the stories look back.
			if !strings.HasPrefix(e.Event.Action, "request.") {
				continue
			}
			if e.Event.At.Before(last) || e.Event.At.After(now) {
				t.Errorf("entry %d: %s at %s comes after %s", e.Number, e.Event.Action, e.Event.At, last)
			}
			last = e.Event.At
		}
	}
	page, err := p.requests.Assists.List(t.Context(), document.Query{Index: "remind", Equal: []any{false}, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range page.Rows {
		costs = costs || a.Bill != nil && len(a.Bill.Lines) > 0
	}
	if !costs {
		t.Error("no processor stated costs")
	}
}

// checkAudits holds that every audit of the demo is where its story ends, and
// that together they show every stage and every preset.
func checkAudits(t *testing.T, s *show, w demo.World) {
	t.Helper()
	stages, presets := map[audits.Stage]bool{}, map[string]bool{}
	ends := map[string]audits.Stage{}
	for _, o := range w.Organisations {
		org, err := s.identity.OrganisationAt(t.Context(), o.Slug)
		if err != nil {
			t.Fatal(err)
		}
		for _, open := range []bool{true, false} {
			page, err := s.audits.Audits.List(t.Context(), document.Query{Index: "controller", Equal: []any{org.ID, open}, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range page.Rows {
				stages[a.Stage] = true
				agreement, err := s.agreements.Applied(t.Context(), a.Agreement, a.Version)
				if err != nil {
					t.Fatal(err)
				}
				presets[agreement.Terms.Key] = true
				processor, err := s.identity.Organisation(t.Context(), a.Processor)
				if err != nil {
					t.Fatal(err)
				}
				ends[o.Slug+" "+processor.Slug+" "+string(a.Stage)] = a.Stage
			}
		}
	}
	for _, story := range w.Audits {
		if _, ok := ends[story.Controller+" "+story.Processor+" "+story.Ends]; !ok {
			t.Errorf("%s does not end as %s", story.Key, story.Ends)
		}
	}
	for _, stage := range audits.Stages() {
		if !stages[stage] {
			t.Errorf("no audit of the demo is %s", stage)
		}
	}
	if len(presets) != 5 {
		t.Errorf("the audits of the demo are under %v, want all five presets", presets)
	}
}
