package notify

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"inzage/config/notices"
	"inzage/services/deadlines"
	"inzage/services/identity"
	"inzage/services/requests"
)

// common fills in what any message about the request may say.
func (s *Service) common(ctx context.Context, c *cause, language string, rights map[string]notices.Text) (*writer, error) {
	w := &writer{texts: s.Outbox.Texts, language: language, zone: c.clock.Zone, now: s.Outbox.now(),
		values: map[string]string{}, flags: map[string]bool{}, lists: map[string][]Item{}}
	r := &c.r
	w.values["reference"] = r.Reference
	w.values["received"] = w.calendar(c.clock.Received)
	w.promise("due", c.clock.Due)
	w.values["day"] = w.day(c.ev.At)
	w.values["entered"] = w.day(r.Entered)
	if r.ReceivedByProcessor != nil {
		w.values["received_processor"] = w.moment(*r.ReceivedByProcessor)
	}
	if r.ReceivedByController != nil {
		w.values["received_controller"] = w.moment(*r.ReceivedByController)
	}
	w.values["rights"] = w.rights(r.Rights(), rights)
	if right := c.ev.Details["right"]; right != "" {
		w.values["right"] = rights[right].In(language)
		w.values["article"] = requests.Article(requests.Right(right))
	}
	w.flags["decider_known"] = r.Decides != ""
	w.flags["entered"] = r.Channel != requests.Portal && r.Channel != requests.API
	if err := s.parties(ctx, c, w); err != nil {
		return nil, err
	}
	a, err := s.Requests.Recourse(ctx, *r)
	if err != nil {
		return nil, fmt.Errorf("find the authority for %s: %w", r.ID, err)
	}
	w.values["authority"], w.values["authority_address"] = a.Name, strings.Join(a.Address, ", ")
	w.values["authority_website"], w.values["court"] = a.Website, a.Court.In(language)
	return w, nil
}

// parties fills in the names of the organisations.
func (s *Service) parties(ctx context.Context, c *cause, w *writer) error {
	r := &c.r
	arrived := r.Controller
	if r.ArrivedAt == requests.Processor {
		arrived = r.Processor
	}
	decider := ""
	if r.Decides != "" {
		decider = r.Desk
	}
	for name, org := range map[string]string{"controller": r.Controller, "processor": r.Processor,
		"arrived": arrived, "decider": decider, "sender": c.sender(arrived)} {
		if org == "" {
			w.values[name] = w.texts.Words.Unknown.In(w.language)
			continue
		}
		o, err := s.Requests.Directory.Organisation(ctx, org)
		if err != nil {
			return fmt.Errorf("name organisation %s: %w", org, err)
		}
		w.values[name] = o.Name
	}
	return nil
}

// sender is the organisation in whose name the notice goes out: the one whose
// staff acted, or the one that had the request when the portal acted for it.
func (c *cause) sender(arrived string) string {
	switch {
	case strings.HasSuffix(c.ev.Action, ".remind"), strings.HasSuffix(c.ev.Action, ".merge_done"), strings.HasSuffix(c.ev.Action, ".join"), strings.HasSuffix(c.ev.Action, ".separated"):
		return c.r.Desk
	case c.ev.Actor == identity.System().Account, strings.HasSuffix(c.ev.Action, ".confirm"):
		return arrived
	case c.ev.Organisation != "":
		return c.ev.Organisation
	}
	return c.r.Desk
}

func (w *writer) calendar(d deadlines.Date) string { return w.date(d.Year, d.Month, d.Day) }

// promiseUntil is promise for what is over at a moment: the day is written, or
// the moment on it when that comes before the day is over, as hours do.
func (w *writer) promiseUntil(name string, d deadlines.Date, ends time.Time) {
	if ends.IsZero() || !ends.Before(deadlines.EndOf(d, w.zone)) {
		w.promise(name, d)
		return
	}
	w.promiseMoment(name, w.moment(ends), ends)
}

func (w *writer) rights(all []requests.Right, names map[string]notices.Text) string {
	var words []string
	for _, right := range all {
		words = append(words, names[string(right)].In(w.language))
	}
	return w.join(words)
}

// quoted are the paragraphs of what somebody wrote.
func quoted(text string) []Item {
	var items []Item
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			items = append(items, Item{Text: line})
		}
	}
	return items
}

// forSubject fills in what the kind of notice says beside the common values.
func (s *Service) forSubject(ctx context.Context, c *cause, kind string) (*writer, error) {
	w, err := s.common(ctx, c, c.r.Language, s.Outbox.Texts.Words.Rights)
	if err != nil {
		return nil, err
	}
	w.values["name"] = strings.Join(strings.Fields(c.story.Person.Name), " ")
	r := &c.r
	switch kind {
	case "forwarded":
		if err := s.shared(ctx, c, w); err != nil {
			return nil, err
		}
		if w.flags["part"] = r.SplitFrom != ""; w.flags["part"] {
			err = s.other(ctx, w, r.SplitFrom)
		}
	case "split":
		err = s.other(ctx, w, r.SplitInto)
	case "split_part":
		err = s.other(ctx, w, r.SplitFrom)
	case "merged", "joined", "separated", "handed_back":
		err = s.together(ctx, c, w, kind)
	case "identity_question":
		q := c.question()
		w.lists["doubt"], w.lists["least"] = quoted(q.Reason), quoted(q.Least)
	case "extended":
		err = s.extension(ctx, c, w)
	case "granted", "partly", "refused":
		s.decision(c, w)
	case "delivered", "renewed", "delivered_outside":
		c.delivery(w)
	case "receipt", "word", "address_changed":
		w.flags["addressed"] = r.MailHash != ""
		w.flags["by_subject"] = strings.HasSuffix(c.ev.Action, ".move_address")
		if w.flags["word"] = r.MailHash != "" && !r.Held(); w.flags["word"] {
			w.values["word"] = s.Requests.Word(*r)
		}
	case "withdrawn":
		w.flags["by_subject"] = c.ev.Actor == r.Account
	case "closed":
		w.flags["in_portal"] = r.Answer != nil && r.Answer.Outside == nil
	case "misdirected":
		w.lists["where"] = quoted(c.story.Misdirected)
	}
	return w, err
}

// other fills in the request that this one is linked to.
func (s *Service) other(ctx context.Context, w *writer, id string) error {
	o, err := s.Requests.Requests.Get(ctx, id)
	if err != nil {
		return fmt.Errorf("read the linked request: %w", err)
	}
	w.values["other_reference"], w.values["other_rights"] = o.Reference, w.rights(o.Rights(), w.texts.Words.Rights)
	due, err := deadlines.ParseDate(o.Due)
	w.promise("other_due", due)
	return err
}

// question is the latest identity question that was put by the time of the event.
func (c *cause) question() requests.Question {
	for _, q := range slices.Backward(c.story.Questions) {
		if !q.Asked.Asked.After(c.ev.At) {
			return q
		}
	}
	return requests.Question{}
}

func (s *Service) extension(ctx context.Context, c *cause, w *writer) error {
	before := c.r
	before.Extension = nil
	clock, err := s.Requests.Clock(ctx, before)
	if err != nil {
		return err
	}
	w.values["first_due"] = w.calendar(clock.Due)
	if x := c.r.Extension; x != nil {
		w.flags["ground_complexity"] = slices.Contains(x.Grounds, "complexity")
		w.flags["ground_number"] = slices.Contains(x.Grounds, "number")
	}
	w.lists["reasons"] = quoted(c.story.Extension)
	return nil
}

func (s *Service) decision(c *cause, w *writer) {
	right := requests.Right(c.ev.Details["right"])
	text := c.story.Decisions[right]
	w.flags["right_"+string(right)] = true
	w.flags["recipients_right"] = right == requests.Rectification || right == requests.Erasure || right == requests.Restriction
	w.flags["explained"] = text.Reasons != ""
	w.flags["recipients"] = len(text.Recipients) > 0
	w.lists["reasons"] = quoted(text.Reasons)
	for _, name := range text.Recipients {
		w.lists["recipients"] = append(w.lists["recipients"], Item{Text: name})
	}
	for _, i := range s.Requests.Catalogue.Information {
		if t := strings.TrimSpace(text.Information[i.ID]); t != "" {
			w.lists["information"] = append(w.lists["information"], Item{Label: i.Label.In(w.language), Text: t})
		}
	}
	w.flags["owes_data"] = (right == requests.Access || right == requests.Portability) && c.ev.Details["outcome"] != string(requests.Denied)
	w.flags["more_rights"] = slices.ContainsFunc(c.r.Items, func(i requests.Item) bool { return i.Decision == nil || i.Decision.At.After(c.ev.At) })
	if g, ok := s.Requests.Catalogue.Ground(string(right), c.ev.Details["ground"]); ok {
		w.values["ground"], w.values["ground_article"] = g.Text.In(w.language), g.Article
		w.flags["cannot_identify"] = g.ID == "cannot_identify"
	}
}

func (c *cause) delivery(w *writer) {
	if a := c.r.Answer; a != nil {
		until := c.ev.At.Add(requests.ReleaseTime)
		if a.Until.Before(until) {
			until = a.Until // else it was renewed again since
		}
		w.promiseMoment("until", w.moment(until), until)
		w.flags["by_post"] = a.Outside != nil && a.Outside.Way == "post"
	}
	w.values["files"] = strconv.Itoa(len(c.r.Files))
	w.lists["proof"] = quoted(c.story.Outside)
}
