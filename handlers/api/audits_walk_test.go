package api_test

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"inzage/handlers/access"
	"inzage/handlers/api"
	"inzage/handlers/handlertest"
	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// walk takes audits through the API. Before each call it tries the same call
// as everybody who may not make it, and holds that nothing changed.
type walk struct {
	*handlertest.World
	t         *testing.T
	agreement agreements.Agreement
	processor identity.Organisation
	people    map[string]handlertest.Person
	callers   map[string]*caller
	id        string // of the audit
	routes    []operation
	tried     map[string]bool // method and path of the calls that were made
	refused   int             // calls that were refused
}

// everybody who stands in some relation to an audit, and some who do not.
var everybody = []string{"officer", "controllerAdmin", "agent", "processorAdmin", "auditor", "stranger", "operator", "nobody"}

func newWalk(t *testing.T, preset string) *walk {
	t.Helper()
	k := &walk{World: handlertest.New(t), t: t, tried: map[string]bool{}, callers: map[string]*caller{}}
	k.processor = k.Organisation("Rekenkracht", "rekenkracht")
	firm := k.Organisation("Jansen Audit", "jansen")
	k.agreement = k.Agree(preset, k.Bakery, k.processor)
	k.people = map[string]handlertest.Person{
		"officer":         k.Hire("Sanne de Vries", k.Bakery, identity.PrivacyOfficer),
		"controllerAdmin": k.Hire("Karel Bakker", k.Bakery, identity.Admin),
		"agent":           k.Hire("Tom Jansen", k.processor, identity.Agent),
		"processorAdmin":  k.Hire("Ria Smit", k.processor, identity.Admin),
		"auditor":         k.Hire("Rik Jansen", firm, identity.Auditor),
		"stranger":        k.Hire("Vera Veen", k.Florist, identity.PrivacyOfficer, identity.Agent, identity.Admin),
		"operator":        k.Hire("Otto Oosterhuis", identity.Organisation{Slug: "operator"}, identity.Operator),
	}
	k.callers["nobody"] = newCaller(t, k.World)
	k.routes = auditRoutes(t, k.callers["nobody"])
	k.signInAll()
	return k
}

// signInAll signs everybody in anew: sessions end when time goes by.
func (k *walk) signInAll() {
	k.t.Helper()
	for name, p := range k.people {
		k.callers[name] = newCaller(k.t, k.World).signIn(p)
	}
}

// as is the caller, with the audit put into the path for {id}.
func (k *walk) as(who, method, path string, body any) answer {
	k.t.Helper()
	k.tried[method+" "+strings.ReplaceAll(path, "{id}", k.id)] = true
	return k.callers[who].do(method, strings.ReplaceAll(path, "{id}", k.id), body)
}

// rev is the revision of the audit as it is stored.
func (k *walk) rev() int64 {
	k.t.Helper()
	if k.id == "" {
		return 0
	}
	return k.stored().Rev
}

// only makes a call as everybody but those who may make it, all of whom are
// refused, and then as the first of those who may.
func (k *walk) only(may, method, path string, body any) answer {
	k.t.Helper()
	return k.onlyBy(may, method+" "+path, func(c *caller) answer { return c.do(method, strings.ReplaceAll(path, "{id}", k.id), body) })
}

func (k *walk) onlyBy(may, what string, call func(*caller) answer) answer {
	k.t.Helper()
	allowed := strings.Fields(may)
	rev, size, signedIn := k.rev(), k.sealed(), 0
	for _, who := range everybody {
		if slices.Contains(allowed, who) {
			continue
		}
		a := call(k.callers[who])
		k.refused++
		switch {
		case who == "nobody":
			a.problem(k.t, 401, "unauthenticated")
			continue
		case who == "operator":
			a.problem(k.t, 403, "forbidden")
		case a.status != 403 && a.status != 404 || a.str("request_id") == "":
			k.t.Errorf("%s as %s: %d %s", what, who, a.status, a.raw)
		}
		signedIn++
	}
	if after := k.rev(); after != rev {
		k.t.Errorf("%s: a refused call changed the audit from %d to %d", what, rev, after)
	}
	if left := k.since(size); len(left) != signedIn || slices.ContainsFunc(left, func(e ledger.Entry) bool { return e.Event.Outcome != ledger.Refused }) {
		k.t.Errorf("%s: %d refusals left %d entries: %v", what, signedIn, len(left), left)
	}
	path := strings.ReplaceAll(what, "{id}", k.id)
	k.tried[path] = true
	k.documented(path, allowed)
	return call(k.callers[allowed[0]])
}

// sealed is how many entries the ledger has.
func (k *walk) sealed() int64 {
	k.t.Helper()
	k.Drain()
	size, err := k.Ledger.Size(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	return size
}

// since are the entries that came after.
func (k *walk) since(size int64) []ledger.Entry {
	k.t.Helper()
	n := k.sealed() - size
	if n == 0 {
		return nil
	}
	all, err := k.Ledger.Read(k.t.Context(), size, int(n))
	if err != nil {
		k.t.Fatal(err)
	}
	return all
}

// post is only for POST, which has to succeed.
func (k *walk) post(may, path string, body any) answer {
	k.t.Helper()
	var size int64
	a := k.onlyBy(may, "POST "+path, func(c *caller) answer {
		size = k.sealed()
		return c.do("POST", strings.ReplaceAll(path, "{id}", k.id), body)
	})
	if a.status != 200 && a.status != 201 {
		k.t.Fatalf("POST %s: %d %s", path, a.status, a.raw)
	}
	left := slices.DeleteFunc(k.since(size), func(e ledger.Entry) bool { return e.Event.Actor == ledger.SystemActor })
	if entry := k.entry("POST " + strings.ReplaceAll(path, "{id}", k.id)); len(left) != 1 || left[0].Event.Outcome != ledger.Done || entry != "*" && left[0].Event.Action != entry {
		k.t.Errorf("POST %s left %v, want the one entry %s", path, left, entry)
	}
	if a.str("sight") != "" || a.body["inquiries"] != nil {
		k.t.Errorf("POST %s shows content: %s", path, a.raw)
	}
	return a
}

// entry is what the table of access says that a call leaves.
func (k *walk) entry(what string) string {
	for _, op := range k.routes {
		if !op.pattern.MatchString(what) {
			continue
		}
		method, path, _ := strings.Cut(op.name, " ")
		path = "/api/v1" + strings.NewReplacer("{", ":", "}", "").Replace(path)
		return access.Of(api.Rows())[method+" "+path].Entry
	}
	return ""
}

// get is only for GET, which has to succeed.
func (k *walk) get(may, path string) answer {
	k.t.Helper()
	return k.only(may, "GET", path, nil).want(k.t, 200)
}

// goTo moves the clock to noon of a day and signs everybody in again.
func (k *walk) goTo(day string) {
	k.t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		k.t.Fatal(err)
	}
	k.Pass(at.Add(12 * time.Hour).Sub(k.Now()))
	k.signInAll()
}

// stored is the audit as it is stored.
func (k *walk) stored() audits.Audit {
	k.t.Helper()
	a, err := k.Audits.Audits.Get(k.t.Context(), k.id)
	if err != nil {
		k.t.Fatal(err)
	}
	return a
}

// number is a whole number of a JSON document in decimals.
func number(v any) string {
	f, _ := v.(float64)
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// plan is in order under every preset.
func plan() bodyOf {
	return bodyOf{"subject": "Beveiliging van de hosting", "mode": "on_site", "breach_indicated": true, "why": "Een melding van een datalek.",
		"notice": bodyOf{"method": "Interviews en inzage in logboeken", "auditor": "R. Jansen RE", "information": "Logboeken", "locations": "Vianen", "arguments": "Het rapport zegt niets over back-ups."}}
}

func expert() bodyOf {
	return bodyOf{"name": "Rik Jansen", "email": "rik.jansen@jansen.example", "firm": "Jansen Audit", "register": "RE 1234", "language": "nl",
		"independent": true, "register_edp": true, "ict_expert": true, "bound_to_secrecy": true}
}

// operation is one of the document.
type operation struct {
	name    string // method and path
	pattern *regexp.Regexp
	roles   []any
}

// auditRoutes are the operations of audits in the document.
func auditRoutes(t *testing.T, c *caller) []operation {
	t.Helper()
	doc := c.do("GET", "/openapi.json", nil).want(t, 200)
	var all []operation
	for path, at := range doc.body["paths"].(bodyOf) {
		for method, about := range at.(bodyOf) {
			op := about.(bodyOf)
			if tags, _ := op["tags"].([]any); !slices.Contains(tags, any("Audits")) {
				continue
			}
			pattern := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), `[^/?]+`)
			roles, _ := op["x-roles"].([]any)
			all = append(all, operation{name: strings.ToUpper(method) + " " + path, roles: roles,
				pattern: regexp.MustCompile("^" + strings.ToUpper(method) + " " + pattern + `(\?.*)?$`)})
		}
	}
	if len(all) < 60 {
		t.Fatalf("only %d operations", len(all))
	}
	return all
}

// documented holds that the document names the roles of those who may.
func (k *walk) documented(what string, allowed []string) {
	k.t.Helper()
	for _, op := range k.routes {
		if !op.pattern.MatchString(what) {
			continue
		}
		for _, who := range allowed {
			if role := k.people[who].Roles[0]; !slices.Contains(op.roles, any(string(role))) {
				k.t.Errorf("%s: the document leaves out %s, who may: %v", op.name, role, op.roles)
			}
		}
		return
	}
	k.t.Errorf("%s is not in the document", what)
}

// untried lists the operations of audits that no call was made to.
func (k *walk) untried() []string {
	var left []string
	for _, op := range k.routes {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(k.tried)), op.pattern.MatchString) {
			left = append(left, op.name)
		}
	}
	slices.Sort(left)
	return left
}
