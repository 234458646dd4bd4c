package ui

import (
	"strconv"

	"github.com/a-h/templ"
)

func itoa(n int) string { return strconv.Itoa(n) }

// withAutocomplete gives the field a token when it has none.
func withAutocomplete(f Field, token string) Field {
	if f.Autocomplete == "" {
		f.Autocomplete = token
	}
	return f
}

// codeField makes phones offer the code and show digits.
func codeField(f Field) Field {
	f = withAutocomplete(f, "one-time-code")
	if f.InputMode == "" {
		f.InputMode = "numeric"
	}
	return f
}

// optionID is the id of the i-th option: the first has the field's own id, so
// that the link of an error finds it.
func optionID(f Field, i int) string {
	if i == 0 {
		return f.id()
	}
	return f.id() + "-" + itoa(i)
}

func (b Button) class() string {
	if b.Look == Primary {
		return "button"
	}
	return "button button-" + string(b.Look)
}

func (b Button) attrs() templ.Attributes {
	a := templ.Attributes{}
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("name", b.Name)
	set("value", b.Value)
	set("form", b.Form)
	set("data-testid", b.TestID)
	return a
}
