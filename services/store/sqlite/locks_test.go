package sqlite_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The locks of a write-ahead log are bytes of the -shm file: the writer's, then
// those of the checkpoint, of the recovery and of five readers
// (https://www.sqlite.org/walformat.html, section 2.3).
const writeLock, walLocks = 120, 8

// TestLocksAreHeld lets another program hold locks for longer than anybody
// waits: changes are refused as unavailable meanwhile, nothing that was
// acknowledged is lost, and afterwards the store takes changes by itself.
func TestLocksAreHeld(t *testing.T) {
	for name, bytes := range map[string]int64{"the writer's lock": 1, "all locks": walLocks} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			cmd := process(t.Context(), "write through faults", folder)
			in, err := cmd.StdinPipe() // it goes on until this is closed
			must(t, err)
			out, err := cmd.StdoutPipe()
			must(t, err)
			must(t, cmd.Start())
			var told strings.Builder
			var held *os.File
			refused := 0
			for lines, n := bufio.NewScanner(out), 0; lines.Scan(); n++ {
				told.WriteString(lines.Text() + "\n")
				if strings.HasPrefix(lines.Text(), "no ") {
					refused++
				}
				switch {
				case n == 50:
					held = lock(t, filepath.Join(folder, "inzage.db-shm"), bytes)
				case held != nil && refused > 0:
					must(t, held.Close()) // which lets go of its locks
					must(t, in.Close())
					held = nil
				}
			}
			must(t, cmd.Wait())
			kept(t, folder, told.String(), refused)
		})
	}
}

// lock takes the first locks from the program that writes, waiting for them.
func lock(t *testing.T, path string, bytes int64) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	must(t, syscall.FcntlFlock(f.Fd(), syscall.F_SETLKW, &syscall.Flock_t{Type: syscall.F_WRLCK, Start: writeLock, Len: bytes}))
	return f
}
