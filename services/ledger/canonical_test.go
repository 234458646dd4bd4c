package ledger

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// agree asserts that the quick look accepts nothing that the slow one refuses,
// and reads the same.
func agree(t *testing.T, data []byte) bool {
	t.Helper()
	quick, ok := plainEvent(data)
	if !ok {
		return false
	}
	e, err := strictEvent(data)
	if err != nil {
		t.Fatalf("%q was recognised, but is no event: %v", data, err)
	}
	again, err := encode(e)
	if err != nil || !bytes.Equal(again, data) {
		t.Fatalf("%q was recognised, but is written %q: %v", data, again, err)
	}
	if quick.ID != e.ID || !quick.At.Equal(e.At) {
		t.Fatalf("%q was read as %s at %s", data, quick.ID, quick.At)
	}
	return true
}

var plainEvents = []Event{
	{ID: "evt_1", Actor: "system", Action: "key.destroy", Object: "req_1", Outcome: Done},
	{ID: "evt_1", Actor: "acc_1", Role: "agent", Organisation: "org_1", Action: "a.b", Object: "", Outcome: Refused, Details: map[string]string{"z": "", "a": "b c", "ab": "~!"}},
	{ID: "evt_1", Actor: "acc_1", Organisation: "org_1", Action: "a.b", Object: "o", Outcome: Done, Details: map[string]string{"": "x"}},
}

func TestThePlainFormIsRecognised(t *testing.T) {
	for i, e := range plainEvents {
		for _, at := range []time.Time{{}, time.UnixMilli(0), time.UnixMilli(1790000000120), time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)} {
			e.At = at
			data, err := encode(e)
			if err != nil {
				t.Fatal(err)
			}
			if !agree(t, data) {
				t.Errorf("event %d: %s was not recognised", i, data)
			}
		}
	}
}

func TestWhatIsNotPlainIsLeftToTheSlowLook(t *testing.T) {
	e := plainEvents[1]
	e.At = time.UnixMilli(1790000000120)
	data, err := encode(e)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for b := range 256 {
			changed := bytes.Clone(data)
			changed[i] = byte(b)
			agree(t, changed)
		}
		agree(t, data[:i])
		agree(t, append(bytes.Clone(data[:i]), data[min(i+1, len(data)):]...))
		agree(t, fmt.Appendf(nil, "%s%c%s", data[:i], data[i], data[i:]))
	}
	for _, text := range []string{
		"", "{", "{}", "null", string(data) + " ", string(data) + string(data),
		strings.Replace(string(data), `"agent"`, `""`, 1), strings.Replace(string(data), `"org_1"`, `""`, 1), strings.Replace(string(data), `"evt_1"`, `""`, 1),
		strings.Replace(string(data), `"ab":"~!"`, `"ab":"~!","ab":"x"`, 1), strings.Replace(string(data), `"a":"b c","ab":"~!"`, `"ab":"~!","a":"b c"`, 1),
		strings.Replace(string(data), `{"a":"b c","ab":"~!","z":""}`, `{}`, 1), strings.Replace(string(data), `.12Z`, `.120Z`, 1), strings.Replace(string(data), `.12Z`, `.1234Z`, 1),
		strings.Replace(string(data), `.12Z`, `.12+00:00`, 1),
	} {
		if text == string(data) {
			t.Fatal("nothing was changed")
		}
		if _, ok := plainEvent([]byte(text)); ok {
			t.Errorf("%q was recognised", text)
		}
	}
	for _, odd := range []string{`é`, `<`, `a"b`, `\`, "\n", "\u2028", "\x7f"} {
		e.Details = map[string]string{"k": odd}
		data, err := encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := canonicalEvent(data); err != nil {
			t.Errorf("%q in the details: %v", odd, err)
		}
	}
}

func FuzzPlainEvent(f *testing.F) {
	for _, e := range plainEvents {
		data, err := encode(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { agree(t, data) })
}

// FuzzLine holds the reader of lines against the writer: what is read is
// written again byte for byte, also where a line has no data, because they are
// of another than the party.
func FuzzLine(f *testing.F) {
	line, err := appendLine(nil, 7, [32]byte{1, 2, 3}, []byte(`{"a":"\\\"é"}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Fuzz(func(t *testing.T, line []byte) {
		number, leaf, data, err := parseLine(line, []byte{})
		if err != nil {
			return
		}
		again, err := appendLine(nil, number, leaf, data)
		if data == nil {
			again = bytes.Replace(again, []byte(lineData+lineEnd), []byte(lineEnd), 1)
		}
		if err != nil || !bytes.Equal(again, line) {
			t.Errorf("%q is written %q: %v", line, again, err)
		}
	})
}
