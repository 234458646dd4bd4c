package files_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"inzage/services/fault"
	"inzage/services/store/files"
)

// fill writes beyond the limit of a file's size, which ends as a full disk
// does, then within it again.
func fill(folder string) int {
	signal.Ignore(syscall.SIGXFSZ)
	if err := fillUp(folder); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func fillUp(folder string) error {
	f, err := files.Open(folder)
	if err != nil {
		return err
	}
	limit := syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	w, err := f.Create(context.Background(), "req_1/fil_1")
	if err != nil {
		return err
	}
	for err == nil {
		_, err = w.Write(make([]byte, 300<<10))
	}
	if fault.KindOf(err) != fault.Unavailable {
		return fmt.Errorf("Write on a full disk = %w, want a fault of kind Unavailable", err)
	}
	if left, err := os.ReadDir(filepath.Join(folder, "begun")); err != nil || len(left) != 0 {
		return fmt.Errorf("%d files are left behind, %w", len(left), err)
	}
	if err := w.Commit(); err == nil {
		return fmt.Errorf("Commit after a failed Write was accepted")
	}
	if w, err = f.Create(context.Background(), "req_1/fil_1"); err != nil {
		return err
	}
	if _, err := w.Write(make([]byte, 300<<10)); err != nil {
		return err
	}
	return w.Commit()
}
