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
	"time"

	"inzage/config"
	"inzage/services/journal"
	"inzage/services/ledger"
)

const ledgerHelp = `
inzage ledger export --out PATH
inzage ledger verify PATH [--key FILE] [--since CHECKPOINT]
inzage ledger checkpoint
inzage ledger rotate

export writes all entries, a signed checkpoint and the public keys: to a ZIP
when PATH ends in .zip, else to a folder. Its README.txt describes the format.
verify needs no portal, and reads what a party downloaded, too: it recomputes every hash and names the first fault (exit
code 1). --key is a file of public keys that you trust, --since a checkpoint that
you kept earlier. checkpoint signs what the ledger is now, and prints that.
rotate signs that once more, then makes a new key and prints its public half for
those who hold the old one; what the old key signed still verifies. A portal that
runs keeps the old key, so start it again at once, on every machine.

Flags:`

// ledgerFlags are those that are not settings.
type ledgerFlags struct{ out, key, since text }

func (f *ledgerFlags) declare(fs *flag.FlagSet) {
	fs.Var(&f.out, "out", "export: where to write; nothing may be there yet")
	fs.Var(&f.key, "key", "verify: `file` of public keys, as keys.txt of an export")
	fs.Var(&f.since, "since", "verify: `file` of an earlier signed checkpoint")
}

func runLedger(ctx context.Context, in invocation) error {
	var f ledgerFlags
	cfg, rest, err := settings("ledger", in, ledgerHelp, f.declare)
	if err != nil {
		return err
	}
	if cfg.BaseURL == nil {
		// No link is made here, so any address will do.
		cfg.BaseURL = &url.URL{Scheme: "http", Host: cfg.Listen}
	}
	verifying := len(rest) > 0 && rest[0] == "verify"
	if !verifying && (f.key.given || f.since.given) {
		return usage("The flags --key and --since belong to inzage ledger verify.")
	}
	if f.out.given && !(len(rest) == 1 && rest[0] == "export") {
		return usage("The flag --out belongs to inzage ledger export.")
	}
	switch {
	case verifying && len(rest) == 2:
		return verifyLedger(ctx, in, rest[1], f)
	case verifying:
		return usage("Name the one export to verify: inzage ledger verify PATH.")
	case len(rest) == 1 && rest[0] == "export" && f.out.value == "":
		return usage("Say where to write the export: inzage ledger export --out PATH.")
	case len(rest) == 1 && rest[0] == "export":
		return exportLedger(ctx, in, cfg, f.out.value)
	case len(rest) == 1 && rest[0] == "checkpoint":
		return signLedger(ctx, in, cfg)
	case len(rest) == 1 && rest[0] == "rotate":
		return rotateLedger(ctx, in, cfg)
	}
	return usage("Say what to do with the ledger: export, verify PATH, checkpoint or rotate.")
}

// newLedger puts the ledger on the store, with the key that signs its
// checkpoints and the mark that lies in the data folder.
func (p *portal) newLedger() (*ledger.Ledger, error) {
	key, err := ledger.OpenKey(ledgerKeyPath(p.cfg))
	if err != nil {
		return nil, err
	}
	mark := markPath(p.cfg.Data)
	if err := private(filepath.Dir(mark)); err != nil {
		return nil, err
	}
	return &ledger.Ledger{Log: p.engine.Log(), Key: key, Now: p.now, Mark: &ledger.Mark{Path: mark},
		Checkpoints: &journal.Checkpoints{Rows: on[journal.Checkpoint](p.engine, journal.Kinds, "checkpoints")}}, nil
}

// markPath is where the mark lies: beside the keys, not in the store.
func markPath(data string) string { return filepath.Join(data, "keys", "ledger-mark.txt") }

func ledgerKeyPath(cfg config.Config) string {
	if cfg.LedgerKeyFile != "" {
		return cfg.LedgerKeyFile
	}
	return filepath.Join(filepath.Dir(masterPath(cfg)), "ledger.json")
}

func exportLedger(ctx context.Context, in invocation, cfg config.Config, path string) error {
	p, err := build(ctx, cfg, logger(in.Stderr, cfg.LogLevel), time.Now)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.ledger.DrainAll(ctx, p.engine); err != nil {
		return err
	}
	var s ledger.Signed
	err = ledger.WriteExport(path, func(a ledger.Archive) error {
		s, err = p.ledger.Export(ctx, a)
		return err
	})
	if err != nil {
		return err
	}
	if err := p.ledger.Resume(ctx); err != nil {
		fmt.Fprintf(in.Stderr, "The export was made, but beware: %s\n", oneLine(err.Error()))
	}
	_, err = fmt.Fprintf(in.Stdout, "%s is the ledger of %s up to %s: %d entries with the root %s.\n", path, s.Origin, s.At.Format(time.RFC3339), s.Size, s.Root)
	return err
}

func signLedger(ctx context.Context, in invocation, cfg config.Config) error {
	p, err := open(ctx, cfg, logger(in.Stderr, cfg.LogLevel), time.Now)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.ledger.DrainAll(ctx, p.engine); err != nil {
		return err
	}
	s, err := p.ledger.Checkpoint(ctx)
	if err != nil {
		return err
	}
	_, err = in.Stdout.Write(s.Note)
	return err
}

// rotateLedger lets the old key vouch for everything that is there before it
// goes, and signs nothing with the new one: a portal that still runs with the
// old list of keys could not read that.
func rotateLedger(ctx context.Context, in invocation, cfg config.Config) error {
	p, err := open(ctx, cfg, logger(in.Stderr, cfg.LogLevel), time.Now)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.ledger.DrainAll(ctx, p.engine); err != nil {
		return err
	}
	last, err := p.ledger.Checkpoint(ctx)
	if err != nil {
		return err
	}
	path := ledgerKeyPath(cfg)
	if err := ledger.RotateKey(path); err != nil {
		return err
	}
	key, err := ledger.OpenKey(path)
	if err != nil {
		return err
	}
	if _, err := key.Public().Open(last.Note); err != nil {
		return fmt.Errorf("the new list of keys does not hold the one that signed the last checkpoint: %w", err)
	}
	_, err = fmt.Fprintf(in.Stdout, "The old key signed %d entries last, on %s. From the next start on, checkpoints are signed with:\n%s\nStart the portal again now, and keep a new copy of %s.\n",
		last.Size, last.At.Format(time.RFC3339), key.Public().Lines()[0], path)
	return err
}

func verifyLedger(ctx context.Context, in invocation, path string, f ledgerFlags) error {
	var terms ledger.Terms
	if f.key.given {
		b, err := readInput(f.key.value)
		if err != nil {
			return err
		}
		if terms.Keys, err = ledger.ParseKeys(string(b)); err != nil {
			return usage("The file %s holds no public keys of a ledger: %s.", f.key.value, err)
		}
	}
	if f.since.given {
		b, err := readInput(f.since.value)
		if err != nil {
			return err
		}
		terms.Since = b
	}
	r, err := ledger.VerifyFile(ctx, path, terms)
	var flaw *ledger.Flaw
	switch {
	case errors.As(err, &flaw):
		return failed("Not verified: " + flaw.Error() + ".")
	case errors.Is(err, fs.ErrNotExist):
		return usage("There is no export at %s.", path)
	case err != nil:
		return err
	}
	return describe(in.Stdout, r, f)
}

// readInput reads a small file that a flag names.
func readInput(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usage("The file %s cannot be read.", path)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, usage("The file %s cannot be read.", path)
	}
	// An empty file must not pass for none.
	return append([]byte{}, b...), nil
}

// describe says in words what was verified, and what that does not show.
func describe(w io.Writer, r ledger.Report, f ledgerFlags) error {
	c := r.Checkpoint
	if p := r.Party; p != nil {
		fmt.Fprintf(w, "Verified: the ledger %s has %d entries, numbered without a gap, %d of them yours (%s) and readable; the whole agrees with the checkpoint of %s.\n",
			c.Origin, c.Size, p.Own, p.Organisation, c.At.Format(time.RFC3339))
		fmt.Fprintln(w, "Of the entries of others there is the hash alone: they are counted and bound, but cannot be read.")
	} else {
		fmt.Fprintf(w, "Verified: the ledger %s has %d entries, numbered without a gap, each unchanged.\n", c.Origin, c.Size)
	}
	if !r.First.IsZero() {
		fmt.Fprintf(w, "They tell of events from %s to %s.\n", r.First.Format(time.RFC3339), r.Last.Format(time.RFC3339))
	}
	fmt.Fprintf(w, "Together they make the root %s, which was signed on %s with the key %s.\n", c.Root, c.At.Format(time.RFC3339), r.Key)
	if r.OwnKeys {
		fmt.Fprintln(w, "Warning: that key came with the export itself; hold it against one you were given before with --key FILE.")
	} else {
		fmt.Fprintf(w, "That key is among those in %s.\n", f.key.value)
	}
	if s := r.Since; s != nil {
		fmt.Fprintf(w, "The first %d entries are those of the checkpoint of %s: nothing before it was rewritten.\n", s.Size, s.At.Format(time.RFC3339))
	} else {
		fmt.Fprintln(w, "No earlier checkpoint was given, so a ledger that was rewritten whole would not be noticed; use --since CHECKPOINT.")
	}
	for _, name := range r.Unlisted {
		fmt.Fprintf(w, "The file %s is no part of the export; nothing vouches for it.\n", oneLine(name))
	}
	return nil
}
