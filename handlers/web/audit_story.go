package web

import (
	"slices"
	"strings"
	"time"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/ledger"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// history tells what happened in the audit, the newest first, and apart from
// it who looked and what was refused; each as far as the reader may know it.
func (b *bench) history(o papers) (sheets.Story, error) {
	if o.sight < audits.Asked {
		return sheets.Story{}, nil
	}
	all, err := b.sealedLines([]string{o.a.ID}, o.a.Pending)
	if err != nil {
		return sheets.Story{}, err
	}
	size, err := b.Ledger.Size(b.ctx)
	if err != nil {
		return sheets.Story{}, err
	}
	var accounts []string
	for _, l := range all {
		accounts = append(accounts, l.Event.Actor)
	}
	names, err := b.Identity.Names(b.ctx, b.by, accounts)
	if err != nil {
		return sheets.Story{}, err
	}
	terms := b.termsOf(o)
	var t sheets.Story
	newest := int64(-1)
	for _, l := range slices.Backward(all) {
		if !audits.MayKnow(b.by, o.a, l.Event) {
			continue
		}
		switch e, kind := b.entry(o, terms, l, names, size); kind {
		case wasDone:
			t.Done = append(t.Done, e)
			if l.sealed {
				newest = max(newest, l.Number)
			}
		case lookedAt:
			t.Looked = append(t.Looked, e)
		}
	}
	if newest >= 0 {
		t.Standing, err = b.standing(o.path("/proof/"), newest)
	}
	return t, err
}

// termsOf are the terms that judge the audit, also for who does not see its content yet.
func (b *bench) termsOf(o papers) agreements.Terms {
	if o.sight == audits.Content {
		return o.rules.Terms
	}
	applied, _ := b.terms(o.a.Agreement, o.a.Version)
	return applied.Terms
}

// verbOf is the action of an event without its object.
func verbOf(ev ledger.Event) audits.Action {
	_, verb, _ := strings.Cut(ev.Action, ".")
	return audits.Action(verb)
}

// The portal's own steps, and the readings, beside the actions of the table.
const (
	draftAudit  audits.Action = "draft"
	flipCosts   audits.Action = "flip_costs"
	remindOf    audits.Action = "remind"
	readAudit   audits.Action = "read"
	openFile    audits.Action = "open_file"
	readReport  audits.Action = "report"
	readNotice  audits.Action = "notice"
	tookDossier audits.Action = "dossier"
)

// entry is one line in words.
func (b *bench) entry(o papers, terms agreements.Terms, l line, names map[string]string, size int64) (ui.Entry, kindOfLine) {
	ev := l.Event
	e := ui.Entry{Who: b.doer(o, ev, names), When: b.p.DateTime(ev.At), ISO: ev.At.Format(time.RFC3339), TestID: "entry", Seal: b.seal(o.path("/proof/"), l, size)}
	if chip, ok := ruleBehind(terms, ev); ok {
		e.Chip = b.chip(chip, o.a.Agreement)
	}
	if ev.Outcome == ledger.Refused {
		e.What, e.Tone = b.p.T("Tried something that was refused"), ui.Warn
		return e, lookedAt
	}
	if e.What = b.looking(verbOf(ev)); e.What != "" {
		return e, lookedAt
	}
	if e.What, e.Tone = b.says(o, ev); e.What == "" {
		return e, untold
	}
	return e, wasDone
}

// doer says who did it: colleagues and the auditor by name, others by their part in it.
func (b *bench) doer(o papers, ev ledger.Event, names map[string]string) string {
	switch {
	case ev.Actor == ledger.SystemActor:
		return b.p.T("The portal")
	case names[ev.Actor] != "":
		return names[ev.Actor]
	case o.isAuditor(ev.Actor):
		return orElse(o.story.Auditor.Name, b.p.T("The auditor"))
	case ev.Organisation != "":
		return b.org(ev.Organisation)
	case ev.Role == "auditor":
		return b.p.T("An auditor")
	}
	return b.p.T("Somebody else")
}

// ruleBehind explains the clause that an event names: of a refusal the rule
// that refused it, else the term that its kind of step stands on.
func ruleBehind(terms agreements.Terms, ev ledger.Event) (agreements.Explanation, bool) {
	clause, rule := ev.Details["clause"], ev.Details["rule"]
	term, ok := termOfRule[rule]
	if !ok {
		term, ok = termOfAction[verbOf(ev)]
	}
	if !ok || clause == "" && rule == "" && !slices.Contains(alwaysByRule, verbOf(ev)) {
		return agreements.Explanation{}, false
	}
	e := agreements.Explain(terms, term, clause)
	if name, entry, kept := agreements.EntryOf(ev.Details["entry"]); kept && name == term {
		e = agreements.ExplainEntry(terms, term, entry)
	}
	return e, e.Label != agreements.Text{}
}

// alwaysByRule are steps on which the agreement or the law says something even
// when their event names no clause.
var alwaysByRule = []audits.Action{audits.Announce, audits.Sign, audits.Close, audits.FinishReview}

var termOfRule = map[string]agreements.TermName{"precondition": agreements.TermPrecondition, "notice": agreements.TermNotice, "notice_content": agreements.TermNoticeContent,
	"frequency": agreements.TermFrequency, "auditor": agreements.TermAuditor, "confidentiality": agreements.TermConfidentiality, "cooperation": agreements.TermCooperation,
	"costs": agreements.TermCosts, "findings": "audit.findings", "alternatives": "audit.alternatives", "in_force": "end"}

var termOfAction = map[audits.Action]agreements.TermName{audits.AskFirst: agreements.TermCooperation, audits.Ask: agreements.TermCooperation, audits.Share: agreements.TermCooperation,
	audits.Object: agreements.TermAuditor, audits.Announce: agreements.TermNotice, audits.Sign: agreements.TermConfidentiality, audits.Close: agreements.TermFrequency,
	audits.FinishReview: "audit.findings", audits.AcceptCost: agreements.TermCosts, audits.DisputeCost: agreements.TermCosts, flipCosts: agreements.TermCosts}

// proof shows the proof of one entry, to who may be told of it.
func (b *bench) proof() error {
	o, e, said, err := b.provable()
	if err != nil {
		return err
	}
	return b.showProof(e, said, ui.Link{Label: b.p.T("Back to audit %s", o.a.Reference), Href: o.path("")}, b.c.Path()+"/file")
}

// proofFile gives that proof as a file.
func (b *bench) proofFile() error {
	_, e, _, err := b.provable()
	if err != nil {
		return err
	}
	return b.sendProof(e)
}

// provable is the entry that the address names, and what it says, when it
// belongs to the audit and may be told to the reader.
func (b *bench) provable() (o papers, e ledger.Entry, said ui.Entry, err error) {
	if o, err = b.open(); err != nil {
		return o, e, said, err
	}
	e, ok, err := b.sealedEntry(b.c.Params("number"))
	if err != nil {
		return o, e, said, err
	}
	if !ok || o.sight < audits.Asked || e.Event.Object != o.a.ID || !audits.MayKnow(b.by, o.a, e.Event) {
		return o, e, said, audits.ErrNotFound
	}
	names, err := b.Identity.Names(b.ctx, b.by, []string{e.Event.Actor})
	if err != nil {
		return o, e, said, err
	}
	said, kind := b.entry(o, b.termsOf(o), line{e, true}, names, 0)
	if kind == untold {
		err = audits.ErrNotFound
	}
	return o, e, said, err
}
