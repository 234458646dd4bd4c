package mongo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"inzage/services/store"
)

// kind is a declared kind and its collection.
type kind struct {
	store.Schema
	docs *mongo.Collection
}

// unsealedIndex finds what waits for the drain.
const unsealedIndex = "unsealed"

// Declare fills in missing keys and makes the indexes. Indexes that are not
// declared any more stay, because another instance may still ask for them by
// name; only a unique one is dropped, since it would refuse documents.
func (e *Engine) Declare(ctx context.Context, s store.Schema) error {
	k := &kind{Schema: s, docs: e.in(s.Apart).Collection(s.Kind)}
	if err := k.fillKeys(ctx); err != nil {
		return trouble(fmt.Errorf("fill in keys: %w", err))
	}
	have, err := indexNames(ctx, k.docs)
	if err == nil {
		err = k.dropGuards(ctx, have)
	}
	if err == nil {
		err = makeIndexes(ctx, k.docs, have, k.indexes())
	}
	if err != nil {
		return trouble(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kinds[s.Kind] = k
	return nil
}

// index is an index by its name, which is never used for another definition.
type index struct {
	name   string
	keys   bson.D
	unique bool
}

func (k *kind) indexes() []index {
	out := []index{{name: unsealedIndex, keys: bson.D{{Key: "unsealed", Value: 1}, {Key: "_id", Value: 1}}}}
	for _, ix := range k.Indexes {
		out = append(out, index{name: listName(ix), keys: append(ascending(ix.Fields), bson.E{Key: "_id", Value: 1})})
		if ix.Unique {
			out = append(out, index{name: uniqueName(ix), keys: guardKeys(ix), unique: true})
		}
	}
	return out
}

// makeIndexes makes those that are not there yet. (FerretDB panics when asked
// again for one that is.)
func makeIndexes(ctx context.Context, in *mongo.Collection, have []string, want []index) error {
	for _, ix := range want {
		if slices.Contains(have, ix.name) {
			continue
		}
		model := mongo.IndexModel{Keys: ix.keys, Options: options.Index().SetName(ix.name)}
		if ix.unique {
			model.Options.SetUnique(true)
		}
		if _, err := in.Indexes().CreateOne(ctx, model); err != nil {
			return fmt.Errorf("make index %s: %w", ix.name, err)
		}
	}
	return nil
}

func indexNames(ctx context.Context, in *mongo.Collection) ([]string, error) {
	specs, err := in.Indexes().ListSpecifications(ctx)
	var server mongo.ServerError
	if errors.As(err, &server) && server.HasErrorCode(namespaceNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list indexes: %w", err)
	}
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.Name
	}
	return names, nil
}

// namespaceNotFound is how a server says that a collection does not exist yet.
const namespaceNotFound = 26

func guardKeys(ix store.Index) bson.D {
	if ix.Exempt {
		return bson.D{{Key: keysField + "." + guardName(ix), Value: 1}}
	}
	return ascending(ix.Fields)
}

func ascending(fields []store.Field) bson.D {
	out := bson.D{}
	for _, f := range fields {
		out = append(out, bson.E{Key: keyPath(f), Value: 1})
	}
	return out
}

func keyPath(f store.Field) string { return keysField + "." + keyName(f) }

// Names carry a digest of the definition: an index that is declared anew over
// other fields is another index, built beside the old one.
func listName(ix store.Index) string   { return "list_" + ix.Name + "_" + digest(ix) }
func uniqueName(ix store.Index) string { return "unique_" + ix.Name + "_" + digest(ix) }

func digest(ix store.Index) string {
	sum := sha256.Sum256(fmt.Append(nil, ix.Fields, ix.Exempt))
	return hex.EncodeToString(sum[:4])
}

// dropGuards drops unique indexes that are not declared any more.
func (k *kind) dropGuards(ctx context.Context, have []string) error {
	want := map[string]bool{}
	for _, ix := range k.Indexes {
		want[uniqueName(ix)] = ix.Unique
	}
	for _, name := range have {
		if !strings.HasPrefix(name, "unique_") || want[name] {
			continue
		}
		if err := k.docs.Indexes().DropOne(ctx, name); err != nil {
			return fmt.Errorf("drop index %s: %w", name, err)
		}
	}
	return nil
}

// fillKeys gives documents from before an index was declared their keys. A
// document that is written in between gets them by that write.
func (k *kind) fillKeys(ctx context.Context) error {
	for _, f := range k.Fields() {
		if err := k.fill(ctx, keyPath(f)); err != nil {
			return err
		}
	}
	for _, ix := range k.Indexes {
		if !ix.Exempt {
			continue
		}
		if err := k.fill(ctx, keysField+"."+guardName(ix)); err != nil {
			return err
		}
	}
	return nil
}

func (k *kind) fill(ctx context.Context, path string) error {
	missing := bson.D{{Key: path, Value: bson.D{{Key: "$exists", Value: false}}}}
	for {
		found, err := k.find(ctx, missing, options.Find().SetLimit(500))
		if err != nil || len(found) == 0 {
			return err
		}
		for _, doc := range found {
			keys, err := k.keys(doc.ID, doc.JSON)
			if err != nil {
				return err
			}
			filter := append(byID(doc.ID), bson.E{Key: turnField, Value: doc.Turn})
			set := bson.D{{Key: "$set", Value: bson.D{{Key: keysField, Value: keys}}}}
			if _, err := k.docs.UpdateOne(ctx, filter, set); err != nil {
				return err
			}
		}
	}
}

// find reads documents. Every caller bounds them.
func (k *kind) find(ctx context.Context, filter bson.D, opts *options.FindOptionsBuilder) (out []store.Raw, err error) {
	cursor, err := k.docs.Find(ctx, filter, opts)
	if err != nil {
		return nil, trouble(err)
	}
	defer func() { err = errors.Join(err, trouble(cursor.Close(ctx))) }()
	for cursor.Next(ctx) {
		doc, err := fromBSON(cursor.Current)
		if err != nil {
			return nil, err
		}
		out = append(out, doc)
	}
	return out, trouble(cursor.Err())
}
