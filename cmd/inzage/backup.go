package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"inzage/config"
	"inzage/services/backup"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/services/store/files"
	"inzage/services/store/sqlite"
)

const backupHelp = `
inzage backup PATH [--keys PATH]

Copies the embedded store, its files and its ledger while the portal runs: to a
ZIP when PATH ends in .zip, else to a folder. Everything that was acknowledged
before is in it.

The wrapped key of each request, audit and account goes to a copy of its own
(PATH with .keys in its name, or --keys). Throw older copies of the keys away
when a newer one is made: with the newest keys, an older copy of the content does
not bring back what was destroyed since. The key files themselves, master.json
and ledger.json, are in neither; keep copies of them apart.

Flags:`

const mongoBackup = "The store is MongoDB: take its backup with mongodump and put it back with mongorestore, which hold documents, files and ledger together; inzage backup and inzage restore are for the embedded store."

// The names inside a backup, which are those below the data folder.
const (
	storeName      = "store/inzage.db"
	blobsName      = "files/blobs/"
	checkpointName = "checkpoint.txt"
	wrappedName    = "store/keys.db"
)

// backupSettings reads the command line that backup and restore share: one
// path, and where the keys are.
func backupSettings(name, help string, in invocation) (cfg config.Config, content, keys string, err error) {
	var apart text
	cfg, rest, err := settings(name, in, help, func(fs *flag.FlagSet) { fs.Var(&apart, "keys", "`path` of the copy of the wrapped keys") })
	if err != nil {
		return cfg, "", "", err
	}
	if len(rest) != 1 || rest[0] == "" {
		return cfg, "", "", usage("Name the one folder or ZIP: inzage %s PATH.", name)
	}
	if cfg.Store.Reveal() != "" {
		return cfg, "", "", fault.New(fault.Invalid, "%s", mongoBackup)
	}
	if cfg.BaseURL == nil {
		// No link is made here, so any address will do.
		cfg.BaseURL = &url.URL{Scheme: "http", Host: cfg.Listen}
	}
	content, keys = filepath.Clean(rest[0]), apart.value
	if keys == "" {
		stem, zipped := strings.CutSuffix(content, ".zip")
		keys = stem + ".keys"
		if zipped {
			keys += ".zip"
		}
	}
	return cfg, content, keys, nil
}

func runBackup(ctx context.Context, in invocation) error {
	cfg, content, keys, err := backupSettings("backup", backupHelp, in)
	if err != nil {
		return err
	}
	p, err := open(ctx, cfg, logger(in.Stderr, cfg.LogLevel), time.Now)
	if err != nil {
		return err
	}
	defer p.close()
	s, n, err := p.backUp(ctx, content, keys)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(in.Stdout, "%s holds %d files of %s with %d entries in the ledger at least, signed on %s.\n%s holds the wrapped keys; keep it apart, and only the newest.\n",
		content, n, s.Origin, s.Size, s.At.Format(time.RFC3339), keys)
	return err
}

// backUp writes both parts, in this order: the checkpoint, the documents, the
// files, the keys. So the log has what the checkpoint signs, the files have
// what the documents name, and of what is shredded meanwhile the key is gone.
// It returns the checkpoint and how many files the content has.
func (p *portal) backUp(ctx context.Context, content, keys string) (ledger.Signed, int, error) {
	for _, path := range []string{content, keys} {
		if _, err := os.Lstat(path); err == nil {
			return ledger.Signed{}, 0, usage("There is something at %s already; choose another path.", path)
		}
	}
	if err := p.ledger.DrainAll(ctx, p.engine); err != nil {
		return ledger.Signed{}, 0, err
	}
	s, err := p.ledger.Checkpoint(ctx)
	if err != nil {
		return s, 0, err
	}
	n, err := p.backUpPart(content, backup.Content, func(w *backup.Writer) error {
		if err := w.Add(checkpointName, strings.NewReader(string(s.Note))); err != nil {
			return err
		}
		if err := p.addDatabase(ctx, w, "", storeName, filepath.Dir(content)); err != nil {
			return err
		}
		return p.addBlobs(ctx, w)
	})
	if err != nil {
		return s, n, err
	}
	_, err = p.backUpPart(keys, backup.Keys, func(w *backup.Writer) error {
		return p.addDatabase(ctx, w, "keys", wrappedName, filepath.Dir(keys))
	})
	if err != nil {
		// Content without its keys is no backup.
		return s, n, errors.Join(err, os.RemoveAll(content))
	}
	return s, n, nil
}

func (p *portal) backUpPart(path string, part backup.Part, fill func(*backup.Writer) error) (int, error) {
	n := 0
	err := ledger.WriteExport(path, func(a ledger.Archive) error {
		w := backup.NewWriter(a, part)
		if err := fill(w); err != nil {
			return err
		}
		n = w.Files
		return w.Close()
	})
	return n, err
}

// addDatabase adds a copy that SQLite makes from one reading, by way of a file
// beside the backup.
func (p *portal) addDatabase(ctx context.Context, w *backup.Writer, apart, name, beside string) error {
	e, ok := p.engine.(*sqlite.Engine)
	if !ok {
		return fault.New(fault.Invalid, "%s", mongoBackup)
	}
	dir, err := os.MkdirTemp(beside, ".backup-*")
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	defer os.RemoveAll(dir) // what is left of it is only in the way
	path := filepath.Join(dir, "copy.db")
	if err := e.Backup(ctx, apart, path); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	defer f.Close()
	return w.Add(name, f)
}

// addBlobs adds the files as they are stored. One that is gone when its turn
// comes was deleted on purpose, and stays away.
func (p *portal) addBlobs(ctx context.Context, w *backup.Writer) error {
	blobs, ok := p.blobs.(*files.Files)
	if !ok {
		return fault.New(fault.Invalid, "%s", mongoBackup)
	}
	return blobs.Each(ctx, func(name string) error {
		r, err := blobs.Open(ctx, name)
		if errors.Is(err, document.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return errors.Join(w.Add(blobsName+name, r), r.Close())
	})
}

const restoreHelp = `
inzage restore PATH [--keys PATH]

Puts a backup into the data folder, which has nothing in it yet but the folder
keys. Every file is held against the manifest first. --keys names the copy of the
wrapped keys; the newest one will do, and is the right one.

When the mark beside the keys has seen more of the ledger than the backup holds,
the portal does not start: an older copy was put back. Put back a newer backup,
or remove the file of the mark to go on on purpose. Whoever was given a later
checkpoint can tell.

Flags:`

func runRestore(ctx context.Context, in invocation) error {
	cfg, content, keys, err := backupSettings("restore", restoreHelp, in)
	if err != nil {
		return err
	}
	if err := restore(cfg.Data, content, keys); err != nil {
		return restoreRefusal(err)
	}
	fmt.Fprintf(in.Stdout, "%s was restored to %s.\n", content, cfg.Data)
	p, err := open(ctx, cfg, logger(in.Stderr, cfg.LogLevel), time.Now)
	if err != nil {
		fmt.Fprintf(in.Stderr, "The portal will not start yet: %s.\n", strings.TrimSuffix(oneLine(err.Error()), "."))
		return nil
	}
	return p.close()
}

// restoreRefusal gives the sentence for a backup that cannot be used.
func restoreRefusal(err error) error {
	if d, ok := errors.AsType[*backup.Damage](err); ok {
		return failed("Nothing was restored: " + d.Text + ".")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return usage("Nothing was restored: %s.", err.Error())
	}
	return err
}

// restore extracts both parts beside their place, and moves them there once
// they are known to be whole.
func restore(data, content, keys string) error {
	if err := restorable(data); err != nil {
		return err
	}
	if err := private(filepath.Join(data, "keys")); err != nil {
		return err
	}
	partial, err := os.MkdirTemp(data, ".restore-*")
	if err != nil {
		return fmt.Errorf("restore to %s: %w", data, err)
	}
	defer os.RemoveAll(partial) // what is left of it is only in the way
	for _, part := range []struct {
		path string
		of   backup.Part
	}{{content, backup.Content}, {keys, backup.Keys}} {
		c, err := backup.Open(part.path, part.of)
		if err != nil {
			return err
		}
		if err := errors.Join(c.Extract(partial), c.Close()); err != nil {
			return err
		}
	}
	if err := restoreMark(filepath.Join(partial, checkpointName), markPath(data)); err != nil {
		return err
	}
	// The store comes last: it is what makes the folder an installation.
	for _, name := range []string{"files", "store"} {
		if err := os.Rename(filepath.Join(partial, name), filepath.Join(data, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("restore to %s: %w", data, err)
		}
	}
	return syncFolder(data)
}

// restorable refuses a data folder with more in it than keys.
func restorable(data string) error {
	list, err := os.ReadDir(data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("restore to %s: %w", data, err)
	}
	for _, e := range list {
		if e.Name() != "keys" {
			return usage("Nothing was restored: the data folder %s is not empty, there is %s in it; a backup goes into a folder with nothing but keys.", data, e.Name())
		}
	}
	return nil
}

// restoreMark makes the backup's checkpoint the mark where there is none. A
// mark that is there has seen more, or as much, and stays.
func restoreMark(from, to string) error {
	into, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("restore the mark: %w", err)
	}
	f, err := os.Open(from)
	if err == nil {
		_, err = io.Copy(into, f)
		err = errors.Join(err, f.Close())
	}
	if err := errors.Join(err, into.Sync(), into.Close()); err != nil {
		return errors.Join(fmt.Errorf("restore the mark: %w", err), os.Remove(to))
	}
	return syncFolder(filepath.Dir(to))
}

// syncFolder makes the names in a folder durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return nil
}
