package audits

import (
	"context"

	"inzage/services/identity"
	"inzage/services/vault"
)

// opener opens fields under the audit's key.
func opener(g ground) *vault.Opener { return &vault.Opener{Key: g.key} }

// Said is what is written about one thing in the audit, opened. Which fields
// are filled follows from the thing.
type Said struct {
	Title  string `json:"title,omitempty"`
	Text   string `json:"text,omitempty"`
	Reason string `json:"reason,omitempty"` // haste, reason of a proposal, root cause, why something was dropped
	Answer string `json:"answer,omitempty"` // answer, notes, result of a check
	Args   string `json:"arguments,omitempty"`
	// By holds what each party said: a position, what was done, a dispute.
	By map[Party]string `json:"by,omitempty"`
}

// Story is the opened content of an audit: the words to the facts in Audit.
type Story struct {
	Subject     string          `json:"subject"`
	Why         string          `json:"why,omitempty"`
	DayOff      string          `json:"day_off,omitempty"` // why the wanted day has to be a weekend or holiday
	Notice      NoticeText      `json:"notice"`
	Auditor     AuditorPerson   `json:"auditor"`
	SignedAs    string          `json:"signed_as,omitempty"`
	Objection   Said            `json:"objection"`
	Rules       string          `json:"house_rules,omitempty"`
	Summary     string          `json:"summary,omitempty"`
	Comments    string          `json:"comments,omitempty"`
	CancelledAs string          `json:"cancelled_because,omitempty"`
	Items       map[string]Said `json:"items"` // by the id of the inquiry, proposal, session, finding, measure or cost
	Files       []NamedFile     `json:"files"`
}

// Tell opens the content of an audit that Look returned: as much as Look showed.
func (s *Service) Tell(ctx context.Context, by identity.Actor, a Audit) (Story, error) {
	stored, err := s.Audits.Get(ctx, a.ID)
	if err != nil {
		return Story{}, err
	}
	seen := sight(by, &stored)
	if seen < Asked {
		return Story{}, ErrNotFound
	}
	key, err := s.Vault.Key(ctx, a.ID)
	if err != nil {
		return Story{}, err
	}
	shown := stored.shown(by, seen)
	o := &vault.Opener{Key: key}
	st := shown.story(o, by)
	return st, o.Err
}

func (a *Audit) story(o *vault.Opener, by identity.Actor) Story {
	st := Story{Subject: o.Text("subject", a.Subject), Why: o.Text("why", a.Cause.Why), DayOff: o.Text("day_off", a.WantedOff), CancelledAs: o.Text("reason", a.Reason), Items: map[string]Said{}}
	n := a.Notice
	st.Notice = NoticeText{Method: o.Text("method", n.Method), Auditor: o.Text("auditor", n.Auditor), Information: o.Text("information", n.Information),
		Locations: o.Text("locations", n.Locations), Arguments: o.Text("arguments", n.Arguments)}
	if u := a.Auditor; u != nil {
		o.JSON("auditor", u.Person, &st.Auditor)
		if u.Undertaken != nil {
			st.SignedAs = o.Text("signature", u.Undertaken.Name)
		}
		if u.Objection != nil {
			st.Objection = Said{Reason: o.Text("reason", u.Objection.Reason), Answer: o.Text("answer", u.Objection.Answer)}
		}
	}
	if a.Rules != nil {
		st.Rules = o.Text("rules", a.Rules.Text)
	}
	if a.Report != nil {
		st.Summary, st.Comments = o.Text("summary", a.Report.Summary), o.Text("comments", a.Report.Comments)
	}
	a.booked(o, st.Items)
	a.found(o, st.Items)
	for _, f := range a.visible(by) {
		st.Files = append(st.Files, NamedFile{File: f, Name: o.Text("file", f.Name)})
	}
	return st
}

func (a *Audit) booked(o *vault.Opener, items map[string]Said) {
	for _, q := range a.Inquiries {
		items[q.ID] = Said{Text: o.Text("text", q.Text), Reason: o.Text("haste", q.Haste), Answer: o.Text("answer", q.Answer), Args: o.Text("arguments", q.Arguments)}
	}
	for _, p := range a.Proposals {
		items[p.ID] = Said{Reason: o.Text("reason", p.Reason), Text: o.Text("day_off", p.DayOff)}
	}
	for _, v := range a.Sessions {
		items[v.ID] = Said{Title: o.Text("place", v.Place), Text: o.Text("purpose", v.Purpose), Answer: o.Text("notes", v.Notes)}
	}
}

func (a *Audit) found(o *vault.Opener, items map[string]Said) {
	for _, f := range a.Findings {
		said := Said{Title: o.Text("title", f.Title), Text: o.Text("text", f.Text), Reason: o.Text("root", f.Root), By: map[Party]string{}}
		for p, x := range f.Positions {
			said.By[p] = o.Text("text", x.Text)
		}
		items[f.ID] = said
	}
	for _, m := range a.Measures {
		said := Said{Text: o.Text("text", m.Text), Answer: o.Text("check", m.Check), Reason: o.Text("reason", m.Why), By: map[Party]string{}}
		for p, x := range m.Done {
			said.By[p] = o.Text("done", x.Text)
		}
		items[m.ID] = said
	}
	for _, c := range a.Costs {
		said := Said{Text: o.Text("for", c.For), By: map[Party]string{}}
		for p, x := range c.Views {
			said.By[p] = o.Text("reason", x.Reason)
		}
		items[c.ID] = said
	}
}
