package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Root is the Merkle root over the first size entries.
func (l *Ledger) Root(ctx context.Context, size int64) (tlog.Hash, error) {
	return tlog.TreeHash(size, l.hashes(ctx))
}

// Prove proves that the entry is in the tree of the first size entries (RFC
// 6962, 2.1.1). Numbers count from 0; number must be below size.
func (l *Ledger) Prove(ctx context.Context, number, size int64) (tlog.RecordProof, error) {
	return tlog.ProveRecord(size, number, l.hashes(ctx))
}

// ProveTree proves that the tree of the first size entries begins with that of
// the first earlier entries (RFC 6962, 2.1.2). Nothing has to be proven of an
// empty tree: earlier is at least 1 and at most size.
func (l *Ledger) ProveTree(ctx context.Context, earlier, size int64) (tlog.TreeProof, error) {
	return tlog.ProveTree(size, earlier, l.hashes(ctx))
}

// hashes reads the stored Merkle hashes out of the records that hold them.
func (l *Ledger) hashes(ctx context.Context) tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, 0, len(indexes))
		for _, ix := range indexes {
			level, n := tlog.SplitStoredHashIndex(ix)
			// The hash of the n-th full subtree of this level was stored by the
			// record that completed it.
			number := (n+1)<<level - 1
			records, err := l.Log.Read(ctx, number, 1)
			if err != nil {
				return nil, fmt.Errorf("read the hashes of record %d: %w", number, err)
			}
			if len(records) != 1 || records[0].Number != number || len(records[0].Hashes) <= level || len(records[0].Hashes[level]) != tlog.HashSize {
				return nil, fmt.Errorf("the log lacks hash %d of record %d", level, number)
			}
			out = append(out, tlog.Hash(records[0].Hashes[level]))
		}
		return out, nil
	}
}

// overlay reads hashes of records that are not stored yet before those that are.
type overlay struct {
	under tlog.HashReader
	at    map[int64]tlog.Hash
}

func (o *overlay) add(number int64, stored []tlog.Hash) {
	first := tlog.StoredHashIndex(0, number)
	for i, h := range stored {
		o.at[first+int64(i)] = h
	}
}

// ReadHashes implements tlog.HashReader.
func (o *overlay) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var missing []int64
	for _, ix := range indexes {
		if _, ok := o.at[ix]; !ok {
			missing = append(missing, ix)
		}
	}
	if len(missing) > 0 {
		below, err := o.under.ReadHashes(missing)
		if err != nil {
			return nil, err
		}
		for i, ix := range missing {
			o.at[ix] = below[i]
		}
	}
	out := make([]tlog.Hash, len(indexes))
	for i, ix := range indexes {
		out[i] = o.at[ix]
	}
	return out, nil
}

// tree folds the hashes of entries into the root, one after the other, with
// the memory of one hash for every level.
type tree struct {
	size  int64
	edges []tlog.Hash // of the full subtrees from left to right, the largest first
}

// add appends the hash of the next entry and returns the hashes of the
// subtrees that it completes, its own first: what the record stores.
func (t *tree) add(leaf tlog.Hash, completed []tlog.Hash) []tlog.Hash {
	completed = append(completed[:0], leaf)
	h := leaf
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.edges) - 1
		h = tlog.NodeHash(t.edges[last], h)
		t.edges = t.edges[:last]
		completed = append(completed, h)
	}
	t.edges = append(t.edges, h)
	t.size++
	return completed
}

func (t *tree) root() tlog.Hash {
	if t.size == 0 {
		h, _ := tlog.TreeHash(0, nil) // the empty tree reads no hashes, so there is no error
		return h
	}
	last := len(t.edges) - 1
	h := t.edges[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(t.edges[i], h)
	}
	return h
}
