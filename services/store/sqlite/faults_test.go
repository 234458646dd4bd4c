package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/store"
	"inzage/services/store/sqlite"
)

// faultWriters and faultEach are how many write beside each other, and how much.
const faultWriters, faultEach = 4, 60

// writeThroughFaults writes documents and says of each what it was told: "ok",
// or "no" with the kind of the refusal. It goes on after a refusal, as a portal
// does, and nobody restarts anything.
func writeThroughFaults(folder string) error {
	ctx := context.Background()
	e, err := sqlite.Open(ctx, folder)
	if err != nil {
		return err
	}
	c := store.Collection[filing](e, filings)
	var out sync.Mutex
	var all sync.WaitGroup
	for w := range faultWriters {
		all.Go(func() {
			for i := range faultEach {
				v := newFiling(w*faultEach + i)
				err := c.Create(ctx, v, filed(v.ID))
				out.Lock()
				if err == nil {
					fmt.Println("ok", v.ID)
				} else {
					fmt.Println("no", v.ID, fault.KindOf(err))
				}
				out.Unlock()
			}
		})
	}
	all.Wait()
	os.Exit(0) // as a crash would: closing would write once more
	return nil
}

// TestFaultsOfTheKernel lets calls to the kernel fail while four write: what
// was acknowledged is all there and whole, what was refused is whole or absent
// and was called unavailable, and once the fault is over the store takes
// changes again by itself.
func TestFaultsOfTheKernel(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("CI is set and strace is not installed")
	}
	if err != nil {
		t.Skip("strace is not installed")
	}
	for name, inject := range map[string]string{
		"fsync fails":               "fsync,fdatasync:error=EIO:when=25..40",
		"fsync fails now and then":  "fsync,fdatasync:error=EIO:when=20+7",
		"writing fails":             "pwrite64:error=EIO:when=120..170",
		"the disk is full":          "pwrite64:error=ENOSPC:when=100+9",
		"the disk quota is used up": "pwrite64:error=EDQUOT:when=150..200",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			cmd := process(t.Context(), "write through faults", folder)
			trace := filepath.Join(t.TempDir(), "trace")
			names, _, _ := strings.Cut(inject, ":")
			cmd.Path, cmd.Args = strace, []string{"strace", "-f", "-qq", "-e", "trace=" + names, "-e", "inject=" + inject, "-o", trace, os.Args[0]}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			log, err := os.ReadFile(trace)
			must(t, err)
			kept(t, folder, string(out), strings.Count(string(log), "(INJECTED)"))
		})
	}
}

// kept holds what the process was told against what is there.
func kept(t *testing.T, folder, told string, injected int) {
	t.Helper()
	e := open(t, folder)
	c := store.Collection[filing](e, filings)
	acknowledged, refused, there := 0, 0, 0
	last := ""
	for line := range strings.Lines(told) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		id, kind, _ := strings.Cut(rest, " ")
		got, err := c.Get(t.Context(), id)
		switch {
		case err != nil && !errors.Is(err, document.ErrNotFound):
			t.Fatalf("%s: %v", id, err)
		case err == nil && len(got.Pending) != 1:
			t.Errorf("%s is there with %d events", id, len(got.Pending))
		}
		switch last = word; word {
		case "ok":
			if acknowledged++; err != nil {
				t.Errorf("acknowledged %s: %v", id, err)
			}
		case "no":
			if refused++; err == nil {
				there++
			}
			if kind != string(fault.Unavailable) {
				t.Errorf("%s was refused as %q, want %s", id, kind, fault.Unavailable)
			}
		default:
			t.Fatalf("the process says %q", line)
		}
	}
	var check string
	must(t, raw(t, filepath.Join(folder, "inzage.db")).QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&check))
	t.Logf("%d calls failed; %d acknowledged and all there, %d refused of which %d are there whole; integrity %s", injected, acknowledged, refused, there, check)
	if acknowledged+refused != faultWriters*faultEach || acknowledged == 0 || injected == 0 || check != "ok" {
		t.Errorf("%d acknowledged and %d refused of %d, %d calls failed, integrity %s", acknowledged, refused, faultWriters*faultEach, injected, check)
	}
	if last == "" {
		t.Error("the process said nothing")
	}
}
