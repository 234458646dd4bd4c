package ledger

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Key signs checkpoints (Ed25519), and knows the public keys that signed
// earlier ones. It is safe for concurrent use.
type Key struct {
	signer note.Signer
	public Keys
}

// Origin is the name of the log, the same for its whole life.
func (k *Key) Origin() string { return k.signer.Name() }

// Public are the log's public keys, the newest first.
func (k *Key) Public() Keys { return k.public }

// sign makes a signed note of the text, which ends with a line break.
func (k *Key) sign(text string) ([]byte, error) {
	return note.Sign(&note.Note{Text: text}, k.signer)
}

// keyFormat names the layout of a key file.
const keyFormat = "inzage-ledger-1"

// keyFile is the file: the key that signs, and the public keys of the log's
// whole life, the newest first.
type keyFile struct {
	Format string   `json:"format"`
	Signer string   `json:"signer"`
	Keys   []string `json:"keys"`
}

// CreateKey writes a new key file that only its owner can read, for a new log.
// The log's name is the host and random letters, so that no two logs are taken
// for one another. It never overwrites a file: with another key the log would be
// another log.
func CreateKey(path, host string) error {
	name := strings.ToLower(host + "/ledger/" + rand.Text()[:12])
	f, err := newKey(name)
	if err != nil {
		return err
	}
	b, err := encodeKey(f)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("the ledger key file %s already exists; it is never overwritten, because the log is known by its key", path)
	}
	if err != nil {
		return fmt.Errorf("create the ledger key file: %w", err)
	}
	return errors.Join(writeAndSync(file, b), syncFolder(path))
}

// RotateKey puts a new signing key in the file. The old private key is gone
// after that; its public key stays in the list, so that what it signed can
// still be checked. A running program keeps the key it was started with.
func RotateKey(path string) error {
	old, k, err := readKey(path)
	if err != nil {
		return err
	}
	f, err := newKey(k.Origin())
	if err != nil {
		return err
	}
	f.Keys = append(f.Keys, old.Keys...)
	b, err := encodeKey(f)
	if err != nil {
		return err
	}
	return replaceFile(path, b)
}

// OpenKey reads a key file. A file that is missing, broken, or readable by
// anybody but its owner is refused with one sentence for the operator.
func OpenKey(path string) (*Key, error) {
	_, k, err := readKey(path)
	return k, err
}

func newKey(name string) (keyFile, error) {
	signer, verifier, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return keyFile{}, fmt.Errorf("make the ledger key: %w", err)
	}
	return keyFile{Format: keyFormat, Signer: signer, Keys: []string{verifier}}, nil
}

func encodeKey(f keyFile) ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the ledger key file: %w", err)
	}
	return append(b, '\n'), nil
}

func readKey(path string) (keyFile, *Key, error) {
	var f keyFile
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil, fmt.Errorf("the ledger key file %s does not exist; inzage init makes it once, and after that it comes back from its copy", path)
	case err != nil:
		return f, nil, fmt.Errorf("look at the ledger key file: %w", err)
	case !info.Mode().IsRegular():
		return f, nil, fmt.Errorf("the ledger key file %s is not a regular file", path)
	case info.Mode().Perm()&0o077 != 0:
		return f, nil, fmt.Errorf("the ledger key file %s can be read or changed by others (mode %04o); run chmod 600 on it", path, info.Mode().Perm())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return f, nil, fmt.Errorf("read the ledger key file: %w", err)
	}
	// What is wrong is said without quoting the file: it holds a key.
	broken := fmt.Errorf("the ledger key file %s is not valid; restore it from its copy", path)
	if json.Unmarshal(b, &f) != nil || f.Format != keyFormat || len(f.Keys) == 0 {
		return f, nil, broken
	}
	k := &Key{}
	if k.signer, err = note.NewSigner(f.Signer); err != nil {
		return f, nil, broken
	}
	if k.public, err = ParseKeys(strings.Join(f.Keys, "\n")); err != nil || !k.matches() {
		return f, nil, broken
	}
	return f, k, nil
}

// matches tells whether the first public key belongs to the one that signs,
// and all to one log.
func (k *Key) matches() bool {
	signed, err := k.sign("probe\n")
	if err != nil {
		return false
	}
	for _, v := range k.public.list {
		if v.Name() != k.signer.Name() {
			return false
		}
	}
	_, err = note.Open(signed, note.VerifierList(k.public.list[0]))
	return err == nil
}

// Keys are public keys, each written name+hash+key, as golang.org/x/mod/sumdb/note
// and C2SP's signed notes have them.
type Keys struct {
	list  []note.Verifier
	lines []string
}

// ParseKeys reads public keys, one a line; lines that are empty or begin with
// # are passed over.
func ParseKeys(text string) (Keys, error) {
	var k Keys
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			return Keys{}, say(keyLine, i+1)
		}
		k.list, k.lines = append(k.list, v), append(k.lines, line)
	}
	if len(k.list) == 0 {
		return Keys{}, say(keyNone)
	}
	return k, nil
}

// Lines are the keys as text, one a line.
func (k Keys) Lines() []string { return append([]string(nil), k.lines...) }

// Names are the keys without the keys themselves, name+hash, as a reader tells
// them apart.
func (k Keys) Names() []string {
	var names []string
	for _, v := range k.list {
		names = append(names, fmt.Sprintf("%s+%08x", v.Name(), v.KeyHash()))
	}
	return names
}

func (k Keys) String() string { return strings.Join(k.lines, "\n") + "\n" }
