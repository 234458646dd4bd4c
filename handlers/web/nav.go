package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/services/identity"
	"inzage/views/ui"
)

// place is one row of the main navigation: where, and for which roles.
type place struct {
	label, href string
	roles       []identity.Role
}

var navigation = []place{
	{"Requests", "/queue", []identity.Role{identity.Agent, identity.PrivacyOfficer, identity.Admin}},
	{"Help asked of us", "/assists", []identity.Role{identity.Agent}},
	{"Audits", "/audits", []identity.Role{identity.Agent, identity.PrivacyOfficer, identity.Admin, identity.Auditor}},
	{"Calendar", "/calendar", []identity.Role{identity.Agent, identity.PrivacyOfficer, identity.Admin, identity.Auditor}},
	{"Agreements", "/agreements", []identity.Role{identity.Agent, identity.PrivacyOfficer, identity.Admin}},
	{"Evidence", "/evidence", []identity.Role{identity.Agent, identity.PrivacyOfficer, identity.Admin}},
	{"People", "/people", []identity.Role{identity.Admin}},
	{"Organisations", "/organisations", []identity.Role{identity.Operator}},
	{"Health", "/health", []identity.Role{identity.Operator}},
	{"My requests", "/mine", []identity.Role{identity.Subject}},
}

// places are the rows of the navigation that are the reader's.
func (s *Site) places(c *fiber.Ctx, by identity.Actor) []ui.NavItem {
	p := s.speech(c)
	var items []ui.NavItem
	for _, row := range navigation {
		for _, r := range row.roles {
			if by.Is(r) || r == identity.Subject && by.Level == identity.Half && len(by.Roles) == 1 && by.Roles[0] == r {
				items = append(items, ui.NavItem{Label: p.T(row.label), Href: row.href, Current: strings.HasPrefix(c.Path(), row.href)})
				break
			}
		}
	}
	return items
}
