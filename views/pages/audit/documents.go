package audit

import "inzage/views/ui"

// listing is the grid as the table of a page.
func (g Grid) listing(p ui.Page) ui.Listing {
	l := ui.Listing{Caption: g.Caption, TestID: "grid"}
	for _, c := range g.Columns {
		l.Columns = append(l.Columns, ui.Column{Label: c.Label, Numeric: c.Amount})
	}
	for _, r := range g.Rows {
		var row ui.Row
		for _, c := range r {
			cell := ui.Cell{Text: c.Text, Note: c.Note}
			if c.Chip != nil {
				cell = ui.Cell{Body: cellChip(p, c)}
			}
			row.Cells = append(row.Cells, cell)
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}
