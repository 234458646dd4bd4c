package web

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/pquerna/otp/totp"

	"inzage/handlers/respond"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/notify/mailer"
	"inzage/services/requests"
	pages "inzage/views/pages/demo"
	"inzage/views/ui"
)

// demo is the pages that only `inzage demo` has: who one can be, and the mail
// that everybody gets.
type demo struct{ *Site }

func (s *Site) mountDemo(app routes) {
	d := demo{s}
	app.Get("/demo", d.near, d.start)
	app.Get("/demo/mail", d.near, d.mailbox)
	app.Get("/demo/mail/:id", d.near, d.mail)
	app.Get("/demo/mail/:id/page", d.near, d.laid)
}

// near answers this machine alone. A name that another site made point here,
// and a proxy that lets others in, are refused, too.
func (d demo) near(c *fiber.Ctx) error {
	peer, err := netip.ParseAddr(c.IP())
	host := c.Get(fiber.HeaderHost)
	if name, _, serr := net.SplitHostPort(host); serr == nil {
		host = name
	}
	named, herr := netip.ParseAddr(strings.Trim(host, "[]"))
	local := host == "localhost" || herr == nil && named.IsLoopback()
	if err != nil || !peer.Unmap().IsLoopback() || !local || c.Get(fiber.HeaderXForwardedFor) != "" {
		return requests.ErrNotFound
	}
	return c.Next()
}

// step is how long a code of an authenticator lasts (RFC 6238).
const step = 30

func (d demo) start(c *fiber.Ctx) error {
	p := d.speech(c)
	accounts := d.Demo.Accounts()
	now := d.Now()
	left := step - int(now.Unix()%step)
	v := pages.Start{
		Lead:   p.T("This portal holds made-up organisations, people and requests. Nothing leaves this machine: all mail goes to a page here."),
		Codes:  p.T("Everybody signs in with an e-mail address, a password and a code. A code works once; wait for the next one to sign in again. These codes change in %s.", p.Duration(time.Duration(left)*time.Second)),
		Places: d.places(c, accounts),
		Mail:   ui.Button{Label: p.T("Open the mail of everybody"), Href: "/demo/mail", Look: ui.Secondary},
		Accounts: ui.Listing{Caption: p.T("Accounts of the demo"), TestID: "accounts",
			Columns: []ui.Column{{Label: p.T("Name")}, {Label: p.T("Role")}, {Label: p.T("E-mail address")}, {Label: p.T("Password")}, {Label: p.T("Code now")}},
			Empty:   ui.Empty{Title: p.T("The accounts are being made"), Text: p.T("They appear here in a moment.")}},
	}
	var err error
	if v.Tour, err = d.tour(c, now); err != nil {
		return err
	}
	if !d.Demo.Filled() {
		v.Filling = p.T("The requests are still being made. This page looks again in a second.")
		left = 1
	}
	for _, a := range accounts {
		row, err := d.accountRow(c, a, now)
		if err != nil {
			return err
		}
		v.Accounts.Rows = append(v.Accounts.Rows, row)
	}
	c.Set("Refresh", strconv.Itoa(left))
	return respond.Page(c, fiber.StatusOK, pages.StartPage(d.page(c, "Look around in the demo"), v))
}

func (d demo) accountRow(c *fiber.Ctx, a DemoAccount, now time.Time) (ui.Row, error) {
	p := d.speech(c)
	code, err := totp.GenerateCode(a.Secret, now)
	if err != nil {
		return ui.Row{}, fmt.Errorf("make the code of a demo account: %w", err)
	}
	var roles []string
	for _, r := range a.Roles {
		roles = append(roles, p.T(roleNames[r]))
	}
	return ui.Row{Cells: []ui.Cell{{Text: a.Name, Note: a.Organisation}, {Text: strings.Join(roles, ", ")},
		{Body: pages.Secret(a.Email)}, {Body: pages.Secret(a.Password)}, {Body: pages.Secret(code)}}}, nil
}

// tour is what there is to see, in the order in which a request travels.
func (d demo) tour(c *fiber.Ctx, now time.Time) ([]pages.Stop, error) {
	stops := d.stops(c)
	for i, s := range stops {
		for _, a := range d.Demo.Accounts() {
			if !strings.HasSuffix(s.Link.Label, a.Name) {
				continue
			}
			code, err := totp.GenerateCode(a.Secret, now)
			if err != nil {
				return nil, fmt.Errorf("make the code of a demo account: %w", err)
			}
			stops[i].Keys = []string{a.Email, a.Password, code}
		}
	}
	return stops, nil
}

func (d demo) stops(c *fiber.Ctx) []pages.Stop {
	p := d.speech(c)
	in := func(name string) ui.Link { return ui.Link{Label: p.T("Sign in as %s", name), Href: "/sign-in"} }
	return []pages.Stop{
		{Title: p.T("File a request"), Text: p.T("Ask IDEA-ONLINE for data that it keeps for Bakkerij De Korenaar. Fill in any address: the code to prove it arrives on the mail page at once."),
			Link: ui.Link{Label: p.T("Go to the start page of IDEA-ONLINE"), Href: "/o/idea-online"}},
		{Title: p.T("Get your answer"), Text: p.T("Fatima asked for her orders, and the answer is there. Sign in as her and fetch the files: that takes the second factor."), Link: in("Fatima el Amrani")},
		{Title: p.T("Find the right organisation"), Text: p.T("At Inserve a request came in from somebody who does not know the name of the shop. Tom decides where it goes."), Link: in("Tom Verbruggen")},
		{Title: p.T("Help as a processor"), Text: p.T("Bakkerij De Korenaar asked MijnPartnerGroep who looked at an address. Naomi answers, with files and costs."), Link: in("Naomi Blijd")},
		{Title: p.T("Judge and hurry"), Text: p.T("At De Linde one answer is too late, one is due tomorrow, and somebody has just proven who he is. Meryem sees what comes first."), Link: in("Meryem Yıldız")},
		{Title: p.T("Decide"), Text: p.T("Sanne has all she needs to answer Priya: the files of the processor, and what they cost. She decides, and sees the answer as Priya will read it."), Link: in("Sanne de Vries")},
		{Title: p.T("Book an audit"), Text: p.T("Under Audits, MijnPartnerGroep proposes another day to Sanne, and one draft waits. Book one yourself: the portal says at once from which day, and by which clause."), Link: in("Sanne de Vries")},
		{Title: p.T("Sign, then audit"), Text: p.T("Imke audits for three organisations. At qputer she has to sign for secrecy first; until then she sees nothing."), Link: in("Imke Vos")},
		{Title: p.T("See who pays"), Text: p.T("A finding at Inserve turned the costs around, and Tom disputes one line. Fleur sees what each side bears, and why."), Link: in("Fleur Abbink")},
	}
}

// places are the start pages, those of the organisations that decide first.
func (d demo) places(c *fiber.Ctx, accounts []DemoAccount) []pages.Group {
	p := d.speech(c)
	deciding, processing := pages.Group{Title: p.T("Organisations that decide")}, pages.Group{Title: p.T("Processors, who work for them")}
	for _, a := range accounts {
		if a.Slug == "" {
			continue
		}
		to := &deciding
		if slices.Contains(a.Roles, identity.Agent) || contains(processing.Links, a.Slug) {
			to = &processing
		}
		if !contains(to.Links, a.Slug) {
			to.Links = append(to.Links, ui.Link{Label: a.Organisation, Href: "/o/" + a.Slug})
		}
	}
	return []pages.Group{deciding, processing}
}

func contains(links []ui.Link, slug string) bool {
	return slices.ContainsFunc(links, func(l ui.Link) bool { return l.Href == "/o/"+slug })
}

// shownMails bounds the list of mails.
const shownMails = 200

// glance is how often the list of mails is read again, in seconds.
const glance = "10"

func (d demo) mailbox(c *fiber.Ctx) error {
	p := d.speech(c)
	to := c.Query("to")
	letters, err := mailer.Mailbox(d.Demo.MailDir).List(to, shownMails)
	if err != nil {
		return err
	}
	v := pages.Mailbox{
		Lead: p.T("Every mail that the portal sent, to anybody, the newest first. In real use each of them is in the mailbox of one person."),
		Back: ui.Link{Label: p.T("Back to the start of the demo"), Href: "/demo"},
		List: ui.Listing{Caption: p.T("Mail of everybody"), TestID: "mails",
			Columns: []ui.Column{{Label: p.T("Subject")}, {Label: p.T("Addressee")}, {Label: p.T("Sent on")}},
			Empty:   ui.Empty{Title: p.T("There is no mail yet"), Text: p.T("As soon as the portal sends something, it appears here.")}},
	}
	if to != "" {
		v.All = &ui.Link{Label: p.T("Show the mail of everybody"), Href: "/demo/mail"}
	}
	for _, l := range letters {
		v.List.Rows = append(v.List.Rows, ui.Row{Href: "/demo/mail/" + l.ID, Cells: []ui.Cell{{Text: l.Subject}, {Body: pages.Secret(l.To)}, {Text: p.DateTime(l.At)}}})
	}
	c.Set("Refresh", glance)
	return respond.Page(c, fiber.StatusOK, pages.MailboxPage(d.page(c, "Mail of everybody"), v))
}

func (d demo) letter(c *fiber.Ctx) (mailer.Letter, error) {
	l, err := mailer.Mailbox(d.Demo.MailDir).Get(c.Params("id"))
	if errors.Is(err, document.ErrNotFound) {
		return l, requests.ErrNotFound
	}
	return l, err
}

func (d demo) mail(c *fiber.Ctx) error {
	l, err := d.letter(c)
	if err != nil {
		return err
	}
	p := d.speech(c)
	page := d.page(c, "")
	page.Title = l.Subject
	return respond.Page(c, fiber.StatusOK, pages.MailPage(page, pages.Mail{
		Facts: []ui.Fact{{Name: p.T("Addressee"), Value: l.To, Href: "/demo/mail?to=" + l.To}, {Name: p.T("Sent on"), Value: p.DateTime(l.At)}},
		Text:  paragraphs(l.Plain, d.BaseURL.String()+"/"),
		Laid:  ui.Link{Label: p.T("See this mail as a mail program shows it"), Href: "/demo/mail/" + l.ID + "/page"},
		Back:  ui.Link{Label: p.T("Back to all mail"), Href: "/demo/mail"},
	}))
}

// laid shows the HTML of a mail by itself: no script runs in it, nothing is
// loaded from elsewhere, and it is a stranger to the portal's own pages.
func (d demo) laid(c *fiber.Ctx) error {
	l, err := d.letter(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.SendString(l.HTML)
}

var address = regexp.MustCompile(`https?://[^\s<>"]+`)

// paragraphs splits a text at its empty lines, and turns the addresses that
// begin with base into links within the portal.
func paragraphs(text, base string) []pages.Paragraph {
	var all []pages.Paragraph
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var lines pages.Paragraph
		for _, line := range unwrapped(strings.Split(strings.TrimSpace(part), "\n")) {
			lines = append(lines, pieces(line, base))
		}
		all = append(all, lines)
	}
	return all
}

// wrapped is the length from which a line of a mail was broken for its length
// and not because a new one begins.
const wrapped = 55

// unwrapped puts lines together that were broken for their length.
func unwrapped(lines []string) []string {
	all := lines[:1:1]
	for i, line := range lines[1:] {
		last := lines[i]
		if utf8.RuneCountInString(last) < wrapped || address.MatchString(last) || address.MatchString(line) {
			all = append(all, line)
		} else {
			all[len(all)-1] += " " + line
		}
	}
	return all
}

func pieces(line, base string) pages.Line {
	var all pages.Line
	rest := 0
	for _, at := range address.FindAllStringIndex(line, -1) {
		path, ours := strings.CutPrefix(line[at[0]:at[1]], base)
		if !ours {
			continue
		}
		all = append(all, ui.Link{Label: line[rest:at[0]]}, ui.Link{Label: line[at[0]:at[1]], Href: "/" + path})
		rest = at[1]
	}
	return append(all, ui.Link{Label: line[rest:]})
}
