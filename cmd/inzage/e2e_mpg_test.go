package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/cmd/inzage/browsertest"
	"inzage/services/identity"
)

// TestJourneyForwarded is a whole request in Dutch under mpg, which forwards:
// the subject files at the processor on a phone, the processor forwards and
// helps, the controller decides, and the subject opens the answer with a passkey.
func TestJourneyForwarded(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	j := &forwarded{house: h, sanne: h.hire("Sanne de Vries", "nl", h.bakery, identity.PrivacyOfficer), joris: h.hire("Joris Bakker", "nl", h.partner, identity.Agent),
		fatima: h.window("Fatima", "nl", browsertest.Phone), officer: h.window("Sanne", "nl", browsertest.Laptop), agent: h.window("Joris", "nl", browsertest.Laptop)}
	j.begins()
	j.explains()
	j.proves()
	j.agentSeesItPassedOn()
	j.officerAsksForHelp()
	j.agentHelps()
	j.officerGrantsAccess()
	j.officerErasesInPart()
	j.officerReleases()
	j.fatimaMakesAPasskey()
	j.fatimaDownloads()
	j.officerCloses()
	h.report(j.fatima, j.officer, j.agent)
}

type forwarded struct {
	*house
	sanne, joris           worker
	fatima, officer, agent *browsertest.Window
	reference              string
}

const fatimaMail = "fatima@example.org"

var (
	receipt = browsertest.File{Name: "bon.txt", Body: []byte("Bon van 3 maart: een tarwebrood.\n")}
	orders  = browsertest.File{Name: "bestellingen.csv", Body: []byte(strings.Repeat("2026-03-03;tarwebrood;3,45\n", 40_000))}
)

func (j *forwarded) begins() {
	w := j.fatima
	w.Open("/")
	w.Open("/o/mpg")
	w.See("MijnPartnerGroep werkt ook voor andere organisaties.")
	w.Press("Begin een verzoek aan MijnPartnerGroep")
	w.Press("Verder")
	w.See("Bekijk een paar antwoorden nog eens.") // nothing was chosen
	w.Choose("Mijn gegevens inzien", "Gegevens laten wissen")
	w.Press("Verder")
	w.Choose("Bakkerij De Korenaar")
	w.Press("Verder")
}

func (j *forwarded) explains() {
	w := j.fatima
	w.Fill("Welke gegevens wilt u inzien?", "Alles over mijn bestellingen, en wie ze kreeg.")
	w.Fill("Uit welke periode?", "2024 tot nu")
	w.Press("Verder")
	w.Fill("Welke gegevens moeten worden gewist?", "Mijn account en mijn bestellingen.")
	w.Press("Verder")
	w.Fill("Uw naam", "Fatima el Amrani")
	w.Fill("Uw e-mailadres", fatimaMail)
	w.Fill("Klantnummer, personeelsnummer of iets dergelijks", "klant 4411")
	w.Press("Verder")
	w.Choose("Ja, voor mijzelf")
	w.Press("Verder")
	w.Upload("Kies bestanden", receipt)
	w.Press("Voeg deze bestanden toe")
	w.See("bon.txt")
	w.Press("Verder")
	w.See("Alles over mijn bestellingen, en wie ze kreeg.", "Bakkerij De Korenaar", "bon.txt", "klant 4411")
	w.Press("Mijn verzoek versturen")
}

// proves gives the code, and sees who has the request now, and why.
func (j *forwarded) proves() {
	w := j.fatima
	w.Fill("De code uit de e-mail", "000000")
	w.Press("Bevestigen en mijn verzoek versturen")
	w.See("Bekijk een paar antwoorden nog eens.")
	w.Fill("De code uit de e-mail", j.mailed(fatimaMail, "Uw code"))
	w.Press("Bevestigen en mijn verzoek versturen")
	w.See("Uw verzoek is verstuurd.")
	w.Press("Bekijk mijn verzoek")
	j.reference = strings.TrimPrefix(w.Text("h1"), "Uw verzoek ")
	w.See("Bakkerij De Korenaar heeft uw verzoek en beslist erover.", "mpg 8.1")
	w.Reload("Uw verzoek " + j.reference + " is doorgestuurd")
	j.letter(fatimaMail, "Uw verzoek "+j.reference+" is doorgestuurd")
}

// signIn proves both factors on the pages for it, and goes on to a path.
func (h *house) signIn(w *browsertest.Window, p worker, path string, words signInWords) {
	h.t.Helper()
	w.Open("/sign-in?to=" + path)
	w.Fill(words.email, p.email)
	w.Fill(words.password, p.password)
	w.Press(words.goOn)
	w.Fill(words.code, h.code(p.secret))
	w.Press(words.signIn)
}

type signInWords struct{ email, password, goOn, code, signIn string }

var dutchSignIn = signInWords{"Uw e-mailadres", "Uw wachtwoord", "Verder naar de code", "De code in uw app", "Inloggen"}

func (j *forwarded) agentSeesItPassedOn() {
	w := j.agent
	j.signIn(w, j.joris, "/queue", dutchSignIn)
	w.See("MijnPartnerGroep")
	w.Press("Doorgestuurd")
	w.See(j.reference, "Bakkerij De Korenaar")
	w.Press(j.reference)
	w.See("Doorgestuurd naar Bakkerij De Korenaar")
	w.Unseen("Fatima", "tarwebrood", "bestellingen") // what is asked is not the processor's to read
}

func (j *forwarded) officerAsksForHelp() {
	w := j.officer
	j.letter(j.sanne.email, "Nieuw verzoek "+j.reference)
	j.signIn(w, j.sanne, "/queue", dutchSignIn)
	w.See(j.reference)
	w.Press("Nog van niemand")
	w.Press(j.reference)
	w.See("Fatima el Amrani", "Alles over mijn bestellingen, en wie ze kreeg.", "klant 4411")
	if diff := cmp.Diff(receipt, w.Download("bon.txt")); diff != "" {
		j.t.Errorf("the subject's file (-sent +got):\n%s", diff)
	}
	w.Press("Dit verzoek oppakken")
	w.Press("Oppakken en dat melden")
	w.Press("Een verwerker om hulp vragen")
	w.See("mpg 8.1")
	w.Choose("MijnPartnerGroep")
	w.Fill("Wat moet de verwerker zoeken of doen?", "Alle bestellingen van klant 4411 sinds 2024.")
	w.Press("Deze verwerker vragen")
	w.See("MijnPartnerGroep")
}

func (j *forwarded) agentHelps() {
	w := j.agent
	j.letter(j.joris.email, "vraagt uw hulp")
	w.Press("Hulp aan ons gevraagd")
	w.Press(j.reference)
	w.See("Alle bestellingen van klant 4411 sinds 2024.", "Fatima el Amrani")
	w.Upload("Bestanden voor de verantwoordelijke", orders)
	w.Press("Voeg deze bestanden toe")
	w.See("bestellingen.csv")
	w.Choose("Gevonden")
	w.Fill("In woorden", "Alle bestellingen staan in het bestand.")
	w.Fill("Waarvoor (regel 1)", "Zoeken in de back-up")
	w.Press("Dit antwoord versturen")
	w.See("Vul een bedrag in zoals 120,50.") // a cost without its amount
	w.Choose("Gevonden")
	w.Fill("Bedrag in euro's (regel 1)", "120,50")
	w.Press("Dit antwoord versturen")
	w.See("Het is verstuurd en kan niet meer worden veranderd.")
}

func (j *forwarded) officerGrantsAccess() {
	w := j.officer
	j.letter(j.sanne.email, "heeft uw vraag bij "+j.reference+" beantwoord")
	w.Reload("Gevonden")
	w.Press("MijnPartnerGroep")
	w.See("Alle bestellingen staan in het bestand.")
	w.Press("Gebruiken in het antwoord")
	w.Press("Terug naar verzoek " + j.reference)
	w.Press("Beslissen over inzage")
	w.Choose("Toewijzen")
	w.Press("Toon het antwoord zoals de betrokkene het leest")
	w.See("Bekijk een paar antwoorden nog eens.") // art. 15(1) is not told yet
	for label, text := range map[string]string{
		"Doelen": "Wij gebruiken uw gegevens om uw bestellingen te bezorgen.", "Soorten gegevens": "Naam, adres, bestellingen.",
		"Wie de gegevens kreeg": "MijnPartnerGroep, die onze website beheert.", "Hoe lang de gegevens blijven bewaard": "Zeven jaar na de bestelling.",
		"Waar de gegevens vandaan komen": "U gaf ze zelf.", "Automatische besluiten": "Geen.", "Doorgifte buiten de EER": "Geen.",
	} {
		w.Fill(label, text)
	}
	w.Press("Toon het antwoord zoals de betrokkene het leest")
	w.See("Wij gebruiken uw gegevens om uw bestellingen te bezorgen.", "Zeven jaar na de bestelling.")
	w.Press("Dit besluit naar de betrokkene sturen")
	w.See("Toegewezen")
}

func (j *forwarded) officerErasesInPart() {
	w := j.officer
	w.Press("Beslissen over wissing")
	w.Choose("Deels toewijzen", "De wet verplicht ons deze gegevens te bewaren.")
	w.Fill("Uitleg in woorden", "Uw account is gewist. De rekeningen bewaren wij zeven jaar voor de Belastingdienst.")
	w.Choose("In het antwoord staat dat de betrokkene een klacht kan indienen bij de toezichthouder", "In het antwoord staat dat de betrokkene naar de rechter kan gaan")
	w.Fill("Wie deze gegevens kreeg en moet worden ingelicht", "MijnPartnerGroep")
	w.Press("Toon het antwoord zoals de betrokkene het leest")
	w.See("De wet verplicht ons deze gegevens te bewaren.", "Uw account is gewist.", "Autoriteit Persoonsgegevens", "rechtbank")
	w.Press("Dit besluit naar de betrokkene sturen")
	w.See("Deels toegewezen")
	w.Press("Ingelicht")
}

// officerReleases needs a second factor that is younger than five minutes.
func (j *forwarded) officerReleases() {
	w := j.officer
	j.pass(6 * time.Minute)
	w.Press("De bestanden vrijgeven voor de betrokkene")
	w.Fill("De code in uw app", j.code(j.sanne.secret))
	w.Press("Bevestigen dat ik het ben")
	w.Press("Deze bestanden vrijgeven")
	w.See("Gaf de bestanden vrij voor de betrokkene")
}

func (j *forwarded) fatimaMakesAPasskey() {
	w := j.fatima
	w.Open(j.linked(fatimaMail, "Uw antwoord op verzoek "+j.reference+" staat klaar"))
	w.Press("Stuur mij de code")
	w.Fill("De code uit de e-mail", j.mailed(fatimaMail, "Uw code"))
	w.Press("Open mijn verzoek")
	w.See("Bakkerij De Korenaar heeft besloten, en uw antwoord staat klaar.", "De wet verplicht ons deze gegevens te bewaren.", "art. 17")
	w.Press("Naar uw bestanden")
	w.See("Bescherm uw bestanden")
	w.Authenticator()
	w.Press("Een passkey instellen")
	w.Press("Maak mijn passkey")
	w.See("Uw gegevens", "bestellingen.csv")
	j.letter(fatimaMail, "Er is een tweede factor aan uw account toegevoegd")
}

func (j *forwarded) fatimaDownloads() {
	w := j.fatima
	got := w.Download("bestellingen.csv")
	if got.Name != orders.Name || !bytes.Equal(got.Body, orders.Body) {
		j.t.Errorf("the download is %s of %d bytes, want %s of %d", got.Name, len(got.Body), orders.Name, len(orders.Body))
	}
	if pdf := w.Download("Het antwoord als document"); !bytes.HasPrefix(pdf.Body, []byte("%PDF-")) {
		j.t.Errorf("%s is no PDF: %.20q", pdf.Name, pdf.Body)
	}
	if list := w.Download("Lijst van de bestanden, voor een computer"); !bytes.Contains(list.Body, []byte(orders.Name)) {
		j.t.Errorf("the list does not name the file: %s", list.Body)
	}
	w.Press("Het antwoord, om te lezen en af te drukken")
	w.See("Uw account is gewist.")
}

func (j *forwarded) officerCloses() {
	w := j.officer
	w.Reload("Haalde een bestand van het antwoord op")
	w.Press("Dit verzoek afsluiten")
	w.Press("Het verzoek afsluiten")
	w.See("Sloot het verzoek af")
	j.letter(fatimaMail, "Uw verzoek "+j.reference+" is afgerond")
	j.fatima.Open("/mine")
	j.fatima.See(j.reference, "Gesloten")
	w.Unfold("Sanne de Vries")
	w.Press("Uitloggen")
	w.Open("/queue")
	w.See("Verder naar de code")
}
