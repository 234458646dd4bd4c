package audits

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"inzage/config/undertakings"
	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// AuditorDetails is who does the audit and what is known of them.
type AuditorDetails struct {
	Person AuditorPerson
	Own    bool // the controller's own people; nobody is invited
	// nil is unknown
	Independent, RegisterEDP, ICTExpert, BoundToSecrecy *bool
	Competitor                                          bool // works for a competitor of the processor
}

// AppointAuditor names the auditor, or another one. Somebody else than before
// loses access and has to be invited and to sign again. Once the notice is
// out, an auditor whom the agreement does not allow is refused at once.
func (s *Service) AppointAuditor(ctx context.Context, by identity.Actor, id string, in AuditorDetails) (Audit, error) {
	return s.change(ctx, by, id, NameAuditor, func(st *step) (details, error) {
		if err := in.check(); err != nil {
			return nil, err
		}
		was, could := st.Auditor, st.Access
		st.Auditor = &Auditor{ID: ledger.NewID("aud"), Own: in.Own, Person: st.z.JSON("auditor", in.Person), Independent: in.Independent,
			RegisterEDP: in.RegisterEDP, ICTExpert: in.ICTExpert, BoundToSecrecy: in.BoundToSecrecy, Competitor: in.Competitor}
		if was != nil {
			st.keepAuditor(was, in)
		}
		if err := st.competes(); err != nil {
			return nil, err
		}
		if st.Announced != nil {
			answer, err := st.judged(st.ground, st.On, *st.Announced)
			if err != nil {
				return nil, err
			}
			if err := refuse(answer, "auditor"); err != nil {
				return nil, err
			}
		}
		d := details{"auditor": st.Auditor.ID, "own": strconv.FormatBool(in.Own)}
		if could != "" && st.Access == "" {
			d["instead"] = could // who loses access
		}
		return d, nil
	})
}

// keepAuditor keeps the invitation and the signature when it is the same person.
func (st *step) keepAuditor(was *Auditor, in AuditorDetails) {
	o := opener(st.ground)
	var old AuditorPerson
	o.JSON("auditor", was.Person, &old)
	if o.Err != nil || was.Own != in.Own || !strings.EqualFold(strings.TrimSpace(old.Email), strings.TrimSpace(in.Person.Email)) {
		st.Access = ""
		return
	}
	st.Auditor.ID, st.Auditor.Account, st.Auditor.Invited, st.Auditor.Withdrawn = was.ID, was.Account, was.Invited, was.Withdrawn
	st.Auditor.Undertaken, st.Auditor.Objection = was.Undertaken, was.Objection
}

func (in AuditorDetails) check() error {
	var f form
	if !f.named("name", in.Person.Name) {
		f.Refuse("name", "Give the auditor's name.")
	}
	f.named("firm", in.Person.Firm)
	f.named("register", in.Person.Register)
	if !in.Own {
		f.invitable(in.Person)
	}
	return f.Err()
}

// invitable refuses now what the invitation would refuse later.
func (f *form) invitable(p AuditorPerson) {
	invite := identity.Invite{Name: p.Name, Email: p.Email, Language: p.Language, Roles: []identity.Role{identity.Auditor}}
	if invite.Language == "" {
		invite.Language = "nl"
	}
	var bad *fault.Error
	if !errors.As(invite.Check(), &bad) {
		return
	}
	for _, field := range bad.Fields {
		if field.Name != "name" || !fault.Blank(p.Name) {
			f.Refuse(field.Name, field.Text, field.Args...)
		}
	}
}

func (st *step) noAuditor() error {
	line := lineOf(st.terms, "auditor", agreements.TermAuditor)
	line.add(Missing, "Say who does the audit.")
	return ruled(line)
}

// competes refuses an auditor who works for a competitor of the processor.
// Where the agreement does not ask for independence the law does: an auditor
// mandated by the controller (art. 28(3)(h) GDPR) is an independent one (SCC
// 2021/915 clause 7.6(d)).
func (st *step) competes() error {
	if st.Auditor == nil || !st.Auditor.Competitor {
		return nil
	}
	line := lineOf(st.terms, "auditor", agreements.TermAuditor)
	if a := st.terms.Audit.Auditor; a == nil || !slices.Contains(append(slices.Clone(a.Qualifications), a.OneOf...), "independent") {
		line = lineOf(agreements.Terms{}, "auditor", agreements.TermAuditor)
	}
	line.add(Refused, "This auditor works for a competitor of the processor and so is not independent. Choose another auditor.")
	return ruled(line)
}

// InviteAuditor invites the named auditor to this audit alone. Nothing of it
// can be seen before the undertaking is signed. It may be repeated, when the
// invitation has expired or was lost; a second press of the button sends none.
func (s *Service) InviteAuditor(ctx context.Context, by identity.Actor, id string) (Audit, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return Audit{}, err
	}
	if _, err := allowed(by, &a, Invite); err != nil {
		return Audit{}, s.refused(ctx, by, Invite, id, s.moved(ctx, &a, err))
	}
	if a.Auditor == nil || a.Auditor.Own {
		return Audit{}, s.refused(ctx, by, Invite, id, fault.New(fault.Conflict, "There is nobody to invite. First name an external auditor."))
	}
	if a.Access != "" && a.Auditor.Invited != nil && s.now().Sub(*a.Auditor.Invited) < pressAgain {
		return a, nil
	}
	if s.seen != 0 && a.Rev != s.seen { // before a mail goes out that nobody wanted any more
		return Audit{}, s.refused(ctx, by, Invite, id, ErrMoved)
	}
	g, err := s.ground(ctx, &a)
	if err != nil {
		return Audit{}, err
	}
	if err := (&step{ground: g, Audit: &a}).competes(); err != nil {
		return Audit{}, s.refused(ctx, by, Invite, id, err)
	}
	o := opener(g)
	var p AuditorPerson
	if o.JSON("auditor", a.Auditor.Person, &p); o.Err != nil {
		return Audit{}, o.Err
	}
	account, err := s.People.InviteAuditor(ctx, by, identity.Invite{Name: p.Name, Email: p.Email, Language: p.Language})
	if err != nil {
		return Audit{}, err
	}
	auditor := a.Auditor.ID
	return s.change(ctx, by, id, Invite, func(st *step) (details, error) {
		if st.Auditor == nil || st.Auditor.ID != auditor {
			return nil, ErrMoved
		}
		if st.Auditor.Account != account {
			st.Auditor.Undertaken = nil // another account is another signature
		}
		now := st.now
		st.Auditor.Account, st.Auditor.Invited, st.Auditor.Withdrawn = account, &now, nil
		st.Access = account
		if !st.On.IsZero() {
			st.Auditor.Reminded = deadlines.PassedReminders(startOf(st.On), now)
		}
		return details{"auditor": st.Auditor.ID, "account": account}, nil
	})
}

// pressAgain is how soon after an invitation another one is the same press of
// the button.
const pressAgain = time.Minute

// WithdrawAuditor takes the auditor's access away, at once.
func (s *Service) WithdrawAuditor(ctx context.Context, by identity.Actor, id string) (Audit, error) {
	return s.change(ctx, by, id, WithdrawInvitation, func(st *step) (details, error) {
		if st.Access == "" {
			return nil, errSame
		}
		now := st.now
		st.Auditor.Withdrawn = &now
		d := details{"auditor": st.Auditor.ID, "account": st.Access}
		st.Access = ""
		return d, nil
	})
}

// UndertakingText is the undertaking that the auditor is to sign, or did sign.
type UndertakingText struct {
	Version  int
	Language string
	Lines    []string // the title, then the paragraphs
}

// Undertaking writes out the undertaking for the audit in a language: what was
// signed when it was, else the wording of today.
func (s *Service) Undertaking(ctx context.Context, by identity.Actor, a Audit, language string) (UndertakingText, error) {
	if seen := sight(by, &a); seen != Threshold && seen != Content {
		return UndertakingText{}, ErrNotFound
	}
	stored, err := s.Audits.Get(ctx, a.ID) // what is shown at the threshold leaves the auditor out
	if err != nil {
		return UndertakingText{}, err
	}
	g, err := s.ground(ctx, &stored)
	if err != nil {
		return UndertakingText{}, err
	}
	if stored.Auditor != nil && stored.Auditor.Undertaken != nil {
		u := stored.Auditor.Undertaken
		o := opener(g)
		text := o.Text("undertaking", u.Text)
		return UndertakingText{Version: u.Version, Language: u.Language, Lines: strings.Split(text, "\n")}, o.Err
	}
	return s.undertaking(ctx, &stored, g, language)
}

func (s *Service) undertaking(ctx context.Context, a *Audit, g ground, language string) (UndertakingText, error) {
	if language != "en" {
		language = "nl"
	}
	v, err := s.Undertakings.At(g.today.String())
	if err != nil {
		return UndertakingText{}, err
	}
	controller, processor, err := s.parties(ctx, a)
	if err != nil {
		return UndertakingText{}, err
	}
	clause := lineOf(g.terms, "", agreements.TermConfidentiality).Chip.Label.In(language)
	return UndertakingText{Version: v.Number, Language: language,
		Lines: v.Write(language, undertakings.Values{Controller: controller, Processor: processor, Clause: clause})}, nil
}

// Signature is how the auditor signs.
type Signature struct {
	Name     string // typed by the auditor
	Version  int    // of the undertaking, as it was shown
	Language string // in which it was shown
	Agrees   bool
}

// SignUndertaking signs the undertaking; from then on the auditor sees the
// audit. A signature needs a fresh second factor: it has to be the auditor's own.
func (s *Service) SignUndertaking(ctx context.Context, by identity.Actor, id string, sig Signature) (Audit, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return Audit{}, err
	}
	if _, err := allowed(by, &a, Sign); err != nil {
		return Audit{}, s.refused(ctx, by, Sign, id, err)
	}
	if !by.Strong(s.now()) {
		return Audit{}, s.refused(ctx, by, Sign, id, identity.ErrStepUp)
	}
	g, err := s.ground(ctx, &a)
	if err != nil {
		return Audit{}, err
	}
	text, err := s.undertaking(ctx, &a, g, sig.Language)
	if err != nil {
		return Audit{}, err
	}
	var f form
	if !f.named("name", sig.Name) {
		f.Refuse("name", "Type your name to sign.")
	}
	if !sig.Agrees {
		f.Refuse("agrees", "Tick the box to say that you undertake this.")
	}
	if sig.Version != text.Version {
		f.Refuse("version", "The wording has changed. Read it again, then sign.")
	}
	if err := f.Err(); err != nil {
		return Audit{}, err
	}
	words := strings.Join(text.Lines, "\n")
	sum := sha256.Sum256([]byte(words))
	return s.change(ctx, by, id, Sign, func(st *step) (details, error) {
		if st.Auditor == nil {
			return nil, ErrMoved
		}
		if st.Auditor.Undertaken != nil {
			return nil, errSame
		}
		st.Auditor.Undertaken = &Undertaken{Version: text.Version, Language: text.Language, Text: st.z.Text("undertaking", words),
			SHA256: hex.EncodeToString(sum[:]), Name: st.z.Text("signature", sig.Name), At: st.now, By: st.by.Account}
		return details{"auditor": st.Auditor.ID, "version": strconv.Itoa(text.Version), "sha256": hex.EncodeToString(sum[:])}, nil
	})
}

// unsigned refuses to go on without the undertaking: of an external auditor
// always, of the controller's own people where the agreement asks for it.
func (st *step) unsigned() error {
	c := st.terms.Audit.Confidentiality
	asked := c != nil && c.Undertaking
	if st.Auditor.Undertaken != nil || st.Auditor.Own && !asked {
		return nil
	}
	line := lineOf(st.terms, "confidentiality", agreements.TermConfidentiality)
	line.add(Missing, "The auditor has not signed the confidentiality undertaking. Invite the auditor, who then signs it in the portal.")
	return ruled(line)
}

// ObjectionOf is what the processor has against the auditor.
type ObjectionOf struct{ Ground, Reason string }

// MayObject tells whether the agreement asks something of the auditor, so that
// the processor can object to one.
func MayObject(t agreements.Terms) bool {
	a := t.Audit.Auditor
	return a != nil && len(a.Qualifications)+len(a.OneOf) > 0
}

// ObjectToAuditor lets the processor object, with reasons, where the agreement
// asks something of the auditor. The audit does not begin before the
// controller has answered.
func (s *Service) ObjectToAuditor(ctx context.Context, by identity.Actor, id string, in ObjectionOf) (Audit, error) {
	return s.change(ctx, by, id, Object, func(st *step) (details, error) {
		if st.Auditor == nil {
			return nil, ErrMoved
		}
		line := lineOf(st.terms, "auditor", agreements.TermAuditor)
		if !MayObject(st.terms) {
			line.add(Refused, "The agreement lets the controller choose the auditor, so it gives no right to object. Tell the controller if something worries you.")
			return nil, ruled(line)
		}
		if st.Auditor.Objection != nil {
			return nil, fault.New(fault.Conflict, "There is an objection to this auditor already. Wait for the answer, or read it.")
		}
		var f form
		if !slices.Contains([]string{NotIndependent, NotQualified, NoSecrecy, OtherGround}, in.Ground) {
			f.Refuse("ground", "Choose what you have against the auditor.")
		}
		if !f.filled("reason", in.Reason) {
			f.Refuse("reason", "Say why you object to the auditor.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		st.Auditor.Objection = &Objection{At: st.now, By: st.by.Account, Ground: in.Ground, Reason: st.z.Text("reason", in.Reason), Clause: line.Clause}
		return details{"auditor": st.Auditor.ID, "ground": in.Ground, "clause": line.Clause}, nil
	})
}

// KeepAuditor answers the objection and keeps the auditor, with reasons. To
// give in, name another auditor.
func (s *Service) KeepAuditor(ctx context.Context, by identity.Actor, id, answer string) (Audit, error) {
	return s.change(ctx, by, id, AnswerObjection, func(st *step) (details, error) {
		if st.Auditor == nil || st.Auditor.Objection == nil || st.Auditor.Objection.AnsweredAt != nil {
			return nil, ErrMoved
		}
		var f form
		if !f.filled("answer", answer) {
			f.Refuse("answer", "Say why this auditor does the audit all the same.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		now := st.now
		st.Auditor.Objection.Answer, st.Auditor.Objection.AnsweredAt = st.z.Text("answer", answer), &now
		return details{"auditor": st.Auditor.ID}, nil
	})
}
