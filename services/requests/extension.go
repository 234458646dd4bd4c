package requests

import (
	"context"
	"slices"
	"strconv"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/vault"
)

// Extension moves the end to two or three months from receipt, once, for the
// reasons that art. 12(3) GDPR names.
type Extension struct {
	At      time.Time    `json:"at"`     // when the notice went out
	Months  int          `json:"months"` // added: 1 or 2
	Grounds []string     `json:"grounds"`
	Reasons vault.Sealed `json:"reasons"`
}

// ExtensionGround is a ground for extending, and whether the law accepts it.
type ExtensionGround struct {
	ID     string
	Valid  bool
	Source string
}

// ExtensionGrounds lists what people give as grounds. The invalid ones are
// there to be refused with their reason, because they are what people try first.
func ExtensionGrounds() []ExtensionGround {
	return []ExtensionGround{
		{"complexity", true, "Art. 12(3) GDPR"},
		{"number", true, "Art. 12(3) GDPR"},
		{"processor_slow", false, "EDPB 07/2020"},
		{"staff", false, "EDPB 01/2022 par. 162-164"},
	}
}

// Extend extends the term and makes the notice that tells the data subject so.
// It is refused after the last day on which the notice may be sent on the safe
// reading: the first month, not rolled.
func (s *Service) Extend(ctx context.Context, by identity.Actor, id string, months int, grounds []string, reasons string) (Request, error) {
	z, err := s.sealerFor(ctx, by, id, Extend)
	if err != nil {
		return Request{}, err
	}
	if err := checkExtension(months, grounds, reasons); err != nil {
		return Request{}, err
	}
	x := Extension{At: s.now(), Months: months, Grounds: grounds, Reasons: z.Text("extension", reasons)}
	if z.Err != nil {
		return Request{}, z.Err
	}
	current, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, err
	}
	clock, err := s.reader(ctx, &current)
	if err != nil {
		return Request{}, err
	}
	return s.change(ctx, by, id, Extend, func(r *Request) (details, error) {
		if r.Extension != nil {
			return nil, fault.New(fault.Conflict, "The term was already extended. It can be extended once.")
		}
		last := clock.read(r).ExtensionNoticeSafe
		if clock.day(x.At).After(last) {
			return nil, fault.New(fault.Conflict, "The term can no longer be extended: the notice had to be sent within a month of receipt.")
		}
		r.Extension = &x
		return details{"months": strconv.Itoa(months), "grounds": grounds[0]}, nil
	})
}

func checkExtension(months int, grounds []string, reasons string) error {
	var form fault.Form
	if months != 1 && months != 2 {
		form.Refuse("months", "Choose one or two extra months.")
	}
	if len(grounds) == 0 {
		form.Refuse("ground", "Choose a ground: the complexity of the request, or the number of requests.")
	}
	for _, g := range grounds {
		i := slices.IndexFunc(ExtensionGrounds(), func(k ExtensionGround) bool { return k.ID == g })
		switch {
		case i < 0:
			form.Refuse("ground", "Choose a ground: the complexity of the request, or the number of requests.")
		case g == "processor_slow":
			form.Refuse("ground", "A slow processor is no ground to extend: the controller answers in time whatever its processor does (EDPB 07/2020).")
		case !ExtensionGrounds()[i].Valid:
			form.Refuse("ground", "A shortage of staff is no ground to extend: only the complexity or the number of the requests is (art. 12(3) GDPR).")
		}
	}
	if needText("reasons", reasons, "x") != nil {
		form.Refuse("reasons", "Give the reasons, as the person will read them.")
	}
	return form.Err()
}
