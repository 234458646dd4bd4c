package audits_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"inzage/services/audits"
)

// FuzzStages lets people do things to one audit in any order: each pair of
// bytes is an action and who tries it; straight as the action takes the audit to
// its next stage. Whatever succeeds is a row of the table and leaves its
// entry; whatever is refused changes nothing.
func FuzzStages(f *testing.F) {
	f.Add([]byte{255, 0, 255, 0, 11, 0, 14, 0})
	f.Add([]byte{11, 0, 12, 0, 255, 0, 255, 0, 255, 0, 25, 4, 28, 0})
	f.Add([]byte{255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0})
	f.Add([]byte{0, 7, 1, 6, 15, 0, 0, 0, 11, 0})
	w := newWorld(f, "mpg") // of the process: making one takes a hundred times as long as a walk
	f.Fuzz(func(t *testing.T, walk []byte) {
		w.t = t
		w.walk(walk)
	})
}

// TestRandomWalks is FuzzStages with as many walks as a test of every change
// has time for. The walks are others at each run.
func TestRandomWalks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	walks, steps, done := 15, 0, 0
	for range walks {
		walk := make([]byte, 40)
		for i := range walk {
			// A fourth goes the straight way, so that every stage is reached.
			if walk[i] = byte(rand.IntN(256)); i%8 == 0 {
				walk[i] = straight
			}
		}
		s, d := w.walk(walk)
		if steps, done = steps+s, done+d; t.Failed() {
			t.Fatalf("the walk was %v", walk)
		}
	}
	t.Logf("%d walks of %d steps: %d done, %d refused", walks, steps, done, steps-done)
	if done == 0 || steps < 100 {
		t.Error("nothing was tried")
	}
}

// straight takes the audit to its next stage.
const straight = 255

// walk lets people do to one audit what the walk says, and returns how many
// steps there were and how many were done.
func (w *world) walk(walk []byte) (steps, done int) {
	w.t.Helper()
	a := w.draft()
	names := append(audits.Relations(), "stranger", "half", "foreign_auditor", "operator", "nobody")
	for i := 0; i+1 < len(walk) && i < 40; i += 2 {
		if walk[i] == straight {
			// Once somebody went another way, the straight one may be shut.
			if a.Stage != audits.Closed && a.Stage != audits.Cancelled && done == 0 {
				w.forward(a)
			}
			a = w.get(a.ID)
			continue
		}
		table := audits.Table()
		row := table[int(walk[i])%len(table)]
		do := w.tries(a)[row.Action]
		if do == nil {
			continue
		}
		name := names[int(walk[i+1])%len(names)]
		if walk[i+1] >= 128 { // half of all tries are by somebody whom the table names
			name = row.By[int(walk[i+1])%len(row.By)]
		}
		before := len(w.events(a.ID))
		err := do(w.people()[name])
		after := w.get(a.ID)
		if steps++; err == nil {
			done++
		}
		w.follows(row, name, a, after, before, err)
		a = after
	}
	return steps, done
}

// follows holds one step against the table.
func (w *world) follows(row audits.Rule, name audits.Relation, was, is audits.Audit, entries int, err error) {
	w.t.Helper()
	done := slices.DeleteFunc(w.events(is.ID)[entries:], func(e string) bool { return strings.HasSuffix(e, " refused") })
	if err != nil {
		if is.Rev != was.Rev || len(done) > 0 {
			w.t.Errorf("%s in %s was refused (%v) and yet changed something: %v", row.Action, was.Stage, err, done)
		}
		return
	}
	if !slices.Contains(row.By, name) || !slices.Contains(row.From, was.Stage) {
		w.t.Errorf("%s is done in %s by %s", row.Action, was.Stage, name)
	}
	if is.Rev != was.Rev && len(done) == 0 {
		w.t.Errorf("%s in %s changed the audit and left no entry", row.Action, was.Stage)
	}
	if is.Stage != was.Stage && is.Stage != row.To {
		w.t.Errorf("%s led from %s to %s", row.Action, was.Stage, is.Stage)
	}
}
