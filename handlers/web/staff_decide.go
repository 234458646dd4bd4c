package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/services/fault"
	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// decide shows the form of a decision on one right.
func (d *desk) decide() error {
	o, v, err := d.deciding()
	if err != nil {
		return err
	}
	if err := requests.May(d.by, o.r, requests.Decide); err != nil {
		return d.moved(o, "", deed{}, err)
	}
	return d.decideForm(fiber.StatusOK, o, v, nil)
}

// deciding opens the request and checks that it has the right.
func (d *desk) deciding() (dossier, requests.Verdict, error) {
	v := requests.Verdict{Right: requests.Right(d.c.Params("right"))}
	o, err := d.open()
	if err != nil {
		return o, v, err
	}
	if o.sight != requests.Content || !o.r.Has(v.Right) {
		return o, v, requests.ErrNotFound
	}
	return o, v, nil
}

// verdict reads the form.
func (d *desk) verdict(right requests.Right) requests.Verdict {
	v := requests.Verdict{Right: right, Outcome: requests.Outcome(d.field("outcome")), Ground: d.field("ground"), Reasons: d.field("reasons"),
		ComplaintTold: d.field("complaint_told") != "", CourtTold: d.field("court_told") != "", Information: map[string]string{}}
	if right == requests.Access {
		for _, i := range d.Requests.Catalogue.Information {
			if t := d.field("information_" + i.ID); t != "" {
				v.Information[i.ID] = t
			}
		}
	}
	for line := range strings.SplitSeq(d.field("recipients"), "\n") {
		if line = strings.TrimSpace(line); line != "" && len(v.Recipients) < 100 {
			v.Recipients = append(v.Recipients, line)
		}
	}
	return v
}

// decided reads the form: to look at the preview, to change it again, or to send it.
func (d *desk) decided() error {
	right := requests.Right(d.c.Params("right"))
	v := d.verdict(right)
	if d.field("step") == "send" {
		_, err := d.Requests.At(d.seen()).Decide(d.ctx, d.by, d.c.Params("id"), v)
		if err == nil {
			return d.Site.done(d.c, "/requests/"+d.c.Params("id"), "request-decided")
		}
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
			return err
		}
		return d.notDecided(v, err)
	}
	o, _, err := d.deciding()
	if err != nil {
		return err
	}
	if err := requests.May(d.by, o.r, requests.Decide); err != nil {
		return d.notDecided(v, err)
	}
	if d.field("step") == "change" {
		return d.decideForm(fiber.StatusOK, o, v, nil)
	}
	if err := d.Requests.CheckVerdict(o.r, v); err != nil {
		return d.notDecided(v, err)
	}
	return d.preview(o, v)
}

// notDecided shows the form again, with what was typed and what is in the way.
func (d *desk) notDecided(v requests.Verdict, err error) error {
	o, _, operr := d.deciding()
	if operr != nil {
		return operr
	}
	if errors, mine := d.wrong(err, "outcome"); mine {
		return d.decideForm(fiber.StatusUnprocessableEntity, o, v, errors)
	}
	if fault.KindOf(err) != fault.Conflict || requests.May(d.by, o.r, requests.Decide) != nil || decidedAlready(o.r, v.Right) {
		return d.moved(o, "", deed{}, err)
	}
	changes, cerr := d.changes(o)
	if cerr != nil {
		return cerr
	}
	m := d.decideModel(o, v, nil)
	m.Moved = &pages.Moved{Changes: changes, Text: d.p.T("The request has changed since you opened this page, so nothing was done yet. Look at what changed; if you still want this, press the button again.")}
	return d.decidePage(fiber.StatusConflict, m)
}

func decidedAlready(r requests.Request, right requests.Right) bool {
	for _, i := range r.Items {
		if i.Right == right {
			return i.Decision != nil
		}
	}
	return false
}

func (d *desk) decideForm(status int, o dossier, v requests.Verdict, errors ui.FieldErrors) error {
	if decidedAlready(o.r, v.Right) {
		return d.c.Redirect(o.path(""), fiber.StatusSeeOther)
	}
	return d.decidePage(status, d.decideModel(o, v, errors))
}

func (d *desk) decidePage(status int, m pages.Decide) error {
	page := d.frame("")
	page.Title, page.Sensitive, page.Invalid = m.Title, true, status >= 400
	return d.show(status, pages.DecidePage(page, m))
}

// decideModel is the form with what was typed.
func (d *desk) decideModel(o dossier, v requests.Verdict, errors ui.FieldErrors) pages.Decide {
	m := pages.Decide{Title: d.p.T("Decide on %s", strings.ToLower(d.right(v.Right))), Back: ui.Link{Label: d.p.T("Back to request %s", o.r.Reference), Href: o.path("")},
		Action: o.path("/decide/" + string(v.Right)), Rev: rev(o.r), At: strconv.FormatInt(d.Now().UnixMilli(), 10), Errors: errors,
		Language: d.p.T("The person reads everything you write here in %s.", d.languageName(o.r.Language)), TypedIn: o.r.Language}
	for _, card := range d.rightCards(o) {
		if card.ID == string(v.Right) {
			m.Asked, m.Chip = card.Asked, card.Chip
		}
	}
	lang := o.r.Language
	m.Outcome = ui.Field{Name: "outcome", Label: d.p.T("Your decision"), Value: string(v.Outcome), Error: errors.For("outcome"), Options: []ui.Option{
		{Value: string(requests.Granted), Label: d.p.T("Grant it"), Hint: d.p.T("The person gets all of what they asked for.")},
		{Value: string(requests.Partly), Label: d.p.T("Grant it in part"), Hint: d.p.T("Part of it, with the ground and the reasons for what you refuse.")},
		{Value: string(requests.Denied), Label: d.p.T("Refuse it"), Hint: d.p.T("Only on a ground of the law, and within the first month: by %s.", d.day(o.clock.RefusalNoticeSafe)), Chip: d.law("12(4) GDPR")},
	}}
	m.Ground = ui.Field{Name: "ground", Label: d.p.T("Ground"), Value: v.Ground, Error: errors.For("ground")}
	for _, g := range d.Requests.Catalogue.For(string(v.Right)) {
		m.Ground.Options = append(m.Ground.Options, ui.Option{Value: g.ID, Label: g.Text.In(d.p.Tag()), Hint: d.p.T("%s. Art. %s.", strings.TrimSuffix(g.Asks.In(d.p.Tag()), "."), g.Article)})
	}
	m.Reasons = ui.Field{Name: "reasons", Label: d.p.T("Explanation in words"), Value: v.Reasons, Error: errors.For("reasons"), Lang: lang, Rows: 7,
		Hint: d.p.T("Needed for what you refuse; welcome for what you grant. Write to the person, in plain words.")}
	m.Complaint = d.checkbox("complaint_told", v.ComplaintTold, d.p.T("The answer tells that the person can complain to the authority"), errors)
	m.Court = d.checkbox("court_told", v.CourtTold, d.p.T("The answer tells that the person can go to court"), errors)
	if a, err := d.Requests.Recourse(d.ctx, o.r); err == nil {
		m.Complaint.Hint, m.Court.Hint = d.p.T("%s; the portal puts its address in the answer.", a.Name), a.Court.In(d.p.Tag())
	}
	if v.Right == requests.Access {
		for _, i := range d.Requests.Catalogue.Information {
			name := "information_" + i.ID
			m.Information = append(m.Information, ui.Field{Name: name, Label: i.Label.In(d.p.Tag()), Hint: i.Hint.In(d.p.Tag()), Value: v.Information[i.ID], Rows: 2, Lang: lang, Error: errors.For(name)})
		}
		m.InformationChip = d.law("15(1) GDPR")
	}
	if v.Right == requests.Rectification || v.Right == requests.Erasure || v.Right == requests.Restriction {
		m.Recipients = &ui.Field{Name: "recipients", Label: d.p.T("Who received these data and has to be told"), Optional: true, Rows: 4, Value: strings.Join(v.Recipients, "\n"), Error: errors.For("recipients"),
			Hint: d.p.T("One recipient on each line. You tick them off on the page of the request.")}
		m.RecipientsChip = d.law("19 GDPR")
	}
	d.filesNeeded(o, v.Right, errors, &m)
	return m
}

func (d *desk) checkbox(name string, on bool, label string, errors ui.FieldErrors) ui.Field {
	f := ui.Field{Name: name, Label: label, Error: errors.For(name)}
	if on {
		f.Value = "on"
	}
	return f
}

// filesNeeded says which files the answer has, or still lacks.
func (d *desk) filesNeeded(o dossier, right requests.Right, errors ui.FieldErrors, m *pages.Decide) {
	if right != requests.Access && right != requests.Portability {
		return
	}
	m.FilesError = errors.For("files")
	m.FilesHref = o.path("#files")
	for _, f := range o.story.Files {
		m.Files = append(m.Files, d.fileRow(o.path("/files/"+f.ID), f))
	}
	m.FilesHint = d.p.T("Access includes a copy of the data. Add it to the files of the answer first.")
	if right == requests.Portability {
		m.FilesHint = d.p.T("The data go along as JSON or CSV, so that another system can read them. Add them to the files of the answer first.")
	}
}

// preview shows the notice exactly as the person will read it, before it is sent.
func (d *desk) preview(o dossier, v requests.Verdict) error {
	w, err := d.Notify.Preview(d.ctx, d.by, o.r, v)
	if err != nil {
		return err
	}
	m := pages.Preview{Title: d.p.T("Look at the answer before it goes out"), Back: ui.Link{Label: d.p.T("Back to request %s", o.r.Reference), Href: o.path("")},
		Post: ui.Post{Action: o.path("/decide/" + string(v.Right)), TestID: "decision"}, Letter: letter(w, o.r.Language), State: d.outcome(v.Outcome),
		Language: d.p.T("This is the notice in %s, word for word as the person will read it.", d.languageName(o.r.Language))}
	hide := func(name, value string) { m.Hidden = append(m.Hidden, ui.Button{Name: name, Value: value}) }
	hide("rev", orElse(d.field("rev"), rev(o.r)))
	hide("at", d.field("at"))
	for _, name := range []string{"outcome", "ground", "reasons", "complaint_told", "court_told", "recipients"} {
		hide(name, d.field(name))
	}
	for _, i := range d.Requests.Catalogue.Information {
		if t := v.Information[i.ID]; t != "" {
			hide("information_"+i.ID, t)
		}
	}
	will := []string{d.p.T("The decision is final: what was sent cannot be changed.")}
	if left := d.undecided(o, v.Right); left != "" {
		will = append(will, d.p.T("You still decide on %s; the answer to that goes out on its own.", left))
	} else if v.Outcome != requests.Denied && (v.Right == requests.Access || v.Right == requests.Portability) {
		will = append(will, d.p.T("After this you release the files to the person."))
	} else {
		will = append(will, d.p.T("Every right is then decided."))
	}
	if len(v.Recipients) > 0 && v.Outcome != requests.Denied {
		will = append(will, d.p.T("You tell %d recipients of the change, and tick them off.", len(v.Recipients)))
	}
	m.Confirm = ui.Confirmation{Title: d.p.T("Send this decision"), Facts: d.goesTo(o, w.Title), Will: will, Grave: true, Chip: d.law("12(1) GDPR"),
		Confirm: ui.Button{Label: d.p.T("Send this decision to the person"), Name: "step", Value: "send", TestID: "send"}}
	page := d.frame("")
	page.Title, page.Sensitive = m.Title, true
	return d.show(fiber.StatusOK, pages.PreviewPage(page, m))
}

// undecided lists the other rights that still wait for a decision.
func (d *desk) undecided(o dossier, but requests.Right) string {
	var rest []requests.Right
	for _, i := range o.r.Items {
		if i.Decision == nil && i.Right != but {
			rest = append(rest, i.Right)
		}
	}
	return strings.ToLower(d.rights(rest))
}
