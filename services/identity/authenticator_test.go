package identity_test

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

	"inzage/services/identity"
)

// authenticator is a passkey device in software: it answers as a browser
// would, and can be told to misbehave.
type authenticator struct {
	t          *testing.T
	key        *ecdsa.PrivateKey
	id         []byte
	handle     []byte
	count      uint32
	origin     string
	unverified bool // leaves the user-verification flag out
}

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	id := make([]byte, 16)
	_, err = rand.Read(id)
	check(t, err)
	return &authenticator{t: t, key: key, id: id, origin: origin, count: 1}
}

// options is what both kinds of options have in common.
type options struct {
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

func (a *authenticator) read(c identity.Challenge) options {
	a.t.Helper()
	var o options
	check(a.t, json.Unmarshal(c.Options, &o))
	return o
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) client(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	check(a.t, err)
	return b
}

func (a *authenticator) data(rp string, flags byte) []byte {
	sum := sha256.Sum256([]byte(rp))
	if !a.unverified {
		flags |= 0x04
	}
	return binary.BigEndian.AppendUint32(append(sum[:], flags|0x01), a.count)
}

// create answers navigator.credentials.create.
func (a *authenticator) create(c identity.Challenge) []byte {
	a.t.Helper()
	o := a.read(c)
	if o.PublicKey.AuthenticatorSelection.UserVerification != "required" || o.PublicKey.AuthenticatorSelection.ResidentKey != "required" {
		a.t.Errorf("the options ask for %+v", o.PublicKey.AuthenticatorSelection)
	}
	handle, err := base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	check(a.t, err)
	a.handle = handle
	point, err := a.key.PublicKey.Bytes()
	check(a.t, err)
	pub, err := webauthncbor.Marshal(webauthncose.EC2PublicKeyData{
		PublicKeyData: webauthncose.PublicKeyData{KeyType: 2, Algorithm: -7},
		Curve:         1, XCoord: point[1:33], YCoord: point[33:],
	})
	check(a.t, err)
	data := append(a.data(o.PublicKey.RP.ID, 0x40), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id)))
	data = append(append(data, a.id...), pub...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	check(a.t, err)
	return a.credential(map[string]any{
		"clientDataJSON": b64(a.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64(object),
	})
}

// get answers navigator.credentials.get.
func (a *authenticator) get(c identity.Challenge) []byte {
	a.t.Helper()
	o := a.read(c)
	if o.PublicKey.UserVerification != "required" {
		a.t.Errorf("the options ask for user verification %q", o.PublicKey.UserVerification)
	}
	data := a.data(o.PublicKey.RPID, 0)
	client := a.client("webauthn.get", o.PublicKey.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	check(a.t, err)
	return a.credential(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(a.handle),
	})
}

func (a *authenticator) credential(response map[string]any) []byte {
	b, err := json.Marshal(map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	check(a.t, err)
	return b
}
