package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/upload"
	"inzage/services/attachment"
	"inzage/services/identity"
	"inzage/services/requests"
)

// StoredFile is a file of a request or an audit. Its name is content.
type StoredFile struct {
	ID     string         `json:"id"`
	Name   string         `json:"name"`
	Type   string         `json:"type" doc:"Media type, read from the bytes"`
	Size   int64          `json:"size" doc:"Bytes"`
	SHA256 string         `json:"sha256" doc:"Hex"`
	For    requests.Right `json:"for,omitempty" doc:"The right that it answers; absent for all"`
	Assist string         `json:"assist,omitempty" doc:"The assist whose answer brought it"`
	At     time.Time      `json:"at"`
}

func storedFile(f requests.File, name string) StoredFile {
	return StoredFile{ID: f.ID, Name: name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, For: f.For, Assist: f.Assist, At: f.At}
}

func storedFiles(named []requests.NamedFile) []StoredFile {
	all := []StoredFile{}
	for _, f := range named {
		all = append(all, storedFile(f.File, f.Name))
	}
	return all
}

// aboutUpload is said of every route that takes a file.
const aboutUpload = "The body is the file itself, at most as large as the portal is set to take (2 GiB unless set otherwise). The type is read from its bytes; programs and web pages are refused. With an idempotency key the same file of the same name is stored once."

// NamedBody is what goes with a body that is one file.
type NamedBody struct {
	Idempotent
	Name string `header:"Content-Disposition" required:"true" maxLength:"2000" example:"attachment; filename*=UTF-8''brief.pdf" doc:"The file's name (RFC 6266)"`
}

type fileOut struct{ Body StoredFile }

type streamOut struct{ Body func(huma.Context) }

func isFile(c *fiber.Ctx) bool { return upload.IsRaw(c) }

// receive is takeIn for a file of a request.
func (a *API) receive(ctx context.Context, by identity.Actor, key, route string, store func(requests.Upload) (requests.File, error)) (*fileOut, error) {
	return a.takeIn(ctx, by, key, route, func(f upload.File, length int64) (StoredFile, error) {
		kept, err := store(requests.Upload{Name: f.Name, Size: length, Body: f.Body})
		return storedFile(kept, ""), err // the name comes with each call
	})
}

// takeIn stores the file that the body of the call is, once for an idempotency
// key. The stream is never held in memory. What store returns is kept with the
// key, so it goes without the name.
func (a *API) takeIn(ctx context.Context, by identity.Actor, key, route string, store func(f upload.File, length int64) (StoredFile, error)) (*fileOut, error) {
	var kept StoredFile
	var name string
	err := upload.Raw(callOf(ctx).fiber, func(f upload.File, length int64) error {
		name = attachment.CleanName(f.Name)
		made, err := a.only(ctx, by, key, route, []string{name, strconv.FormatInt(length, 10)}, func() (string, error) {
			var err error
			if kept, err = store(f, length); err != nil {
				return "", err
			}
			raw, err := json.Marshal(kept)
			return string(raw), err
		})
		if err != nil || kept.ID != "" {
			return err
		}
		// The same key again: the same file, or something else under its name?
		sum := sha256.New()
		if _, err := io.Copy(sum, f.Body); err != nil {
			return fmt.Errorf("read a file again: %w", err)
		}
		if err := json.Unmarshal([]byte(made), &kept); err != nil {
			return fmt.Errorf("read what a key made: %w", err)
		}
		if hex.EncodeToString(sum.Sum(nil)) != kept.SHA256 {
			return errOtherBody.At("Idempotency-Key", "This idempotency key was used for something else. Use a new key.")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	kept.Name = name
	return &fileOut{kept}, nil
}

func storedOf(f requests.NamedFile) respond.Stored {
	return respond.Stored{Type: f.Type, Name: f.Name, SHA256: f.SHA256, Size: f.Size}
}

// give sends a file, or what is asked of it, as a stream, whose entry the
// service has written already.
func give(ctx context.Context, f requests.NamedFile, body io.ReadSeekCloser) (*streamOut, error) {
	return stream(ctx, storedOf(f), body)
}

func stream(ctx context.Context, f respond.Stored, body io.ReadSeekCloser) (*streamOut, error) {
	c := callOf(ctx).fiber
	if _, _, err := f.Part(c); err != nil {
		return nil, errors.Join(err, body.Close())
	}
	return &streamOut{Body: func(huma.Context) {
		_ = f.Send(c, body) // only hands the stream over
	}}, nil
}
