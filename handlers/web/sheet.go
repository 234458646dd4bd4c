package web

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// sandboxed is the policy of a file to keep: opened in a browser it runs nothing.
const sandboxed = "sandbox; default-src 'none'; frame-ancestors 'none'"

// sendSheet sends a table as CSV to be kept.
func sendSheet(c *fiber.Ctx, name string, table [][]string) error {
	text, err := sheetOf(table)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8; header=present")
	c.Set(fiber.HeaderContentDisposition, attachment(name))
	c.Set(fiber.HeaderContentSecurityPolicy, sandboxed)
	return c.Send(text)
}

// sheetOf writes a table as CSV in which no cell is a formula.
func sheetOf(table [][]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff") // so that a spreadsheet reads it as UTF-8
	w := csv.NewWriter(&b)
	for _, row := range table {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = plainCell(cell)
		}
		if err := w.Write(safe); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// plainCell keeps a cell from being a formula: what a spreadsheet would take
// for one is made text by an apostrophe. A whole number stays a number, also
// below zero.
func plainCell(s string) string {
	if _, err := strconv.Atoi(s); err == nil || s == "" {
		return s
	}
	if strings.ContainsRune("=+-@\t\r\n|%", rune(s[0])) {
		return "'" + s
	}
	return s
}
