package web_test

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/requests"
)

func TestADecisionIsPreviewedWordForWord(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Erasure, requests.Access)
	c := o.SignIn(o.officer)
	action, v := filled(t, c.Get("/requests/"+r.ID+"/decide/erasure").Want(t, 200), "decide")
	v.Set("step", "preview")
	says(t, c.Post(action, v).Want(t, 422), "Kies: toegewezen, deels toegewezen of geweigerd.")
	v.Set("outcome", "refused")
	v.Set("ground", "legal_obligation")
	v.Set("reasons", "De wet verplicht ons de facturen te bewaren.\n<img src=x onerror=alert(1)>")
	says(t, c.Post(action, v).Want(t, 422), "klacht kan indienen bij de toezichthouder", "naar de rechter")
	v.Set("complaint_told", "on")
	v.Set("court_told", "on")
	rev := v.Get("rev")
	preview := c.Post(action, v).Want(t, 200)
	hides(t, preview, "<img src=x")
	if preview.Find(`[data-testid="preview"]`).AttrOr("lang", "") != "nl" {
		t.Error("the preview does not say its language")
	}
	if got := o.now(t, r.ID); got.Items[1].Decision != nil || got.Items[0].Decision != nil {
		t.Fatal("the preview decided")
	}
	change, kept := filled(t, preview, "decision")
	kept.Set("step", "change")
	form := c.Post(change, kept).Want(t, 200)
	if form.Find(`textarea[name="reasons"]`).Text() == "" || form.Find(`input[value="refused"][checked]`).Length() != 1 {
		t.Error("going back to change it lost what was typed")
	}
	action, send := filled(t, preview, "decision")
	if send.Get("rev") != rev {
		t.Errorf("the preview carries revision %s, want %s", send.Get("rev"), rev)
	}
	send.Set("step", "send")
	if p := c.Post(action, send); p.Location != "/requests/"+r.ID {
		t.Fatalf("send: %d: %s", p.Status, p.Words())
	}
	// What the preview showed is what the person gets.
	o.Compose()
	notices, err := o.Notify.NoticesOf(t.Context(), o.Actor(o.officer), o.now(t, r.ID))
	if err != nil || len(notices) == 0 {
		t.Fatalf("notices: %d, %v", len(notices), err)
	}
	shown := strings.Join(strings.Fields(preview.Find(`[data-testid="letter"]`).Text()), " ")
	last := notices[len(notices)-1].Writing
	for _, b := range last.Blocks {
		for _, text := range append([]string{b.Text}, textsOf(b)...) {
			if want := strings.Join(strings.Fields(text), " "); !strings.Contains(shown, want) {
				t.Errorf("the person reads %q, the preview did not show it", want)
			}
		}
	}
	page := c.Get("/requests/"+r.ID).Want(t, 200)
	says(t, page, "Geweigerd", "De wet verplicht ons deze gegevens te bewaren.", "17(3)(b) GDPR")
	action, v = "/requests/"+r.ID+"/decide/erasure", send
	c.Post(action, v).Want(t, 409)
	c.Get(action).Want(t, 303)
}

func textsOf(b notify.Block) []string {
	var all []string
	for _, i := range b.Items {
		all = append(all, i.Text)
	}
	return all
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestAccessNeedsItsInformationAndACopy(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Access)
	c := o.SignIn(o.officer)
	action, v := filled(t, c.Get("/requests/"+r.ID+"/decide/access").Want(t, 200), "decide")
	v.Set("outcome", "granted")
	v.Set("step", "preview")
	p := c.Post(action, v).Want(t, 422)
	if n := p.Find(`[data-testid^="error-information_"]`).Length(); n != len(o.Requests.Catalogue.Information) {
		t.Errorf("%d of the art. 15(1) fields are named, want %d", n, len(o.Requests.Catalogue.Information))
	}
	says(t, p, "Voeg eerst de gegevens toe")
	c.Upload("/requests/"+r.ID+"/files", nil, handlertest.Attachment{Field: "file", Name: "data.csv", Body: []byte("a,b\n")})
	for _, i := range o.Requests.Catalogue.Information {
		v.Set("information_"+i.ID, "Om u brood te bezorgen.")
	}
	preview := c.Post(action, v).Want(t, 200)
	says(t, preview, "Om u brood te bezorgen.", "Daarna geeft u de bestanden vrij")
	// The file came after the form was opened, so the decision asks for a second look.
	action, send := filled(t, preview, "decision")
	send.Set("step", "send")
	again := c.Post(action, send).Want(t, 409)
	says(t, again, "Voegde een bestand toe aan het antwoord")
	if got := again.Find(`textarea[name="information_purposes"]`).Text(); got != "Om u brood te bezorgen." {
		t.Errorf("what was typed became %q", got)
	}
	action, v = filled(t, again, "decide")
	v.Set("step", "preview")
	action, send = filled(t, c.Post(action, v).Want(t, 200), "decision")
	send.Set("step", "send")
	if p := c.Post(action, send); p.Status != 303 || o.now(t, r.ID).State != requests.Decided {
		t.Errorf("send: %d: %s", p.Status, p.Words())
	}
	says(t, c.Get("/requests/"+r.ID).Want(t, 200), "De bestanden vrijgeven voor de betrokkene", "Om u brood te bezorgen.")
}

func TestRecipientsAreTickedOff(t *testing.T) {
	o := openOffice(t)
	r := erasureDecided(t, o)
	c := o.SignIn(o.officer)
	says(t, c.Get("/requests/"+r.ID).Want(t, 200), "Bezorgdienst BV", "Nog in te lichten", "art. 19 AVG")
	v := url.Values{"right": {"erasure"}, "recipient": {"0"}, "result": {"told"}}
	o.SignIn(o.stranger).Post("/requests/"+r.ID+"/told", v).Want(t, 404)
	c.Post("/requests/"+r.ID+"/told", v).Want(t, 303)
	if o.now(t, r.ID).Items[0].Decision.Recipients[0].Told == nil {
		t.Error("it was not ticked off")
	}
	v.Set("recipient", "7")
	c.Post("/requests/"+r.ID+"/told", v).Want(t, 404)
}

func TestOnlyTheDeskDecides(t *testing.T) {
	o := openOffice(t)
	r := erasureTaken(t, o)
	path := "/requests/" + r.ID + "/decide/erasure"
	v := url.Values{"rev": {rev(r)}, "outcome": {"granted"}, "step": {"send"}}
	for _, p := range []handlertest.Person{o.stranger, o.agent, o.admin} {
		c := o.SignIn(p)
		c.Get(path).Want(t, 404)
		if got := c.Post(path, v); got.Status != 404 && got.Status != 403 {
			t.Errorf("%s: %d", p.Name, got.Status)
		}
	}
	c := o.SignIn(o.officer)
	c.Get("/requests/"+r.ID+"/decide/access").Want(t, 404)
	c.Token = "-"
	c.Post(path, v).Want(t, 403)
	c.Token = ""
	if o.now(t, r.ID).Items[0].Decision != nil {
		t.Fatal("somebody decided")
	}
	if p := c.Post(path, v); p.Status != 303 {
		t.Errorf("the officer: %d: %s", p.Status, p.Words())
	}
}

func TestTheStoryIsSealedAndProven(t *testing.T) {
	o := openOffice(t)
	r := erasureTaken(t, o)
	c := o.SignIn(o.officer)
	page := c.Get("/requests/"+r.ID).Want(t, 200)
	says(t, page, "Pakte het verzoek op", "Sanne de Vries", "Wordt binnen een minuut verzegeld")
	o.Drain()
	page = c.Get("/requests/"+r.ID).Want(t, 200)
	proof := page.Find(`[data-testid="seal"] a`).First().AttrOr("href", "")
	if proof == "" {
		t.Fatalf("no entry offers its proof: %s", page.Words())
	}
	says(t, c.Get(proof).Want(t, 200), "Het bewijs klopt")
	o.SignIn(o.stranger).Get(proof).Want(t, 404)
	standsProven(t, o.World, c, "/requests/"+r.ID, r.ID)
	size, err := o.Ledger.Size(t.Context())
	if err != nil {
		t.Fatalf("size: %v", err)
	}
	foreign := 0
	for n := range size {
		if p := c.Get("/requests/" + r.ID + "/proof/" + itoa(n)); p.Status == 404 {
			foreign++
		}
	}
	if foreign == 0 {
		t.Error("entries of other objects are shown, too")
	}
	c.Get("/requests/"+r.ID+"/proof/99999").Want(t, 404)
	c.Get("/requests/"+r.ID+"/proof/x").Want(t, 404)
}

func TestTheReadingLeavesAnEntryAndChangesNothing(t *testing.T) {
	o := openOffice(t)
	r := erasureTaken(t, o)
	c := o.SignIn(o.officer)
	before := o.now(t, r.ID)
	for _, path := range []string{"", "/decide/erasure", "/do/extend", "/do/withdraw", "/do/ask-help"} {
		c.Get("/requests/"+r.ID+path).Want(t, 200)
	}
	after := o.now(t, r.ID)
	if after.Rev != before.Rev || after.State != before.State {
		t.Errorf("looking changed it: %s at %d", after.State, after.Rev)
	}
	reads := slices.DeleteFunc(o.Events(r.ID), func(a string) bool { return a != "request.read" })
	if len(reads) != 5 {
		t.Errorf("%d readings were recorded, want 5", len(reads))
	}
	c.Get("/requests/"+ledger.NewID("req")).Want(t, 404)
}

func TestHelpGoesToTheProcessorAndBack(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Access)
	officer, agent := o.SignIn(o.officer), o.SignIn(o.agent)
	says(t, officer.Get("/requests/"+r.ID+"/do/ask-help").Want(t, 200), "Uiterlijk", "mpg 8.1", "MijnPartnerGroep mag kosten rekenen")
	doDeed(t, officer, r.ID, "ask-help", "processor", o.Partner.ID, "question", "Welke bestellingen?").Want(t, 303)
	says(t, officer.Get("/queue?tab=waiting").Want(t, 200), r.Reference, "Wacht op een verwerker")
	list := agent.Get("/assists").Want(t, 200)
	says(t, list, r.Reference, "Bakkerij De Korenaar")
	hides(t, list, "Fatima")
	task := list.Find(".row-link").AttrOr("href", "")
	page := agent.Get(task).Want(t, 200)
	says(t, page, "Welke bestellingen?", "Fatima el Amrani", "klant 4411", "U mag Bakkerij De Korenaar kosten rekenen", "mpg 8.1")
	hides(t, page, "Alles over mijn bestellingen.")
	for _, p := range []handlertest.Person{o.stranger, o.admin} {
		o.SignIn(p).Get(task).Want(t, 404)
	}
	if p := agent.Upload(task+"/files", nil, handlertest.Attachment{Field: "file", Name: "export.csv", Body: []byte("a,b\n")}); p.Status != 303 {
		t.Fatalf("upload: %d: %s", p.Status, p.Words())
	}
	hides(t, officer.Get(task).Want(t, 200), "export.csv") // not sent yet
	action, v := filled(t, agent.Get(task), "answer")
	v.Set("outcome", "found")
	v.Set("costs_for_2", "2 uur zoeken")
	v.Set("costs_amount_2", "gratis")
	p := agent.Post(action, v).Want(t, 422)
	if p.Find(`[data-testid="error-costs_amount_2"]`).Length() != 1 || p.Find(`input[name="costs_for_2"]`).AttrOr("value", "") != "2 uur zoeken" {
		t.Error("the wrong amount is not named, or what was typed is gone")
	}
	v.Set("costs_amount_2", "1.180,50")
	v.Set("costs_for_2", "")
	if p := agent.Post(action, v).Want(t, 422); p.Find(`[data-testid="error-costs_for_2"]`).Length() != 1 {
		t.Error("an amount for nothing is not named at its line")
	}
	v.Set("costs_for_2", "2 uur zoeken")
	agent.Post(action, v).Want(t, 303)
	agent.Post(action, v).Want(t, 409)
	page = agent.Get(task).Want(t, 200)
	says(t, page, "kan niet meer worden veranderd", "1.180,50", "Voor rekening van: Bakkerij De Korenaar")
	agent.Upload(task+"/files", nil, handlertest.Attachment{Field: "file", Name: "x.csv", Body: []byte("a\n")}).Want(t, 409)
	page = officer.Get(task).Want(t, 200)
	says(t, page, "export.csv", "1.180,50")
	action, v = filled(t, page, "use")
	officer.Post(action, v).Want(t, 303)
	if n := len(o.now(t, r.ID).Files); n != 1 {
		t.Errorf("%d files in the answer, want the processor's", n)
	}
	says(t, officer.Get(task).Want(t, 200), "Deel van het antwoord")
	file := officer.Get(task).Find(".file a").AttrOr("href", "")
	if p := officer.Get(file).Want(t, 200); p.Body != "a,b\n" {
		t.Errorf("the file is %q", p.Body)
	}
	o.SignIn(o.stranger).Get(file).Want(t, 404)
}

func TestAWithdrawnQuestionHidesThePerson(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Access)
	officer, agent := o.SignIn(o.officer), o.SignIn(o.agent)
	doDeed(t, officer, r.ID, "ask-help", "processor", o.Partner.ID, "question", "Welke bestellingen?").Want(t, 303)
	task := agent.Get("/assists").Find(".row-link").AttrOr("href", "")
	cancel := officer.Get(task).Find(`[data-testid="cancel"]`).AttrOr("href", "")
	action, v := filled(t, officer.Get(cancel).Want(t, 200), "deed")
	officer.Post(action, v).Want(t, 303)
	page := agent.Get(task).Want(t, 200)
	says(t, page, "Deze vraag is ingetrokken")
	hides(t, page, "Fatima", "Welke bestellingen?")
	says(t, agent.Get("/assists").Want(t, 200), "Er wordt nu geen hulp aan u gevraagd")
	says(t, agent.Get("/assists?tab=done").Want(t, 200), "Ingetrokken")
}
