package sqlite

import (
	"context"
	"runtime"
)

// ReadTexts are the queries that were prepared for reading so far, of all files.
func (e *Engine) ReadTexts() map[string][]string {
	out := map[string][]string{}
	for name, f := range e.files {
		f.stmts.Range(func(text, _ any) bool {
			out[name] = append(out[name], text.(string))
			return true
		})
	}
	return out
}

// Hold blocks the writer of the main file until release is called.
func (e *Engine) Hold() (held chan struct{}, release func()) {
	held, free := make(chan struct{}), make(chan struct{})
	go func() {
		_ = e.main().write(context.Background(), false, func(*tx) error {
			close(held)
			<-free
			return nil
		})
	}()
	return held, func() { close(free) }
}

// WaitQueued returns once n changes wait for the writer of the main file.
func (e *Engine) WaitQueued(n int) {
	for len(e.main().queue) < n {
		runtime.Gosched()
	}
}
