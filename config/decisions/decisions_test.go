package decisions_test

import (
	"slices"
	"testing"

	"inzage/config/decisions"
)

func load(t *testing.T) decisions.Catalogue {
	t.Helper()
	c, err := decisions.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryRightCanBeRefusedOnItsOwnGroundsOnly(t *testing.T) {
	c := load(t)
	rights := []string{"access", "rectification", "erasure", "restriction", "portability", "objection"}
	ids := map[string]bool{}
	for _, g := range c.Grounds {
		if ids[g.ID] || g.Article == "" || g.Text.EN == "" || g.Text.NL == "" || g.Asks.EN == "" || g.Asks.NL == "" || len(g.Rights) == 0 {
			t.Errorf("ground %q is double or incomplete", g.ID)
		}
		ids[g.ID] = true
		for _, r := range g.Rights {
			if !slices.Contains(rights, r) {
				t.Errorf("ground %q names the right %q", g.ID, r)
			}
		}
	}
	if _, ok := c.Ground("access", "legal_obligation"); ok {
		t.Error("a ground of erasure refuses access")
	}
	for _, r := range rights {
		if len(c.For(r)) < 3 {
			t.Errorf("%s has %d grounds", r, len(c.For(r)))
		}
	}
}

func TestEveryAuthorityTellsOfTheCourt(t *testing.T) {
	c := load(t)
	for _, country := range c.Countries() {
		a, ok := c.Authority(country)
		if !ok || a.Name == "" || a.Website == "" || a.Court.EN == "" || a.Court.NL == "" || a.CourtSource == "" {
			t.Errorf("%s: %+v, %v", country, a, ok)
		}
	}
	if nl, _ := c.Authority("NL"); nl.Name != "Autoriteit Persoonsgegevens" || nl.CourtSource == "Art. 79 GDPR" {
		t.Errorf("NL: %+v, want its own six weeks", nl)
	}
	for _, none := range []string{"*", "XX", ""} {
		if _, ok := c.Authority(none); ok {
			t.Errorf("%q has an authority", none)
		}
	}
}

func TestAccessOwesEverythingOfArticle15(t *testing.T) {
	var articles []string
	for _, i := range load(t).Information {
		articles = append(articles, i.Article)
	}
	// 15(1)(e) and (f), the rights and the complaint, stand in every answer by themselves.
	for _, owed := range []string{"15(1)(a) GDPR", "15(1)(b) GDPR", "15(1)(c) GDPR", "15(1)(d) GDPR", "15(1)(g) GDPR", "15(1)(h) GDPR", "15(2) GDPR"} {
		if !slices.Contains(articles, owed) {
			t.Errorf("art. %s is not asked", owed)
		}
	}
}
