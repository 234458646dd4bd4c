package dossier

import (
	"context"
	"fmt"
	"time"

	"inzage/services/costs"
	"inzage/services/deadlines"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/requests"
)

// RequestSchema names the form of a request's dossier.json.
const RequestSchema = "inzage.dossier.request/1"

// Request is the dossier of a request.
type Request struct {
	Base
	Request requests.Request
	Sight   requests.Sight
	Story   requests.Story // opened, with sight Content
	Clock   requests.Clock
	Helps   []requests.Helped
	Notices []notify.Opened
	JSON    RequestFile
}

// RequestFile is dossier.json of a request. Who may see the bare facts only
// gets no content: person, notices, help and files are null or empty.
type RequestFile struct {
	Head
	// Reference is what people quote.
	Reference string `json:"reference"`
	State     string `json:"state"`
	Channel   string `json:"channel"`
	Language  string `json:"language"`
	// Controller and Processor are names; empty when there is none, or it is not known yet.
	Controller string     `json:"controller"`
	Processor  string     `json:"processor"`
	ArrivedAt  string     `json:"arrived_at"`
	Decides    string     `json:"decides"`
	Agreement  *Agreement `json:"agreement"`

	// Received is the earliest receipt anywhere: the clock runs from here.
	Received             time.Time  `json:"received"`
	ReceivedByProcessor  *time.Time `json:"received_by_processor"`
	ReceivedByController *time.Time `json:"received_by_controller"`
	// Entered is when it was put into the portal.
	Entered      time.Time  `json:"entered"`
	Acknowledged *time.Time `json:"acknowledged"`
	Ended        *time.Time `json:"ended"`
	Clock        Clock      `json:"clock"`
	Extension    *Extension `json:"extension"`

	Person *requests.Person `json:"person"`
	// About is the organisation in the words of the person.
	About string `json:"about"`
	// LateReason is why staff entered it late.
	LateReason string     `json:"late_reason"`
	Rights     []Right    `json:"rights"`
	Additions  []Said     `json:"additions"`
	Identity   []Question `json:"identity_questions"`
	// Misdirected is where the person was told to turn instead.
	Misdirected string `json:"misdirected"`
	// RunsFrom is the reference of the joined request whose receipt the clock
	// runs from; empty when it is the request's own.
	RunsFrom string `json:"runs_from"`
	// Joined are the requests that go on under this one; Related what belongs with it.
	Joined  []Joined  `json:"joined"`
	Related []Related `json:"related"`
	// OnePerson is why staff state that it is one person with the request that it goes on under.
	OnePerson string `json:"one_person"`
	// HandedBack are the controllers that do not decide and handed it back.
	HandedBack []Handed  `json:"handed_back"`
	Delivery   *Delivery `json:"delivery"`
	Help       []Help    `json:"help"`
	Notices    []Notice  `json:"notices"`
	// Notes are the internal remarks of the side that took the dossier.
	Notes   []Said  `json:"notes"`
	Files   []File  `json:"files"`
	History []Line  `json:"history"`
	Ledger  Sealing `json:"ledger"`
}

// Clock is the deadline: its values, and the rules behind them.
type Clock struct {
	Nominal   deadlines.Date `json:"nominal"`
	Statutory deadlines.Date `json:"statutory"`
	Safe      deadlines.Date `json:"safe"`
	// Due is the enforced date.
	Due      deadlines.Date      `json:"due"`
	Readings []deadlines.Reading `json:"readings"`
	Basis    []deadlines.Rule    `json:"basis"`
}

// Extension is that the term was extended, art. 12(3) GDPR.
type Extension struct {
	At      time.Time `json:"at"`
	Months  int       `json:"months"`
	Grounds []string  `json:"grounds"`
	Reasons string    `json:"reasons"`
}

// Right is one right of the request.
type Right struct {
	Right   string          `json:"right"`
	Article string          `json:"article"`
	Asked   *requests.Asked `json:"asked"`
	// Decision is null while there is none, and for who sees the bare facts only.
	Decision *Decision `json:"decision"`
}

// Decision is what was decided on one right.
type Decision struct {
	// Outcome is granted, partly or refused.
	Outcome string `json:"outcome"`
	// Ground is the portal's name of the ground of a refusal; GroundArticle the provision.
	Ground        string    `json:"ground"`
	GroundArticle string    `json:"ground_article"`
	At            time.Time `json:"at"`
	Reasons       string    `json:"reasons"`
	// Information answers art. 15(1) and (2) GDPR.
	Information map[string]string `json:"information"`
	Recipients  []Recipient       `json:"recipients"`
}

// Recipient had to be told of a change, art. 19 GDPR.
type Recipient struct {
	Name string     `json:"name"`
	Told *time.Time `json:"told"`
	// Spared: telling proved impossible or took too much effort.
	Spared bool `json:"spared"`
}

// Said is a text with its time, and its author where that is a member of staff.
type Said struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Text string    `json:"text"`
}

// Question is a question about who the person is, art. 12(6) GDPR.
type Question struct {
	Asked   time.Time  `json:"asked"`
	Reason  string     `json:"reason"`
	Least   string     `json:"least"`
	Replied *time.Time `json:"replied"`
	Reply   string     `json:"reply"`
	Settled *time.Time `json:"settled"`
	Enough  bool       `json:"enough"`
}

// Delivery is how the answer reached the person.
type Delivery struct {
	At time.Time `json:"at"`
	// Way is portal, post or in_person.
	Way   string `json:"way"`
	Proof string `json:"proof"`
	// Downloads are when a file was downloaded.
	Downloads []time.Time `json:"downloads"`
}

// Help is what a processor was asked, and what it answered.
type Help struct {
	Processor string     `json:"processor"`
	Right     string     `json:"right"`
	Question  string     `json:"question"`
	Asked     time.Time  `json:"asked"`
	Due       string     `json:"due"`
	Clause    string     `json:"clause"`
	Answered  *time.Time `json:"answered"`
	Outcome   string     `json:"outcome"`
	Reply     string     `json:"reply"`
	Costs     []Cost     `json:"costs"`
}

// Cost is a line of what the help costs; amounts are in the smallest unit of the currency.
type Cost struct {
	For   string `json:"for"`
	Cents int64  `json:"cents"`
}

// Notice is what was written to the person.
type Notice struct {
	Kind     string    `json:"kind"`
	Right    string    `json:"right"`
	At       time.Time `json:"at"`
	Language string    `json:"language"`
	// Entry is the number of the ledger entry that it follows from.
	Entry int64 `json:"entry"`
	// Mailed tells whether an e-mail that announces it was handed to the mail server.
	Mailed bool `json:"mailed"`
	// Mail is what became of that e-mail; absent when none was written.
	Mail *Mail          `json:"mail,omitempty"`
	Text notify.Writing `json:"text"`
}

// Mail is what became of an e-mail: waiting, handed_over, refused, given_up or unknown.
type Mail struct {
	State string    `json:"state"`
	Since time.Time `json:"since"`
	// Reply is the mail server's to a refusal, in numbers.
	Reply string `json:"reply,omitempty"`
}

// OfRequest collects the dossier of a request for the actor, or refuses; the
// entry of the dossier stands in the journal when it returns one. Without files
// they are listed only.
func (s *Service) OfRequest(ctx context.Context, by identity.Actor, id string, with Files) (Request, error) {
	r, seen, err := s.Requests.Dossier(ctx, by, id)
	if err != nil {
		return Request{}, err
	}
	d := Request{Base: Base{from: s}, Request: r, Sight: seen}
	if d.Clock, err = s.Requests.Clock(ctx, r); err != nil {
		return Request{}, err
	}
	objects, pending := []string{r.ID}, r.Pending
	if seen == requests.Content && r.Shredded == nil {
		if err := d.open(ctx, by); err != nil {
			return Request{}, err
		}
		for _, h := range d.Helps {
			objects, pending = append(objects, h.ID), append(pending, h.Pending...)
		}
	}
	told := func(ev ledger.Event) bool {
		help := ev.Object != r.ID // of this request: no other object is asked for
		return help && seen == requests.Content || requests.Told(by, r, ev)
	}
	if d.Ledgered, err = s.history(ctx, objects, pending, told); err != nil {
		return Request{}, err
	}
	d.JSON, err = d.file(ctx, by, with)
	return d, err
}

// open opens the content.
func (d *Request) open(ctx context.Context, by identity.Actor) error {
	s := d.from
	var err error
	if d.Story, err = s.Requests.Tell(ctx, by, d.Request); err != nil {
		return err
	}
	if d.Helps, err = s.Requests.HelpsFor(ctx, by, d.Request); err != nil {
		return err
	}
	d.Notices, err = s.Notify.NoticesOf(ctx, by, d.Request)
	return err
}

// file writes dossier.json, and gives each file its place.
func (d *Request) file(ctx context.Context, by identity.Actor, with Files) (RequestFile, error) {
	s, r, st := d.from, d.Request, d.Story
	f := RequestFile{Head: Head{Schema: RequestSchema, Made: s.now(), Sight: "facts", Side: "processor", Shredded: r.Shredded},
		Reference: r.Reference, State: string(r.State), Channel: string(r.Channel), Language: r.Language, ArrivedAt: string(r.ArrivedAt), Decides: string(r.Decides),
		Received: r.Received, ReceivedByProcessor: r.ReceivedByProcessor, ReceivedByController: r.ReceivedByController, Entered: r.Entered, Acknowledged: r.Acknowledged,
		Ended: r.Closed, Clock: clockOf(d.Clock), About: st.About, LateReason: st.LateReason, Misdirected: st.Misdirected,
		Additions: said(st.Additions), Notes: said(st.Notes), Identity: questions(st.Questions), History: d.lines(), Ledger: d.sealing()}
	if by.Organisation == r.Controller {
		f.Side = "controller"
	}
	if d.Sight == requests.Content {
		f.Sight = "content"
	}
	if d.Sight == requests.Content && r.Shredded == nil {
		f.Person = &st.Person
	}
	if x := r.Extension; x != nil {
		f.Extension = &Extension{At: x.At, Months: x.Months, Grounds: list(x.Grounds), Reasons: st.Extension}
	}
	f.Rights, f.Delivery = d.rights(), d.delivery()
	f.Files = d.files(with)
	f.Notices = notices(d.Notices)
	if err := d.named(ctx, &f); err != nil {
		return f, err
	}
	if err := d.belonging(ctx, by, &f); err != nil {
		return f, err
	}
	var err error
	f.Help, err = d.help(ctx)
	return f, err
}

// named fills in the names of the parties and of the agreement.
func (d *Request) named(ctx context.Context, f *RequestFile) error {
	s, r := d.from, d.Request
	var err error
	if f.Controller, err = s.organisation(ctx, r.Controller); err != nil {
		return err
	}
	if f.Processor, err = s.organisation(ctx, r.Processor); err != nil || r.Agreement == "" {
		return err
	}
	a, err := s.Requests.Agreements.Applied(ctx, r.Agreement, r.AgreementVersion)
	if err != nil {
		return fmt.Errorf("read the terms of %s: %w", r.Agreement, err)
	}
	f.Agreement = &Agreement{Title: a.Terms.Title, Version: r.AgreementVersion}
	return nil
}

func clockOf(c requests.Clock) Clock {
	return Clock{Nominal: c.Nominal, Statutory: c.Statutory, Safe: c.Safe, Due: c.Due, Readings: list(c.Readings), Basis: list(c.Basis)}
}

// rights lists them with the decisions, whose bare facts outlive the content.
func (d *Request) rights() []Right {
	all := []Right{}
	for _, i := range d.Request.Items {
		one := Right{Right: string(i.Right), Article: requests.Article(i.Right)}
		if asked, ok := d.Story.Asked[i.Right]; ok {
			one.Asked = &asked
		}
		if x := i.Decision; x != nil && d.Sight == requests.Content {
			words := d.Story.Decisions[i.Right]
			dec := Decision{Outcome: string(x.Outcome), Ground: x.Ground, At: x.At, Reasons: words.Reasons, Information: words.Information, Recipients: []Recipient{}}
			if g, ok := d.from.Requests.Catalogue.Ground(string(i.Right), x.Ground); ok {
				dec.GroundArticle = g.Article
			}
			if dec.Information == nil {
				dec.Information = map[string]string{}
			}
			for n, rc := range x.Recipients {
				name := ""
				if n < len(words.Recipients) {
					name = words.Recipients[n]
				}
				dec.Recipients = append(dec.Recipients, Recipient{Name: name, Told: rc.Told, Spared: rc.Spared})
			}
			one.Decision = &dec
		}
		all = append(all, one)
	}
	return all
}

func (d *Request) delivery() *Delivery {
	a := d.Request.Answer
	if a == nil || d.Sight != requests.Content {
		return nil
	}
	out := Delivery{At: a.At, Way: "portal", Downloads: []time.Time{}}
	if a.Outside != nil {
		out.Way, out.Proof = a.Outside.Way, d.Story.Outside
	}
	for _, f := range a.Downloads {
		out.Downloads = append(out.Downloads, f.At)
	}
	return &out
}

// files lists them, each once: an answer can use a file that help brought.
func (d *Request) files(with Files) []File {
	all, p := []File{}, newPlaces()
	listed := map[string]bool{}
	add := func(of string, files []requests.NamedFile) {
		for _, f := range files {
			if listed[f.ID] {
				continue
			}
			listed[f.ID] = true
			one := File{Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, At: f.At, Of: of}
			if with == WithFiles {
				one.Path = p.file(of, f.Name)
				d.Files = append(d.Files, Attached{Place: one.Path, object: d.Request.ID, id: f.ID})
			}
			all = append(all, one)
		}
	}
	add("attachment", d.Story.Attachments)
	add("answer", d.Story.Files)
	for _, h := range d.Helps {
		add("help", h.Files)
	}
	return all
}

func (d *Request) help(ctx context.Context) ([]Help, error) {
	all := []Help{}
	for _, h := range d.Helps {
		name, err := d.from.organisation(ctx, h.Processor)
		if err != nil {
			return nil, err
		}
		one := Help{Processor: name, Right: string(h.Right), Question: h.Question, Asked: h.AskedAt, Due: h.Due, Clause: h.DueClause, Answered: h.Answered,
			Outcome: h.Outcome, Reply: h.Reply, Costs: []Cost{}}
		if !h.Open {
			one.Costs = helpCosts(h.Costs, h.CostsFor)
		}
		all = append(all, one)
	}
	return all, nil
}

func helpCosts(lines []costs.Line, what []string) []Cost {
	all := []Cost{}
	for i, l := range lines {
		c := Cost{Cents: l.Cents}
		if i < len(what) {
			c.For = what[i]
		}
		all = append(all, c)
	}
	return all
}

func said(all []requests.Said) []Said {
	out := []Said{}
	for _, x := range all {
		out = append(out, Said(x))
	}
	return out
}

func questions(all []requests.Question) []Question {
	out := []Question{}
	for _, q := range all {
		out = append(out, Question{Asked: q.Asked.Asked, Reason: q.Reason, Least: q.Least, Replied: q.Asked.Replied, Reply: q.Reply, Settled: q.Asked.Settled, Enough: q.Asked.Enough})
	}
	return out
}

func notices(all []notify.Opened) []Notice {
	out := []Notice{}
	for _, n := range all {
		if n.Writing.Blocks == nil {
			n.Writing.Blocks = []notify.Block{}
		}
		out = append(out, Notice{Kind: n.Kind, Right: n.Right, At: n.At, Language: n.Language, Entry: n.Entry, Mailed: n.Became.Left(), Mail: mailOf(n.Became), Text: n.Writing})
	}
	return out
}

func mailOf(p notify.Post) *Mail {
	if p.Standing == notify.Unmailed {
		return nil
	}
	return &Mail{State: string(p.Standing), Since: p.At, Reply: p.Cause}
}

// list is the list, never null.
func list[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}
