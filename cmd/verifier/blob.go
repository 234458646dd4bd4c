//go:build js && wasm

package main

import (
	"errors"
	"io"
	"io/fs"
	"syscall/js"
	"time"

	"inzage/services/ledger"
)

// window is how much of a file is read from the browser at once.
const window = 1 << 20

// blob is a File of the page, read where it is, a window at a time.
type blob struct {
	file js.Value
	name string
	size int64
	at   int64 // where the window begins
	held []byte
}

func newBlobs(files js.Value) []*blob {
	var all []*blob
	for i := range files.Length() {
		f := files.Index(i)
		all = append(all, &blob{file: f, name: f.Get("name").String(), size: int64(f.Get("size").Float())})
	}
	return all
}

// ReadAt implements io.ReaderAt. It waits for the browser, so it must not be
// called on the goroutine of a callback.
func (b *blob) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for n < len(p) {
		at := off + int64(n)
		if at >= b.size {
			return n, io.EOF
		}
		if at < b.at || at >= b.at+int64(len(b.held)) {
			if err := b.load(at - at%window); err != nil {
				return n, err
			}
		}
		n += copy(p[n:], b.held[at-b.at:])
	}
	return n, nil
}

func (b *blob) load(at int64) error {
	part, err := await(b.file.Call("slice", float64(at), float64(min(at+window, b.size))).Call("arrayBuffer"))
	if err != nil {
		return unread(b.name, err)
	}
	bytes := js.Global().Get("Uint8Array").New(part)
	b.at, b.held = at, make([]byte, bytes.Length())
	js.CopyBytesToGo(b.held, bytes)
	if len(b.held) == 0 {
		return unread(b.name, io.ErrUnexpectedEOF)
	}
	return nil
}

// unread says that a file changed or went away while it was read.
func unread(name string, err error) error {
	return ledger.Remark{Sentence: ledger.UnreadFile, Values: []any{name, err.Error()}}
}

// most is how large a file may be that is read whole.
const most = 1 << 20

func readAll(file js.Value) ([]byte, error) {
	b := &blob{file: file, name: file.Get("name").String(), size: int64(file.Get("size").Float())}
	if b.size > most {
		return nil, ledger.Remark{Sentence: ledger.HugeFile, Values: []any{b.name}}
	}
	return io.ReadAll(io.NewSectionReader(b, 0, b.size))
}

// folder is the files of an export that were given one by one.
type folder []*blob

// Open implements fs.FS.
func (f folder) Open(name string) (fs.File, error) {
	for _, b := range f {
		if b.name == name {
			return &opened{io.NewSectionReader(b, 0, b.size), b}, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir implements fs.ReadDirFS; there is one folder.
func (f folder) ReadDir(string) ([]fs.DirEntry, error) {
	var all []fs.DirEntry
	for _, b := range f {
		all = append(all, fs.FileInfoToDirEntry(info{b}))
	}
	return all, nil
}

// opened is one of them, open for reading.
type opened struct {
	io.Reader
	b *blob
}

func (o *opened) Stat() (fs.FileInfo, error) { return info{o.b}, nil }
func (o *opened) Close() error               { return nil }

// info is what is known of a file.
type info struct{ b *blob }

func (i info) Name() string       { return i.b.name }
func (i info) Size() int64        { return i.b.size }
func (i info) Mode() fs.FileMode  { return 0o400 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }

// await waits for a promise of the page.
func await(promised js.Value) (js.Value, error) {
	type settled struct {
		value js.Value
		err   error
	}
	done := make(chan settled, 1)
	kept := js.FuncOf(func(_ js.Value, args []js.Value) any { done <- settled{value: args[0]}; return nil })
	broken := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{err: errors.New(args[0].Call("toString").String())}
		return nil
	})
	defer kept.Release()
	defer broken.Release()
	promised.Call("then", kept, broken)
	s := <-done
	return s.value, s.err
}

// promise runs do beside the page and promises what it returns.
func promise(do func() map[string]any) js.Value {
	var run js.Func
	run = js.FuncOf(func(_ js.Value, args []js.Value) any {
		go func() {
			defer run.Release()
			args[0].Invoke(do())
		}()
		return nil
	})
	return js.Global().Get("Promise").New(run)
}
