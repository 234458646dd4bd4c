package requests_test

import (
	"errors"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
)

// TestWhatFitsOnOneLine: a name, a number and an address are on one line, also
// when a program sends them; the twin without is taken.
func TestWhatFitsOnOneLine(t *testing.T) {
	whole := func() requests.Filing {
		f := filing("org_1", "", requests.Access)
		f.Person.Representative = &requests.Representative{Name: "Mr. A. Bakker", Capacity: "lawyer"}
		return f
	}
	if f := whole(); f.Check() != nil {
		t.Fatalf("the whole filing: %v", f.Check())
	}
	sent := 0
	for _, bad := range []string{"\r\nBcc: all@example.org", "\n", "\t", "\x00", "\u0085"} {
		for field, spoil := range map[string]func(p *requests.Person){
			"name":                    func(p *requests.Person) { p.Name += bad + "x" },
			"phone":                   func(p *requests.Person) { p.Phone += "06" + bad + "12" },
			"identifiers":             func(p *requests.Person) { p.Identifiers += "klant" + bad + "4" },
			"representative_name":     func(p *requests.Person) { p.Representative.Name += bad + "x" },
			"representative_capacity": func(p *requests.Person) { p.Representative.Capacity += bad + "x" },
			"email":                   func(p *requests.Person) { p.Email = "a" + bad + p.Email },
		} {
			f := whole()
			spoil(&f.Person)
			sent++
			if at := refusedAt(f.Check()); at != field {
				t.Errorf("%s with %q is refused at %q", field, bad, at)
			}
		}
	}
	f := whole()
	f.Person.Email = "a@[127.0.0.1]"
	if at := refusedAt(f.Check()); at != "email" {
		t.Errorf("mail to the address of a machine is refused at %q", at)
	}
	t.Logf("%d sent, each refused at its field", sent+1)
}

// A name, a wish or a capacity in which nothing can be read is none.
func TestWhatNobodyCanReadIsNoAnswer(t *testing.T) {
	for _, blank := range []string{"\u200b", "\u2060", "\u00ad", "\u3164", "\u2800", "\u0301", " \ufe0f ", "."} {
		for field, spoil := range map[string]func(f *requests.Filing){
			"name":                    func(f *requests.Filing) { f.Person.Name = blank },
			"representative_name":     func(f *requests.Filing) { f.Person.Representative.Name = blank },
			"representative_capacity": func(f *requests.Filing) { f.Person.Representative.Capacity = blank },
			"access_what":             func(f *requests.Filing) { f.Asked = map[requests.Right]requests.Asked{requests.Access: {What: blank}} },
		} {
			f := filing("org_1", "", requests.Access)
			f.Person.Representative = &requests.Representative{Name: "Mr. A. Bakker", Capacity: "lawyer"}
			spoil(&f)
			if at := refusedAt(f.Check()); at != field {
				t.Errorf("%s with %+q is refused at %q", field, blank, at)
			}
		}
	}
	f := filing("org_1", "", requests.Access)
	f.Person.Name = "王"
	if err := f.Check(); err != nil {
		t.Errorf("a name of one sign: %v", err)
	}
}

// Neither is a reason, a question or a note of staff, nor the name of an organisation or an invited person.
func TestWhatNobodyCanReadIsNoReason(t *testing.T) {
	w := handlertest.New(t)
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	r, _ := filed(t, w, filing(w.Bakery.ID, "", requests.Access))
	if _, err := w.Requests.TakeUp(t.Context(), officer, r.ID); err != nil {
		t.Fatal(err)
	}
	for _, blank := range []string{"\u200b", "\u3164", "\u2800", "."} {
		refused := map[string]error{}
		_, refused["note"] = w.Requests.Jot(t.Context(), officer, r.ID, blank)
		_, refused["question"] = w.Requests.Ask(t.Context(), officer, r.ID, blank, "x")
		_, refused["least"] = w.Requests.Ask(t.Context(), officer, r.ID, "x", blank)
		_, refused["where"] = w.Requests.SendAstray(t.Context(), officer, r.ID, blank)
		_, refused["organisation"] = w.Identity.CreateOrganisation(t.Context(), identity.System(), identity.Organisation{Name: blank + blank, Country: "NL", Slug: "blank-one"})
		refused["invitation"] = (identity.Invite{Name: blank, Email: "a@b.example", Language: "nl", Organisation: w.Bakery.ID, Roles: []identity.Role{identity.Agent}}).Check()
		for what, err := range refused {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s %+q = %v, want it refused", what, blank, err)
			}
		}
	}
}

// refusedAt is the one field that a refusal names; "" when it is not one.
func refusedAt(err error) string {
	refused, ok := errors.AsType[*fault.Error](err)
	if !ok || len(refused.Fields) != 1 {
		return ""
	}
	return refused.Fields[0].Name
}
