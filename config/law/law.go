// Package law holds the provisions of law that the portal cites, as data:
// what each one makes the portal do, in plain words.
package law

import _ "embed"

//go:embed law.yaml
var text string

// YAML returns the file of provisions: a list of {id, label, title, says},
// the last three in English and Dutch.
func YAML() string { return text }
