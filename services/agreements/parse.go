package agreements

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"inzage/services/fault"
)

// Largest is the most bytes of an agreement file that Parse reads.
const Largest = 256 << 10

// Problem is one fault of an agreement file.
type Problem struct {
	Line, Column int    // from 1; 0 when the fault belongs to the whole file
	Path         string // such as "audit.notice.period.weeks"; empty at the top
	Text         string // an English sentence, with optional fmt verbs
	later        bool   // found only since terms were stored that have it; see ParseStored
	Args         []any  // values for the verbs in Text
}

// Reason is the sentence with its values filled in.
func (p Problem) Reason() string { return fmt.Sprintf(p.Text, p.Args...) }

// String gives line, place and reason.
func (p Problem) String() string {
	where := fmt.Sprintf("line %d", p.Line)
	if p.Line == 0 {
		where = "the file"
	}
	if p.Path != "" {
		where += ", " + p.Path
	}
	return where + ": " + p.Reason()
}

// Parse reads an agreement file, YAML or JSON. It reports every fault it finds,
// ordered by line; the terms are usable only when there is none.
func Parse(data []byte) (Terms, []Problem) {
	if problems := unreadable(data); len(problems) > 0 {
		return Terms{}, problems
	}
	root, problems := yamlDocument(data)
	if root == nil {
		return Terms{}, problems
	}
	r := reader{nodes: map[string]*yaml.Node{}}
	value := r.value(root, nil)
	problems = append(problems, r.problems...)
	faults, err := schemaProblems(value, &r)
	if err != nil {
		return Terms{}, append(problems, Problem{Text: "The agreement could not be checked: %s.", Args: []any{err}})
	}
	problems = append(problems, apart(faults, sameLine(problems))...)
	t, err := decode(value)
	if err != nil && len(problems) == 0 {
		return Terms{}, []Problem{{Text: "The agreement could not be read: %s.", Args: []any{err}}}
	}
	// What could not be read is left out of t, so the meaning of the rest can
	// still be checked and all faults are reported at once.
	problems = append(problems, apart(check(t, &r), anyLine(problems))...)
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return t, problems
}

// ParseStored reads terms that were accepted and stored before. Faults that
// were not looked for then do not count: Route and the rest of this package read
// such terms on the safe side.
func ParseStored(data []byte) (Terms, []Problem) {
	t, problems := Parse(data)
	return t, slices.DeleteFunc(problems, func(p Problem) bool { return p.later })
}

// apart leaves out what only follows from a fault that is already known.
func apart(found []Problem, known func(Problem) bool) []Problem {
	return slices.DeleteFunc(found, func(p Problem) bool { return p.Path != "" && known(p) })
}

// sameLine knows the faults of single values: what could not be read is not
// reported again as missing.
func sameLine(problems []Problem) func(Problem) bool {
	return func(p Problem) bool {
		return slices.ContainsFunc(problems, func(k Problem) bool { return k.Path == p.Path && k.Line == p.Line })
	}
}

// anyLine knows the faults at a place, above it and below it: the meaning of a
// part is not judged when the part itself is broken.
func anyLine(problems []Problem) func(Problem) bool {
	return func(p Problem) bool {
		return slices.ContainsFunc(problems, func(k Problem) bool {
			return k.Path != "" && (within(p.Path, k.Path) || within(k.Path, p.Path))
		})
	}
}

func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// unreadable finds what no YAML reader should be troubled with.
func unreadable(data []byte) []Problem {
	switch {
	case len(data) > Largest:
		return []Problem{{Text: "The file is larger than %d kilobytes; an agreement's terms are much shorter.", Args: []any{Largest >> 10}}}
	case !utf8.Valid(data):
		return []Problem{{Text: "The file is not UTF-8 text; save it as UTF-8."}}
	case len(bytes.TrimSpace(data)) == 0:
		return []Problem{{Text: "The file is empty."}}
	}
	var problems []Problem
	for i, line := range bytes.Split(data, []byte("\n")) {
		indent := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
		tab := bytes.IndexByte(indent, '\t')
		// A tab before { } [ ] " , is legal in a JSON file, and in YAML flow style.
		rest := bytes.TrimSpace(line)
		if tab >= 0 && len(rest) > 0 && !bytes.ContainsRune([]byte(`{}[]",#`), rune(rest[0])) {
			problems = append(problems, Problem{Line: i + 1, Column: tab + 1, Text: "This line is indented with a tab; use spaces."})
		}
	}
	return problems
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// document parses the one document of a file.
func yamlDocument(data []byte) (*yaml.Node, []Problem) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, next yaml.Node
	if err := dec.Decode(&doc); err != nil {
		m := yamlLine.FindStringSubmatch(strings.SplitN(err.Error(), "\n", 2)[0])
		if m == nil {
			return nil, []Problem{{Text: "This is not YAML: %s.", Args: []any{err}}}
		}
		line, _ := strconv.Atoi(m[1]) // no number: the whole file
		return nil, []Problem{{Line: line, Text: "This is not YAML: %s.", Args: []any{m[2]}}}
	}
	if err := dec.Decode(&next); !errors.Is(err, io.EOF) {
		p := Problem{Text: "The file holds more than one document; keep one agreement in a file."}
		if err == nil {
			p.Line = next.Line
		}
		return doc.Content[0], []Problem{p}
	}
	return doc.Content[0], nil
}

// reader turns nodes into plain values and remembers where each one stood.
type reader struct {
	nodes    map[string]*yaml.Node // by pointer: value nodes; keys under "key:" + pointer
	problems []Problem
}

func (r *reader) refuse(n *yaml.Node, path []string, text string, args ...any) {
	r.problems = append(r.problems, Problem{Line: n.Line, Column: n.Column, Path: dotted(path), Text: text, Args: args})
}

// at makes a problem at a place that was read; a place that is absent is
// reported at the nearest one above it.
func (r *reader) at(path []string, text string, args ...any) Problem {
	p := Problem{Path: dotted(path), Text: text, Args: args}
	for i := len(path); i >= 0; i-- {
		n := r.nodes["key:"+pointer(path[:i])]
		if n == nil {
			n = r.nodes[pointer(path[:i])]
		}
		if n != nil {
			p.Line, p.Column = n.Line, n.Column
			break
		}
	}
	return p
}

// deepest is how far a file may be nested; the terms need half of it.
const deepest = 16

func (r *reader) value(n *yaml.Node, path []string) any {
	r.nodes[pointer(path)] = n
	if len(path) > deepest {
		r.refuse(n, path, "This is nested too deep.")
		return nil
	}
	if n.Anchor != "" {
		r.refuse(n, path, "Anchors and references (& and *) are not used here; write the value out.")
	}
	switch n.Kind {
	case yaml.MappingNode:
		return r.mapping(n, path)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for i, item := range n.Content {
			list = append(list, r.value(item, with(path, strconv.Itoa(i))))
		}
		return list
	case yaml.ScalarNode:
		return r.scalar(n, path)
	}
	// Aliases are never followed, so that a small file cannot grow large.
	r.refuse(n, path, "Anchors and references (& and *) are not used here; write the value out.")
	return nil
}

func (r *reader) mapping(n *yaml.Node, path []string) any {
	m := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			r.refuse(key, path, "A name must be a plain word.")
			continue
		}
		at := with(path, key.Value)
		if first, dup := r.nodes["key:"+pointer(at)]; dup {
			r.refuse(key, at, "%q is given twice; the first is on line %d.", key.Value, first.Line)
			continue
		}
		r.nodes["key:"+pointer(at)] = key
		m[key.Value] = r.value(value, at)
	}
	return m
}

// textual are the names whose values are text even when they look like a
// number: clause 10.10 is not 10.1.
var textual = []string{"clause", "also", "register", "title", "key", "name"}

func (r *reader) scalar(n *yaml.Node, path []string) any {
	isText := len(path) > 0 && slices.Contains(textual, path[len(path)-1]) ||
		len(path) > 1 && slices.Contains(textual, path[len(path)-2])
	switch tag := n.ShortTag(); tag {
	case "!!str", "!!timestamp":
		if n.Value != "" && fault.Blank(n.Value) {
			r.refuse(n, path, "This text holds nothing that can be read.")
		}
		return n.Value
	case "!!null":
		return nil
	case "!!bool", "!!int", "!!float":
		if isText {
			return n.Value
		}
		var v any
		if err := n.Decode(&v); err != nil {
			r.refuse(n, path, "%q cannot be read as a value.", n.Value)
			return nil
		}
		if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			r.refuse(n, path, "%q is not a number.", n.Value)
			return nil
		}
		return v
	default:
		r.refuse(n, path, "The type %s is not used here; write a plain value.", tag)
		return nil
	}
}

// decode turns checked values into terms, through the one mapping that the
// JSON tags give.
func decode(value any) (Terms, error) {
	var t Terms
	raw, err := json.Marshal(value)
	if err != nil {
		return t, fmt.Errorf("write values: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields() // the schema and the struct must not drift apart
	// A value of the wrong type is skipped and the rest is read.
	if err := dec.Decode(&t); err != nil {
		return t, fmt.Errorf("read values: %w", err)
	}
	return t, nil
}

func with(path []string, step string) []string { return append(slices.Clip(path), step) }

func pointer(path []string) string { return strings.Join(path, "\x00") }

// dotted writes a path as a reader of the file would: audit.costs[0].kinds.
func dotted(path []string) string {
	var b strings.Builder
	for _, step := range path {
		if _, err := strconv.Atoi(step); err == nil && b.Len() > 0 {
			fmt.Fprintf(&b, "[%s]", step)
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(step)
	}
	return b.String()
}
