package notify

import (
	"context"
	"slices"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/identity"
)

// remind writes to whoever has to do something. When its day has passed, it is
// everybody's business: both sides hear it with their administrators.
func (m *meeting) remind(ctx context.Context) error {
	d := m.ev.Details
	owed := func(x audits.Mark) bool { return x.Kind == d["kind"] && x.Item == d["item"] }
	if !m.a.Open || !slices.ContainsFunc(audits.MarksOf(identity.System(), m.a), owed) {
		return nil // done since
	}
	who := audits.OwedBy(m.ev)
	late := d["days"] == deadlines.Late
	kind := "audit_reminder"
	if late {
		kind = "audit_late"
	}
	for _, p := range []audits.Party{audits.Controller, audits.Processor} {
		owes := slices.Contains(who, p)
		if !owes && !late {
			continue
		}
		if err := m.toParty(ctx, kind, p, late, m.reminder(who, owes)); err != nil {
			return err
		}
	}
	if len(who) > 0 {
		return nil
	}
	return m.toAuditor(ctx, kind, m.reminder(who, true))
}

// reminder fills in what is owed, by whom, and how much time is left.
func (m *meeting) reminder(who []audits.Party, owes bool) func(*writer) {
	d := m.ev.Details
	return func(w *writer) {
		w.flags["owes"], w.flags["last_day"] = owes, d["days"] == "1"
		w.promiseMoment("days", d["days"], w.ends["due"])
		w.values["thing"] = w.texts.Words.Owed[m.thing()].In(w.language)
		names := []string{}
		for _, p := range who {
			names = append(names, m.names[m.org(p)])
		}
		if len(names) == 0 {
			names = append(names, w.texts.Words.Auditor.In(w.language))
		}
		w.values["who"] = w.join(names)
	}
}

// thing is what a reminder is about; of an inquiry, what was asked for.
func (m *meeting) thing() string {
	d := m.ev.Details
	for _, q := range m.a.Inquiries {
		if q.ID == d["item"] {
			return string(q.Kind)
		}
	}
	return d["kind"]
}
