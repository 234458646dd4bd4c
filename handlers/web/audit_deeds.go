package web

import (
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"inzage/services/audits"
	"inzage/services/fault"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// move is something that can be done to an audit: a page that says what will
// happen, and the doing.
type move struct {
	action audits.Action
	label  string // the English sentence on the link to it
	// next marks what brings the audit on: it stands first, as a button.
	next bool
	// ready, when set, tells whether a next move can be done as things stand;
	// while it cannot, it is no button: its page says what is in the way.
	ready func(*bench, papers) bool
	// item marks what is done to one thing in the audit, named by ?item=: the
	// link stands at that thing, not among what can be done to the audit.
	item bool
	// loose marks what does no harm when the audit has changed since.
	loose bool
	// fits, when set, keeps the link away from an audit to which this name of
	// the action does not apply.
	fits func(papers) bool
	ask  func(*bench, papers) (sheets.Sheet, error)
	// do returns the key of the message for the next page.
	do func(*bench, *audits.Service, string) (string, error)
}

// moves are all of them by their name in the address.
func moves() map[string]move {
	all := map[string]move{}
	for _, some := range []map[string]move{bookingMoves(), dateMoves(), auditorMoves(), conductMoves(), findingMoves(), costMoves()} {
		maps.Copy(all, some)
	}
	return all
}

// deed shows the page of a move. It changes nothing.
func (b *bench) deed() error {
	name := b.c.Params("deed")
	what, ok := moves()[name]
	if !ok {
		return audits.ErrNotFound
	}
	if err := b.Audits.Entitled(b.ctx, b.by, b.c.Params("id"), what.action); err != nil {
		return err
	}
	o, err := b.open()
	if err != nil {
		return err
	}
	if err := audits.May(b.by, o.a, what.action); err != nil {
		return b.refused(o, name, what, err)
	}
	return b.sheet(fiber.StatusOK, o, name, what, nil, nil)
}

// done does it. What was typed comes back with a refusal: of a field, by the
// agreement, or because the audit changed meanwhile.
func (b *bench) done() error {
	name, id := b.c.Params("deed"), b.c.Params("id")
	what, ok := moves()[name]
	if !ok {
		return audits.ErrNotFound
	}
	if err := b.Audits.Entitled(b.ctx, b.by, id, what.action); err != nil {
		return err
	}
	service := b.Audits
	if !what.loose {
		service = service.At(b.seen())
	}
	flash, err := what.do(b, service, id)
	if err == nil {
		return b.Site.done(b.c, "/audits/"+id+anchor(b.field("item")), flash)
	}
	var bad ui.FieldErrors
	if fault.KindOf(err) != fault.Conflict {
		mine := false
		if bad, mine = b.wrong(err, ""); !mine {
			return err
		}
	}
	o, operr := b.open()
	if operr != nil {
		return operr
	}
	if bad == nil {
		return b.refused(o, name, what, err)
	}
	return b.sheet(fiber.StatusUnprocessableEntity, o, name, what, bad, nil)
}

// anchor leads to one thing on the audit's page.
func anchor(item string) string {
	if item == "" {
		return ""
	}
	return "#" + item
}

// item is the thing in the audit that a move is about, from the form or the address.
func (b *bench) item() string { return orElse(b.field("item"), b.c.Query("item")) }

// sheet shows the form of a move.
func (b *bench) sheet(status int, o papers, name string, what move, bad ui.FieldErrors, moved *sheets.Moved) error {
	m := sheets.Sheet{Title: b.p.T("Audit %s", o.a.Reference)}
	if moved == nil || !moved.Over {
		var err error
		if m, err = what.ask(b, o); err != nil {
			return err
		}
	}
	if moved != nil {
		m.Moved = moved
	}
	m.Errors = bad
	m.Back = ui.Link{Label: b.p.T("Back to audit %s", o.a.Reference), Href: o.path(anchor(b.item()))}
	m.Post = ui.Post{Action: o.path("/do/" + name), TestID: "deed"}
	m.Hidden = append(m.Hidden, ui.Button{Name: "rev", Value: strconv.FormatInt(o.a.Rev, 10)})
	if item := b.item(); item != "" {
		m.Hidden = append(m.Hidden, ui.Button{Name: "item", Value: item})
	}
	for i := range m.Asks {
		m.Asks[i].Error = bad.For(m.Asks[i].Name)
	}
	if m.Confirm.Cancel.Href == "" {
		m.Confirm.Cancel = ui.Link{Label: b.p.T("Do nothing and go back"), Href: o.path("")}
	}
	page := b.frame("")
	page.Title, page.Sensitive, page.Invalid = m.Title, true, status >= 400
	return b.show(status, sheets.SheetPage(page, m))
}

// refused shows why the agreement or the stage does not allow a move, and the
// form again while it can still be mended. What was typed stays.
func (b *bench) refused(o papers, name string, what move, err error) error {
	if fault.KindOf(err) != fault.Conflict {
		return err
	}
	moved := &sheets.Moved{Title: b.p.T("Nothing was done"), Text: b.sentence(err), Over: audits.May(b.by, o.a, what.action) != nil}
	var ruled *audits.Ruled
	if errors.As(err, &ruled) {
		for _, l := range ruled.Lines {
			moved.Rules = append(moved.Rules, sheets.Rule{Reasons: b.sentences(l.Reasons), Chip: b.chip(l.Chip, o.a.Agreement)})
		}
	} else if !moved.Over {
		moved.Text = b.p.T("The audit has changed since you opened this page, so nothing was done yet. Look at it again; if you still want this, press the button again.")
	}
	return b.sheet(fiber.StatusConflict, o, name, what, nil, moved)
}

// todo lists what the reader can do now: what brings the audit on, and what
// can be done besides.
func (b *bench) todo(o papers) (next, more []sheets.Step) {
	can := audits.Possible(b.by, o.a)
	all := moves()
	for _, row := range audits.Table() {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			m := all[name]
			if m.action != row.Action || m.item || !slices.Contains(can, m.action) || m.fits != nil && !m.fits(o) {
				continue
			}
			step := sheets.Step{Label: b.p.T(m.label), Href: o.path("/do/" + name), TestID: "do-" + name}
			if m.next && (m.ready == nil || m.ready(b, o)) {
				next = append(next, step)
			} else {
				more = append(more, step)
			}
		}
	}
	return next, more
}

// link is a link to a move on one thing in the audit; ok is false when the
// reader cannot do it now.
func (b *bench) link(o papers, name, item string) (ui.Link, bool) {
	m := moves()[name]
	if !slices.Contains(audits.Possible(b.by, o.a), m.action) {
		return ui.Link{}, false
	}
	href := o.path("/do/" + name)
	if item != "" { // else it is the same address as among what can be done to the audit
		href += "?item=" + item
	}
	return ui.Link{Label: b.p.T(m.label), Href: href}, true
}
