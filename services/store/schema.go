package store

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"inzage/services/document"
)

// Type is what a key is made from. Strings and times become string keys that
// sort by bytes; integers and booleans become int64.
type Type string

// The types of an indexed field.
const (
	String Type = "string"
	Int    Type = "int"
	Bool   Type = "bool"
	Time   Type = "time"
)

// Schema is a kind with the types of its indexed fields worked out.
type Schema struct {
	Kind    string
	Apart   string // the separate database it lives in; "" for the main one
	Indexes []Index
}

// Index is a declared index. The document's id always ends it.
type Index struct {
	Name   string
	Fields []Field
	Unique bool
	// Exempt is true when documents without a value are outside of Unique.
	Exempt bool
	// Sparse is true when nobody asks the index for documents whose first field
	// is empty, so that an engine may leave them out.
	Sparse bool
}

// Field is an indexed field: the dotted path of JSON names and its type.
type Field struct {
	Path string
	Type Type
}

// Index returns the declared index of that name.
func (s Schema) Index(name string) (Index, error) {
	for _, ix := range s.Indexes {
		if ix.Name == name {
			return ix, nil
		}
	}
	return Index{}, fmt.Errorf("%s has no index %q", s.Kind, name)
}

// Fields returns every indexed field once, sorted by path.
func (s Schema) Fields() []Field {
	var all []Field
	for _, ix := range s.Indexes {
		all = append(all, ix.Fields...)
	}
	slices.SortFunc(all, func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
	return slices.Compact(all)
}

// Names become names of tables, columns, indexes and paths inside both
// engines, so they are plain words and nothing in them needs escaping.
var (
	plainName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	plainPath = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)
)

// SchemaOf works out the schema of a kind from the Go type that is stored in
// it. An index over a field that the type does not have, or that is not a
// string, boolean, integer or time, is an error.
func SchemaOf(kind document.Kind, t reflect.Type) (Schema, error) {
	s := Schema{Kind: kind.Name, Apart: kind.Apart}
	if !plainName.MatchString(kind.Name) {
		return s, fmt.Errorf("%q cannot name a kind", kind.Name)
	}
	if kind.Apart != "" && !plainName.MatchString(kind.Apart) {
		return s, fmt.Errorf("%s: %q cannot name a separate store", kind.Name, kind.Apart)
	}
	for _, ix := range kind.Indexes {
		out, err := indexOf(ix, t)
		if err != nil {
			return s, fmt.Errorf("%s: index %q: %w", kind.Name, ix.Name, err)
		}
		if slices.ContainsFunc(s.Indexes, func(x Index) bool { return x.Name == out.Name }) {
			return s, fmt.Errorf("%s: two indexes are named %q", kind.Name, ix.Name)
		}
		s.Indexes = append(s.Indexes, out)
	}
	return s, nil
}

func indexOf(ix document.Index, t reflect.Type) (Index, error) {
	out := Index{Name: ix.Name, Unique: ix.Unique, Sparse: ix.Sparse}
	if !plainName.MatchString(ix.Name) {
		return out, errors.New("the name is not a plain word")
	}
	if len(ix.Fields) == 0 {
		return out, errors.New("no fields")
	}
	if ix.Unique && ix.Sparse {
		return out, errors.New("an index that is unique cannot be sparse")
	}
	for _, path := range ix.Fields {
		if !plainPath.MatchString(path) {
			return out, fmt.Errorf("%q is not a path", path)
		}
		typ, err := typeAt(t, strings.Split(path, "."))
		if err != nil {
			return out, fmt.Errorf("%s: %w", path, err)
		}
		out.Fields = append(out.Fields, Field{Path: path, Type: typ})
	}
	out.Exempt = ix.Unique && len(out.Fields) == 1 && out.Fields[0].Type == String
	return out, nil
}

var timeType = reflect.TypeFor[time.Time]()

func typeAt(t reflect.Type, path []string) (Type, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if len(path) == 0 {
		return leaf(t)
	}
	if t.Kind() != reflect.Struct {
		return "", fmt.Errorf("%s has no field %q", t, path[0])
	}
	f, ok := jsonField(t, path[0])
	if !ok {
		return "", fmt.Errorf("%s has no field %q", t, path[0])
	}
	return typeAt(f, path[1:])
}

func leaf(t reflect.Type) (Type, error) {
	if t == timeType {
		return Time, nil
	}
	switch t.Kind() {
	case reflect.String:
		return String, nil
	case reflect.Bool:
		return Bool, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return Int, nil
	}
	return "", fmt.Errorf("a %s cannot be indexed", t)
}

// jsonField finds the type of the field that encoding/json writes under name.
func jsonField(t reflect.Type, name string) (reflect.Type, bool) {
	for _, f := range reflect.VisibleFields(t) {
		if !f.IsExported() || (f.Anonymous && f.Tag.Get("json") == "") {
			continue
		}
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "" {
			tag = f.Name
		}
		if tag == name {
			return f.Type, true
		}
	}
	return nil, false
}
