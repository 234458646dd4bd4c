// Package static holds the portal's style sheet, script and icon. Each is
// served under a name with its content's hash, so that a browser may keep it
// for ever: "/static/app.1f0c….css".
package static

import (
	"crypto/sha256"
	_ "embed"
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
)

// Prefix is where the files are served.
const Prefix = "/static/"

// File is one file, ready to be sent.
type File struct {
	Body []byte
	Type string // media type with its character set
	Hash string // of Body, in the file's name
}

type folder struct {
	byName map[string]File   // by the name with the hash
	path   map[string]string // from plain name to address
}

// all is computed once, from what is built into the program; it never changes.
var all = sync.OnceValue(func() folder {
	f := folder{map[string]File{}, map[string]string{}}
	f.add("app.css", "text/css; charset=utf-8", tokens+base+components+pages+printing)
	f.add("app.js", "text/javascript; charset=utf-8", script)
	f.add("icon.svg", "image/svg+xml", icon)
	return f
})

func (f folder) add(name, mediaType, body string) {
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:8])
	stem, ext, _ := strings.Cut(name, ".")
	hashed := stem + "." + hash + "." + ext
	f.byName[hashed] = File{Body: []byte(body), Type: mediaType, Hash: hash}
	f.path[name] = Prefix + hashed
}

// Path gives the address of "app.css", "app.js" or "icon.svg", or "" when
// there is no such file.
func Path(name string) string { return all().path[name] }

// Lookup finds a file by the last part of its address, with the hash. Only the
// present content is found: an old address answers as one that never was. It
// may be sent as "public, max-age=31536000, immutable".
func Lookup(hashed string) (File, bool) {
	f, ok := all().byName[hashed]
	return f, ok
}
