package dossier

import (
	"context"
	"time"

	"inzage/services/identity"
	"inzage/services/requests"
)

// Related is a request that belongs with this one.
type Related struct {
	Reference string `json:"reference"`
	// How is split (the other half), into (this one goes on under it), holds (it
	// goes on under this one) or shared (another controller decides on the same).
	How   string `json:"how"`
	State string `json:"state"`
	Due   string `json:"due"`
	// Organisation is who has to act on it, by name.
	Organisation string `json:"organisation"`
}

// Joined is a request that goes on under this one, with all that it carries.
type Joined struct {
	Reference            string     `json:"reference"`
	Channel              string     `json:"channel"`
	Received             time.Time  `json:"received"`
	ReceivedByProcessor  *time.Time `json:"received_by_processor"`
	ReceivedByController *time.Time `json:"received_by_controller"`
	JoinedAt             time.Time  `json:"joined_at"`
	// Late: its day had passed when it was joined.
	Late bool `json:"late"`
	// Stated: staff stated that it is one person, with the Reason.
	Stated     bool             `json:"stated"`
	Reason     string           `json:"reason"`
	Person     *requests.Person `json:"person"`
	About      string           `json:"about"`
	LateReason string           `json:"late_reason"`
	Rights     []Right          `json:"rights"`
	Additions  []Said           `json:"additions"`
	Identity   []Question       `json:"identity_questions"`
	Extension  *Extension       `json:"extension"`
	Notes      []Said           `json:"notes"`
}

// Handed is that a controller handed the request back to the processor.
type Handed struct {
	Controller string    `json:"controller"`
	Received   time.Time `json:"received"`
	At         time.Time `json:"at"`
	Reason     string    `json:"reason"`
}

// belonging adds what was joined with the request, who handed it back, and what
// belongs with it elsewhere.
func (d *Request) belonging(ctx context.Context, by identity.Actor, f *RequestFile) error {
	s, st := d.from, d.Story
	f.Joined, f.Related, f.HandedBack, f.OnePerson = []Joined{}, []Related{}, []Handed{}, st.OnePerson
	if d.Clock.From != nil {
		f.RunsFrom = d.Clock.From.Reference
	}
	linked, err := s.Requests.Linked(ctx, by, d.Request)
	if err != nil {
		return err
	}
	for _, o := range linked {
		name, err := s.organisation(ctx, o.Desk)
		if err != nil {
			return err
		}
		f.Related = append(f.Related, Related{Reference: o.Reference, How: o.How, State: string(o.State), Due: o.Due, Organisation: name})
	}
	for _, j := range st.Joined {
		f.Joined = append(f.Joined, joinedOf(j))
	}
	for _, h := range st.Handed {
		name, err := s.organisation(ctx, h.Controller)
		if err != nil {
			return err
		}
		f.HandedBack = append(f.HandedBack, Handed{Controller: name, Received: h.Received, At: h.At, Reason: h.Why})
	}
	return nil
}

func joinedOf(j requests.JoinedStory) Joined {
	out := Joined{Reference: j.Reference, Channel: string(j.Channel), Received: j.Received, ReceivedByProcessor: j.ReceivedByProcessor, ReceivedByController: j.ReceivedByController,
		JoinedAt: j.Held.At, Late: j.Late, Stated: j.Stated, Reason: j.Reason, Person: &j.Person, About: j.About, LateReason: j.LateReason,
		Rights: []Right{}, Additions: said(j.Said), Identity: questions(j.Questions), Notes: said(j.Remarks)}
	for _, right := range j.Rights() {
		asked := j.Asked[right]
		out.Rights = append(out.Rights, Right{Right: string(right), Article: requests.Article(right), Asked: &asked})
	}
	if x := j.Held.Extension; x != nil {
		out.Extension = &Extension{At: x.At, Months: x.Months, Grounds: list(x.Grounds), Reasons: j.Extended}
	}
	return out
}
