package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/streamingaead/aesgcmhkdf"
	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle/noncebased"
)

// The layout of a stored file (AES-GCM-HKDF streaming, as Tink documents it):
// one byte with the length of the header, a salt, the beginning of each nonce;
// then segments of equal size in the file, of which the header shortens the
// first. A nonce ends in the number of its segment and whether it is the last.
const (
	saltSize   = 32
	headerSize = 1 + saltSize + subtle.AESGCMHKDFNoncePrefixSizeInBytes
	inSegment  = segment - subtle.AESGCMHKDFTagSizeInBytes
	inFirst    = inSegment - headerSize
)

var errSeek = errors.New("a file can be read on from a place after its beginning only")

// opened is a file that is read. Seek goes to a place without decrypting what
// stands before it; every byte is authenticated all the same, in its place and
// for this file.
type opened struct {
	io.Reader
	blob io.ReadCloser
	ctx  context.Context
	v    *Vault
	key  *fileKey
	file string
	head [headerSize]byte
}

func (o *opened) Close() error { return o.blob.Close() }

// Seek sets where reading goes on, from the beginning of the file.
func (o *opened) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart || offset < 0 {
		return 0, errSeek
	}
	at := offset + 1 // after the byte that names the layout
	number, skip := int64(0), offset
	if at >= inFirst {
		number, skip = 1+(at-inFirst)/inSegment, (at-inFirst)%inSegment
	}
	blob, err := o.v.Blobs.Open(o.ctx, o.key.object+"/"+o.file)
	if err != nil {
		return 0, fmt.Errorf("open file %s of %s: %w", o.file, o.key.object, err)
	}
	plain, err := o.from(blob, number)
	if err == nil {
		_, err = io.CopyN(io.Discard, plain, skip)
	}
	if err != nil {
		return 0, errors.Join(fmt.Errorf("read file %s of %s from %d: %w", o.file, o.key.object, offset, err), blob.Close())
	}
	err = o.blob.Close()
	o.Reader, o.blob = plain, blob
	return offset, err
}

// from decrypts from the beginning of a segment on.
func (o *opened) from(blob io.ReadCloser, number int64) (io.Reader, error) {
	if number == 0 {
		return o.key.decrypt(blob, o.file)
	}
	var err error
	if s, ok := blob.(io.Seeker); ok {
		_, err = s.Seek(number*segment, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, blob, number*segment)
	}
	if err != nil {
		return nil, err
	}
	secret, err := o.key.secret()
	if err != nil {
		return nil, err
	}
	derived, err := hkdf.Key(sha256.New, secret, o.head[1:1+saltSize], string(bound(o.key.object, o.file)), 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	sealed, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return noncebased.NewReader(noncebased.ReaderParams{R: blob, SegmentDecrypter: later{sealed, uint32(number)}, NonceSize: sealed.NonceSize(),
		NoncePrefix: o.head[1+saltSize:], CiphertextSegmentSize: segment})
}

// later decrypts segments whose numbers the reader counts from 0.
type later struct {
	cipher.AEAD
	first uint32
}

func (l later) DecryptSegment(sealed, nonce []byte) ([]byte, error) {
	if len(sealed) < l.Overhead() {
		return nil, errors.New("segment too short")
	}
	number := nonce[subtle.AESGCMHKDFNoncePrefixSizeInBytes:]
	binary.BigEndian.PutUint32(number, binary.BigEndian.Uint32(number)+l.first)
	return l.Open(nil, nonce, sealed, nil)
}

// secret is what the key of each file is derived from.
func (k *fileKey) secret() ([]byte, error) {
	e, err := k.keys.Primary()
	if err != nil {
		return nil, err
	}
	one, ok := e.Key().(*aesgcmhkdf.Key)
	if !ok || k.keys.Len() != 1 {
		return nil, fmt.Errorf("the file key of %s is of another kind", k.object)
	}
	return one.KeyBytes().Data(insecuresecretdataaccess.Token{}), nil
}
