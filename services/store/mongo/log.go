package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"inzage/services/document"
	"inzage/services/ledger"
)

// log is the append-only collection under the ledger: the number is the _id,
// so that of two writers one gets it.
type log struct{ records *mongo.Collection }

var _ ledger.Log = (*log)(nil)

const hashSize = 32

// entry is a record as it is stored.
type entry struct {
	Number int64  `bson:"_id"`
	Event  string `bson:"event"`
	Object string `bson:"object"`
	Data   []byte `bson:"data"`
	Hashes []byte `bson:"hashes"`
}

func (l *log) ready(ctx context.Context) error {
	have, err := indexNames(ctx, l.records)
	if err != nil {
		return err
	}
	return makeIndexes(ctx, l.records, have, []index{
		{name: "event", keys: bson.D{{Key: "event", Value: 1}}, unique: true},
		{name: "object", keys: bson.D{{Key: "object", Value: 1}, {Key: "_id", Value: 1}}},
	})
}

// Size is the number of records.
func (l *log) Size(ctx context.Context) (int64, error) {
	opts := options.FindOne().SetSort(bson.D{{Key: "_id", Value: -1}}).SetProjection(bson.D{{Key: "_id", Value: 1}})
	var last entry
	err := l.records.FindOne(ctx, bson.D{}, opts).Decode(&last)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 0, nil
	}
	if err != nil {
		return 0, trouble(err)
	}
	return last.Number + 1, nil
}

// Append stores records in order and stops at the first that is taken; those
// before it stay. A writer that dies in between leaves whole records and no
// gap, because every number follows one that is stored.
func (l *log) Append(ctx context.Context, records []ledger.Record) (int, error) {
	if len(records) == 0 {
		return 0, nil
	}
	size, err := l.Size(ctx)
	if err != nil {
		return 0, err
	}
	entries, err := entriesOf(records)
	if err != nil {
		return 0, err
	}
	if first := records[0].Number; first > size {
		return 0, fmt.Errorf("append record %d to a log of %d: there would be a gap", first, size)
	}
	_, err = l.records.InsertMany(ctx, entries, options.InsertMany().SetOrdered(true))
	var bulk mongo.BulkWriteException
	if !errors.As(err, &bulk) || len(bulk.WriteErrors) == 0 {
		if err != nil {
			return 0, trouble(err)
		}
		return len(records), nil
	}
	n := bulk.WriteErrors[0].Index
	if !mongo.IsDuplicateKeyError(bulk) || n < 0 || n >= len(records) {
		return max(0, min(n, len(records))), trouble(err)
	}
	return n, l.taken(ctx, records[n])
}

func entriesOf(records []ledger.Record) ([]entry, error) {
	entries := make([]entry, len(records))
	for i, r := range records {
		if want := records[0].Number + int64(i); r.Number != want {
			return nil, fmt.Errorf("append record %d where %d comes next: there would be a gap", r.Number, want)
		}
		entries[i] = entry{Number: r.Number, Event: r.EventID, Object: r.Object, Data: r.Data}
		for _, h := range r.Hashes {
			if len(h) != hashSize {
				return nil, fmt.Errorf("append record %d: a hash has %d bytes", r.Number, len(h))
			}
			entries[i].Hashes = append(entries[i].Hashes, h...)
		}
	}
	return entries, nil
}

// taken finds out which of the two was taken; servers word it differently.
func (l *log) taken(ctx context.Context, r ledger.Record) error {
	_, err := l.ByEvent(ctx, r.EventID)
	if err != nil && !errors.Is(err, document.ErrNotFound) {
		return err
	}
	return &ledger.Taken{Number: r.Number, EventID: r.EventID, Event: err == nil}
}

// Read returns records from a number on.
func (l *log) Read(ctx context.Context, from int64, limit int) ([]ledger.Record, error) {
	return l.read(ctx, limit, bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: from}}}})
}

// ByObject returns the records of one object above a number.
func (l *log) ByObject(ctx context.Context, object string, after int64, limit int) ([]ledger.Record, error) {
	return l.read(ctx, limit, bson.D{
		{Key: "object", Value: object},
		{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}},
	})
}

// ByEvent returns the record that sealed the event.
func (l *log) ByEvent(ctx context.Context, id string) (ledger.Record, error) {
	var e entry
	err := l.records.FindOne(ctx, bson.D{{Key: "event", Value: id}}).Decode(&e)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return ledger.Record{}, document.ErrNotFound
	}
	return e.record(), trouble(err)
}

func (l *log) read(ctx context.Context, limit int, filter bson.D) ([]ledger.Record, error) {
	if limit < 1 || limit > 10_000 {
		return nil, fmt.Errorf("read the log: a limit of %d is outside 1 to 10000", limit)
	}
	cursor, err := l.records.Find(ctx, filter, options.Find().SetLimit(int64(limit)).SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, trouble(err)
	}
	var entries []entry
	if err := cursor.All(ctx, &entries); err != nil {
		return nil, trouble(err)
	}
	out := make([]ledger.Record, len(entries))
	for i, e := range entries {
		out[i] = e.record()
	}
	return out, nil
}

func (e entry) record() ledger.Record {
	r := ledger.Record{Number: e.Number, EventID: e.Event, Object: e.Object, Data: e.Data}
	for h := e.Hashes; len(h) >= hashSize; h = h[hashSize:] {
		r.Hashes = append(r.Hashes, h[:hashSize:hashSize])
	}
	return r
}
