package identity

import (
	"bytes"
	"fmt"
	"image/png"
	"strconv"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// enrolment writes the address that an authenticator app reads, as a link or as
// a QR code: otpauth://totp/ISSUER:ACCOUNT?secret=…. Everything but letters,
// digits and "-._~@" is escaped in both parts, a space as %20: apps read the
// query in the manner of a form or of RFC 3986, and an "&" or a "+" left as it
// is cuts the name or becomes a space. A colon would end the issuer, in its
// escaped form as well, so the issuer goes without.
func enrolment(issuer, account, secret string) string {
	issuer = strings.Join(strings.Fields(strings.ReplaceAll(issuer, ":", " ")), " ")
	return "otpauth://totp/" + escaped(issuer) + ":" + escaped(account) +
		"?secret=" + secret + "&issuer=" + escaped(issuer) + "&algorithm=SHA1&digits=6&period=" + strconv.Itoa(period)
}

// escaped leaves what RFC 3986 calls unreserved, and the "@" of an address, which
// means nothing in a path or a query, and escapes all other bytes.
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~@", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// drawn is the address as a QR code, in PNG.
func drawn(address string) ([]byte, error) {
	code, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("draw the QR code: %w", err)
	}
	side := max(qrSize, 3*code.Bounds().Dx()) // three pixels a module at least
	if code, err = barcode.Scale(code, side, side); err != nil {
		return nil, fmt.Errorf("draw the QR code: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, code); err != nil {
		return nil, fmt.Errorf("encode the QR code: %w", err)
	}
	return b.Bytes(), nil
}
