package api

import (
	"context"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/requests"
)

// RequestClock is the deadline of a request in its values, each with its rule.
type RequestClock struct {
	Due       string         `json:"due" format:"date" doc:"The date that is enforced: the earlier of safe and 30 days"`
	Safe      string         `json:"safe" format:"date" doc:"The calendar month, without what is contested: no roll-over, no pause"`
	Nominal   string         `json:"nominal" format:"date" doc:"Before any roll-over, no pause counted"`
	Statutory string         `json:"statutory" format:"date" doc:"With pauses, rolled over weekends and holidays"`
	Left      int            `json:"left" doc:"Days until due; negative when it has passed"`
	Zone      string         `json:"zone" doc:"In which the days are counted"`
	Holidays  bool           `json:"holidays_known" doc:"False: the holidays of the country are not known, and only weekends move the statutory date"`
	Extend    string         `json:"extension_notice_by" format:"date" doc:"The last day for the notice of an extension, on the safe reading"`
	From      string         `json:"joined_from,omitempty" doc:"The reference of the joined request whose receipt it runs from"`
	Basis     []ClockRule    `json:"basis"`
	Readings  []ClockReading `json:"readings" doc:"Other dates that can be defended"`
}

// ClockRule explains one value of a clock.
type ClockRule struct {
	Of     string `json:"of,omitempty" doc:"The value; absent for a note on the whole"`
	Rule   string `json:"rule"`
	Source string `json:"source"`
}

// ClockReading is another date that can be defended.
type ClockReading struct {
	Reading string `json:"reading"`
	Due     string `json:"due" format:"date"`
	Source  string `json:"source"`
}

// Ruling is what the agreement says about one right of a request.
type Ruling struct {
	Right        requests.Right     `json:"right"`
	Route        string             `json:"route" enum:"forward,handle,controller"`
	Decides      agreements.Party   `json:"decides" enum:"controller,processor"`
	Clause       string             `json:"clause" doc:"Of the agreement, or the provision of law where it is silent"`
	Silent       bool               `json:"silent"`
	AssistDays   *int               `json:"assist_days,omitempty" doc:"How many calendar days the processor has to help, where the agreement gives days"`
	AssistWithin *agreements.Period `json:"assist_within,omitempty"`
	AssistClause string             `json:"assist_clause"`
	AssistCosts  string             `json:"assist_costs" enum:"controller,chargeable,none"`
	CostsClause  string             `json:"costs_clause"`
}

func (a *API) clock(ctx context.Context, r requests.Request) (RequestClock, error) {
	c, err := a.Requests.Clock(ctx, r)
	if err != nil {
		return RequestClock{}, err
	}
	out := RequestClock{Due: c.Due.String(), Safe: c.Safe.String(), Nominal: c.Nominal.String(), Statutory: c.Statutory.String(),
		Left: c.Left(), Zone: c.Zone.String(), Holidays: !c.HolidaysUnknown, Extend: c.ExtensionNoticeSafe.String(), Basis: []ClockRule{}, Readings: []ClockReading{}}
	if c.From != nil {
		out.From = c.From.Reference
	}
	for _, b := range c.Basis {
		out.Basis = append(out.Basis, ClockRule(b))
	}
	for _, d := range c.Readings {
		out.Readings = append(out.Readings, ClockReading{Reading: d.Reading, Due: d.Due.String(), Source: d.Source})
	}
	return out, nil
}

// rulings asks the agreement under which the request began about each right.
func (a *API) rulings(ctx context.Context, r requests.Request) ([]Ruling, error) {
	all := []Ruling{}
	if r.Agreement == "" {
		return all, nil
	}
	applied, err := a.Agreements.Applied(ctx, r.Agreement, r.AgreementVersion)
	if err != nil {
		return nil, err
	}
	for _, right := range r.Rights() {
		g := agreements.Route(applied.Terms, r.ArrivedAt, right)
		within := &g.AssistWithin
		if within.IsZero() {
			within = nil
		}
		all = append(all, Ruling{AssistWithin: within, Right: right, Route: g.Route, Decides: g.Decides, Clause: g.Clause, Silent: g.Silent,
			AssistDays: g.AssistDays, AssistClause: g.AssistClause, AssistCosts: g.AssistCosts, CostsClause: g.CostsClause})
	}
	return all, nil
}

// day reads a date of a body; "" is the zero Date.
func day(text string) (deadlines.Date, error) {
	if text == "" {
		return deadlines.Date{}, nil
	}
	return deadlines.ParseDate(text)
}
