//go:build js && wasm

// Command verifier is the check of ledger exports for a browser: the code of
// inzage ledger verify, compiled to WebAssembly. It reads the files where they
// are, and sends nothing anywhere.
package main

import (
	"bytes"
	"context"
	"errors"
	"syscall/js"
	"time"

	"inzage/services/ledger"
)

// main offers the function inzageVerify(files, keys, since) to the page and
// waits for calls. files are File objects; keys and since are a File or null.
// It returns a promise of what verdict makes.
func main() {
	js.Global().Set("inzageVerify", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return promise(func() map[string]any { return verify(args[0], args[1], args[2]) })
	}))
	select {}
}

// verify makes the verdict on the files. Trouble is no verdict: something could
// not be read.
func verify(files, keys, since js.Value) map[string]any {
	v, err := judge(files, keys, since)
	if flaw, ok := errors.AsType[*ledger.Flaw](err); ok {
		return map[string]any{"flaw": words(flaw.Remark())}
	}
	if remark, ok := errors.AsType[ledger.Remark](err); ok {
		return map[string]any{"trouble": words(remark)}
	}
	if err != nil {
		return map[string]any{"trouble": err.Error()}
	}
	return v
}

// words hands a remark to the page, which has it in the reader's language.
func words(r ledger.Remark) map[string]any {
	values := []any{}
	for _, v := range r.Values {
		if inner, ok := v.(ledger.Remark); ok {
			v = words(inner)
		}
		values = append(values, v)
	}
	return map[string]any{"says": string(r.Sentence), "values": values}
}

// judge reads what to hold the files against, and then the files.
func judge(files, keys, since js.Value) (map[string]any, error) {
	var terms ledger.Terms
	if keys.Truthy() {
		text, err := readAll(keys)
		if err != nil {
			return nil, err
		}
		if terms.Keys, err = ledger.ParseKeys(string(text)); err != nil {
			return nil, ledger.Remark{Sentence: ledger.UnreadKeys, Values: []any{err}}
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
		return nil, ledger.Remark{Sentence: ledger.KeylessProof}
	}
	text, err := readAll(f.file)
	if err != nil {
		return nil, err
	}
	p, err := ledger.OpenProof(text, terms.Keys)
	return map[string]any{"entry": p.Number, "data": string(p.Data), "checkpoint": checkpoint(p.Checkpoint)}, err
}

// verdict is the report for the page.
func verdict(r ledger.Report, err error) (map[string]any, error) {
	if err != nil {
		return nil, err
	}
	v := map[string]any{"checkpoint": checkpoint(r.Checkpoint), "key": r.Key, "ownKeys": r.OwnKeys, "unlisted": texts(r.Unlisted)}
	if r.Since != nil {
		v["since"] = checkpoint(*r.Since)
	}
	if r.Party != nil {
		v["party"] = map[string]any{"organisation": r.Party.Organisation, "own": r.Party.Own}
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
