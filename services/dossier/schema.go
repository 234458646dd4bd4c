package dossier

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed schema/*.json
var schemas embed.FS

// Schema is the JSON Schema of a dossier.json, by the name that stands in it,
// such as "inzage.dossier.request/1". The schemas are written from the types
// of this package by its tests, which fail when the two differ.
func Schema(name string) ([]byte, error) {
	file, ok := strings.CutPrefix(name, "inzage.dossier.")
	if !ok {
		return nil, fmt.Errorf("there is no schema %q", name)
	}
	text, err := schemas.ReadFile("schema/" + strings.ReplaceAll(file, "/", "-") + ".json")
	if err != nil {
		return nil, fmt.Errorf("there is no schema %q: %w", name, err)
	}
	return text, nil
}
