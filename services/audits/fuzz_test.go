package audits_test

import (
	"slices"
	"strings"
	"testing"

	"inzage/services/audits"
)

// FuzzStages lets people do things to one audit in any order: each pair of
// bytes is an action and who tries it; 255 as the action takes the audit to
// its next stage. Whatever succeeds is a row of the table and leaves its
// entry; whatever is refused changes nothing.
func FuzzStages(f *testing.F) {
	f.Add([]byte{255, 0, 255, 0, 11, 0, 14, 0})
	f.Add([]byte{11, 0, 12, 0, 255, 0, 255, 0, 255, 0, 25, 4, 28, 0})
	f.Add([]byte{255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0})
	f.Add([]byte{0, 7, 1, 6, 15, 0, 0, 0, 11, 0})
	f.Fuzz(func(t *testing.T, walk []byte) {
		w := newWorld(t, "mpg")
		a := w.draft()
		names := append(audits.Relations(), "stranger", "half", "foreign_auditor", "operator", "nobody")
		for i := 0; i+1 < len(walk) && i < 30; i += 2 {
			if walk[i] == 255 {
				if a.Stage != audits.Closed && a.Stage != audits.Cancelled && untouched(a) {
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
			before := len(w.events(a.ID))
			err := do(w.people()[name])
			after := w.get(a.ID)
			w.follows(row, name, a, after, before, err)
			a = after
		}
	})
}

// untouched tells whether nobody took a step that makes the straight way to the
// next stage impossible, such as calling off or naming somebody else.
func untouched(a audits.Audit) bool {
	return a.Auditor != nil && a.Auditor.Objection == nil && len(a.Inquiries) <= 1 && len(a.Proposals) <= 1 && len(a.Measures) == 0 && len(a.Costs) == 0 && len(a.Findings) <= 1 && a.Access == ""
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
