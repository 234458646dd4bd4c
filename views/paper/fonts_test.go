package paper

import (
	"strings"
	"testing"
)

// Every font of the program opens, and each script finds its own.
func TestEveryFontOpens(t *testing.T) {
	all, err := files.ReadDir("fonts")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{plainFont: true, boldFont: true, pictures: true}
	for _, name := range own {
		known[name] = true
	}
	for _, f := range all {
		name := strings.TrimSuffix(f.Name(), ".ttf.gz")
		if _, err := unpack(name); err != nil || !known[name] {
			t.Errorf("%s: %v, known: %v", name, err, known[name])
		}
		delete(known, name)
	}
	if len(known) > 0 {
		t.Errorf("no file for %v", known)
	}
}
