package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
	"inzage/views/language"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

// review shows every answer with the way to change it, and says what sending does.
func (s subject) review(c *fiber.Ctx, v filing, status int) error {
	p := s.speech(c)
	named, err := s.Requests.DraftFiles(c.UserContext(), v.draft)
	if err != nil {
		return err
	}
	step := s.stepOf(c, &v)
	step.Heading, step.Lead = true, p.T("Nothing has been sent yet. Is everything right?")
	view := pages.Check{Step: step, Parts: s.parts(p, &v, s.files(p, named))}
	mail := strings.TrimSpace(v.f.Person.Email)
	view.Confirm = ui.Confirmation{
		Title: p.T("Send your request to %s", v.org.Name),
		Facts: []ui.Fact{{Name: p.T("To"), Value: v.org.Name}, {Name: p.T("The code goes to"), Value: mail}},
		Will:  s.willHappen(p, &v), Chip: s.law(p, "12(3) GDPR"),
		Confirm: ui.Button{Label: p.T("Send my request"), TestID: "send"},
		Cancel:  ui.Link{Label: p.T("One step back"), Href: "/file/" + v.before()},
	}
	return respond.Page(c, status, pages.CheckPage(s.framed(c, v.org, "Check your answers"), view))
}

func (s subject) willHappen(p *language.Printer, v *filing) []string {
	will := []string{p.T("We send you a code of six digits. Once you fill it in, your request is on its way.")}
	switch {
	case len(v.served) == 0 || v.f.Controller == v.org.ID:
		will = append(will, p.T("%s reads your request and decides about it.", v.org.Name))
	case v.f.Unknown:
		will = append(will, p.T("%s finds out which organisation decides, and tells you.", v.org.Name))
	default:
		will = append(will, p.T("%s sends your request on at once to whoever decides about it, and tells you so.", v.org.Name))
	}
	return append(will, p.T("You get an answer within 30 days. The days count from the moment at which you send it."))
}

func (s subject) parts(p *language.Printer, v *filing, files []ui.File) []pages.Part {
	change := func(step string) *ui.Link {
		return &ui.Link{Label: p.T("Change"), Href: "/file/" + step + "?then=" + stepCheck}
	}
	part := func(step, title string, facts ...ui.Fact) pages.Part {
		return pages.Part{Title: title, About: title, Facts: facts, Change: change(step)}
	}
	var rights []string
	for _, r := range v.chosen() {
		rights = append(rights, s.asks(p, r))
	}
	all := []pages.Part{part(stepRights, p.T("What you ask"), ui.Fact{Name: p.T("You ask"), Value: strings.Join(rights, "\n"), TestID: "rights"})}
	if len(v.served) > 0 {
		all = append(all, part(stepController, p.T("About which organisation"), s.aboutWhom(p, v)...))
	}
	for _, r := range v.chosen() {
		all = append(all, part(stepAbout+string(r), s.asks(p, r), s.asked(p, r, v.f.Asked[r])...))
	}
	you := []ui.Fact{{Name: p.T("Your name"), Value: v.filer()}, {Name: p.T("Your e-mail address"), Value: v.f.Person.Email}}
	you = withFact(you, p.T("Customer number, staff number or the like"), v.f.Person.Identifiers)
	all = append(all, part(stepYou, p.T("Who you are"), withFact(you, p.T("Telephone number"), v.f.Person.Phone)...))
	if r := v.f.Person.Representative; r != nil {
		proof := p.T("Not sent yet")
		if r.Proof != "" {
			proof = p.T("Among the files below")
		}
		all = append(all, part(stepAuthority, p.T("For whom you ask"), ui.Fact{Name: p.T("Name of the person whose data it is about"), Value: v.f.Person.Name},
			ui.Fact{Name: p.T("What are you to this person?"), Value: r.Capacity}, ui.Fact{Name: p.T("Proof"), Value: proof}))
	} else {
		all = append(all, part(stepBehalf, p.T("For whom you ask"), ui.Fact{Name: p.T("For"), Value: p.T("Yourself")}))
	}
	attached := part(stepAttachments, p.T("Files"))
	if attached.Files = files; len(files) == 0 {
		attached.Facts = []ui.Fact{{Name: p.T("Files"), Value: p.T("None")}}
	}
	return append(all, attached)
}

// chosen are the rights in the order of their articles.
func (v *filing) chosen() []requests.Right {
	var all []requests.Right
	for _, step := range v.steps() {
		if right, ok := strings.CutPrefix(step, stepAbout); ok {
			all = append(all, requests.Right(right))
		}
	}
	return all
}

func (s subject) aboutWhom(p *language.Printer, v *filing) []ui.Fact {
	name := p.T("You do not know")
	if v.f.Controller == v.org.ID {
		name = v.org.Name
	}
	for _, o := range v.served {
		if o.ID == v.f.Controller {
			name = o.Name
		}
	}
	return withFact([]ui.Fact{{Name: p.T("Organisation"), Value: name}}, p.T("What you know about it"), v.f.About)
}

// asked are the answers about one right; what was left open is left out.
func (s subject) asked(p *language.Printer, r requests.Right, a requests.Asked) []ui.Fact {
	facts := withFact(nil, p.T("About what"), a.What)
	facts = withFact(facts, p.T("What it should become"), a.Into)
	facts = withFact(facts, p.T("Period"), a.Period)
	facts = withFact(facts, p.T("To which organisation"), a.To)
	return withFact(facts, p.T("Reason"), a.Reason)
}

func withFact(facts []ui.Fact, name, value string) []ui.Fact {
	if strings.TrimSpace(value) == "" {
		return facts
	}
	return append(facts, ui.Fact{Name: name, Value: value})
}

// send makes the request of the form and sends the code that proves the
// address. Sending twice is the same request, and one code.
func (s subject) send(c *fiber.Ctx) error {
	v, err := s.open(c, stepCheck)
	if err != nil || v.id == "" {
		return err
	}
	if missing := v.missing(); missing != "" {
		return s.done(c, "/file/"+missing+"?then="+stepCheck, "")
	}
	var place identity.Admitted
	r, err := s.Requests.SubmitAdmitted(c.UserContext(), v.id, s.counted(c, v.id, &place))
	if fault.KindOf(err) == fault.Invalid {
		f := refusalOf(err)
		if len(f.Fields) > 0 {
			step, _ := v.owner(f.Fields[0].Name)
			return s.done(c, "/file/"+step+"?then="+stepCheck, "")
		}
	}
	if err != nil {
		return err
	}
	if r.State == requests.Unconfirmed {
		if err := s.sendCode(c, v.id, place); err != nil {
			return err
		}
	}
	return s.done(c, "/file/prove", "")
}
