package requests_test

import (
	"errors"
	"testing"

	"inzage/services/fault"
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

// refusedAt is the one field that a refusal names; "" when it is not one.
func refusedAt(err error) string {
	refused, ok := errors.AsType[*fault.Error](err)
	if !ok || len(refused.Fields) != 1 {
		return ""
	}
	return refused.Fields[0].Name
}
