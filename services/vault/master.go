package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Master wraps the keys of the objects and makes the fingerprints. It is safe
// for concurrent use. Nothing but the vault gets to see it.
type Master struct {
	wrap        tink.AEAD
	fingerprint *prf.Set
}

// masterFormat names the layout of a master key file.
const masterFormat = "inzage-master-1"

// masterFile is the file: two Tink keysets in clear JSON. The first may hold
// several keys (the primary wraps, all unwrap). The second never turns over,
// because every stored fingerprint depends on it.
type masterFile struct {
	Format      string          `json:"format"`
	Wrap        json.RawMessage `json:"wrap"`
	Fingerprint json.RawMessage `json:"fingerprint"`
}

// CreateMaster writes a new master key file that only its owner can read. It
// never overwrites a file: what was wrapped under the old key would be lost.
func CreateMaster(path string) error {
	wrap, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("make the wrapping keyset: %w", err)
	}
	fingerprint, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return fmt.Errorf("make the fingerprint keyset: %w", err)
	}
	b, err := encodeMaster(wrap, fingerprint)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the master key file %s already exists; it is never overwritten, because what it protects would be lost", path)
	}
	if err != nil {
		return fmt.Errorf("create the master key file: %w", err)
	}
	return errors.Join(writeAndSync(f, b), syncFolder(path))
}

// RotateMaster adds a new wrapping key to the file and makes it the primary
// one: new objects are wrapped under it, old ones still open. The file is
// replaced whole, so a crash leaves the old or the new one. A running program
// keeps the keys it was started with.
func RotateMaster(path string) error {
	wrap, fingerprint, err := readMaster(path)
	if err != nil {
		return err
	}
	m := keyset.NewManagerFromHandle(wrap)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("add a wrapping key: %w", err)
	}
	if err := m.SetPrimary(id); err != nil {
		return fmt.Errorf("make the new wrapping key the primary one: %w", err)
	}
	if wrap, err = m.Handle(); err != nil {
		return fmt.Errorf("read the new keyset back: %w", err)
	}
	b, err := encodeMaster(wrap, fingerprint)
	if err != nil {
		return err
	}
	return replaceFile(path, b)
}

// OpenMaster reads a master key file. A file that is missing, broken, or
// readable by anybody but its owner is refused with one sentence for the
// operator.
func OpenMaster(path string) (*Master, error) {
	wrap, fingerprint, err := readMaster(path)
	if err != nil {
		return nil, err
	}
	w, err := aead.New(wrap)
	if err != nil {
		return nil, invalidMaster(path, err)
	}
	p, err := prf.NewPRFSet(fingerprint)
	if err != nil {
		return nil, invalidMaster(path, err)
	}
	return &Master{wrap: w, fingerprint: p}, nil
}

// Fingerprint is a keyed hash (HMAC-SHA-256) of value for one purpose.
func (m *Master) Fingerprint(purpose, value string) string {
	// The length keeps ("ab", "c") and ("a", "bc") apart.
	in := binary.BigEndian.AppendUint32(nil, uint32(len(purpose)))
	in = append(append(in, purpose...), value...)
	// The output length is fixed and below the PRF's maximum, its only error.
	sum, _ := m.fingerprint.ComputePrimaryPRF(in, 32)
	return base64.RawURLEncoding.EncodeToString(sum)
}

func readMaster(path string) (wrap, fingerprint *keyset.Handle, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("the master key file %s does not exist; create it once, and keep a copy in a safe place", path)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("look at the master key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("the master key file %s is not a regular file", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, nil, fmt.Errorf("the master key file %s can be read or changed by others (mode %04o); run chmod 600 on it", path, info.Mode().Perm())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the master key file: %w", err)
	}
	var f masterFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, nil, invalidMaster(path, err)
	}
	if f.Format != masterFormat {
		return nil, nil, invalidMaster(path, errors.New("unknown format"))
	}
	if wrap, err = readKeyset(f.Wrap); err != nil {
		return nil, nil, invalidMaster(path, err)
	}
	if fingerprint, err = readKeyset(f.Fingerprint); err != nil {
		return nil, nil, invalidMaster(path, err)
	}
	return wrap, fingerprint, nil
}

// invalidMaster says what is wrong without quoting the file: it holds keys.
func invalidMaster(path string, err error) error {
	return &masterError{path: path, cause: err}
}

type masterError struct {
	path  string
	cause error
}

func (e *masterError) Error() string {
	return fmt.Sprintf("the master key file %s is too short or not valid; restore it from its copy", e.path)
}

func readKeyset(b []byte) (*keyset.Handle, error) {
	return insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(b)))
}

func encodeMaster(wrap, fingerprint *keyset.Handle) ([]byte, error) {
	var w, p bytes.Buffer
	if err := insecurecleartextkeyset.Write(wrap, keyset.NewJSONWriter(&w)); err != nil {
		return nil, fmt.Errorf("write the wrapping keyset: %w", err)
	}
	if err := insecurecleartextkeyset.Write(fingerprint, keyset.NewJSONWriter(&p)); err != nil {
		return nil, fmt.Errorf("write the fingerprint keyset: %w", err)
	}
	b, err := json.MarshalIndent(masterFile{Format: masterFormat, Wrap: w.Bytes(), Fingerprint: p.Bytes()}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the master key file: %w", err)
	}
	return append(b, '\n'), nil
}

func writeAndSync(f *os.File, b []byte) error {
	_, err := f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write the master key file: %w", err)
	}
	return nil
}

// syncFolder makes the name of a new file durable, not only its content.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("open the folder of the master key file: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync the folder of the master key file: %w", err)
	}
	return nil
}

func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".master-*") // mode 0600
	if err != nil {
		return fmt.Errorf("create the new master key file: %w", err)
	}
	defer os.Remove(f.Name()) // gone already after the rename
	if err := writeAndSync(f, b); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("put the new master key file in place: %w", err)
	}
	return syncFolder(path)
}

// Unwrap gives the cause, for errors.As; it names no key material.
func (e *masterError) Unwrap() error { return e.cause }
