package web

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/fault"
	"inzage/services/identity"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

// mountIdentify adds the pages on which a data subject proves, or first sets
// up, a second factor. They stand under the request for which it is needed.
func (s subject) mountIdentify(app routes) {
	at := "/my/:id/identify"
	app.Get(at, s.identify)
	app.Post(at+"/challenge", post(s.challenge(false)))
	app.Post(at+"/new-passkey/challenge", post(s.challenge(true)))
	app.Post(at+"/passkey", post(s.provePasskey))
	app.Post(at+"/password", post(s.provePassword))
	app.Post(at+"/code", post(s.proveCode(false)))
	app.Post(at+"/recovery", post(s.proveCode(true)))
	app.Get(at+"/new-passkey", s.newPasskey)
	app.Post(at+"/new-passkey", post(s.makePasskey))
	app.Get(at+"/app", s.appStart)
	app.Post(at+"/app", post(s.appBegin))
	app.Post(at+"/app/confirm", post(s.appConfirm))
}

// identifyAt is the address of these pages, with the way back kept.
func (s subject) identifyAt(c *fiber.Ctx, rest string) string {
	return "/my/" + url.PathEscape(c.Params("id")) + "/identify" + rest + "?to=" + url.QueryEscape(s.onward(c))
}

// onward is where somebody goes who has proven who they are.
func (s subject) onward(c *fiber.Ctx) string {
	if to := c.Query("to"); respond.Local(to) && strings.HasPrefix(to, "/my/") {
		return to
	}
	return "/my/" + url.PathEscape(c.Params("id")) + "/files"
}

// identify shows the ways to prove who one is: a passkey first.
func (s subject) identify(c *fiber.Ctx) error { return s.showIdentify(c, fiber.StatusOK, nil) }

func (s subject) showIdentify(c *fiber.Ctx, status int, errs ui.FieldErrors) error {
	ctx, by, p := c.UserContext(), s.actor(c), s.speech(c)
	if by.Strong(s.Now()) && len(errs) == 0 {
		return c.Redirect(s.onward(c), fiber.StatusSeeOther)
	}
	next, err := s.Identity.Next(ctx, by)
	if err != nil {
		return err
	}
	account, _, err := s.Identity.Me(ctx, by)
	if err != nil {
		return err
	}
	if by.Level == identity.Full { // only too long ago
		if len(account.Passkeys) > 0 {
			next = append(next, identity.ProofPasskey)
		}
		if account.TOTP.ID != "" && !account.TOTP.Off {
			next = append(next, identity.ProofTOTP)
		}
	}
	v := pages.Identify{Errors: errs, Lead: p.T("Your files hold personal data. Before you can open them, show once more that it is really you."),
		Buttons: []ui.Button{{Label: p.T("Back to your request"), Href: "/my/" + c.Params("id"), Look: ui.Quiet}}}
	if slices.Contains(next, identity.NextEnrol) {
		s.firstFactor(c, &v)
		return s.identifyPage(c, status, "Protect your files", v)
	}
	if slices.Contains(next, identity.ProofPasskey) {
		s.passkeyWay(c, &v)
	}
	s.otherWays(c, &v, next, errs)
	if v.Passkey == nil && len(v.Ways) == 0 {
		s.stuck(c, &v, account)
	}
	return s.identifyPage(c, status, "Show that it is you", v)
}

func (s subject) identifyPage(c *fiber.Ctx, status int, title string, v pages.Identify) error {
	page := s.page(c, title)
	page.Invalid = len(v.Errors) > 0
	return respond.Page(c, status, pages.IdentifyPage(page, v))
}

// firstFactor explains the two ways to somebody who never did this.
func (s subject) firstFactor(c *fiber.Ctx, v *pages.Identify) {
	p := s.speech(c)
	v.Lead = p.T("Your files hold personal data. A code by mail alone is not safe enough for that: others may read along in your mail. You need a second key. Setting it up takes two minutes, once.")
	if s.Identity.HasPasskeys() {
		v.Ways = append(v.Ways, pages.Choice{Title: p.T("With a passkey (easiest)"), Lines: []string{
			p.T("A passkey is a key that your telephone, tablet or computer keeps for you. You open it as you open the device itself: with your finger, your face or a PIN."),
			p.T("You need not remember anything, and nobody can steal it from us.")},
			Button: &ui.Button{Label: p.T("Set up a passkey"), Href: s.identifyAt(c, "/new-passkey")}})
	}
	look := ui.Secondary
	if len(v.Ways) == 0 {
		look = ui.Primary
	}
	v.Ways = append(v.Ways, pages.Choice{Title: p.T("With a password and an app"), Lines: []string{
		p.T("You choose a password, and an app on your telephone gives you a new code every half minute. Apps for this are free, for example Microsoft Authenticator, Google Authenticator or 2FAS.")},
		Button: &ui.Button{Label: p.T("Set up a password and an app"), Href: s.identifyAt(c, "/app"), Look: look}})
}

func (s subject) passkeyWay(c *fiber.Ctx, v *pages.Identify) {
	if !s.Identity.HasPasskeys() {
		return
	}
	p := s.speech(c)
	v.PasskeyIs = p.T("With your passkey")
	v.Passkey = &ui.Passkey{Post: ui.Post{Action: s.identifyAt(c, "/passkey")}, Begin: s.identifyAt(c, "/challenge"), Label: p.T("Use my passkey"), TestID: "passkey"}
}

// challenge begins a passkey exchange when the button is pressed: a page may
// stand open for longer than a challenge lives, and reading it begins nothing.
func (s subject) challenge(create bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		begin := s.Identity.BeginPasskeyProof
		if create {
			begin = s.Identity.BeginPasskeyEnrolment
		}
		made, err := begin(c.UserContext(), s.actor(c))
		if err != nil {
			return err
		}
		return c.JSON(fiber.Map{"ceremony": made.Ceremony, "options": made.Options})
	}
}

// otherWays are the password and the authenticator, as far as they are set up.
func (s subject) otherWays(c *fiber.Ctx, v *pages.Identify, next []string, errs ui.FieldErrors) {
	p := s.speech(c)
	if slices.Contains(next, identity.ProofPassword) {
		v.Ways = append(v.Ways, pages.Choice{Title: p.T("With your password and your app"), Form: &pages.Form{Post: ui.Post{Action: s.identifyAt(c, "/password")},
			Inputs:  []pages.Input{{Kind: pages.Secret, Field: ui.Field{Name: "password", Label: p.T("Your password"), Error: errs.For("password"), Size: "medium"}}},
			Buttons: []ui.Button{{Label: p.T("Go on to the code")}}}})
	}
	if slices.Contains(next, identity.ProofTOTP) {
		v.Ways = append(v.Ways, pages.Choice{Title: p.T("With your app"), Form: &pages.Form{Post: ui.Post{Action: s.identifyAt(c, "/code")},
			Inputs:  []pages.Input{{Kind: pages.Code, Field: ui.Field{Name: "code", Label: p.T("The code that your app shows now"), Error: errs.For("code")}}},
			Buttons: []ui.Button{{Label: p.T("Open my files")}}}})
	}
	if slices.Contains(next, identity.ProofRecovery) {
		v.Ways = append(v.Ways, pages.Choice{Title: p.T("No app at hand?"), Lines: []string{p.T("Use one of the recovery codes that you kept. Each works once.")}, Form: &pages.Form{Post: ui.Post{Action: s.identifyAt(c, "/recovery")},
			Inputs:  []pages.Input{{Kind: pages.Text, Field: ui.Field{Name: "recovery", Label: p.T("Recovery code"), Error: errs.For("recovery"), Size: "medium", Autocomplete: "off"}}},
			Buttons: []ui.Button{{Label: p.T("Use this recovery code"), Look: ui.Secondary}}}})
	}
}

// stuck helps somebody who has no way now: they came without the private link,
// or their only factor was switched off.
func (s subject) stuck(c *fiber.Ctx, v *pages.Identify, account identity.Account) {
	p := s.speech(c)
	if account.HasFactor() {
		v.Stuck = []string{p.T("Your app was switched off after too many wrong codes. Ask the organisation that answers your request to reset it. It will make sure that it is you.")}
		return
	}
	v.Stuck = []string{p.T("To set up a second key, first open the link in the e-mail that you got about this request. With the code that you get then, you can go on here.")}
}

// risen puts the new session in place and goes on.
func (s subject) risen(c *fiber.Ctx, e identity.Entry, to string) error {
	s.Cookies.Start(c, e.Token)
	return s.done(c, to, "")
}

// wrong shows the page again when a proof was not accepted; other trouble
// passes through.
func (s subject) wrong(c *fiber.Ctx, err error, field string) error {
	for _, no := range []error{identity.ErrFactor, identity.ErrSignIn, identity.ErrPasskey} {
		if errors.Is(err, no) {
			errs, _ := s.errors(c, err, field)
			return s.showIdentify(c, fiber.StatusUnprocessableEntity, errs)
		}
	}
	if errors.Is(err, identity.ErrCeremony) {
		return s.done(c, s.identifyAt(c, ""), "too-late")
	}
	return err
}

func (s subject) provePasskey(c *fiber.Ctx) error {
	e, err := s.Identity.FinishPasskeyProof(c.UserContext(), s.actor(c), c.FormValue("ceremony"), []byte(c.FormValue("credential")))
	if err != nil {
		return s.wrong(c, err, "")
	}
	return s.risen(c, e, s.onward(c))
}

func (s subject) provePassword(c *fiber.Ctx) error {
	e, err := s.Identity.ProvePassword(c.UserContext(), s.actor(c), c.FormValue("password"), s.address(c))
	if err != nil {
		return s.wrong(c, err, "password")
	}
	return s.risen(c, e, s.identifyAt(c, ""))
}

func (s subject) proveCode(recovery bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		prove, field := s.Identity.ProveTOTP, "code"
		if recovery {
			prove, field = s.Identity.ProveRecovery, "recovery"
		}
		e, err := prove(c.UserContext(), s.actor(c), c.FormValue(field))
		if err != nil {
			return s.wrong(c, err, field)
		}
		return s.risen(c, e, s.onward(c))
	}
}

// newPasskey explains what will happen and offers to make the passkey.
func (s subject) newPasskey(c *fiber.Ctx) error {
	next, err := s.Identity.Next(c.UserContext(), s.actor(c))
	if err != nil {
		return err
	}
	if !slices.Contains(next, identity.NextEnrol) || !s.Identity.HasPasskeys() {
		return c.Redirect(s.identifyAt(c, ""), fiber.StatusSeeOther)
	}
	p := s.speech(c)
	v := pages.Identify{Lead: p.T("Your device now asks whether it may keep a key for this portal."), PasskeyIs: p.T("What will happen next"),
		PasskeyEx: []string{p.T("Press the button. Your device shows a window of its own. Confirm with your finger, your face or the PIN with which you open the device."),
			p.T("We then see that it is you. Your finger or face never leaves your device.")},
		Passkey: &ui.Passkey{Create: true, Post: ui.Post{Action: s.identifyAt(c, "/new-passkey")}, Begin: s.identifyAt(c, "/new-passkey/challenge"),
			Label: p.T("Make my passkey"), Other: &ui.Link{Label: p.T("Rather with a password and an app"), Href: s.identifyAt(c, "/app")}, TestID: "passkey"},
		Buttons: []ui.Button{{Label: p.T("Back to your request"), Href: "/my/" + c.Params("id"), Look: ui.Quiet}}}
	return s.identifyPage(c, fiber.StatusOK, "Set up a passkey", v)
}

// noEnrolment answers a set-up that is not possible (any more): the page with
// the ways says what is.
func (s subject) noEnrolment(c *fiber.Ctx, err error) error {
	for _, no := range []error{identity.ErrEnrol, identity.ErrStepUp, identity.ErrProveMore, identity.ErrNoPasskey} {
		if errors.Is(err, no) {
			return c.Redirect(s.identifyAt(c, ""), fiber.StatusSeeOther)
		}
	}
	return err
}

func (s subject) makePasskey(c *fiber.Ctx) error {
	e, err := s.Identity.FinishPasskeyEnrolment(c.UserContext(), s.actor(c), c.FormValue("ceremony"), "", []byte(c.FormValue("credential")))
	if errors.Is(err, identity.ErrPasskey) || errors.Is(err, identity.ErrCeremony) {
		return s.done(c, s.identifyAt(c, "/new-passkey"), "too-late")
	}
	if err != nil && e.Token == "" {
		return s.noEnrolment(c, err)
	}
	return s.risen(c, e, s.onward(c))
}

// appStart asks for a password; the app comes after it.
func (s subject) appStart(c *fiber.Ctx) error { return s.showPassword(c, fiber.StatusOK, nil) }

func (s subject) showPassword(c *fiber.Ctx, status int, errs ui.FieldErrors) error {
	next, err := s.Identity.Next(c.UserContext(), s.actor(c))
	if err != nil {
		return err
	}
	if !slices.Contains(next, identity.NextEnrol) {
		return c.Redirect(s.identifyAt(c, ""), fiber.StatusSeeOther)
	}
	p := s.speech(c)
	page := s.page(c, "First a password")
	page.Invalid = len(errs) > 0
	return respond.Page(c, status, pages.FormPage(page, pages.Form{
		Lead: p.T("You only need it here. After it comes the app."), Errors: errs, Post: ui.Post{Action: s.identifyAt(c, "/app")},
		Inputs: []pages.Input{{Kind: pages.Secret, Field: ui.Field{Name: "password", Label: p.T("Choose a password"), Autocomplete: "new-password", Error: errs.For("password"),
			Hint: p.T("At least %d characters. Three or four words that do not belong together are strong and easy to remember.", identity.PasswordMin), Size: "medium"}}},
		Buttons: []ui.Button{{Label: p.T("Go on to the app")}, {Label: p.T("Another way"), Href: s.identifyAt(c, ""), Look: ui.Quiet}},
	}))
}

// appBegin takes the password and shows the code for the app. It is shown in
// the answer to this form and nowhere else.
func (s subject) appBegin(c *fiber.Ctx) error {
	ctx, by := c.UserContext(), s.actor(c)
	csrf := ""
	if c.FormValue("again") == "" {
		e, err := s.Identity.ChoosePassword(ctx, by, c.FormValue("password"))
		if s.invalid(err) {
			errs, _ := s.errors(c, err, "password")
			return s.showPassword(c, fiber.StatusUnprocessableEntity, errs)
		}
		if err != nil {
			return s.noEnrolment(c, err)
		}
		s.Cookies.Start(c, e.Token)
		by, csrf = e.Actor, e.CSRF
	}
	setup, err := s.Identity.BeginTOTP(ctx, by)
	if err != nil {
		return s.noEnrolment(c, err)
	}
	code, err := qr.Encode(setup.URL, qr.M, qr.Auto)
	if err != nil {
		return err
	}
	p := s.speech(c)
	page := s.page(c, "Now the app")
	if csrf != "" {
		page.CSRF = csrf // of the session as it is now
	}
	return respond.Page(c, fiber.StatusOK, pages.AppPage(page, pages.App{
		Lead: p.T("Scan this square with an authenticator app on your telephone."),
		Steps: []string{p.T("Install an authenticator app, if you do not have one. Search for “authenticator” in the shop of your telephone."),
			p.T("Choose “add an account” in the app and scan the square."), p.T("Fill in the six digits that the app shows.")},
		QR: qrModules(code), Secret: keyGroups(setup.Secret), OrType: p.T("Are you on the same telephone, or does scanning not work? Then choose “enter a key” in the app and type this:"),
		Form: s.confirmForm(c, setup.Ceremony, nil),
	}))
}

func (s subject) confirmForm(c *fiber.Ctx, ceremony string, errs ui.FieldErrors) pages.Form {
	p := s.speech(c)
	return pages.Form{Errors: errs, Post: ui.Post{Action: s.identifyAt(c, "/app/confirm") + "&ceremony=" + url.QueryEscape(ceremony)},
		Inputs:  []pages.Input{{Kind: pages.Code, Field: ui.Field{Name: "code", Label: p.T("The code that your app shows now"), Error: errs.For("code")}}},
		Buttons: []ui.Button{{Label: p.T("Confirm and open my files"), TestID: "confirm-app"}}}
}

// appConfirm binds the app with its first right code and shows the recovery codes.
func (s subject) appConfirm(c *fiber.Ctx) error {
	ceremony := c.Query("ceremony")
	e, codes, err := s.Identity.ConfirmTOTP(c.UserContext(), s.actor(c), ceremony, c.FormValue("code"))
	p := s.speech(c)
	if errors.Is(err, identity.ErrFactor) {
		errs := ui.FieldErrors{{Name: "code", Text: p.T("This code is not right. Wait until the app shows the next one, and fill that in. Also check that the clock of your telephone is right.")}}
		page := s.page(c, "Now the app")
		page.Invalid = true
		return respond.Page(c, fiber.StatusUnprocessableEntity, pages.AppPage(page, pages.App{
			Lead: p.T("The square that you scanned is still good."), Form: s.confirmForm(c, ceremony, errs)}))
	}
	if errors.Is(err, identity.ErrCeremony) {
		return s.done(c, s.identifyAt(c, ""), "too-late")
	}
	if err != nil && fault.KindOf(err) != "" {
		return s.noEnrolment(c, err)
	}
	if e.Token == "" {
		return err
	}
	s.Cookies.Start(c, e.Token)
	page := s.page(c, "Keep these recovery codes")
	page.CSRF = e.CSRF
	return respond.Page(c, fiber.StatusOK, pages.RecoveryPage(page, pages.Recovery{
		Lead: p.T("It worked. If you ever lose your telephone, one of these codes lets you in. Each works once."), Codes: codes,
		Lines:  []string{p.T("Write them down or print them. They are shown only now.")},
		Button: ui.Button{Label: p.T("I have kept them: to my files"), Href: s.onward(c)},
	}))
}

// qrModules are the squares of a QR code, true for dark.
func qrModules(code barcode.Barcode) ui.QR {
	box := code.Bounds()
	q := make(ui.QR, box.Dy())
	for y := range q {
		q[y] = make([]bool, box.Dx())
		for x := range q[y] {
			luminance, _, _, _ := code.At(box.Min.X+x, box.Min.Y+y).RGBA()
			q[y][x] = luminance < 0x8000
		}
	}
	return q
}

// keyGroups writes a secret in groups of four, to be typed.
func keyGroups(secret string) string {
	var b strings.Builder
	for i, c := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
