package main

import (
	"bytes"
	"testing"
	"time"

	"inzage/cmd/inzage/browsertest"
)

// TestAuditReportsFirst is a whole audit in Dutch under mpg: existing reports
// come first (10.2) and leave questions open, two weeks' notice and once a
// year (10.2), answers within two weeks (10.3), the findings judged together
// (10.4), and the expert always on the controller (10.5).
func TestAuditReportsFirst(t *testing.T) {
	t.Parallel()
	j := &mpgAudit{openAudits(t, "mpg", "MijnPartnerGroep", dutchAudit, browsertest.Laptop)}
	j.drafts()
	j.reportsComeFirst()
	j.namesTheAuditor()
	j.announces()
	j.agreesOnADay()
	j.auditorSigns()
	j.beginsAndAsks()
	j.agentAnswers()
	j.findsAndShares()
	j.reviews()
	j.improves()
	j.settles()
	j.closes()
	j.notTwiceAYear()
	j.report(j.officer, j.agent, j.auditor)
}

type mpgAudit struct{ *auditHouse }

var (
	iso27001 = browsertest.File{Name: "iso-27001.txt", Body: []byte("Certificaat met rapport, 12 januari 2026.\n")}
	logs     = browsertest.File{Name: "inloggen.csv", Body: []byte("2026-06-10;beheerder;geslaagd\n2026-06-11;beheerder;mislukt\n")}
)

// drafts books in the wizard, which says at once what the agreement asks.
func (j *mpgAudit) drafts() {
	w := j.officer
	j.arrive(w, j.sanne)
	w.See("Er loopt geen audit")
	w.Press("Een audit boeken")
	w.See("MijnPartnerGroep")
	w.Press(w.Link("MijnPartnerGroep"))
	w.See("dinsdag 16 juni 2026", "mpg 10.2", "Vraag de verwerker eerst of er vergelijkbare auditrapporten zijn.")
	w.Fill("Waar gaat de audit over?", "De beveiliging van de hosting")
	w.Choose("Op locatie")
	w.Fill("Welke dag wilt u?", "2026-06-08")
	w.Press("Dit concept bewaren")
	w.See("Kies een andere dag: hierboven staat waarom.", "mpg 10.2")
	if got := w.Value("Waar gaat de audit over?"); got != "De beveiliging van de hosting" {
		j.t.Errorf("what was typed is gone: %q", got)
	}
	w.Fill("Welke dag wilt u?", "2026-06-22")
	w.Press("Dit concept bewaren")
	w.See("Het concept is bewaard.")
	j.drafted(w)
}

// reportsComeFirst is the exchange of 10.2, which the processor sees without
// the rest of the draft.
func (j *mpgAudit) reportsComeFirst() {
	w := j.officer
	w.Press("De aankondiging versturen")
	w.See("De aankondiging kan nog niet worden verstuurd.", "Vraag de verwerker eerst of er vergelijkbare auditrapporten zijn.")
	w.Open(j.page)
	w.Press("Eerst iets vragen aan de verwerker")
	w.Choose("Bestaande auditrapporten")
	w.Fill("Wat vraagt u precies?", "Welke rapporten over de hosting zijn er van 2025 en 2026?")
	w.Press("Deze vraag versturen")
	w.See("De vraag is verstuurd.")

	a := j.agent
	j.letter(j.joris.email, "vraagt MijnPartnerGroep om")
	j.arrive(a, j.joris)
	a.See("Welke rapporten over de hosting zijn er van 2025 en 2026?", "maandag 15 juni 2026")
	a.Unseen("De beveiliging van de hosting") // the draft is the controller's
	a.Upload("Bestanden bij dit antwoord", iso27001)
	a.Press("Voeg deze bestanden toe")
	a.See("iso-27001.txt")
	a.Press("Hierop antwoorden")
	a.Fill("Uw antwoord", "Ons certificaat met het rapport.")
	a.Press("Dit antwoord versturen")
	a.See("Uw antwoord is verstuurd")

	j.letter(j.sanne.email, "MijnPartnerGroep heeft geantwoord")
	w.Reload("Ons certificaat met het rapport.")
	if got := w.Download("iso-27001.txt"); !bytes.Equal(got.Body, iso27001.Body) {
		j.t.Errorf("the report arrived as %q", got.Body)
	}
	w.Press("Dit antwoord wegen")
	w.Choose("Nee, het laat vragen open")
	w.Press("Dit oordeel vastleggen")
	w.See("Bekijk een paar antwoorden nog eens.") // 10.2 asks for arguments
	w.Fill("Waarom?", "Het rapport zegt niets over de back-ups.")
	w.Press("Dit oordeel vastleggen")
	w.See("Uw oordeel over het antwoord is vastgelegd.", "Het laat vragen open")
}

// namesTheAuditor takes one at first whom 10.1 does not allow.
func (j *mpgAudit) namesTheAuditor() {
	w := j.officer
	w.Press("Het concept wijzigen")
	w.Fill("Waarom een eigen audit gerechtvaardigd is", "Het rapport zegt niets over de back-ups, en die bevatten klantgegevens.")
	w.Press("Deze wijzigingen bewaren")
	w.See("Het concept is aangepast.")
	w.Under("De auditor").Press("Wijs de auditor aan")
	w.Fill("Naam", j.rik.name)
	w.Fill("E-mailadres", j.rik.email)
	w.Fill("Kantoor", "Van den Berg Audit")
	w.Under("Onafhankelijk").Choose("Ja")
	w.Under("ICT-deskundige").Choose("Nee")
	w.Under("Gebonden aan geheimhouding").Choose("Ja")
	w.Press("Leg de auditor vast")
	w.See("mpg 10.1")
}

// announces, and is refused while the auditor is no ICT expert.
func (j *mpgAudit) announces() {
	w := j.officer
	w.Press("De aankondiging versturen")
	w.See("De aankondiging kan nog niet worden verstuurd.", "De auditor is geen ICT-deskundige.", "mpg 10.1")
	w.Open(j.page)
	w.Under("De auditor").Press("Wijs de auditor aan")
	w.Under("ICT-deskundige").Choose("Ja")
	w.Press("Leg de auditor vast")
	w.Press("De aankondiging versturen")
	w.See("Dit wordt verstuurd", "maandag 22 juni 2026", "Het rapport zegt niets over de back-ups, en die bevatten klantgegevens.")
	w.Press("De aankondiging versturen")
	w.See("De aankondiging is verstuurd.")
	j.letter(j.joris.email, "kondigt audit "+j.reference+" bij MijnPartnerGroep aan")
}

// agreesOnADay: the processor would rather have another day; one that is too
// early is refused with the clause, and what was typed stays.
func (j *mpgAudit) agreesOnADay() {
	a, w := j.agent, j.officer
	a.Reload("maandag 22 juni 2026")
	a.See("Aangekondigd", "Rik van den Berg")
	a.Press("Een andere dag voorstellen")
	a.Fill("Welke dag", "2026-06-12")
	a.Fill("Waarom deze dag", "Dan is iedereen er.")
	a.Press("Deze dag voorstellen")
	a.See("Er is niets gedaan", "mpg 10.2", "dinsdag 16 juni 2026")
	if got := a.Value("Waarom deze dag"); got != "Dan is iedereen er." {
		j.t.Errorf("what was typed is gone: %q", got)
	}
	a.Fill("Welke dag", "2026-06-24")
	a.Press("Deze dag voorstellen")
	a.See("Uw voorstel is naar de andere partij gestuurd.")
	j.letter(j.sanne.email, "stelt woensdag 24 juni 2026 voor")
	w.Reload("Dan is iedereen er.")
	w.Press("Deze dag accepteren")
	w.Press("Deze dag accepteren")
	w.See("Afgesproken: woensdag 24 juni 2026")
	j.letter(j.joris.email, "Audit "+j.reference+" is op woensdag 24 juni 2026")
}

// auditorSigns: the auditor comes in by the mail and sees the undertaking, and
// nothing of the audit before it is signed.
func (j *mpgAudit) auditorSigns() {
	w := j.officer
	w.Under("De auditor").Press("Nodig de auditor uit")
	w.Press("De uitnodiging versturen")
	w.See("De auditor is per e-mail uitgenodigd.")
	r := j.auditor
	j.auditorEnrols()
	r.See("Teken de verklaring over geheimhouding", "MijnPartnerGroep", "mpg 10.1")
	r.Unseen("back-ups", "De beveiliging van de hosting", "24 juni", "iso-27001.txt")
	r.Fill("Uw volledige naam", "Rik van den Berg")
	r.Choose("Ik heb deze verklaring gelezen en houd mij eraan.")
	r.Press("Teken de verklaring")
	r.See("U hebt getekend.", "De beveiliging van de hosting", "iso-27001.txt")
	r.Unseen("Kosten noteren")
	j.letter(j.sanne.email, "heeft de geheimhoudingsverklaring getekend")
}

// beginsAndAsks on the agreed day; 10.3 gives the processor two weeks.
func (j *mpgAudit) beginsAndAsks() {
	j.on(2026, time.June, 24)
	r := j.auditor
	j.arrive(r, j.rik)
	r.Press("De audit beginnen")
	r.Press("De audit beginnen")
	r.See("De audit is begonnen.")
	r.Press("De verwerker een vraag stellen")
	r.See("woensdag 8 juli 2026", "mpg 10.3")
	r.Fill("Wat vraagt u?", "Wie kon in juni bij de back-ups?")
	r.Press("Deze vraag versturen")
	r.See("De vraag is verstuurd.", "Wie kon in juni bij de back-ups?")
}

func (j *mpgAudit) agentAnswers() {
	a := j.agent
	j.letter(j.joris.email, "vraagt MijnPartnerGroep om")
	j.arrive(a, j.joris)
	a.See("Wie kon in juni bij de back-ups?", "woensdag 8 juli 2026")
	a.Upload("Bestanden bij dit antwoord", logs)
	a.Under("Wie kon in juni bij de back-ups?").Press("Voeg deze bestanden toe")
	a.Press("Deze vraag beantwoorden")
	a.See("inloggen.csv")
	a.Fill("Uw antwoord", "De twee beheerders in dit bestand.")
	a.Press("Dit antwoord versturen en vastzetten")
	a.See("Uw antwoord is verstuurd")
	j.auditor.Reload("De twee beheerders in dit bestand.")
	if got := j.auditor.Download("inloggen.csv"); !bytes.Equal(got.Body, logs.Body) {
		j.t.Errorf("the logs arrived as %q", got.Body)
	}
}

// findsAndShares: the processor sees the finding only with the report.
func (j *mpgAudit) findsAndShares() {
	r, a := j.auditor, j.agent
	r.Under("Bevindingen").Press("Een bevinding opschrijven")
	r.Choose("Kleine bevinding")
	r.Fill("Bepaling waaraan is getoetst", "6.2")
	r.Fill("Titel", "Een beheerder te veel")
	r.Fill("Wat is gevonden", "Een van de twee beheerders is in mei vertrokken.")
	r.Press("Deze bevinding opschrijven")
	r.See("De bevinding is toegevoegd.", "Een beheerder te veel", "Getoetst aan 6.2")
	a.Open(j.page)
	a.Unseen("Een beheerder te veel")
	r.Press("Het conceptrapport delen")
	r.Fill("Samenvatting van wat de audit laat zien", "Wij keken naar de back-ups. Eén bevinding.")
	r.Press("Het conceptrapport delen met MijnPartnerGroep")
	r.See("Het conceptrapport is met de verwerker gedeeld.")
	j.letter(j.joris.email, "Het conceptrapport van audit "+j.reference+" is er")
	a.Reload("Een beheerder te veel")
	a.Press("Opmerkingen geven bij het conceptrapport")
	a.Fill("Uw opmerkingen", "Het account was al geblokkeerd.")
	a.Press("Deze opmerkingen versturen")
	a.See("Uw opmerkingen zijn verstuurd.")
}

// reviews: 10.4, both sides judge the finding and agree on a measure.
func (j *mpgAudit) reviews() {
	w, a := j.officer, j.agent
	j.letter(j.sanne.email, "heeft op het rapport van audit "+j.reference)
	j.arrive(w, j.sanne)
	w.See("Het account was al geblokkeerd.")
	w.Press("De gezamenlijke bespreking openen")
	w.Press("De gezamenlijke bespreking openen")
	w.Press("Zeggen wat uw organisatie van deze bevinding vindt")
	w.Choose("Eens")
	w.Press("Dit standpunt vastleggen")
	w.See("Uw standpunt is vastgelegd.")
	a.Reload("Zeggen wat uw organisatie van deze bevinding vindt")
	a.Press("Zeggen wat uw organisatie van deze bevinding vindt")
	a.See("Standpunt van Bakkerij De Korenaar")
	a.Choose("Deels eens")
	a.Fill("In uw woorden", "Geblokkeerd, niet verwijderd.")
	a.Press("Dit standpunt vastleggen")
	a.Under("Maatregelen").Press("Maatregel toevoegen")
	a.Choose("MijnPartnerGroep")
	a.Fill("Wat er moet gebeuren", "Accounts van wie vertrekt dezelfde dag verwijderen.")
	a.Fill("Uiterlijk wanneer", "2026-07-31")
	a.Press("Deze maatregel toevoegen")
	a.See("De maatregel is vastgelegd.", "vrijdag 31 juli 2026")
	w.Reload("Geblokkeerd, niet verwijderd.")
	w.Press("De gezamenlijke bespreking afsluiten")
	w.Press("De gezamenlijke bespreking afsluiten")
	w.See("De gezamenlijke bespreking is afgerond.")
}

func (j *mpgAudit) improves() {
	a, r := j.agent, j.auditor
	a.Reload("Melden dat het is gedaan")
	a.Press("Melden dat het is gedaan")
	a.Fill("Wat er is gedaan", "Het account is weg; het vertrek staat nu in de procedure.")
	a.Press("Melden dat het is gedaan")
	a.See("Vastgelegd is dat u de maatregel hebt uitgevoerd.")
	r.Reload("Controleren of het werkt")
	r.Press("Controleren of het werkt")
	r.Choose("Het werkt")
	r.Fill("Hoe is gecontroleerd", "De lijst van accounts nagelopen.")
	r.Press("Deze controle vastleggen")
	r.See("De controle van de maatregel is vastgelegd.", "Gedaan, en het werkt")
}

// settles: the expert is on the controller, whatever was found (10.5); the
// hours of the processor are too.
func (j *mpgAudit) settles() {
	w, a := j.officer, j.agent
	j.states(w, "Honorarium van de auditor", "Twee dagen door Van den Berg Audit", "2420,00")
	w.See("Voor rekening van", "mpg 10.5", "€ 2.420,00")
	j.states(a, "Werktijd van de verwerker", "Vragen beantwoorden, vier uur", "380")
	a.See("€ 380,00")
	j.accepts(a, "Regel 1: Twee dagen door Van den Berg Audit", "Regel 2: Vragen beantwoorden, vier uur")
	w.Reload("Vragen beantwoorden, vier uur")
	j.accepts(w, "Regel 1: Twee dagen door Van den Berg Audit", "Regel 2: Vragen beantwoorden, vier uur")
	w.See("Bakkerij De Korenaar betaalt MijnPartnerGroep € 380,00.")
	w.Press("De kosten afrekenen")
	w.Press("De kosten afrekenen")
	w.See("De kosten zijn afgerekend.")
	j.auditor.Open(j.page)
	j.auditor.Unseen("2.420,00", "380,00")
}

// closes: the auditor is out at once, the report is there for both sides.
func (j *mpgAudit) closes() {
	w := j.officer
	w.Press("De audit afsluiten")
	w.See("vrijdag 25 juni 2027", "mpg 10.2", "De toegang van de auditor eindigt meteen.")
	w.Press("De audit afsluiten")
	w.See("De audit is gesloten. Het eindverslag staat klaar.")
	j.letter(j.joris.email, "Audit "+j.reference+" is afgesloten")
	j.auditor.Open(j.page)
	j.auditor.Unseen("De beveiliging van de hosting")
	j.agent.Open(j.page)
	j.agent.Press("Het eindverslag")
	j.agent.See("Een beheerder te veel", "€ 380,00")
	j.agent.Open(j.page)
	if pdf := j.agent.Download("Het eindverslag (PDF)"); !bytes.HasPrefix(pdf.Body, []byte("%PDF-")) {
		j.t.Errorf("%s is no PDF: %.20q", pdf.Name, pdf.Body)
	}
}

// notTwiceAYear: the wizard refuses a second audit within the year (10.2).
func (j *mpgAudit) notTwiceAYear() {
	w := j.officer
	w.Open("/audits/new")
	w.Press(w.Link("MijnPartnerGroep"))
	w.See("vrijdag 25 juni 2027", "mpg 10.2")
	w.Fill("Waar gaat de audit over?", "Nog eens de hosting")
	w.Choose("Op locatie")
	w.Fill("Welke dag wilt u?", "2026-09-01")
	w.Press("Dit concept bewaren")
	w.See("Kies een andere dag: hierboven staat waarom.", "vrijdag 25 juni 2027")
}
