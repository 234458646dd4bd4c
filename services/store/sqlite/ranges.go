package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"inzage/services/store"
)

// rangeText builds the query of a range and its arguments. The text depends on
// the shape only, so that each shape is built and prepared once.
//
// INDEXED BY pins the declared index: a query that it cannot serve is an
// error, never a scan.
//
// The limit is written as a sum: a plain parameter there makes SQLite plan the
// statement anew each time another value, or the same, is bound to it.
func (k *kind) rangeText(r store.Range, count bool) (string, []any, error) {
	ix, err := k.Index(r.Index)
	if err != nil {
		return "", nil, err
	}
	b := bounds(ix, r)
	shape := fmt.Sprintf("%s %d %v %v %v %v %v", r.Index, len(r.Equal), b.after, b.from, b.until, r.Descending, count)
	if text, ok := k.texts.Load(shape); ok {
		return text.(string), b.args(ix, r), nil
	}
	text := k.buildRange(ix, r, b, count)
	k.texts.Store(shape, text)
	return text, b.args(ix, r), nil
}

// limits says which bounds a query states. Only one of them may start the
// range: beside a row value that lies further on, the planner could pick the
// plain bound and read all rows in between.
type limits struct {
	after, from, until bool
	least              any // in place of a bound, when there is no other
}

func bounds(ix store.Index, r store.Range) limits {
	b := limits{after: r.After != nil, from: r.From != nil, until: r.Until != nil}
	if b.after && len(r.After.Keys) > 0 {
		first := r.After.Keys[0]
		switch {
		case !r.Descending && b.from && store.Compare(first, r.From) < 0:
			b.after = false // the cursor lies before the range: it begins at From
		case !r.Descending:
			b.from = false
		case b.until && store.Compare(first, r.Until) >= 0:
			b.after = false
		default:
			b.until = false
		}
	}
	if len(r.Equal) == 0 && !b.from && !b.until && !b.after {
		b.from, b.least = true, ix.Fields[0].Least()
	}
	return b
}

func (b limits) args(ix store.Index, r store.Range) []any {
	args := slices.Clone(r.Equal)
	if b.after {
		args = append(args, r.After.Keys...)
		args = append(args, lastKey(ix, args, r.After.ID))
	}
	if b.least != nil {
		args = append(args, b.least)
	} else if b.from {
		args = append(args, r.From)
	}
	if b.until {
		args = append(args, r.Until)
	}
	return append(args, r.Limit)
}

func (k *kind) buildRange(ix store.Index, r store.Range, b limits, count bool) string {
	var where []string
	for _, f := range ix.Fields[:len(r.Equal)] {
		where = append(where, quote(column(f))+" = ?")
	}
	if ix.Sparse {
		where = append(where, present(ix.Fields[0]))
	}
	order := append(split(ix.Fields[len(r.Equal):]), last(ix))
	compare, direction := ">", ""
	if r.Descending {
		compare, direction = "<", " DESC"
	}
	if b.after {
		marks := strings.TrimSuffix(strings.Repeat("?, ", len(order)), ", ")
		where = append(where, fmt.Sprintf("(%s) %s (%s)", strings.Join(order, ", "), compare, marks))
	}
	if b.from {
		where = append(where, order[0]+" >= ?")
	}
	if b.until {
		where = append(where, order[0]+" < ?")
	}
	from := fmt.Sprintf("FROM %s INDEXED BY %s WHERE %s", quote(k.Kind),
		quote(listIndex(k.Kind, ix.Name)), strings.Join(where, " AND "))
	if count {
		return "SELECT count(*) FROM (SELECT 1 " + from + " LIMIT ? + 0)"
	}
	return fmt.Sprintf("SELECT id, turn, unsealed, doc %s ORDER BY %s%s LIMIT ? + 0",
		from, strings.Join(order, direction+", "), direction)
}

func split(fields []store.Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = quote(column(f))
	}
	return out
}
