package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/identity"
	"inzage/views/language"
	pages "inzage/views/pages/account"
	"inzage/views/ui"
)

// own is the reader's own account.
func (a account) own(c *fiber.Ctx) error {
	return a.ownPage(c, fiber.StatusOK, "", "", nil)
}

func (a account) ownPage(c *fiber.Ctx, status int, name, lang string, errs ui.FieldErrors) error {
	by := session.Actor(c)
	acc, person, err := a.Identity.Me(c.UserContext(), by)
	if err != nil {
		return err
	}
	sessions, err := a.Identity.OwnSessions(c.UserContext(), by)
	if err != nil {
		return err
	}
	if len(errs) == 0 {
		name, lang = person.Name, acc.Language
	}
	p := a.page(c, "Your account and sign-in")
	p.Path = "/account"
	p.Invalid, p.Sensitive = len(errs) > 0, true
	return respond.Page(c, status, pages.AccountPage(p, pages.Account{
		Who: a.whoFacts(c, p, person), Name: name, Language: lang, Languages: languageOptions(),
		Factors: a.factorFacts(c, acc), Passkeys: a.passkeyRows(c, acc), Works: a.Identity.PasskeysWork(),
		Sessions: a.sessionList(c, p, by, sessions), Calendar: a.calendarWord(by, acc, a.speech(c)), Errors: errs}))
}

// calendarWord says whether there is a calendar address; "" for who has no calendar.
func (a account) calendarWord(by identity.Actor, acc identity.Account, p *language.Printer) string {
	switch {
	case !slices.ContainsFunc([]identity.Role{identity.Agent, identity.PrivacyOfficer, identity.Admin, identity.Auditor}, by.Is):
		return ""
	case acc.Feed.Token == "":
		return p.T("You have made no private address for your calendar program.")
	}
	return p.T("You made your address on %s.", p.DateTime(acc.Feed.Made))
}

func (a account) whoFacts(c *fiber.Ctx, p ui.Page, person identity.Person) []ui.Fact {
	facts := []ui.Fact{
		{Name: p.T("Name"), Value: person.Name},
		{Name: p.T("E-mail address"), Value: person.Email, Note: p.T("You sign in with it. To change it, ask for a new invitation.")},
	}
	if p.User != nil && p.User.Organisation != "" {
		facts = append(facts, ui.Fact{Name: p.T("Organisation"), Value: p.User.Organisation})
	}
	return append(facts, ui.Fact{Name: p.T("What you may do"), Value: a.roles(a.speech(c), session.Actor(c).Roles)})
}

func (a account) factorFacts(c *fiber.Ctx, acc identity.Account) []ui.Fact {
	p := a.speech(c)
	set := func(word string, tone ui.Tone) *ui.State { return &ui.State{Tone: tone, Word: word} }
	password := ui.Fact{Name: p.T("Password"), State: set(p.T("Set"), ui.Good), Body: pages.Act("/account/password", p.T("Change your password"))}
	if acc.Password == "" {
		password.State, password.Body = set(p.T("None"), ui.Neutral), pages.Act("/account/password", p.T("Choose a password"))
	}
	app := ui.Fact{Name: p.T("Authenticator app"), Body: pages.Act("/account/authenticator", p.T("Bind another app"))}
	switch {
	case acc.TOTP.ID == "":
		app.State, app.Body = set(p.T("None"), ui.Neutral), pages.Act("/account/authenticator", p.T("Set up an app"))
	case acc.TOTP.Off:
		app.State, app.Note = set(p.T("Switched off"), ui.Warn), p.T("After too many wrong codes. Bind an app anew to use it again.")
	default:
		app.State, app.Note = set(p.T("Works"), ui.Good), p.T("Since %s.", p.Date(acc.TOTP.Created))
	}
	facts := []ui.Fact{password, app}
	if acc.TOTP.ID != "" {
		codes := ui.Fact{Name: p.T("Recovery codes"), State: set(p.T("%d left", len(acc.Recovery)), ui.Good), Body: pages.Act("/account/recovery", p.T("Make new ones"))}
		if len(acc.Recovery) < 3 {
			codes.State.Tone, codes.Note = ui.Warn, p.T("Make new ones before they run out.")
		}
		facts = append(facts, codes)
	}
	return facts
}

func (a account) passkeyRows(c *fiber.Ctx, acc identity.Account) []pages.Passkey {
	p := a.speech(c)
	var rows []pages.Passkey
	for _, k := range acc.Passkeys {
		rows = append(rows, pages.Passkey{ID: k.ID, Name: a.passkeyName(p, k), Made: p.T("Made on %s.", p.Date(k.Created)), Used: p.T("Last used on %s.", p.DateTime(k.Used))})
	}
	return rows
}

func (a account) passkeyName(p *language.Printer, k identity.Passkey) string {
	if k.Name == "" {
		return p.T("Passkey of %s", p.ShortDate(k.Created))
	}
	return k.Name
}

func (a account) sessionList(c *fiber.Ctx, page ui.Page, by identity.Actor, sessions []identity.Session) ui.Listing {
	p := a.speech(c)
	l := ui.Listing{Caption: p.T("Your sessions"), TestID: "sessions",
		Columns: []ui.Column{{Label: p.T("Since")}, {Label: p.T("Last used")}, {Label: p.T("What you can do")}}}
	for _, x := range sessions {
		row := ui.Row{Cells: []ui.Cell{{Text: p.DateTime(x.Started)}, {Text: p.DateTime(x.Seen), Note: p.T("Ends at the latest on %s.", p.DateTime(x.Expires))}}}
		if x.ID == by.Session {
			row.Cells = append(row.Cells, ui.Cell{State: &ui.State{Tone: ui.Info, Word: p.T("This session")}})
		} else {
			row.Cells = append(row.Cells, ui.Cell{Body: pages.EndSession(page, x.ID)})
		}
		if x.Level != identity.Full {
			row.Cells[0].Note = p.T("Only the first factor was given.")
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}

func (a account) profile(c *fiber.Ctx) error {
	name, lang := c.FormValue("name"), c.FormValue("language")
	err := a.Identity.ChangeProfile(c.UserContext(), session.Actor(c), name, lang)
	if errs, ok := a.refusals(c, err); ok {
		return a.ownPage(c, fiber.StatusUnprocessableEntity, name, lang, errs)
	}
	if err != nil {
		return err
	}
	// The account's language counts again, not an earlier click on another.
	a.Cookies.Drop(c, "lang")
	return a.done(c, "/account", "saved")
}

func (a account) toAccount(c *fiber.Ctx) ui.Link {
	return ui.Link{Label: a.speech(c).T("Your account and sign-in"), Href: "/account"}
}

func (a account) renewForm(c *fiber.Ctx) error {
	p := a.page(c, "New recovery codes")
	return respond.Page(c, fiber.StatusOK, pages.SurePage(p, pages.Sure{
		Back: a.toAccount(c), Post: ui.Post{Action: "/account/recovery"},
		Confirm: ui.Confirmation{
			Title: p.T("Replace the codes that you have"),
			Will: []string{
				p.T("You see ten new codes, this once."),
				p.T("The old ones stop working at once. We tell you by e-mail."),
			},
			Confirm: ui.Button{Label: p.T("Make ten new codes")}, Cancel: ui.Link{Label: p.T("Leave it as it is"), Href: "/account"},
		}}))
}

func (a account) renew(c *fiber.Ctx) error {
	codes, err := a.Identity.RenewRecovery(c.UserContext(), session.Actor(c))
	if err != nil {
		return err
	}
	return a.codesPage(c, codes, session.CSRF(c), "/account")
}

func (a account) newPasskey(c *fiber.Ctx) error {
	if !a.Identity.PasskeysWork() {
		return identity.ErrNoPasskey
	}
	return respond.Page(c, fiber.StatusOK, pages.PasskeyNewPage(a.page(c, "Add a passkey"), ""))
}

func (a account) onePasskey(c *fiber.Ctx) error { return a.passkeyPage(c, fiber.StatusOK, "", nil) }

func (a account) passkeyPage(c *fiber.Ctx, status int, typed string, errs ui.FieldErrors) error {
	acc, _, err := a.Identity.Me(c.UserContext(), session.Actor(c))
	if err != nil {
		return err
	}
	i := slices.IndexFunc(acc.Passkeys, func(k identity.Passkey) bool { return k.ID == c.Params("id") })
	if i < 0 {
		return identity.ErrNotFound
	}
	words, k := a.speech(c), acc.Passkeys[i]
	v := pages.PasskeyEdit{ID: k.ID, Name: k.Name, Errors: errs, Last: len(acc.Passkeys) == 1 && (acc.TOTP.ID == "" || acc.TOTP.Off), Facts: []ui.Fact{
		{Name: words.T("Made"), Value: words.DateTime(k.Created)}, {Name: words.T("Last used"), Value: words.DateTime(k.Used)}}}
	if len(errs) > 0 {
		v.Name = typed
	}
	p := a.page(c, "")
	p.Title, p.Invalid = a.passkeyName(words, k), len(errs) > 0
	return respond.Page(c, status, pages.PasskeyPage(p, v))
}

func (a account) rename(c *fiber.Ctx) error {
	err := a.Identity.RenamePasskey(c.UserContext(), session.Actor(c), c.Params("id"), c.FormValue("name"))
	if errs, ok := a.refusals(c, err); ok {
		return a.passkeyPage(c, fiber.StatusUnprocessableEntity, c.FormValue("name"), errs)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/account", "saved")
}

func (a account) remove(c *fiber.Ctx) error {
	if err := a.Identity.RemovePasskey(c.UserContext(), session.Actor(c), c.Params("id")); err != nil {
		return err
	}
	return a.done(c, "/account", "passkey-removed")
}

func (a account) endOne(c *fiber.Ctx) error {
	by := session.Actor(c)
	if c.Params("id") == by.Session {
		return a.signOut(c)
	}
	if err := a.Identity.Revoke(c.UserContext(), by, c.Params("id")); err != nil {
		return err
	}
	return a.done(c, "/account", "session-ended")
}

func (a account) endAll(c *fiber.Ctx) error {
	by := session.Actor(c)
	if err := a.Identity.RevokeAll(c.UserContext(), by, by.Account); err != nil {
		return err
	}
	a.Cookies.End(c)
	return a.done(c, "/sign-in", "all-ended")
}
