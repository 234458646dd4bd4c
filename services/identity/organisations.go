package identity

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"inzage/config/decisions"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
)

// Organisation is a party: a controller in one agreement, a processor in
// another. Nothing in it is personal data.
type Organisation struct {
	document.Meta
	Name string `json:"name"`
	// Claim is the name folded, which no other organisation has; "" in a store
	// from before, see claimNames.
	Claim    string    `json:"claim"`
	Slug     string    `json:"slug"`     // names its public start page
	Country  string    `json:"country"`  // ISO 3166-1 alpha-2; decides the authority
	Language string    `json:"language"` // of its pages where the reader has no other: "nl" or "en"
	Zone     string    `json:"zone"`     // IANA time zone in which its days are counted
	Created  time.Time `json:"created"`
	// KeepDays is the storage period that it chose as a controller, in days of
	// 24 hours; 0 follows the portal's. See Keeps.
	KeepDays int64 `json:"keep_days"`
}

// Countries are the countries an organisation can be in, sorted: those whose
// supervisory authority (art. 77 GDPR) is known.
func Countries() ([]string, error) {
	all, err := decisions.Load()
	if err != nil {
		return nil, err
	}
	return all.Countries(), nil
}

// ErrSlug is the refusal of a start page's name that another organisation has.
var ErrSlug = fault.New(fault.Conflict, "Another organisation already uses this name for its start page. Please choose another one.")

// CreateOrganisation adds an organisation. Only the operator may. An empty
// slug, language or zone is filled in: from the name, "nl", Europe/Amsterdam.
func (s *Service) CreateOrganisation(ctx context.Context, by Actor, o Organisation) (Organisation, error) {
	if !by.Is(Operator) && by.Account != ledger.SystemActor {
		return Organisation{}, ErrForbidden
	}
	o = Organisation{
		Meta: document.Meta{ID: ledger.NewID("org")}, Name: strings.TrimSpace(o.Name), Slug: o.Slug,
		Country: o.Country, Language: o.Language, Zone: o.Zone, Created: s.now(),
	}
	o.fill()
	if err := o.check(); err != nil {
		return Organisation{}, err
	}
	if err := s.claimNames(ctx); err != nil {
		return Organisation{}, err
	}
	o.Claim = fold(o.Name)
	if err := s.Organisations.Create(ctx, &o, s.event(by, "organisation.create", o.ID, ledger.Done)); err != nil {
		return Organisation{}, fmt.Errorf("create an organisation: %w", s.taken(ctx, o.ID, o.Claim, err))
	}
	return o, nil
}

// ChangeOrganisation changes name, start page, country, language and zone. An
// admin may change the own organisation, the operator any.
func (s *Service) ChangeOrganisation(ctx context.Context, by Actor, id string, to Organisation) (Organisation, error) {
	if !by.Is(Operator) && !by.IsStaffOf(id, Admin) {
		return Organisation{}, strangerOr(by.Organisation == id)
	}
	to.Name = strings.TrimSpace(to.Name)
	to.fill()
	if err := to.check(); err != nil {
		return Organisation{}, err
	}
	if err := s.claimNames(ctx); err != nil {
		return Organisation{}, err
	}
	claim := fold(to.Name)
	after, err := s.Organisations.Update(ctx, id, func(o *Organisation) ([]ledger.Event, error) {
		// One of two that had one name before keeps it while it changes something else.
		if fold(o.Name) != claim || o.Claim != "" {
			o.Claim = claim
		}
		o.Name, o.Slug, o.Country, o.Language, o.Zone = to.Name, to.Slug, to.Country, to.Language, to.Zone
		return one(s.event(by, "organisation.change", o.ID, ledger.Done)), nil
	})
	if err != nil {
		return Organisation{}, fmt.Errorf("change an organisation: %w", s.taken(ctx, id, claim, hide(err, ErrNotFound)))
	}
	return after, nil
}

// Organisation returns one organisation. Names and start pages are public.
func (s *Service) Organisation(ctx context.Context, id string) (Organisation, error) {
	o, err := s.Organisations.Get(ctx, id)
	if err != nil {
		return Organisation{}, fmt.Errorf("read an organisation: %w", hide(err, ErrNotFound))
	}
	return o, nil
}

// OrganisationAt returns the organisation of a public start page.
func (s *Service) OrganisationAt(ctx context.Context, slug string) (Organisation, error) {
	o, err := s.Organisations.Find(ctx, "slug", slug)
	if err != nil {
		return Organisation{}, fmt.Errorf("find an organisation: %w", hide(err, ErrNotFound))
	}
	return o, nil
}

// ListOrganisations returns one page of organisations, by start page. Only the
// operator may, and the portal itself.
func (s *Service) ListOrganisations(ctx context.Context, by Actor, after string, limit int) (document.Page[Organisation], error) {
	if !by.Is(Operator) && by.Account != ledger.SystemActor {
		return document.Page[Organisation]{}, ErrForbidden
	}
	page, err := s.Organisations.List(ctx, document.Query{Index: "slug", After: after, Limit: limit})
	if err != nil {
		return page, fmt.Errorf("list the organisations: %w", err)
	}
	return page, nil
}

// fill supplies what may be left out.
func (o *Organisation) fill() {
	if o.Slug == "" {
		o.Slug = slugOf(o.Name)
	}
	if o.Language == "" {
		o.Language = "nl"
	}
	if o.Zone == "" {
		o.Zone = "Europe/Amsterdam"
	}
}

func (o *Organisation) check() error {
	var f fault.Form
	if n := utf8.RuneCountInString(o.Name); n < 2 || n > 120 || shorten(o.Name, 120) != o.Name || fault.Blank(o.Name) {
		f.Refuse("name", "Give the organisation's name, in 2 to 120 characters.")
	}
	if fold(o.Name) == "" {
		f.Refuse("name", "Give the organisation's name, in 2 to 120 characters.")
	}
	if !slugForm.MatchString(o.Slug) {
		f.Refuse("slug", "Use 2 to 40 small letters, digits and hyphens, such as \"bakery-the-mill\".")
	}
	if known, err := Countries(); err != nil || !slices.Contains(known, o.Country) {
		f.Refuse("country", "Choose a country from the list.")
	}
	if !knownLanguage(o.Language) {
		f.Refuse("language", "Choose a language from the list.")
	}
	if _, err := time.LoadLocation(o.Zone); err != nil || o.Zone == "Local" {
		f.Refuse("zone", "Choose a time zone such as Europe/Amsterdam.")
	}
	return f.Err()
}

// slugForm is also what a slug made from a name has.
var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$`)

// slugOf makes "bakkerij-de-korenaar" of "Bakkerij De Korenaar B.V.".
func slugOf(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	slug := strings.Join(words, "-")
	return strings.Trim(slug[:min(len(slug), 40)], "-")
}

func knownLanguage(l string) bool { return l == "nl" || l == "en" }

// strangerOr is what somebody hears who may not: that the thing is theirs to
// see but not to change, or that it does not exist.
func strangerOr(own bool) error {
	if own {
		return ErrForbidden
	}
	return ErrNotFound
}
