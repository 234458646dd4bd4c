package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/tokens"
	"inzage/views/language"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

// tokens lists what lets machines in for the own organisation.
func (h house) tokens(c *fiber.Ctx) error {
	all, err := h.Tokens.List(c.UserContext(), session.Actor(c))
	if err != nil {
		return err
	}
	p, words := h.page(c, "Tokens of machines"), h.speech(c)
	l := ui.Listing{Caption: p.T("Tokens of machines"), TestID: "tokens",
		Columns: []ui.Column{{Label: p.T("Name")}, {Label: p.T("Acts as")}, {Label: p.T("What it may do")}, {Label: p.T("Works until")}, {Label: p.T("State")}},
		Empty:   ui.Empty{Title: p.T("There are no tokens"), Text: p.T("A token lets a program of your own do in your name what people do on these pages.")}}
	for _, t := range all {
		state := h.tokenState(words, t)
		l.Rows = append(l.Rows, ui.Row{Href: "/tokens/" + t.ID, Cells: []ui.Cell{{Text: t.Called, Note: words.T("Made on %s", words.ShortDate(t.Created))}, {Text: h.roles(words, t.Roles)},
			{Text: h.may(words, t.Scopes)}, {Text: inOneLine(words.ShortDate(t.Expires))}, {State: &state}}})
	}
	return respond.Page(c, fiber.StatusOK, pages.ListPage(p, pages.List{Main: l,
		Lead:    p.T("A program signs in with a token, for your organisation and for nothing but what you choose. It can never do what a person confirms with a second factor."),
		Buttons: []ui.Button{{Label: p.T("Make a token"), Href: "/tokens/new"}, {Label: p.T("How programs use it"), Href: "/docs/api", Look: ui.Secondary}}}))
}

func (h house) tokenState(p *language.Printer, t tokens.Listed) ui.State {
	switch {
	case t.Revoked != nil:
		return ui.State{Tone: ui.Neutral, Word: p.T("Revoked")}
	case !t.Live(h.Now()):
		return ui.State{Tone: ui.Neutral, Word: p.T("Expired")}
	}
	return ui.State{Tone: ui.Good, Word: p.T("In use")}
}

// scopeWords say what a scope allows.
var scopeWords = map[string]string{
	"agreements:read": "Read agreements",
	"audits:read":     "Read audits, their papers and the calendar",
	"audits:write":    "Act in audits",
	"ledger:read":     "Read checkpoints and proofs",
	"requests:read":   "Read requests, their files and their history",
	"requests:write":  "Act in requests",
}

// may says what a token may do.
func (h house) may(p *language.Printer, scopes []string) string {
	var all []string
	for _, s := range scopes {
		all = append(all, p.T(scopeWords[s]))
	}
	return strings.Join(all, "; ")
}

func (h house) tokenForm(c *fiber.Ctx) error {
	return h.tokenPage(c, fiber.StatusOK, pages.NewToken{ID: ledger.NewID("tok"), Days: "90"})
}

func (h house) tokenPage(c *fiber.Ctx, status int, v pages.NewToken) error {
	p, words := h.frame(c, "Make a token", v.Errors), h.speech(c)
	v.Back = ui.Link{Label: p.T("Tokens of machines"), Href: "/tokens"}
	v.OfferedRoles = slices.DeleteFunc(h.offered(words, false, false), func(o ui.Option) bool { return !slices.Contains(tokens.Roles(), identity.Role(o.Value)) })
	for _, s := range h.Tokens.Scopes {
		v.OfferedScopes = append(v.OfferedScopes, ui.Option{Value: s, Label: p.T(scopeWords[s]), Hint: s})
	}
	v.Hint = p.T("From 1 to %d days. Then the program needs a new one.", int(tokens.Longest/(24*time.Hour)))
	v.Will = []string{p.T("The token is shown once, on the next page, and kept nowhere here."), p.T("Whoever has it can do what you chose, until it expires or you revoke it."),
		p.T("What the program does stands in the history, with the token in the place of a person.")}
	return respond.Page(c, status, pages.NewTokenPage(p, v))
}

// issueToken makes the token and shows it. The second press of the button makes none.
func (h house) issueToken(c *fiber.Ctx) error {
	v := pages.NewToken{ID: c.FormValue("id"), Name: c.FormValue("name"), Roles: h.values(c, "roles"), Scopes: h.values(c, "scopes"), Days: c.FormValue("days")}
	days, err := strconv.Atoi(strings.TrimSpace(v.Days))
	if err != nil {
		days = 0 // the service says what it takes
	}
	secret, t, err := h.Tokens.Issue(c.UserContext(), session.Actor(c), tokens.Wish{ID: v.ID, Name: v.Name, Roles: h.rolesOf(c), Scopes: v.Scopes, Days: days})
	if errs, ok := h.refusals(c, err); ok {
		v.Errors = errs
		return h.tokenPage(c, fiber.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	p := h.page(c, "Keep this token")
	p.Sensitive, p.Path = true, "/tokens" // it is not shown again in another language
	return respond.Page(c, fiber.StatusOK, pages.TokenPage(p, pages.MadeToken{Secret: secret,
		Facts: h.tokenFacts(h.speech(c), tokens.Listed{Token: t, Called: strings.TrimSpace(v.Name)}),
		Next:  ui.Button{Label: p.T("I have kept it, go on"), Href: "/tokens"}}))
}

func (h house) tokenFacts(p *language.Printer, t tokens.Listed) []ui.Fact {
	state := h.tokenState(p, t)
	return []ui.Fact{{Name: p.T("Name"), Value: t.Called}, {Name: p.T("Acts as"), Value: h.roles(p, t.Roles)}, {Name: p.T("What it may do"), Value: h.may(p, t.Scopes)},
		{Name: p.T("Made on"), Value: p.Date(t.Created)}, {Name: p.T("Works until"), Value: p.DateTime(t.Expires)}, {Name: p.T("State"), State: &state, TestID: "state"}}
}

// token shows one token, and lets it be revoked while it works.
func (h house) token(c *fiber.Ctx) error {
	t, err := h.Tokens.One(c.UserContext(), session.Actor(c), c.Params("id"))
	if err != nil {
		return err
	}
	p, back := h.page(c, ""), ui.Link{Label: h.speech(c).T("Tokens of machines"), Href: "/tokens"}
	p.Title = t.Called
	facts := h.tokenFacts(h.speech(c), t)
	if !t.Live(h.Now()) {
		return respond.Page(c, fiber.StatusOK, pages.OnePage(p, pages.One{Back: back, Facts: facts, Lead: p.T("This token opens nothing any more.")}))
	}
	view := h.sureView(c, back, ui.Confirmation{Title: p.T("Revoke this token"), Facts: facts,
		Will:    []string{p.T("Programs that use it are refused at once. This cannot be undone; a new token can be made."), p.T("What was done with it stays in the history.")},
		Confirm: ui.Button{Label: p.T("Revoke this token"), Look: ui.Grave}, Cancel: ui.Link{Label: p.T("Leave it as it is"), Href: back.Href}})
	view.Post.Action = c.Path() + "/revoke"
	return respond.Page(c, fiber.StatusOK, pages.SurePage(p, view))
}

func (h house) revokeToken(c *fiber.Ctx) error {
	if err := h.Tokens.Revoke(c.UserContext(), session.Actor(c), c.Params("id")); err != nil {
		return err
	}
	return h.done(c, "/tokens", "token-revoked")
}
