package agreements

import (
	"context"
	"fmt"

	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// Adopt takes up the agreements of a store from before, which one side alone
// had put in. What was in force keeps its effect, because the requests and
// audits of today rest on it; what was still to come waits. It is marked as
// stated by one side, and both are asked to confirm or dispute it. It may be
// called at any time, and is called before anything is looked up.
func (g *Registry) Adopt(ctx context.Context) error {
	if g.adopted.Load() {
		return nil
	}
	g.adopting.Lock()
	defer g.adopting.Unlock()
	for !g.adopted.Load() {
		page, err := g.Agreements.List(ctx, document.Query{Index: "standing", Equal: []any{""}, Limit: 500})
		if err != nil {
			return fmt.Errorf("list the agreements from before: %w", err)
		}
		for _, a := range page.Rows {
			if _, err := g.Agreements.Update(ctx, a.ID, g.adopt); err != nil {
				return fmt.Errorf("take up agreement %s: %w", a.ID, err)
			}
		}
		if len(page.Rows) == 0 {
			g.adopted.Store(true)
		}
	}
	return nil
}

func (g *Registry) adopt(a *Agreement) ([]ledger.Event, error) {
	if a.Standing != "" {
		return nil, nil
	}
	today, err := g.today()
	if err != nil {
		return nil, err
	}
	a.Standing, a.Adopted, a.Numbers = Unconfirmed, today, len(a.Versions)
	if a.Until != "" && a.Until < today {
		// It is over: there is nothing left to ask.
		a.Standing = Agreed
	}
	if len(a.Versions) > 0 {
		a.Stated = a.Versions[0].At
	}
	return g.events(identity.System(), a, "ask", TheAgreement, a.From)
}
