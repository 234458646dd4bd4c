package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/views/language"
)

const (
	bakery    = "Bakkerij De Korenaar"
	processor = "Rekenkracht"
	byDefault = "Onze standaard: de overeenkomst zegt niet wie dit draagt."
	silentLaw = "art. 28 lid 3 onder h AVG"
)

// borneBy is who bears a kind of cost, by which clause and with which remark.
type borneBy struct{ bearer, clause, remark string }

// costWorld is what each agreement says of each kind, as its text has it, when
// the audit shows nothing wrong: stated by the controller, then by the processor.
var costWorld = map[string]func(kind string, maker string) borneBy{
	"vcare": func(kind, maker string) borneBy {
		if kind == agreements.SecurityChange {
			return borneBy{maker, silentLaw, byDefault}
		}
		return borneBy{maker, "vcare 9.4", ""}
	},
	"inserve": func(kind, maker string) borneBy {
		if kind == agreements.SecurityChange {
			return borneBy{maker, "inserve 4.6", ""}
		}
		return borneBy{maker, silentLaw, byDefault}
	},
	"qputer": func(kind, maker string) borneBy {
		if kind == agreements.SecurityChange {
			return borneBy{maker, silentLaw, byDefault}
		}
		return borneBy{bakery, "qputer 5.7", ""}
	},
	"idea-online": func(kind, maker string) borneBy {
		switch kind {
		case agreements.SecurityChange:
			return borneBy{maker, silentLaw, byDefault}
		case agreements.DutyToDemonstrate:
			return borneBy{processor, "idea-online 4.5", ""}
		}
		return borneBy{bakery, "idea-online 4.5", ""}
	},
	"mpg": func(kind, maker string) borneBy {
		switch kind {
		case agreements.SecurityChange:
			return borneBy{maker, silentLaw, byDefault}
		case agreements.AuditorFee:
			return borneBy{bakery, "mpg 10.5", ""}
		}
		return borneBy{bakery, "mpg 10.5", "Alleen redelijke kosten"}
	},
	harbour: func(kind, maker string) borneBy {
		switch {
		case kind == agreements.ProcessorTime && maker == processor:
			return borneBy{bakery, "harbour-data 8.7", ""}
		case kind == agreements.Travel:
			return borneBy{maker, silentLaw, byDefault}
		}
		return borneBy{maker, "harbour-data 8.9", ""}
	},
}

// state adds a line of costs through the service.
func (h *hall) state(id string, by handlertest.Person, kind, purpose string, cents int64) audits.Cost {
	h.T.Helper()
	a := h.must(h.Audits.StateCost(h.T.Context(), h.Actor(by), id, audits.CostText{Kind: kind, For: purpose, Cents: cents}))
	return a.Costs[len(a.Costs)-1]
}

// accept lets both sides accept every line.
func (h *hall) accept(id string) {
	h.T.Helper()
	for _, p := range []handlertest.Person{h.officer, h.agent} {
		for _, c := range h.get(id).Costs {
			h.must(h.Audits.AgreeCost(h.T.Context(), h.Actor(p), id, c.ID, c.Cents, c.Bearer))
		}
	}
}

// nonCompliance writes a finding that shows it, before the report is shared.
func (h *hall) nonCompliance(id string) audits.Finding {
	h.T.Helper()
	a := h.must(h.Audits.Find(h.T.Context(), h.Actor(h.officer), id, audits.FindingText{Grade: audits.Minor, Clause: "4.1", Title: "Oude sleutels", Text: "Er zijn sleutels van vertrokken mensen.", NonCompliance: true}))
	return a.Findings[len(a.Findings)-1]
}

func squeezed(s interface{ Text() string }) string {
	return strings.Join(strings.Fields(s.Text()), " ")
}

// viewOf is what a page says a side holds of a line.
func viewOf(p handlertest.Page, line, party string) string {
	return squeezed(p.Find("#" + line + " [data-testid=view-" + party + "]"))
}

// TestCostsFollowEachAgreement states every kind of cost from both sides under
// every agreement: the form says beforehand who bears it, and the line the same
// afterwards.
func TestCostsFollowEachAgreement(t *testing.T) {
	for preset, says := range costWorld {
		t.Run(preset, func(t *testing.T) {
			h := newHall(t, preset)
			id := h.audited(audits.DateAgreed).ID
			for maker, person := range map[string]handlertest.Person{bakery: h.officer, processor: h.agent} {
				c := h.SignIn(person)
				add := c.Get("/audits/"+id+"/do/add-cost").Want(t, 200)
				for _, kind := range agreements.CostKinds() {
					want := says(kind, maker)
					option := add.Find("input[name=kind][value=" + kind + "]").Parent()
					if option.Length() == 0 {
						if kind != agreements.ProcessorTime && kind != agreements.ControllerTime {
							t.Errorf("%s cannot state %s", maker, kind)
						}
						continue
					}
					reads(t, maker+" before typing "+kind, squeezed(option.Parent()), "Voor rekening van: "+want.bearer, want.clause, want.remark)
					line := h.state(id, person, kind, "Regel van "+kind, 10_000)
					shown := c.Get("/audits/"+id).Want(t, 200).Find("#" + line.ID)
					reads(t, maker+" "+kind, squeezed(shown.Find("[data-testid=bearer]")), want.bearer, want.clause, want.remark)
					reads(t, maker+" "+kind, squeezed(shown), "€ 100,00", "Gemaakt door"+maker)
					if want.remark == "" && strings.Contains(squeezed(shown), byDefault) {
						t.Errorf("%s %s is called a default: %s", maker, kind, squeezed(shown))
					}
				}
			}
		})
	}
}

func reads(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%s lacks %q: %s", what, p, text)
		}
	}
}

// TestFindingMovesCosts: under inserve 4.4 a finding that shows non-compliance
// takes the lines to the processor, at once, and both sides see it.
func TestFindingMovesCosts(t *testing.T) {
	h := newHall(t, "inserve")
	id := h.audited(audits.UnderWay).ID
	fee := h.state(id, h.officer, agreements.AuditorFee, "Twee dagen audit", 250_000)
	own := h.state(id, h.agent, agreements.ProcessorTime, "Begeleiding", 80_000)
	change := h.state(id, h.officer, agreements.SecurityChange, "Nieuwe sleutels", 30_000)
	h.accept(id)
	officer, agent := h.SignIn(h.officer), h.SignIn(h.agent)
	before := officer.Get("/audits/"+id).Want(t, 200)
	if before.Find("[data-testid=costs-moved]").Length() != 0 || in(t, before, "net") != "Nog niet beslist: het hangt af van wat de audit laat zien. Zoals het er nu voor staat: Niemand hoeft de ander iets te betalen." {
		t.Fatalf("before the finding: %s", in(t, before, "costs"))
	}
	f := h.nonCompliance(id)
	for side, c := range map[string]*handlertest.Client{bakery: officer, processor: agent} {
		page := c.Get("/audits/"+id).Want(t, 200)
		moved := in(t, page, "costs-moved")
		reads(t, side, moved, "Regel 1: Twee dagen audit: nu voor rekening van Rekenkracht. Zonder de bevinding zou dat Bakkerij De Korenaar zijn, volgens onze standaard", "inserve 4.4")
		if strings.Contains(moved, "Regel 2") || strings.Contains(moved, "Regel 3") {
			t.Errorf("%s is told of lines that did not move: %s", side, moved)
		}
		if link := page.Find("[data-testid=costs-moved] a[href='/audits/"+id+"#"+f.ID+"']").Length() == 1; link != (side == bakery) {
			t.Errorf("%s sees a link to the draft finding: %v", side, link)
		}
		if (side == processor) != strings.Contains(moved, "zodra het conceptrapport met u is gedeeld") || side == processor && strings.Contains(page.Body, "Oude sleutels") {
			t.Errorf("%s: %s", side, moved)
		}
		reads(t, side, squeezed(page.Find("#"+fee.ID)), "Voor rekening vanRekenkracht", "inserve 4.4")
		reads(t, side, viewOf(page, fee.ID, "processor"), "Nog niet bekeken")
		reads(t, side, squeezed(page.Find("#"+own.ID)), "inserve 4.4")
		reads(t, side, viewOf(page, own.ID, "controller"), "Geaccepteerd")
		reads(t, side, squeezed(page.Find("#"+change.ID)), "inserve 4.6", "Voor rekening van"+bakery)
		reads(t, side, in(t, page, "total-controller"), "maakte € 2.800,00, draagt € 300,00", "Ontvangt € 2.500,00")
		reads(t, side, in(t, page, "total-processor"), "maakte € 800,00, draagt € 3.300,00", "Betaalt € 2.500,00")
		reads(t, side, in(t, page, "net"), "Rekenkracht betaalt Bakkerij De Korenaar € 2.500,00.")
	}
	add := officer.Get("/audits/"+id+"/do/add-cost").Want(t, 200)
	reads(t, "the form after the finding", add.Words(), "Voor rekening van: Rekenkracht", "Dit komt door een bevinding. Zonder die bevinding: Bakkerij De Korenaar.")
	second := h.nonCompliance(id)
	h.must(h.Audits.Strike(t.Context(), h.Actor(h.officer), id, second.ID))
	if all := officer.Get("/audits/" + id).Find("[data-testid=costs-moved] a[href^='/audits/" + id + "#fnd_']"); all.Length() != 1 || !strings.HasSuffix(all.AttrOr("href", ""), f.ID) {
		t.Errorf("%d findings are named, want the one that stands", all.Length())
	}
	h.must(h.Audits.Strike(t.Context(), h.Actor(h.officer), id, f.ID))
	after := agent.Get("/audits/" + id)
	if after.Find("[data-testid=costs-moved]").Length() != 0 || in(t, after, "net") != "Nog niet beslist: het hangt af van wat de audit laat zien. Zoals het er nu voor staat: Niemand hoeft de ander iets te betalen." {
		t.Errorf("after the finding was dropped: %s", in(t, after, "costs"))
	}
}

// TestCostsThroughThePages adds, changes, accepts, disputes and removes lines,
// settles and closes, through the pages of both sides.
func TestCostsThroughThePages(t *testing.T) {
	h := newHall(t, "mpg")
	id := h.audited(audits.Improving).ID
	page, officer, agent, admin := "/audits/"+id, h.SignIn(h.officer), h.SignIn(h.agent), h.SignIn(h.processorAdmin)
	has(t, officer.Get(page), "Er zijn nog geen kosten genoteerd")

	form := filledIn(officer.Get(page+"/do/add-cost"), "kind", agreements.AuditorFee, "for", "Twee dagen <b>audit</b>", "cents", "€ 2.500,00")
	to(t, officer.Post(page+"/do/add-cost", form), page)
	to(t, officer.Post(page+"/do/add-cost", form), page) // a second click
	if n := len(h.get(id).Costs); n != 1 {
		t.Fatalf("two clicks made %d lines", n)
	}
	to(t, do(t, agent, id, "add-cost", "", "kind", agreements.ProcessorTime, "for", "Begeleiding", "cents", "8,5 "), page)
	fee, own := h.get(id).Costs[0], h.get(id).Costs[1]
	if fee.Cents != 250_000 || own.Cents != 850 {
		t.Fatalf("written down as %d and %d cents", fee.Cents, own.Cents)
	}
	has(t, agent.Get(page), "Twee dagen <b>audit</b>")
	if officer.Get(page).Find("a[href='"+page+"/do/change-cost?item="+own.ID+"']").Length() != 0 {
		t.Error("the controller is offered to change the processor's line")
	}
	officer.Get(page+"/do/change-cost?item="+own.ID).Want(t, 403)
	to(t, do(t, agent, id, "change-cost", own.ID, "kind", agreements.ProcessorTime, "for", "Begeleiding", "cents", "850"), page+"#"+own.ID)

	to(t, do(t, officer, id, "accept-cost", fee.ID), page+"#"+fee.ID)
	to(t, do(t, admin, id, "accept-cost", fee.ID), page+"#"+fee.ID) // an administrator may, for its side
	to(t, do(t, agent, id, "accept-cost", own.ID), page+"#"+own.ID)
	empty := do(t, officer, id, "dispute-cost", own.ID, "reason", "").Want(t, 422)
	has(t, empty, "Leg uit wat er niet klopt aan deze regel.")
	to(t, do(t, officer, id, "dispute-cost", own.ID, "reason", "Zeven uur, geen acht."), page+"#"+own.ID)
	seen := agent.Get(page)
	reads(t, "the processor", viewOf(seen, own.ID, "controller"), "Betwist", "Zeven uur, geen acht.")
	reads(t, "the processor", viewOf(seen, own.ID, "processor"), "Geaccepteerd")

	blocked := agent.Get(page+"/do/settle").Want(t, 200)
	has(t, blocked, "De kosten kunnen nog niet worden afgerekend", "De verantwoordelijke betwist regel 2 (10.5).", "mpg 10.5")
	if blocked.Find("form[data-testid=deed]").Length() != 0 {
		t.Error("settling is offered with a disputed line")
	}
	refused := agent.Post(page+"/do/settle", url.Values{"rev": {"1"}}).Want(t, 409)
	has(t, refused, "De verantwoordelijke betwist regel 2 (10.5). Wie de regel maakte, kan hem wijzigen of verwijderen.")
	if h.get(id).Settled != nil {
		t.Fatal("settled with a disputed line")
	}

	to(t, do(t, agent, id, "change-cost", own.ID, "kind", agreements.ProcessorTime, "for", "Begeleiding", "cents", "700"), page+"#"+own.ID)
	to(t, do(t, agent, id, "accept-cost", own.ID), page+"#"+own.ID)
	to(t, do(t, officer, id, "accept-cost", own.ID), page+"#"+own.ID)
	sheet := agent.Get(page+"/do/settle").Want(t, 200)
	has(t, sheet, "Regel 2: Begeleiding", "€ 700,00", "Voor rekening van: "+bakery, "Bakkerij De Korenaar betaalt Rekenkracht € 700,00.", "Dit kan niet ongedaan worden gemaakt")
	to(t, do(t, agent, id, "settle", ""), page)
	if a := h.get(id); a.Stage != audits.Settled {
		t.Fatalf("the audit is in %s", a.Stage)
	}
	agent.Post(page+"/do/close", url.Values{"rev": {"1"}}).Want(t, 403)
	closing := officer.Get(page+"/do/close").Want(t, 200)
	has(t, closing, "De toegang van de auditor eindigt meteen.", "Volgende audit mogelijk vanaf", "mpg 10.2", "Het eindverslag staat klaar")
	to(t, do(t, officer, id, "close", ""), page)
	a := h.get(id)
	if a.Stage != audits.Closed || a.Access != "" || !strings.Contains(closing.Words(), writtenOut(a.Next)) {
		t.Fatalf("closed as %s with access %q; the page did not promise %s: %s", a.Stage, a.Access, writtenOut(a.Next), closing.Words())
	}
	late := agent.Post(page+"/do/add-cost", url.Values{"kind": {agreements.Travel}, "for": {"Trein"}, "cents": {"20"}}).Want(t, 409)
	has(t, late, "Deze audit is afgesloten en blijft zoals hij is (mpg 10.2). Boek voor iets nieuws een andere audit; dat kan vanaf "+writtenOut(a.Next))
	if len(h.get(id).Costs) != 2 {
		t.Error("a line was added after closing")
	}
	for _, want := range []string{"audit.add_cost", "audit.revise_cost", "audit.accept_cost", "audit.dispute_cost", "audit.settle refused", "audit.settle", "audit.close", "audit.add_cost refused"} {
		if !slices.Contains(h.Events(id), want) {
			t.Errorf("no entry %s in %v", want, h.Events(id))
		}
	}
}

// writtenOut is a day as a Dutch page has it.
func writtenOut(d deadlines.Date) string {
	languages, err := language.Load()
	if err != nil {
		return err.Error()
	}
	return languages.Printer("nl", time.UTC).Day(d.Year, d.Month, d.Day)
}
