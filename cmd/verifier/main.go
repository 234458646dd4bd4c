//go:build js && wasm

// Command verifier is the check of ledger exports for a browser: the code of
// inzage ledger verify, compiled to WebAssembly. It reads the files where they
// are, and sends nothing anywhere.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"syscall/js"
	"time"

	"inzage/services/ledger"
)

// main offers the function inzageVerify(files, keys, since) to the page and
// waits for calls. files are File objects; keys and since are a File or null.
// It returns a promise of what verdict makes.
func main() {
	js.Global().Set("inzageVerify", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return promise(func() (map[string]any, error) {
			if len(args) != 3 {
				return nil, errors.New("inzageVerify takes files, keys and an earlier checkpoint")
			}
			return verify(args[0], args[1], args[2])
		})
	}))
	select {}
}

// verify reads what to hold the files against, and then the files. A flaw is a
// verdict; an error means that something could not be read.
func verify(files, keys, since js.Value) (map[string]any, error) {
	var terms ledger.Terms
	if keys.Truthy() {
		text, err := readAll(keys)
		if err != nil {
			return nil, err
		}
		if terms.Keys, err = ledger.ParseKeys(string(text)); err != nil {
			return nil, fmt.Errorf("the file of keys: %w", err)
		}
	}
	if since.Truthy() {
		text, err := readAll(since)
		if err != nil {
			return nil, err
		}
		// An empty file must not pass for none.
		terms.Since = append([]byte{}, text...)
	}
	all := newBlobs(files)
	if len(all) == 1 {
		return verifyOne(all[0], terms)
	}
	r, err := ledger.Verify(context.Background(), folder(all), terms)
	return verdict(r, err)
}

// verifyOne verifies the ZIP of an export, or the proof of one entry.
func verifyOne(f *blob, terms ledger.Terms) (map[string]any, error) {
	head := make([]byte, min(int64(len(ledger.ProofHead)), f.size))
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil, err
	}
	if !bytes.Equal(head, []byte(ledger.ProofHead)) {
		r, err := ledger.VerifyZIP(context.Background(), f, f.size, terms)
		return verdict(r, err)
	}
	if len(terms.Keys.Lines()) == 0 {
		return nil, errors.New("a proof is checked with the public keys of the ledger: add keys.txt")
	}
	text, err := readAll(f.file)
	if err != nil {
		return nil, err
	}
	p, err := ledger.OpenProof(text, terms.Keys)
	if flaw, ok := errors.AsType[*ledger.Flaw](err); ok {
		return map[string]any{"flaw": flaw.Error()}, nil
	}
	return map[string]any{"entry": p.Number, "data": string(p.Data), "checkpoint": checkpoint(p.Checkpoint)}, err
}

// verdict is the report for the page.
func verdict(r ledger.Report, err error) (map[string]any, error) {
	if flaw, ok := errors.AsType[*ledger.Flaw](err); ok {
		return map[string]any{"flaw": flaw.Error()}, nil
	}
	if err != nil {
		return nil, err
	}
	v := map[string]any{"checkpoint": checkpoint(r.Checkpoint), "key": r.Key, "ownKeys": r.OwnKeys, "unlisted": texts(r.Unlisted)}
	if r.Since != nil {
		v["since"] = checkpoint(*r.Since)
	}
	return v, nil
}

func checkpoint(c ledger.Checkpoint) map[string]any {
	return map[string]any{"origin": c.Origin, "size": c.Size, "root": c.Root.String(), "at": c.At.Format(time.RFC3339)}
}

func texts(all []string) []any {
	var out []any
	for _, s := range all {
		out = append(out, s)
	}
	return out
}
