// Package static holds the portal's style sheet, scripts and icon, and the
// verifier of ledger exports for a browser. Each is served under a name with its
// content's hash, so that a browser may keep it for ever: "/static/app.1f0c….css".
package static

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"sync"
)

// The layers of the style sheet; the later win.
var (
	//go:embed tokens.css
	tokens string
	//go:embed base.css
	base string
	//go:embed components.css
	components string
	//go:embed pages.css
	pages string
	//go:embed print.css
	printing string

	//go:embed app.js
	script string
	//go:embed icon.svg
	icon string

	//go:embed verify.js
	verifyScript string
	// wasm_exec.js is Go's own, from lib/wasm of the release that compiled the
	// verifier: the two belong together.
	//go:embed wasm_exec.js
	wasmScript string
	// verify.wasm.gz is cmd/verifier, compiled and compressed by make generate, so
	// that the portal needs nothing but Go to be built. A test holds it against its source.
	//go:embed verify.wasm.gz
	verifier string
)

// Prefix is where the files are served.
const Prefix = "/static/"

// File is one file, ready to be sent.
type File struct {
	Body     []byte
	Type     string // media type with its character set
	Encoding string // "gzip" when Body is compressed; "" when it is not
	Hash     string // of Body, in the file's name
}

type folder struct {
	byName map[string]File   // by the name with the hash
	path   map[string]string // from plain name to address
	sum    map[string]string // from plain name to what integrity says
}

// all is computed once, from what is built into the program; it never changes.
var all = sync.OnceValue(func() folder {
	f := folder{map[string]File{}, map[string]string{}, map[string]string{}}
	f.add("app.css", "text/css; charset=utf-8", "", tokens+base+components+pages+printing)
	f.add("app.js", "text/javascript; charset=utf-8", "", script)
	f.add("icon.svg", "image/svg+xml; charset=utf-8", "", icon)
	f.add("verify.js", "text/javascript; charset=utf-8", "", verifyScript)
	f.add("wasm_exec.js", "text/javascript; charset=utf-8", "", wasmScript)
	f.add("verify.wasm", "application/wasm", "gzip", verifier)
	return f
})

func (f folder) add(name, mediaType, encoding, body string) {
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:8])
	stem, ext, _ := strings.Cut(name, ".")
	hashed := stem + "." + hash + "." + ext
	f.byName[hashed] = File{Body: []byte(body), Type: mediaType, Encoding: encoding, Hash: hash}
	f.path[name] = Prefix + hashed
	f.sum[name] = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Integrity gives what a page says of a script, so that a browser runs it only
// with this content: "sha256-…"; "" when there is no such file.
func Integrity(name string) string { return all().sum[name] }

// Path gives the address of a file by its plain name, "app.css" or
// "verify.wasm", or "" when there is no such file.
func Path(name string) string { return all().path[name] }

// Lookup finds a file by the last part of its address, with the hash. Only the
// present content is found: an old address answers as one that never was. It
// may be sent as "public, max-age=31536000, immutable".
func Lookup(hashed string) (File, bool) {
	f, ok := all().byName[hashed]
	return f, ok
}
