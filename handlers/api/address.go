package api

import (
	"context"
	"net/http"

	"inzage/services/identity"
	"inzage/services/requests"
)

// CorrectAddress puts another e-mail address in the place of a wrong one.
type CorrectAddress struct {
	Seen
	Email string `json:"email" maxLength:"254" doc:"Empty: the person has none, and gets letters"`
}

// mountAddresses adds what the desk does about the address of a request.
func (a *API) mountAddresses() {
	act(a, requests.ChangeAddress, route{ID: "correct-address", Path: "address", Summary: "Correct the e-mail address of the person; the earlier one is cut off at once", Roles: workers, Scope: writeRequests,
		About: "The new address opens nothing until its holder has given the word from a new letter."},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b CorrectAddress) (requests.Request, error) {
			return s.CorrectAddress(ctx, by, id, b.Email)
		})
	act(a, requests.NewWord, route{ID: "renew-word", Path: "word", Summary: "Make a letter with a new word, for the holder of an address that staff typed", Roles: workers, Scope: writeRequests}, plain((*requests.Service).RenewWord))
}

type newAddressIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Email string `json:"email" maxLength:"254"`
	}
}

type provenAddressIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Email string `json:"email" maxLength:"254"`
		Code  string `json:"code" maxLength:"64"`
	}
}

// mountAddress adds the person's own way to another address.
func (a *API) mountAddress(mine func(id, method, path, summary, entry string) route) {
	code := mine("send-address-code", http.MethodPost, "/{id}/address/code", "Send a code to the address that your request shall go on under", "code.send")
	code.Status = http.StatusAccepted
	handle(a, code, a.addressCode)
	move := mine("move-my-address", http.MethodPost, "/{id}/address", "Put the address that the code was sent to in the place of the earlier one", "request.move_address")
	move.About = "Needs the second factor of the last five minutes where your account has one. The answer begins a new session; the earlier address opens nothing of the request any more."
	handle(a, move, a.moveAddress)
}

func (a *API) addressCode(ctx context.Context, by identity.Actor, in *newAddressIn) (*done, error) {
	r, err := a.Requests.CheckMove(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.Identity.SendCode(ctx, moves(ctx, r, in.Body.Email))
}

func moves(ctx context.Context, r requests.Request, email string) identity.CodeRequest {
	return identity.CodeRequest{Purpose: requests.MovePurpose, Object: r.LinkOf(), Email: email, Language: r.Language, Address: address(ctx)}
}

func (a *API) moveAddress(ctx context.Context, by identity.Actor, in *provenAddressIn) (*requestOut, error) {
	r, err := a.Requests.CheckMove(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	proof, err := a.Identity.CheckCode(ctx, moves(ctx, r, in.Body.Email), in.Body.Code)
	if err != nil {
		return nil, err
	}
	if r, err = a.Requests.Move(ctx, by, in.ID, proof); err != nil {
		return nil, err
	}
	entry, err := a.Identity.StartSubject(ctx, proof, "", r.Language)
	if err != nil {
		return nil, err
	}
	a.Cookies.Start(callOf(ctx).fiber, entry.Token)
	return &requestOut{a.facts(entry.Actor, r)}, nil
}
