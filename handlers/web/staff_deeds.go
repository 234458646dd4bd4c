package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/services/fault"
	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// deed is something that staff do with a request: a page that says what will
// happen, and the doing.
type deed struct {
	action requests.Action
	// strong marks what needs the second factor just now.
	strong bool
	// loose marks what does no harm when the request has changed since.
	loose bool
	// away marks what takes the request out of the reader's sight.
	away bool
	ask  func(*desk, dossier) (pages.Sheet, error)
	// do returns the key of the message for the next page.
	do func(*desk, *requests.Service, string) (string, error)
}

// deeds are all of them by their name in the address.
func deeds() map[string]deed {
	return map[string]deed{
		"triage":          {action: requests.Triage, ask: (*desk).askTriage, do: (*desk).doTriage},
		"take-up":         {action: requests.Acknowledge, ask: (*desk).askTakeUp, do: (*desk).doTakeUp},
		"assign":          {action: requests.Assign, loose: true, ask: (*desk).askAssign, do: (*desk).doAssign},
		"note":            {action: requests.AddNote, loose: true, ask: (*desk).askNote, do: (*desk).doNote},
		"ask-identity":    {action: requests.AskIdentity, ask: (*desk).askIdentity, do: (*desk).doIdentity},
		"settle-identity": {action: requests.SettleIdentity, ask: (*desk).askSettle, do: (*desk).doSettle},
		"extend":          {action: requests.Extend, ask: (*desk).askExtend, do: (*desk).doExtend},
		"ask-help":        {action: requests.AskAssist, loose: true, ask: (*desk).askHelp, do: (*desk).doHelp},
		"cancel-help":     {action: requests.CancelAssist, loose: true, ask: (*desk).askCancel, do: (*desk).doCancel},
		"remove-file":     {action: requests.RemoveFile, loose: true, ask: (*desk).askRemove, do: (*desk).doRemove},
		"deliver":         {action: requests.Deliver, strong: true, ask: (*desk).askDeliver, do: (*desk).doDeliver},
		"deliver-outside": {action: requests.DeliverOutside, ask: (*desk).askOutside, do: (*desk).doOutside},
		"renew":           {action: requests.Renew, loose: true, ask: (*desk).askRenew, do: (*desk).doRenew},
		"close":           {action: requests.Close, ask: (*desk).askClose, do: (*desk).doClose},
		"address":         {action: requests.ChangeAddress, ask: (*desk).askAddress, do: (*desk).doAddress},
		"new-word":        {action: requests.NewWord, ask: (*desk).askWord, do: (*desk).doWord},
		"withdraw":        {action: requests.Withdraw, ask: (*desk).askWithdraw, do: (*desk).doWithdraw},
		"misdirect":       {action: requests.Misdirect, ask: (*desk).askMisdirect, do: (*desk).doMisdirect},
		"merge":           {action: requests.Merge, ask: (*desk).askMerge, do: (*desk).doMerge},
		"separate":        {action: requests.Separate, ask: (*desk).askSeparate, do: (*desk).doSeparate},
		"hand-back":       {action: requests.HandBack, away: true, ask: (*desk).askHandBack, do: (*desk).doHandBack},
	}
}

// deed shows the page of a deed. It changes nothing.
func (d *desk) deed() error {
	name := d.c.Params("deed")
	what, ok := deeds()[name]
	if !ok {
		return requests.ErrNotFound
	}
	if err := d.Requests.Entitled(d.ctx, d.by, d.c.Params("id"), what.action); err != nil {
		return err
	}
	o, err := d.open()
	if err != nil {
		return err
	}
	if err := requests.May(d.by, o.r, what.action); err != nil {
		return d.moved(o, name, what, err)
	}
	if what.strong && !d.by.Strong(d.Now()) {
		return d.stepUp(o.path("/do/" + name))
	}
	return d.sheetPage(fiber.StatusOK, o, name, what, nil)
}

// done does it. Refused fields come back with what was typed; a request that
// changed meanwhile comes back with what changed.
func (d *desk) done() error {
	name, id := d.c.Params("deed"), d.c.Params("id")
	what, ok := deeds()[name]
	if !ok {
		return requests.ErrNotFound
	}
	if err := d.Requests.Entitled(d.ctx, d.by, id, what.action); err != nil {
		return err
	}
	service := d.Requests
	if !what.loose {
		service = service.At(d.seen())
	}
	flash, err := what.do(d, service, id)
	if err == nil && what.away {
		return d.Site.done(d.c, "/queue", flash)
	}
	if err == nil {
		return d.Site.done(d.c, "/requests/"+id, flash)
	}
	if fault.KindOf(err) == fault.StepUp {
		return d.stepUp("/requests/" + id + "/do/" + name)
	}
	if fault.KindOf(err) == fault.Conflict {
		o, operr := d.open()
		if operr != nil {
			return operr
		}
		return d.moved(o, name, what, err)
	}
	errors, mine := d.wrong(err, "")
	if !mine {
		return err
	}
	o, operr := d.open()
	if operr != nil {
		return operr
	}
	return d.sheetPage(fiber.StatusUnprocessableEntity, o, name, what, errors)
}

// seen is the revision that the form was made from. A form without one is
// refused as an old one.
func (d *desk) seen() int64 {
	n, err := strconv.ParseInt(d.field("rev"), 10, 64)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

// sheetPage shows the form of a deed.
func (d *desk) sheetPage(status int, o dossier, name string, what deed, errors ui.FieldErrors) error {
	m, err := what.ask(d, o)
	if err != nil {
		return err
	}
	d.fill(o, name, &m, errors)
	page := d.frame("")
	page.Title, page.Sensitive, page.Invalid = m.Title, true, len(errors) > 0
	return d.show(status, pages.SheetPage(page, m))
}

// fill adds what every form of a request has.
func (d *desk) fill(o dossier, name string, m *pages.Sheet, errors ui.FieldErrors) {
	m.Back = ui.Link{Label: d.p.T("Back to request %s", o.r.Reference), Href: o.path("")}
	m.Post = ui.Post{Action: o.path("/do/" + name), TestID: "deed"}
	m.Errors = errors
	m.Hidden = append(m.Hidden, ui.Button{Name: "rev", Value: rev(o.r)}, ui.Button{Name: "at", Value: strconv.FormatInt(d.Now().UnixMilli(), 10)})
	for i := range m.Asks {
		m.Asks[i].Error = errors.For(m.Asks[i].Name)
	}
	if m.Confirm.Cancel.Href == "" {
		m.Confirm.Cancel = ui.Link{Label: d.p.T("Do nothing and go back"), Href: o.path("")}
	}
}

// moved tells what changed while the reader was busy. What was typed stays;
// the form stays too, while the deed is still possible.
func (d *desk) moved(o dossier, name string, what deed, err error) error {
	if k := fault.KindOf(err); k != fault.Conflict {
		return err
	}
	changes, lerr := d.changes(o)
	if lerr != nil {
		return lerr
	}
	text := d.sentence(err)
	m := pages.Sheet{Title: d.p.T("Request %s", o.r.Reference)}
	possible := requests.May(d.by, o.r, what.action) == nil
	if possible {
		if m, lerr = what.ask(d, o); lerr != nil {
			return lerr
		}
		if sameText(err, requests.ErrMoved) {
			text = d.p.T("The request has changed since you opened this page, so nothing was done yet. Look at what changed; if you still want this, press the button again.")
		}
	} else {
		for _, f := range typedFields {
			if v := d.field(f); v != "" {
				m.Typed = append(m.Typed, ui.Fact{Name: d.p.T("What you typed"), Value: v})
			}
		}
	}
	m.Moved = &pages.Moved{Text: text, Changes: changes, Over: !possible}
	d.fill(o, name, &m, nil)
	page := d.frame("")
	page.Title, page.Sensitive, page.Invalid = m.Title, true, true
	return d.show(fiber.StatusConflict, pages.SheetPage(page, m))
}

// typedFields are the long texts of the forms, which nobody wants to lose.
var typedFields = []string{"note", "reason", "least", "reasons", "question", "proof", "where"}

// changes are what others did since the form was opened; without a form, the
// latest of all.
func (d *desk) changes(o dossier) ([]ui.Entry, error) {
	since := time.UnixMilli(0)
	if ms, err := strconv.ParseInt(d.field("at"), 10, 64); err == nil {
		since = time.UnixMilli(ms)
	}
	helps, err := d.Requests.AssistsOf(d.ctx, o.r.ID)
	if err != nil {
		return nil, err
	}
	t, err := d.history(o, helps)
	if err != nil {
		return nil, err
	}
	var fresh []ui.Entry
	for _, e := range t.Done {
		at, err := time.Parse(time.RFC3339, e.ISO)
		if err == nil && !at.Before(since.Truncate(time.Second)) && len(fresh) < 5 {
			e.Seal = nil
			fresh = append(fresh, e)
		}
	}
	if len(fresh) == 0 && len(t.Done) > 0 {
		t.Done[0].Seal = nil
		fresh = t.Done[:1]
	}
	return fresh, nil
}

func sameText(err error, as *fault.Error) bool { return refusalText(err) == as.Text }

// todo lists what the reader can do now, and only that.
func (d *desk) todo(o dossier, m *pages.Request) {
	can := d.can(o)
	has := func(a requests.Action) bool { return slices.Contains(can, a) }
	step := func(list *[]pages.Step, a requests.Action, name, label, note string) {
		if has(a) {
			*list = append(*list, pages.Step{Label: label, Href: o.path("/do/" + name), Note: note, TestID: "do-" + name})
		}
	}
	p := d.p
	step(&m.Next, requests.Triage, "triage", p.T("Find the controller and forward"), p.T("The portal proposes which controller this is for, and says why."))
	step(&m.Next, requests.Acknowledge, "take-up", p.T("Take this request up"), p.T("The person hears that you are working on it."))
	if o.r.State == requests.Identifying {
		step(&m.Next, requests.SettleIdentity, "settle-identity", p.T("Settle who the person is"), "")
	}
	if has(requests.Decide) {
		for _, i := range o.r.Items {
			if i.Decision == nil && o.r.State != requests.Identifying {
				m.Next = append(m.Next, pages.Step{Label: p.T("Decide on %s", strings.ToLower(d.right(i.Right))), Href: o.path("/decide/" + string(i.Right)), TestID: "next-" + string(i.Right)})
			}
		}
	}
	step(&m.Next, requests.Deliver, "deliver", p.T("Release the files to the person"), p.T("Needs your second factor."))
	step(&m.Next, requests.DeliverOutside, "deliver-outside", p.T("Record a delivery by post or in person"), "")
	if !o.r.Owing() {
		step(&m.Next, requests.Close, "close", p.T("Close this request"), "")
	}
	step(&m.More, requests.AskAssist, "ask-help", p.T("Ask a processor for help"), "")
	step(&m.More, requests.AskIdentity, "ask-identity", p.T("Ask who the person is"), "")
	d.stepExtend(o, has(requests.Extend), m)
	step(&m.More, requests.Assign, "assign", p.T("Give it to a colleague"), "")
	step(&m.More, requests.AddNote, "note", p.T("Write an internal note"), "")
	step(&m.More, requests.NewWord, "new-word", p.T("Make a letter with a new word"), "")
	step(&m.More, requests.ChangeAddress, "address", p.T("Correct the e-mail address"), "")
	step(&m.More, requests.Renew, "renew", p.T("Open the download again"), "")
	step(&m.More, requests.Merge, "merge", p.T("Join with another request of this person"), "")
	step(&m.More, requests.HandBack, "hand-back", p.T("Hand it back to %s", d.org(o.r.Processor)), p.T("When another organisation decides about these data."))
	step(&m.More, requests.Misdirect, "misdirect", p.T("Tell the person to turn elsewhere"), "")
	step(&m.More, requests.Withdraw, "withdraw", p.T("Withdraw it for the person"), "")
	if requests.MayTakeDossier(d.by, o.r) {
		m.More = append(m.More, pages.Step{Label: p.T("Take the whole file out, for an authority"), Href: o.path("/dossier"), Note: p.T("A ZIP with everything. Needs your second factor."), TestID: "dossier"},
			pages.Step{Label: p.T("The same without the files"), Href: o.path("/dossier?files=list"), Note: p.T("The files are listed with their fingerprints."), TestID: "dossier-list"})
	}
	d.cannot(o, m)
}

// stepExtend offers the extension, or says why there is none any more.
func (d *desk) stepExtend(o dossier, can bool, m *pages.Request) {
	last := o.clock.ExtensionNoticeSafe
	switch {
	case !can && o.r.Extension == nil:
	case o.r.Extension != nil:
		if o.r.Owing() && o.sight == requests.Content {
			m.Off = append(m.Off, pages.Off{Label: d.p.T("Extend again"), Why: d.p.T("The term was already extended. It can be extended once."), Chip: d.law("12(3) GDPR")})
		}
	case o.clock.Today.After(last):
		m.Off = append(m.Off, pages.Off{Label: d.p.T("Extend the term"), Why: d.p.T("The notice had to be sent by %s: within one month of receipt.", d.day(last)), Chip: d.law("12(3) GDPR")})
	default:
		m.More = append(m.More, pages.Step{Label: d.p.T("Extend the term"), Href: o.path("/do/extend"), TestID: "do-extend"})
	}
}

// cannot says why what one would expect is not possible yet.
func (d *desk) cannot(o dossier, m *pages.Request) {
	if o.sight == requests.Content && o.r.State == requests.Decided && o.r.Owing() && len(o.r.Files) == 0 {
		m.Off = append(m.Off, pages.Off{Label: d.p.T("Release the files"), Why: d.p.T("There are no files yet. Add them first, or record a delivery outside the portal."), Chip: d.law("15(3) GDPR")})
	}
	if o.sight == requests.Content && o.r.State == requests.Received && o.r.Decides == "" && len(m.Next) > 0 {
		m.Off = append(m.Off, pages.Off{Label: d.p.T("Answer it here"), Why: d.p.T("The controller decides. First find out which controller this is for."), Chip: d.law("28(3)(e) GDPR")})
	}
}
