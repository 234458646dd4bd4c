package handlers_test

import (
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
	"inzage/services/vault"
	"inzage/services/vault/vaulttest"
)

// TestCanaries puts things that nobody else may ever read through the portal,
// and then looks for them where they must not be: the log, the ledger, the store
// and its files, and every address that the portal led to.
func TestCanaries(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Kanarie Zangvogel", w.Bakery, identity.PrivacyOfficer, identity.Admin)
	canaries := map[string]string{
		"a subject's name": "Kanariefatima", "a subject's address": "kanarie.fatima@example.org", "what was asked": "Kanarievraag", "a note": "Kanarienotitie", "a file's name": "Kanariebestand",
		"a file's content": "Kanarie-inhoud", "a name of staff": p.Name, "an address of staff": p.Email, "a password": p.Password, "an authenticator's secret": p.Secret,
		"a wrong password": "Kanarie-verkeerd-woord", "an address without an account": "kanarie.niemand@example.org", "what was searched for": "Kanariezoeken",
	}
	r, entry := askedBy(t, w, requests.Person{Name: canaries["a subject's name"], Email: canaries["a subject's address"]}, canaries["what was asked"])
	canaries["a code"] = w.LastLetter(canaries["a subject's address"], "code").Data["code"]
	canaries["a session of a subject"] = entry.Token
	var led []string // every address that the portal led to
	c := signIn(t, w, p, canaries, &led)
	officer := w.Actor(p)
	if _, err := w.Requests.TakeUp(t.Context(), officer, r.ID); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"/queue", "/requests/" + r.ID, "/account", "/people", "/queue?text=" + canaries["what was searched for"], "/nowhere/" + canaries["what was searched for"], "/api/v1/requests/" + r.ID} {
		led = append(led, c.Get(at).Location)
	}
	led = append(led, c.Post("/requests/"+r.ID+"/do/note", url.Values{"note": {canaries["a note"]}}).Want(t, http.StatusSeeOther).Location)
	for _, text := range []string{"what was searched for", "a subject's address"} {
		led = append(led, c.Post("/queue/search", url.Values{"text": {canaries[text]}}).Location)
	}
	if _, err := w.Requests.AddAnswerFile(t.Context(), officer, r.ID, requests.Upload{Name: canaries["a file's name"] + ".txt", Size: -1, Body: strings.NewReader(strings.Repeat(canaries["a file's content"], 100))}); err != nil {
		t.Fatal(err)
	}
	person := w.Browser()
	person.SetSession(entry.Token)
	led = append(led, person.Get("/my/"+r.ID).Location)
	w.Compose()

	// The twins: who may read them does.
	if page := c.Get("/requests/" + r.ID); !strings.Contains(page.Body, canaries["a subject's name"]) || !strings.Contains(page.Body, canaries["what was asked"]) || !strings.Contains(page.Body, canaries["a note"]) {
		t.Error("the officer does not read what was asked")
	}
	places := map[string]string{"the log": w.Log.String(), "the addresses": strings.Join(led, "\n"), "the ledger": ledgerOf(t, w)}
	inFolder(t, w.Folder, places)
	inFolder(t, string(w.Vault.Blobs.(vaulttest.Folder)), places)
	looked, found := 0, 0
	for what, canary := range canaries {
		if canary == "" {
			t.Errorf("there is no canary for %s", what)
		}
		for place, text := range places {
			if len(canary) == 6 && strings.HasPrefix(place, "/") {
				continue // six digits stand in any file of some size
			}
			looked++
			if strings.Contains(text, canary) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(canary))) || strings.Contains(text, url.QueryEscape(canary)) {
				found++
				t.Errorf("%s stands in %s", what, place)
			}
		}
	}
	t.Logf("canaries: %d, looked for in %d places: %d looks, %d found", len(canaries), len(places), looked, found)
	if len(places) < 5 || len(places["the ledger"]) < 1000 || len(places["the log"]) < 1000 {
		t.Error("there was not enough to look at")
	}
}

// signIn signs in over HTTP, after a wrong password and an unknown address.
func signIn(t *testing.T, w *handlertest.World, p handlertest.Person, canaries map[string]string, led *[]string) *handlertest.Client {
	t.Helper()
	c := w.Browser()
	c.Get("/sign-in").Want(t, http.StatusOK)
	*led = append(*led, c.Post("/sign-in", url.Values{"email": {canaries["an address without an account"]}, "password": {canaries["a wrong password"]}}).Location,
		c.Post("/sign-in", url.Values{"email": {p.Email}, "password": {canaries["a wrong password"]}}).Location,
		c.Post("/password/forgot", url.Values{"email": {p.Email}}).Location,
		c.Post("/sign-in", url.Values{"email": {p.Email}, "password": {p.Password}}).Want(t, http.StatusSeeOther).Location)
	code := w.Code(p)
	canaries["an authenticator's code"] = code
	*led = append(*led, c.Post("/sign-in/factor", url.Values{"code": {code}}).Want(t, http.StatusSeeOther).Location)
	for _, k := range c.HTTP.Jar.Cookies(w.Site.BaseURL) {
		if k.Name == "inzage" {
			canaries["a session of staff"] = k.Value
		}
	}
	return c
}

func ledgerOf(t *testing.T, w *handlertest.World) string {
	t.Helper()
	w.Drain()
	entries, err := w.Ledger.Read(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// inFolder adds every file below the folder.
func inFolder(t *testing.T, folder string, places map[string]string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		places[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSwappedContent moves sealed content to where it does not belong, as
// somebody with the store could: it does not open there. Moved back, it does.
func TestSwappedContent(t *testing.T) {
	w := handlertest.New(t)
	one, _ := askedBy(t, w, requests.Person{Name: "Kanarie Een", Email: "een@example.org"}, "Vraag een")
	two, _ := askedBy(t, w, requests.Person{Name: "Kanarie Twee", Email: "twee@example.org"}, "Vraag twee")
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	opens := func(id string) bool {
		t.Helper()
		r, err := w.Requests.Requests.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		w.Pass(time.Second)
		_, err = w.Requests.Tell(t.Context(), officer, r)
		if err != nil && fault.KindOf(err) != "" {
			t.Errorf("content that was moved is a refusal: %v", err)
		}
		return err == nil
	}
	put := func(id string, person vault.Sealed) {
		t.Helper()
		if _, err := w.Requests.Requests.Touch(t.Context(), id, func(r *requests.Request) error { r.Person = person; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if !opens(one.ID) || !opens(two.ID) {
		t.Fatal("what belongs where it is does not open")
	}
	sent, refused := 0, 0
	for name, moved := range map[string]vault.Sealed{"of another request": two.Person, "cut": one.Person[:len(one.Person)-4], "of another field": one.Items[0].Asked} {
		put(one.ID, moved)
		if sent++; opens(one.ID) {
			t.Errorf("content %s opens", name)
			continue
		}
		refused++
	}
	put(one.ID, one.Person)
	t.Logf("moved content: %d tried, %d did not open; moved back it opens: %t", sent, refused, opens(one.ID))
	if !opens(one.ID) {
		t.Error("moved back it does not open")
	}
}
