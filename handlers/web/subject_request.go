package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/fault"
	"inzage/services/notify"
	"inzage/services/requests"
	"inzage/views/language"
	"inzage/views/layout"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

func (s subject) mountRequest(app routes) {
	app.Get("/mine", s.mine)
	app.Get("/my/:id", s.request)
	app.Get("/my/:id/notices/:n", s.notice)
	app.Get("/my/:id/add", s.addForm)
	app.Post("/my/:id/add", s.add)
	app.Get("/my/:id/answer", s.replyForm)
	app.Post("/my/:id/answer", s.reply)
	app.Get("/my/:id/withdraw", s.withdrawForm)
	app.Post("/my/:id/withdraw", post(s.withdraw))
	s.mountAddress(app)
	s.mountProofs(app)
	app.Get("/my/:id/complaint", s.complaint)
	app.Get("/my/:id/complaint/letter", s.complaintLetter)
}

// mine lists the requests of whoever asks. It shows no content.
func (s subject) mine(c *fiber.Ctx) error {
	p := s.speech(c)
	found, err := s.Requests.OfAccount(c.UserContext(), s.actor(c), c.Query("after"))
	if err != nil {
		return err
	}
	v := pages.Mine{Lead: p.T("Every request that you sent with this e-mail address."), Listing: ui.Listing{Caption: p.T("Your requests"), TestID: "mine",
		Columns: []ui.Column{{Label: p.T("Reference")}, {Label: p.T("What you asked")}, {Label: p.T("Who has it now")}, {Label: p.T("How it stands")}, {Label: p.T("Answer by")}},
		Empty:   ui.Empty{Title: p.T("No requests yet"), Text: p.T("A request appears here once you have filled in the code of the e-mail.")}}}
	for _, r := range found.Rows {
		who, err := s.parties(c, r)
		if err != nil {
			return err
		}
		st, due := s.state(p, r), ui.Cell{}
		if day, err := time.Parse(time.DateOnly, r.Due); err == nil && r.Open {
			due.Text = p.ShortDate(day.Add(12 * time.Hour))
		}
		v.Listing.Rows = append(v.Listing.Rows, ui.Row{Href: "/my/" + r.ID, Cells: []ui.Cell{{Text: r.Reference}, {Text: s.rightsList(p, r)}, {Text: who.desk}, {State: &st}, due}})
	}
	if found.Next != "" {
		v.Paging.Older = "/mine?after=" + found.Next
	}
	return respond.Page(c, fiber.StatusOK, pages.MinePage(s.page(c, "My requests"), v))
}

func (s subject) rightsList(p *language.Printer, r requests.Request) string {
	var all []string
	for _, right := range r.Rights() {
		all = append(all, s.asks(p, right))
	}
	return strings.Join(all, "; ")
}

// parties are the names of the organisations in a request.
type parties struct{ desk, processor, controller string }

func (s subject) parties(c *fiber.Ctx, r requests.Request) (parties, error) {
	var who parties
	for _, one := range []struct {
		id   string
		name *string
	}{{r.Desk, &who.desk}, {r.Processor, &who.processor}, {r.Controller, &who.controller}} {
		if one.id == "" {
			continue
		}
		o, err := s.Identity.Organisation(c.UserContext(), one.id)
		if err != nil {
			return who, err
		}
		*one.name = o.Name
	}
	return who, nil
}

// seen is a request with everything that its pages are made of.
type seen struct {
	r     requests.Request
	story requests.Story
	clock requests.Clock
	who   parties
	can   []requests.Action
}

func (v seen) may(a requests.Action) bool { return slices.Contains(v.can, a) }

// look reads a request for its data subject. Staff have pages of their own, so
// a request that the actor sees as anything else is not found here.
func (s subject) look(c *fiber.Ctx) (seen, error) {
	ctx, by := c.UserContext(), s.actor(c)
	r, sight, err := s.Requests.Look(ctx, by, c.Params("id"))
	if err != nil {
		return seen{}, err
	}
	if sight != requests.Content || r.Account != by.Account {
		return seen{}, requests.ErrNotFound
	}
	v := seen{r: r, can: requests.Possible(by, r, s.Now())}
	if v.story, err = s.Requests.Tell(ctx, by, r); err != nil {
		return v, err
	}
	if v.clock, err = s.Requests.Clock(ctx, r); err != nil {
		return v, err
	}
	v.who, err = s.parties(c, r)
	return v, err
}

// request is the page of one request.
func (s subject) request(c *fiber.Ctx) error {
	v, err := s.look(c)
	if fault.KindOf(err) == fault.Gone {
		return s.erased(c)
	}
	if err != nil {
		return err
	}
	p := s.speech(c)
	page := pages.Request{Reference: v.r.Reference, State: s.state(p, v.r), Lead: s.lead(p, v), Next: s.next(p, v), Alert: s.alert(p, v), Clock: s.clockOf(p, v)}
	if page.Facts, err = s.factsOf(c, v); err != nil {
		return err
	}
	for _, item := range v.r.Items {
		a, err := s.answerTo1(c, v, item)
		if err != nil {
			return err
		}
		page.Rights = append(page.Rights, a)
	}
	if err := s.links(c, v, &page); err != nil {
		return err
	}
	notices, err := s.notices(c, v)
	if err != nil {
		return err
	}
	page.Notices = notices
	page.Sent, page.Added, page.Can = s.files(p, v.story.Attachments), s.added(p, v), s.ways(p, v)
	if page.History, err = s.history(c, v); err != nil {
		return err
	}
	if page.Standing, err = s.standing(c, v, page.History); err != nil {
		return err
	}
	frame := s.page(c, "Your request %s", v.r.Reference)
	frame.Sensitive = true
	return respond.Page(c, fiber.StatusOK, pages.RequestPage(frame, page))
}

// lead says in one sentence who has the request and who decides.
func (s subject) lead(p *language.Printer, v seen) string {
	desk := v.who.desk
	switch v.r.State {
	case requests.Closed:
		return p.T("%s has answered your request. It is closed.", desk)
	case requests.Withdrawn:
		return p.T("You have withdrawn this request. Nobody works on it any more.")
	case requests.Misdirected:
		return p.T("%s has no data about you and cannot answer this. It says below where you can turn.", desk)
	case requests.Merged:
		return p.T("Your request goes on under another one. %s answers both together.", desk)
	case requests.Decided:
		return p.T("%s has decided. You read the decision below.", desk)
	case requests.Delivered:
		return p.T("%s has decided, and your answer is ready.", desk)
	case requests.Identifying:
		if v.r.Waiting {
			return p.T("%s has a question for you before it can go on.", desk)
		}
		return p.T("%s has your answer and looks at it.", desk)
	case requests.Received, requests.Forwarded:
		if v.r.Decides == "" {
			return p.T("%s has your request, and finds out which organisation decides about it. You need to do nothing.", desk)
		}
	}
	if v.r.Decides == requests.Processor && v.who.controller != "" {
		return p.T("%s has your request and decides about it, as agreed with %s. You need to do nothing.", desk, v.who.controller)
	}
	return p.T("%s has your request and decides about it. You need to do nothing.", desk)
}

// next is upcoming, but for a request whose day has passed.
func (s subject) next(p *language.Printer, v seen) []string {
	if v.late(s.Now()) {
		return []string{p.T("%s still has to answer you, as soon as it can.", v.who.desk), p.T("You can complain, now or later. You need not.")}
	}
	return s.upcoming(p, v.r, v.who)
}

// upcoming says what happens next.
func (s subject) upcoming(p *language.Printer, r requests.Request, who parties) []string {
	due := r.Due
	if day, err := time.Parse(time.DateOnly, r.Due); err == nil {
		due = p.Day(day.Year(), day.Month(), day.Day())
	}
	switch r.State {
	case requests.Received, requests.Forwarded:
		if r.Decides == "" {
			return []string{p.T("%s finds out who decides and sends your request on. You get an e-mail about it.", who.desk), p.T("You get the answer by %s. That day does not move.", due)}
		}
		return []string{p.T("Somebody at %s takes your request up. You get an e-mail about it.", who.desk), p.T("You get the answer by %s. If it takes longer, you hear why before that day.", due)}
	case requests.Acknowledged, requests.InProgress:
		return []string{p.T("%s looks for your data and decides.", who.desk), p.T("You get the answer by %s. If it takes longer, you hear why before that day.", due)}
	case requests.Identifying:
		if r.Waiting {
			return []string{p.T("You answer the question."), p.T("%s goes on with your request.", who.desk), p.T("Nobody may make you wait longer than needed: the day of the answer stays %s.", due)}
		}
		return []string{p.T("%s looks at what you sent and goes on with your request.", who.desk)}
	case requests.Decided:
		if owes(r) {
			return []string{p.T("%s makes your files ready. You get an e-mail when you can fetch them.", who.desk)}
		}
	case requests.Delivered:
		return []string{p.T("You fetch your files. After that %s closes the request.", who.desk)}
	}
	return nil
}

// owes tells whether a decision promises files that are not there yet.
func owes(r requests.Request) bool {
	return slices.ContainsFunc(r.Items, func(i requests.Item) bool {
		return (i.Right == requests.Access || i.Right == requests.Portability) && i.Decision != nil && i.Decision.Outcome != requests.Denied
	})
}

// alert is the one thing that comes first.
func (s subject) alert(p *language.Printer, v seen) *pages.Alert {
	switch {
	case v.r.State == requests.Identifying && v.r.Waiting:
		q := v.story.Questions[len(v.story.Questions)-1]
		return &pages.Alert{Tone: ui.Warn, Title: p.T("A question for you"), Lines: []string{p.T("%s wants to be sure that it gives your data to you and to nobody else.", v.who.desk)},
			Quotes: []pages.Quote{{Title: p.T("Why it asks"), Text: q.Reason, Lang: v.r.Language}, {Title: p.T("What you can send"), Text: q.Least, Lang: v.r.Language}},
			Button: &ui.Button{Label: p.T("Answer the question"), Href: "/my/" + v.r.ID + "/answer"}}
	case v.r.State == requests.Misdirected:
		return &pages.Alert{Tone: ui.Info, Title: p.T("Where you can turn"), Quotes: []pages.Quote{{Title: p.T("%s writes", v.who.desk), Text: v.story.Misdirected, Lang: v.r.Language}}}
	case v.may(requests.Download):
		return &pages.Alert{Tone: ui.Good, Title: p.T("Your files are ready"), Lines: []string{p.T("You fetch them here, after you have shown once more that it is you.")},
			Button: &ui.Button{Label: p.T("To your files"), Href: "/my/" + v.r.ID + "/files"}}
	case v.late(s.Now()):
		return &pages.Alert{Tone: ui.Danger, Title: p.T("The answer is late"), Lines: []string{
			p.T("You should have had an answer by %s. You may now complain to the authority, or go to court. Your request goes on in the meantime.", p.Day(v.clock.Due.Year, v.clock.Due.Month, v.clock.Due.Day))},
			Button: &ui.Button{Label: p.T("How to complain"), Href: "/my/" + v.r.ID + "/complaint", Look: ui.Secondary}}
	}
	return nil
}

// late tells whether the day of the answer has passed without one.
func (v seen) late(now time.Time) bool {
	return v.r.OverdueAt(now) && !slices.Contains([]requests.State{requests.Decided, requests.Delivered}, v.r.State)
}

// unhappy tells whether a decision says no, wholly or in part.
func (v seen) unhappy() bool {
	return slices.ContainsFunc(v.r.Items, func(i requests.Item) bool { return i.Decision != nil && i.Decision.Outcome != requests.Granted })
}

func (v seen) mayComplain(now time.Time) bool { return v.late(now) || v.unhappy() }

// notices are everything that was written to the data subject, in full.
func (s subject) notices(c *fiber.Ctx, v seen) ([]pages.Notice, error) {
	all, err := s.Notify.NoticesOf(c.UserContext(), s.actor(c), v.r)
	if err != nil {
		return nil, err
	}
	p := s.speech(c)
	var list []pages.Notice
	for i, n := range slices.Backward(all) {
		list = append(list, s.noticeView(p, v, n, i+1))
	}
	return list, nil
}

func (s subject) noticeView(p *language.Printer, v seen, n notify.Opened, number int) pages.Notice {
	w := n.Writing
	out := pages.Notice{ID: n.ID, Title: w.Title, When: p.ShortDate(n.At), ISO: n.At.Format(time.RFC3339), Lang: n.Language, Hello: w.Greeting,
		Href: "/my/" + v.r.ID + "/notices/" + strconv.Itoa(number), PrintIs: p.T("This message to print")}
	out.Letter = layout.Letter{From: []string{w.From}, To: []string{w.To}, Back: &ui.Link{Label: p.T("Back to your request"), Href: "/my/" + v.r.ID},
		Facts: []ui.Fact{{Name: p.T("Date"), Value: w.Date, Lang: n.Language}, {Name: p.T("Reference"), Value: w.Reference}}}
	for _, b := range w.Blocks {
		block := pages.Block{Kind: b.Kind, Text: b.Text, Law: b.Law}
		for _, i := range b.Items {
			block.Items = append(block.Items, ui.Fact{Name: i.Label, Value: i.Text})
		}
		out.Blocks = append(out.Blocks, block)
	}
	return out
}

// notice is one message as a document to print.
func (s subject) notice(c *fiber.Ctx) error {
	v, err := s.look(c)
	if err != nil {
		return err
	}
	all, err := s.Notify.NoticesOf(c.UserContext(), s.actor(c), v.r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Params("n"))
	if err != nil || n < 1 || n > len(all) {
		return requests.ErrNotFound
	}
	view := s.noticeView(s.speech(c), v, all[n-1], n)
	page := s.page(c, "")
	page.Title, page.Sensitive = view.Title, true
	hello := pages.Block{Kind: notify.BlockText, Text: view.Hello}
	return respond.Page(c, fiber.StatusOK, pages.LetterPage(page, pages.Letter{Head: view.Letter, Lang: view.Lang, Blocks: append([]pages.Block{hello}, view.Blocks...)}))
}

// added is what the data subject said since.
func (s subject) added(p *language.Printer, v seen) []ui.Entry {
	var all []ui.Entry
	for _, a := range v.story.Additions {
		all = append(all, ui.Entry{What: p.T("You added"), When: p.DateTime(a.At), ISO: a.At.Format(time.RFC3339), Note: a.Text, Lang: v.r.Language})
	}
	all = append(all, joinedSince(p, v)...)
	for _, q := range v.story.Questions {
		if q.Asked.Replied != nil {
			all = append(all, ui.Entry{What: p.T("You answered the question"), When: p.DateTime(*q.Asked.Replied), ISO: q.Asked.Replied.Format(time.RFC3339), Note: q.Reply, Lang: v.r.Language})
		}
	}
	return all
}

// ways is what can be done now, and nothing else.
func (s subject) ways(p *language.Printer, v seen) []pages.Way {
	var all []pages.Way
	at := "/my/" + v.r.ID
	if v.may(requests.AnswerIdentity) && v.r.Waiting {
		all = append(all, pages.Way{Label: p.T("Answer the question"), Href: at + "/answer", Says: p.T("Then %s can go on.", v.who.desk)})
	}
	if v.may(requests.Download) || v.may(requests.Renew) {
		all = append(all, pages.Way{Label: p.T("Fetch your files"), Href: at + "/files", Says: p.T("With a passkey or an authenticator app. We help you to set one up.")})
	} else if v.unhappy() || slices.ContainsFunc(v.r.Items, func(i requests.Item) bool { return i.Decision != nil }) {
		all = append(all, pages.Way{Label: p.T("Keep the answer as a document"), Href: at + "/files", Says: p.T("To print or as a PDF.")})
	}
	if v.may(requests.Add) {
		all = append(all, pages.Way{Label: p.T("Add something"), Href: at + "/add", Says: p.T("A text or files, for example to say where your data can be found.")})
	}
	if v.mayComplain(s.Now()) {
		all = append(all, pages.Way{Label: p.T("Complain"), Href: at + "/complaint", Says: p.T("The address of the authority, and a letter that is ready to print.")})
	} else if v.r.Open {
		all = append(all, pages.Way{Label: p.T("No answer in time?"), Href: at + "/complaint", Says: p.T("From %s on you can complain. Here you read how.", p.Date(v.r.Ends))})
	}
	if v.may(requests.MoveAddress) {
		all = append(all, pages.Way{Label: p.T("Use another e-mail address"), Href: at + "/address", Says: p.T("For when you no longer read the mail of this one.")})
	}
	if v.may(requests.Withdraw) {
		all = append(all, pages.Way{Label: p.T("Withdraw your request"), Href: at + "/withdraw", Says: p.T("Then nobody works on it any more. You first see what that means.")})
	}
	return all
}
