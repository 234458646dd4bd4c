package requests

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"inzage/services/agreements"
	"inzage/services/costs"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Reply to an assist.
type Reply struct {
	Outcome string
	Text    string
	Costs   []CostLine
}

// CostLine is one amount that a processor charges for its help, in the smallest
// unit of the agreement's currency, and what it is for.
type CostLine struct {
	For   string
	Cents int64
}

// Bill divides the costs of an assist by its agreement, with the clause of
// each line. It has no lines when nothing was charged.
func (s *Service) Bill(ctx context.Context, a Assist) (costs.Statement, error) {
	applied, err := s.Agreements.Applied(ctx, a.Agreement, a.Version)
	if err != nil {
		return costs.Statement{}, err
	}
	lines := slices.Clone(a.Costs)
	for i := range lines {
		lines[i].Right = a.Right
	}
	return costs.Divide(applied.Terms, costs.Facts{Currency: applied.Terms.Money(), Lines: lines})
}

// Money is the currency in which the processor states what its help costs: that
// of the agreement. To anybody who has no part in the help it does not exist.
func (s *Service) Money(ctx context.Context, by identity.Actor, assist string) (string, error) {
	a, err := s.Assists.Get(ctx, assist)
	if err != nil {
		return "", err
	}
	if !mayAnswer(by, &a) && !mayAsk(by, &a) {
		return "", ErrNotFound
	}
	applied, err := s.Agreements.Applied(ctx, a.Agreement, a.Version)
	return applied.Terms.Money(), err
}

// Answer submits and locks the processor's answer.
func (s *Service) Answer(ctx context.Context, by identity.Actor, id string, reply Reply) (Assist, error) {
	a, err := s.Assists.Get(ctx, id)
	if err != nil {
		return Assist{}, s.missing(ctx, by, "assist.answer", err)
	}
	if !mayAnswer(by, &a) {
		return Assist{}, s.refused(ctx, by, "assist.answer", id, ErrNotFound)
	}
	lines, bill, err := s.checkReply(ctx, &a, reply)
	if err != nil {
		return Assist{}, err
	}
	z, err := s.sealer(ctx, a.Request)
	if err != nil {
		return Assist{}, err
	}
	now, text := s.now(), z.Text("assist", reply.Text)
	var purposes vault.Sealed
	if len(lines) > 0 {
		purposes = z.JSON("costs_for", purposesOf(reply.Costs))
	}
	if z.Err != nil {
		return Assist{}, z.Err
	}
	sealedFor := a.Request
	out, err := s.Assists.Update(ctx, id, func(a *Assist) ([]ledger.Event, error) {
		if !a.Open {
			return nil, errLocked
		}
		if a.Request != sealedFor {
			return nil, ErrMoved // it was joined with another request meanwhile
		}
		if reply.Outcome == Found && fault.Blank(reply.Text) && len(a.Files) == 0 {
			return nil, fault.New(fault.Invalid, "Some answers need another look.").At("reply", "Add what you found: a file, or a description.")
		}
		a.Outcome, a.Reply, a.Costs, a.CostsFor, a.Bill = reply.Outcome, text, lines, purposes, bill
		a.Answered, a.Open, a.Remind = &now, false, deadlines.Never
		return []ledger.Event{s.event(by, "assist.answer", a.ID, details{"request": a.Request, "outcome": reply.Outcome,
			"files": strconv.Itoa(len(a.Files)), "late": strconv.FormatBool(now.After(a.Ends))})}, nil
	})
	if err != nil {
		return Assist{}, s.refused(ctx, by, "assist.answer", id, err)
	}
	return out, s.helped(ctx, out)
}

var errLocked = fault.New(fault.Conflict, "This answer was already sent, or the question was withdrawn. It can no longer be changed.")

func purposesOf(lines []CostLine) []string {
	var all []string
	for _, l := range lines {
		all = append(all, strings.TrimSpace(l.For))
	}
	return all
}

// maxLines bounds the lines of a cost statement.
const maxLines = 20

func (s *Service) checkReply(ctx context.Context, a *Assist, reply Reply) ([]costs.Line, *costs.Statement, error) {
	var form fault.Form
	switch reply.Outcome {
	case Found, NothingFound:
	case Exception:
		if needText("reply", reply.Text, "x") != nil {
			form.Refuse("reply", "Say what is in the way, and what would be needed.")
		}
	default:
		form.Refuse("outcome", "Choose: found, nothing found, or an exception.")
	}
	if len([]rune(reply.Text)) > maxText {
		form.Refuse("reply", "This is too long. Use at most 10,000 characters, or add the rest as a file.")
	}
	if len(reply.Costs) == 0 {
		return nil, nil, form.Err()
	}
	applied, err := s.Agreements.Applied(ctx, a.Agreement, a.Version)
	if err != nil {
		return nil, nil, err
	}
	if agreements.Route(applied.Terms, Controller, a.Right).AssistCosts == agreements.NotCharged {
		form.Refuse("costs", "This agreement allows no charge for help with requests.")
		return nil, nil, form.Err()
	}
	if len(reply.Costs) > maxLines {
		form.Refuse("costs", "Use at most %d lines.", maxLines)
		return nil, nil, form.Err()
	}
	var lines []costs.Line
	for i, l := range reply.Costs {
		// An amount that nobody can check is one that nobody has to pay.
		if purpose := strings.TrimSpace(l.For); fault.Blank(purpose) || utf8.RuneCountInString(purpose) > maxName {
			form.Refuse("costs_for_"+strconv.Itoa(i+1), "Say what this amount is for, in at most 200 characters.")
		}
		lines = append(lines, costs.Line{Kind: agreements.AssistCost, MadeBy: Processor, Cents: l.Cents, Right: a.Right})
	}
	bill, err := costs.Divide(applied.Terms, costs.Facts{Currency: applied.Terms.Money(), Lines: lines})
	if err != nil {
		form.Refuse("costs", "Fill in amounts of zero or more, in %s.", applied.Terms.Money())
		return nil, nil, form.Err()
	}
	return lines, &bill, form.Err()
}
