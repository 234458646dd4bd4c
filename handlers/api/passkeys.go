package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"inzage/handlers/access"
	"inzage/services/identity"
)

// aboutPasskeys is said of each beginning of an exchange with a passkey.
const aboutPasskeys = "The challenge works once, within five minutes, in the session that asked for it, and only with user verification. "

// mountPasskeys are the exchanges with passkeys. Each begins with options for
// the browser and ends with the credential that it made of them.
func (a *API) mountPasskeys() {
	const proof = "/sessions/current/passkey"
	handle(a, route{ID: "begin-passkey-sign-in", Method: http.MethodPost, Path: "/sessions/passkey/options", Summary: "Begin to sign in with a passkey that the device finds by itself", Tag: sessionTag,
		About: aboutPasskeys + "Nobody is named.", Entry: silent}, a.beginPasskeySignIn)
	handle(a, route{ID: "sign-in-passkey", Method: http.MethodPost, Path: "/sessions/passkey", Summary: "Sign in with a passkey, which is both factors at once", Tag: sessionTag, Status: http.StatusCreated,
		Entry: "session.start"}, a.signInPasskey)
	handle(a, route{ID: "begin-passkey-proof", Method: http.MethodPost, Path: proof + "/options", Summary: "Begin to prove the second factor with one of your passkeys", Tag: sessionTag, Half: true,
		About: aboutPasskeys, Entry: silent}, a.beginPasskeyProof)
	handle(a, route{ID: "prove-passkey", Method: http.MethodPost, Path: proof, Summary: "Prove the second factor with a passkey", Tag: sessionTag, Half: true,
		Entry: "factor.prove"}, a.provePasskey)
	handle(a, route{ID: "begin-passkey", Method: http.MethodPost, Path: "/account/passkeys/options", Summary: "Begin to bind a passkey to your account", Tag: accountTag, Half: true, Fresh: access.AtDeed,
		About: aboutPasskeys + aboutEnrolment, Entry: silent}, a.beginPasskey)
	handle(a, route{ID: "add-passkey", Method: http.MethodPost, Path: "/account/passkeys", Summary: "Bind the passkey that the device made", Tag: accountTag, Half: true, Status: http.StatusCreated,
		Entry: "factor.enrol", Fresh: access.AtDeed, About: "Your session becomes full, and your other sessions end. Account.passkeys has it then."}, a.addPasskey)
	handle(a, route{ID: "rename-passkey", Method: http.MethodPut, Path: "/account/passkeys/{id}", Summary: "Give one of your passkeys another name", Tag: accountTag, Roles: anyRole,
		Entry: "factor.rename"}, a.renamePasskey)
	handle(a, route{ID: "remove-passkey", Method: http.MethodDelete, Path: "/account/passkeys/{id}", Summary: "Take one of your passkeys away", Tag: accountTag, Roles: anyRole, Status: http.StatusNoContent,
		Entry: "factor.remove", Fresh: access.AtDeed, About: "The last factor of an account stays."}, a.removePasskey)
}

type askedPasskey struct {
	Body struct {
		Ceremony  string         `json:"ceremony" doc:"Names the exchange; send it with the credential"`
		PublicKey PasskeyRequest `json:"publicKey"`
	}
}

type askedNewPasskey struct {
	Body struct {
		Ceremony  string          `json:"ceremony" doc:"Names the exchange; send it with the credential"`
		PublicKey PasskeyCreation `json:"publicKey"`
	}
}

type signedIn struct {
	Body struct {
		Ceremony   string           `json:"ceremony" maxLength:"64"`
		Credential SignedCredential `json:"credential"`
	}
}

type madeIn struct {
	Idempotent
	Body struct {
		Ceremony   string         `json:"ceremony" maxLength:"64"`
		Name       string         `json:"name,omitempty" maxLength:"40" doc:"What you call it"`
		Credential MadeCredential `json:"credential"`
	}
}

// asking reads the options of an exchange that the service began.
func asking(ch identity.Challenge, err error) (*askedPasskey, error) {
	if err != nil {
		return nil, err
	}
	var out askedPasskey
	if err := json.Unmarshal(ch.Options, &out.Body); err != nil {
		return nil, fmt.Errorf("read the options of a passkey: %w", err)
	}
	out.Body.Ceremony = ch.Ceremony
	return &out, nil
}

func (a *API) beginPasskeySignIn(ctx context.Context, _ identity.Actor, _ *nothing) (*askedPasskey, error) {
	return asking(a.Identity.BeginPasskeySignIn(ctx))
}

func (a *API) signInPasskey(ctx context.Context, by identity.Actor, in *signedIn) (*sessionOut, error) {
	credential, err := json.Marshal(in.Body.Credential)
	if err != nil {
		return nil, fmt.Errorf("write a credential: %w", err)
	}
	e, err := a.Identity.FinishPasskeySignIn(ctx, in.Body.Ceremony, credential, address(ctx))
	if err != nil {
		return nil, err
	}
	return a.began(ctx, by, e)
}

func (a *API) beginPasskeyProof(ctx context.Context, by identity.Actor, _ *nothing) (*askedPasskey, error) {
	return asking(a.Identity.BeginPasskeyProof(ctx, by))
}

func (a *API) provePasskey(ctx context.Context, by identity.Actor, in *signedIn) (*sessionOut, error) {
	credential, err := json.Marshal(in.Body.Credential)
	if err != nil {
		return nil, fmt.Errorf("write a credential: %w", err)
	}
	e, err := a.Identity.FinishPasskeyProof(ctx, by, in.Body.Ceremony, credential)
	if err != nil {
		return nil, err
	}
	return a.entered(ctx, e), nil
}

func (a *API) beginPasskey(ctx context.Context, by identity.Actor, _ *nothing) (*askedNewPasskey, error) {
	ch, err := a.Identity.BeginPasskeyEnrolment(ctx, by)
	if err != nil {
		return nil, err
	}
	var out askedNewPasskey
	if err := json.Unmarshal(ch.Options, &out.Body); err != nil {
		return nil, fmt.Errorf("read the options of a new passkey: %w", err)
	}
	out.Body.Ceremony = ch.Ceremony
	return &out, nil
}

// addPasskey binds a passkey once for an idempotency key; the key again shows
// the session as it is.
func (a *API) addPasskey(ctx context.Context, by identity.Actor, in *madeIn) (*sessionOut, error) {
	credential, err := json.Marshal(in.Body.Credential)
	if err != nil {
		return nil, fmt.Errorf("write a credential: %w", err)
	}
	var made *sessionOut
	_, err = a.only(ctx, by, in.Key, "add-passkey", in.Body, func() (string, error) {
		e, err := a.Identity.FinishPasskeyEnrolment(ctx, by, in.Body.Ceremony, in.Body.Name, credential)
		if err != nil {
			return "", err
		}
		made = a.entered(ctx, e)
		return e.Session.ID, nil
	})
	if err != nil || made != nil {
		return made, err
	}
	return a.current(ctx, by, nil)
}

type renameIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Name string `json:"name" maxLength:"40"`
	}
}

func (a *API) renamePasskey(ctx context.Context, by identity.Actor, in *renameIn) (*accountOut, error) {
	if err := a.Identity.RenamePasskey(ctx, by, in.ID, in.Body.Name); err != nil {
		return nil, err
	}
	return a.readAccount(ctx, by, nil)
}

func (a *API) removePasskey(ctx context.Context, by identity.Actor, in *byID) (*done, error) {
	return nil, a.Identity.RemovePasskey(ctx, by, in.ID)
}
