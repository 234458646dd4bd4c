package main

import (
	"context"
	"fmt"
	"io"

	"inzage/config/demo"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// doing plays one step of a story.
type doing func(t *teller, ctx context.Context, by identity.Actor, one *telling, s demo.Step) error

// steps are the things that can happen in a story.
func steps() map[string]doing {
	return map[string]doing{
		"take_up": func(t *teller, ctx context.Context, by identity.Actor, one *telling, _ demo.Step) error {
			_, err := t.requests.TakeUp(ctx, by, one.id)
			return err
		},
		"note": func(t *teller, ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
			_, err := t.requests.Jot(ctx, by, one.id, s.Text)
			return err
		},
		"add": func(t *teller, ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
			_, err := t.requests.AddTo(ctx, by, one.id, s.Text, nil)
			return err
		},
		"ask": func(t *teller, ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
			_, err := t.requests.Ask(ctx, by, one.id, s.Text, s.Least)
			return err
		},
		"reply": func(t *teller, ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
			_, err := t.requests.Reply(ctx, by, one.id, s.Text, nil)
			return err
		},
		"extend": func(t *teller, ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
			_, err := t.requests.Extend(ctx, by, one.id, s.Months, s.Grounds, s.Text)
			return err
		},
		"astray": func(t *teller, ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
			_, err := t.requests.SendAstray(ctx, by, one.id, s.Text)
			return err
		},
		"release": func(t *teller, ctx context.Context, by identity.Actor, one *telling, _ demo.Step) error {
			_, err := t.requests.Release(ctx, by, one.id)
			return err
		},
		"outside": func(t *teller, ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
			_, err := t.requests.ReleaseOutside(ctx, by, one.id, s.Way, s.Text)
			return err
		},
		"told": func(t *teller, ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
			_, err := t.requests.MarkTold(ctx, by, one.id, requests.Right(s.Right), 0, false)
			return err
		},
		"finish": func(t *teller, ctx context.Context, by identity.Actor, one *telling, _ demo.Step) error {
			_, err := t.requests.Finish(ctx, by, one.id)
			return err
		},
		"retract": func(t *teller, ctx context.Context, by identity.Actor, one *telling, _ demo.Step) error {
			_, err := t.requests.Retract(ctx, by, one.id)
			return err
		},
		"merge": (*teller).merge, "seek": (*teller).seek, "answer": (*teller).answer, "use_files": (*teller).useFiles,
		"files": (*teller).addFiles, "decide": (*teller).decide, "fetch": (*teller).fetch,
	}
}

func (t *teller) merge(ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
	other, ok := t.told[s.To]
	if !ok {
		return fmt.Errorf("there is no story %q", s.To)
	}
	r, err := t.requests.Requests.Get(ctx, other.id)
	if err != nil {
		return err
	}
	_, err = t.requests.MergeInto(ctx, by, one.id, r.Reference)
	return plain(err)
}

func (t *teller) seek(ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
	one.assist = ledger.NewID("ast")
	_, err := t.requests.Seek(ctx, by, one.id, one.assist, requests.Help{Processor: t.cast.organisations[s.To].ID, Right: requests.Right(s.Right), Question: s.Text})
	return plain(err)
}

func (t *teller) answer(ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
	for _, f := range s.Files {
		u, err := fileOf(f, s.Right)
		if err != nil {
			return err
		}
		if _, err := t.requests.AddAssistFile(ctx, by, one.assist, u); err != nil {
			return fmt.Errorf("add %s: %w", f.Name, err)
		}
	}
	reply := requests.Reply{Outcome: s.Outcome, Text: s.Text}
	for _, c := range s.Costs {
		reply.Costs = append(reply.Costs, requests.CostLine{For: c.For, Cents: c.Cents})
	}
	_, err := t.requests.Answer(ctx, by, one.assist, reply)
	return plain(err)
}

// useFiles makes all files of the last assist part of the answer.
func (t *teller) useFiles(ctx context.Context, by identity.Actor, one *telling, _ demo.Step) error {
	a, err := t.requests.Assists.Get(ctx, one.assist)
	if err != nil {
		return err
	}
	for _, f := range a.Files {
		if _, err := t.requests.UseAssistFile(ctx, by, a.ID, f.ID); err != nil {
			return err
		}
	}
	return nil
}

func (t *teller) addFiles(ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
	for _, f := range s.Files {
		u, err := fileOf(f, s.Right)
		if err != nil {
			return err
		}
		if _, err := t.requests.AddAnswerFile(ctx, by, one.id, u); err != nil {
			return fmt.Errorf("add %s: %w", f.Name, err)
		}
	}
	return nil
}

func (t *teller) decide(ctx context.Context, by identity.Actor, one *telling, s demo.Step) error {
	v := requests.Verdict{Right: requests.Right(s.Right), Outcome: requests.Outcome(s.Outcome), Ground: s.Ground, Reasons: s.Text, Recipients: s.Tell}
	// A refusal, whole or in part, tells the way to the authority and to court.
	v.ComplaintTold, v.CourtTold = v.Outcome != requests.Granted, v.Outcome != requests.Granted
	if v.Right == requests.Access && v.Outcome != requests.Denied {
		v.Information = t.cast.information(by.Organisation)
	}
	_, err := t.requests.Decide(ctx, by, one.id, v)
	return plain(err)
}

// information is what the organisation tells with an access request (art. 15(1) GDPR).
func (c cast) information(organisation string) map[string]string {
	for _, o := range c.world.Organisations {
		if c.organisations[o.Slug].ID == organisation {
			return o.Information
		}
	}
	return nil
}

// fetch downloads every released file.
func (t *teller) fetch(ctx context.Context, by identity.Actor, one *telling, _ demo.Step) error {
	r, err := t.requests.Requests.Get(ctx, one.id)
	if err != nil {
		return err
	}
	for _, f := range r.Files {
		_, in, err := t.requests.Fetch(ctx, by, one.id, f.ID)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, in); err != nil {
			return fmt.Errorf("download %s: %w", f.ID, err)
		}
		if err := in.Close(); err != nil {
			return fmt.Errorf("download %s: %w", f.ID, err)
		}
	}
	return nil
}
