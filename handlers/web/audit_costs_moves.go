package web

import (
	"slices"
	"strconv"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/costs"
	"inzage/services/fault"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// costMoves are what is done with the costs, and the end of the audit.
func costMoves() map[string]move {
	return map[string]move{
		"add-cost":     {action: audits.AddCost, label: "Write down costs", loose: true, ask: (*bench).askAddCost, do: (*bench).doAddCost},
		"change-cost":  {action: audits.ReviseCost, label: "Change this line", item: true, ask: (*bench).askChangeCost, do: (*bench).doChangeCost},
		"remove-cost":  {action: audits.DropCost, label: "Remove this line", item: true, ask: (*bench).askRemoveCost, do: (*bench).doRemoveCost},
		"accept-cost":  {action: audits.AcceptCost, label: "Accept this line", item: true, loose: true, ask: (*bench).askAcceptCost, do: (*bench).doAcceptCost},
		"dispute-cost": {action: audits.DisputeCost, label: "Dispute this line", item: true, ask: (*bench).askDisputeCost, do: (*bench).doDisputeCost},
		"settle":       {action: audits.Settle, label: "Settle the costs", next: true, ask: (*bench).askSettleCosts, do: (*bench).doSettleCosts},
		"close":        {action: audits.Close, label: "Close the audit", next: true, ask: (*bench).askCloseAudit, do: (*bench).doCloseAudit},
	}
}

// cost is the line that the address or the form names, with its place.
func (b *bench) cost(o papers) (audits.Cost, int, error) {
	i := slices.IndexFunc(o.a.Costs, func(c audits.Cost) bool { return c.ID == b.item() })
	if i < 0 {
		return audits.Cost{}, 0, audits.ErrNotFound
	}
	return o.a.Costs[i], i, nil
}

// ownCost is cost for a line of the reader's own side.
func (b *bench) ownCost(o papers) (audits.Cost, int, error) {
	c, i, err := b.cost(o)
	if err == nil && c.MadeBy != b.party(o) {
		err = audits.ErrForbidden
	}
	return c, i, err
}

// costAsks are the questions about a line. Each kind says before anything is
// typed who bears it under this agreement.
func (b *bench) costAsks(o papers, kind, purpose, amount string) ([]sheets.Ask, error) {
	all, err := b.Audits.BearingsOf(b.ctx, b.by, o.a)
	if err != nil {
		return nil, err
	}
	f := ui.Field{Name: "kind", Label: b.p.T("What kind of cost is it?"), Value: b.typed("kind", kind)}
	for _, k := range all {
		fact := b.bearing(o, k)
		f.Options = append(f.Options, ui.Option{Value: k.Now.Kind, Label: fact.Name, Hint: joined(fact.Value+".", fact.Note), Chip: fact.Chip})
	}
	return []sheets.Ask{{Kind: "radio", Field: f},
		{Kind: "text", Field: ui.Field{Name: "for", Label: b.p.T("What for"), Value: b.typed("for", purpose), MaxLength: 200, Hint: b.p.T("For example: two days of auditing on site, with travel. The other side reads this.")}},
		{Kind: "text", Field: ui.Field{Name: "cents", Label: b.p.T("Amount in %s", o.rules.Terms.Money()), Value: b.typed("cents", amount), InputMode: "decimal", Size: "short", Hint: b.amountHint(o.rules.Terms.Money())}}}, nil
}

// moneyOf is the currency of the audit's agreement. Whoever may not see the audit
// is refused by what follows.
func (b *bench) moneyOf(id string) string {
	a, _, err := b.Audits.Look(b.ctx, b.by, id)
	if err != nil {
		return ""
	}
	applied, _ := b.terms(a.Agreement, a.Version)
	return applied.Terms.Money()
}

// amountHint shows how an amount is typed, with the decimals of its currency.
func (d *desk) amountHint(money string) string {
	if costs.Digits(money) == 2 {
		return d.p.T("For example 1250 or 1250,50.")
	}
	return d.p.T("For example %s.", sampleAmount(money))
}

// costText reads a line from the form. What is no amount at all is refused
// here; sign, zero and currency are judged by the agreement.
func (b *bench) costText(id, money string) (audits.CostText, error) {
	cents, currency, ok := parseAmount(b.field("cents"), money)
	in := audits.CostText{ID: id, Kind: b.field("kind"), For: b.field("for"), Cents: cents, Currency: currency}
	if ok {
		return in, nil
	}
	var form fault.Form
	if !slices.Contains(agreements.CostKinds(), in.Kind) {
		form.Refuse("kind", "Choose what kind of cost this is.")
	}
	if in.For == "" {
		form.Refuse("for", "Say what this amount is for, in at most 200 characters.")
	}
	if costs.Digits(money) == 2 {
		form.Refuse("cents", "Fill in an amount like 120.50 or 120,50.")
	} else {
		form.Refuse("cents", "Fill in an amount like %s.", sampleAmount(money))
	}
	return in, form.Err()
}

func (b *bench) askAddCost(o papers) (sheets.Sheet, error) {
	asks, err := b.costAsks(o, "", "", "")
	return sheets.Sheet{Title: b.p.T("Write down costs of audit %s", o.a.Reference), Lead: b.p.T("Write down what %s paid or spent itself. The agreement decides who bears it; you do not have to choose.", b.side(o, b.party(o))),
		Asks: asks, Hidden: []ui.Button{b.newItem("cst")}, Confirm: ui.Confirmation{Title: b.p.T("Add this line"),
			Will: []string{b.p.T("%s sees the line at once, with who bears it and by which clause.", b.side(o, b.party(o).Other())), b.p.T("Both sides accept or dispute it. You can change or remove it until the costs are settled."),
				b.p.T("You can add a bill or time sheet to the line afterwards.")},
			Confirm: b.button(b.p.T("Add this line")), Cancel: ui.Link{Label: b.p.T("Do nothing and go back"), Href: o.path("#costs")}}}, err
}

func (b *bench) doAddCost(s *audits.Service, id string) (string, error) {
	in, err := b.costText(b.field("new"), b.moneyOf(id))
	if err == nil {
		_, err = s.StateCost(b.ctx, b.by, id, in)
	}
	return "cost-added", err
}

func (b *bench) askChangeCost(o papers) (sheets.Sheet, error) {
	c, i, err := b.ownCost(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	asks, err := b.costAsks(o, c.Kind, o.story.Items[c.ID].Text, plainAmount(c.Cents, c.Currency))
	return sheets.Sheet{Title: b.p.T("Change line %d of the costs", i+1), Asks: asks, Confirm: ui.Confirmation{Title: b.p.T("Change this line"),
		Will:    []string{b.p.T("Whatever both sides said of the line no longer counts: they look at it again."), b.p.T("Who bears it is worked out again.")},
		Confirm: b.button(b.p.T("Change this line"))}}, err
}

func (b *bench) doChangeCost(s *audits.Service, id string) (string, error) {
	in, err := b.costText(b.field("item"), b.moneyOf(id))
	if err == nil {
		_, err = s.RestateCost(b.ctx, b.by, id, in)
	}
	return "cost-changed", err
}

// lineFacts are a line of the costs as it stands.
func (b *bench) lineFacts(o papers, i int) ([]ui.Fact, error) {
	s, err := b.Audits.StatementOf(b.ctx, b.by, o.a)
	if err != nil {
		return nil, err
	}
	words := b.billLine(s.Lines[i], s.Currency, o.a.Agreement, b.namer(o))
	c := o.a.Costs[i]
	return []ui.Fact{{Name: b.p.T("What for"), Value: o.story.Items[c.ID].Text}, {Name: b.p.T("Kind"), Value: b.costKind(c.Kind)}, {Name: b.p.T("Amount"), Value: words.Amount},
		{Name: b.p.T("Made by"), Value: b.side(o, c.MadeBy)}, b.borne(words)}, nil
}

func (b *bench) askRemoveCost(o papers) (sheets.Sheet, error) {
	_, i, err := b.ownCost(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	facts, err := b.lineFacts(o, i)
	return sheets.Sheet{Title: b.p.T("Remove line %d of the costs", i+1), Confirm: ui.Confirmation{Title: b.p.T("Remove this line"), Facts: facts,
		Will:    []string{b.p.T("The line and its evidence no longer count, and nobody sees them any more."), b.p.T("That there was a line of this amount stays in the history.")},
		Confirm: ui.Button{Label: b.p.T("Remove this line"), Look: ui.Grave, TestID: "do"}, Grave: true}}, err
}

func (b *bench) doRemoveCost(s *audits.Service, id string) (string, error) {
	_, err := s.RemoveCost(b.ctx, b.by, id, b.field("item"))
	return "cost-removed", err
}

func (b *bench) askAcceptCost(o papers) (sheets.Sheet, error) {
	c, i, err := b.cost(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	facts, err := b.lineFacts(o, i)
	// What was seen goes along: a line that has changed meanwhile is not accepted unseen.
	return sheets.Sheet{Title: b.p.T("Accept line %d of the costs", i+1), Hidden: []ui.Button{{Name: "cents", Value: strconv.FormatInt(c.Cents, 10)}, {Name: "bearer", Value: string(c.Bearer)}},
		Confirm: ui.Confirmation{Title: b.p.T("You accept this line for %s", b.side(o, b.party(o))), Facts: facts,
			Will: []string{b.p.T("%s sees that you accept it.", b.side(o, b.party(o).Other())), b.p.T("You can still dispute it until the costs are settled. If the line changes, or another party comes to bear it, you are asked again.")}, Confirm: b.button(b.p.T("Accept this line"))}}, err
}

func (b *bench) doAcceptCost(s *audits.Service, id string) (string, error) {
	cents, err := strconv.ParseInt(b.field("cents"), 10, 64)
	if err != nil {
		return "", audits.ErrNotFound
	}
	_, err = s.AgreeCost(b.ctx, b.by, id, b.field("item"), cents, agreements.Party(b.field("bearer")))
	return "cost-accepted", err
}

func (b *bench) askDisputeCost(o papers) (sheets.Sheet, error) {
	_, i, err := b.cost(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	facts, err := b.lineFacts(o, i)
	return sheets.Sheet{Title: b.p.T("Dispute line %d of the costs", i+1),
		Asks: []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "reason", Label: b.p.T("What is wrong with this line?"), Value: b.field("reason"), Hint: b.p.T("Name the amount, the work or the clause, and say what would be right.")}}},
		Confirm: ui.Confirmation{Title: b.p.T("You dispute this line for %s", b.side(o, b.party(o))), Facts: facts,
			Will:    []string{b.p.T("%s reads your reason.", b.side(o, b.party(o).Other())), b.p.T("The costs cannot be settled until the side that made the line changes or removes it, or you accept it.")},
			Confirm: b.button(b.p.T("Dispute this line"))}}, err
}

func (b *bench) doDisputeCost(s *audits.Service, id string) (string, error) {
	_, err := s.ContestCost(b.ctx, b.by, id, b.field("item"), b.field("reason"))
	return "cost-disputed", err
}
