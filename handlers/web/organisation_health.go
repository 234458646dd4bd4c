package web

import (
	"cmp"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/services/notify"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

// health shows the operator that the portal does its work, and with which keys:
// counts and public facts only.
func (h house) health(c *fiber.Ctx) error {
	size, err := h.Ledger.Size(c.UserContext())
	if err != nil {
		return err
	}
	p := h.page(c, "Health of the portal")
	v := pages.One{Lead: p.T("Counts and keys only; no content is shown here."), Facts: []ui.Fact{
		{Name: p.T("Store"), State: &ui.State{Tone: ui.Good, Word: p.T("Answers")}, Note: p.T("This page was read from it just now.")},
		{Name: p.T("Sealed entries in the ledger"), Value: p.T("%d", size), TestID: "sealed"},
	}}
	signed, err := h.signedFact(c, p)
	if err != nil {
		return err
	}
	v.Facts = append(v.Facts, signed)
	v.Facts = append(v.Facts, keyFacts(p, h.Ledger.Key)...)
	leaves, err := h.mailFacts(c, p)
	if err != nil {
		return err
	}
	v.Facts = append(v.Facts, leaves...)
	counts, err := h.Notify.Outbox.Counts(c.UserContext())
	if err != nil {
		return err
	}
	v.Facts = append(v.Facts,
		ui.Fact{Name: p.T("E-mails waiting to be sent"), Value: p.T("%d", counts[notify.Queued]+counts[notify.Sending])},
		ui.Fact{Name: p.T("E-mails sent lately"), Value: p.T("%d", counts[notify.Sent])},
		failedFact(p, counts[notify.Failed]))
	return respond.Page(c, fiber.StatusOK, pages.OnePage(p, v))
}

// mailFacts say whether mail leaves; when not, why and what is kept back.
func (h house) mailFacts(c *fiber.Ctx, p ui.Page) ([]ui.Fact, error) {
	now, err := h.Notify.Outbox.Health(c.UserContext())
	if err != nil {
		return nil, err
	}
	f := ui.Fact{Name: p.T("Mail"), TestID: "mail-leaves", State: &ui.State{Tone: ui.Good, Word: p.T("Leaves")}, Note: serverSays(p, now.Condition.Offer)}
	if now.Condition.ID == "" {
		f.State, f.Note = &ui.State{Tone: ui.Neutral, Word: p.T("Not tried yet")}, p.T("The mail server is greeted when the portal starts.")
	}
	if t := now.Condition; t.Trouble != "" {
		f.State, f.Note = &ui.State{Tone: ui.Danger, Word: p.T("Does not leave")}, detailed(p.T(t.Trouble.Sentence()), t.Code, t.Says)+" "+p.T("Since %s. It is tried again all the time, and what waits is kept.", h.speech(c).DateTime(t.Since))
	} else if !now.Well() {
		f.State = &ui.State{Tone: ui.Danger, Word: p.T("Some is kept back")}
	}
	facts := []ui.Fact{f}
	for _, k := range now.Kept {
		facts = append(facts, ui.Fact{Name: p.T("E-mails kept back"), TestID: "mail-kept", Value: p.T("%d", k.Mails),
			Note: detailed(p.T(k.Trouble.Sentence()), k.Code, "") + " " + p.T("The oldest is from %s. They are tried again, for three days.", h.speech(c).DateTime(k.Since))})
	}
	return facts, nil
}

// mailAlarm is what the operator sees first when mail does not leave.
func (h house) mailAlarm(c *fiber.Ctx, p ui.Page) (*pages.Alarm, error) {
	now, err := h.Notify.Outbox.Health(c.UserContext())
	if err != nil || now.Well() {
		return nil, err
	}
	a := &pages.Alarm{Title: p.T("Mail does not leave"), Link: ui.Link{Label: p.T("Health of the portal"), Href: "/health"}}
	if t := now.Condition; t.Trouble != "" {
		a.Text = detailed(p.T(t.Trouble.Sentence()), t.Code, t.Says)
		return a, nil
	}
	a.Title, a.Text = p.T("Some mail is kept back"), detailed(p.T(now.Kept[0].Trouble.Sentence()), now.Kept[0].Code, "")
	return a, nil
}

// detailed is a sentence with the reply of the mail server, or what the network said.
func detailed(sentence, code, says string) string {
	if more := cmp.Or(code, says); more != "" {
		return sentence + " (" + more + ")"
	}
	return sentence
}

// serverSays is what the mail server said when it was greeted last.
func serverSays(p ui.Page, o *notify.Offer) string {
	switch {
	case o == nil || *o == (notify.Offer{}):
		return ""
	case o.Folder:
		return p.T("It is written into a folder; none leaves this machine.")
	case o.Verified:
		return p.T("To %s, encrypted, its certificate was checked.", o.Server)
	case o.Encrypted:
		return p.T("To %s, encrypted. It is on this machine, so that its certificate is not checked.", o.Server)
	}
	return p.T("To %s, in the clear; it is on this machine.", o.Server)
}

// signedFact is the newest checkpoint, held against the ledger on the spot.
func (h house) signedFact(c *fiber.Ctx, p ui.Page) (ui.Fact, error) {
	f := ui.Fact{Name: p.T("Newest checkpoint"), TestID: "checkpoint"}
	newest, held, err := h.Ledger.NewestHeld(c.UserContext())
	if fault.KindOf(err) == fault.NotFound {
		f.Value = p.T("None yet; the first is signed within the day.")
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.Note = p.T("%s, %d entries", h.speech(c).DateTime(newest.At), newest.Size)
	f.State = &ui.State{Tone: ui.Good, Word: p.T("The ledger is what was signed")}
	if !held {
		f.State = &ui.State{Tone: ui.Danger, Word: p.T("The ledger is not what was signed")}
	}
	return f, nil
}

// keyFacts name the keys that the portal works with, without their secrets.
func keyFacts(p ui.Page, key *ledger.Key) []ui.Fact {
	master := ui.Fact{Name: p.T("Master key"), State: &ui.State{Tone: ui.Good, Word: p.T("In use")},
		Note: p.T("Without it nothing can be read. Keep a copy of its file apart from the backups.")}
	names := key.Public().Names()
	signs := ui.Fact{Name: p.T("Key that signs the ledger"), Value: names[0], Exact: true, TestID: "ledger-key",
		Note: p.T("It is the first one. The command “inzage ledger rotate” makes another.")}
	if earlier := len(names) - 1; earlier > 0 {
		signs.Note = p.T("Earlier keys: %d. What they signed can still be checked.", earlier)
	}
	return []ui.Fact{master, signs}
}

// failedFact counts the mail that did not arrive.
func failedFact(p ui.Page, n int) ui.Fact {
	f := ui.Fact{Name: p.T("E-mails that could not be delivered"), Value: p.T("%d", n), TestID: "mail-failed"}
	if n > 0 {
		f.Note = p.T("The address was refused, or the mail was of no use any more. The desk was told of each that was about a request.")
	}
	return f
}
