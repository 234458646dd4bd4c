package api

import (
	"context"
	"net/http"
	"slices"

	"inzage/handlers/access"
	"inzage/services/identity"
)

type rulesOut struct{ Body access.Reference }

// mountRules publishes the tables that the guards follow. They are no
// secret: they say what is refused, and nothing of anybody.
func (a *API) mountRules() {
	handle(a, route{ID: "read-access", Method: http.MethodGet, Path: "/access", Summary: "Who may do what, in which state; limits and times", Tag: "Access",
		About: "Generated from the tables that the portal's guards and services follow.", Entry: silent}, a.rules)
}

func (a *API) rules(context.Context, identity.Actor, *nothing) (*rulesOut, error) {
	return &rulesOut{access.Publish(slices.Concat(access.Pages(), a.rows),
		access.Bounds{Identity: a.Identity.Limits, Requests: a.Requests.Limits, Audits: a.Audits.Limits, Pace: a.Pace})}, nil
}
