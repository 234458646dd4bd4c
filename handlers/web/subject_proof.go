package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"inzage/services/ledger"
	"inzage/services/requests"
	staffPages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// mountProofs gives data subjects the proofs of what they are told.
func (s subject) mountProofs(app routes) {
	app.Get("/my/:id/proof/:number", func(c *fiber.Ctx) error {
		v, e, err := s.provable(c)
		if err != nil {
			return err
		}
		d := s.prover(c)
		said, _ := s.entry(d.p, v, e.Event)
		return d.showProof(e, said, ui.Link{Label: d.p.T("Back to your request"), Href: "/my/" + v.r.ID}, c.Path()+"/file")
	})
	app.Get("/my/:id/proof/:number/file", func(c *fiber.Ctx) error {
		_, e, err := s.provable(c)
		if err != nil {
			return err
		}
		return s.prover(c).sendProof(e)
	})
}

// prover writes proofs for whoever reads: they are the same for everybody.
func (s subject) prover(c *fiber.Ctx) *desk {
	return &desk{staff: staff(s), c: c, ctx: c.UserContext(), by: s.actor(c), p: s.speech(c), names: map[string]string{}}
}

// provable is the entry that the address names, when the reader is told of it.
func (s subject) provable(c *fiber.Ctx) (seen, ledger.Entry, error) {
	v, err := s.look(c)
	if err != nil {
		return v, ledger.Entry{}, err
	}
	e, ok, err := s.prover(c).sealedEntry(c.Params("number"))
	if err != nil {
		return v, e, err
	}
	if _, said := s.entry(s.speech(c), v, e.Event); !ok || !said || !requests.Told(s.actor(c), v.r, e.Event) {
		return v, e, requests.ErrNotFound
	}
	return v, e, nil
}

// standing says what stands behind the newest line of a history that is sealed.
func (s subject) standing(c *fiber.Ctx, v seen, history []ui.Entry) (staffPages.Standing, error) {
	newest := int64(-1)
	for _, e := range history {
		if n, err := strconv.ParseInt(e.Seal.Number, 10, 64); err == nil {
			newest = max(newest, n-1) // readers count from one
		}
	}
	if newest < 0 {
		return staffPages.Standing{}, nil
	}
	return s.prover(c).standing(proofsOf(v.r), newest)
}

// proofsOf is where the proofs of a request's entries are.
func proofsOf(r requests.Request) string { return "/my/" + r.ID + "/proof/" }
