package api

import (
	"context"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
)

// RequestRead is a request as its reader may see it.
type RequestRead struct {
	Request    Request           `json:"request"`
	Sight      string            `json:"sight" enum:"facts,content,erased" doc:"facts: the content is not yours to see. erased: it was destroyed when its time was over"`
	Actions    []requests.Action `json:"actions" doc:"What you can do with it now"`
	Clock      RequestClock      `json:"clock"`
	Rules      []Ruling          `json:"rules" doc:"What the agreement says about each right"`
	Content    *RequestContent   `json:"content,omitempty"`
	Assists    []Assist          `json:"assists" doc:"Help that was asked of processors; shown to the desk"`
	Linked     []Request         `json:"linked" doc:"Those of related that you may open"`
	Related    []RelatedRequest  `json:"related" doc:"The other half of a split filing, the request that this one goes on under, those that go on under this one, and those at other controllers"`
	Duplicates []Request         `json:"duplicates" doc:"Other open requests of the same person that share a right"`
}

// Filer is the person whom a request is about, and who asks on their behalf.
type Filer struct {
	Name           string `json:"name" maxLength:"200"`
	Email          string `json:"email,omitempty" maxLength:"254"`
	Phone          string `json:"phone,omitempty" maxLength:"200"`
	Identifiers    string `json:"identifiers,omitempty" maxLength:"200" doc:"Customer number and the like"`
	Representative *Proxy `json:"representative,omitempty"`
}

// Proxy acts for the data subject.
type Proxy struct {
	Name     string `json:"name" maxLength:"200"`
	Capacity string `json:"capacity" maxLength:"200" doc:"Parent, guardian, lawyer or other"`
	Proof    string `json:"proof,omitempty" maxLength:"64" doc:"The file that proves it"`
}

func filerOf(p requests.Person) Filer {
	f := Filer{Name: p.Name, Email: p.Email, Phone: p.Phone, Identifiers: p.Identifiers}
	if r := p.Representative; r != nil {
		f.Representative = &Proxy{Name: r.Name, Capacity: r.Capacity, Proof: r.Proof}
	}
	return f
}

func (f Filer) person() requests.Person {
	p := requests.Person{Name: f.Name, Email: f.Email, Phone: f.Phone, Identifiers: f.Identifiers}
	if r := f.Representative; r != nil {
		p.Representative = &requests.Representative{Name: r.Name, Capacity: r.Capacity, Proof: r.Proof}
	}
	return p
}

// AskedItem is what is asked under one right.
type AskedItem struct {
	Right  requests.Right `json:"right" enum:"access,rectification,erasure,restriction,portability,objection"`
	What   string         `json:"what" maxLength:"10000" doc:"Which data; what to erase; what to object to"`
	Into   string         `json:"into,omitempty" maxLength:"10000" doc:"Rectification: what it should become"`
	Period string         `json:"period,omitempty" maxLength:"10000" doc:"Access: which period"`
	To     string         `json:"to,omitempty" maxLength:"10000" doc:"Portability: where the data should go"`
	Reason string         `json:"reason,omitempty" maxLength:"10000" doc:"Objection: the particular situation"`
}

func askedItem(r requests.Right, s requests.Asked) AskedItem {
	return AskedItem{Right: r, What: s.What, Into: s.Into, Period: s.Period, To: s.To, Reason: s.Reason}
}

// RequestItem is one right of a request: what is asked and what was decided.
type RequestItem struct {
	AskedItem
	Article  string           `json:"article"`
	From     string           `json:"from,omitempty" doc:"The joined request that brought this right"`
	Decision *RequestDecision `json:"decision,omitempty"`
}

// RequestDecision is what was decided about one right.
type RequestDecision struct {
	Outcome     requests.Outcome  `json:"outcome" enum:"granted,partly,refused"`
	Ground      string            `json:"ground,omitempty"`
	Authority   string            `json:"authority,omitempty" doc:"Country of the authority to complain to"`
	Reasons     string            `json:"reasons,omitempty"`
	Information map[string]string `json:"information,omitempty" doc:"Art. 15(1) and (2) GDPR, by id"`
	Recipients  []ToldRecipient   `json:"recipients" doc:"To be told of the change: art. 19 GDPR"`
	At          time.Time         `json:"at"`
}

// ToldRecipient is a recipient to be told of a change.
type ToldRecipient struct {
	Name   string     `json:"name"`
	Told   *time.Time `json:"told,omitempty"`
	Spared bool       `json:"spared" doc:"Telling proved impossible or disproportionate"`
}

// RequestText is something that was said, with its time.
type RequestText struct {
	At   time.Time `json:"at"`
	By   string    `json:"by,omitempty" doc:"The account, for notes"`
	Text string    `json:"text"`
}

// IdentityAsked is a question about who the person is.
type IdentityAsked struct {
	Asked   time.Time  `json:"asked"`
	Reason  string     `json:"reason"`
	Least   string     `json:"least" doc:"The least that settles it"`
	Replied *time.Time `json:"replied,omitempty"`
	Reply   string     `json:"reply,omitempty"`
	Files   []string   `json:"files"`
	Settled *time.Time `json:"settled,omitempty"`
	Enough  bool       `json:"enough"`
}

// ExtendedTerm is an extension of the term.
type ExtendedTerm struct {
	At      time.Time `json:"at"`
	Months  int       `json:"months"`
	Grounds []string  `json:"grounds"`
	Reasons string    `json:"reasons"`
}

// DeliveredAnswer is how the answer reached the person.
type DeliveredAnswer struct {
	At        time.Time  `json:"at"`
	Until     *time.Time `json:"until,omitempty" doc:"How long the files can be downloaded"`
	Way       string     `json:"way" enum:"portal,post,in_person"`
	Proof     string     `json:"proof,omitempty"`
	Renewed   int        `json:"renewed"`
	Downloads int        `json:"downloads"`
	Last      *time.Time `json:"last_download,omitempty"`
}

// RequestContent is what only the desk and the data subject see.
type RequestContent struct {
	Person Filer `json:"person"`
	// Held is about the address of the person.
	Held        bool             `json:"address_proven" doc:"Whether the holder of the e-mail address has shown to be the person: false while staff typed it and nobody has given the word of the letter"`
	Language    string           `json:"language"`
	About       string           `json:"about,omitempty" doc:"The organisation in the filer's words"`
	LateReason  string           `json:"late_reason,omitempty"`
	Items       []RequestItem    `json:"items"`
	Attachments []StoredFile     `json:"attachments" doc:"Sent by the person"`
	Files       []StoredFile     `json:"files" doc:"Of the answer"`
	Additions   []RequestText    `json:"additions"`
	Notes       []RequestText    `json:"notes" doc:"Of the reader's own organisation"`
	Identity    []IdentityAsked  `json:"identity"`
	Extension   *ExtendedTerm    `json:"extension,omitempty"`
	Misdirected string           `json:"misdirected,omitempty" doc:"Where to turn instead"`
	Delivery    *DeliveredAnswer `json:"delivery,omitempty"`
	Joined      []JoinedContent  `json:"joined" doc:"What goes on under this request, as it was asked there"`
	Handed      []HandedBack     `json:"handed_back" doc:"The controllers that handed it back, for the desk"`
	OnePerson   string           `json:"one_person,omitempty" doc:"Why staff state that it is one person with the request that it goes on under"`
}

func contentOf(r requests.Request, s requests.Story) *RequestContent {
	c := RequestContent{Person: filerOf(s.Person), Held: r.Held(), Language: r.Language, About: s.About, LateReason: s.LateReason, Items: []RequestItem{},
		Attachments: storedFiles(s.Attachments), Files: storedFiles(s.Files), Additions: saidOf(s.Additions), Notes: saidOf(s.Notes),
		Misdirected: s.Misdirected, Delivery: deliveryOf(r.Answer, s.Outside),
		Joined: joinedOf(s.Joined), Handed: handedOf(s.Handed), OnePerson: s.OnePerson}
	for _, i := range r.Items {
		c.Items = append(c.Items, RequestItem{AskedItem: askedItem(i.Right, s.Asked[i.Right]), Article: requests.Article(i.Right), From: i.From, Decision: decisionOf(i.Decision, s.Decisions[i.Right])})
	}
	c.Identity = identityOf(s.Questions)
	if x := r.Extension; x != nil {
		c.Extension = &ExtendedTerm{At: x.At, Months: x.Months, Grounds: x.Grounds, Reasons: s.Extension}
	}
	return &c
}

func identityOf(asked []requests.Question) []IdentityAsked {
	all := []IdentityAsked{}
	for _, q := range asked {
		all = append(all, IdentityAsked{Asked: q.Asked.Asked, Reason: q.Reason, Least: q.Least, Replied: q.Asked.Replied, Reply: q.Reply,
			Files: append([]string{}, q.Asked.Files...), Settled: q.Asked.Settled, Enough: q.Asked.Enough})
	}
	return all
}

func saidOf(said []requests.Said) []RequestText {
	all := []RequestText{}
	for _, s := range said {
		all = append(all, RequestText(s))
	}
	return all
}

func decisionOf(d *requests.Decision, text requests.DecisionText) *RequestDecision {
	if d == nil {
		return nil
	}
	out := RequestDecision{Outcome: d.Outcome, Ground: d.Ground, Authority: d.Authority, Reasons: text.Reasons, Information: text.Information, Recipients: []ToldRecipient{}, At: d.At}
	for i, r := range d.Recipients {
		one := ToldRecipient{Told: r.Told, Spared: r.Spared}
		if i < len(text.Recipients) {
			one.Name = text.Recipients[i]
		}
		out.Recipients = append(out.Recipients, one)
	}
	return &out
}

func deliveryOf(d *requests.Delivery, proof string) *DeliveredAnswer {
	if d == nil {
		return nil
	}
	out := DeliveredAnswer{At: d.At, Way: "portal", Renewed: d.Renewed, Downloads: len(d.Downloads), Last: d.Last}
	if d.Outside != nil {
		out.Way, out.Proof = d.Outside.Way, proof
	} else {
		out.Until = &d.Until
	}
	return &out
}

type readOut struct{ Body RequestRead }

func (a *API) readRequest(ctx context.Context, by identity.Actor, in *byID) (*readOut, error) {
	return a.read(ctx, by, in.ID)
}

// read opens a request as far as the reader may see it.
func (a *API) read(ctx context.Context, by identity.Actor, id string) (*readOut, error) {
	r, sight, err := a.Requests.Look(ctx, by, id)
	if err != nil {
		return nil, err
	}
	out := RequestRead{Request: a.facts(by, r), Sight: "facts", Actions: []requests.Action{}, Rules: []Ruling{}, Assists: []Assist{}}
	if out.Clock, err = a.clock(ctx, r); err != nil {
		return nil, err
	}
	if out.Rules, err = a.rulings(ctx, r); err != nil {
		return nil, err
	}
	linked, err := a.Requests.Linked(ctx, by, r)
	if err != nil {
		return nil, err
	}
	out.Duplicates = []Request{}
	out.Linked, out.Related = a.related(by, linked)
	if sight != requests.Content {
		out.Actions = append(out.Actions, requests.Possible(by, r, a.Now())...)
		return &readOut{out}, nil
	}
	story, err := a.Requests.Tell(ctx, by, r)
	if r.Shredded != nil || fault.KindOf(err) == fault.Gone {
		out.Sight = "erased"
		return &readOut{out}, nil
	}
	if err != nil {
		return nil, err
	}
	out.Sight, out.Content, out.Actions = "content", contentOf(r, story), append(out.Actions, requests.Possible(by, r, a.Now())...)
	if err := a.beside(ctx, by, r, &out); err != nil {
		return nil, err
	}
	return &readOut{out}, nil
}

// beside adds what the desk sees beside the request. The data subject does not.
func (a *API) beside(ctx context.Context, by identity.Actor, r requests.Request, out *RequestRead) error {
	if !by.IsStaffOf(r.Desk) {
		return nil
	}
	assists, err := a.Requests.AssistsOf(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, one := range assists {
		out.Assists = append(out.Assists, assistOf(one))
	}
	same, err := a.Requests.Duplicates(ctx, by, r)
	out.Duplicates = a.factsOf(by, same)
	return err
}
