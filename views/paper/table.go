package paper

import "inzage/views/paper/pdf"

// gap stands between the columns of a table, and around the lines of a row.
const gap = 1.5 * mm

// table sets a grid line by line, so that a row that is longer than the page
// goes on on the next one. The head stands on every page; read aloud it is once.
func (d *doc) table(g Grid) {
	if len(g.Columns) == 0 {
		return
	}
	var head []string
	for _, c := range g.Columns {
		head = append(head, c.Label)
	}
	table := d.file.Root().Add("Table")
	d.row(g, head, true, nil, cellsOf(table, "TH", len(head)))
	for _, r := range g.Rows {
		d.row(g, r, false, head, cellsOf(table, "TD", len(head)))
	}
}

func cellsOf(table *pdf.Element, tag string, n int) []*pdf.Element {
	row := table.Add("TR")
	var all []*pdf.Element
	for range n {
		all = append(all, row.Add(tag))
	}
	return all
}

// row sets one row. head is set again on a new page. Without elements the row
// is decoration.
func (d *doc) row(g Grid, cells []string, bold bool, head []string, as []*pdf.Element) {
	widths := g.widths()
	var columns [][]typed
	most := 1
	for i := range g.Columns {
		words := ""
		if i < len(cells) {
			words = cells[i]
		}
		columns = append(columns, d.lines(words, ink{small, bold}, widths[i]-gap))
		most = max(most, len(columns[i]))
	}
	tall := line - 1*mm
	// A short row stays whole; one that fills a page cannot.
	if short := float64(most)*tall + 2*gap; short < bottom/2 && d.y+short > bottom {
		d.headed(g, head)
	}
	d.y += gap / 2
	for n := range most {
		if d.y+tall > bottom {
			d.headed(g, head)
		}
		x := margin
		for i, lines := range columns {
			if n < len(lines) {
				var e *pdf.Element
				if as != nil {
					e = as[i]
				}
				d.set(e, lines[n], box{x, widths[i] - gap, tall, g.Columns[i].Amount}, small)
			}
			x += widths[i]
		}
		d.y += tall
	}
	d.y += gap / 2
	d.page.Line(margin, margin+width, d.y)
}

// headed begins a page with the head of the table.
func (d *doc) headed(g Grid, head []string) {
	d.newPage()
	if head != nil {
		d.row(g, head, true, nil, nil)
	}
}

// widths divides the page among the columns.
func (g Grid) widths() []float64 {
	sum := 0.0
	for _, c := range g.Columns {
		sum += max(c.Share, 0.1)
	}
	var all []float64
	for _, c := range g.Columns {
		all = append(all, width*max(c.Share, 0.1)/sum)
	}
	return all
}
