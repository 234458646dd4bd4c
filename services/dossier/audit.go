package dossier

import (
	"context"
	"time"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// AuditSchema names the form of an audit's dossier.json.
const AuditSchema = "inzage.dossier.audit/1"

// Audit is the dossier of an audit.
type Audit struct {
	Base
	audits.Dossier
	JSON AuditFile
}

// AuditFile is dossier.json of an audit.
type AuditFile struct {
	Head
	// Report is the audit as far as it has come, in the form of the closing report.
	Report audits.Closing `json:"report"`
	// Notice is what the announcement states; null when the side may not see it.
	Notice *Announced `json:"notice"`
	// Wanted is the day that was wanted, WantedBecause why on a weekend or holiday.
	Wanted        deadlines.Date `json:"wanted"`
	WantedBecause string         `json:"wanted_because"`
	Days          []Day          `json:"days"`
	// HouseRules are the processor's rules for whoever visits.
	HouseRules string  `json:"house_rules"`
	Files      []File  `json:"files"`
	History    []Line  `json:"history"`
	Ledger     Sealing `json:"ledger"`
}

// Announced is what the notice states, part by part.
type Announced struct {
	Method      string `json:"method"`
	Auditor     string `json:"auditor"`
	Information string `json:"information"`
	Locations   string `json:"locations"`
	Arguments   string `json:"arguments"`
}

// Day is a day that one side proposed.
type Day struct {
	From   string         `json:"from"`
	At     time.Time      `json:"at"`
	Day    deadlines.Date `json:"day"`
	Reason string         `json:"reason"`
	// State is what became of the proposal, at Ruled.
	State string     `json:"state"`
	Ruled *time.Time `json:"ruled"`
}

// OfAudit collects the dossier of an audit for the actor, or refuses; the entry
// of the dossier stands in the journal when it returns one. Without files they
// are listed only.
func (s *Service) OfAudit(ctx context.Context, by identity.Actor, id string, with Files) (Audit, error) {
	taken, err := s.Audits.Dossier(ctx, by, id)
	if err != nil {
		return Audit{}, err
	}
	d := Audit{Base: Base{from: s}, Dossier: taken}
	a := taken.Audit
	told := func(ev ledger.Event) bool { return audits.MayKnow(by, a, ev) }
	if d.Ledgered, err = s.history(ctx, []string{a.ID}, a.Pending, told); err != nil {
		return Audit{}, err
	}
	d.JSON = AuditFile{Head: Head{Schema: AuditSchema, Made: s.now(), Sight: "asked", Side: string(taken.Party), Shredded: a.Shredded},
		Report: taken.Closing, Files: d.files(with), Days: []Day{}, History: d.lines(), Ledger: d.sealing()}
	if taken.Sight == audits.Content {
		notice := Announced(taken.Story.Notice)
		d.JSON.Sight, d.JSON.Notice = "content", &notice
		d.JSON.Wanted, d.JSON.WantedBecause, d.JSON.HouseRules = a.Wanted, taken.Story.DayOff, taken.Story.Rules
	}
	for _, p := range a.Proposals {
		d.JSON.Days = append(d.JSON.Days, Day{From: string(p.From), At: p.At, Day: p.Day, Reason: taken.Story.Items[p.ID].Reason, State: p.State, Ruled: p.Ruled})
	}
	return d, nil
}

// files lists them with what they belong to, and gives each its place.
func (d *Audit) files(with Files) []File {
	all, p := []File{}, newPlaces()
	for _, f := range d.Story.Files {
		one := File{Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, At: f.At, Of: kindOf(f.Of)}
		if with == WithFiles {
			one.Path = p.file(one.Of, f.Name)
			d.Files = append(d.Files, Attached{Place: one.Path, object: d.Audit.ID, id: f.ID})
		}
		all = append(all, one)
	}
	return all
}

// kindOf names the kind of thing that a file of an audit belongs to, by its id.
func kindOf(of string) string {
	kinds := map[string]string{"inq": "inquiry", "fnd": "finding", "msr": "measure", "cst": "cost", "aud": "auditor", "vis": "visit"}
	if len(of) > 4 && of[3] == '_' {
		if kind, ok := kinds[of[:3]]; ok {
			return kind
		}
		return "other"
	}
	return of // notice, report, rules
}
