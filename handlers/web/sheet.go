package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// sandboxed is the policy of a file to keep: opened in a browser it runs nothing.
const sandboxed = "sandbox; default-src 'none'; frame-ancestors 'none'"

// forProgram marks a call whose answer a program reads, not a person.
type forProgram struct{}

// sendSheet sends a table as CSV to be kept. Its first row are the columns in
// the reader's language; a program gets the names instead, which never change,
// and no byte order mark before them.
func sendSheet(c *fiber.Ctx, name string, table [][]string, names ...string) error {
	if len(table[0]) != len(names) {
		return fmt.Errorf("%s has %d columns and %d names", name, len(table[0]), len(names))
	}
	program := c.Locals(forProgram{}) != nil
	if program {
		table[0] = names
	}
	text, err := sheetOf(table)
	if err != nil {
		return err
	}
	if program {
		text = bytes.TrimPrefix(text, mark)
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8; header=present")
	c.Set(fiber.HeaderContentDisposition, attachment(name))
	c.Set(fiber.HeaderContentSecurityPolicy, sandboxed)
	return c.Send(text)
}

// mark is what a spreadsheet knows UTF-8 by.
var mark = []byte("\ufeff")

// sheetOf writes a table as CSV in which no cell is a formula.
func sheetOf(table [][]string) ([]byte, error) {
	var b bytes.Buffer
	b.Write(mark)
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
