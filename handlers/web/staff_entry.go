package web

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// newEntry shows the form for a request that came by e-mail, letter or telephone.
func (d *desk) newEntry() error {
	if !d.enters() {
		return requests.ErrNotFound
	}
	return d.entryForm(fiber.StatusOK, ledger.NewID("req"), nil)
}

// enters tells whether the reader may put requests in.
func (d *desk) enters() bool {
	return d.by.IsStaffOf(d.by.Organisation, identity.Agent, identity.PrivacyOfficer)
}

// requestID is the form of an id that the form carries, so that pressing twice
// makes one request.
var requestID = regexp.MustCompile(`^req_[A-Z2-7]{26}$`)

// enter puts a request in.
func (d *desk) enter() error {
	if !d.enters() {
		return requests.ErrNotFound
	}
	id := d.field("id")
	if !requestID.MatchString(id) {
		return requests.ErrNotFound
	}
	e, err := d.entered()
	if err == nil {
		var r requests.Request
		if r, err = d.Requests.Enter(d.ctx, d.by, id, e); err == nil {
			return d.Site.done(d.c, "/requests/"+r.ID, "request-entered")
		}
	}
	errors, mine := d.wrong(err, "received")
	if !mine {
		return err
	}
	for i := range errors {
		// The sentence of the form that the person fills in speaks to the person.
		if errors[i].Name == "name" && d.field("name") == "" {
			errors[i].Text = d.p.T("Fill in the name of the person who asks.")
		}
		if errors[i].Name == "received" {
			errors[i].Name = "received_day"
		}
		if strings.HasSuffix(errors[i].Name, "_what") && d.field(errors[i].Name) == "" {
			errors[i].Text = d.p.T("Write down what the person asks, in their words. They may ask for everything.")
		}
	}
	slices.SortStableFunc(errors, func(a, b ui.FieldError) int { return cmp.Compare(entryPlace(a.Name), entryPlace(b.Name)) })
	return d.entryForm(fiber.StatusUnprocessableEntity, id, errors)
}

// entryPlace puts the refusals in the order of the form.
func entryPlace(name string) int {
	order := []string{"channel", "received_day", "received_time", "late_reason", "controller", "about", "rights"}
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

// zone is the legal zone of the reader's organisation, in which its days are
// counted and a day and a time of receipt are meant.
func (d *desk) zone() *time.Location { return d.p.Location() }

// entered reads the form.
func (d *desk) entered() (requests.Entry, error) {
	e := requests.Entry{Channel: requests.Channel(d.field("channel")), LateReason: d.field("late_reason"), Filing: requests.Filing{
		Organisation: d.by.Organisation, Asked: map[requests.Right]requests.Asked{}, Language: d.field("language"), About: d.field("about"),
		Person: requests.Person{Name: d.field("name"), Email: d.field("email"), Phone: d.field("phone"), Identifiers: d.field("identifiers")},
	}}
	if c := d.field("controller"); c != "unknown" {
		e.Controller = c
	}
	for _, right := range d.fields("rights") {
		r := requests.Right(right)
		e.Rights = append(e.Rights, r)
		e.Asked[r] = requests.Asked{What: d.field(right + "_what"), Into: d.field(right + "_into"), Period: d.field(right + "_period"), To: d.field(right + "_to"), Reason: d.field(right + "_reason")}
	}
	if name := d.field("representative_name"); name != "" || d.field("representative_capacity") != "" {
		e.Person.Representative = &requests.Representative{Name: name, Capacity: d.field("representative_capacity")}
	}
	day := d.field("received_day")
	if day == "" {
		return e, nil // the service says what is missing, with everything else
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", day+" "+orElse(d.field("received_time"), "00:00"), d.zone())
	if err != nil {
		return e, fault.New(fault.Invalid, "Some answers need another look.").At("received", "Fill in a day as year-month-day and a time as hours:minutes.")
	}
	if d.field("received_time") == "" {
		return e, fault.New(fault.Invalid, "Some answers need another look.").At("received_time", "Fill in the time, too. For a letter: when the post came.")
	}
	e.Received = at
	return e, nil
}

// entryForm shows the form with what was typed.
func (d *desk) entryForm(status int, id string, errors ui.FieldErrors) error {
	f := func(name, label, hint string) ui.Field {
		return ui.Field{Name: name, Label: label, Hint: hint, Value: d.field(name), Error: errors.For(name)}
	}
	optional := func(x ui.Field) ui.Field {
		x.Optional = true
		return x
	}
	zone := d.zone()
	m := pages.Entry{ID: id, Action: "/requests/new", Errors: errors, Back: ui.Link{Label: d.p.T("All requests"), Href: "/queue"}}
	channel := f("channel", d.p.T("How did it come in?"), "")
	for _, c := range []requests.Channel{requests.Email, requests.Letter, requests.Phone} {
		channel.Options = append(channel.Options, ui.Option{Value: string(c), Label: d.channel(c)})
	}
	m.Arrival = []pages.Ask{{Kind: "radio", Field: channel},
		{Kind: "date", Field: f("received_day", d.p.T("On which day did it come in?"), d.p.T("The real day, also when it lay in a wrong mailbox: the clock runs from there."))},
		{Kind: "time", Field: f("received_time", d.p.T("At what time?"), d.p.T("The time in %s.", zoneCity(zone)))},
		{Kind: "area", Field: short(optional(f("late_reason", d.p.T("Why is it entered only now?"), d.p.T("Needed when it came in more than a year ago."))))}}
	m.Arrival[1].Max = d.Now().In(zone).Format(time.DateOnly)
	m.Chip = d.law("12(3) GDPR")
	m.Rights = f("rights", d.p.T("What does the person ask?"), d.p.T("More than one is possible. Nobody needs to name an article: go by what they want."))
	m.Rights.Values = d.fields("rights")
	for _, r := range requests.Rights() {
		m.Rights.Options = append(m.Rights.Options, ui.Option{Value: string(r), Label: d.right(r)})
		m.Details = append(m.Details, d.entryDetail(r, f, optional))
	}
	language := f("language", d.p.T("In which language do you write to the person?"), "")
	language.Value = orElse(language.Value, "nl")
	language.Options = []ui.Option{{Value: "nl", Label: d.p.T("Dutch")}, {Value: "en", Label: d.p.T("English")}}
	email := optional(f("email", d.p.T("E-mail address"), d.p.T("Notices go there. Without one you print and post them.")))
	email.Autocomplete = "off"
	m.Person = []pages.Ask{{Field: f("name", d.p.T("Name"), "")}, {Kind: "email", Field: email}, {Field: optional(f("phone", d.p.T("Telephone"), ""))},
		{Field: optional(f("identifiers", d.p.T("Known by"), d.p.T("A customer number and the like; only what is needed to find the person.")))}, {Kind: "radio", Field: language}}
	m.Representative = []pages.Ask{{Field: optional(f("representative_name", d.p.T("Name of the representative"), ""))},
		{Field: optional(f("representative_capacity", d.p.T("In which capacity"), d.p.T("Parent, guardian, lawyer …")))}}
	m.RepresentativeOpen = d.field("representative_name") != "" || d.field("representative_capacity") != ""
	for _, list := range [][]pages.Ask{m.Person, m.Representative} {
		for i := range list {
			list[i].Autocomplete = "off" // it is somebody else's
		}
	}
	if err := d.entryController(f, optional, &m); err != nil {
		return err
	}
	page := d.frame("Enter a request")
	page.Sensitive, page.Invalid = true, status >= 400
	return d.show(status, pages.EntryPage(page, m))
}

func short(x ui.Field) ui.Field {
	x.Rows = 2
	return x
}

func zoneCity(zone *time.Location) string {
	_, city, found := strings.Cut(zone.String(), "/")
	if !found {
		return zone.String()
	}
	return strings.ReplaceAll(city, "_", " ")
}

// entryDetail asks what one right is about.
func (d *desk) entryDetail(r requests.Right, f func(name, label, hint string) ui.Field, optional func(ui.Field) ui.Field) pages.Detail {
	at := string(r) + "_"
	what := f(at+"what", d.asksFor(r), "")
	what.Rows = 3
	m := pages.Detail{Right: string(r), Title: d.right(r), Open: slices.Contains(d.fields("rights"), string(r)), Asks: []pages.Ask{{Kind: "area", Field: what}}}
	add := func(x ui.Field) { m.Asks = append(m.Asks, pages.Ask{Kind: "area", Field: short(x)}) }
	switch r {
	case requests.Access:
		add(optional(f(at+"period", d.p.T("Which period"), "")))
	case requests.Rectification:
		add(f(at+"into", d.p.T("What it should become"), ""))
	case requests.Portability:
		add(optional(f(at+"to", d.p.T("Where the data should go"), "")))
	case requests.Objection:
		add(optional(f(at+"reason", d.p.T("Their situation"), "")))
	}
	return m
}

// entryController asks for whom a processor received the request.
func (d *desk) entryController(f func(name, label, hint string) ui.Field, optional func(ui.Field) ui.Field, m *pages.Entry) error {
	own, err := d.Agreements.OfProcessor(d.ctx, d.by.Organisation, d.Now())
	if err != nil || len(own) == 0 {
		return err
	}
	who := f("controller", d.p.T("For which controller is it?"), d.p.T("When the agreement says so, the request is forwarded at once."))
	seen := map[string]bool{}
	for _, a := range own {
		if !seen[a.Controller] {
			seen[a.Controller] = true
			who.Options = append(who.Options, ui.Option{Value: a.Controller, Label: d.org(a.Controller)})
		}
	}
	if d.by.Is(identity.PrivacyOfficer) {
		who.Options = append(who.Options, ui.Option{Value: d.by.Organisation, Label: d.p.T("%s itself", d.org(d.by.Organisation))})
	}
	who.Options = append(who.Options, ui.Option{Value: "unknown", Label: d.p.T("Not known yet"), Hint: d.p.T("It stands in your list until you find out.")})
	m.Controller = []pages.Ask{{Kind: "radio", Field: who}, {Field: optional(f("about", d.p.T("The organisation in their words"), d.p.T("When the controller is not known yet.")))}}
	return nil
}
