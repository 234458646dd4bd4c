package vault

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/streamingaead"
	"github.com/tink-crypto/tink-go/v2/tink"

	"inzage/services/fault"
)

// The refusals of an upload.
var (
	ErrCutOff   = fault.New(fault.Invalid, "The upload was cut off before it was complete. Please send the file again.")
	ErrTooLarge = fault.New(fault.TooLarge, "This file is larger than allowed. Please send a smaller file, or several parts.")
)

// fileVersion is the first plain byte of every stored file. It names the
// layout, and it keeps empty files from being empty streams, which the
// decrypting reader cannot tell from a wrong key.
const fileVersion = 1

// PutFile encrypts r into a new file of the object. It holds a few segments in
// memory, whatever the size. A length other than announced is ErrCutOff, more
// than limit is ErrTooLarge, a taken name is a Conflict; then, and after any
// other error, nothing is left behind.
func (v *Vault) PutFile(ctx context.Context, object, file string, r io.Reader, size, limit int64) (FileInfo, error) {
	if size > limit {
		return FileInfo{}, ErrTooLarge
	}
	k, err := v.fileKey(ctx, object)
	if err != nil {
		return FileInfo{}, err
	}
	name := object + "/" + file
	w, err := v.Blobs.Create(ctx, name)
	if err != nil {
		return FileInfo{}, fmt.Errorf("begin file %s: %w", name, err)
	}
	info, err := k.encrypt(ctx, w, file, r, limit)
	if err == nil && size >= 0 && info.Size != size {
		err = ErrCutOff
	}
	if err == nil {
		err = w.Commit()
	}
	if err != nil {
		return FileInfo{}, errors.Join(err, w.Abort())
	}
	return info, v.stillThere(ctx, object, file)
}

// stillThere removes a file that was committed after its object was shredded.
func (v *Vault) stillThere(ctx context.Context, object, file string) error {
	_, err := v.Key(ctx, object)
	if err == nil {
		return nil
	}
	// The caller may be gone by now; the file must go all the same.
	return errors.Join(err, v.DeleteFile(context.WithoutCancel(ctx), object, file))
}

// OpenFile decrypts a file of the object as a stream: NotFound when there is
// none, Gone after Shred. Each byte is authenticated before it is returned; a
// changed or shortened file ends in an error, never in io.EOF. Seek, from the
// beginning, goes on elsewhere. The caller closes it.
func (v *Vault) OpenFile(ctx context.Context, object, file string) (io.ReadSeekCloser, error) {
	k, err := v.fileKey(ctx, object)
	if err != nil {
		return nil, err
	}
	blob, err := v.Blobs.Open(ctx, object+"/"+file)
	if err != nil {
		return nil, fmt.Errorf("open file %s of %s: %w", file, object, err)
	}
	o := &opened{blob: blob, ctx: ctx, v: v, key: k, file: file}
	if _, err = io.ReadFull(blob, o.head[:]); err == nil {
		o.Reader, err = k.decrypt(io.MultiReader(bytes.NewReader(o.head[:]), blob), file)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("decrypt file %s of %s: %w", file, object, err), blob.Close())
	}
	return o, nil
}

// DeleteFile removes one file; removing what is not there is no error.
func (v *Vault) DeleteFile(ctx context.Context, object, file string) error {
	if err := v.Blobs.Delete(ctx, object+"/"+file); err != nil {
		return fmt.Errorf("remove file %s of %s: %w", file, object, err)
	}
	return nil
}

// fileKey is the unwrapped key for the files of one object.
type fileKey struct {
	object string
	files  tink.StreamingAEAD
	keys   *keyset.Handle
}

func (v *Vault) fileKey(ctx context.Context, object string) (*fileKey, error) {
	rec, err := v.Keys.Get(ctx, object)
	if err != nil {
		return nil, fmt.Errorf("read the key of %s: %w", object, err)
	}
	if rec.Destroyed {
		return nil, ErrGone
	}
	files, err := v.opened(rec.Files, object, "files")
	if err != nil {
		return nil, err
	}
	s, err := streamingaead.New(files)
	if err != nil {
		return nil, fmt.Errorf("use the file key of %s: %w", object, err)
	}
	return &fileKey{object: object, files: s, keys: files}, nil
}

func (k *fileKey) encrypt(ctx context.Context, w io.Writer, file string, r io.Reader, limit int64) (FileInfo, error) {
	c, err := k.files.NewEncryptingWriter(w, bound(k.object, file))
	if err != nil {
		return FileInfo{}, fmt.Errorf("begin to encrypt file %s of %s: %w", file, k.object, err)
	}
	if _, err := c.Write([]byte{fileVersion}); err != nil {
		return FileInfo{}, fmt.Errorf("encrypt file %s of %s: %w", file, k.object, err)
	}
	hash := sha256.New()
	// One byte more than the limit is enough to know that it is passed.
	src := &source{ctx: ctx, r: io.LimitReader(r, limit+1)}
	n, err := io.CopyBuffer(onlyWriter{io.MultiWriter(hash, c)}, src, make([]byte, segment))
	switch {
	case src.err != nil:
		return FileInfo{}, src.err
	case err != nil:
		return FileInfo{}, fmt.Errorf("encrypt file %s of %s: %w", file, k.object, err)
	case n > limit:
		return FileInfo{}, ErrTooLarge
	}
	if err := c.Close(); err != nil {
		return FileInfo{}, fmt.Errorf("finish file %s of %s: %w", file, k.object, err)
	}
	return FileInfo{Size: n, SHA256: hex.EncodeToString(hash.Sum(nil))}, nil
}

func (k *fileKey) decrypt(r io.Reader, file string) (io.Reader, error) {
	d, err := k.files.NewDecryptingReader(r, bound(k.object, file))
	if err != nil {
		return nil, err
	}
	b := bufio.NewReaderSize(d, segment)
	version, err := b.ReadByte()
	if err != nil {
		return nil, err
	}
	if version != fileVersion {
		return nil, fmt.Errorf("unknown layout %d", version)
	}
	return b, nil
}

// source stops when the caller has gone, and remembers why reading failed: a
// broken connection is the sender's refusal, a full disk is our trouble.
type source struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		s.err = ErrCutOff.Because(err)
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = refused(err)
	}
	return n, err
}

// refused passes a refusal of the reader on (a wrong file type, say), and
// calls anything else a cut-off upload.
func refused(err error) error {
	if fault.KindOf(err) != "" {
		return err
	}
	return ErrCutOff.Because(err)
}

// onlyWriter hides ReadFrom, which would choose its own buffer.
type onlyWriter struct{ io.Writer }
