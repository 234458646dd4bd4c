package web

import (
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
	f := ui.Fact{Name: p.T("E-mails that could not be delivered"), Value: p.T("%d", n)}
	if n > 0 {
		f.Note = p.T("Look at the mail settings and the log. People are not told by another way.")
	}
	return f
}
