// Package passkeytest is a passkey device in software: it answers as a browser
// and its authenticator would, and can be told to misbehave.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// Device holds one passkey.
type Device struct {
	T          *testing.T
	Key        *ecdsa.PrivateKey
	ID         []byte
	Handle     []byte // the account's, once it was bound
	Count      uint32 // the sign count; the test raises it
	Origin     string // of the page on which it is used
	Unverified bool   // leaves the user-verification flag out
}

// New makes a device for the pages of an origin.
func New(t *testing.T, origin string) *Device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	id := make([]byte, 16)
	_, err = rand.Read(id)
	must(t, err)
	return &Device{T: t, Key: key, ID: id, Origin: origin, Count: 1}
}

// wanted is what both kinds of options have in common.
type wanted struct {
	PublicKey struct {
		Challenge        string `json:"challenge"`
		RPID             string `json:"rpId"`
		UserVerification string `json:"userVerification"`
		RP               struct {
			ID string `json:"id"`
		} `json:"rp"`
		User struct {
			ID string `json:"id"`
		} `json:"user"`
		AuthenticatorSelection struct {
			UserVerification string `json:"userVerification"`
			ResidentKey      string `json:"residentKey"`
		} `json:"authenticatorSelection"`
	} `json:"publicKey"`
}

func (d *Device) read(raw []byte) wanted {
	d.T.Helper()
	var o wanted
	must(d.T, json.Unmarshal(raw, &o))
	return o
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (d *Device) client(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.Origin, "crossOrigin": false})
	must(d.T, err)
	return b
}

func (d *Device) data(rp string, flags byte) []byte {
	sum := sha256.Sum256([]byte(rp))
	if !d.Unverified {
		flags |= 0x04
	}
	return binary.BigEndian.AppendUint32(append(sum[:], flags|0x01), d.Count)
}

// Create answers navigator.credentials.create: options is JSON with publicKey in
// it, the answer a RegistrationResponseJSON.
func (d *Device) Create(options []byte) []byte {
	d.T.Helper()
	o := d.read(options)
	if o.PublicKey.AuthenticatorSelection.UserVerification != "required" || o.PublicKey.AuthenticatorSelection.ResidentKey != "required" {
		d.T.Errorf("the options ask for %+v", o.PublicKey.AuthenticatorSelection)
	}
	handle, err := base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	must(d.T, err)
	d.Handle = handle
	point, err := d.Key.PublicKey.Bytes()
	must(d.T, err)
	pub, err := webauthncbor.Marshal(webauthncose.EC2PublicKeyData{
		PublicKeyData: webauthncose.PublicKeyData{KeyType: 2, Algorithm: -7},
		Curve:         1, XCoord: point[1:33], YCoord: point[33:],
	})
	must(d.T, err)
	data := append(d.data(o.PublicKey.RP.ID, 0x40), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.ID)))
	data = append(append(data, d.ID...), pub...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	must(d.T, err)
	return d.credential(map[string]any{
		"clientDataJSON": b64(d.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64(object),
	})
}

// Get answers navigator.credentials.get: options is JSON with publicKey in it,
// the answer an AuthenticationResponseJSON.
func (d *Device) Get(options []byte) []byte {
	d.T.Helper()
	o := d.read(options)
	if o.PublicKey.UserVerification != "required" {
		d.T.Errorf("the options ask for user verification %q", o.PublicKey.UserVerification)
	}
	data := d.data(o.PublicKey.RPID, 0)
	client := d.client("webauthn.get", o.PublicKey.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, d.Key, sum[:])
	must(d.T, err)
	return d.credential(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(d.Handle),
	})
}

func (d *Device) credential(response map[string]any) []byte {
	b, err := json.Marshal(map[string]any{
		"id": b64(d.ID), "rawId": b64(d.ID), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	must(d.T, err)
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("the passkey device: %v", err)
	}
}
