package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/requests"
	"inzage/views/ui"
)

// dossier is a request as the reader may see it, opened.
type dossier struct {
	r     requests.Request
	sight requests.Sight
	story requests.Story
	clock requests.Clock
	// erased is true when the content's key was destroyed.
	erased bool
}

// open reads a request and, when the reader may see it, its content; the
// service leaves the entry of the reading.
func (d *desk) open() (dossier, error) {
	r, sight, err := d.Requests.Look(d.ctx, d.by, d.c.Params("id"))
	if err != nil {
		return dossier{}, err
	}
	o := dossier{r: r, sight: sight}
	if o.clock, err = d.Requests.Clock(d.ctx, r); err != nil {
		return dossier{}, err
	}
	if sight != requests.Content {
		return o, nil
	}
	o.story, err = d.Requests.Tell(d.ctx, d.by, r)
	if fault.KindOf(err) == fault.Gone || r.Shredded != nil {
		o.erased, o.sight = true, requests.Facts
		return o, nil
	}
	return o, err
}

func (o dossier) path(more string) string { return "/requests/" + o.r.ID + more }

// can lists what the reader can do now.
func (d *desk) can(o dossier) []requests.Action {
	if o.erased {
		return nil
	}
	return requests.Possible(d.by, o.r, d.Now())
}

// person names the data subject, or says that the reader does not see it.
func (o dossier) person() string { return o.story.Person.Name }

// clockOf draws the deadline with everything on the way.
func (d *desk) clockOf(o dossier) ui.Clock {
	due := d.day(o.clock.Due)
	left := o.clock.Left()
	c := ui.Clock{Title: d.p.T("The answer to this request"), Words: d.p.Until(left, due), Tone: urgency(left), Chip: d.law("12(3) GDPR"), TestID: "clock"}
	if answered := o.answered(); answered != nil && !o.r.Owing() {
		c.Words, c.Tone = d.answeredWords(*answered, o.r.Due, o.clock.Zone)
	} else if o.r.Closed != nil {
		c.Words, c.Tone = d.p.T("Closed on %s", d.p.Date(*o.r.Closed)), ui.Neutral
	}
	c.Marks = d.happened(o)
	if o.r.Open {
		today := d.mark(o, o.clock.Today, ui.Today, d.p.T("Today"), "")
		today.At = d.Now() // not noon, or what happened this afternoon would stand after today
		c.Marks = append(c.Marks, today)
	}
	enforced := d.mark(o, o.clock.Due, ui.Enforced, d.p.T("The answer is due"), d.p.T("Answer due"))
	enforced.Note = d.p.T("30 days after receipt, or one calendar month if that is earlier. Weekends and holidays do not move it.")
	if x := o.r.Extension; x != nil {
		enforced.Note = d.p.T("Extended: three months from receipt.")
		if x.Months == 1 {
			enforced.Note = d.p.T("Extended: two months from receipt.")
		}
	}
	enforced.Chip = d.law("12(3) GDPR")
	c.Marks = append(c.Marks, enforced)
	return d.readings(o, c)
}

// readings adds the statutory date and what else can be defended, fainter.
func (d *desk) readings(o dossier, c ui.Clock) ui.Clock {
	if o.clock.Statutory != o.clock.Due {
		m := d.mark(o, o.clock.Statutory, ui.Reading, d.p.T("The last day that the law allows"), d.p.T("By law"))
		m.Note = d.p.T("With weekends, holidays and pauses counted the way most authorities do.")
		if o.clock.HolidaysUnknown {
			m.Note = d.p.T("With weekends and pauses counted the way most authorities do. The holidays of this country are not known.")
		}
		m.Chip = d.law("Reg. 1182/71 art. 3")
		c.Marks = append(c.Marks, m)
	}
	seen := []deadlines.Date{o.clock.Due, o.clock.Statutory}
	for _, r := range o.clock.Readings {
		if slices.Contains(seen, r.Due) {
			continue
		}
		seen = append(seen, r.Due)
		m := d.mark(o, r.Due, ui.Reading, d.p.T(r.Reading), d.p.T("Other reading"))
		m.Note = d.cited(r.Source)
		c.Marks = append(c.Marks, m)
	}
	return c
}

// answeredWords say when an answer came, and whether that was too late.
func (d *desk) answeredWords(at time.Time, due string, zone *time.Location) (string, ui.Tone) {
	day, err := deadlines.ParseDate(due)
	if late := deadlines.DateOf(at, zone).DaysSince(day); err == nil && late > 0 {
		return d.p.T("Answered on %s, %s", d.p.Date(at), d.p.Relative(-late)), ui.Warn
	}
	return d.p.T("Answered on %s", d.p.Date(at)), ui.Good
}

// answered is when the last right was decided, or the files were delivered.
func (o dossier) answered() *time.Time {
	var last *time.Time
	for i := range o.r.Items {
		dec := o.r.Items[i].Decision
		if dec == nil {
			return nil
		}
		if last == nil || dec.At.After(*last) {
			last = &dec.At
		}
	}
	if o.r.Answer != nil {
		return &o.r.Answer.At
	}
	return last
}

// happened are the events on the clock.
func (d *desk) happened(o dossier) []ui.Mark {
	var marks []ui.Mark
	at := func(t time.Time, label, short string) {
		marks = append(marks, ui.Mark{At: t, Kind: ui.Event, Label: label, Short: short, Day: d.p.DayMonth(t), Date: d.p.DateTime(t)})
	}
	r := o.r
	if t := r.ReceivedByProcessor; t != nil {
		at(*t, d.p.T("Received by %s", d.org(r.Processor)), d.p.T("Received"))
	}
	if t := r.ReceivedByController; t != nil {
		if r.ReceivedByProcessor != nil {
			at(*t, d.p.T("Forwarded to %s", d.org(r.Controller)), d.p.T("Forwarded"))
		} else {
			at(*t, d.p.T("Received by %s", d.org(r.Controller)), d.p.T("Received"))
		}
	}
	if len(marks) > 0 {
		marks[0].Note = d.p.T("The clock runs from here.")
		marks[0].Chip = d.law("12(3) GDPR")
	}
	if r.Acknowledged != nil {
		at(*r.Acknowledged, d.p.T("Taken up"), "")
	}
	for _, q := range r.Identity {
		at(q.Asked, d.p.T("Asked who it is"), d.p.T("Asked"))
		if q.Replied != nil {
			at(*q.Replied, d.p.T("The person answered"), d.p.T("Answered"))
		}
	}
	if r.Extension != nil {
		at(r.Extension.At, d.p.T("Extended"), "")
	}
	if r.Answer != nil {
		at(r.Answer.At, d.p.T("Delivered"), "")
	} else if t := o.answered(); t != nil {
		at(*t, d.p.T("Decided"), "")
	}
	return marks
}

func (d *desk) mark(o dossier, day deadlines.Date, kind ui.MarkKind, label, short string) ui.Mark {
	noon := time.Date(day.Year, day.Month, day.Day, 12, 0, 0, 0, o.clock.Zone)
	return ui.Mark{At: noon, Kind: kind, Label: label, Short: short, Day: d.p.DayMonth(noon), Date: d.day(day)}
}

// cited is a source in the reader's language: laws are named and numbered
// differently in each.
func (d *desk) cited(source string) string {
	all := sourcesOf(source)
	for i, one := range all {
		all[i] = d.p.T(one)
	}
	return strings.Join(all, "; ")
}

// sourcesOf are the keys of the sources that a rule names in one line.
func sourcesOf(source string) []string {
	all := strings.Split(source, "; ")
	for i, one := range all {
		if one == "agreement" {
			all[i] = "The agreement"
		}
	}
	return all
}

// provisions are the laws that a source cites and that the portal explains.
func (d *desk) provisions(source string) []ui.Clause {
	var chips []ui.Clause
	for _, known := range []struct{ cited, id string }{
		{"12(3) GDPR", "12(3) GDPR"}, {"12(4) GDPR", "12(4) GDPR"}, {"Reg. 1182/71 art. 2", "Reg. 1182/71 art. 2"},
		{"Reg. 1182/71 art. 3", "Reg. 1182/71 art. 3"}, {"Algemene termijnenwet", "Algemene termijnenwet art. 3"},
	} {
		if strings.Contains(source, known.cited) {
			if c := d.law(known.id); c != nil {
				chips = append(chips, *c)
			}
		}
	}
	return chips
}

// rev is the revision that the reader saw, for the form to carry.
func rev(r requests.Request) string { return strconv.FormatInt(r.Rev, 10) }
