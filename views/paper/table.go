package paper

// gap stands between the columns of a table, and around the lines of a row.
const gap = 1.5

// table sets a grid line by line, so that a row that is longer than the page
// goes on on the next one. The head stands on every page.
func (d *doc) table(g Grid) {
	if len(g.Columns) == 0 {
		return
	}
	var head []string
	for _, c := range g.Columns {
		head = append(head, c.Label)
	}
	d.row(g, head, "B", nil)
	for _, r := range g.Rows {
		d.row(g, r, "", head)
	}
	d.ink("", text)
}

// row sets one row. head is set again on a new page.
func (d *doc) row(g Grid, cells []string, style string, head []string) {
	d.ink(style, small)
	widths := g.widths()
	var columns [][]string
	most := 1
	for i := range g.Columns {
		words := ""
		if i < len(cells) {
			words = clean(cells[i])
		}
		columns = append(columns, d.SplitText(words, widths[i]-gap))
		most = max(most, len(columns[i]))
	}
	tall := line - 1
	// A short row stays whole; one that fills a page cannot.
	if short := float64(most)*tall + 2*gap; short < bottom/2 && d.GetY()+short > bottom {
		d.newPage(g, head, style)
	}
	d.Ln(gap / 2)
	for n := range most {
		if d.GetY()+tall > bottom {
			d.newPage(g, head, style)
		}
		x := margin
		for i, lines := range columns {
			if n < len(lines) {
				align := "L"
				if g.Columns[i].Amount {
					align = "R"
				}
				d.SetX(x)
				d.CellFormat(widths[i]-gap, tall, lines[n], "", 0, align, false, 0, "")
			}
			x += widths[i]
		}
		d.Ln(tall)
	}
	d.Ln(gap / 2)
	d.SetLineWidth(0.1)
	d.Line(margin, d.GetY(), margin+width, d.GetY())
}

func (d *doc) newPage(g Grid, head []string, style string) {
	d.AddPage()
	if head != nil {
		d.row(g, head, "B", nil)
		d.ink(style, small)
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
