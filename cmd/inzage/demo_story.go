package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"inzage/config/demo"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// teller lets the stories of the demo happen in the past, through the same
// services as everything else, on a clock that it moves. What follows from
// each step (sealing, notices, mail) is done at the time of that step, so that
// the log, the letters and the mailbox tell the same history.
type teller struct {
	*portal // on the teller's own clock
	cast    cast
	zone    *time.Location
	begun   time.Time // the real now when the telling began
	at      atomic.Int64
	codes   map[string]string // the last code by address
	told    map[string]*telling
}

// telling is how far one story has come.
type telling struct {
	story   demo.Story
	start   time.Time
	id      string
	subject identity.Actor
	assist  string // the one asked for last
}

// scene is one thing that happens at one time.
type scene struct {
	at   time.Time
	what string
	play func(context.Context) (happened bool, err error)
}

// teller makes the services of the portal anew on a clock of their own.
func (p *portal) teller(ctx context.Context, c cast) (*teller, error) {
	t := &teller{cast: c, begun: p.now(), codes: map[string]string{}, told: map[string]*telling{}}
	var err error
	if t.zone, err = time.LoadLocation("Europe/Amsterdam"); err != nil {
		return nil, fmt.Errorf("read the time zone of the demo: %w", err)
	}
	t.at.Store(t.begun.UnixMilli())
	past := *p
	past.now = func() time.Time { return time.UnixMilli(t.at.Load()).UTC() }
	if err := past.assemble(ctx, p.vault.Master); err != nil {
		return nil, err
	}
	past.identity.Post = t
	past.notify.Outbox.Wake = nil // nobody listens to it
	t.portal = &past
	return t, nil
}

// Post keeps the codes that the demo's people would get by mail; it makes the
// teller an identity.Postman.
func (t *teller) Post(_ context.Context, l identity.Letter) error {
	t.codes[l.To] = l.Data["code"]
	return nil
}

// tell lets all stories happen, in the order of time.
func (t *teller) tell(ctx context.Context) error {
	var scenes []scene
	for _, s := range t.cast.world.Stories {
		some, err := t.scenes(s)
		if err != nil {
			return fmt.Errorf("story %s: %w", s.Key, err)
		}
		scenes = append(scenes, some...)
	}
	for _, s := range t.cast.world.Audits {
		some, err := t.auditScenes(s)
		if err != nil {
			return fmt.Errorf("audit %s: %w", s.Key, err)
		}
		scenes = append(scenes, some...)
	}
	if len(scenes) == 0 {
		return nil
	}
	scenes = append(scenes, t.mornings(slices.MinFunc(scenes, func(a, b scene) int { return a.at.Compare(b.at) }).at)...)
	slices.SortStableFunc(scenes, func(a, b scene) int { return a.at.Compare(b.at) })
	for _, s := range scenes {
		if s.at.After(t.begun) {
			return fmt.Errorf("%s lies in the future", s.what)
		}
		t.at.Store(s.at.UnixMilli())
		happened, err := s.play(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
		if !happened {
			continue
		}
		if err := t.follow(ctx); err != nil {
			return fmt.Errorf("after %s: %w", s.what, err)
		}
	}
	return nil
}

// scenes turns a story into what happens when.
func (t *teller) scenes(s demo.Story) ([]scene, error) {
	one := &telling{story: s, id: ledger.NewID("req"), start: t.begins(s.Start)}
	t.told[s.Key] = one
	all := []scene{{one.start, s.Key + ": arrives", func(ctx context.Context) (bool, error) { return true, t.arrive(ctx, one) }}}
	for _, step := range s.Steps {
		do, ok := steps()[step.Do]
		if !ok {
			return nil, fmt.Errorf("there is no step %q", step.Do)
		}
		by, err := t.by(step.By)
		if err != nil {
			return nil, err
		}
		at := step.At.After(one.start, t.zone)
		all = append(all, scene{at, s.Key + ": " + step.Do, func(ctx context.Context) (bool, error) {
			who := by
			if step.By == "" {
				who = one.subject
			}
			// They have just proven their second factor.
			who.Level, who.StrongAt = identity.Full, at
			return true, do(t, ctx, who, one, step)
		}})
	}
	return all, nil
}

func (t *teller) by(key string) (identity.Actor, error) {
	m, ok := t.cast.members[key]
	if !ok && key != "" {
		return identity.Actor{}, fmt.Errorf("there is nobody called %q", key)
	}
	return m.actor(), nil
}

// begins is when a story starts. One that counts back from its due date
// starts on the last day from which an answer is due by then.
func (t *teller) begins(m demo.Moment) time.Time {
	if !m.Due {
		return m.After(t.begun, t.zone)
	}
	wanted := deadlines.DateOf(t.begun, t.zone).AddDays(m.Days)
	for back := 0; ; back++ {
		start := m.On(t.begun.In(t.zone).AddDate(0, 0, -back), t.zone)
		d, err := deadlines.Request(deadlines.RequestFacts{Received: start, Zone: t.zone, Window: requests.Window})
		if err != nil || !d.Due.After(wanted) {
			return start
		}
	}
}

// mornings raises the reminders of every day since the first story.
func (t *teller) mornings(first time.Time) []scene {
	var all []scene
	for day := first.In(t.zone); ; day = day.AddDate(0, 0, 1) {
		at := demo.Moment{Clock: "07:00"}.On(day, t.zone)
		if at.After(t.begun) {
			return all
		}
		all = append(all, scene{at, "the morning of " + at.Format(time.DateOnly), func(ctx context.Context) (bool, error) {
			n, err := t.requests.Remind(ctx, 100)
			if err != nil {
				return false, err
			}
			of, err := t.audits.Remind(ctx, 100)
			return n+of > 0, err
		}})
	}
}

// follow does what the loops beside the portal do, until nothing is left.
func (t *teller) follow(ctx context.Context) error {
	for {
		sealed, err := t.ledger.Drain(ctx, t.engine)
		if err != nil {
			return err
		}
		if sealed == 0 {
			return nil
		}
		if _, err := t.notify.Compose(ctx, 500); err != nil {
			return err
		}
		if _, err := t.notify.Outbox.Send(ctx, 500); err != nil {
			return err
		}
	}
}

// arrive files a request the way its story says: by the data subject, who
// then proves the address, or by staff.
func (t *teller) arrive(ctx context.Context, one *telling) error {
	s := one.story
	f := requests.Filing{Organisation: t.cast.organisations[s.Organisation].ID, Controller: t.cast.organisations[s.Controller].ID,
		About: s.About, Unknown: s.Controller == "" && s.About != "", Language: s.Language, Asked: map[requests.Right]requests.Asked{},
		Person: requests.Person{Name: s.Person.Name, Email: s.Person.Email, Phone: s.Person.Phone, Identifiers: s.Person.Identifiers}}
	if r := s.Person.Representative; r != nil {
		f.Person.Representative = &requests.Representative{Name: r.Name, Capacity: r.Capacity}
	}
	for _, right := range requests.Rights() {
		if a, ok := s.Asked[string(right)]; ok {
			f.Rights = append(f.Rights, right)
			f.Asked[right] = requests.Asked(a)
		}
	}
	if s.Entered != nil {
		return t.enter(ctx, one, f)
	}
	return t.file(ctx, one, f)
}

func (t *teller) enter(ctx context.Context, one *telling, f requests.Filing) error {
	by, err := t.by(one.story.Entered.By)
	if err != nil {
		return err
	}
	in := one.story.Entered
	_, err = t.requests.Enter(ctx, by, one.id, requests.Entry{Filing: f, Channel: requests.Channel(in.Channel),
		Received: in.Received.After(one.start, t.zone)})
	return err
}

func (t *teller) file(ctx context.Context, one *telling, f requests.Filing) error {
	d, err := t.requests.StartDraft(ctx, f)
	if err != nil {
		return err
	}
	one.id = d.ID
	for _, a := range one.story.Attachments {
		u, err := fileOf(a, "")
		if err != nil {
			return err
		}
		if _, err := t.requests.AttachToDraft(ctx, d.ID, u); err != nil {
			return fmt.Errorf("attach %s: %w", a.Name, err)
		}
	}
	if _, err := t.requests.SubmitDraft(ctx, d.ID); err != nil {
		return err
	}
	if one.story.Unproven {
		return nil
	}
	return t.confirm(ctx, one, f)
}

// confirm proves the address with the code that went to it.
func (t *teller) confirm(ctx context.Context, one *telling, f requests.Filing) error {
	ask := identity.CodeRequest{Purpose: requests.ConfirmPurpose, Object: one.id, Email: f.Person.Email, Language: spoken(f.Language), Address: "demo"}
	if err := t.identity.SendCode(ctx, ask); err != nil {
		return err
	}
	proof, err := t.identity.CheckCode(ctx, ask, t.codes[strings.TrimSpace(f.Person.Email)])
	if err != nil {
		return err
	}
	account, err := t.identity.EnsureSubject(ctx, proof, f.Person.Name, spoken(f.Language))
	if err != nil {
		return err
	}
	one.subject = identity.Actor{Account: account, Roles: []identity.Role{identity.Subject}, Level: identity.Half, Language: f.Language}
	_, err = t.requests.Confirm(ctx, one.subject, one.id, proof)
	return err
}

func spoken(tag string) string {
	if tag == "" {
		return "nl"
	}
	return tag
}

// plain says which fields were refused; a story is wrong then.
func plain(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		for _, field := range f.Fields {
			err = fmt.Errorf("%w (%s: %s)", err, field.Name, field.Text)
		}
	}
	return err
}
