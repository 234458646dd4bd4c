package web

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/fault"
	"inzage/services/ledger"
	pages "inzage/views/pages/evidence"
	"inzage/views/static"
	"inzage/views/ui"
)

// sentShown is how many dispatches to one organisation the page shows.
const sentShown = 10

// mountEvidence serves what the people who look after an organisation's
// evidence can see of the ledger, and take away.
func (s *Site) mountEvidence(app routes) {
	h := staff{s}
	app.Get("/evidence", h.at((*desk).evidence))
	app.Post("/evidence/ask", post(h.at((*desk).askCheckpoint)))
	app.Get("/evidence/checkpoint.txt", h.at((*desk).takeCheckpoint))
	app.Get("/evidence/keys.txt", h.at((*desk).takeKeys))
	app.Get("/evidence/ledger.zip", h.at((*desk).takeLedger))
	app.Get("/verify", s.verifyPage)
	app.Get("/verify/keys.txt", h.at((*desk).takeKeys)) // who checks a proof may have no account
}

// evidence shows what the ledger is now, and whether it still is what was signed.
func (d *desk) evidence() error {
	size, err := d.Ledger.Size(d.ctx)
	if err != nil {
		return err
	}
	v := pages.Evidence{Verify: ui.Link{Label: d.p.T("Check an export on your own computer"), Href: "/verify"},
		Ask:   ui.Button{Label: d.p.T("Sign and send a checkpoint"), TestID: "ask-checkpoint"},
		Facts: []ui.Fact{{Name: d.p.T("Entries"), Value: d.p.T("%d", size), TestID: "size"}}}
	newest, held, err := d.Ledger.NewestHeld(d.ctx)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		v.Facts = append(v.Facts, ui.Fact{Name: d.p.T("Newest checkpoint"), Value: d.p.T("None yet; the first is signed within the day.")})
	case err != nil:
		return err
	default:
		d.newestCheckpoint(&v, newest)
		if !held {
			v.Trouble = d.p.T("The ledger is not what was signed. Do not rely on it, and tell the person who runs this portal at once.")
		}
	}
	v.Downloads = append(v.Downloads, ui.File{Name: d.p.T("Public keys of the ledger"), Kind: d.p.T("Text"), Href: "/evidence/keys.txt",
		Note: d.p.T("with these anybody can check a signature; keep them with the first checkpoint")})
	v.Downloads = append(v.Downloads, ui.File{Name: d.p.T("The ledger, as your organisation may have it"), Kind: "ZIP", Href: "/evidence/ledger.zip",
		Note: d.p.T("the entries of your organisation in full, of all others the fingerprint alone; you are asked to confirm that it is you")})
	if v.Sent, v.Will, err = d.sent(); err != nil {
		return err
	}
	return d.show(fiber.StatusOK, pages.EvidencePage(d.frame("Evidence"), v))
}

// newestCheckpoint adds what was signed last.
func (d *desk) newestCheckpoint(v *pages.Evidence, s ledger.Signed) {
	v.Facts = append(v.Facts,
		ui.Fact{Name: d.p.T("Newest checkpoint"), Value: d.p.DateTime(s.At), Note: d.p.T("%d entries", s.Size), TestID: "checkpoint"},
		ui.Fact{Name: d.p.T("Fingerprint of the ledger then"), Value: s.Root.String(), Exact: true, TestID: "root"},
		ui.Fact{Name: d.p.T("Name of the ledger"), Value: s.Origin, Exact: true})
	v.Downloads = append(v.Downloads, ui.File{Name: d.p.T("Newest checkpoint"), Kind: d.p.T("Text"), Href: "/evidence/checkpoint.txt", Note: d.p.DateTime(s.At)})
}

// sent lists what went to whom, and says what asking for another one does.
func (d *desk) sent() (ui.Listing, []string, error) {
	l := ui.Listing{Caption: d.p.T("Checkpoints that were sent"), TestID: "sent",
		Columns: []ui.Column{{Label: d.p.T("To")}, {Label: d.p.T("When")}, {Label: d.p.T("Entries"), Numeric: true}, {Label: d.p.T("Why")}},
		Empty:   ui.Empty{Title: d.p.T("Nothing was sent yet"), Text: d.p.T("A checkpoint goes to both sides of every agreement each day, and whenever one of them asks.")}}
	partners, err := d.Evidence.Partners(d.ctx, d.by)
	if err != nil {
		return l, nil, err
	}
	all, err := d.Evidence.Newest(d.ctx, d.by, sentShown)
	if err != nil {
		return l, nil, err
	}
	for _, x := range all {
		why := d.p.T("daily")
		if x.By != "" {
			why = d.p.T("asked for by %s", d.org(x.By))
		}
		to := ui.Cell{Text: d.org(x.To)}
		if x.People > 0 {
			to.Note = d.p.T("to %d people", x.People)
		}
		l.Rows = append(l.Rows, ui.Row{TestID: "dispatch", Cells: []ui.Cell{to, {Text: d.p.DateTime(x.At)}, {Text: d.p.T("%d", x.Size)}, {Text: why}}})
	}
	will := []string{d.p.T("It is sent by e-mail to the administrators and privacy officers of your organisation. There is no other party: you have no agreement in force.")}
	if len(partners) > 0 {
		var names []string
		for _, org := range partners {
			names = append(names, d.org(org))
		}
		will[0] = d.p.T("It is sent by e-mail to the administrators and privacy officers of your organisation, and to those of %s.", d.p.List(names...))
	}
	return l, append(will, d.p.T("You can ask again after ten minutes.")), nil
}

// askCheckpoint sends one to both sides of every agreement of the reader's organisation.
func (d *desk) askCheckpoint() error {
	if _, err := d.Evidence.Ask(d.ctx, d.by); err != nil {
		return err
	}
	return d.Site.done(d.c, "/evidence", "checkpoint-sent")
}

// takeCheckpoint gives the newest checkpoint that was kept.
func (d *desk) takeCheckpoint() error {
	s, err := d.Ledger.Newest(d.ctx)
	if err != nil {
		return err
	}
	return d.sendText("checkpoint-"+s.At.Format(time.DateOnly)+"-"+strconv.FormatInt(s.Size, 10)+".txt", string(s.Note))
}

func (d *desk) takeKeys() error { return d.sendText("keys.txt", d.Ledger.Key.Public().String()) }

// takeLedger streams the ledger as the reader's organisation may have it.
func (d *desk) takeLedger() error {
	e, err := d.Evidence.Export(d.ctx, d.by)
	if err != nil {
		return err
	}
	return respond.ZIP(d.c, d.Log, "ledger-"+d.Now().UTC().Format(time.DateOnly), "ledger", e.Write)
}

// sendText sends a text to be kept, byte for byte.
func (d *desk) sendText(name, text string) error {
	subject{d.Site}.attachmentHeaders(d.c, "text/plain; charset=utf-8", strings.ReplaceAll(name, "/", "-"))
	return d.c.SendString(text)
}

// verifyPage is the check of an export, for anybody. The policy of this page
// alone lets the verifier run, and lets the page connect to nothing but the
// file of the verifier: what is dropped into it cannot leave the browser.
func (s *Site) verifyPage(c *fiber.Ctx) error {
	policy := string(c.Response().Header.Peek(fiber.HeaderContentSecurityPolicy))
	c.Set(fiber.HeaderContentSecurityPolicy, strings.NewReplacer(
		"script-src ", "script-src 'wasm-unsafe-eval' ",
		"connect-src 'self'", "connect-src "+s.BaseURL.JoinPath(static.Path("verify.wasm")).String(),
	).Replace(policy))
	p := s.page(c, "Check a ledger export")
	faults, err := verifierWords(p.T)
	if err != nil {
		return err
	}
	return respond.Page(c, fiber.StatusOK, pages.VerifyPage(p, faults))
}

// verifierWords are the sentences of the verifier in the reader's language, with
// {0}, {1} … for their values.
func verifierWords(t func(key string, args ...any) string) (string, error) {
	words := map[string]string{}
	for _, s := range ledger.Sentences() {
		places := []any{"{0}", "{1}", "{2}"}[:strings.Count(string(s), "%v")]
		words[string(s)] = t(string(s), places...)
	}
	all, err := json.Marshal(words)
	if err != nil {
		return "", fmt.Errorf("write the words of the verifier: %w", err)
	}
	return string(all), nil
}
