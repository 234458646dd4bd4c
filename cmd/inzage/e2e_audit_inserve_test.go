package main

import (
	"testing"
	"time"

	"inzage/cmd/inzage/browsertest"
	"inzage/services/identity"
)

// TestAuditFlipsTheCosts is a whole audit in Dutch under inserve, done by the
// controller's own people (4.3): the agreement sets no first day, and a finding
// that shows non-compliance brings the costs to the processor (4.4). It
// disputes a line; its administrator accepts the changed one.
func TestAuditFlipsTheCosts(t *testing.T) {
	t.Parallel()
	j := &inserveAudit{auditHouse: openAudits(t, "inserve", "Inserve", dutchAudit, browsertest.Laptop)}
	j.ria = j.hire("Ria Smit", "nl", j.processor, identity.Admin)
	j.admin = j.window("Ria", "nl", browsertest.Laptop)
	j.books()
	j.begins()
	j.statesCosts()
	j.findsNonCompliance()
	j.disputes()
	j.changes()
	j.shares()
	j.closes()
	j.report(j.officer, j.agent, j.admin)
}

type inserveAudit struct {
	*auditHouse
	ria   worker
	admin *browsertest.Window
}

const (
	defaulted = "Onze standaard: de overeenkomst zegt niet wie dit draagt."
	flipped   = "Door een bevinding zijn kosten bij een andere partij gekomen"
)

func (j *inserveAudit) books() {
	w, a := j.officer, j.agent
	j.arrive(w, j.sanne)
	w.Press("Een audit boeken")
	w.Press(w.Link("Inserve"))
	w.See("Vanaf vandaag: de overeenkomst noemt geen eerste dag")
	w.Fill("Waar gaat de audit over?", "Wie bij de klantgegevens kan")
	w.Choose("Op locatie")
	w.Fill("Welke dag wilt u?", "2026-06-04")
	w.Press("Dit concept bewaren")
	j.drafted(w)
	w.Under("De auditor").Press("Wijs de auditor aan")
	w.Choose("Onze eigen mensen")
	w.Fill("Naam", "Sanne de Vries")
	w.Press("Leg de auditor vast")
	w.See("Eigen mensen van de verwerkingsverantwoordelijke")
	w.Press("De aankondiging versturen")
	w.Press("De aankondiging versturen")
	w.See("De aankondiging is verstuurd.")
	j.arrive(a, j.joris)
	a.See("Wie bij de klantgegevens kan")
	a.Press("Deze dag accepteren")
	a.Press("Deze dag accepteren")
	a.See("Afgesproken: donderdag 4 juni 2026")
}

func (j *inserveAudit) begins() {
	j.on(2026, time.June, 4)
	w := j.officer
	j.arrive(w, j.sanne)
	w.Press("De audit beginnen")
	w.Press("De audit beginnen")
	w.See("De audit is begonnen.")
}

// statesCosts: while nothing is wrong the agreement is silent, and each side
// keeps its own as a marked default.
func (j *inserveAudit) statesCosts() {
	w := j.officer
	w.Press("Kosten noteren")
	w.See(defaulted, "Als uit een bevinding blijkt dat de overeenkomst of de wet niet is nagekomen: Inserve (inserve 4.4).")
	j.states(w, "Reiskosten", "Trein naar Vianen", "84,60")
	w.See("€ 84,60", defaulted)
	w.Unseen(flipped)
}

// findsNonCompliance flips the bearer at once, for both to see.
func (j *inserveAudit) findsNonCompliance() {
	w, a := j.officer, j.agent
	w.Press("Een bevinding opschrijven")
	w.Choose("Grote bevinding")
	w.Fill("Bepaling waaraan is getoetst", "4.1")
	w.Fill("Titel", "Iedereen kan alles zien")
	w.Fill("Wat is gevonden", "Elke medewerker heeft het wachtwoord van de beheerder.")
	w.Fill("Oorzaak", "Er is één account voor allen.")
	w.Choose("Ze laat zien dat de verwerker zich niet aan de overeenkomst of de wet houdt")
	w.Press("Deze bevinding opschrijven")
	w.See("Daarom draagt Inserve nu de kosten van de audit.", "inserve 4.4", flipped)
	w.Unseen(defaulted)
	j.arrive(a, j.joris)
	a.See(flipped, "Reiskosten", "inserve 4.4", "U kunt de bevinding lezen zodra het conceptrapport met u is gedeeld.")
	a.Unseen("Iedereen kan alles zien")
}

// disputes a line with a reason; nothing settles before it is out of the way.
func (j *inserveAudit) disputes() {
	a, w := j.agent, j.officer
	a.Under("Regel 1: Trein naar Vianen").Press("Deze regel betwisten")
	a.Press("Deze regel betwisten")
	a.See("Bekijk een paar antwoorden nog eens.") // without a reason
	a.Fill("Wat klopt er niet aan deze regel?", "De trein naar Vianen kost € 42,30.")
	a.Press("Deze regel betwisten")
	a.See("U hebt deze regel betwist.", "Standpunt van Inserve Betwist")
	j.letter(j.sanne.email, "Inserve betwist een regel van de kosten van audit "+j.reference)
	w.Reload("De trein naar Vianen kost € 42,30.")
}

// changes the line; an administrator of the processor accepts it.
func (j *inserveAudit) changes() {
	w, r := j.officer, j.admin
	w.Under("Regel 1: Trein naar Vianen").Press("Deze regel wijzigen")
	w.Fill("Bedrag in EUR", "42,30")
	w.Press("Deze regel wijzigen")
	w.See("De regel is aangepast.", "€ 42,30", "Standpunt van Inserve Nog niet bekeken")
	j.accepts(w, "Regel 1: Trein naar Vianen")
	j.arrive(r, j.ria)
	r.See("€ 42,30", flipped)
	r.Unseen("Iedereen kan alles zien", "De kosten afrekenen")
	j.accepts(r, "Regel 1: Trein naar Vianen")
	r.See("Inserve betaalt Bakkerij De Korenaar € 42,30.")
}

func (j *inserveAudit) shares() {
	w, a := j.officer, j.agent
	w.Open(j.page)
	w.Press("Het conceptrapport delen")
	w.Fill("Samenvatting van wat de audit laat zien", "Eén grote bevinding over de toegang.")
	w.Press("Het conceptrapport delen met Inserve")
	a.Open(j.page)
	a.See("Iedereen kan alles zien", "Daarom draagt Inserve nu de kosten van de audit.")
	a.Press("Opmerkingen geven bij het conceptrapport")
	a.Fill("Uw opmerkingen", "Wij herkennen dit.")
	a.Press("Deze opmerkingen versturen")
	w.Open(j.page)
	w.Press("De gezamenlijke bespreking openen")
	w.Press("De gezamenlijke bespreking openen")
	for _, side := range []*browsertest.Window{w, a} {
		side.Open(j.page)
		side.Press("Zeggen wat uw organisatie van deze bevinding vindt")
		side.Choose("Eens")
		side.Press("Dit standpunt vastleggen")
	}
	w.Open(j.page)
	w.Press("De gezamenlijke bespreking afsluiten")
	w.Press("De gezamenlijke bespreking afsluiten")
	w.See("De gezamenlijke bespreking is afgerond.")
}

func (j *inserveAudit) closes() {
	w, a := j.officer, j.agent
	w.Press("De kosten afrekenen")
	w.See("Inserve betaalt Bakkerij De Korenaar € 42,30.", "inserve 4.4")
	w.Press("De kosten afrekenen")
	w.See("De kosten zijn afgerekend.")
	w.Press("De audit afsluiten")
	w.See("Elke dag: deze overeenkomst stelt geen grens")
	w.Press("De audit afsluiten")
	w.See("De audit is gesloten.")
	a.Open(j.page + "/report")
	a.See("Iedereen kan alles zien", "€ 42,30", "inserve 4.4")
}
