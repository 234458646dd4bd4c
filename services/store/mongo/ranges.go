package mongo

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"inzage/services/store"
)

func equals(ix store.Index, keys []any) bson.D {
	out := bson.D{}
	for i, k := range keys {
		out = append(out, bson.E{Key: keyPath(ix.Fields[i]), Value: k})
	}
	return out
}

func order(ix store.Index, r store.Range) bson.D {
	direction := 1
	if r.Descending {
		direction = -1
	}
	out := bson.D{}
	for _, f := range ix.Fields[len(r.Equal):] {
		out = append(out, bson.E{Key: keyPath(f), Value: direction})
	}
	return append(out, bson.E{Key: "_id", Value: direction})
}

// filter says in plain operators what a row value says in SQL. Beside the
// alternatives that a cursor makes, the first field is bounded by itself, so
// that the server starts reading the index at the cursor.
func filter(ix store.Index, r store.Range) bson.D {
	out := equals(ix, r.Equal)
	rest := ix.Fields[len(r.Equal):]
	from, until, last := r.From, r.Until, any(nil)
	if r.After != nil && len(r.After.Keys) > 0 {
		switch first := r.After.Keys[0]; {
		case r.Descending:
			last = first
		case from == nil || store.Compare(first, from) > 0:
			from = first
		}
	}
	bound := bson.D{}
	for _, b := range []struct {
		operator string
		key      any
	}{{"$gte", from}, {"$lt", until}, {"$lte", last}} {
		if b.key != nil {
			bound = append(bound, bson.E{Key: b.operator, Value: b.key})
		}
	}
	if len(bound) > 0 {
		out = append(out, bson.E{Key: keyPath(rest[0]), Value: bound})
	}
	if r.After != nil {
		out = append(out, bson.E{Key: "$or", Value: beyond(rest, r)})
	}
	return out
}

// beyond spells out (a, b, id) > (x, y, z): a > x, or a = x and b > y, or
// a = x and b = y and id > z.
func beyond(rest []store.Field, r store.Range) bson.A {
	operator := "$gt"
	if r.Descending {
		operator = "$lt"
	}
	alternatives, ties := bson.A{}, bson.D{}
	for i, f := range rest {
		further := bson.E{Key: keyPath(f), Value: bson.D{{Key: operator, Value: r.After.Keys[i]}}}
		alternatives = append(alternatives, append(append(bson.D{}, ties...), further))
		ties = append(ties, bson.E{Key: keyPath(f), Value: r.After.Keys[i]})
	}
	further := bson.E{Key: "_id", Value: bson.D{{Key: operator, Value: r.After.ID}}}
	return append(alternatives, append(append(bson.D{}, ties...), further))
}
