package requests

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"inzage/config/decisions"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/vault"
)

// Outcome of a decision on one right.
type Outcome string

// The outcomes.
const (
	Granted Outcome = "granted"
	Partly  Outcome = "partly"
	Denied  Outcome = "refused"
)

// Decision is what was decided on one right, by the party whose decision it is.
type Decision struct {
	Outcome   Outcome      `json:"outcome"`
	Ground    string       `json:"ground,omitempty"`    // of config/decisions/grounds.yaml
	Authority string       `json:"authority,omitempty"` // country of the authority named
	Text      vault.Sealed `json:"text"`                // JSON of DecisionText
	At        time.Time    `json:"at"`
	By        string       `json:"by"`
	// Recipients are those to be told of a rectification, erasure or restriction: art. 19 GDPR.
	Recipients []Recipient `json:"recipients,omitempty"`
}

// DecisionText is the part of a decision in words.
type DecisionText struct {
	Reasons string `json:"reasons"`
	// Information answers art. 15(1) and (2) GDPR, by the ids of information.yaml.
	Information map[string]string `json:"information,omitempty"`
	Recipients  []string          `json:"recipients,omitempty"` // names, in the order of Decision.Recipients
}

// Recipient is tracked until told, or until telling proves impossible or disproportionate.
type Recipient struct {
	Told   *time.Time `json:"told,omitempty"`
	Spared bool       `json:"spared,omitempty"` // impossible or disproportionate: art. 19 GDPR
}

// Verdict is what the officer fills in for one right.
type Verdict struct {
	Right   Right
	Outcome Outcome
	Ground  string
	Reasons string
	// ComplaintTold and CourtTold say that the answer names the authority and
	// the way to court. A refusal without them is refused: art. 12(4) GDPR.
	ComplaintTold, CourtTold bool
	Information              map[string]string
	Recipients               []string
}

// CheckVerdict refuses what may not be decided, field by field, without
// changing anything; the preview uses it.
func (s *Service) CheckVerdict(r Request, v Verdict) error {
	var form fault.Form
	item := r.item(v.Right)
	switch {
	case item == nil:
		form.Refuse("right", "Choose one of the rights of this request.")
		return form.Err()
	case item.Decision != nil:
		return fault.New(fault.Conflict, "This right was already decided. A decision that was sent cannot be changed.")
	}
	if !slices.Contains([]Outcome{Granted, Partly, Denied}, v.Outcome) {
		form.Refuse("outcome", "Choose: granted, partly granted, or refused.")
	}
	if r.State == Identifying && (v.Outcome != Denied || v.Ground != "cannot_identify") {
		form.Refuse("outcome", "The identity is not settled. Settle it first, or refuse because you cannot identify the person.")
	}
	if v.Outcome == Partly || v.Outcome == Denied {
		s.checkRefusal(&form, v)
	}
	if v.Outcome == Granted || v.Outcome == Partly {
		s.checkGranted(&form, r, v)
	}
	if len([]rune(v.Reasons)) > maxText {
		form.Refuse("reasons", "This is too long. Use at most 10,000 characters, or add the rest as a file.")
	}
	return form.Err()
}

// checkRefusal holds a refusal, whole or in part, to art. 12(4) GDPR.
func (s *Service) checkRefusal(form *fault.Form, v Verdict) {
	if _, ok := s.Catalogue.Ground(string(v.Right), v.Ground); !ok {
		form.Refuse("ground", "Choose the ground on which this right is refused.")
	}
	if needText("reasons", v.Reasons, "x") != nil {
		form.Refuse("reasons", "Give your reasons in words. A ground alone does not explain anything to the person.")
	}
	if !v.ComplaintTold {
		form.Refuse("complaint_told", "A refusal must tell that the person can complain to the authority (art. 12(4) GDPR).")
	}
	if !v.CourtTold {
		form.Refuse("court_told", "A refusal must tell that the person can go to court (art. 12(4) GDPR).")
	}
}

func (s *Service) checkGranted(form *fault.Form, r Request, v Verdict) {
	if v.Right == Access {
		for _, i := range s.Catalogue.Information {
			if fault.Blank(v.Information[i.ID]) {
				form.Refuse("information_"+i.ID, "An answer to an access request has to tell this (art. 15 GDPR).")
			}
		}
	}
	if v.Right == Portability && !r.hasMachineReadable() {
		form.Refuse("files", "Add the data as a JSON or CSV file first: portability needs a structured, machine-readable form (art. 20(1) GDPR).")
	}
	if v.Right == Access && len(r.Files) == 0 && v.Outcome == Granted {
		form.Refuse("files", "Add the data first: access includes a copy of them (art. 15(3) GDPR).")
	}
	for _, name := range v.Recipients {
		if len(name) > maxName {
			form.Refuse("recipients", "Use at most 200 characters for each recipient.")
		}
	}
}

// Decide records the decision on one right. When it is the last one, the
// request is decided. The notice to the data subject follows from the ledger.
func (s *Service) Decide(ctx context.Context, by identity.Actor, id string, v Verdict) (Request, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, s.missing(ctx, by, "request.decide", err)
	}
	if _, err := allowed(by, &r, Decide); err != nil {
		return Request{}, s.refused(ctx, by, "request.decide", id, err)
	}
	if err := s.CheckVerdict(r, v); err != nil {
		return Request{}, s.refused(ctx, by, "request.decide", id, err)
	}
	org, err := s.decider(ctx, &r)
	if err != nil {
		return Request{}, err
	}
	z, err := s.sealer(ctx, id)
	if err != nil {
		return Request{}, err
	}
	d, text := v.Would(by, s.now())
	d.Authority = org.Country
	d.Text = z.JSON("decision", text)
	if z.Err != nil {
		return Request{}, z.Err
	}
	return s.change(ctx, by, id, Decide, func(r *Request) (details, error) {
		if err := s.CheckVerdict(*r, v); err != nil {
			return nil, err
		}
		r.item(v.Right).Decision = &d
		r.State = InProgress
		if r.allDecided() {
			r.State = Decided
		}
		return details{"right": string(v.Right), "outcome": string(v.Outcome), "ground": d.Ground}, nil
	})
}

// Would is the decision that the verdict makes, without its sealed text and
// its authority.
func (v Verdict) Would(by identity.Actor, at time.Time) (Decision, DecisionText) {
	d := Decision{Outcome: v.Outcome, At: at, By: by.Account}
	text := DecisionText{Reasons: strings.TrimSpace(v.Reasons)}
	if v.Outcome != Granted {
		d.Ground = v.Ground
	}
	if v.Outcome == Denied {
		return d, text
	}
	text.Information = v.Information
	for _, name := range v.Recipients {
		if name = strings.TrimSpace(name); name != "" && toldAbout(v.Right) {
			text.Recipients = append(text.Recipients, name)
			d.Recipients = append(d.Recipients, Recipient{})
		}
	}
	return d, text
}

// Recourse is where a data subject can turn after a decision, or when none came.
func (s *Service) Recourse(ctx context.Context, r Request) (decisions.Authority, error) {
	org, err := s.decider(ctx, &r)
	if err != nil {
		return decisions.Authority{}, err
	}
	a, ok := s.Catalogue.Authority(org.Country)
	if !ok {
		return decisions.Authority{}, fmt.Errorf("no authority is known for %s", org.Country)
	}
	return a, nil
}

// MarkTold notes that a recipient was told of the change, or that telling
// proved impossible or disproportionate: art. 19 GDPR.
func (s *Service) MarkTold(ctx context.Context, by identity.Actor, id string, right Right, n int, spared bool) (Request, error) {
	now := s.now()
	return s.change(ctx, by, id, TellRecipient, func(r *Request) (details, error) {
		item := r.item(right)
		if item == nil || item.Decision == nil || n < 0 || n >= len(item.Decision.Recipients) {
			return nil, ErrNotFound
		}
		rc := &item.Decision.Recipients[n]
		rc.Spared = spared
		rc.Told = &now
		result := "told"
		if spared {
			result = "spared"
		}
		return details{"right": string(right), "result": result}, nil
	})
}

func toldAbout(r Right) bool { return r == Rectification || r == Erasure || r == Restriction }

func (r *Request) allDecided() bool {
	return !slices.ContainsFunc(r.Items, func(i Item) bool { return i.Decision == nil })
}

func (r *Request) hasRecipients() bool {
	return slices.ContainsFunc(r.Items, func(i Item) bool { return i.Decision != nil && len(i.Decision.Recipients) > 0 })
}

// owesData tells whether a decision promises files: access or portability, granted at least in part.
func (r *Request) owesData() bool {
	return slices.ContainsFunc(r.Items, func(i Item) bool {
		return (i.Right == Access || i.Right == Portability) && i.Decision != nil && i.Decision.Outcome != Denied
	})
}

func (r *Request) hasMachineReadable() bool {
	return slices.ContainsFunc(r.Files, func(f File) bool { return f.Type == "application/json" || f.Type == "text/csv" })
}
