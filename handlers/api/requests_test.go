package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"inzage/handlers/api"
	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// send uploads a file as it is.
func (c *caller) send(path, name string, body []byte) answer {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.w.BaseURL+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	if name != "" {
		req.Header.Set("Content-Disposition", "attachment; filename*=UTF-8''"+name)
	}
	return c.sent(req)
}

// sent is one call with what the caller carries.
func (c *caller) sent(req *http.Request) answer {
	c.t.Helper()
	if c.token != "" {
		req.Header.Set("Authorization", c.scheme()+c.token)
	}
	if c.key != "" {
		req.Header.Set("Idempotency-Key", c.key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	c.asListed(req, res.StatusCode)
	return read(res, raw)
}

func (a answer) str(keys ...string) string {
	var v any = a.body
	for _, k := range keys {
		if list, ok := v.([]any); ok {
			i, err := strconv.Atoi(k)
			if err != nil || i >= len(list) {
				return ""
			}
			v = list[i]
			continue
		}
		m, _ := v.(map[string]any)
		v = m[k]
	}
	s, _ := v.(string)
	return s
}

func (a answer) list(key string) []any {
	l, _ := a.body[key].([]any)
	return l
}

type bodyOf = map[string]any

// asking is a filing for access at the bakery.
func asking() bodyOf {
	return bodyOf{"items": []bodyOf{{"right": "access", "what": "Alles over mijn bestellingen."}}, "person": bodyOf{"name": "Fatima el Amrani", "email": "fatima@example.org"}, "language": "nl"}
}

func entering(w *handlertest.World) bodyOf {
	b := asking()
	b["channel"], b["received"] = "letter", w.Now().Add(-time.Hour).Format(time.RFC3339)
	return b
}

func information() bodyOf {
	all := bodyOf{}
	for _, id := range []string{"purposes", "categories", "recipients", "storage", "source", "automated", "transfers"} {
		all[id] = "Zie de bijlage."
	}
	return all
}

// fatima is a data subject with a password and an authenticator.
func fatima(t *testing.T, w *handlertest.World) handlertest.Person {
	t.Helper()
	p := handlertest.Person{Name: "Fatima el Amrani", Email: "fatima@example.org", Password: "trapgevel-komijn-zeewind-42", Roles: []identity.Role{identity.Subject}}
	made, err := w.Identity.Provision(context.Background(), identity.System(), identity.Provision{Realm: identity.Subjects, Roles: p.Roles, Name: p.Name, Email: p.Email, Language: "nl", Password: p.Password})
	if err != nil {
		t.Fatalf("a data subject: %v", err)
	}
	p.Account, p.Secret = made.Account, made.TOTP
	return p
}

// filed files over the API and returns the caller, signed in for it, and the id.
func filed(t *testing.T, w *handlertest.World, organisation string, text bodyOf) (*caller, string) {
	t.Helper()
	c := newCaller(t, w)
	c.do("POST", "/filing", bodyOf{"organisation": organisation}).want(t, 201)
	c.do("PUT", "/filing", text).want(t, 200)
	c.do("POST", "/filing/send", nil).want(t, 202)
	code := w.LastLetter("fatima@example.org", "code").Data["code"]
	return c, c.do("POST", "/filing/confirm", bodyOf{"code": code}).want(t, 200).str("id")
}

func TestTheWholeWayByJSON(t *testing.T) {
	w := handlertest.New(t)
	subject := fatima(t, w)
	officer := newCaller(t, w).signIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	agent := newCaller(t, w).signIn(w.Hire("Joris Bakker", w.Partner, identity.Agent))

	me := newCaller(t, w)
	me.do("GET", "/filing", nil).problem(t, 410, "gone")
	start := me.do("POST", "/filing", bodyOf{"organisation": "mpg", "language": "nl"}).want(t, 201)
	if strings.Contains(start.raw, "req_") || start.str("controllers", "0", "id") == "" {
		t.Errorf("a form must offer controllers and keep its secret: %s", start.raw)
	}
	text := asking()
	text["controller"] = w.Online.ID
	me.do("PUT", "/filing", text).problem(t, 422, "invalid")
	text["controller"] = w.Bakery.ID
	if filled := me.do("PUT", "/filing", text).want(t, 200); len(filled.list("errors")) != 0 {
		t.Errorf("a whole form lacks something: %s", filled.raw)
	}
	me.send("/filing/files", "brief.txt", []byte("Een brief.")).want(t, 201)
	me.send("/filing/files", "", []byte("Een brief.")).problem(t, 422, "invalid")
	me.do("POST", "/filing/send", nil).want(t, 202)
	me.do("POST", "/filing/confirm", bodyOf{"code": "not it"}).problem(t, 422, "invalid")
	if q := officer.do("GET", "/requests", nil).want(t, 200); len(q.list("requests")) != 0 {
		t.Errorf("an unproven filing stands in a queue: %s", q.raw)
	}
	code := w.LastLetter(subject.Email, "code").Data["code"]
	received := me.do("POST", "/filing/confirm", bodyOf{"code": code}).want(t, 200)
	id := received.str("id")
	if received.str("state") != "forwarded" || received.str("desk") != w.Bakery.ID {
		t.Fatalf("mpg forwards: %s", received.raw)
	}
	mine := me.do("GET", "/my/requests/"+id, nil).want(t, 200)
	if mine.str("content", "items", "0", "what") != "Alles over mijn bestellingen." || mine.str("rules", "0", "clause") == "" || mine.str("clock", "due") != "2026-12-17" {
		t.Errorf("my request: %s", mine.raw)
	}
	if len(me.do("GET", "/my/requests", nil).want(t, 200).list("requests")) != 1 {
		t.Error("my list does not hold the one request")
	}
	seen := agent.do("GET", "/requests/"+id, nil).want(t, 200)
	if seen.str("sight") != "facts" || strings.Contains(seen.raw, "Fatima") || strings.Contains(seen.raw, "bestellingen") {
		t.Errorf("who forwarded sees the facts only: %s", seen.raw)
	}
	work(t, w, officer, agent, id)

	files := me.do("GET", "/my/requests/"+id, nil).want(t, 200)
	path := "/my/requests/" + id + "/files/" + files.str("content", "files", "0", "id")
	me.do("GET", path, nil).problem(t, 401, "unauthenticated")
	got := me.signIn(subject).do("GET", path, nil).want(t, 200)
	if got.raw != "naam,bedrag\nFatima,12\n" || !strings.Contains(got.header.Get("Content-Disposition"), "klant.csv") || !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the file: %q %v", got.raw, got.header)
	}
	if list := me.do("GET", "/my/requests/"+id+"/manifest", nil).want(t, 200); list.str("files", "0", "name") != "klant.csv" || list.str("files", "0", "sha256") == "" {
		t.Errorf("the list of the files: %s", list.raw)
	}
	w.Pass(6 * time.Minute)
	me.do("GET", path, nil).problem(t, 403, "step_up")
	me.do("GET", "/my/requests/"+id+"/manifest", nil).problem(t, 403, "step_up")
	w.Pass(8 * 24 * time.Hour)
	me.signIn(subject).do("GET", path, nil).problem(t, 410, "gone")
	me.do("POST", "/my/requests/"+id+"/renew", bodyOf{}).want(t, 200)
	me.do("GET", path, nil).want(t, 200)
}

// work takes a request from the desk's queue to the released answer.
func work(t *testing.T, w *handlertest.World, officer, agent *caller, id string) {
	t.Helper()
	at := "/requests/" + id
	read := officer.do("GET", at, nil).want(t, 200)
	if read.str("content", "person", "name") != "Fatima el Amrani" || len(read.body["content"].(bodyOf)["attachments"].([]any)) != 1 {
		t.Fatalf("the desk reads the content: %s", read.raw)
	}
	rev := read.body["request"].(bodyOf)["rev"].(float64)
	agent.do("POST", at+"/take-up", bodyOf{}).problem(t, 403, "forbidden")
	officer.do("POST", at+"/take-up", bodyOf{"rev": rev + 7}).problem(t, 409, "conflict")
	if s := officer.do("GET", at, nil).want(t, 200).str("request", "state"); s != "forwarded" {
		t.Errorf("a refused action changed the state to %s", s)
	}
	officer.do("POST", at+"/take-up", bodyOf{"rev": rev}).want(t, 200)
	helpers := officer.do("GET", at+"/helpers?right=access", nil).want(t, 200)
	if !strings.Contains(helpers.raw, w.Partner.ID) || helpers.str("helpers", "0", "latest") == "" {
		t.Errorf("helpers: %s", helpers.raw)
	}
	asked := officer.do("POST", at+"/assists", bodyOf{"processor": w.Partner.ID, "right": "access", "question": "Zoek de bestellingen."}).want(t, 201).str("id")
	help := "/assists/" + asked
	task := agent.do("GET", help, nil).want(t, 200)
	if task.str("person", "name") != "Fatima el Amrani" || task.str("question") != "Zoek de bestellingen." {
		t.Errorf("the task: %s", task.raw)
	}
	officer.send(help+"/files", "klant.csv", []byte("x")).problem(t, 403, "forbidden")
	file := agent.send(help+"/files", "klant.csv", []byte("naam,bedrag\nFatima,12\n")).want(t, 201).str("id")
	officer.do("POST", help+"/files/"+file+"/use", nil).problem(t, 404, "not_found")
	agent.do("POST", help+"/answer", bodyOf{"outcome": "found", "costs": []bodyOf{{"for": "Een uur zoeken", "cents": 9500}}}).want(t, 200)
	agent.do("POST", help+"/answer", bodyOf{"outcome": "nothing_found"}).problem(t, 409, "conflict")
	if bill := officer.do("GET", help, nil).want(t, 200); bill.str("bill", "lines", "0", "clause") == "" || bill.str("bill", "lines", "0", "bearer") == "" {
		t.Errorf("the bill names no clause: %s", bill.raw)
	}
	officer.do("POST", help+"/files/"+file+"/use", nil).want(t, 200)
	officer.do("POST", at+"/decide", bodyOf{"right": "access", "outcome": "granted"}).problem(t, 422, "invalid")
	officer.do("POST", at+"/decide", bodyOf{"right": "access", "outcome": "refused", "ground": "excessive", "reasons": "Te veel."}).problem(t, 422, "invalid")
	officer.do("POST", at+"/release", bodyOf{}).problem(t, 409, "conflict")
	decided := officer.do("POST", at+"/decide", bodyOf{"right": "access", "outcome": "granted", "information": information()}).want(t, 200)
	if decided.str("state") != "decided" {
		t.Errorf("after the last right: %s", decided.raw)
	}
	w.Pass(6 * time.Minute)
	officer.do("POST", at+"/release", bodyOf{}).problem(t, 403, "step_up")
	officer.do("POST", "/sessions/totp", bodyOf{"code": w.Code(handlertest.Person{Secret: officer.secret})}).want(t, 200)
	officer.do("POST", at+"/release", bodyOf{}).want(t, 200)
}

func TestMachinesActWithinTheirScopes(t *testing.T) {
	w := handlertest.New(t)
	admin := newCaller(t, w).signIn(w.Hire("Hendrik Mulder", w.Bakery, identity.Admin))
	machine := func(scopes ...string) *caller {
		made := admin.do("POST", "/tokens", bodyOf{"name": "ERP", "roles": []string{"privacy_officer"}, "scopes": scopes, "days": 30}).want(t, 201)
		c := newCaller(t, w)
		c.token = made.str("secret")
		return c
	}
	reader, writer := machine("requests:read"), machine("requests:write")
	reader.do("POST", "/requests", entering(w)).problem(t, 403, "forbidden")
	id := writer.do("POST", "/requests", entering(w)).want(t, 201).str("id")
	at := "/requests/" + id
	writer.do("GET", at, nil).problem(t, 403, "forbidden")
	writer.do("GET", "/requests", nil).problem(t, 403, "forbidden")
	for path, want := range map[string]int{"/requests": 1, "/requests?right=access": 1, "/requests?right=erasure": 0, "/requests?tab=done": 0} {
		if q := reader.do("GET", path, nil).want(t, 200); len(q.list("requests")) != want {
			t.Errorf("the queue of a machine, %s: %s", path, q.raw)
		}
	}
	if found := reader.do("POST", "/requests/search", bodyOf{"text": "FATIMA@example.org"}).want(t, 200); found.str("requests", "0", "id") != id {
		t.Errorf("search by address: %s", found.raw)
	}
	reader.do("GET", at, nil).want(t, 200)
	reader.do("POST", at+"/take-up", bodyOf{}).problem(t, 403, "forbidden")
	writer.do("POST", at+"/take-up", bodyOf{}).want(t, 200)
	writer.send(at+"/files", "data.json", []byte(`{"a":1}`)).want(t, 201)
	reader.send(at+"/files", "data.json", []byte(`{"a":1}`)).problem(t, 403, "forbidden")
	writer.do("POST", at+"/decide", bodyOf{"right": "access", "outcome": "granted", "information": information()}).want(t, 200)
	writer.do("POST", at+"/release", bodyOf{}).problem(t, 403, "forbidden") // no machine gives personal data away
	events := w.Events(id)
	slices.Sort(events)
	if got := strings.Join(events, " "); got != "request.acknowledge request.add_file request.decide request.enter request.read" {
		t.Errorf("events = %s", got)
	}
}

// atOnce makes the same call thirty times at once and counts the statuses.
func atOnce(t *testing.T, call func() answer) (map[int]int, []answer) {
	t.Helper()
	var mu sync.Mutex
	var running sync.WaitGroup
	counts, all := map[int]int{}, []answer{}
	for range 30 {
		running.Go(func() {
			a := call()
			mu.Lock()
			defer mu.Unlock()
			counts[a.status]++
			all = append(all, a)
		})
	}
	running.Wait()
	t.Logf("thirty at once: %v", counts)
	return counts, all
}

func TestTheSameKeyMakesOneThing(t *testing.T) {
	w := handlertest.New(t)
	c := newCaller(t, w).signIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	c.key = "brief-2026-118"
	body := entering(w)
	counts, all := atOnce(t, func() answer { return c.do("POST", "/requests", body) })
	if counts[201] != 30 {
		t.Fatalf("statuses = %v", counts)
	}
	id := all[0].str("id")
	for _, a := range all {
		if a.str("id") != id {
			t.Errorf("two requests of one key: %s and %s", id, a.str("id"))
		}
	}
	if q := c.do("GET", "/requests", nil).want(t, 200); len(q.list("requests")) != 1 {
		t.Errorf("the queue holds %d, want 1", len(q.list("requests")))
	}
	other := entering(w)
	other["person"] = bodyOf{"name": "Iemand anders"}
	c.do("POST", "/requests", other).problem(t, 422, "invalid")
	at := "/requests/" + id
	counts, _ = atOnce(t, func() answer { return c.do("POST", at+"/notes", bodyOf{"text": "Gebeld."}) })
	if counts[201] == 0 || counts[201]+counts[409] != 30 {
		t.Errorf("notes: %v", counts)
	}
	c.do("POST", at+"/notes", bodyOf{"text": "Nog eens gebeld."}).problem(t, 422, "invalid")
	c.do("POST", at+"/notes", bodyOf{"text": "Gebeld."}).want(t, 201)
	c.do("POST", at+"/take-up", bodyOf{}).want(t, 200)
	counts, _ = atOnce(t, func() answer { return c.send(at+"/files", "data.json", []byte(`{"a":1}`)) })
	if counts[201] == 0 || counts[201]+counts[409] != 30 {
		t.Errorf("files: %v", counts)
	}
	c.send(at+"/files", "data.json", []byte(`{"a":2}`)).problem(t, 422, "invalid")
	c.send(at+"/files", "data.json", []byte(`{"a":1}`)).want(t, 201)
	counts, _ = atOnce(t, func() answer {
		return c.do("POST", at+"/assists", bodyOf{"processor": w.Partner.ID, "right": "access", "question": "Zoek."})
	})
	read := c.do("GET", at, nil).want(t, 200)
	content := read.body["content"].(bodyOf)
	if n, f, h := len(content["notes"].([]any)), len(content["files"].([]any)), len(read.list("assists")); n != 1 || f != 1 || h != 1 {
		t.Errorf("%d notes, %d files, %d assists (%v); want one of each", n, f, h, counts)
	}
	if n, err := api.Forget(t.Context(), w.API.Replays, w.Now(), 100); n != 0 || err != nil {
		t.Errorf("forgot %d keys that are in use, %v", n, err)
	}
	w.Pass(8 * 24 * time.Hour)
	if n, err := api.Forget(t.Context(), w.API.Replays, w.Now(), 100); n != 4 || err != nil {
		t.Errorf("forgot %d keys, %v; want the four whose time is over", n, err)
	}
}
