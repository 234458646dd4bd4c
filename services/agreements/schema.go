package agreements

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	files "inzage/config/agreements"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// noLoader refuses every reference to another document: a schema that is
// checked here never opens a file or an address.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("reference to %s refused: schemas are not loaded from anywhere", url)
}

var termsSchema = sync.OnceValues(compileSchema)

func compileSchema() (*jsonschema.Schema, error) {
	raw, err := files.Read("schema.json")
	if err != nil {
		return nil, fmt.Errorf("read the schema of terms: %w", err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("parse the schema of terms: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	if err := c.AddResource("inzage:agreement-terms", doc); err != nil {
		return nil, fmt.Errorf("add the schema of terms: %w", err)
	}
	s, err := c.Compile("inzage:agreement-terms")
	if err != nil {
		return nil, fmt.Errorf("compile the schema of terms: %w", err)
	}
	return s, nil
}

// schemaProblems validates values and puts each fault at its line.
func schemaProblems(value any, r *reader) ([]Problem, error) {
	s, err := termsSchema()
	if err != nil {
		return nil, err
	}
	err = s.Validate(value)
	if err == nil {
		return nil, nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil, err
	}
	var problems []Problem
	leaves(invalid, func(e *jsonschema.ValidationError) {
		problems = append(problems, explain(e, r)...)
	})
	return problems, nil
}

func leaves(e *jsonschema.ValidationError, visit func(*jsonschema.ValidationError)) {
	if len(e.Causes) == 0 {
		visit(e)
		return
	}
	for _, cause := range e.Causes {
		leaves(cause, visit)
	}
}

// explain says in words what one schema fault means to the writer of the file.
func explain(e *jsonschema.ValidationError, r *reader) []Problem {
	path := e.InstanceLocation
	one := func(text string, args ...any) []Problem { return []Problem{r.at(path, text, args...)} }
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		var list []Problem
		for _, name := range k.Properties {
			list = append(list, r.at(with(path, name), "%q is not a term that is known here; look for a typing error.", name))
		}
		return list
	case *kind.Required:
		var list []Problem
		for _, name := range k.Missing {
			if name == "clause" {
				list = append(list, r.at(path, "The clause is missing: every term names the clause it comes from."))
				continue
			}
			list = append(list, r.at(path, "%q is missing.", name))
		}
		return list
	case *kind.Type:
		if k.Got == "null" {
			return one("There is no value here; fill it in, or leave the line out when the agreement is silent.")
		}
		return one("This is %s, but must be %s.", article(k.Got), wanted(k.Want))
	case *kind.Enum:
		return one("%v is not one of the words used here: %s.", k.Got, words(k.Want))
	case *kind.Minimum:
		return one("%s is too small: the least is %s.", k.Got.RatString(), k.Want.RatString())
	case *kind.Maximum:
		return one("%s is too large: the most is %s.", k.Got.RatString(), k.Want.RatString())
	case *kind.MinProperties:
		return one("This is empty; give one value, or leave it out when the agreement is silent.")
	case *kind.MaxProperties:
		return one("A period has one unit, but %d are given.", k.Got)
	case *kind.MinItems:
		return one("The list is empty; name at least one, or leave it out when the agreement is silent.")
	case *kind.UniqueItems:
		return []Problem{r.at(with(path, fmt.Sprint(k.Duplicates[1])), "This stands twice in the list.")}
	case *kind.MinLength:
		return one("This is empty; fill it in, or leave it out.")
	case *kind.MaxLength:
		return one("This is too long: %d characters, at most %d.", k.Got, k.Want)
	case *kind.Pattern:
		return one("%q is not written as it should be: %s.", k.Got, shape(path))
	}
	return one("This is not as the schema wants it.")
}

func article(t string) string {
	switch t {
	case "object":
		return "a group of names and values"
	case "array":
		return "a list"
	case "integer":
		return "a whole number"
	case "boolean":
		return "true or false"
	case "string":
		return "text"
	}
	return "a " + t
}

func wanted(types []string) string {
	var list []string
	for _, t := range types {
		list = append(list, article(t))
	}
	return strings.Join(list, " or ")
}

func words(values []any) string {
	var list []string
	for _, v := range values {
		list = append(list, fmt.Sprint(v))
	}
	return strings.Join(list, ", ")
}

// shape describes the pattern that belongs to a place.
func shape(path []string) string {
	switch {
	case len(path) > 0 && path[len(path)-1] == "key":
		return "use lower-case letters, digits and single hyphens"
	case len(path) > 0 && path[len(path)-1] == "currency":
		return "use the three capital letters of the currency, for example EUR"
	case len(path) > 0 && path[len(path)-1] == "country":
		return "use the two capital letters of the country, for example NL, or none"
	case slices.Contains(path, "clause") || slices.Contains(path, "also"):
		return "begin with a letter or a number, as in 10.2"
	}
	return "write the date as 2026-06-01"
}
