package dossier

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// proof is one line of proofs/entries.jsonl, as proofs.txt describes it.
type proof struct {
	Number int64    `json:"number"`
	Leaf   string   `json:"leaf"`
	Data   string   `json:"data"`
	Path   []string `json:"path"`
}

// prove writes every sealed entry with its proof in the tree of the checkpoint.
func (b Base) prove(ctx context.Context, to io.Writer) error {
	w := bufio.NewWriter(to)
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for _, e := range b.Sealed {
		path, err := b.from.Ledger.Prove(ctx, e.Number, b.Signed.Size)
		if err != nil {
			return fmt.Errorf("prove entry %d: %w", e.Number, err)
		}
		leaf := tlog.RecordHash(e.Data)
		one := proof{Number: e.Number, Leaf: hex.EncodeToString(leaf[:]), Data: string(e.Data), Path: []string{}}
		for _, h := range path {
			one.Path = append(one.Path, hex.EncodeToString(h[:]))
		}
		if err := lines.Encode(one); err != nil {
			return err
		}
	}
	return w.Flush()
}
