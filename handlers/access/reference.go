package access

import (
	"time"

	"inzage/handlers/upload"
	"inzage/services/agreements"
	audit "inzage/services/audits"
	"inzage/services/identity"
	"inzage/services/requests"
)

// Unstated is the entry of a route whose row names none and does not say either
// that there is none; a test finds it.
const Unstated = "?"

// Reference is what the portal publishes of its own rules, made of the tables
// that its guards and services follow.
type Reference struct {
	Routes   []PublishedRoute `json:"routes" doc:"Every page and call, who may come to it, and what it leaves in the ledger"`
	Requests []Step           `json:"requests" doc:"Who may do what with a request in which states; nobody else, and in no other"`
	Audits   []Step           `json:"audits" doc:"Who may do what with an audit in which stages; nobody else, and in no other"`
	Silent   []string         `json:"silent" doc:"The routes that leave no entry in the ledger when they are used; a refusal there leaves one all the same"`
	Limits   []Limit          `json:"limits" doc:"Limits and times as this portal holds them"`
}

// PublishedRoute is a row as it is published.
type PublishedRoute struct {
	Route     string          `json:"route" doc:"Method and path"`
	Door      Door            `json:"door" doc:"open: anybody; here: the portal's own machine, in the demo; begun: one factor; inside: two factors"`
	Roles     []identity.Role `json:"roles" doc:"One of these; none is any"`
	Object    Object          `json:"object" doc:"What the address names, and so whose rule decides after the door"`
	Relations []string        `json:"relations" doc:"To the object; none: by the deed's own row, or the rule of the object"`
	Fresh     Fresh           `json:"fresh" doc:"Where a second factor not older than five minutes is asked for: at the door, by the service, or nowhere"`
	Entry     string          `json:"entry" doc:"What it leaves in the ledger: an action, * for that of the deed, empty for none"`
	Scope     string          `json:"scope" doc:"What a machine's token must hold; empty keeps machines out"`
	Operation string          `json:"operation" doc:"The operation of the API: its own, or the one that does what the page does; * for that of the deed"`
	Apart     string          `json:"apart,omitempty" doc:"Why a page has none"`
}

// Step is a row of the table of requests or audits.
type Step struct {
	Action string   `json:"action"`
	By     []string `json:"by" doc:"Relations to the object"`
	From   []string `json:"from" doc:"States"`
	To     string   `json:"to" doc:"The state that it leads to; empty leaves it as it is"`
}

// Limit is one number. Times are written as Go writes durations: 15m0s.
type Limit struct {
	Name  string `json:"name"`
	Value int64  `json:"value,omitempty" doc:"A count, or bytes"`
	Time  string `json:"time,omitempty"`
}

// Bounds are the limits of a running portal, or of one with these settings.
type Bounds struct {
	Identity identity.Limits
	Requests requests.Limits
	Audits   audit.Limits
	Pace     Pace
}

// Pace is how long a client may take, and how long it may be kept waiting.
type Pace struct {
	Header  time.Duration // until the header of a request is there
	Request time.Duration // one page or call, until it is answered
	Upload  time.Duration // the longest that a file, a download or a dossier may take
	Idle    time.Duration // between two requests of one connection
	Slowest int64         // bytes a second at which an upload must arrive at least
}

// Publish makes the reference of rows and limits.
func Publish(rows []Row, b Bounds) Reference {
	ref := Reference{Routes: []PublishedRoute{}, Silent: []string{}, Limits: b.list()}
	for _, r := range rows {
		ref.Routes = append(ref.Routes, PublishedRoute{Route: r.Name(), Door: r.Door, Roles: append([]identity.Role{}, r.Roles...), Object: r.Of,
			Relations: append([]string{}, r.By...), Fresh: r.Fresh, Entry: r.Entry, Scope: r.Scope, Operation: r.Operation, Apart: r.Apart})
		if r.Entry == "" {
			ref.Silent = append(ref.Silent, r.Name())
		}
	}
	for _, r := range requests.Table() {
		ref.Requests = append(ref.Requests, Step{string(r.Action), words(r.By), words(r.From), string(r.To)})
	}
	for _, r := range audit.Table() {
		ref.Audits = append(ref.Audits, Step{string(r.Action), words(r.By), words(r.From), string(r.To)})
	}
	return ref
}

func words[T ~string](of []T) []string {
	all := []string{}
	for _, w := range of {
		all = append(all, string(w))
	}
	return all
}

func (b Bounds) list() []Limit {
	count := func(name string, n int64) Limit { return Limit{Name: name, Value: n} }
	lasts := func(name string, d time.Duration) Limit { return Limit{Name: name, Time: d.String()} }
	i := b.Identity
	return []Limit{
		count("characters of a password, at least", identity.PasswordMin), count("characters of a password, at most", identity.PasswordMax),
		lasts("session without use", i.Idle), lasts("session", i.Absolute), lasts("session of staff that stays half", i.HalfLife), lasts("fresh second factor", identity.StepUpAge),
		count("wrong passwords before sign-in is locked", int64(i.PasswordFailures)), count("wrong sign-ins from one address", int64(i.AddressFailures)),
		lasts("within", i.FailureWindow), lasts("lock", i.Lock), count("wrong second factors before the factor is off", int64(i.FactorFailures)),
		lasts("code by e-mail", i.CodeLife), count("tries of a code", int64(i.CodeTries)), count("codes or links to one e-mail address", int64(i.CodesSent)), count("codes or links to one e-mail address from everywhere", int64(i.CodesSentInAll)),
		count("codes or links asked from one network address", int64(i.AskedFrom)), count("files of strangers from one network address", int64(i.FilesFrom)), lasts("challenge of a passkey", i.Ceremony), lasts("invitation", i.Invitation),
		lasts("enrolment link", i.Enrolment), lasts("link to choose a password", i.Reset), count("password hashes at once", int64(i.Hashing)), count("callers that wait for one", int64(i.HashingQueue)),
		count("bytes of a body without files", upload.SmallLimit), count("bytes of a file of a request", b.Requests.FileBytes), count("files of a request", int64(b.Requests.Files)),
		count("bytes of all files that a data subject sends with a request", b.Requests.FileBytes),
		count("bytes of a file of an audit", b.Audits.FileBytes), count("files of an audit", int64(b.Audits.Files)),
		lasts("download of an answer, until it is renewed", requests.ReleaseTime), lasts("form that is not sent", requests.DraftLife),
		count("agreements proposed between two organisations, in a day", agreements.ProposalsADay), count("steps of one side about an agreement, in a day", agreements.StepsADay),
		count("audits announced under one agreement, in a day", audit.NoticesADay),
		lasts("header of a request", b.Pace.Header), lasts("page or call", b.Pace.Request), lasts("upload, download or dossier", b.Pace.Upload),
		count("least bytes a second of an upload", b.Pace.Slowest), lasts("connection without a request", b.Pace.Idle),
	}
}
