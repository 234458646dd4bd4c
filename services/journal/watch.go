package journal

import (
	"context"
	"sync/atomic"
)

type watchKey struct{}

// Watch returns a context in which Noted tells whether a refusal was recorded.
// A guard around a service then leaves the entry of a refusal that nobody
// recorded, and no second one of a refusal that somebody did.
func Watch(ctx context.Context) context.Context {
	return context.WithValue(ctx, watchKey{}, new(atomic.Bool))
}

// Noted tells whether a refusal was recorded since Watch.
func Noted(ctx context.Context) bool {
	seen, ok := ctx.Value(watchKey{}).(*atomic.Bool)
	return ok && seen.Load()
}

func note(ctx context.Context) {
	if seen, ok := ctx.Value(watchKey{}).(*atomic.Bool); ok {
		seen.Store(true)
	}
}
