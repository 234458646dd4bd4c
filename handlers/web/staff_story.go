package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"inzage/services/agreements"
	"inzage/services/ledger"
	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// storyHelps bounds the helps whose entries stand among those of their request.
const storyHelps = 20

// lines are the entries of a request and of the help that was asked for it, in
// the order of time.
func (d *desk) lines(o dossier, helps []requests.Assist) ([]line, error) {
	objects, pending := []string{o.r.ID}, slices.Clone(o.r.Pending)
	for _, a := range helps[:min(len(helps), storyHelps)] {
		objects, pending = append(objects, a.ID), append(pending, a.Pending...)
	}
	return d.sealedLines(objects, pending)
}

// history tells the history of a request, the newest first. Who sees the bare
// facts only is told no more than those.
func (d *desk) history(o dossier, helps []requests.Assist) (pages.Story, error) {
	all, err := d.lines(o, helps)
	if err != nil {
		return pages.Story{}, err
	}
	size, err := d.Ledger.Size(d.ctx)
	if err != nil {
		return pages.Story{}, err
	}
	var accounts []string
	for _, l := range all {
		accounts = append(accounts, l.Event.Actor)
		if a := l.Event.Details["assignee"]; a != "" {
			accounts = append(accounts, a)
		}
	}
	names, err := d.Identity.Names(d.ctx, d.by, accounts)
	if err != nil {
		return pages.Story{}, err
	}
	var t pages.Story
	newest := int64(-1)
	for _, l := range slices.Backward(all) {
		e, kind := d.entry(o, l, names, size)
		switch {
		case kind == lookedAt && o.sight == requests.Content:
			t.Looked = append(t.Looked, e)
		case kind == wasDone && (o.sight == requests.Content || requests.Told(d.by, o.r, l.Event)):
			t.Done = append(t.Done, e)
			if l.sealed {
				newest = max(newest, l.Number)
			}
		}
	}
	if newest >= 0 {
		t.Standing, err = d.standing(o.path("/proof/"), newest)
	}
	return t, err
}

// entry is one line in words.
func (d *desk) entry(o dossier, l line, names map[string]string, size int64) (ui.Entry, kindOfLine) {
	e := ui.Entry{Who: d.actor(o, l.Event, names), When: d.p.DateTime(l.Event.At), ISO: l.Event.At.Format(time.RFC3339), TestID: "entry", Seal: d.seal(o.path("/proof/"), l, size)}
	kind := wasDone
	switch {
	case l.Event.Outcome == ledger.Refused:
		e.What, e.Tone, kind = d.p.T("Tried something that was refused"), ui.Warn, lookedAt
	case reading[l.Event.Action]:
		e.What, kind = d.looked(l.Event.Action), lookedAt
	default:
		e.What, e.Tone = d.says(o, l.Event, names)
		e.Chip = d.ruleOf(o, l.Event)
		if e.What == "" {
			kind = untold
		}
	}
	return e, kind
}

var reading = map[string]bool{"request.read": true, "request.view_file": true, "request.dossier": true, "assist.read": true, "assist.view_file": true}

func (d *desk) looked(action string) string {
	switch action {
	case "request.view_file":
		return d.p.T("Opened a file")
	case "request.dossier":
		return d.p.T("Took the dossier out of the portal")
	case "assist.read":
		return d.p.T("Looked at the question to the processor")
	case "assist.view_file":
		return d.p.T("Opened a file of the processor")
	}
	return d.p.T("Looked at the request")
}

// actor says who did it: a colleague by name, others by their part in it.
func (d *desk) actor(o dossier, ev ledger.Event, names map[string]string) string {
	switch {
	case ev.Actor == ledger.SystemActor:
		return d.p.T("The portal")
	case names[ev.Actor] != "":
		return names[ev.Actor]
	case ev.Organisation != "":
		return d.org(ev.Organisation)
	}
	return d.p.T("The person who asks")
}

// says tells an event in a sentence; "" for what is nothing to tell.
func (d *desk) says(o dossier, ev ledger.Event, names map[string]string) (string, ui.Tone) {
	object, verb, _ := strings.Cut(ev.Action, ".")
	if object == "assist" {
		return d.saysOfHelp(ev, verb)
	}
	x := ev.Details
	switch verb {
	case "file":
		return d.p.T("Filled in a request: %s", d.rightsNamed(x["rights"])), ui.Neutral
	case "confirm":
		return d.p.T("Proved the e-mail address; the request is received"), ui.Good
	case "enter":
		return d.p.T("Entered the request (%s): %s", strings.ToLower(d.channel(requests.Channel(x["channel"]))), d.rightsNamed(x["rights"])), ui.Good
	case "triage":
		return d.p.T("Named %s as the controller", d.org(x["controller"])), ui.Info
	case "forward":
		if x["again"] != "" {
			return d.p.T("Forwarded to %s, after %s with the processor in all", d.org(x["controller"]), d.minutes(x["minutes"])), ui.Info
		}
		return d.p.T("Forwarded to %s, %s after receipt", d.org(x["controller"]), d.minutes(x["minutes"])), ui.Info
	case "handle":
		return d.p.T("%s handles this itself", d.org(x["processor"])), ui.Info
	case "split":
		return d.p.T("Split: %s goes to the controller", strings.ToLower(d.rightsNamed(x["rights"]))), ui.Info
	case "part":
		return d.p.T("Made from the part of a request that goes to the controller: %s", d.rightsNamed(x["rights"])), ui.Info
	case "acknowledge":
		return d.p.T("Took the request up, and told the person that the answer comes by %s", d.dayOf(x["due"])), ui.Good
	case "assign":
		if x["assignee"] == "" {
			return d.p.T("Gave the request back: it is nobody's now"), ui.Neutral
		}
		return d.p.T("Gave the request to %s", orElse(names[x["assignee"]], d.p.T("a colleague"))), ui.Neutral
	case "note":
		return d.p.T("Wrote an internal note"), ui.Neutral
	case "add":
		return d.p.T("Added something to the request"), ui.Info
	case "wait":
		return "", ui.Neutral
	}
	return d.saysLater(ev, verb)
}

// saysLater is the second half of says: from the question of identity on.
func (d *desk) saysLater(ev ledger.Event, verb string) (string, ui.Tone) {
	x := ev.Details
	switch verb {
	case "ask_identity":
		return d.p.T("Asked the person who they are"), ui.Warn
	case "answer_identity":
		return d.p.T("Answered the question about who they are"), ui.Info
	case "settle_identity":
		if x["result"] == "sufficient" {
			return d.p.T("Settled who the person is"), ui.Good
		}
		return d.p.T("Judged that the answer about identity is not enough"), ui.Warn
	case "extend":
		return d.p.T("Extended the term and told the person why"), ui.Warn
	case "ask_assist":
		return d.p.T("Asked %s for help with %s, by %s", d.org(x["processor"]), strings.ToLower(d.right(requests.Right(x["right"]))), d.dayOf(x["due"])), ui.Waiting
	case "add_file":
		return d.p.T("Added a file to the answer"), ui.Neutral
	case "remove_file":
		return d.p.T("Took a file out of the answer"), ui.Neutral
	case "decide":
		st := d.outcome(requests.Outcome(x["outcome"]))
		return d.p.T("Decided on %s: %s", strings.ToLower(d.right(requests.Right(x["right"]))), strings.ToLower(st.Word)), st.Tone
	case "tell_recipient":
		if x["result"] == "spared" {
			return d.p.T("Noted that a recipient could not be told"), ui.Warn
		}
		return d.p.T("Told a recipient of the change"), ui.Good
	case "deliver":
		return d.p.T("Released the files to the person"), ui.Good
	case "deliver_outside":
		return d.p.T("Delivered the answer outside the portal"), ui.Good
	case "renew":
		return d.p.T("Opened the download again for seven days"), ui.Neutral
	case "download":
		return d.p.T("Downloaded a file of the answer"), ui.Good
	case "close":
		return d.p.T("Closed the request"), ui.Good
	case "change_address":
		return d.p.T("Corrected the e-mail address; the earlier one is cut off"), ui.Warn
	case "move_address":
		return d.p.T("Proved another e-mail address, which takes the place of the earlier one"), ui.Info
	case "new_word":
		return d.p.T("Made a letter with a new word"), ui.Neutral
	case "admit":
		return d.p.T("Filled in the word from the letter"), ui.Good
	case "withdraw":
		return d.p.T("Withdrew the request"), ui.Neutral
	case "misdirect":
		return d.p.T("Told the person where to turn instead"), ui.Neutral
	case "merge":
		return d.p.T("Let the request go on under %s%s", d.referenceOf(x["into"]), d.statedWords(x)), ui.Neutral
	case "merge_undone":
		return d.p.T("The other request had moved on, so this one goes on by itself"), ui.Warn
	case "join":
		if x["late"] == "true" {
			return d.p.T("Took request %s along%s; the answer is late", d.referenceOf(x["from"]), d.statedWords(x)), ui.Danger
		}
		return d.p.T("Took request %s along%s; the answer is due by %s", d.referenceOf(x["from"]), d.statedWords(x), d.dayOf(x["due"])), ui.Info
	case "separate":
		return d.p.T("Separated request %s again", d.referenceOf(x["from"])), ui.Neutral
	case "separated":
		return d.p.T("The request goes on by itself again, no longer under %s", d.referenceOf(x["from"])), ui.Info
	case "hand_back":
		return d.p.T("Handed back by %s after %s; %s has it again", d.org(x["controller"]), d.minutes(x["minutes"]), d.org(x["processor"])), ui.Warn
	case "share":
		var names []string
		for c := range strings.SplitSeq(x["controllers"], ",") {
			names = append(names, d.org(c))
		}
		return d.p.T("Several controllers decide, each on a request of its own: %s", strings.Join(names, ", ")), ui.Info
	case "copy":
		return d.p.T("Made from request %s, because several controllers decide", d.referenceOf(x["from"])), ui.Info
	case "remind":
		if x["days"] == "late" {
			return d.p.T("Warned that the day of the answer has passed"), ui.Danger
		}
		return d.p.T("Reminded of the day of the answer"), ui.Warn
	}
	return "", ui.Neutral
}

// referenceOf is the reference of another request, which opens nothing.
func (d *desk) referenceOf(id string) string {
	r, err := d.Requests.Requests.Get(d.ctx, id)
	if err != nil {
		return d.p.T("another one")
	}
	return r.Reference
}

// statedWords add to a joining that staff stated that it is one person.
func (d *desk) statedWords(x map[string]string) string {
	if x["person"] == "stated" {
		return d.p.T(", stating that it is one person")
	}
	return ""
}

func (d *desk) saysOfHelp(ev ledger.Event, verb string) (string, ui.Tone) {
	switch verb {
	case "answer":
		return d.p.T("Answered the question for help: %s", strings.ToLower(d.helpOutcome(requests.Assist{Outcome: ev.Details["outcome"]}).Word)), ui.Good
	case "cancel":
		return d.p.T("Withdrew the question for help"), ui.Neutral
	case "move":
		return d.p.T("The question for help goes on with this request"), ui.Neutral
	case "add_file":
		return d.p.T("Added a file to the help"), ui.Neutral
	case "remind":
		return d.p.T("Reminded the processor of the question"), ui.Warn
	}
	return "", ui.Neutral
}

// ruleOf is the rule behind what the portal did by itself.
func (d *desk) ruleOf(o dossier, ev ledger.Event) *ui.Clause {
	switch ev.Action {
	case "request.forward", "request.handle", "request.split":
		return d.routedBy(o.r, ev)
	case "request.extend", "request.join", "request.hand_back":
		return d.law("12(3) GDPR")
	case "request.ask_identity":
		return d.law("12(6) GDPR")
	case "request.tell_recipient":
		return d.law("19 GDPR")
	}
	return nil
}

// routedBy is the rule by which the request went its way then: the entry that
// was kept with the event, or what the agreement says where none was kept.
func (d *desk) routedBy(r requests.Request, ev ledger.Event) *ui.Clause {
	first, _, _ := strings.Cut(ev.Details["entries"], ", ")
	name, entry, kept := agreements.EntryOf(first)
	version, err := strconv.Atoi(ev.Details["version"])
	if err != nil {
		version = r.AgreementVersion
	}
	if a, ok := d.terms(orElse(ev.Details["agreement"], r.Agreement), version); ok && kept {
		return d.chip(agreements.ExplainEntry(a.Terms, name, entry), a.ID)
	}
	return d.routeRule(r)
}

func (d *desk) minutes(s string) string {
	n, err := strconv.Atoi(s)
	if err != nil {
		return s
	}
	return d.p.Duration(max(time.Duration(n)*time.Minute, time.Minute))
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// proof shows the proof that an entry is in the ledger, checked on the spot.
func (d *desk) proof() error {
	o, e, err := d.provable()
	if err != nil {
		return err
	}
	names, err := d.Identity.Names(d.ctx, d.by, []string{e.Event.Actor, e.Event.Details["assignee"]})
	if err != nil {
		return err
	}
	said, _ := d.entry(o, line{e, true}, names, 0)
	return d.showProof(e, said, ui.Link{Label: d.p.T("Back to the request"), Href: o.path("")}, d.c.Path()+"/file")
}

// proofFile gives that proof as a file.
func (d *desk) proofFile() error {
	_, e, err := d.provable()
	if err != nil {
		return err
	}
	return d.sendProof(e)
}

// provable is the entry that the address names, when it belongs to the request
// and may be told to the reader.
func (d *desk) provable() (dossier, ledger.Entry, error) {
	o, err := d.open()
	if err != nil {
		return o, ledger.Entry{}, err
	}
	e, ok, err := d.sealedEntry(d.c.Params("number"))
	if err == nil && (!ok || !d.partOf(o, e.Event)) {
		err = requests.ErrNotFound
	}
	return o, e, err
}

// partOf tells whether an entry belongs to the request, and may be told to the reader.
func (d *desk) partOf(o dossier, ev ledger.Event) bool {
	if ev.Object == o.r.ID {
		return requests.Told(d.by, o.r, ev)
	}
	if o.sight != requests.Content || !strings.HasPrefix(ev.Object, "ast_") {
		return false
	}
	a, err := d.Requests.Assists.Get(d.ctx, ev.Object)
	return err == nil && a.Request == o.r.ID
}
