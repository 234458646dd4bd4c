package handlers_test

import (
	"net/http"
	"slices"
	"testing"

	"inzage/handlers/access"
	"inzage/handlers/api"
	"inzage/handlers/web"
	"inzage/services/requests"
)

// unlike are the pages whose operation is told apart on purpose, with the reason.
var unlike = map[string]string{
	"POST /sign-out":                 "who is signed out already is told so by the API",
	"POST /my/:id/identify/app":      "it chooses the first password on the way, which is an operation of its own",
	"GET /audits/new/:agreement":     "the relation to the agreement is called after its side",
	"GET /my/:id/proof/:number/file": "a proof of any entry is for who has proven both factors; the page gives those of one's own request",
	"POST /queue/search":             "administrators come to the page, where the service tells them that they may not",
	"POST /file/prove/again":         "a form that is sent again sends a new code",
	"POST /file/prove/address":       "one entry for the new address, one for the code",
}

// shared are the deeds whose operation serves another action as well, or is
// named by its own object.
var shared = map[string]string{"cancel-help": "cancel-assist", "supply": "answer-inquiry", "answer": "answer-inquiry"}

// TestWhatAPageCanAProgramCan holds every page against the operation of the API
// that its row names: it is there, for everybody for whom the page is, behind no
// narrower door, and what it does leaves the same entry. A page without one
// gives its reason.
func TestWhatAPageCanAProgramCan(t *testing.T) {
	operations, entries := map[string]access.Row{}, map[string][]access.Row{}
	for _, r := range api.Rows() {
		operations[r.Operation] = r
		entries[r.Entry] = append(entries[r.Entry], r)
	}
	compared, without := 0, 0
	for _, page := range access.Pages() {
		op, there := operations[page.Operation]
		switch {
		case (page.Operation == "") == (page.Apart == ""):
			t.Errorf("%s has no operation in the API and no reason for that, or both", page.Name())
		case page.Apart != "":
			without++
		case page.Operation == "*":
			compared += deedsAsWide(t, page, operations, entries)
		case !there:
			t.Errorf("%s names %s, which is not there", page.Name(), page.Operation)
		case unlike[page.Name()] == "":
			asWide(t, page, op)
			compared++
		}
	}
	t.Logf("%d pages and deeds have their operation, %d are told apart, %d pages need none", compared, len(unlike), without)
	if compared < 200 {
		t.Errorf("only %d", compared)
	}
}

// deedsAsWide holds that each deed of a page has an operation that leaves its
// entry, for the staff in the relations of its own table.
func deedsAsWide(t *testing.T, page access.Row, operations map[string]access.Row, entries map[string][]access.Row) int {
	t.Helper()
	all := web.Deeds(page.Of)
	for deed, action := range all {
		if _, ok := operations[shared[deed]]; ok {
			continue
		}
		by, _ := deedRow(page.Of, action)
		by = slices.DeleteFunc(by, func(as string) bool { return as == string(requests.TheSubject) || as == string(requests.ThePortal) })
		if !slices.ContainsFunc(entries[string(page.Of)+"."+action], func(op access.Row) bool { return holds(op.By, by) }) {
			t.Errorf("%s has no operation for %s", page.Name(), deed)
		}
	}
	return len(all)
}

// asWide holds that whoever may open the page may make the call. Where a page
// names relations, they decide, and its roles only say who comes near.
func asWide(t *testing.T, page, op access.Row) {
	t.Helper()
	if len(page.By) == 0 && len(page.Roles) > 0 && len(op.Roles) > 0 && !holds(op.Roles, page.Roles) {
		t.Errorf("%s is for %v, %s for %v", page.Name(), page.Roles, op.Operation, op.Roles)
	}
	if len(op.By) > 0 && page.Of == op.Of && !holds(op.By, page.By) {
		t.Errorf("%s is for %v, %s for %v", page.Name(), page.By, op.Operation, op.By)
	}
	// Where the service wants the second factor just now, a door before it that
	// wants the factor at all keeps nobody out.
	strong := page.Fresh == access.AtDeed && op.Fresh == access.AtDeed
	if wide := []access.Door{access.Open, access.Begun, access.Inside}; slices.Index(wide, op.Door) > slices.Index(wide, page.Door) && !strong {
		t.Errorf("%s is %s, %s is %s", page.Name(), page.Door, op.Operation, op.Door)
	}
	// A page may show more than its operation, and leave the entry of that.
	if page.Method != http.MethodGet && risen(page.Entry) != risen(op.Entry) {
		t.Errorf("%s leaves %q, %s %q", page.Name(), page.Entry, op.Operation, op.Entry)
	}
}

// risen makes one of the two entries that a proof leaves: of the factor always,
// of the session when it rises by it.
func risen(entry string) string {
	if entry == "session.rise" {
		return "factor.prove"
	}
	return entry
}

func holds[T comparable](all, some []T) bool {
	return !slices.ContainsFunc(some, func(one T) bool { return !slices.Contains(all, one) })
}
