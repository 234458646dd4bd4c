package tokens_test

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/store"
	"inzage/services/store/sqlite"
	"inzage/services/tokens"
	"inzage/services/vault"
	"inzage/services/vault/vaulttest"
)

const issuer = "https://inzage.example"

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// world is the tokens of one organisation on a fresh store.
type world struct {
	*tokens.Service
	vault *vault.Vault
	admin identity.Actor
	now   time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	e, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "store"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() }) // the folder goes with the test
	w := &world{now: start, admin: identity.Actor{Account: "acc_admin", Organisation: "org_bakery", Roles: []identity.Role{identity.Admin}, Level: identity.Full, StrongAt: start}}
	now := func() time.Time { return w.now }
	w.vault, _ = vaulttest.New(t, store.Collection[vault.KeyRecord](e, vault.Kinds[0]), now)
	w.Service = &tokens.Service{Tokens: store.Collection[tokens.Token](e, tokens.Kinds[0]), Vault: w.vault, Scopes: []string{"requests:read"}, Issuer: issuer, Now: now}
	return w
}

func (w *world) issue(t testing.TB) (string, tokens.Token) {
	t.Helper()
	signed, token, err := w.Issue(context.Background(), w.admin, tokens.Wish{Name: "ERP", Roles: []identity.Role{identity.Agent}, Scopes: []string{"requests:read"}, Days: 30})
	if err != nil {
		t.Fatal(err)
	}
	return signed, token
}

// forged signs claims of its own making.
func forged(t *testing.T, method jwt.SigningMethod, key any, header map[string]any, claims jwt.MapClaims) string {
	t.Helper()
	j := jwt.NewWithClaims(method, claims)
	maps.Copy(j.Header, header)
	signed, err := j.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// TestForgedTokens refuses every token that the portal did not make for this
// use, each beside the same claims as they should be, which are let in.
func TestForgedTokens(t *testing.T) {
	w := newWorld(t)
	whole, row := w.issue(t)
	key := []byte(w.vault.Fingerprint("tokens", "signing key 1"))
	right := jwt.MapClaims{"iss": issuer, "sub": row.Organisation, "aud": "inzage-api", "jti": row.ID, "iat": start.Unix(), "exp": row.Expires.Unix()}
	typ := map[string]any{"typ": "at+jwt"}
	with := func(name string, value any) jwt.MapClaims {
		c := maps.Clone(right)
		if c[name] = value; value == nil {
			delete(c, name)
		}
		return c
	}
	parts := strings.Split(whole, ".")
	refused := 0
	for name, signed := range map[string]string{
		"no algorithm":               forged(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, typ, right),
		"another algorithm":          forged(t, jwt.SigningMethodHS512, key, typ, right),
		"another key":                forged(t, jwt.SigningMethodHS256, []byte("0123456789abcdef0123456789abcdef"), typ, right),
		"an empty key":               forged(t, jwt.SigningMethodHS256, []byte{}, typ, right),
		"another type":               forged(t, jwt.SigningMethodHS256, key, map[string]any{"typ": "JWT"}, right),
		"another issuer":             forged(t, jwt.SigningMethodHS256, key, typ, with("iss", "https://evil.example")),
		"another audience":           forged(t, jwt.SigningMethodHS256, key, typ, with("aud", "inzage-download")),
		"no audience":                forged(t, jwt.SigningMethodHS256, key, typ, with("aud", nil)),
		"no expiry":                  forged(t, jwt.SigningMethodHS256, key, typ, with("exp", nil)),
		"an expiry in the past":      forged(t, jwt.SigningMethodHS256, key, typ, with("exp", start.Add(-time.Second).Unix())),
		"another organisation":       forged(t, jwt.SigningMethodHS256, key, typ, with("sub", "org_florist")),
		"an id that was never given": forged(t, jwt.SigningMethodHS256, key, typ, with("jti", "tok_AAAAAAAAAAAAAAAAAAAAAAAAAA")),
		"no id":                      forged(t, jwt.SigningMethodHS256, key, typ, with("jti", nil)),
		"a cut signature":            whole[:len(whole)-1],
		"no signature":               parts[0] + "." + parts[1] + ".",
		"a part too many":            whole + ".x",
		"the signature of another":   parts[0] + "." + strings.Split(forged(t, jwt.SigningMethodHS256, key, typ, with("sub", "org_florist")), ".")[1] + "." + parts[2],
		"nothing":                    "",
	} {
		if _, _, err := w.Check(t.Context(), signed); !errors.Is(err, tokens.ErrUnknown) {
			t.Errorf("%s: Check = %v, want %v", name, err, tokens.ErrUnknown)
			continue
		}
		refused++
	}
	for _, signed := range []string{whole, forged(t, jwt.SigningMethodHS256, key, typ, right)} {
		by, scopes, err := w.Check(t.Context(), signed)
		if err != nil || by.Organisation != row.Organisation || len(scopes) != 1 || by.Strong(w.now) {
			t.Errorf("the whole token: %+v, %v, %v", by, scopes, err)
		}
	}
	t.Logf("forged tokens: %d sent, %d refused; whole ones: 2 sent, 2 let in", 18, refused)
}

// TestTokenEnds: what was let in a moment ago is refused once it is revoked or
// has expired, and only its own organisation revokes it.
func TestTokenEnds(t *testing.T) {
	w := newWorld(t)
	signed, row := w.issue(t)
	other := w.admin
	other.Organisation = "org_florist"
	if err := w.Revoke(t.Context(), other, row.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another organisation revokes it: %v", err)
	}
	if _, _, err := w.Check(t.Context(), signed); err != nil {
		t.Fatalf("a live token: %v", err)
	}
	if err := w.Revoke(t.Context(), w.admin, row.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Check(t.Context(), signed); !errors.Is(err, tokens.ErrUnknown) {
		t.Errorf("a revoked token: %v", err)
	}
	signed, row = w.issue(t)
	w.now = row.Expires.Add(-time.Second)
	if _, _, err := w.Check(t.Context(), signed); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	w.now = row.Expires
	if _, _, err := w.Check(t.Context(), signed); !errors.Is(err, tokens.ErrUnknown) {
		t.Errorf("at its end: %v", err)
	}
}

// FuzzCheck: no text but the portal's own opens anything, and none breaks it.
func FuzzCheck(f *testing.F) {
	w := newWorld(f)
	whole, row := w.issue(f)
	parts := strings.Split(whole, ".")
	f.Add(whole)
	f.Add(parts[0] + "." + parts[1] + ".")
	f.Add("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0." + parts[1] + ".")
	f.Add("..")
	f.Add(strings.Repeat("e30.", 100))
	f.Add(whole + "=")
	f.Fuzz(func(t *testing.T, signed string) {
		by, _, err := w.Check(t.Context(), signed)
		if err == nil && (signed != whole || by.Account != row.ID) {
			t.Errorf("%q opens %+v", signed, by)
		}
		if err != nil && !errors.Is(err, tokens.ErrUnknown) {
			t.Errorf("Check(%q) = %v", signed, err)
		}
	})
}

// TestTokenIsMadeOnce: the id that a caller chose makes one token, however often
// it is sent at once, and only the own organisation sees it.
func TestTokenIsMadeOnce(t *testing.T) {
	w := newWorld(t)
	wish := tokens.Wish{ID: "tok_ABCDEFGHIJKLMNOP", Name: "ERP", Roles: []identity.Role{identity.Agent}, Scopes: []string{"requests:read"}, Days: 30}
	results := make(chan error, 30)
	for range cap(results) {
		go func() {
			_, _, err := w.Issue(context.Background(), w.admin, wish)
			results <- err
		}()
	}
	made, refused := 0, 0
	for range cap(results) {
		switch err := <-results; {
		case err == nil:
			made++
		case errors.Is(err, tokens.ErrMade):
			refused++
		default:
			t.Error(err)
		}
	}
	if made != 1 || refused != cap(results)-1 {
		t.Errorf("%d made and %d refused of %d", made, refused, cap(results))
	}
	if got, err := w.One(context.Background(), w.admin, wish.ID); err != nil || got.Called != "ERP" {
		t.Errorf("One = %+v, %v", got, err)
	}
	for name, by := range map[string]identity.Actor{
		"another's administrator": {Account: "acc_other", Organisation: "org_florist", Roles: []identity.Role{identity.Admin}, Level: identity.Full, StrongAt: start},
		"an agent":                {Account: "acc_agent", Organisation: "org_bakery", Roles: []identity.Role{identity.Agent}, Level: identity.Full, StrongAt: start},
	} {
		if got, err := w.One(context.Background(), by, wish.ID); err == nil || got.ID != "" {
			t.Errorf("%s sees the token: %+v, %v", name, got, err)
		}
	}
}
