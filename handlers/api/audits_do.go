package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"inzage/handlers/access"
	"inzage/services/audits"
	"inzage/services/fault"
	"inzage/services/identity"
)

// deed is one thing that can be done to an audit: the row of the service's
// table that decides it, and where it is, below /audits/{id}/.
type deed struct {
	action  audits.Action
	id      string
	path    string
	summary string
}

func (d deed) route(status int) route {
	row := rowOf(d.action)
	r := route{ID: d.id, Method: http.MethodPost, Path: "/audits/{id}/" + d.path, Summary: d.summary, About: aboutDeed(row), Tag: auditTag, Roles: rolesOf(row.By), By: words(row.By),
		Scope: writeAudits, Status: status, Entry: "audit." + string(d.action)}
	if d.action == audits.Supply {
		r.Entry = "*" // a question during the audit is answered at the same address
	}
	if d.action == audits.Sign {
		r.Scope, r.Fresh = "", access.AtDeed // a signature is a person's
	}
	return r
}

// rowOf is the row of the table that decides an action.
func rowOf(action audits.Action) audits.Rule {
	for _, row := range audits.Table() {
		if row.Action == action {
			return row
		}
	}
	return audits.Rule{}
}

// aboutDeed says the row of the table, so that the document and the rules
// cannot tell two stories.
func aboutDeed(row audits.Rule) string {
	about := "By: " + strings.Join(words(row.By), ", ") + ". In the stages: " + strings.Join(words(row.From), ", ") + "."
	if row.To != "" {
		about += " Leads to: " + string(row.To) + "."
	}
	return about + " A refusal that follows from the agreement is a 409 whose errors name the rule, the sentence and the clause."
}

// rolesOf are the roles in which somebody stands in one of the relations.
func rolesOf(relations []audits.Relation) []identity.Role {
	role := map[audits.Relation]identity.Role{audits.TheOfficer: identity.PrivacyOfficer, audits.TheControllerAdmin: identity.Admin, audits.TheAgent: identity.Agent,
		audits.TheProcessorAdmin: identity.Admin, audits.TheAuditor: identity.Auditor}
	var all []identity.Role
	for _, as := range relations {
		if r := role[as]; !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
}

func words[T ~string](all []T) []string {
	out := make([]string, len(all))
	for i, one := range all {
		out[i] = string(one)
	}
	return out
}

// SeenAudit is in every body that changes an audit.
type SeenAudit struct {
	Rev int64 `json:"rev,omitempty" minimum:"0" doc:"The revision of the audit that you saw: when it has changed since, the call is refused with 409 and changes nothing. Left out, any"`
}

func (s SeenAudit) saw() int64 { return s.Rev }

// seer is a body that may say which revision its sender saw.
type seer interface{ saw() int64 }

// place is the audit, and the thing in it, that a deed is done to.
type place struct{ audit, item string }

// doing asks the service for a deed.
type doing[B any] func(ctx context.Context, s *audits.Service, by identity.Actor, at place, in B) (audits.Audit, error)

type onAudit[B any] struct {
	ID   string `path:"id" maxLength:"64"`
	Body B
}

type onItem[B any] struct {
	ID   string `path:"id" maxLength:"64"`
	Item string `path:"item" maxLength:"64"`
	Body B
}

// does adds a deed; the answer is the facts of the audit afterwards. What was
// read or written of its content is not repeated, so that a deed leaves its own
// entry and none of a reading.
func does[B seer](a *API, d deed, do doing[B]) {
	did := func(ctx context.Context, by identity.Actor, at place, in B) (*auditFactsOut, error) {
		x, err := do(ctx, a.Audits.At(in.saw()), by, at, in)
		if err != nil {
			return nil, err
		}
		return a.auditFacts(ctx, by, &x, "")
	}
	if strings.Contains(d.path, "{item}") {
		handle(a, d.route(http.StatusOK), func(ctx context.Context, by identity.Actor, in *onItem[B]) (*auditFactsOut, error) {
			return did(ctx, by, place{in.ID, in.Item}, in.Body)
		})
		return
	}
	handle(a, d.route(http.StatusOK), func(ctx context.Context, by identity.Actor, in *onAudit[B]) (*auditFactsOut, error) {
		return did(ctx, by, place{audit: in.ID}, in.Body)
	})
}

type making[B any] struct {
	ID string `path:"id" maxLength:"64"`
	Idempotent
	Body B
}

// makes adds a deed that adds a thing of a kind to the audit, under the id
// that is the item of its place.
func makes[B seer](a *API, d deed, kind string, do doing[B]) {
	handle(a, d.route(http.StatusCreated), func(ctx context.Context, by identity.Actor, in *making[B]) (*auditFactsOut, error) {
		id, err := a.once(ctx, by, in.Key, d.id+"\x00"+in.ID, kind, in.Body)
		if err != nil {
			return nil, err
		}
		x, err := do(ctx, a.Audits.At(in.Body.saw()), by, place{in.ID, id}, in.Body)
		if err != nil {
			return nil, err
		}
		return a.auditFacts(ctx, by, &x, id)
	})
}

// Bare is the body of a deed that needs no more than its address. It may be
// left out.
type Bare struct{ SeenAudit }

func (b *Bare) saw() int64 {
	if b == nil {
		return 0
	}
	return b.Rev
}

// Words is the body of a deed that takes a text.
type Words struct {
	SeenAudit
	Text string `json:"text" maxLength:"4000"`
}

// bare is a deed on the audit itself.
func bare(do func(*audits.Service, context.Context, identity.Actor, string) (audits.Audit, error)) doing[*Bare] {
	return func(ctx context.Context, s *audits.Service, by identity.Actor, at place, _ *Bare) (audits.Audit, error) {
		return do(s, ctx, by, at.audit)
	}
}

// item is a deed on one thing in the audit.
func item(do func(*audits.Service, context.Context, identity.Actor, string, string) (audits.Audit, error)) doing[*Bare] {
	return func(ctx context.Context, s *audits.Service, by identity.Actor, at place, _ *Bare) (audits.Audit, error) {
		return do(s, ctx, by, at.audit, at.item)
	}
}

// text is a deed on the audit with a text.
func text(do func(*audits.Service, context.Context, identity.Actor, string, string) (audits.Audit, error)) doing[Words] {
	return func(ctx context.Context, s *audits.Service, by identity.Actor, at place, in Words) (audits.Audit, error) {
		x, err := do(s, ctx, by, at.audit, in.Text)
		return x, inText(err)
	}
}

// itemText is a deed on one thing in the audit with a text.
func itemText(do func(*audits.Service, context.Context, identity.Actor, string, string, string) (audits.Audit, error)) doing[Words] {
	return func(ctx context.Context, s *audits.Service, by identity.Actor, at place, in Words) (audits.Audit, error) {
		x, err := do(s, ctx, by, at.audit, at.item, in.Text)
		return x, inText(err)
	}
}

// inText names the one field of Words in a refusal of it: the service calls
// each text by what it is, such as a reason.
func inText(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Fields) != 1 {
		return err
	}
	return fault.New(f.Kind, f.Text, f.Args...).At("text", f.Fields[0].Text, f.Fields[0].Args...)
}
