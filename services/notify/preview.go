package notify

import (
	"context"

	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// Preview writes the notice that a decision would become, exactly as the data
// subject would read it, in their language. Nothing is stored or sent, and the
// verdict is not judged: requests.Service.CheckVerdict does that.
func (s *Service) Preview(ctx context.Context, by identity.Actor, r requests.Request, v requests.Verdict) (Writing, error) {
	if err := requests.May(by, r, requests.Decide); err != nil {
		return Writing{}, err
	}
	story, err := s.Requests.Tell(ctx, by, r)
	if err != nil {
		return Writing{}, err
	}
	clock, err := s.Requests.Clock(ctx, r)
	if err != nil {
		return Writing{}, err
	}
	now := s.Now()
	d, text := v.Would(by, now)
	r.Items = append([]requests.Item(nil), r.Items...)
	for i := range r.Items {
		if r.Items[i].Right == v.Right {
			r.Items[i].Decision = &d
		}
	}
	story.Decisions[v.Right] = text
	kind := string(v.Outcome)
	c := &cause{r: r, story: story, clock: clock, ev: ledger.Event{At: now, Actor: by.Account, Organisation: by.Organisation, Action: "request.decide",
		Object: r.ID, Details: map[string]string{"right": string(v.Right), "outcome": kind, "ground": d.Ground}}}
	n, err := s.text(kind)
	if err != nil {
		return Writing{}, err
	}
	w, err := s.forSubject(ctx, c, kind)
	if err != nil {
		return Writing{}, err
	}
	return w.writing(n)
}
