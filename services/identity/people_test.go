package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

func (w *world) invite(by identity.Actor, email string, roles ...identity.Role) (token string) {
	w.t.Helper()
	_, err := w.Invite(w.t.Context(), by, identity.Invite{Organisation: w.org.ID, Name: "Nina", Email: email, Roles: roles})
	check(w.t, err)
	return w.linkToken("invitation")
}

func TestInvitation(t *testing.T) {
	w := newWorld(t)
	admin := w.full(w.someone("Anna", identity.Admin)).Actor
	var token string
	w.recorded("invite", func() { token = w.invite(admin, "nina@example.nl", identity.Agent) }, map[string]int{"invitation.send done": 1})
	if l := w.box.last(t, "invitation"); l.To != "nina@example.nl" || l.Data["organisation"] != w.org.Name || l.Data["roles"] != "agent" {
		t.Errorf("the letter is %+v", l)
	}
	w.recorded("look", func() {
		o, err := w.OpenInvitation(t.Context(), token)
		check(t, err)
		if o.Person.Email != "nina@example.nl" || o.Organisation.ID != w.org.ID || o.Known || o.First {
			t.Errorf("the offer is %+v", o)
		}
	}, nil)
	w.recorded("a weak password", func() {
		_, err := w.AcceptInvitation(t.Context(), identity.Acceptance{Token: token, Password: "welkom123456"})
		refused(t, "a weak password", err, identity.ErrPassword)
	}, nil)
	entries := make([]identity.Entry, 30)
	n := thirty(t, func(i int) (err error) {
		entries[i], err = w.AcceptInvitation(t.Context(), identity.Acceptance{Token: token, Password: password})
		return err
	})
	if n[""] != 1 {
		t.Fatalf("answers: %v, want one success", n)
	}
	for _, x := range entries {
		if x.Token == "" {
			continue
		}
		if x.Actor.Level != identity.Half || x.Actor.IsStaffOf(w.org.ID) || fmt.Sprint(x.Next) != "[enrol]" {
			t.Errorf("accepting gives %+v, %v", x.Actor, x.Next)
		}
		setup, err := w.BeginTOTP(t.Context(), x.Actor)
		check(t, err)
		full, _, err := w.ConfirmTOTP(t.Context(), x.Actor, setup.Ceremony, w.code(setup.Secret))
		check(t, err)
		if !full.Actor.IsStaffOf(w.org.ID, identity.Agent) {
			t.Errorf("the factor gives %+v", full.Actor)
		}
	}
	_, err := w.OpenInvitation(t.Context(), token)
	refused(t, "looking again", err, identity.ErrLink)
	_, err = w.OpenInvitation(t.Context(), "x")
	refused(t, "an unknown token", err, identity.ErrNotFound)
}

func TestInvitationEnds(t *testing.T) {
	w := newWorld(t)
	admin := w.someone("Anna", identity.Admin)
	by := w.full(admin).Actor
	late, soon := w.invite(by, "late@example.nl", identity.Agent), ""
	w.clock.pass(7*24*time.Hour - time.Millisecond)
	_, err := w.OpenInvitation(t.Context(), late)
	check(t, err)
	w.clock.pass(time.Millisecond)
	_, err = w.AcceptInvitation(t.Context(), identity.Acceptance{Token: late, Password: password})
	refused(t, "after seven days", err, identity.ErrLink)

	by = w.full(admin).Actor
	inv, err := w.Invite(t.Context(), by, identity.Invite{Organisation: w.org.ID, Name: "Nina", Email: "soon@example.nl", Roles: []identity.Role{identity.Agent}})
	check(t, err)
	soon = w.linkToken("invitation")
	stranger := w.full(w.someoneAt(w.organisation("Andere Zaak").ID, "Bob", identity.Admin)).Actor
	refused(t, "withdrawn by a stranger", w.WithdrawInvitation(t.Context(), stranger, inv.ID), identity.ErrNotFound)
	check(t, w.WithdrawInvitation(t.Context(), by, inv.ID))
	_, err = w.AcceptInvitation(t.Context(), identity.Acceptance{Token: soon, Password: password})
	refused(t, "a withdrawn one", err, identity.ErrLink)

	w.recorded("sweep", func() { check(t, w.Sweep(t.Context())) }, map[string]int{"invitation.expire done": 1, "key.destroy done": 1})
}

func TestWhoMayInvite(t *testing.T) {
	w := newWorld(t)
	other := w.organisation("Andere Zaak")
	admin, agent := w.full(w.someone("Anna", identity.Admin)).Actor, w.full(w.someone("Petra", identity.Agent)).Actor
	operator, half := w.full(w.someone("Otto", identity.Operator)).Actor, w.half(w.someone("Hans", identity.Admin)).Actor
	subject := w.follow("req_1").Actor
	cases := []struct {
		name string
		by   identity.Actor
		org  string
		role identity.Role
		want fault.Kind
	}{
		{"admin, own organisation", admin, w.org.ID, identity.Agent, ""},
		{"admin, an admin", admin, w.org.ID, identity.Admin, ""},
		{"admin, another organisation", admin, other.ID, identity.Agent, fault.NotFound},
		{"admin, an operator", admin, "", identity.Operator, fault.Forbidden},
		{"admin, a subject", admin, w.org.ID, identity.Subject, fault.Invalid},
		{"admin, an operator inside", admin, w.org.ID, identity.Operator, fault.Invalid},
		{"agent", agent, w.org.ID, identity.Agent, fault.Forbidden},
		{"half session", half, w.org.ID, identity.Agent, fault.Forbidden},
		{"operator, an admin", operator, other.ID, identity.Admin, ""},
		{"operator, an agent", operator, other.ID, identity.Agent, fault.NotFound},
		{"operator, an operator", operator, "", identity.Operator, ""},
		{"operator, an unknown organisation", operator, "org_x", identity.Admin, fault.NotFound},
		{"subject", subject, w.org.ID, identity.Agent, fault.NotFound},
		{"nobody", identity.Actor{}, "", identity.Operator, fault.Forbidden},
	}
	for i, c := range cases {
		want := map[string]int{}
		if c.want == "" {
			want["invitation.send done"] = 1
		}
		w.recorded(c.name, func() {
			_, err := w.Invite(t.Context(), c.by, identity.Invite{
				Organisation: c.org, Name: "Nina", Email: fmt.Sprintf("n%d@example.nl", i), Roles: []identity.Role{c.role},
			})
			if got := fault.KindOf(err); got != c.want {
				t.Errorf("%s = %v, want %q", c.name, err, c.want)
			}
		}, want)
	}
}

func TestMove(t *testing.T) {
	w := newWorld(t)
	other := w.organisation("Andere Zaak")
	mover := w.someoneAt(other.ID, "Mia", identity.PrivacyOfficer)
	e, stranger := w.full(mover), w.full(w.someone("Petra", identity.Agent))
	token := w.invite(w.full(w.someone("Anna", identity.Admin)).Actor, mover.email, identity.Agent)
	if o, err := w.OpenInvitation(t.Context(), token); err != nil || !o.Known {
		t.Errorf("the offer is %+v, %v", o, err)
	}
	_, err := w.AcceptInvitation(t.Context(), identity.Acceptance{Token: token, Password: password})
	refused(t, "accepting with an account", err, identity.ErrTaken)
	refused(t, "joining as another", w.JoinInvitation(t.Context(), stranger.Actor, token), identity.ErrNotFound)
	check(t, w.JoinInvitation(t.Context(), e.Actor, token))
	if w.live(e.Token) {
		t.Error("the session in the old organisation lives on")
	}
	e = w.full(mover)
	if !e.Actor.IsStaffOf(w.org.ID, identity.Agent) || e.Actor.Is(identity.PrivacyOfficer) {
		t.Errorf("after the move: %+v", e.Actor)
	}
	refused(t, "joining again", w.JoinInvitation(t.Context(), e.Actor, token), identity.ErrLink)
}

func TestBootstrap(t *testing.T) {
	w := newWorld(t)
	tokenOf := func() string {
		link, err := w.Bootstrap(t.Context())
		check(t, err)
		return strings.TrimPrefix(link, origin+"/invitation/")
	}
	first, second := tokenOf(), tokenOf()
	_, err := w.OpenInvitation(t.Context(), first)
	refused(t, "the earlier secret", err, identity.ErrNotFound)
	o, err := w.OpenInvitation(t.Context(), second)
	if err != nil || !o.First {
		t.Fatalf("the offer is %+v, %v", o, err)
	}
	accept := identity.Acceptance{Token: second, Name: "Otto", Email: "otto@example.nl", Password: password}
	n := thirty(t, func(int) error { _, err := w.AcceptInvitation(t.Context(), accept); return err })
	if n[""] != 1 {
		t.Errorf("answers: %v, want one success", n)
	}
	if link, err := w.Bootstrap(t.Context()); err != nil || link != "" {
		t.Errorf("Bootstrap with an operator = %q, %v", link, err)
	}
	e, err := w.SignIn(t.Context(), identity.Credentials{Email: "otto@example.nl", Password: password, Address: address})
	check(t, err)
	if e.Actor.Is(identity.Operator) || len(e.Next) != 0 {
		t.Errorf("the operator's password alone gives %+v, %v", e.Actor, e.Next)
	}
}

func TestWhoMayAdminister(t *testing.T) {
	w := newWorld(t)
	other := w.organisation("Andere Zaak")
	agent, admin := w.someone("Petra", identity.Agent), w.someone("Anna", identity.Admin)
	foreign, colleague := w.someoneAt(other.ID, "Fien", identity.Admin), w.someone("Carla", identity.PrivacyOfficer)
	operator := w.someone("Otto", identity.Operator)
	for _, c := range []struct {
		name   string
		by     person
		target string
		want   fault.Kind
	}{
		{"foreign admin", foreign, agent.Account, fault.NotFound},
		{"colleague", colleague, agent.Account, fault.Forbidden},
		{"operator on an agent", operator, agent.Account, fault.NotFound},
		{"admin on the operator", admin, operator.Account, fault.NotFound},
		{"admin on nobody", admin, "acc_x", fault.NotFound},
		{"admin on themselves", admin, admin.Account, fault.Conflict},
		{"own admin", admin, agent.Account, ""},
		{"operator on an admin", operator, admin.Account, ""},
	} {
		for name, do := range map[string]func(by identity.Actor) error{
			"reset": func(by identity.Actor) error { return w.ResetFactors(t.Context(), by, c.target) },
			"roles": func(by identity.Actor) error {
				return w.ChangeRoles(t.Context(), by, c.target, []identity.Role{identity.Admin})
			},
			"disable": func(by identity.Actor) error { return w.Disable(t.Context(), by, c.target) },
			"enable":  func(by identity.Actor) error { return w.Enable(t.Context(), by, c.target) },
			"end all": func(by identity.Actor) error {
				if c.by.Account == c.target {
					return identity.ErrSelf // the own sessions may be ended
				}
				return w.RevokeAll(t.Context(), by, c.target)
			},
		} {
			if c.want == "" && name != "end all" {
				continue // proven by the tests of each
			}
			by := w.full(c.by).Actor
			before := w.events()
			if err := do(by); fault.KindOf(err) != c.want {
				t.Errorf("%s: %s = %v, want %q", c.name, name, err, c.want)
			}
			if d := cmp.Diff(before, w.events()); c.want != "" && d != "" {
				t.Errorf("%s: %s was refused and left events: %s", c.name, name, d)
			}
		}
	}
}

func TestPeople(t *testing.T) {
	w := newWorld(t)
	other := w.organisation("Andere Zaak")
	admin := w.someone("Anna", identity.Admin)
	for i := range 4 {
		w.clock.pass(time.Second)
		w.someone(fmt.Sprintf("P%d", i), identity.Agent)
	}
	w.someoneAt(other.ID, "Fien", identity.Admin)
	by := w.full(admin).Actor
	var names []string
	after := ""
	for {
		page, err := w.People(t.Context(), by, w.org.ID, after, 2)
		check(t, err)
		for _, c := range page.Rows {
			names = append(names, c.Person.Name)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if d := cmp.Diff([]string{"Anna", "P0", "P1", "P2", "P3"}, names); d != "" {
		t.Error(d)
	}
	w.recorded("reading", func() { _, err := w.People(t.Context(), by, w.org.ID, "", 50); check(t, err) }, map[string]int{"people.read done": 1})
	w.recorded("reading who was invited", func() { _, err := w.OpenInvitations(t.Context(), by, w.org.ID); check(t, err) }, map[string]int{"people.read done": 1})
	w.recorded("reading both", func() {
		_, _, err := w.PeopleAndInvited(t.Context(), by, w.org.ID, "", 50)
		check(t, err)
	}, map[string]int{"people.read done": 1})
	w.recorded("reading another's", func() {
		_, err := w.People(t.Context(), by, other.ID, "", 50)
		refused(t, "another organisation", err, identity.ErrNotFound)
		_, err = w.People(t.Context(), by, "", "", 50)
		refused(t, "no organisation", err, identity.ErrNotFound)
	}, nil)
}

func TestOrganisations(t *testing.T) {
	w := newWorld(t)
	operator, admin := w.full(w.someone("Otto", identity.Operator)).Actor, w.full(w.someone("Anna", identity.Admin)).Actor
	if w.org.Slug != "bakkerij-de-korenaar" || w.org.Zone != "Europe/Amsterdam" || w.org.Language != "nl" {
		t.Errorf("the organisation is %+v", w.org)
	}
	_, err := w.CreateOrganisation(t.Context(), admin, identity.Organisation{Name: "X B.V.", Country: "NL"})
	refused(t, "an admin creates", err, identity.ErrForbidden)
	_, err = w.CreateOrganisation(t.Context(), operator, identity.Organisation{Name: "Een andere bakkerij", Slug: "bakkerij-de-korenaar", Country: "NL"})
	refused(t, "a taken start page", err, identity.ErrSlug)
	for _, bad := range []identity.Organisation{
		{Name: "", Country: "NL"}, {Name: "Zaak", Country: "XX"}, {Name: "Zaak", Country: "NL", Zone: "Mars/Olympus"},
		{Name: "Zaak", Country: "NL", Slug: "../admin"}, {Name: "Zaak\r\nX", Country: "NL"}, {Name: "Zaak", Country: "NL", Language: "xx"},
	} {
		if _, err := w.CreateOrganisation(t.Context(), operator, bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v = %v, want Invalid", bad, err)
		}
	}
	made, err := w.CreateOrganisation(t.Context(), operator, identity.Organisation{Name: "Andere Zaak", Country: "BE"})
	check(t, err)
	_, err = w.ChangeOrganisation(t.Context(), admin, made.ID, made)
	refused(t, "a foreign admin changes", err, identity.ErrNotFound)
	made.Name = "Andere Zaak B.V."
	w.recorded("change", func() { _, err = w.ChangeOrganisation(t.Context(), operator, made.ID, made); check(t, err) }, map[string]int{"organisation.change done": 1})
	got, err := w.OrganisationAt(t.Context(), "andere-zaak")
	if err != nil || got.Name != "Andere Zaak B.V." {
		t.Errorf("OrganisationAt = %+v, %v", got, err)
	}
	page, err := w.ListOrganisations(t.Context(), operator, "", 10)
	if err != nil || len(page.Rows) != 2 {
		t.Errorf("ListOrganisations = %d, %v", len(page.Rows), err)
	}
	if countries, err := identity.Countries(); err != nil || !slices.Contains(countries, "NL") || slices.Contains(countries, "*") {
		t.Errorf("Countries = %v, %v", countries, err)
	}
}

func TestInviteAuditor(t *testing.T) {
	w := newWorld(t)
	officer, agent := w.full(w.someone("Petra", identity.PrivacyOfficer)).Actor, w.full(w.someone("Quinten", identity.Agent)).Actor
	in := identity.Invite{Name: "Edo", Email: "edo@example.nl", Language: "nl"}
	_, err := w.InviteAuditor(t.Context(), agent, in)
	refused(t, "an agent", err, identity.ErrForbidden)
	id, err := w.InviteAuditor(t.Context(), officer, in)
	check(t, err)
	e, err := w.AcceptInvitation(t.Context(), identity.Acceptance{Token: w.linkToken("invitation"), Password: password})
	check(t, err)
	if e.Actor.Account != id || e.Actor.Organisation != "" || fmt.Sprint(e.Actor.Roles) != "[auditor]" {
		t.Errorf("the auditor is %+v", e.Actor)
	}
	again, err := w.InviteAuditor(t.Context(), officer, in)
	if err != nil || again != id || w.box.count("invitation") != 1 {
		t.Errorf("inviting again = %s, %v with %d letters", again, err, w.box.count("invitation"))
	}
}

func TestProvisionIsForTheSystem(t *testing.T) {
	w := newWorld(t)
	by := w.full(w.someone("Otto", identity.Operator)).Actor
	_, err := w.Provision(t.Context(), by, identity.Provision{})
	refused(t, "an operator", err, identity.ErrForbidden)
	if identity.System().Account != ledger.SystemActor {
		t.Error("the system has two names")
	}
}
