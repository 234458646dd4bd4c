package dossier_test

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// verify checks the proofs of a dossier by the steps of proofs/README.txt and
// nothing else: it shares no code with the product. It returns how many entries
// it proved.
func verify(files map[string]string, key string) (int, error) {
	size, root, err := opened(files["proofs/checkpoint.txt"], key)
	if err != nil {
		return 0, err
	}
	proved := 0
	for _, line := range strings.Split(strings.TrimSuffix(files["proofs/entries.jsonl"], "\n"), "\n") {
		if line == "" {
			continue
		}
		var e struct {
			Number     int64
			Leaf, Data string
			Path       []string
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return proved, err
		}
		leaf := sha256.Sum256(append([]byte{0}, e.Data...))
		if hex.EncodeToString(leaf[:]) != e.Leaf {
			return proved, fmt.Errorf("entry %d does not have its leaf", e.Number)
		}
		if err := included(e.Number, size, leaf[:], e.Path, root); err != nil {
			return proved, fmt.Errorf("entry %d: %w", e.Number, err)
		}
		proved++
	}
	return proved, nil
}

// included is RFC 9162, 2.1.3.2.
func included(n, size int64, r []byte, path []string, root []byte) error {
	if n >= size {
		return errors.New("it is not below the size")
	}
	fn, sn := n, size-1
	node := func(left, right []byte) []byte {
		h := sha256.Sum256(append(append([]byte{1}, left...), right...))
		return h[:]
	}
	for _, text := range path {
		p, err := hex.DecodeString(text)
		if err != nil || sn == 0 {
			return errors.New("the path is too long or no hashes")
		}
		if fn%2 == 1 || fn == sn {
			r = node(p, r)
			for fn%2 == 0 && fn != 0 {
				fn, sn = fn/2, sn/2
			}
		} else {
			r = node(r, p)
		}
		fn, sn = fn/2, sn/2
	}
	if sn != 0 || !bytes.Equal(r, root) {
		return errors.New("the path does not lead to the root")
	}
	return nil
}

// opened checks the signature of a checkpoint against one line of keys.txt.
func opened(note, key string) (size int64, root []byte, err error) {
	text, signature, ok := strings.Cut(note, "\n\n")
	if !ok {
		return 0, nil, errors.New("no signed note")
	}
	text += "\n"
	parts := strings.SplitN(strings.TrimSpace(key), "+", 3)
	public, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(public) != 33 || public[0] != 1 {
		return 0, nil, errors.New("no Ed25519 key")
	}
	words := strings.Fields(signature)
	sig, err := base64.StdEncoding.DecodeString(words[len(words)-1])
	if err != nil || len(sig) != 68 || !ed25519.Verify(public[1:], []byte(text), sig[4:]) {
		return 0, nil, errors.New("the signature is false")
	}
	lines := strings.Split(text, "\n")
	if size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return 0, nil, err
	}
	root, err = base64.StdEncoding.DecodeString(lines[2])
	return size, root, err
}

// unzip reads every file of a ZIP, and holds each against the manifest.
func unzip(body []byte) (map[string]string, error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, f := range z.File {
		if _, twice := files[f.Name]; twice {
			return nil, fmt.Errorf("%s is there twice", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		files[f.Name] = string(text)
	}
	listed := 0
	for _, line := range strings.Split(strings.TrimSuffix(files["manifest.txt"], "\n"), "\n") {
		sum, name, ok := strings.Cut(line, "  ")
		got := sha256.Sum256([]byte(files[name]))
		if _, there := files[name]; !ok || !there || hex.EncodeToString(got[:]) != sum {
			return nil, fmt.Errorf("the manifest says %q, which is not so", line)
		}
		listed++
	}
	if listed != len(files)-1 {
		return nil, fmt.Errorf("the manifest lists %d of %d files", listed, len(files)-1)
	}
	return files, nil
}
