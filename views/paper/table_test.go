package paper_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"inzage/views/paper"
)

// A table goes on over pages, whatever stands in it, and short of columns or cells.
func TestTable(t *testing.T) {
	column := []paper.Column{{Label: "Wat", Share: 3}, {Label: "Bedrag", Share: 1, Amount: true}}
	long := strings.Repeat("regel ", 2000)
	for name, tt := range map[string]struct {
		grid  paper.Grid
		pages int // at least
	}{
		"no columns":  {paper.Grid{Rows: [][]string{{"a"}}}, 1},
		"no rows":     {paper.Grid{Columns: column}, 1},
		"short row":   {paper.Grid{Columns: column, Rows: [][]string{{"a"}, {}, {"a", "b", "c"}}}, 1},
		"long cell":   {paper.Grid{Columns: column, Rows: [][]string{{long, "1"}}}, 3},
		"many rows":   {paper.Grid{Columns: column, Rows: slicesOf([]string{"a", "1"}, 200)}, 4},
		"long word":   {paper.Grid{Columns: column, Rows: [][]string{{strings.Repeat("w", 3000), strings.Repeat("9", 300)}}}, 1},
		"odd signs":   {paper.Grid{Columns: column, Rows: [][]string{{"😀\uffff\xff", "\u202e%d"}}}, 1},
		"shares of 0": {paper.Grid{Columns: []paper.Column{{Label: "a"}, {Label: "b"}}, Rows: [][]string{{"a", "b"}}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			l := paper.Letter{Title: "T", Lang: "nl", Page: "{number}", At: time.Unix(0, 0), Blocks: []paper.Block{{Kind: paper.Table, Grid: tt.grid}}}
			if err := paper.Write(&b, l); err != nil {
				t.Fatalf("Write: %v", err)
			}
			if n := bytes.Count(b.Bytes(), []byte("/Type /Page /")); n < tt.pages {
				t.Errorf("%d pages, want at least %d", n, tt.pages)
			}
		})
	}
}

func slicesOf(row []string, n int) [][]string {
	var all [][]string
	for range n {
		all = append(all, row)
	}
	return all
}
