package mongo

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"inzage/services/document"
	"inzage/services/store"
)

// Insert stores a new document.
func (e *Engine) Insert(ctx context.Context, kind string, doc store.Raw) error {
	k, err := e.kind(kind)
	if err != nil {
		return err
	}
	doc.Turn = 1
	d, err := k.toBSON(doc)
	if err != nil {
		return err
	}
	_, err = k.docs.InsertOne(ctx, d)
	return written(err)
}

func written(err error) error {
	if mongo.IsDuplicateKeyError(err) {
		return document.ErrTaken
	}
	return trouble(err)
}

// Get returns one document.
func (e *Engine) Get(ctx context.Context, kind, id string) (store.Raw, error) {
	k, err := e.kind(kind)
	if err != nil {
		return store.Raw{}, err
	}
	return k.one(ctx, byID(id), options.FindOne())
}

func (k *kind) one(ctx context.Context, filter bson.D, opts *options.FindOneOptionsBuilder) (store.Raw, error) {
	raw, err := k.docs.FindOne(ctx, filter, opts).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return store.Raw{}, document.ErrNotFound
	}
	if err != nil {
		return store.Raw{}, trouble(err)
	}
	return fromBSON(raw)
}

// Find returns the one document with these keys in a unique index.
func (e *Engine) Find(ctx context.Context, kind, index string, equal []any) (store.Raw, error) {
	k, err := e.kind(kind)
	if err != nil {
		return store.Raw{}, err
	}
	ix, err := k.Index(index)
	if err != nil {
		return store.Raw{}, err
	}
	return k.one(ctx, equals(ix, equal), options.FindOne().SetHint(listName(ix)))
}

// Replace stores the document over the turn that was read: the filter names
// the turn, so a write in between matches nothing.
func (e *Engine) Replace(ctx context.Context, kind string, doc store.Raw) error {
	k, err := e.kind(kind)
	if err != nil {
		return err
	}
	return k.replace(ctx, doc)
}

func (k *kind) replace(ctx context.Context, doc store.Raw) error {
	filter := append(byID(doc.ID), bson.E{Key: turnField, Value: doc.Turn})
	doc.Turn++
	d, err := k.toBSON(doc)
	if err != nil {
		return err
	}
	res, err := k.docs.ReplaceOne(ctx, filter, d)
	if err != nil {
		return written(err)
	}
	if res.MatchedCount == 0 {
		return store.ErrMoved
	}
	return nil
}

// Range returns at most r.Limit documents, in the order of the index.
func (e *Engine) Range(ctx context.Context, kind string, r store.Range) ([]store.Raw, error) {
	k, err := e.kind(kind)
	if err != nil {
		return nil, err
	}
	ix, err := k.Index(r.Index)
	if err != nil {
		return nil, err
	}
	opts := options.Find().SetLimit(int64(r.Limit)).SetBatchSize(int32(r.Limit)). //nolint:gosec // at most 501
											SetSort(order(ix, r)).SetHint(listName(ix))
	return k.find(ctx, filter(ix, r), opts)
}

// Count counts the rows of r, at most r.Limit.
func (e *Engine) Count(ctx context.Context, kind string, r store.Range) (int, error) {
	k, err := e.kind(kind)
	if err != nil {
		return 0, err
	}
	ix, err := k.Index(r.Index)
	if err != nil {
		return 0, err
	}
	r.After = nil
	n, err := k.docs.CountDocuments(ctx, filter(ix, r), options.Count().SetLimit(int64(r.Limit)).SetHint(listName(ix)))
	return int(n), trouble(err)
}

// Delete removes a document that has no pending events.
func (e *Engine) Delete(ctx context.Context, kind, id string) error {
	k, err := e.kind(kind)
	if err != nil {
		return err
	}
	res, err := k.docs.DeleteOne(ctx, append(byID(id), bson.E{Key: "unsealed", Value: false}))
	if err != nil {
		return trouble(err)
	}
	if res.DeletedCount > 0 {
		return nil
	}
	if _, err := k.one(ctx, byID(id), options.FindOne()); err != nil {
		return err
	}
	return store.ErrPending
}

// Unsealed returns documents with pending events.
func (e *Engine) Unsealed(ctx context.Context, kind string, limit int) ([]store.Pending, error) {
	k, err := e.kind(kind)
	if err != nil {
		return nil, err
	}
	opts := options.Find().SetLimit(int64(limit)).SetSort(bson.D{{Key: "_id", Value: 1}}).SetHint(unsealedIndex).
		SetProjection(bson.D{{Key: "pending", Value: 1}})
	found, err := k.find(ctx, bson.D{{Key: "unsealed", Value: true}}, opts)
	if err != nil {
		return nil, err
	}
	out := make([]store.Pending, len(found))
	for i, doc := range found {
		if out[i], err = doc.Pending(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Settle takes sealed events out of their documents, one by one.
func (e *Engine) Settle(ctx context.Context, kind string, sealed []store.Settlement) error {
	k, err := e.kind(kind)
	if err != nil {
		return err
	}
	for _, s := range sealed {
		if err := k.settle(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// settle goes on until it wins: it competes with people, who are slow.
func (k *kind) settle(ctx context.Context, s store.Settlement) error {
	for {
		doc, err := k.one(ctx, byID(s.ID), options.FindOne())
		if errors.Is(err, document.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		next, changed, err := doc.Settle(s.Events)
		if err != nil || !changed {
			return err
		}
		if err := k.replace(ctx, next); !errors.Is(err, store.ErrMoved) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(rand.Int64N(int64(10 * time.Millisecond)))):
		}
	}
}
