package ledger

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// Terms are what an export is held against besides itself.
type Terms struct {
	// Keys are the public keys the reader trusts. Without any, the export's own
	// are used, which shows only that its parts belong together.
	Keys Keys
	// Since is the signed note of a checkpoint that the reader kept earlier; nil for none.
	Since []byte
}

// Report says what was verified.
type Report struct {
	Checkpoint  Checkpoint
	First, Last time.Time // when the earliest and the latest event happened that can be read
	Key         string    // the key that signed, as NAME+HASH
	OwnKeys     bool      // the export's own keys were used
	Since       *Checkpoint
	Party       *Party   // whose export it is; nil for the whole
	Unlisted    []string // files beside those of the export, which nothing vouches for
}

// Party is the organisation that an export was made for, and how many of its
// entries can be read in it: those of what was done for that organisation.
type Party struct {
	Organisation string
	Own          int64
}

// most is how large a file may be that is read whole, and a line of entries.
const most = 1 << 20

// VerifyFile verifies the export at path, a folder or a ZIP. A *Flaw is a
// verdict; any other error means that the export could not be read.
func VerifyFile(ctx context.Context, path string, terms Terms) (Report, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Report{}, fmt.Errorf("read the export: %w", err)
	}
	if info.IsDir() {
		return Verify(ctx, os.DirFS(path), terms)
	}
	f, err := os.Open(path)
	if err != nil {
		return Report{}, fmt.Errorf("read the export: %w", err)
	}
	defer f.Close()
	return VerifyZIP(ctx, f, info.Size(), terms)
}

// VerifyZIP is VerifyFile for a ZIP of so many bytes that is read from anywhere.
func VerifyZIP(ctx context.Context, raw io.ReaderAt, size int64, terms Terms) (Report, error) {
	files, err := zip.NewReader(raw, size)
	if err != nil {
		if isZIP(raw) {
			return Report{}, &Flaw{What: say(zipBroken)}
		}
		return Report{}, &Flaw{What: say(noExport)}
	}
	r, err := Verify(ctx, files, terms)
	if err != nil {
		return r, zipTrouble(ctx, err)
	}
	if err := ExactZIP(raw, size, files, exportFiles[:]); err != nil {
		return r, &Flaw{What: remark(err)}
	}
	return r, nil
}

// zipTrouble tells a damaged ZIP, in which every number may be nonsense, from a
// disk that cannot be read.
func zipTrouble(ctx context.Context, err error) error {
	var flaw *Flaw
	var disk syscall.Errno
	if errors.As(err, &flaw) || errors.As(err, &disk) || ctx.Err() != nil {
		return err
	}
	return &Flaw{What: say(zipHalf)}
}

// Verify verifies the files of an export: that the manifest, the checkpoint and
// the keys are signed and whole, that every entry is in its place and has its
// hash, that all of them make the signed root, and that they go on from the
// earlier checkpoint. In the export of a party its own entries have data, and
// only they. A *Flaw names the first fault. It needs neither a store nor a
// private key. Memory grows by some 40 bytes an entry, to know its event again.
func Verify(ctx context.Context, export fs.FS, terms Terms) (Report, error) {
	v := verifier{export: export, keys: terms.Keys}
	if err := v.opening(terms); err != nil {
		return v.report, err
	}
	if err := v.entries(ctx); err != nil {
		return v.report, err
	}
	return v.report, v.unlisted()
}

type verifier struct {
	export   fs.FS
	keys     Keys
	manifest manifest
	report   Report
}

// opening reads everything but the entries.
func (v *verifier) opening(terms Terms) error {
	own, ownText, err := v.ownKeys()
	if err != nil {
		return err
	}
	if len(v.keys.list) == 0 {
		v.keys, v.report.OwnKeys = own, true
	}
	if err := v.openManifest(); err != nil {
		return err
	}
	if err := v.same(keysFile, ownText); err != nil {
		return err
	}
	readme, err := v.read(readmeFile)
	if err != nil {
		return err
	}
	if err := v.same(readmeFile, readme); err != nil {
		return err
	}
	if err := v.openCheckpoint(); err != nil {
		return err
	}
	return v.openSince(terms.Since)
}

func (v *verifier) ownKeys() (Keys, []byte, error) {
	text, err := v.read(keysFile)
	if err != nil {
		return Keys{}, nil, err
	}
	own, err := ParseKeys(string(text))
	if err != nil {
		return Keys{}, nil, flawed(keysFile, err)
	}
	return own, text, nil
}

func (v *verifier) openManifest() error {
	signed, err := v.read(manifestFile)
	if err != nil {
		return err
	}
	n, err := v.keys.open(signed)
	if err != nil {
		return flawed(manifestFile, err)
	}
	if !plain(signed, n) {
		return &Flaw{File: manifestFile, What: say(manifestMore)}
	}
	if v.manifest, err = parseManifest(n.Text); err != nil {
		return flawed(manifestFile, err)
	}
	if v.manifest.origin != n.Sigs[0].Name {
		return &Flaw{File: manifestFile, What: say(manifestLog)}
	}
	v.report.Party = v.manifest.party
	v.report.Key = fmt.Sprintf("%s+%08x", n.Sigs[0].Name, n.Sigs[0].Hash)
	return nil
}

func (v *verifier) openCheckpoint() error {
	signed, err := v.read(checkpointFile)
	if err != nil {
		return err
	}
	s, err := v.keys.Open(signed)
	if err != nil {
		return flawed(checkpointFile, err)
	}
	if s.Origin != v.manifest.origin {
		return &Flaw{File: checkpointFile, What: say(checkpointLog, s.Origin, v.manifest.origin)}
	}
	v.report.Checkpoint = s.Checkpoint
	return v.same(checkpointFile, signed)
}

func (v *verifier) openSince(signed []byte) error {
	if signed == nil {
		return nil
	}
	s, err := v.keys.Open(signed)
	if err != nil {
		return &Flaw{What: say(sinceBroken, remark(err))}
	}
	now := v.report.Checkpoint
	if s.Origin != now.Origin {
		return &Flaw{What: say(sinceLog, s.Origin, now.Origin)}
	}
	if s.Size > now.Size {
		return &Flaw{File: checkpointFile, What: say(sinceSize, now.Size, s.At.Format(stamp), s.Size)}
	}
	v.report.Since = &s.Checkpoint
	return nil
}

// read reads one of the small files whole.
func (v *verifier) read(name string) ([]byte, error) {
	f, err := v.export.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, unreadable(name, err)
	}
	if len(text) > most {
		return nil, &Flaw{File: name, What: say(fileHuge)}
	}
	return text, nil
}

// unreadable tells what is missing or damaged from what the machine cannot read.
func unreadable(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Flaw{File: name, What: say(fileMissing)}
	case errors.Is(err, zip.ErrChecksum):
		return &Flaw{File: name, What: say(fileDamaged)}
	}
	return fmt.Errorf("read %s of the export: %w", name, err)
}

// same holds a file against its line in the manifest.
func (v *verifier) same(name string, text []byte) error {
	d := &digester{sum: sha256.New()}
	_, _ = d.Write(text) // a hash takes everything
	return v.listed(d.digest(name))
}

func (v *verifier) listed(d fileDigest) error {
	for _, f := range v.manifest.files {
		if f == d {
			return nil
		}
		if f.name == d.name && f.size != d.size {
			return &Flaw{File: d.name, What: say(fileOtherSize, d.size, f.size)}
		}
	}
	return &Flaw{File: d.name, What: say(fileOtherDigest)}
}

func (v *verifier) unlisted() error {
	all, err := fs.ReadDir(v.export, ".")
	if err != nil {
		return fmt.Errorf("list the files of the export: %w", err)
	}
	for _, f := range all {
		known := false
		for _, name := range exportFiles {
			known = known || f.Name() == name
		}
		if !known {
			v.report.Unlisted = append(v.report.Unlisted, f.Name())
		}
	}
	return nil
}

// readLine returns the next line with its line break. A line without one is
// returned with io.ErrUnexpectedEOF.
func readLine(r *bufio.Reader, into []byte) ([]byte, error) {
	into = into[:0]
	for {
		part, err := r.ReadSlice('\n')
		into = append(into, part...)
		switch {
		case err == nil:
			return into, nil
		case errors.Is(err, bufio.ErrBufferFull):
			if len(into) > most {
				return into, &Flaw{What: say(lineHuge)}
			}
		case errors.Is(err, io.EOF) && len(into) > 0:
			return into, errCut
		default:
			return into, err
		}
	}
}

var errCut = errors.New("the file ends in the middle of a line")
