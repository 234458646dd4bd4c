package api_test

import (
	"net/http"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
)

// TestUnreadableValuesAreToldInWords sends what JSON may hold and no field takes:
// the answer names the field and how to mend it, in this portal's words.
func TestUnreadableValuesAreToldInWords(t *testing.T) {
	w := handlertest.New(t)
	c := newCaller(t, w)
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	sent, told := 0, 0
	for body, at := range map[string]string{
		`{"organisation":"x","language":1e400}`:   "body.language",
		`{"organisation":-1e999}`:                 "body.organisation",
		`{"organisation":"x","more":[1,[2e400]]}`: "body.more[1][0]",
		`{"organisation":1,"organisation":2}`:     "body",
		`{"organisation":` + deep + `}`:           "body.organisation",
		`{"organisation":NaN}`:                    "body",
		`{"organisation":Infinity}`:               "body",
		`{"organisation":"x"`:                     "body",
		`{"organisation":"x"} {}`:                 "body",
		`[`:                                       "body",
		`{"organisation":0x10}`:                   "body",
		"{\"organisation\":\"a\x00b\"}":           "body",
		`{'organisation':'x'}`:                    "body",
		`{"organisation":"x",}`:                   "body",
	} {
		sent++
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.BaseURL+"/api/v1/filing", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		a := c.sent(req).problem(t, 422, "invalid")
		field, words := a.str("errors", "0", "name"), a.str("errors", "0", "detail")
		if !strings.HasPrefix(field, at) || strings.Contains(words, "json:") || strings.Contains(words, "Go ") || strings.Contains(words, "strconv") ||
			strings.Contains(words, "unexpected") || strings.Contains(words, "\x00") || !strings.HasSuffix(words, ".") {
			t.Errorf("%.60s: %s: %q", body, field, words)
			continue
		}
		told++
	}
	t.Logf("bodies that cannot be read: %d sent, %d told in words", sent, told)
	if sent == 0 {
		t.Error("none was sent")
	}
}
