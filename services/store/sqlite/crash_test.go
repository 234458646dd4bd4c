package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/services/store"
	"inzage/services/store/sqlite"
)

// role names what this binary plays as a process of its own: "role:folder".
const role = "INZAGE_TEST_SQLITE_ROLE"

var roles = map[string]func(folder string) error{
	"write forever":        writeForever,
	"write twenty":         writeTwenty,
	"full disk":            fullDisk,
	"write through faults": writeThroughFaults,
	"erase through faults": eraseThroughFaults,
	"erase and crash":      eraseAndCrash,
}

func TestMain(m *testing.M) {
	name, folder, ok := strings.Cut(os.Getenv(role), ":")
	if !ok {
		code := m.Run()
		dropSeeds()
		os.Exit(code)
	}
	if err := roles[name](folder); err != nil {
		fmt.Println(err, "because of", errors.Unwrap(err))
		os.Exit(1)
	}
	os.Exit(0)
}

func process(ctx context.Context, name, folder string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), role+"="+name+":"+folder)
	return cmd
}

// inputOver tells a process whether its input has ended, with which the test
// that started it says that it has seen enough.
func inputOver() func() bool {
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = io.Copy(io.Discard, os.Stdin) // nothing is sent
	}()
	return func() bool {
		select {
		case <-over:
			return true
		default:
			return false
		}
	}
}

// writeForever prints the id of every acknowledged document from eight writers.
func writeForever(folder string) error {
	ctx := context.Background()
	e, err := sqlite.Open(ctx, folder)
	if err != nil {
		return err
	}
	c := store.Collection[filing](e, filings)
	var out sync.Mutex
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := w; err == nil; i += 8 {
				v := newFiling(i)
				if err := c.Create(ctx, v, filed(v.ID)); err != nil {
					fmt.Println("failed", err)
					return
				}
				out.Lock()
				fmt.Println(v.ID)
				out.Unlock()
			}
		})
	}
	wg.Wait()
	return nil
}

// TestKill ends a writing process at any instruction: what it acknowledged is
// all there, whole, and what it did not is whole or absent.
func TestKill(t *testing.T) {
	folder := t.TempDir()
	var acknowledged []string
	for round := range 3 {
		cmd := process(t.Context(), "write forever", folder)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for n := 0; n < 100+37*round && lines.Scan(); n++ {
			acknowledged = append(acknowledged, lines.Text())
		}
		must(t, cmd.Process.Kill())
		for lines.Scan() { // what was acknowledged before the kill came through
			if strings.HasPrefix(lines.Text(), "req_") && len(lines.Text()) == len(acknowledged[0]) {
				acknowledged = append(acknowledged, lines.Text())
			}
		}
		_ = cmd.Wait() // it was killed
	}
	e := open(t, folder)
	c := store.Collection[filing](e, filings)
	for _, id := range acknowledged {
		got, err := c.Get(t.Context(), id)
		if err != nil || len(got.Pending) != 1 {
			t.Fatalf("acknowledged %s: %v with %d events", id, err, len(got.Pending))
		}
	}
	var check string
	must(t, raw(t, filepath.Join(folder, "inzage.db")).QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&check))
	if check != "ok" || len(acknowledged) < 300 {
		t.Errorf("integrity %s after %d acknowledged", check, len(acknowledged))
	}
}

// fullDisk lowers the limit of a file's size below what is needed, which ends
// as a full disk does, and lifts it again. Nobody restarts anything.
func fullDisk(folder string) error {
	signal.Ignore(syscall.SIGXFSZ)
	ctx := context.Background()
	e, err := sqlite.Open(ctx, folder)
	if err != nil {
		return err
	}
	c := store.Collection[filing](e, filings)
	kept := newFiling(1)
	if err := c.Create(ctx, kept, filed(kept.ID)); err != nil {
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	full := limit
	full.Cur = 256 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		return err
	}
	var lost []string
	for i := 0; len(lost) < 5; i++ {
		v := newFiling(i)
		v.Sealed = strings.Repeat("x", 20_000)
		err := c.Create(ctx, v, filed(v.ID))
		if err != nil {
			if fault.KindOf(err) != fault.Unavailable {
				return fmt.Errorf("on a full disk: %w, want a fault of kind Unavailable", err)
			}
			lost = append(lost, v.ID)
		}
		if i > 1000 {
			return errors.New("the disk does not fill up")
		}
	}
	if _, err := c.Get(ctx, kept.ID); err != nil {
		return fmt.Errorf("read on a full disk: %w", err)
	}
	if err := e.Ping(ctx); fault.KindOf(err) != fault.Unavailable {
		return fmt.Errorf("ping on a full disk: %w, want a fault of kind Unavailable", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	if err := e.Ping(ctx); err != nil {
		return fmt.Errorf("ping after the disk has room again: %w", err)
	}
	again := newFiling(2)
	if err := c.Create(ctx, again, filed(again.ID)); err != nil {
		return fmt.Errorf("after the disk has room again: %w", err)
	}
	for _, id := range lost {
		if _, err := c.Get(ctx, id); !errors.Is(err, document.ErrNotFound) {
			return fmt.Errorf("what was refused is there: %s: %w", id, err)
		}
	}
	_, err = c.Update(ctx, kept.ID, func(f *filing) ([]ledger.Event, error) {
		f.State = "closed"
		return []ledger.Event{filed(f.ID)}, nil
	})
	return errors.Join(err, e.Close())
}

func TestFullDisk(t *testing.T) {
	if out, err := process(t.Context(), "full disk", t.TempDir()).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// writeTwenty makes twenty changes one after the other.
func writeTwenty(folder string) error {
	ctx := context.Background()
	e, err := sqlite.Open(ctx, folder)
	if err != nil {
		return err
	}
	c := store.Collection[filing](e, filings)
	for i := range 20 {
		if err := c.Create(ctx, newFiling(i)); err != nil {
			return err
		}
	}
	// The kernel ends the process here: closing would sync once more.
	os.Exit(0)
	return nil
}

// TestEveryCommitIsSynced counts the calls that reach the kernel: kill -9 says
// nothing about a power cut, and a weaker setting syncs a handful of times.
func TestEveryCommitIsSynced(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("CI is set and strace is not installed")
	}
	if err != nil {
		t.Skip("strace is not installed")
	}
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := process(t.Context(), "write twenty", t.TempDir())
	cmd.Path, cmd.Args = strace, []string{"strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace, os.Args[0]}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(trace)
	must(t, err)
	n := strings.Count(string(data), "sync(")
	t.Logf("%d syncs for 20 changes and the opening of an empty store", n)
	if n < 20 {
		t.Errorf("%d syncs for 20 changes one after the other", n)
	}
}
