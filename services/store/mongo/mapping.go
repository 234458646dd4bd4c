package mongo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"

	"inzage/services/store"
)

// The fields that the engine adds to a document.
const (
	turnField = "_turn"
	keysField = "_keys"
)

// toBSON maps a JSON document to BSON, in the order of its fields: strings,
// booleans and null as they are, whole numbers as 64-bit integers, others as
// doubles. Times stay RFC 3339 strings; what sorts is in "_keys".
func (k *kind) toBSON(doc store.Raw) (bson.D, error) {
	dec := json.NewDecoder(bytes.NewReader(doc.JSON))
	dec.UseNumber()
	v, err := readValue(dec)
	if err != nil {
		return nil, fmt.Errorf("map %s to BSON: %w", doc.ID, err)
	}
	out, ok := v.(bson.D)
	if !ok {
		return nil, fmt.Errorf("map %s to BSON: not an object", doc.ID)
	}
	keys, err := k.keys(doc.ID, doc.JSON)
	if err != nil {
		return nil, fmt.Errorf("map %s to BSON: %w", doc.ID, err)
	}
	return append(out, bson.E{Key: turnField, Value: doc.Turn}, bson.E{Key: keysField, Value: keys}), nil
}

// keyName is the name of a field's key inside "_keys".
func keyName(f store.Field) string {
	return strings.ReplaceAll(f.Path, ".", "-") + "-" + string(f.Type)
}

// guardName is the name of the key that a unique index lies over.
func guardName(ix store.Index) string { return "unique-" + ix.Name }

// keys makes the content of "_keys". Documents without a value are outside of
// a unique index: their guard holds their id, which no value can equal.
func (k *kind) keys(id string, doc []byte) (bson.D, error) {
	out := bson.D{}
	for _, f := range k.Fields() {
		v, err := f.KeyIn(doc)
		if err != nil {
			return nil, err
		}
		out = append(out, bson.E{Key: keyName(f), Value: v})
	}
	for _, ix := range k.Indexes {
		if !ix.Exempt {
			continue
		}
		v, err := ix.Fields[0].KeyIn(doc)
		if err != nil {
			return nil, err
		}
		guard := fmt.Sprint("=", v)
		if v == "" {
			guard = "#" + id
		}
		out = append(out, bson.E{Key: guardName(ix), Value: guard})
	}
	return out, nil
}

func readValue(dec *json.Decoder) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch v := tok.(type) {
	case json.Delim:
		if v == '{' {
			return readObject(dec)
		}
		return readArray(dec)
	case json.Number:
		return number(v)
	}
	return tok, nil // string, bool, nil
}

func number(n json.Number) (any, error) {
	if i, err := n.Int64(); err == nil {
		return i, nil
	}
	if strings.ContainsAny(n.String(), ".eE") {
		return n.Float64()
	}
	return nil, fmt.Errorf("the number %s is too large", n)
}

func readObject(dec *json.Decoder) (bson.D, error) {
	out := bson.D{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, ok := tok.(string)
		if !ok || strings.ContainsRune(name, 0) {
			return nil, errors.New("a field has no usable name")
		}
		v, err := readValue(dec)
		if err != nil {
			return nil, err
		}
		out = append(out, bson.E{Key: escape.Replace(name), Value: v})
	}
	_, err := dec.Token() // the closing brace
	return out, err
}

func readArray(dec *json.Decoder) (bson.A, error) {
	out := bson.A{}
	for dec.More() {
		v, err := readValue(dec)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	_, err := dec.Token() // the closing bracket
	return out, err
}

// Names with "." and "$" mean something to the server, and keys of maps are
// data: they are written so that they mean nothing, and read back as they were.
var (
	escape   = strings.NewReplacer("%", "%25", ".", "%2E", "$", "%24")
	unescape = strings.NewReplacer("%25", "%", "%2E", ".", "%24", "$")
)

// fromBSON is the way back.
func fromBSON(raw bson.Raw) (store.Raw, error) {
	var doc store.Raw
	var buf bytes.Buffer
	if err := writeObject(&buf, raw, true); err != nil {
		return doc, fmt.Errorf("map a document from BSON: %w", err)
	}
	doc.JSON = buf.Bytes()
	doc.ID, _ = raw.Lookup("_id").StringValueOK()
	doc.Turn, _ = raw.Lookup(turnField).AsInt64OK()
	doc.Unsealed, _ = raw.Lookup("unsealed").BooleanOK()
	return doc, nil
}

func writeObject(buf *bytes.Buffer, raw bson.Raw, top bool) error {
	elements, err := raw.Elements()
	if err != nil {
		return err
	}
	buf.WriteByte('{')
	n := 0
	for _, e := range elements {
		if top && (e.Key() == turnField || e.Key() == keysField) {
			continue
		}
		if n++; n > 1 {
			buf.WriteByte(',')
		}
		if err := writeJSON(buf, unescape.Replace(e.Key())); err != nil {
			return err
		}
		buf.WriteByte(':')
		if err := writeValue(buf, e.Value()); err != nil {
			return err
		}
	}
	buf.WriteByte('}')
	return nil
}

func writeArray(buf *bytes.Buffer, raw bson.RawArray) error {
	values, err := raw.Values()
	if err != nil {
		return err
	}
	buf.WriteByte('[')
	for i, v := range values {
		if i > 0 {
			buf.WriteByte(',')
		}
		if err := writeValue(buf, v); err != nil {
			return err
		}
	}
	buf.WriteByte(']')
	return nil
}

func writeValue(buf *bytes.Buffer, v bson.RawValue) error {
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		return writeObject(buf, v.Document(), false)
	case bson.TypeArray:
		return writeArray(buf, v.Array())
	case bson.TypeString:
		return writeJSON(buf, v.StringValue())
	case bson.TypeBoolean:
		buf.WriteString(strconv.FormatBool(v.Boolean()))
	case bson.TypeInt64, bson.TypeInt32:
		buf.WriteString(strconv.FormatInt(v.AsInt64(), 10))
	case bson.TypeDouble:
		return writeJSON(buf, v.Double())
	case bson.TypeNull:
		buf.WriteString("null")
	default:
		return fmt.Errorf("a value of BSON type %s", v.Type)
	}
	return nil
}

func writeJSON(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}
