package store

import (
	"context"
	"sync"
)

// queues line up the writers of one document in this process once they have
// met: compare-and-swap alone lets the fast overtake the slow again and again.
// Writers in other processes are met by compare-and-swap only.
type queues struct {
	mu  sync.Mutex
	all map[string]*queue
}

type queue struct {
	turn    chan struct{} // holds one element while somebody's turn lasts
	writers int           // those in the queue, the one whose turn it is included
}

// busy tells whether there is a queue for the document.
func (q *queues) busy(id string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.all[id] != nil
}

// join waits for the caller's turn and returns what ends it. After an error
// the caller has no turn, and nothing to end.
func (q *queues) join(ctx context.Context, id string) (func(), error) {
	q.mu.Lock()
	if q.all == nil {
		q.all = map[string]*queue{}
	}
	line := q.all[id]
	if line == nil {
		line = &queue{turn: make(chan struct{}, 1)}
		q.all[id] = line
	}
	line.writers++
	q.mu.Unlock()
	select {
	case line.turn <- struct{}{}:
		return func() { <-line.turn; q.leave(id, line) }, nil
	case <-ctx.Done():
		q.leave(id, line)
		return nil, ctx.Err()
	}
}

func (q *queues) leave(id string, line *queue) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if line.writers--; line.writers == 0 {
		delete(q.all, id)
	}
}
