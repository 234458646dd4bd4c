package ui_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/views/ui"
)

var start = time.Date(2026, 11, 17, 0, 0, 0, 0, time.UTC)

func at(day int, kind ui.MarkKind, label string) ui.Mark {
	return ui.Mark{At: start.AddDate(0, 0, day), Kind: kind, Label: label}
}

func TestLayoutPlacesMarksInOrderOfTime(t *testing.T) {
	c := ui.Clock{Marks: []ui.Mark{
		at(30, ui.Enforced, "due"), at(0, ui.Event, "received"), at(40, ui.Reading, "last"), at(10, ui.Today, "today"),
	}}
	p := ui.Layout(c, 600, true)
	type place struct {
		Label         string
		Number, Place int
		Up            bool
	}
	var got []place
	for _, m := range p.Marks {
		got = append(got, place{m.Label, m.Number, m.Place, m.Up})
	}
	want := []place{{"received", 1, 0, true}, {"today", 2, 250, true}, {"due", 3, 750, false}, {"last", 4, 1000, false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	if p.Spent != 250 || p.Due != 750 || p.Late {
		t.Errorf("spent %d, due %d, late %t; want 250, 750, false", p.Spent, p.Due, p.Late)
	}
	if diff := cmp.Diff([]int{175, 350, 525, 700, 875}, p.Weeks); diff != "" {
		t.Errorf("weeks (-want +got):\n%s", diff)
	}
}

// An audit can take years; every mark stays on the line.
func TestLayoutOfALongTime(t *testing.T) {
	p := ui.Layout(ui.Clock{Marks: []ui.Mark{at(0, ui.Event, "Drafted"), at(150, ui.Event, "Begun"), at(1200, ui.Today, "Today")}}, 600, false)
	var places []int
	for _, m := range p.Marks {
		places = append(places, m.Place)
	}
	if want := []int{0, 125, 1000}; !slices.Equal(places, want) {
		t.Errorf("places = %v, want %v", places, want)
	}
}

func TestLayoutEdges(t *testing.T) {
	cases := []struct {
		name   string
		marks  []ui.Mark
		late   bool
		places []int
	}{
		{"no marks", nil, false, nil},
		{"one mark", []ui.Mark{at(0, ui.Event, "received")}, false, []int{500}},
		{"all on one day", []ui.Mark{at(0, ui.Event, "received"), at(0, ui.Enforced, "due")}, false, []int{500, 500}},
		{"on the last day", []ui.Mark{at(0, ui.Event, "received"), at(30, ui.Enforced, "due"), at(30, ui.Today, "today")}, false, []int{0, 1000, 1000}},
		{"a day late", []ui.Mark{at(0, ui.Event, "received"), at(30, ui.Enforced, "due"), at(31, ui.Today, "today")}, true, []int{0, 967, 1000}},
		{"a date before receipt", []ui.Mark{at(-10, ui.Event, "signed"), at(0, ui.Event, "received"), at(30, ui.Enforced, "due")}, false, []int{0, 250, 1000}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := ui.Layout(ui.Clock{Marks: c.marks}, 250, false)
			var places []int
			for _, m := range p.Marks {
				places = append(places, m.Place)
			}
			if diff := cmp.Diff(c.places, places); diff != "" || p.Late != c.late {
				t.Errorf("late %t, want %t; places (-want +got):\n%s", p.Late, c.late, diff)
			}
		})
	}
}

// Whatever the dates, no badge and no words touch another, at the width for
// which they were placed and at every larger one.
func TestNothingTouches(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	kinds := []ui.MarkKind{ui.Event, ui.Event, ui.Today, ui.Enforced, ui.Reading, ui.Reading, ui.Planned}
	checked := 0
	for round := range 400 {
		var marks []ui.Mark
		for i := range 2 + random.IntN(9) {
			marks = append(marks, at(random.IntN(60), kinds[random.IntN(len(kinds))], fmt.Sprintf("Mark %0*d", random.IntN(14), i)))
		}
		for _, words := range []bool{true, false} {
			width := map[bool]int{true: 600, false: 250}[words]
			p := ui.Layout(ui.Clock{Marks: marks}, width, words)
			for _, w := range []int{width, width + 37, 2 * width} {
				checked += touching(t, p, w, round)
			}
		}
	}
	if checked < 1000 {
		t.Fatalf("only %d pairs were compared", checked)
	}
}

func touching(t *testing.T, p ui.Plot, width, round int) (compared int) {
	t.Helper()
	type box struct{ x0, x1, y int }
	boxes := make([]box, len(p.Marks))
	for i, m := range p.Marks {
		x, words := m.Place*width/1000, 7*len([]rune(m.Text))
		if words > 0 {
			words += 5
		}
		boxes[i] = box{x - 11, x + 11 + words, m.Y}
		if m.Left {
			boxes[i] = box{x - 11 - words, x + 11, m.Y}
		}
		if m.Y < 11 || m.Y > p.Height-11 {
			t.Errorf("round %d: mark at height %d of %d", round, m.Y, p.Height)
		}
	}
	for i, a := range boxes {
		for _, b := range boxes[:i] {
			compared++
			if abs(a.y-b.y) < 22 && a.x0 < b.x1 && b.x0 < a.x1 {
				t.Errorf("round %d, %d px: %v touches %v", round, width, a, b)
			}
		}
	}
	return compared
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
