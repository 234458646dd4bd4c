package ui

import "strings"

func (l Listing) label(i int) string {
	if i < len(l.Columns) {
		return l.Columns[i].Label
	}
	return ""
}

func (l Listing) numeric(i int) bool { return i < len(l.Columns) && l.Columns[i].Numeric }

// fileNote joins what is known of a file.
func fileNote(f File) string {
	var parts []string
	for _, s := range []string{f.Kind, f.Size, f.Note} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}
