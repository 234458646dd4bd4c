// Package web is the portal's pages. Handlers parse what was sent, ask a
// service, and show its answer; no rule lives here.
package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/access"
	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/deadlines"
	dossiers "inzage/services/dossier"
	"inzage/services/evidence"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/requests"
	"inzage/services/tokens"
	"inzage/services/vault"
	"inzage/views/language"
	"inzage/views/layout"
	"inzage/views/ui"
)

// Site is what the pages are made of. All fields are needed but Demo.
type Site struct {
	Identity   *identity.Service
	Requests   *requests.Service
	Audits     *audits.Service
	Agreements *agreements.Registry
	Notify     *notify.Service
	Dossiers   *dossiers.Service
	Tokens     *tokens.Service
	Ledger     *ledger.Ledger
	Journal    *journal.Journal
	Evidence   *evidence.Service
	Vault      vault.Keeper
	Cookies    session.Cookies
	Languages  *language.Languages
	BaseURL    *url.URL
	Log        *slog.Logger
	Now        func() time.Time
	// Pace is how long clients may take, as /docs/access says it.
	Pace access.Pace
	Demo *Demo // nil outside the demo
}

// Demo is what only `inzage demo` shows.
type Demo struct {
	Accounts func() []DemoAccount
	Filled   func() bool // false while the requests are still being made
	MailDir  string
}

// DemoAccount is one made-up person of the demo, with what signs them in.
type DemoAccount struct {
	Name, Email, Password string
	Secret                string // TOTP, base32
	Organisation, Slug    string // "" for operators and data subjects
	Roles                 []identity.Role
}

// Mount adds every page to the app, each behind the guard of its row.
func (s *Site) Mount(on *fiber.App, table access.Table, guard access.Guard) {
	app := routes{app: on, table: table, guard: guard}
	s.mountStatic(app)
	s.mountAccount(app)
	s.mountSubject(app)
	s.mountStaff(app)
	s.mountAudits(app)
	s.mountEvidence(app)
	s.mountOrganisation(app)
	s.mountDossiers(app)
	s.mountDeveloper(app)
	s.mountRules(app)
	if s.Demo != nil {
		s.mountDemo(app)
	}
}

const printerKey = "printer"

// Speak chooses the language of the response: the reader's own click, their
// account, what the browser asks for. A click is remembered.
func (s *Site) Speak(c *fiber.Ctx) error {
	tag := c.Query("lang")
	if language.Speaks(tag) {
		s.Cookies.Set(c, "lang", tag, 365*24*time.Hour)
	} else if tag = s.Cookies.Get(c, "lang"); !language.Speaks(tag) {
		if tag = session.Actor(c).Language; !language.Speaks(tag) {
			tag = s.Languages.Match(c.Get(fiber.HeaderAcceptLanguage))
		}
	}
	c.Locals(printerKey, s.Languages.Printer(tag, s.zoneOf(c.UserContext(), session.Actor(c).Organisation)))
	return c.Next()
}

// zoneOf is the zone in which an organisation counts its days, and in which its
// staff read all times; without an organisation that of the portal.
func (s *Site) zoneOf(ctx context.Context, organisation string) *time.Location {
	if organisation == "" {
		return amsterdam()
	}
	o, err := s.Identity.Organisation(ctx, organisation)
	if err != nil {
		return amsterdam()
	}
	zone, err := deadlines.Zone(o.Zone)
	if err != nil {
		return amsterdam()
	}
	return zone
}

// amsterdam is the zone of pages for which no organisation has another; a
// request's own legal zone is named where its clock is explained.
func amsterdam() *time.Location {
	zone, err := deadlines.Zone("Europe/Amsterdam")
	if err != nil {
		return time.UTC
	}
	return zone
}

// speech is the printer of this response.
func (s *Site) speech(c *fiber.Ctx) *language.Printer {
	if p, ok := c.Locals(printerKey).(*language.Printer); ok {
		return p
	}
	return s.Languages.Printer("nl", amsterdam())
}

// page fills what every page knows about itself and its reader. title is the
// English sentence that is its key.
func (s *Site) page(c *fiber.Ctx, title string, args ...any) ui.Page {
	p := s.speech(c)
	page := ui.Page{Lang: p.Tag(), T: p.T, Path: c.OriginalURL(), Nonce: nonce(c), CSRF: session.CSRF(c), Zone: p.Zone(), Demo: s.Demo != nil}
	if title != "" {
		page.Title = p.T(title, args...)
	}
	if by := session.Actor(c); by.Account != "" {
		page.User = s.reader(c, by)
		page.Nav = s.places(c, by)
	}
	page.Flash = s.flash(c)
	return page
}

// Nonce gives the response its content security policy's nonce.
func Nonce(c *fiber.Ctx) string {
	n := rand.Text()
	c.Locals("nonce", n)
	return n
}

func nonce(c *fiber.Ctx) string {
	n, _ := c.Locals("nonce").(string)
	return n
}

// reader names the person who is signed in.
func (s *Site) reader(c *fiber.Ctx, by identity.Actor) *ui.User {
	p := s.speech(c)
	// Whoever is shut out while the page is made still finds the way out under a name.
	u := &ui.User{Name: p.T("Your account and sign-in"), Account: "/account", SignOut: "/sign-out"}
	if _, person, err := s.Identity.Me(c.UserContext(), by); err == nil && person.Name != "" {
		u.Name = person.Name
	}
	if by.Organisation != "" {
		if org, err := s.Identity.Organisation(c.UserContext(), by.Organisation); err == nil {
			u.Organisation = org.Name
		}
	}
	for _, r := range by.Roles {
		u.Roles = append(u.Roles, p.T(roleNames[r]))
	}
	return u
}

var roleNames = map[identity.Role]string{
	identity.Subject: "Data subject", identity.Agent: "Agent", identity.PrivacyOfficer: "Privacy officer",
	identity.Admin: "Administrator", identity.Auditor: "Auditor", identity.Operator: "Operator",
}

// done redirects after something was done, with a message for the next page.
func (s *Site) done(c *fiber.Ctx, to, flash string) error {
	if flash != "" {
		s.Cookies.Set(c, "flash", flash, time.Minute)
	}
	return c.Redirect(to, fiber.StatusSeeOther)
}

func (s *Site) flash(c *fiber.Ctx) *ui.Flash {
	key := s.Cookies.Get(c, "flash")
	if key == "" {
		return nil
	}
	s.Cookies.Drop(c, "flash")
	text, ok := flashTexts[key]
	if !ok {
		return nil
	}
	return &ui.Flash{Tone: text.tone, Text: s.speech(c).T(text.key)}
}

// refusals translates the fields of a refused form for the page that shows it
// again. ok is false when err is another kind of refusal.
func (s *Site) refusals(c *fiber.Ctx, err error) (ui.FieldErrors, bool) {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Fields) == 0 {
		return nil, false
	}
	p := s.speech(c)
	var all ui.FieldErrors
	for _, one := range f.Fields {
		all = append(all, ui.FieldError{Name: one.Name, Text: p.T(one.Text, filled(p, one.Args)...)})
	}
	return all, true
}

// filled writes the values of a sentence out for the reader: days and periods
// come from the services as they are.
func filled(p *language.Printer, args []any) []any {
	words := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case deadlines.Date:
			words[i] = p.Day(v.Year, v.Month, v.Day)
		case agreements.Period:
			words[i] = v.Text().In(p.Tag())
		default:
			words[i] = a
		}
	}
	return words
}

// Trouble shows the page for what could not be given.
func (s *Site) Trouble(c *fiber.Ctx, status int, err error, number string) error {
	kind := fault.KindOf(err)
	if c.Method() == fiber.MethodGet {
		switch kind {
		case fault.Unauthenticated:
			return c.Redirect("/sign-in?to="+url.QueryEscape(c.OriginalURL()), fiber.StatusSeeOther)
		case fault.StepUp:
			return c.Redirect("/account/confirm?to="+url.QueryEscape(c.OriginalURL()), fiber.StatusSeeOther)
		}
	}
	if kind == fault.StepUp && c.Method() == fiber.MethodPost {
		// The form's own page is asked again after the second factor.
		return c.Redirect("/account/confirm?to="+url.QueryEscape(s.cameFrom(c)), fiber.StatusSeeOther)
	}
	t := layout.Trouble{Status: status}
	if kind == fault.Unauthenticated {
		t.Back = &ui.Link{Label: s.speech(c).T("Sign in"), Href: "/sign-in"}
	}
	var f *fault.Error
	if errors.As(err, &f) && status != fiber.StatusNotFound && kind != fault.Forbidden {
		p := s.speech(c)
		t.Text = p.T(f.Text, filled(p, f.Args)...)
		for _, field := range f.Fields {
			t.Text += " " + p.T(field.Text, filled(p, field.Args)...)
		}
		if f.RetryAfter > 0 {
			t.Retry = p.Duration(f.RetryAfter)
		}
	}
	if status >= 500 && status != fiber.StatusServiceUnavailable {
		t.Number = number
	}
	if status == fiber.StatusForbidden {
		// 403 and 404 look alike, so that nobody learns what exists.
		t.Status = fiber.StatusNotFound
	}
	return respond.Page(c, status, layout.Problem(s.page(c, ""), t))
}

// cameFrom is the portal's own page on which a form stood, or the account's.
func (s *Site) cameFrom(c *fiber.Ctx) string {
	u, err := url.Parse(c.Get(fiber.HeaderReferer))
	if err != nil || u.Host != s.BaseURL.Host || !respond.Local(u.RequestURI()) {
		return "/account"
	}
	return u.RequestURI()
}

// proven checks the form token of a form that was read whole.
func proven(c *fiber.Ctx) error { return session.Proven(c, c.FormValue(ui.CSRFField)) }

// post wraps a handler of a small form: the token is checked first.
func post(h fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm) {
			return errMultipart // it would be read whole, whatever its size
		}
		if err := proven(c); err != nil {
			return err
		}
		return h(c)
	}
}

var errMultipart = fault.New(fault.UnsupportedType, "This kind of content is not accepted here.")

// back is the address to return to when it is one of the portal's own.
func back(c *fiber.Ctx, otherwise string) string {
	for _, to := range []string{c.FormValue("to"), c.Query("to")} {
		if to != "" && respond.Local(to) {
			return to
		}
	}
	return otherwise
}

func attachment(name string) string {
	return fmt.Sprintf("attachment; filename*=UTF-8''%s", url.PathEscape(name))
}
