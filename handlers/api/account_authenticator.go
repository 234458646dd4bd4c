package api

import (
	"context"
	"net/http"

	"inzage/handlers/access"
	"inzage/services/identity"
)

// mountAuthenticator binds an authenticator app, and renews what goes with it.
func (a *API) mountAuthenticator() {
	handle(a, route{ID: "begin-authenticator", Method: http.MethodPost, Path: "/account/authenticator", Summary: "Begin to bind an authenticator app to your account", Tag: accountTag, Half: true, Fresh: access.AtDeed,
		About: "Nothing changes until a first code is confirmed, within ten minutes. " + aboutEnrolment, Entry: silent}, a.beginAuthenticator)
	handle(a, route{ID: "confirm-authenticator", Method: http.MethodPost, Path: "/account/authenticator/confirm", Summary: "Bind the app with the first code that it gives", Tag: accountTag, Half: true,
		Entry: "factor.enrol", Fresh: access.AtDeed, About: "It replaces an earlier one. Your session becomes full, your other sessions end, and you get ten recovery codes."}, a.confirmAuthenticator)
	handle(a, route{ID: "renew-recovery", Method: http.MethodPost, Path: "/account/recovery", Summary: "Make ten new recovery codes; the old ones stop working", Tag: accountTag, Roles: anyRole, Status: http.StatusCreated,
		Entry: "factor.renew", Fresh: access.AtDeed}, a.renewRecovery)
}

type appOut struct {
	Body struct {
		Ceremony string `json:"ceremony" doc:"Names the exchange; send it with the code"`
		Secret   string `json:"secret" doc:"For typing, base32. It is shown this once"`
		URL      string `json:"url" doc:"The same for the app, otpauth://; show it as a QR code"`
	}
}

func (a *API) beginAuthenticator(ctx context.Context, by identity.Actor, _ *nothing) (*appOut, error) {
	setup, err := a.Identity.BeginTOTP(ctx, by)
	if err != nil {
		return nil, err
	}
	var out appOut
	out.Body.Ceremony, out.Body.Secret, out.Body.URL = setup.Ceremony, setup.Secret, setup.URL
	return &out, nil
}

type confirmAppIn struct {
	Body struct {
		Ceremony string `json:"ceremony" maxLength:"64"`
		Code     string `json:"code" maxLength:"64"`
	}
}

// BoundAuthenticator is the session after an app was bound.
type BoundAuthenticator struct {
	Session
	Recovery []string `json:"recovery_codes" doc:"Each works once instead of a code of the app. They are shown this once"`
}

type boundOut struct{ Body BoundAuthenticator }

func (a *API) confirmAuthenticator(ctx context.Context, by identity.Actor, in *confirmAppIn) (*boundOut, error) {
	e, codes, err := a.Identity.ConfirmTOTP(ctx, by, in.Body.Ceremony, in.Body.Code)
	if err != nil {
		return nil, err
	}
	return &boundOut{BoundAuthenticator{Session: a.entered(ctx, e).Body, Recovery: codes}}, nil
}

type recoveryOut struct {
	Body struct {
		Recovery []string `json:"recovery_codes" doc:"They are shown this once and stored nowhere: with an idempotency key that made codes before there are none. Make new ones with a new key"`
	}
}

func (a *API) renewRecovery(ctx context.Context, by identity.Actor, in *Idempotent) (*recoveryOut, error) {
	var out recoveryOut
	out.Body.Recovery = []string{}
	_, err := a.only(ctx, by, in.Key, "renew-recovery", nil, func() (string, error) {
		codes, err := a.Identity.RenewRecovery(ctx, by)
		out.Body.Recovery = append(out.Body.Recovery, codes...)
		return "renewed", err
	})
	return &out, err
}
