package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"text/tabwriter"
	"time"
)

const benchHelp = `inzage bench [--requests N] [--seconds N] [--json]

Measures what this machine does with the portal's own code, in a new folder on
the disk of the data folder, which is removed afterwards. Absolute speeds move
with what else the machine does; the ratios to what the disk and the processor
can do at that moment are what can be compared.`

// benchmark is what inzage bench prints.
type benchmark struct {
	Go         string      `json:"go"`
	Processors int         `json:"processors"`
	Requests   int         `json:"requests"` // in the store when pages and ledger were measured
	Yardsticks []yardstick `json:"yardsticks"`
	Figures    []figure    `json:"figures"`
}

// figure is one thing that was measured.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Ratio is Value to Of, measured in turns with it: a yardstick or another figure. "" has none.
	Ratio float64 `json:"ratio,omitempty"`
	Of    string  `json:"of,omitempty"`
	// Gate is the ratio below which it is too slow; 0 sets none.
	Gate float64 `json:"gate,omitempty"`
}

// against is the ratio for people, with the gate and whether it was missed.
func (f figure) against() string {
	switch {
	case f.Of == "":
		return ""
	case f.Gate == 0:
		return fmt.Sprintf("%.3g x %s", f.Ratio, f.Of)
	case f.Ratio < f.Gate:
		return fmt.Sprintf("%.3g x %s, gate %.3g: missed", f.Ratio, f.Of, f.Gate)
	}
	return fmt.Sprintf("%.3g x %s, gate %.3g", f.Ratio, f.Of, f.Gate)
}

// extent is how much is measured.
type extent struct {
	requests int
	turn     time.Duration // of one repetition
}

func runBench(ctx context.Context, in invocation) error {
	var asJSON bool
	var requests, seconds int
	cfg, rest, err := settings("bench", in, benchHelp, func(fs *flag.FlagSet) {
		fs.BoolVar(&asJSON, "json", false, "print one JSON object")
		fs.IntVar(&requests, "requests", 10_000, "requests in the store, from 1000 to 1000000")
		fs.IntVar(&seconds, "seconds", 1, "length of one repetition, from 1 to 60")
	})
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return usage("inzage bench takes no arguments.")
	case requests < smallStore || requests > 1_000_000:
		return usage("--requests is %d; write a number from %d to 1000000.", requests, smallStore)
	case seconds < 1 || seconds > 60:
		return usage("--seconds is %d; write a number from 1 to 60.", seconds)
	case cfg.Store.Reveal() != "":
		return usage("inzage bench measures the embedded store; leave INZAGE_STORE empty.")
	}
	_, err = os.Stat(cfg.Data)
	ours := errors.Is(err, fs.ErrNotExist)
	if err := private(cfg.Data); err != nil {
		return err
	}
	folder, err := os.MkdirTemp(cfg.Data, "bench-")
	if err != nil {
		return fmt.Errorf("make a folder to measure in: %w", err)
	}
	b, err := measured(ctx, folder, extent{requests: requests, turn: time.Duration(seconds) * time.Second})
	err = errors.Join(err, os.RemoveAll(folder))
	if ours { // the data folder was made for this alone
		err = errors.Join(err, os.Remove(cfg.Data))
	}
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(in.Stdout).Encode(b)
	}
	return b.table(in.Stdout)
}

// measured takes every figure, on stores of its own in the folder.
func measured(ctx context.Context, folder string, e extent) (benchmark, error) {
	b := benchmark{Go: runtime.Version(), Processors: runtime.GOMAXPROCS(0), Requests: e.requests}
	var err error
	if b.Yardsticks, err = yardsticks(folder, e.turn); err != nil {
		return b, err
	}
	for _, take := range []func(context.Context, string, extent) ([]figure, error){filings, pages, uploads, sealing} {
		figures, err := take(ctx, folder, e)
		if err != nil {
			return b, err
		}
		b.Figures = append(b.Figures, figures...)
	}
	return b, nil
}

// table writes the benchmark for people.
func (b benchmark) table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s, %d processors, %d requests\n\nwhat the machine can do\n", b.Go, b.Processors, b.Requests)
	for _, y := range b.Yardsticks {
		fmt.Fprintf(t, "  %s\t%.0f\t%s\t\n", y.Name, y.Value, y.Unit)
	}
	fmt.Fprint(t, "\nwhat the portal does with it\n")
	for _, f := range b.Figures {
		fmt.Fprintf(t, "  %s\t%.4g\t%s\t%s\n", f.Name, f.Value, f.Unit, f.against())
	}
	return t.Flush()
}
