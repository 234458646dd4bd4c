package handlers

import (
	"cmp"
	"slices"

	"inzage/handlers/access"
	"inzage/handlers/api"
)

// Table is who may come to which route: the rows of the pages, and of the
// operations of the API as each declares itself, in the order of their paths.
func Table() []access.Row {
	rows := slices.Concat(access.Pages(), api.Rows())
	slices.SortFunc(rows, func(a, b access.Row) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method)) })
	return rows
}
