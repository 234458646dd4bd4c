package api_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// node is RFC 6962's hash of an inner node; written anew here, so that the test
// shares no code with what it checks.
func node(left, right []byte) []byte {
	h := sha256.Sum256(append(append([]byte{1}, left...), right...))
	return h[:]
}

// rootFrom leads from a leaf over its audit path to the root (RFC 9162, 2.1.3.2).
func rootFrom(number, size int64, leaf []byte, path [][]byte) ([]byte, bool) {
	at, last, root := number, size-1, leaf
	for _, p := range path {
		if last == 0 {
			return nil, false
		}
		if at&1 == 1 || at == last {
			root = node(p, root)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			root = node(root, p)
		}
		at, last = at>>1, last>>1
	}
	return root, last == 0
}

func bytesOf(t *testing.T, v any) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(v.(string))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestProofsOverTheAPI(t *testing.T) {
	w := handlertest.New(t)
	officer := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	stranger := newCaller(t, w)
	stranger.do("GET", "/ledger/entries/0/proof", nil).problem(t, 401, "unauthenticated")
	c := newCaller(t, w).signIn(officer)
	w.Drain()
	size, err := w.Ledger.Size(t.Context())
	if err != nil || size < 5 {
		t.Fatalf("size %d, %v", size, err)
	}
	for n := range size {
		a := c.do("GET", fmt.Sprintf("/ledger/entries/%d/proof?size=%d", n, size), nil).want(t, 200)
		entries, err := w.Ledger.Read(t.Context(), n, 1)
		if err != nil {
			t.Fatal(err)
		}
		leaf := sha256.Sum256(append([]byte{0}, entries[0].Data...))
		if !bytes.Equal(leaf[:], bytesOf(t, a.body["leaf"])) {
			t.Errorf("entry %d: the leaf is not the hash of the entry", n)
		}
		var path [][]byte
		for _, p := range a.body["path"].([]any) {
			path = append(path, bytesOf(t, p))
		}
		if root, ok := rootFrom(n, size, leaf[:], path); !ok || !bytes.Equal(root, bytesOf(t, a.body["root"])) {
			t.Errorf("entry %d of %d is not proven", n, size)
		}
	}
	c.do("GET", fmt.Sprintf("/ledger/entries/%d/proof", size+100), nil).problem(t, 404, "not_found")
	grown := c.do("GET", fmt.Sprintf("/ledger/consistency?from=2&size=%d", size), nil).want(t, 200)
	if len(grown.body["path"].([]any)) == 0 {
		t.Error("there is no consistency proof")
	}
	c.do("GET", "/ledger/consistency?from=0", nil).problem(t, 422, "invalid")
	c.do("GET", "/ledger/consistency?from=999999", nil).problem(t, 404, "not_found")
}

// TestLedgerExportOverTheAPI takes the ledger of the own organisation, with a
// fresh factor only, and never as a machine.
func TestLedgerExportOverTheAPI(t *testing.T) {
	w := handlertest.New(t)
	officer := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	newCaller(t, w).do("GET", "/ledger/export", nil).problem(t, 401, "unauthenticated")
	newCaller(t, w).signIn(w.Hire("Olga Perator", identity.Organisation{Slug: "ops"}, identity.Operator)).do("GET", "/ledger/export", nil).problem(t, 403, "forbidden")
	c := newCaller(t, w).signIn(officer)
	w.Drain()
	a := c.do("GET", "/ledger/export", nil).want(t, 200)
	r, err := ledger.VerifyZIP(t.Context(), strings.NewReader(a.raw), int64(len(a.raw)), ledger.Terms{Keys: w.Ledger.Key.Public()})
	if err != nil || r.Party == nil || r.Party.Organisation != w.Bakery.ID || r.Party.Own == 0 || a.header.Get("Content-Type") != "application/zip" {
		t.Errorf("%+v, %v, %s", r, err, a.header.Get("Content-Type"))
	}
	w.Pass(identity.StepUpAge + time.Second)
	c.do("GET", "/ledger/export", nil).problem(t, 403, "step_up")
}
