package web

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/services/agreements"
	"inzage/services/fault"
	"inzage/services/notify"
	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// request is the page of one request: the clock and what can be done now, each
// right, and the story with its seals.
func (d *desk) request() error {
	o, err := d.open()
	if err != nil {
		return err
	}
	m, err := d.whole(o)
	if err != nil {
		return err
	}
	return d.showRequest(fiber.StatusOK, o, m)
}

func (d *desk) showRequest(status int, o dossier, m pages.Request) error {
	page := d.frame("Request %s", o.r.Reference)
	page.Sensitive = o.sight == requests.Content
	page.Invalid = status >= 400
	return d.show(status, pages.RequestPage(page, m))
}

// whole is everything on the page of a request.
func (d *desk) whole(o dossier) (pages.Request, error) {
	m := pages.Request{Name: d.p.T("Request"), Reference: o.r.Reference, State: d.state(o.r), Clock: d.clockOf(o), Basis: d.basis(o)}
	var err error
	if m.Facts, err = d.factsOf(o); err != nil {
		return m, err
	}
	var helps []requests.Assist
	if o.sight == requests.Content {
		if helps, err = d.Requests.AssistsOf(d.ctx, o.r.ID); err != nil {
			return m, err
		}
		if err := d.content(o, helps, &m); err != nil {
			return m, err
		}
	} else {
		m.Banners = append(m.Banners, d.bareFacts(o))
		for _, i := range o.r.Items {
			m.Rights = append(m.Rights, pages.Right{Name: d.right(i.Right), Chip: d.law(requests.Article(i.Right))})
		}
	}
	if m.Linked, err = d.linked(o); err != nil {
		return m, err
	}
	d.todo(o, &m)
	if err := d.joinedSteps(o, &m); err != nil {
		return m, err
	}
	m.Story, err = d.history(o, helps)
	return m, err
}

// content adds what only the desk may see.
func (d *desk) content(o dossier, helps []requests.Assist, m *pages.Request) error {
	m.Rights = d.rightCards(o)
	m.Helps = d.helpRows(helps)
	d.filesOf(o, m)
	var err error
	if m.Notices, err = d.notices(o); err != nil {
		return err
	}
	if m.Notes, err = d.notes(o); err != nil {
		return err
	}
	d.unheld(o, m)
	lang := d.foreign(o.r.Language)
	for _, a := range o.story.Additions {
		m.Additions = append(m.Additions, ui.Fact{Name: d.p.DateTime(a.At), Value: orElse(a.Text, d.p.T("Files only; they stand among the files.")), Lang: lang})
	}
	for _, q := range o.story.Questions {
		m.Questions = append(m.Questions, d.question(q, lang))
	}
	d.joinedContent(o, m)
	twice, err := d.Requests.Duplicates(d.ctx, d.by, o.r)
	if err != nil {
		return err
	}
	if len(twice) > 0 && o.r.Open {
		b := pages.Banner{Tone: ui.Warn, Title: d.p.T("This person has another open request about the same"), Text: d.p.T("You can join this one with it, so that one answer serves both. Nothing happens by itself.")}
		for _, t := range twice {
			b.Links = append(b.Links, ui.Link{Label: d.p.T("%s: %s, received on %s", t.Reference, d.rights(t.Rights()), d.p.ShortDate(t.Received)), Href: "/requests/" + t.ID})
		}
		m.Banners = append(m.Banners, b)
	}
	return nil
}

// foreign is the language of what a person typed, when it is not the page's.
func (d *desk) foreign(tag string) string {
	if tag == d.p.Tag() {
		return ""
	}
	return tag
}

// bareFacts says why the reader sees no content.
func (d *desk) bareFacts(o dossier) pages.Banner {
	if o.erased {
		return pages.Banner{Tone: ui.Info, Title: d.p.T("The content of this request was erased"), Text: d.p.T("The time for which it is kept is over, so its key was destroyed. The bare facts and the sealed history remain.")}
	}
	if d.by.IsStaffOf(o.r.Desk) {
		return pages.Banner{Tone: ui.Info, Title: d.p.T("You see where this request stands, not what is in it"), Text: d.p.T("The people who answer requests see the content. As an administrator you can give the request to one of them.")}
	}
	return pages.Banner{Tone: ui.Info, Title: d.p.T("You see where this request stands, not what is in it"), Text: d.p.T("%s decides on it now, and only that organisation sees what was asked.", d.org(o.r.Desk))}
}

// factsOf are the facts at the top: who asks, through which channel, who decides.
func (d *desk) factsOf(o dossier) ([]ui.Fact, error) {
	r := o.r
	var facts []ui.Fact
	add := func(name, value, note string) {
		if value != "" {
			facts = append(facts, ui.Fact{Name: name, Value: value, Note: note})
		}
	}
	if o.sight == requests.Content {
		p := o.story.Person
		add(d.p.T("Person"), p.Name, p.Email)
		add(d.p.T("Telephone"), p.Phone, "")
		add(d.p.T("Known by"), p.Identifiers, "")
		if rep := p.Representative; rep != nil {
			add(d.p.T("Represented by"), rep.Name, rep.Capacity)
		}
		add(d.p.T("The organisation in their words"), o.story.About, "")
	}
	add(d.p.T("Came in"), d.p.DateTime(r.CameIn()), d.channel(r.Channel))
	if r.Channel != requests.Portal {
		add(d.p.T("Entered"), d.p.DateTime(r.Entered), o.story.LateReason)
	}
	add(d.p.T("Processor"), d.org(r.Processor), "")
	decides := ui.Fact{Name: d.p.T("Who decides"), Value: d.p.T("Not known yet"), TestID: "decides"}
	if r.Decides != "" {
		decides.Value, decides.Chip = d.org(r.Desk), d.routeRule(r)
	}
	facts = append(facts, decides)
	if o.sight == requests.Content || d.by.IsStaffOf(r.Desk) {
		names, err := d.Identity.Names(d.ctx, d.by, []string{r.Assignee})
		if err != nil {
			return nil, err
		}
		who := d.p.T("Nobody yet")
		if r.Assignee != "" {
			who = orElse(names[r.Assignee], d.p.T("A former colleague"))
		}
		facts = append(facts, ui.Fact{Name: d.p.T("Taken by"), Value: who, TestID: "assignee"})
	}
	add(d.p.T("Language of the person"), d.languageName(r.Language), "")
	return facts, nil
}

func (d *desk) languageName(tag string) string {
	if tag == "en" {
		return d.p.T("English")
	}
	return d.p.T("Dutch")
}

// routeRule is the rule by which the request went where it is.
func (d *desk) routeRule(r requests.Request) *ui.Clause {
	a, ok := d.terms(r.Agreement, r.AgreementVersion)
	if !ok || len(r.Items) == 0 {
		return d.law("4(7) GDPR")
	}
	route := agreements.Route(a.Terms, r.ArrivedAt, r.Items[0].Right)
	return d.chip(agreements.ExplainRoute(a.Terms, route), a.ID)
}

// basis lists the rules behind the dates.
func (d *desk) basis(o dossier) []pages.Basis {
	lines := d.joinedRule(o)
	for _, rule := range o.clock.Basis {
		lines = append(lines, pages.Basis{Text: d.p.T(rule.Rule), Source: d.cited(rule.Source), Chips: d.provisions(rule.Source)})
	}
	return lines
}

// rightCards are the rights, each with what was asked and what was decided.
func (d *desk) rightCards(o dossier) []pages.Right {
	can := d.can(o)
	lang := d.foreign(o.r.Language)
	var cards []pages.Right
	for _, i := range o.r.Items {
		a := o.story.Asked[i.Right]
		card := pages.Right{ID: string(i.Right), Name: d.right(i.Right), Chip: d.law(requests.Article(i.Right)), State: d.outcome("")}
		card.Asked = d.askedFacts(i.Right, a, lang)
		d.askedBeside(o, i, &card)
		if i.Decision != nil {
			card.State = d.outcome(i.Decision.Outcome)
			d.decisionOf(o, i, &card)
		} else if slices.Contains(can, requests.Decide) {
			card.Decide = ui.Link{Label: d.p.T("Decide on %s", strings.ToLower(d.right(i.Right))), Href: o.path("/decide/" + string(i.Right))}
		}
		cards = append(cards, card)
	}
	return cards
}

// asksFor heads what was asked, by right.
func (d *desk) asksFor(r requests.Right) string {
	switch r {
	case requests.Rectification:
		return d.p.T("What is wrong or missing")
	case requests.Erasure:
		return d.p.T("What to erase")
	case requests.Restriction:
		return d.p.T("What not to use, and why")
	case requests.Objection:
		return d.p.T("Which use they object to")
	}
	return d.p.T("Which data")
}

// decisionOf shows a decision on its right's card.
func (d *desk) decisionOf(o dossier, i requests.Item, card *pages.Right) {
	text := o.story.Decisions[i.Right]
	lang := d.foreign(o.r.Language)
	card.Decided = append(card.Decided, ui.Fact{Name: d.p.T("Decided on"), Value: d.p.DateTime(i.Decision.At)})
	if g, ok := d.Requests.Catalogue.Ground(string(i.Right), i.Decision.Ground); ok {
		card.Decided = append(card.Decided, ui.Fact{Name: d.p.T("Ground"), Value: g.Text.In(d.p.Tag()), Note: g.Article})
	}
	if text.Reasons != "" {
		card.Decided = append(card.Decided, ui.Fact{Name: d.p.T("Reasons"), Value: text.Reasons, Lang: lang})
	}
	for _, info := range d.Requests.Catalogue.Information {
		if v := text.Information[info.ID]; v != "" {
			card.Informed = append(card.Informed, ui.Fact{Name: info.Label.In(d.p.Tag()), Value: v, Lang: lang, Note: info.Article})
		}
	}
	mayTell := requests.May(d.by, o.r, requests.TellRecipient) == nil
	for n, rc := range i.Decision.Recipients {
		name := ""
		if n < len(text.Recipients) {
			name = text.Recipients[n]
		}
		row := pages.Recipient{Name: name, Right: string(i.Right), Number: ui.Count(n), Ask: mayTell && rc.Told == nil, State: ui.State{Tone: ui.Warn, Word: d.p.T("Still to be told")}}
		if rc.Told != nil {
			row.State = ui.State{Tone: ui.Good, Word: d.p.T("Told on %s", d.p.ShortDate(*rc.Told))}
			if rc.Spared {
				row.State = ui.State{Tone: ui.Neutral, Word: d.p.T("Could not be told, or only with too much effort")}
			}
		}
		card.Recipients = append(card.Recipients, row)
	}
	if len(card.Recipients) > 0 {
		card.RecipientsChip, card.ToldAction = d.law("19 GDPR"), o.path("/told")
	}
}

func (d *desk) question(q requests.Question, lang string) pages.Question {
	m := pages.Question{Title: d.p.T("Asked on %s", d.p.DateTime(q.Asked.Asked)), Facts: []ui.Fact{
		{Name: d.p.T("Why there is doubt"), Value: q.Reason, Lang: lang}, {Name: d.p.T("What was asked"), Value: q.Least, Lang: lang}}}
	if q.Asked.Replied != nil {
		m.Facts = append(m.Facts, ui.Fact{Name: d.p.T("Answer"), Value: orElse(q.Reply, d.p.T("Files only; they stand among the files.")), Note: d.p.DateTime(*q.Asked.Replied), Lang: lang})
	}
	switch {
	case q.Asked.Settled != nil && q.Asked.Enough:
		m.State = ui.State{Tone: ui.Good, Word: d.p.T("Settled")}
	case q.Asked.Settled != nil:
		m.State = ui.State{Tone: ui.Warn, Word: d.p.T("Not enough")}
	case q.Asked.Replied != nil:
		m.State = ui.State{Tone: ui.Warn, Word: d.p.T("Answered, to be judged")}
	default:
		m.State = ui.State{Tone: ui.Waiting, Word: d.p.T("No answer yet")}
	}
	return m
}

// helpRows lists what was asked of processors.
func (d *desk) helpRows(helps []requests.Assist) []pages.Help {
	var rows []pages.Help
	for _, a := range helps {
		h := pages.Help{Processor: d.org(a.Processor), Href: "/assists/" + a.ID, State: d.helpOutcome(a), Chip: d.helpRule(a)}
		h.About = d.p.T("%s, by %s", d.right(a.Right), d.endingOf(a.Due, a.Ends))
		if n := len(a.Files); n > 0 && !a.Open {
			h.Files = d.p.T("%d files", n)
		}
		rows = append(rows, h)
	}
	return rows
}

// helpRule is the rule that set the date of a question for help.
func (d *desk) helpRule(a requests.Assist) *ui.Clause {
	if applied, ok := d.terms(a.Agreement, a.Version); ok {
		if e := agreements.Explain(applied.Terms, agreements.TermAssistance, a.DueClause); !e.Silent {
			return d.chip(e, a.Agreement)
		}
	}
	return d.law(a.DueClause)
}

// filesOf lists the files of the person and those of the answer.
func (d *desk) filesOf(o dossier, m *pages.Request) {
	for _, f := range o.story.Attachments {
		row := d.fileRow(o.path("/files/"+f.ID), f)
		if f.Joined != "" {
			row.Note = d.p.T("from the joined request")
		}
		m.Attachments = append(m.Attachments, row)
	}
	removable := requests.May(d.by, o.r, requests.RemoveFile) == nil
	for _, f := range o.story.Files {
		row := pages.AnswerFile{File: d.fileRow(o.path("/files/"+f.ID), f)}
		if f.For != "" {
			row.File.Note = d.p.T("for %s", strings.ToLower(d.right(f.For)))
		}
		if f.Assist != "" {
			row.File.Note = d.p.T("from a processor, for %s", strings.ToLower(d.right(f.For)))
		}
		if removable {
			row.Remove = o.path("/do/remove-file?file=" + f.ID)
		}
		m.AnswerFiles = append(m.AnswerFiles, row)
	}
	if requests.May(d.by, o.r, requests.AddFile) == nil {
		m.Upload = d.uploadForm(o)
	}
}

func (d *desk) fileRow(href string, f requests.NamedFile) ui.File {
	return ui.File{Name: f.Name, Kind: d.fileKind(f.Type), Size: d.p.Bytes(f.Size), Href: href}
}

func (d *desk) uploadForm(o dossier) *pages.Upload {
	u := &pages.Upload{Action: o.path("/files")}
	if len(o.r.Items) > 1 {
		u.For = &ui.Field{Name: "for", Label: d.p.T("For which right"), Optional: true}
		for _, i := range o.r.Items {
			u.For.Options = append(u.For.Options, ui.Option{Value: string(i.Right), Label: d.right(i.Right)})
		}
	}
	u.File = ui.Field{Name: "file", Label: d.p.T("Files for the answer"), Multiple: true,
		Hint: d.p.T("At most %s each. They are encrypted as they arrive, and the person gets them only after a second factor.", d.p.Bytes(d.Requests.Limits.FileBytes))}
	return u
}

// notices are those that were sent, each in full.
func (d *desk) notices(o dossier) ([]pages.Notice, error) {
	if d.Notify == nil {
		return nil, nil
	}
	all, err := d.Notify.NoticesOf(d.ctx, d.by, o.r)
	if err != nil && fault.KindOf(err) != fault.Gone {
		return nil, err
	}
	var list []pages.Notice
	for _, n := range slices.Backward(all) {
		list = append(list, pages.Notice{Title: n.Writing.Title, Lang: n.Language, When: d.p.DateTime(n.At), How: d.became(n.Became), Href: o.path("/notices/" + n.ID), Text: letter(n.Writing, n.Language)})
	}
	return list, nil
}

// letter is a notice for its page.
func letter(w notify.Writing, lang string) pages.Letter {
	n := pages.Letter{Lang: lang, Title: w.Title, From: w.From, To: w.To, Date: w.Date, Reference: w.Reference, Greeting: w.Greeting}
	for _, b := range w.Blocks {
		block := pages.Block{Kind: b.Kind, Text: b.Text, Law: b.Law}
		for _, i := range b.Items {
			block.Items = append(block.Items, ui.Fact{Name: i.Label, Value: i.Text})
		}
		n.Blocks = append(n.Blocks, block)
	}
	return n
}

// notice shows one notice for print.
func (d *desk) notice() error {
	o, err := d.open()
	if err != nil {
		return err
	}
	if o.sight != requests.Content || d.Notify == nil {
		return requests.ErrNotFound
	}
	all, err := d.Notify.NoticesOf(d.ctx, d.by, o.r)
	if err != nil {
		return err
	}
	for _, n := range all {
		if n.ID != d.c.Params("notice") {
			continue
		}
		page := d.frame("")
		page.Title, page.Sensitive = n.Writing.Title, true
		text := letter(n.Writing, n.Language)
		back := ui.Link{Label: d.p.T("Back to request %s", o.r.Reference), Href: o.path("")}
		facts := []ui.Fact{{Name: d.p.T("Date"), Value: n.Writing.Date, Lang: n.Language}, {Name: d.p.T("Reference"), Value: n.Writing.Reference}, {Name: d.p.T("Sent"), Value: d.p.DateTime(n.At)}}
		return d.show(fiber.StatusOK, pages.LetterPage(page, text, back, facts))
	}
	return requests.ErrNotFound
}

// notes are the internal remarks of the desk, the newest first.
func (d *desk) notes(o dossier) ([]ui.Entry, error) {
	var accounts []string
	for _, n := range o.story.Notes {
		accounts = append(accounts, n.By)
	}
	names, err := d.Identity.Names(d.ctx, d.by, accounts)
	if err != nil {
		return nil, err
	}
	var list []ui.Entry
	for _, n := range slices.Backward(o.story.Notes) {
		list = append(list, ui.Entry{What: orElse(names[n.By], d.p.T("A former colleague")), When: d.p.DateTime(n.At), Note: n.Text, TestID: "note"})
	}
	return list, nil
}
