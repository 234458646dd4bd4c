package web

import (
	"context"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/services/agreements"
	"inzage/services/costs"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// taskRows are the tasks on one page, taskWhole those of a list to print or save.
const (
	taskRows  = 25
	taskWhole = 500
)

// assists lists the help that controllers ask of the reader's organisation.
func (d *desk) assists() error {
	open, after, limit := d.c.Query("tab") != "done", d.c.Query("after"), taskRows
	whole := d.c.Query("print") != ""
	if whole {
		after, limit = "", taskWhole
	}
	page, err := d.Requests.OwnAssists(d.ctx, d.by, open, after, limit)
	if err != nil {
		return err
	}
	tab := ""
	if !open {
		tab = "done"
	}
	path := func(base string, more ...string) string {
		return view{tab: requests.AllOpen}.href(base, append([]string{"tab", tab}, more...)...)
	}
	m := pages.Queue{List: d.taskList(page.Rows, open), Print: whole}
	m.List.Print, m.List.CSV, m.List.Keys = path("/assists", "print", "1"), path("/assists.csv"), true
	if whole {
		m.Lead, m.List.Print, m.List.CSV, m.List.Keys = d.p.DateTime(d.Now()), "", "", false
	}
	n, err := d.Requests.CountAssists(d.ctx, d.by)
	if err != nil {
		return err
	}
	todo := ui.Tab{Label: d.p.T("To answer"), Href: "/assists", Current: open, Count: n, Counted: true}
	if n >= requests.CountCap {
		todo.Words = d.p.T("%d+", requests.CountCap)
	}
	m.Tabs = []ui.Tab{todo, {Label: d.p.T("Answered or withdrawn"), Href: "/assists?tab=done", Current: !open}}
	if page.Next != "" {
		m.Paging.Older = path("/assists", "after", page.Next)
	}
	if after != "" {
		m.Paging.Newer = path("/assists")
	}
	return d.show(fiber.StatusOK, pages.AssistsPage(d.frame("Help asked of us"), m))
}

func (d *desk) taskList(rows []requests.Assist, open bool) ui.Listing {
	l := ui.Listing{Caption: d.p.T("Help asked of us"), TestID: "assists", Empty: ui.Empty{Title: d.p.T("No help is asked of you now"),
		Text: d.p.T("When a controller needs something from you to answer a request, the question appears here, with the day by which it is needed.")}}
	if !open {
		l.Empty = ui.Empty{Title: d.p.T("Nothing was answered yet"), Text: d.p.T("Questions appear here after you answered them, or after the controller withdrew them.")}
	}
	for _, label := range []string{d.p.T("Reference"), d.p.T("Asked by"), d.p.T("About"), d.p.T("How it stands"), d.p.T("Answer by")} {
		l.Columns = append(l.Columns, ui.Column{Label: label})
	}
	for _, a := range rows {
		st := d.helpOutcome(a)
		due, tone := ui.Cell{Text: d.shortDay(a.Due)}, ui.Neutral
		if a.Open {
			left := d.left(a.Due, d.zone())
			tone = urgency(left)
			bar := ui.Bar{Words: d.shortDay(a.Due), Note: d.p.Relative(left), Tone: tone}
			if span := a.Ends.Sub(a.AskedAt); span > 0 {
				bar.Spent = int(min(100, max(0, 100*d.Now().Sub(a.AskedAt)/span)))
			}
			due = ui.Cell{Body: ui.ClockBar(bar)}
			if tone == ui.Good {
				tone = ui.Neutral
			}
		}
		l.Rows = append(l.Rows, ui.Row{Href: "/assists/" + a.ID, Tone: tone, TestID: "row", Cells: []ui.Cell{{Text: a.Reference}, {Text: d.org(a.Controller)}, {Text: d.right(a.Right)}, {State: &st}, due}})
	}
	return l
}

// assistsCSV is the list for a spreadsheet.
func (d *desk) assistsCSV() error {
	page, err := d.Requests.OwnAssists(d.ctx, d.by, d.c.Query("tab") != "done", "", taskWhole)
	if err != nil {
		return err
	}
	table := [][]string{{d.p.T("Reference"), d.p.T("Asked by"), d.p.T("About"), d.p.T("How it stands"), d.p.T("Answer by")}}
	for _, a := range page.Rows {
		table = append(table, []string{a.Reference, d.org(a.Controller), d.right(a.Right), d.helpOutcome(a).Word, a.Due})
	}
	return d.sheet("assists.csv", table, "reference", "asked_by", "right", "state", "due")
}

// task shows one question for help: to the processor that answers it, or to
// the controller that asked.
func (d *desk) task() error { return d.taskPage(fiber.StatusOK, nil, nil) }

func (d *desk) taskPage(status int, errors ui.FieldErrors, lines []typedCost) error {
	a, text, err := d.Requests.Task(d.ctx, d.by, d.c.Params("id"))
	if err != nil {
		return err
	}
	m, err := d.taskModel(a, text)
	if err != nil {
		return err
	}
	m.Errors = errors
	if m.Answer != nil {
		d.fillAnswer(a, &m, errors, lines)
	}
	page := d.frame("Help with %s", strings.ToLower(d.right(a.Right)))
	page.Sensitive, page.Invalid = true, status >= 400
	return d.show(status, pages.TaskPage(page, m))
}

// answers tells whether the reader's organisation answers the question.
func (d *desk) answers(a requests.Assist) bool { return d.by.IsStaffOf(a.Processor, identity.Agent) }

func (d *desk) taskModel(a requests.Assist, text requests.AssistText) (pages.Task, error) {
	at := "/assists/" + a.ID
	mine := d.answers(a)
	m := pages.Task{State: d.helpOutcome(a), Back: ui.Link{Label: d.p.T("Help asked of us"), Href: "/assists"}, Clock: d.taskClock(a), Locked: !a.Open && a.Outcome != requests.Cancelled}
	m.Facts = []ui.Fact{{Name: d.p.T("Request"), Value: a.Reference}, {Name: d.p.T("Asked by"), Value: d.org(a.Controller)}, {Name: d.p.T("Right"), Value: d.right(a.Right), Chip: d.law(requests.Article(a.Right))}}
	if !mine {
		m.Back = ui.Link{Label: d.p.T("Back to request %s", a.Reference), Href: "/requests/" + a.Request}
		m.Facts[0].Href = "/requests/" + a.Request
		m.Facts[1] = ui.Fact{Name: d.p.T("Asked of"), Value: d.org(a.Processor)}
	}
	if a.Outcome == requests.Cancelled {
		m.Note = d.p.T("This question was withdrawn. Nobody needs an answer any more.")
	}
	if text.Question != "" {
		m.Facts = append(m.Facts, ui.Fact{Name: d.p.T("The question"), Value: text.Question, TestID: "question"})
	}
	if p := text.Person; p.Name != "" {
		m.Facts = append(m.Facts, ui.Fact{Name: d.p.T("About whom"), Value: p.Name, Note: p.Email, TestID: "person"})
		if p.Identifiers != "" {
			m.Facts = append(m.Facts, ui.Fact{Name: d.p.T("Known by"), Value: p.Identifiers})
		}
	}
	if !a.Open && a.Outcome != requests.Cancelled {
		m.Reply = append(m.Reply, ui.Fact{Name: d.p.T("Answered on"), Value: d.p.DateTime(*a.Answered)})
		if text.Reply != "" {
			m.Reply = append(m.Reply, ui.Fact{Name: d.p.T("In words"), Value: text.Reply})
		}
	}
	if a.Outcome != requests.Cancelled || !mine {
		d.taskFiles(a, text, mine, &m)
	}
	if !mine && a.Open {
		m.Cancel = "/requests/" + a.Request + "/do/cancel-help?assist=" + a.ID
	}
	if mine && a.Open {
		m.Answer = &pages.Answer{Action: at, Upload: at + "/files"}
	}
	return m, d.bill(a, text, &m)
}

// taskFiles lists the files of a help. The one who asked can use them in the
// answer; the one who helps can take them out until it is sent.
func (d *desk) taskFiles(a requests.Assist, text requests.AssistText, mine bool, m *pages.Task) {
	if a.Open && !mine {
		return // not sent yet
	}
	var used []requests.File
	canUse := false
	if !mine {
		if r, err := d.Requests.Requests.Get(d.ctx, a.Request); err == nil {
			used, canUse = r.Files, requests.May(d.by, r, requests.AddFile) == nil
		}
	}
	for _, f := range text.Files {
		row := pages.TaskFile{File: d.fileRow("/assists/"+a.ID+"/files/"+f.ID, f), ID: f.ID}
		row.Remove = mine && a.Open
		row.Use = canUse && a.Outcome != requests.Cancelled
		for _, u := range used {
			if u.ID == f.ID {
				row.Use, row.File.State = false, &ui.State{Tone: ui.Good, Word: d.p.T("Part of the answer")}
			}
		}
		m.Files = append(m.Files, row)
	}
	if canUse {
		m.UseAction, m.AssistID = "/requests/"+a.Request+"/files/use", a.ID
	}
	m.RemoveAction = "/assists/" + a.ID + "/files/remove"
}

func (d *desk) taskClock(a requests.Assist) ui.Clock {
	zone := d.zone()
	left := d.left(a.Due, zone)
	c := ui.Clock{Title: d.p.T("The answer to this question"), Words: d.p.Until(left, d.endingOf(a.Due, a.Ends)), Tone: urgency(left), Chip: d.helpRule(a), TestID: "clock"}
	if a.Answered != nil {
		c.Words, c.Tone = d.answeredWords(*a.Answered, a.Due, zone)
		if a.Outcome == requests.Cancelled {
			c.Words, c.Tone = d.p.T("Withdrawn on %s", d.p.Date(*a.Answered)), ui.Neutral
		}
	}
	due := a.Ends.Add(-12 * 3600e9)
	if a.Ends.Sub(a.AskedAt) < 2*24*3600e9 && d.endingOf(a.Due, a.Ends) != d.dayOf(a.Due) {
		due = a.Ends // hours: the moment itself
	}
	c.Marks = []ui.Mark{
		{At: a.AskedAt, Kind: ui.Event, Label: d.p.T("Asked"), Day: d.p.DayMonth(a.AskedAt), Date: d.p.DateTime(a.AskedAt)},
		{At: due, Kind: ui.Enforced, Label: d.p.T("The answer is due"), Short: d.p.T("Answer due"), Day: d.p.DayMonth(due), Date: d.endingOf(a.Due, a.Ends), Chip: d.helpRule(a),
			Note: d.p.T("The controller answers the person after this, and needs a few days for it.")},
	}
	if a.Open {
		c.Marks = append(c.Marks, ui.Mark{At: d.Now(), Kind: ui.Today, Label: d.p.T("Today"), Day: d.p.DayMonth(d.Now()), Date: d.p.Date(d.Now())})
	} else if a.Answered != nil {
		c.Marks = append(c.Marks, ui.Mark{At: *a.Answered, Kind: ui.Event, Label: d.helpOutcome(a).Word, Day: d.p.DayMonth(*a.Answered), Date: d.p.DateTime(*a.Answered)})
	}
	return c
}

// bill shows what was charged, who bears it, and by which clause.
func (d *desk) bill(a requests.Assist, text requests.AssistText, m *pages.Task) error {
	applied, ok := d.terms(a.Agreement, a.Version)
	if !ok {
		return nil
	}
	route := agreements.Route(applied.Terms, agreements.Controller, a.Right)
	m.Charge = d.charge(route.AssistCosts, d.org(a.Processor))
	m.ChargeChip = d.law("28(3)(e) GDPR")
	if cost, agreed := agreements.AssistanceCharge(applied.Terms, a.Right); agreed {
		m.ChargeChip = d.chip(agreements.ExplainRule(applied.Terms, agreements.TermAssistanceCosts, cost.Term), a.Agreement)
	}
	if d.answers(a) {
		m.Charge = d.chargeOfOurs(route.AssistCosts, d.org(a.Controller))
	}
	m.MayCharge = route.AssistCosts != agreements.NotCharged
	if len(a.Costs) == 0 {
		return nil
	}
	s, err := d.Requests.Bill(d.ctx, a)
	if err != nil {
		return err
	}
	d.billLines(s, a, text, m)
	return nil
}

func (d *desk) chargeOfOurs(costs, controller string) string {
	switch costs {
	case agreements.ChargedToController:
		return d.p.T("%s bears the costs of this help.", controller)
	case agreements.Chargeable:
		return d.p.T("You may charge %s for this help.", controller)
	}
	return d.p.T("Nothing is charged for this help.")
}

func (d *desk) billLines(s costs.Statement, a requests.Assist, text requests.AssistText, m *pages.Task) {
	name := func(p agreements.Party) string {
		if p == agreements.Processor {
			return d.org(a.Processor)
		}
		return d.org(a.Controller)
	}
	var total int64
	for i, l := range s.Lines {
		row := d.billLine(l, s.Currency, a.Agreement, name)
		if i < len(text.CostsFor) {
			row.For = text.CostsFor[i]
		}
		total += l.Cents
		m.Bill = append(m.Bill, row)
	}
	m.Total, m.Net = d.p.Money(total, s.Currency), d.settlement(s, name)
}

// costRows is how many lines of costs the form offers.
const costRows = 4

// typedCost is a line of costs as it was typed.
type typedCost struct{ purpose, amount string }

// fillAnswer makes the form of an answer, with what was typed.
func (d *desk) fillAnswer(a requests.Assist, m *pages.Task, errors ui.FieldErrors, lines []typedCost) {
	f := m.Answer
	f.Outcome = ui.Field{Name: "outcome", Label: d.p.T("What did you find?"), Value: d.field("outcome"), Error: errors.For("outcome"), Options: []ui.Option{
		{Value: requests.Found, Label: d.p.T("Found"), Hint: d.p.T("The data are in the files, or described below.")},
		{Value: requests.NothingFound, Label: d.p.T("Nothing found"), Hint: d.p.T("You looked, and there is nothing about this person.")},
		{Value: requests.Exception, Label: d.p.T("Something is in the way"), Hint: d.p.T("Say below what, and what would be needed.")},
	}}
	f.Reply = ui.Field{Name: "reply", Label: d.p.T("In words"), Value: d.field("reply"), Error: errors.For("reply"), Optional: true, Hint: d.p.T("The controller reads this; so may the person, one day.")}
	f.File = ui.Field{Name: "file", Label: d.p.T("Files for the controller"), Multiple: true, Error: errors.For("file"),
		Hint: d.p.T("At most %s each. They are encrypted as they arrive. Also recordings and exports.", d.p.Bytes(d.Requests.Limits.FileBytes))}
	f.CostsError = errors.For("costs")
	if !m.MayCharge {
		return
	}
	for i := range costRows {
		n := strconv.Itoa(i + 1)
		row := pages.CostRow{For: ui.Field{Name: "costs_for_" + n, Label: d.p.T("What for (line %d)", i+1), Optional: true, Error: errors.For("costs_for_" + n)},
			Amount: ui.Field{Name: "costs_amount_" + n, Label: d.amountLabel(d.moneyOf(a.ID), i+1), Optional: true, InputMode: "decimal", Size: "short", Error: errors.For("costs_amount_" + n)}}
		if i < len(lines) {
			row.For.Value, row.Amount.Value = lines[i].purpose, lines[i].amount
		}
		f.Costs = append(f.Costs, row)
	}
}

// moneyOf is the currency of the agreement under which help was asked. Whoever
// has no part in the help is refused by what follows.
func (d *desk) moneyOf(assist string) string {
	money, err := d.Requests.Money(d.ctx, d.by, assist)
	if err != nil {
		return ""
	}
	return money
}

func (d *desk) amountLabel(money string, line int) string {
	if money == "EUR" {
		return d.p.T("Amount in euros (line %d)", line)
	}
	return d.p.T("Amount in %s (line %d)", money, line)
}

// answer sends the processor's answer and locks it.
func (d *desk) answer() error {
	money := d.moneyOf(d.c.Params("id"))
	reply := requests.Reply{Outcome: d.field("outcome"), Text: d.field("reply")}
	var form fault.Form
	lines := make([]typedCost, costRows)
	at := map[string]string{} // the service counts the lines that were filled in, the form all
	for i := range lines {
		n := strconv.Itoa(i + 1)
		lines[i] = typedCost{d.field("costs_for_" + n), d.field("costs_amount_" + n)}
		if lines[i] == (typedCost{}) {
			continue
		}
		cents, currency, ok := parseAmount(lines[i].amount, money)
		switch {
		case currency != "" && currency != money:
			form.Refuse("costs_amount_"+n, "This agreement counts in %s, and one statement has one currency. Convert the amount first.", money)
		case (!ok || cents < 0) && costs.Digits(money) == 2:
			form.Refuse("costs_amount_"+n, "Fill in an amount like 120.50 or 120,50.")
		case !ok || cents < 0:
			form.Refuse("costs_amount_"+n, "Fill in an amount like %s.", sampleAmount(money))
		}
		reply.Costs = append(reply.Costs, requests.CostLine{For: lines[i].purpose, Cents: cents})
		at["costs_for_"+strconv.Itoa(len(reply.Costs))] = "costs_for_" + n
	}
	err := form.Err()
	if err == nil {
		_, err = d.Requests.Answer(d.ctx, d.by, d.c.Params("id"), reply)
	}
	if err == nil {
		return d.Site.done(d.c, "/assists/"+d.c.Params("id"), "help-answered")
	}
	errors, mine := d.wrong(err, "outcome")
	if !mine {
		return err
	}
	for i := range errors {
		errors[i].Name = orElse(at[errors[i].Name], errors[i].Name)
	}
	return d.taskPage(fiber.StatusUnprocessableEntity, errors, lines)
}

// addTaskFile takes files for the processor's answer, as streams.
func (d *desk) addTaskFile() error {
	id := d.c.Params("id")
	errs, err := d.receive("file", func(_ map[string][]string, u requests.Upload) error {
		_, err := d.Requests.AddAssistFile(d.ctx, d.by, id, u)
		return err
	})
	if err != nil {
		return err
	}
	if errs == nil {
		return d.Site.done(d.c, "/assists/"+id, "files-added")
	}
	return d.taskPage(fiber.StatusUnprocessableEntity, errs, nil)
}

func (d *desk) removeTaskFile() error {
	id := d.c.Params("id")
	if err := d.Requests.RemoveAssistFile(d.ctx, d.by, id, d.field("file")); err != nil {
		return err
	}
	return d.Site.done(d.c, "/assists/"+id, "file-removed")
}

// downloadTask streams a file of a help to one of its two parties.
func (d *desk) downloadTask() error {
	f, body, err := d.Requests.ViewAssist(context.WithoutCancel(d.ctx), d.by, d.c.Params("id"), d.c.Params("file"))
	if err != nil {
		return err
	}
	return storedOf(f).Send(d.c, body)
}

// useFile makes a file of a help part of the answer.
func (d *desk) useFile() error {
	id := d.c.Params("id")
	a, err := d.helpNamed(id)
	if err != nil {
		return err
	}
	if _, err := d.Requests.UseAssistFile(d.ctx, d.by, a.ID, d.field("file")); err != nil {
		return err
	}
	return d.Site.done(d.c, "/assists/"+a.ID, "file-used")
}
