package dossier

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	_ "embed" // the steps of checking the proofs go into every dossier
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"
)

// Files says whether a dossier holds the files themselves.
type Files string

// With the files, or with their names and fingerprints only.
const (
	WithFiles    Files = "files"
	WithoutFiles Files = "list"
)

// Document is a document that the portal makes of the dossier's content: small,
// and whole in memory. Name is its place in the ZIP, in words of our own.
type Document struct {
	Name string
	Body []byte
}

// The places of what every dossier holds.
const (
	PagePlace       = "index.html"
	dataPlace       = "dossier.json"
	schemaPlace     = "dossier.schema.json"
	proofSteps      = "proofs/README.txt"
	keysPlace       = "proofs/keys.txt"
	checkpointPlace = "proofs/checkpoint.txt"
	entriesPlace    = "proofs/entries.jsonl"
	manifestPlace   = "manifest.txt"
)

//go:embed proofs.txt
var proofsText string

// Write writes the ZIP as a stream: page is the readable page, documents stand
// beside it. Memory does not grow with the files. After an error what was
// written is no whole ZIP, and the caller has to break the connection off.
func (d Request) Write(ctx context.Context, to io.Writer, page []byte, documents []Document) error {
	return d.write(ctx, to, page, d.JSON, RequestSchema, documents)
}

// Write is Request.Write for an audit.
func (d Audit) Write(ctx context.Context, to io.Writer, page []byte, documents []Document) error {
	return d.write(ctx, to, page, d.JSON, AuditSchema, documents)
}

func (b Base) write(ctx context.Context, to io.Writer, page []byte, data any, schema string, documents []Document) error {
	z := &archive{w: zip.NewWriter(to), at: b.Signed.At}
	text, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", dataPlace, err)
	}
	described, err := Schema(schema)
	if err != nil {
		return err
	}
	whole := append([]Document{{PagePlace, page}, {dataPlace, append(text, '\n')}, {schemaPlace, described}}, documents...)
	whole = append(whole, Document{proofSteps, []byte(proofsText)}, Document{keysPlace, []byte(b.from.Ledger.Key.Public().String())}, Document{checkpointPlace, b.Signed.Note})
	for _, doc := range whole {
		if err := z.whole(doc); err != nil {
			return err
		}
	}
	if err := z.part(entriesPlace, zip.Deflate, func(w io.Writer) error { return b.prove(ctx, w) }); err != nil {
		return err
	}
	for _, f := range b.Files {
		if err := z.part(f.Place, zip.Store, func(w io.Writer) error { return b.from.copy(ctx, w, f) }); err != nil {
			return err
		}
	}
	return z.close()
}

// copy decrypts a file into the ZIP.
func (s *Service) copy(ctx context.Context, w io.Writer, f Attached) error {
	in, err := s.Vault.OpenFile(ctx, f.object, f.id)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{w}, in, make([]byte, 64<<10))
	if cerr := in.Close(); err == nil {
		err = cerr
	}
	return err
}

// archive writes a ZIP and keeps the fingerprint of everything in it.
type archive struct {
	w        *zip.Writer
	at       time.Time
	manifest strings.Builder
}

func (z *archive) whole(d Document) error {
	return z.part(d.Name, zip.Deflate, func(w io.Writer) error {
		_, err := w.Write(d.Body)
		return err
	})
}

func (z *archive) part(name string, method uint16, fill func(io.Writer) error) error {
	w, err := z.w.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: z.at})
	if err != nil {
		return fmt.Errorf("begin %s of a dossier: %w", name, err)
	}
	sum := sha256.New()
	if err := fill(both{w, sum}); err != nil {
		return fmt.Errorf("write %s of a dossier: %w", name, err)
	}
	fmt.Fprintf(&z.manifest, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
	return nil
}

// close adds the manifest, in the form that sha256sum -c reads.
func (z *archive) close() error {
	manifest := z.manifest.String()
	if err := z.whole(Document{manifestPlace, []byte(manifest)}); err != nil {
		return err
	}
	if err := z.w.Close(); err != nil {
		return fmt.Errorf("finish a dossier: %w", err)
	}
	return nil
}

type both struct {
	io.Writer
	sum hash.Hash
}

func (b both) Write(p []byte) (int, error) {
	n, err := b.Writer.Write(p)
	b.sum.Write(p[:n]) // a hash never fails
	return n, err
}
