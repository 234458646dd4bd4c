package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/store"
	"inzage/services/store/sqlite"
)

// faultWriters and faultEach are how many write beside each other, and how much
// at least; after so many refusals in a row a fault counts as one that stays.
const faultWriters, faultEach, refusalsMost = 4, 60, 1000

// writeThroughFaults writes documents and says of each what it was told: "ok",
// or "no" with the kind of the refusal. It reads what was acknowledged, and says
// "blind" with the kind when that was refused. It goes on after a refusal, as a
// portal does, and nobody restarts anything. It goes on until its input ends, and
// in the end it has to get through.
func writeThroughFaults(folder string) error {
	ctx, over := context.Background(), inputOver()
	e, err := sqlite.Open(ctx, folder)
	if err != nil {
		return err
	}
	c := store.Collection[filing](e, filings)
	var out sync.Mutex
	tell := func(words ...any) {
		out.Lock()
		defer out.Unlock()
		fmt.Println(words...)
	}
	write := func(i int) error {
		v := newFiling(i)
		err := c.Create(ctx, v, filed(v.ID))
		if err != nil {
			tell("no", v.ID, fault.KindOf(err))
			return err
		}
		tell("ok", v.ID)
		if got, err := c.Get(ctx, v.ID); err != nil {
			tell("blind", v.ID, fault.KindOf(err))
		} else if got.Sealed != v.Sealed {
			tell("other", v.ID)
		}
		return nil
	}
	var all sync.WaitGroup
	for w := range faultWriters {
		all.Go(func() {
			for i := range faultEach {
				_ = write(w*faultEach + i) // it told
			}
		})
	}
	all.Wait()
	for i, refused := faultWriters*faultEach, 0; ; i++ {
		if err := write(i); err == nil {
			refused = 0
		} else if refused++; refused > refusalsMost {
			return fmt.Errorf("the fault is over and the store still refuses: %w", err)
		}
		if refused == 0 && over() {
			break
		}
	}
	os.Exit(0) // as a crash would: closing would write once more
	return nil
}

// TestFaultsOfTheKernel lets calls to the kernel fail while four write and read:
// what was acknowledged is all there and whole, what was refused is whole or
// absent and was called unavailable, and once the fault is over the store takes
// changes again by itself.
func TestFaultsOfTheKernel(t *testing.T) {
	for name, inject := range map[string]string{
		"fsync fails":               "fsync,fdatasync:error=EIO:when=25..40",
		"fsync fails now and then":  "fsync,fdatasync:error=EIO:when=20+7",
		"writing fails":             "pwrite64:error=EIO:when=120..170",
		"the disk is full":          "pwrite64:error=ENOSPC:when=100+40",
		"the disk quota is used up": "pwrite64:error=EDQUOT:when=150..200",
		"reading fails":             "pread64:error=EIO:when=30..60",
		"reading fails, and again":  "pread64:error=EIO:when=30+5",
		"there are no locks":        "fcntl:error=ENOLCK:when=100..104",
		"a lock stays":              "fcntl:error=ENOLCK:when=150",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			told, trace := faulty(t, "write through faults", folder, inject)
			kept(t, folder, told, strings.Count(trace, injected))
		})
	}
}

// faulty plays a role while strace lets calls to the kernel fail, and ends its
// input once one has failed: strace counts the calls of each thread by itself,
// and by which threads they are made is the scheduler's business. It returns what
// the role said, and the calls.
func faulty(t *testing.T, name, folder, inject string) (told, trace string) {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("CI is set and strace is not installed")
	}
	if err != nil {
		t.Skip("strace is not installed")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := process(ctx, name, folder)
	in, err := cmd.StdinPipe()
	must(t, err)
	path := filepath.Join(t.TempDir(), "trace")
	calls, _, _ := strings.Cut(inject, ":")
	cmd.Path, cmd.Args = strace, []string{"strace", "-f", "-qq", "-e", "trace=" + calls, "-e", "inject=" + inject, "-o", path, os.Args[0]}
	go endOnceInjected(ctx, in, path)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	log, err := os.ReadFile(path)
	must(t, err)
	return string(out), string(log)
}

// injected is how strace marks a call that it let fail.
const injected = "(INJECTED)"

func endOnceInjected(ctx context.Context, in io.Closer, path string) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if trace, err := os.ReadFile(path); err == nil && strings.Contains(string(trace), injected) {
			_ = in.Close() // the process may have ended by itself
			return
		}
	}
}

// kept holds what the process was told against what is there.
func kept(t *testing.T, folder, told string, failed int) {
	t.Helper()
	e := open(t, folder)
	c := store.Collection[filing](e, filings)
	acknowledged, refused, there, unread := 0, 0, 0, 0
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
		switch word {
		case "ok":
			if acknowledged++; err != nil {
				t.Errorf("acknowledged %s: %v", id, err)
			}
		case "no":
			if refused++; err == nil {
				there++
			}
		case "blind":
			unread++
		case "other":
			t.Errorf("%s was read as something else", id)
		default:
			t.Fatalf("the process says %q", line)
		}
		if (word == "no" || word == "blind") && kind != string(fault.Unavailable) {
			t.Errorf("%s was refused as %q, want %s", line, kind, fault.Unavailable)
		}
	}
	var check string
	must(t, raw(t, filepath.Join(folder, "inzage.db")).QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&check))
	t.Logf("%d calls failed; %d acknowledged and all there, %d refused of which %d are there whole, %d not read; integrity %s", failed, acknowledged, refused, there, unread, check)
	if acknowledged+refused <= faultWriters*faultEach || acknowledged == 0 || failed == 0 || check != "ok" {
		t.Errorf("%d acknowledged and %d refused of %d, %d calls failed, integrity %s", acknowledged, refused, faultWriters*faultEach, failed, check)
	}
}
