package mongo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/vault"
)

// Blobs keeps encrypted files in GridFS. It is a vault.Blobs.
//
// A file is visible once its GridFS file document is there, which is written
// last. Its chunks lie under an id of the attempt, so that two attempts at one
// name never mix; a unique index on the name lets one of them commit. A mark
// in "files.begun" remembers an attempt until it is committed or removed.
type Blobs struct {
	bucket *mongo.GridFSBucket
	begun  *mongo.Collection
}

var _ vault.Blobs = (*Blobs)(nil)

// ErrTaken refuses a second blob of one name.
var ErrTaken = fault.New(fault.Conflict, "This file already exists.")

const (
	// chunkSize is GridFS's own default: a reader gets about a hundred chunks at a time.
	chunkSize = 255 << 10
	// abandonedAfter is longer than any upload is allowed to take.
	abandonedAfter = 48 * time.Hour
)

// Blobs opens the files of the store and removes what was begun and abandoned
// two days before now.
func (e *Engine) Blobs(ctx context.Context, now time.Time) (*Blobs, error) {
	db := e.in("")
	b := &Blobs{
		bucket: db.GridFSBucket(options.GridFSBucket().SetName("files").SetChunkSizeBytes(chunkSize)),
		begun:  db.Collection("files.begun"),
	}
	files := b.bucket.GetFilesCollection()
	have, err := indexNames(ctx, files)
	if err == nil {
		err = makeIndexes(ctx, files, have, []index{
			{name: "name", keys: bson.D{{Key: "filename", Value: 1}}, unique: true},
			{name: "object", keys: bson.D{{Key: "metadata.object", Value: 1}}},
		})
	}
	if err == nil {
		err = b.dropBegun(ctx, bson.D{{Key: "at", Value: bson.D{{Key: "$lt", Value: now.Add(-abandonedAfter)}}}})
	}
	if err == nil {
		err = b.firstWrite(ctx)
	}
	if err != nil {
		return nil, trouble(fmt.Errorf("open the files: %w", err))
	}
	return b, nil
}

// firstWrite lets the driver make its own indexes now: it does so at the first
// upload, and without a lock.
func (b *Blobs) firstWrite(ctx context.Context) error {
	stream, err := b.bucket.OpenUploadStreamWithID(ctx, bson.NewObjectID(), "first")
	if err != nil {
		return err
	}
	return stream.Abort()
}

var namePart = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

func objectOf(name string) (string, error) {
	object, file, _ := strings.Cut(name, "/")
	if !namePart.MatchString(object) || !namePart.MatchString(file) {
		return "", fmt.Errorf("%q cannot name a file", name)
	}
	return object, nil
}

// Create begins a blob.
func (b *Blobs) Create(ctx context.Context, name string) (vault.BlobWriter, error) {
	object, err := objectOf(name)
	if err != nil {
		return nil, err
	}
	_, err = b.find(ctx, name)
	if err == nil {
		return nil, ErrTaken
	}
	if !errors.Is(err, document.ErrNotFound) {
		return nil, err
	}
	id := bson.NewObjectID()
	mark := bson.D{{Key: "_id", Value: id}, {Key: "object", Value: object}, {Key: "at", Value: id.Timestamp()}}
	if _, err := b.begun.InsertOne(ctx, mark); err != nil {
		return nil, trouble(fmt.Errorf("begin %s: %w", name, err))
	}
	stream, err := b.bucket.OpenUploadStreamWithID(ctx, id, name,
		options.GridFSUpload().SetMetadata(bson.D{{Key: "object", Value: object}}))
	if err != nil {
		return nil, trouble(fmt.Errorf("begin %s: %w", name, err))
	}
	return &blobWriter{ctx: ctx, blobs: b, id: id, stream: stream}, nil
}

// find returns the GridFS id of a committed blob.
func (b *Blobs) find(ctx context.Context, name string) (bson.ObjectID, error) {
	var file struct {
		ID bson.ObjectID `bson:"_id"`
	}
	opts := options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})
	err := b.bucket.GetFilesCollection().FindOne(ctx, bson.D{{Key: "filename", Value: name}}, opts).Decode(&file)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return file.ID, document.ErrNotFound
	}
	return file.ID, trouble(err)
}

// Open reads a committed blob.
func (b *Blobs) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	if _, err := objectOf(name); err != nil {
		return nil, err
	}
	id, err := b.find(ctx, name)
	if err != nil {
		return nil, err
	}
	stream, err := b.bucket.OpenDownloadStream(ctx, id)
	if errors.Is(err, mongo.ErrFileNotFound) {
		return nil, document.ErrNotFound
	}
	if err != nil {
		return nil, trouble(fmt.Errorf("open %s: %w", name, err))
	}
	return stream, nil
}

// Delete removes a blob for good.
func (b *Blobs) Delete(ctx context.Context, name string) error {
	if _, err := objectOf(name); err != nil {
		return err
	}
	id, err := b.find(ctx, name)
	if errors.Is(err, document.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return b.drop(ctx, id)
}

// drop removes a file and its chunks, whether or not it was committed.
func (b *Blobs) drop(ctx context.Context, id bson.ObjectID) error {
	err := b.bucket.Delete(ctx, id)
	if errors.Is(err, mongo.ErrFileNotFound) {
		_, err = b.bucket.GetChunksCollection().DeleteMany(ctx, bson.D{{Key: "files_id", Value: id}})
	}
	return trouble(err)
}

// DeleteAll removes the blobs of one object. The marks go first: a writer that
// commits meanwhile finds its mark gone and removes what it made visible.
func (b *Blobs) DeleteAll(ctx context.Context, prefix string) error {
	object, rest, found := strings.Cut(prefix, "/")
	if !found || rest != "" || !namePart.MatchString(object) {
		return fmt.Errorf("%q cannot name the files of an object", prefix)
	}
	if err := b.dropBegun(ctx, bson.D{{Key: "object", Value: object}}); err != nil {
		return trouble(fmt.Errorf("delete %s: %w", prefix, err))
	}
	ids, err := ids(ctx, b.bucket.GetFilesCollection(), bson.D{{Key: "metadata.object", Value: object}})
	if err != nil {
		return trouble(fmt.Errorf("delete %s: %w", prefix, err))
	}
	for _, id := range ids {
		if err := b.drop(ctx, id); err != nil {
			return fmt.Errorf("delete %s: %w", prefix, err)
		}
	}
	return nil
}

// dropBegun removes attempts that were not committed. One that was, but whose
// mark stayed behind, is left alone.
func (b *Blobs) dropBegun(ctx context.Context, filter bson.D) error {
	marks, err := ids(ctx, b.begun, filter)
	if err != nil {
		return err
	}
	for _, id := range marks {
		if _, err := b.begun.DeleteOne(ctx, byID(id)); err != nil {
			return err
		}
		n, err := b.bucket.GetFilesCollection().CountDocuments(ctx, byID(id))
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if _, err := b.bucket.GetChunksCollection().DeleteMany(ctx, bson.D{{Key: "files_id", Value: id}}); err != nil {
			return err
		}
	}
	return nil
}

// ids reads the ids behind a filter: the files of one object, or attempts.
func ids(ctx context.Context, in *mongo.Collection, filter bson.D) ([]bson.ObjectID, error) {
	cursor, err := in.Find(ctx, filter, options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, err
	}
	var found []struct {
		ID bson.ObjectID `bson:"_id"`
	}
	if err := cursor.All(ctx, &found); err != nil {
		return nil, err
	}
	out := make([]bson.ObjectID, len(found))
	for i, f := range found {
		out[i] = f.ID
	}
	return out, nil
}

// blobWriter is one attempt.
type blobWriter struct {
	ctx    context.Context //nolint:containedctx // an upload ends with the request it came in
	blobs  *Blobs
	id     bson.ObjectID
	stream *mongo.GridFSUploadStream
	ended  bool
	err    error
}

var errEnded = errors.New("the file was committed or aborted before")

// Write appends to the blob.
func (w *blobWriter) Write(p []byte) (int, error) {
	if w.ended {
		return 0, errEnded
	}
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.stream.Write(p)
	if err != nil {
		w.err = trouble(fmt.Errorf("write a file: %w", err))
	}
	return n, w.err
}

// Commit writes the last chunk and the file document, which shows the blob.
func (w *blobWriter) Commit() error {
	if w.ended {
		return errEnded
	}
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	if w.err != nil {
		return errors.Join(w.err, w.Abort())
	}
	if err := w.stream.Close(); err != nil {
		if mongo.IsDuplicateKeyError(err) {
			return errors.Join(ErrTaken, w.Abort())
		}
		return errors.Join(trouble(fmt.Errorf("commit a file, with unknown outcome: %w", err)), w.Abort())
	}
	res, err := w.blobs.begun.DeleteOne(w.ctx, byID(w.id))
	if err != nil {
		// The file is there; its mark is removed two days later.
		w.ended = true
		return nil
	}
	if res.DeletedCount == 0 {
		return errors.Join(errors.New("the files of this object were deleted meanwhile"), w.Abort())
	}
	w.ended = true
	return nil
}

// Abort removes what was written, also when the request is over by now.
func (w *blobWriter) Abort() error {
	if w.ended {
		return nil
	}
	w.ended = true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), 30*time.Second)
	defer cancel()
	_ = w.stream.Abort() // the rest is removed next, whatever it says
	if err := w.blobs.drop(ctx, w.id); err != nil {
		return err
	}
	_, err := w.blobs.begun.DeleteOne(ctx, byID(w.id))
	return trouble(err)
}
