package api_test

import (
	"strings"
	"testing"

	"inzage/handlers/handlertest"
)

// onlyOnce are the calls that make something and take no idempotency key: what
// they are called with works once by itself.
var onlyOnce = map[string]string{
	"sign-in":            "a session is made of a password; one more harms nobody and ends by itself",
	"sign-in-passkey":    "the challenge works once",
	"accept-invitation":  "the secret of the letter works once",
	"use-enrolment-link": "the secret of the letter works once",
	"start-filing":       "a form that was begun twice files nothing",
}

// short are the lists without pages, which something else keeps short.
var short = map[string]string{
	"list-sessions": "fifty at most", "list-dispatches": "limit of each organisation", "list-invitations": "a hundred at most, each for seven days",
	"list-administrators": "five hundred people are looked through", "list-colleagues": "of one role in one organisation",
	"list-helpers": "processors under an agreement", "list-proposals": "controllers under an agreement",
	"list-tokens": "machines of one organisation, for a year at most", "list-presets": "they come with the program", "list-grounds": "they come with the program",
}

// TestWhatMakesSomethingTakesAKey holds the document against the rule that each
// call that makes something takes an idempotency key, and each list a page.
func TestWhatMakesSomethingTakesAKey(t *testing.T) {
	w := handlertest.New(t)
	doc := newCaller(t, w).do("GET", "/openapi.json", nil).want(t, 200)
	keys, pages := 0, 0
	for _, at := range doc.body["paths"].(bodyOf) {
		post, _ := at.(bodyOf)["post"].(bodyOf)
		if responses, _ := post["responses"].(bodyOf); responses["201"] != nil {
			id := post["operationId"].(string)
			if takes := takes(post, "Idempotency-Key"); takes == (onlyOnce[id] != "") {
				t.Errorf("%s takes an idempotency key: %v; a reason for none: %q", id, takes, onlyOnce[id])
			}
			keys++
		}
		get, _ := at.(bodyOf)["get"].(bodyOf)
		if id, _ := get["operationId"].(string); strings.HasPrefix(id, "list-") {
			if takes := takes(get, "after"); takes == (short[id] != "") {
				t.Errorf("%s goes page by page: %v; a reason for none: %q", id, takes, short[id])
			}
			pages++
		}
	}
	t.Logf("%d calls that make something, %d lists", keys, pages)
	if keys < 20 || pages < 15 {
		t.Errorf("only %d calls and %d lists: the document was not read", keys, pages)
	}
}

func takes(op bodyOf, name string) bool {
	params, _ := op["parameters"].([]any)
	for _, p := range params {
		if p.(bodyOf)["name"] == name {
			return true
		}
	}
	return false
}
