// Package agreements holds the processing agreements that come with the
// portal, as data: one YAML file per preset, the JSON Schema they follow, and
// the vocabulary that names every term. It holds no rules; package
// services/agreements reads it.
package agreements

import "embed"

//go:embed *.yaml schema.json
var files embed.FS

// Read returns one of the files by name, for example "mpg.yaml" or "schema.json".
func Read(name string) ([]byte, error) { return files.ReadFile(name) }
