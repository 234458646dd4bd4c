package web

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/requests"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

// read takes what was typed on one page into the filing. It refuses only what
// is no answer at all; the rest is for the filing's own check.
func (s subject) read(c *fiber.Ctx, v *filing, all func(string) []string) ui.FieldErrors {
	one := func(name string) string {
		if got := all(name); len(got) > 0 {
			return strings.ReplaceAll(got[0], "\r\n", "\n")
		}
		return ""
	}
	p := s.speech(c)
	switch v.step {
	case stepRights:
		return s.readRights(c, v, all("rights"))
	case stepController:
		return s.readController(c, v, one)
	case stepYou:
		if r := v.f.Person.Representative; r != nil {
			r.Name = one("name")
		} else {
			v.f.Person.Name = one("name")
		}
		v.f.Person.Email, v.f.Person.Phone, v.f.Person.Identifiers = strings.TrimSpace(one("email")), one("phone"), one("identifiers")
	case stepBehalf:
		switch one("for") {
		case "self":
			v.self()
		case "other":
			v.other()
		default:
			return ui.FieldErrors{{Name: "for", Text: p.T("Choose for whom you ask this.")}}
		}
	case stepAuthority:
		if r := v.f.Person.Representative; r != nil {
			v.f.Person.Name, r.Capacity = one("subject_name"), one("capacity")
		}
	default:
		right := requests.Right(strings.TrimPrefix(v.step, stepAbout))
		at := func(part string) string { return one(string(right) + "_" + part) }
		if v.f.Asked == nil {
			v.f.Asked = map[requests.Right]requests.Asked{}
		}
		v.f.Asked[right] = requests.Asked{What: at("what"), Into: at("into"), Period: at("period"), To: at("to"), Reason: at("reason")}
	}
	return nil
}

func (s subject) readRights(c *fiber.Ctx, v *filing, chosen []string) ui.FieldErrors {
	v.f.Rights = nil
	for _, r := range chosen {
		right := requests.Right(r)
		if !requests.Known(right) {
			return ui.FieldErrors{{Name: "rights", Text: s.speech(c).T("Choose from the list, each one once.")}}
		}
		if !slices.Contains(v.f.Rights, right) {
			v.f.Rights = append(v.f.Rights, right)
		}
	}
	return nil
}

// notKnown is the choice of somebody who does not know the controller.
const notKnown = "unknown"

func (s subject) readController(c *fiber.Ctx, v *filing, one func(string) string) ui.FieldErrors {
	chosen := one("controller")
	v.f.About = one("about")
	v.f.Unknown, v.f.Controller = false, ""
	switch {
	case chosen == notKnown:
		v.f.Unknown = true
	case chosen == v.org.ID || v.serves(chosen):
		v.f.Controller, v.f.About = chosen, ""
	default:
		return ui.FieldErrors{{Name: "controller", Text: s.speech(c).T("Choose an organisation from the list, or say that you do not know.")}}
	}
	return nil
}

func (v *filing) serves(org string) bool {
	for _, o := range v.served {
		if o.ID == org {
			return true
		}
	}
	return false
}

// self makes the filer the person whom the request is about; other makes them
// the representative. The name that was typed first stays the filer's.
func (v *filing) self() {
	if r := v.f.Person.Representative; r != nil {
		v.f.Person.Name, v.f.Person.Representative = r.Name, nil
	}
}

func (v *filing) other() {
	if v.f.Person.Representative == nil {
		v.f.Person.Representative = &requests.Representative{Name: v.f.Person.Name}
		v.f.Person.Name = ""
	}
}

// question shows a page of the form that asks something.
func (s subject) question(c *fiber.Ctx, v filing, status int) error {
	p := s.speech(c)
	step := s.stepOf(c, &v)
	title := ""
	switch v.step {
	case stepRights:
		title, step.Inputs = s.askRights(c, &v)
	case stepController:
		title, step.Inputs = s.askController(c, &v)
	case stepYou:
		title, step.Inputs = s.askYou(c, &v)
		step.Heading, step.Lead = true, p.T("We ask as little as we can. %s needs it to find your data and to answer you.", v.org.Name)
	case stepBehalf:
		title, step.Inputs = s.askBehalf(c, &v)
	case stepAuthority:
		title, step.Inputs = s.askAuthority(c, &v)
		step.Heading, step.Upload = true, true
	default:
		title, step.Inputs = s.askAbout(c, &v)
		step.Heading = true
		step.Lead, _ = s.says(p, requests.Right(strings.TrimPrefix(v.step, stepAbout)))
	}
	page := s.framed(c, v.org, "")
	page.Title, page.Invalid = title, len(v.errs) > 0
	return respond.Page(c, status, pages.QuestionPage(page, step))
}

// stepOf is what every page of the form has.
func (s subject) stepOf(c *fiber.Ctx, v *filing) pages.Step {
	p, all := s.speech(c), v.steps()
	// Which rights are chosen decides how many steps there are; before that no
	// number is true.
	step := pages.Step{Action: "/file/" + v.step, Then: v.then, Errors: v.errs, Next: p.T("Go on"), Back: v.before() != "" || v.then != ""}
	if len(v.f.Rights) > 0 && v.then == "" {
		step.Progress = p.T("Step %d of %d", slices.Index(all, v.step)+1, len(all))
	}
	if v.then != "" {
		step.Next = p.T("Save and go back to your answers")
	}
	if mail := strings.TrimSpace(v.f.Person.Email); requests.ValidEmail(mail) {
		step.Later = &pages.Later{Action: "/file/later", Words: p.T("We send a link to %s. What you filled in so far is kept for seven days.", mail)}
	}
	return step
}

func (s subject) askRights(c *fiber.Ctx, v *filing) (string, []pages.Input) {
	p := s.speech(c)
	title := p.T("What do you want to ask %s?", v.org.Name)
	f := ui.Field{Name: "rights", Label: title, Heading: true, Hint: p.T("You may choose more than one."), Error: v.errs.For("rights")}
	for _, r := range requests.Rights() {
		says, example := s.says(p, r)
		f.Options = append(f.Options, ui.Option{Value: string(r), Label: s.asks(p, r), Hint: says + " " + example})
		if slices.Contains(v.f.Rights, r) {
			f.Values = append(f.Values, string(r))
		}
	}
	return title, []pages.Input{{Kind: pages.Checks, Field: f}}
}

func (s subject) askController(c *fiber.Ctx, v *filing) (string, []pages.Input) {
	p := s.speech(c)
	title := p.T("Which organisation is it about?")
	f := ui.Field{Name: "controller", Label: title, Heading: true, Error: v.errs.For("controller"), Value: v.f.Controller,
		Hint: p.T("%s keeps data for other organisations. The organisation that you know, for example your employer or a shop, decides about your data.", v.org.Name)}
	if v.f.Unknown {
		f.Value = notKnown
	}
	for _, o := range v.served {
		f.Options = append(f.Options, ui.Option{Value: o.ID, Label: o.Name})
	}
	f.Options = append(f.Options,
		ui.Option{Value: v.org.ID, Label: p.T("%s itself", v.org.Name), Hint: p.T("For example because you are its own customer or work there.")},
		ui.Option{Value: notKnown, Label: p.T("Another organisation, or I do not know"), Hint: p.T("Then %s finds out. Your 30 days run all the same.", v.org.Name)})
	kind := pages.Radios
	if len(f.Options) > 9 {
		kind, f.Heading = pages.Select, true
	}
	about := ui.Field{Name: "about", Label: p.T("If you do not know it: what do you know about the organisation?"), Optional: true, Value: v.f.About, Error: v.errs.For("about"),
		Hint: p.T("For example its name, a website, or what you did with it.")}
	return title, []pages.Input{{Kind: kind, Field: f}, {Kind: pages.Text, Field: about}}
}

func (s subject) askYou(c *fiber.Ctx, v *filing) (string, []pages.Input) {
	p, person := s.speech(c), v.f.Person
	return p.T("Who are you?"), []pages.Input{
		{Kind: pages.Text, Field: ui.Field{Name: "name", Label: p.T("Your name"), Value: v.filer(), Autocomplete: "name", Error: v.errs.For("name"),
			Hint: p.T("As the organisation knows you. It needs a name to find your data.")}},
		{Kind: pages.Email, Field: ui.Field{Name: "email", Label: p.T("Your e-mail address"), Value: person.Email, Error: v.errs.For("email"),
			Hint: p.T("We send a code to it, so that nobody can ask in your name. Later it tells you when there is an answer.")}},
		{Kind: pages.Text, Field: ui.Field{Name: "identifiers", Label: p.T("Customer number, staff number or the like"), Value: person.Identifiers, Optional: true, Error: v.errs.For("identifiers"),
			Hint: p.T("Helps to find the right data. Do not fill in your citizen service number (BSN)."), Size: "medium"}},
		{Kind: pages.Text, Field: ui.Field{Name: "phone", Label: p.T("Telephone number"), Value: person.Phone, Optional: true, Autocomplete: "tel", InputMode: "tel", Error: v.errs.For("phone"),
			Hint: p.T("Only if you want to be called with a question."), Size: "medium"}},
	}
}

func (s subject) askBehalf(c *fiber.Ctx, v *filing) (string, []pages.Input) {
	p := s.speech(c)
	title := p.T("Do you ask this for yourself?")
	f := ui.Field{Name: "for", Label: title, Heading: true, Value: "self", Error: v.errs.For("for"), Options: []ui.Option{
		{Value: "self", Label: p.T("Yes, for myself")},
		{Value: "other", Label: p.T("No, for somebody else"), Hint: p.T("For example for your child, for somebody whose guardian you are, or as a lawyer. We ask for proof that you may.")},
	}}
	if v.f.Person.Representative != nil {
		f.Value = "other"
	}
	return title, []pages.Input{{Kind: pages.Radios, Field: f}}
}

func (s subject) askAuthority(c *fiber.Ctx, v *filing) (string, []pages.Input) {
	p, r := s.speech(c), v.f.Person.Representative
	if r == nil {
		r = &requests.Representative{}
	}
	hint := p.T("A photo or scan: a power of attorney, a decision of the court, an extract of the register. You can also send it later; the answer may then take longer.")
	if r.Proof != "" {
		hint = p.T("You have sent a file already. Choose one here only to send another as well.")
	}
	return p.T("For whom do you ask this?"), []pages.Input{
		{Kind: pages.Text, Field: ui.Field{Name: "subject_name", Label: p.T("Name of the person whose data it is about"), Value: v.f.Person.Name, Error: v.errs.For("subject_name"), Autocomplete: "off"}},
		{Kind: pages.Text, Field: ui.Field{Name: "capacity", Label: p.T("What are you to this person?"), Value: r.Capacity, Error: v.errs.For("capacity"),
			Hint: p.T("For example: parent, guardian, lawyer, authorised by them."), Size: "medium"}},
		{Kind: pages.Upload, Field: ui.Field{Name: "file", Label: p.T("Proof that you may ask for this person"), Optional: true, Error: v.errs.For("file"), Hint: hint}},
	}
}

// askAbout asks what is needed for one right, and no more.
func (s subject) askAbout(c *fiber.Ctx, v *filing) (string, []pages.Input) {
	p := s.speech(c)
	right := requests.Right(strings.TrimPrefix(v.step, stepAbout))
	a := v.f.Asked[right]
	field := func(part, label, hint, value string) ui.Field {
		name := string(right) + "_" + part
		return ui.Field{Name: name, Label: label, Hint: hint, Value: value, Error: v.errs.For(name)}
	}
	optional := func(f ui.Field) ui.Field { f.Optional = true; return f }
	area := func(f ui.Field) pages.Input { return pages.Input{Kind: pages.Area, Field: f} }
	var in []pages.Input
	switch right {
	case requests.Access:
		in = append(in, area(field("what", p.T("Which data do you want to see?"), p.T("You may write: everything. If you name what you look for, it is often found sooner."), a.What)),
			pages.Input{Kind: pages.Text, Field: optional(field("period", p.T("From which period?"), p.T("For example: 2021 until now."), a.Period))})
	case requests.Rectification:
		in = append(in, area(field("what", p.T("Which data are wrong or not complete?"), p.T("For example: my house number is 12 in your letters."), a.What)),
			area(field("into", p.T("What should they become?"), p.T("For example: my house number is 21."), a.Into)))
	case requests.Erasure:
		in = append(in, area(field("what", p.T("Which data should be erased?"), p.T("You may write: everything. Some data must be kept by law; then you hear which and why."), a.What)),
			area(optional(field("reason", p.T("Why should they be erased?"), p.T("For example: I am no longer a customer, or I take my consent back."), a.Reason))))
	case requests.Restriction:
		in = append(in, area(field("what", p.T("Which data should not be used for now, and why?"), p.T("For example: the bill of March, because I have objected to it."), a.What)))
	case requests.Portability:
		in = append(in, area(field("what", p.T("Which data do you want to take with you?"), p.T("Data that you gave yourself, for example your profile, orders or messages."), a.What)),
			pages.Input{Kind: pages.Text, Field: optional(field("to", p.T("Should they go straight to another organisation? Which one?"), p.T("If that is technically possible. Otherwise you get the file yourself."), a.To))})
	case requests.Objection:
		in = append(in, area(field("what", p.T("Which use of your data do you object to?"), p.T("For example: advertising, or a profile of what I buy."), a.What)),
			area(optional(field("reason", p.T("What is special about your situation?"), p.T("Not needed for advertising: that simply stops."), a.Reason))))
	}
	return s.asks(p, right), in
}
