package identity_test

import (
	"bytes"
	"image/png"
	"net/url"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/pquerna/otp"

	"inzage/services/identity"
)

// An authenticator app reads back the issuer and the account that were meant,
// from the link and from the picture, whether it reads the query as a form or
// by RFC 3986, and whether it splits the label before or after unescaping.
func TestTheEnrolmentAddressIsReadBack(t *testing.T) {
	for issuer, want := range map[string]string{
		"Inzage":                "Inzage",
		"Jansen & Zonen":        "Jansen & Zonen",
		"A+B":                   "A+B",
		"C# & 100% = 1?; a/b":   "C# & 100% = 1?; a/b",
		"Zorg: Noord":           "Zorg Noord", // a colon ends the issuer, also when it is escaped
		"Gemeente 's-Hertog;\"": "Gemeente 's-Hertog;\"",
		"Café 漢字":               "Café 漢字",
		"%41 %2B":               "%41 %2B",
	} {
		t.Run(issuer, func(t *testing.T) {
			w := newWorld(t)
			w.Product = issuer
			p := w.someone("Petra+werk", identity.Agent)
			setup, err := w.BeginTOTP(t.Context(), w.full(p).Actor)
			check(t, err)
			for way, address := range map[string]string{"the link": setup.URL, "the picture": scanned(t, setup.PNG)} {
				read(t, way, address, want, p.email, setup.Secret)
			}
		})
	}
}

// scanned reads the QR code with another maker's decoder.
func scanned(t *testing.T, picture []byte) string {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	check(t, err)
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	check(t, err)
	code, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	check(t, err)
	return code.GetText()
}

func read(t *testing.T, way, address, issuer, account, secret string) {
	t.Helper()
	if bad := strings.Trim(address, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~@%:/?&="); bad != "" ||
		strings.ContainsAny(address, "+# \"'") {
		t.Errorf("%s has signs that must be escaped: %s", way, address)
	}
	label, query, _ := strings.Cut(strings.TrimPrefix(address, "otpauth://totp/"), "?")
	strict := map[string]string{} // RFC 3986: a "+" is a "+"
	for _, pair := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		plain, err := url.PathUnescape(value)
		check(t, err)
		strict[name] = plain
	}
	form, err := url.ParseQuery(query) // a "+" is a space
	check(t, err)
	for name, want := range map[string]string{"issuer": issuer, "secret": secret, "digits": "6", "period": "30", "algorithm": "SHA1"} {
		if strict[name] != want || form.Get(name) != want {
			t.Errorf("%s: %s is %q by RFC 3986 and %q as a form, want %q", way, name, strict[name], form.Get(name), want)
		}
	}
	for reading, unescape := range map[string]func(string) (string, error){"RFC 3986": url.PathUnescape, "a form": url.QueryUnescape} {
		whole, err := unescape(label)
		check(t, err)
		if by, of, _ := strings.Cut(whole, ":"); by != issuer || of != account {
			t.Errorf("%s, unescaped as %s and then split: %q of %q, want %q of %q", way, reading, of, by, account, issuer)
		}
		before, after, _ := strings.Cut(label, ":")
		by, err := unescape(before)
		check(t, err)
		if of, err := unescape(after); err != nil || by != issuer || of != account {
			t.Errorf("%s, split and then unescaped as %s: %q of %q", way, reading, of, by)
		}
	}
	key, err := otp.NewKeyFromURL(address)
	check(t, err)
	if key.Issuer() != issuer || key.AccountName() != account || key.Secret() != secret {
		t.Errorf("%s, read by pquerna/otp: %q of %q", way, key.AccountName(), key.Issuer())
	}
}
