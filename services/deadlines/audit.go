package deadlines

import (
	"time"

	"inzage/services/fault"
)

// Notice is the notice that an agreement asks before an audit: a number of
// days or of working days, not both. The zero Notice is none.
type Notice struct {
	Days        int
	WorkingDays int
}

// AuditFacts is what the days of an audit follow from; what is zero is unknown
// or not agreed, and bounds nothing.
type AuditFacts struct {
	Announced time.Time
	Notice    Notice
	Last      Date // the day of the last audit
	Years     int  // that must have run since Last
	ForCause  bool // an indication of non-compliance: lifts Years, not Notice
	On        Date // the day that is planned
	Zone      *time.Location
	Calendar  Calendar
}

// AuditDays is the days of an audit. Its JSON is that of `inzage deadline
// audit`; a day that does not follow from the facts is zero, in JSON null.
type AuditDays struct {
	Earliest           Date `json:"earliest"`             // by notice and frequency, the later of both
	EarliestWorkingDay Date `json:"earliest_working_day"` // Earliest, or the next working day
	LatestNotice       Date `json:"latest_notice"`        // for an audit on On

	ByNotice    Date `json:"-"` // the first day that the notice allows
	ByFrequency Date `json:"-"` // the first day that the frequency allows

	Readings []Reading `json:"-"` // other dates than Earliest; never nil
	Basis    []Rule    `json:"-"`
}

// Audit counts notice and frequency. N days' notice are N full days after the
// day of the announcement, then the next day; a rolling year runs from the day
// after the anniversary. Neither rolls over, and counting backwards mirrors it
// (Reg. 1182/71 art. 3(4), second subparagraph).
//
// A missing zone, an amount that is impossible and a notice in two units are
// refused (fault.Invalid).
func Audit(f AuditFacts) (AuditDays, error) {
	if err := f.check(); err != nil {
		return AuditDays{}, err
	}
	d := AuditDays{
		ByNotice:     f.byNotice(f.Calendar, 1),
		ByFrequency:  f.byFrequency(),
		LatestNotice: f.latestNotice(),
		Readings:     []Reading{},
	}
	d.Earliest = later(d.ByNotice, d.ByFrequency)
	if !d.Earliest.IsZero() {
		d.EarliestWorkingDay = f.Calendar.Roll(d.Earliest)
		f.readings(&d)
	}
	d.Basis = f.basis(d)
	return d, nil
}

func (f AuditFacts) check() error {
	if f.Zone == nil {
		return fault.New(fault.Invalid, "Say in which time zone the audit takes place.")
	}
	n := f.Notice
	if n.Days < 0 || n.Days > maxDays || n.WorkingDays < 0 || n.WorkingDays > maxWorkingDays {
		return fault.New(fault.Invalid, "A notice is from 1 to %d days or %d working days.", maxDays, maxWorkingDays)
	}
	if n.Days > 0 && n.WorkingDays > 0 {
		return fault.New(fault.Invalid, "Give the notice in days or in working days, not in both.")
	}
	if f.Years < 0 || f.Years > maxYears {
		return fault.New(fault.Invalid, "A number of years is from 1 to %d.", maxYears)
	}
	if !f.Announced.IsZero() {
		if err := DateOf(f.Announced, f.Zone).within(); err != nil {
			return err
		}
	}
	for _, d := range []Date{f.Last, f.On} {
		if !d.IsZero() {
			if err := d.within(); err != nil {
				return err
			}
		}
	}
	return nil
}

// byNotice is the first day after the notice; gap is 1 when the N days are
// full days between, and 0 when day N itself suffices.
func (f AuditFacts) byNotice(c Calendar, gap int) Date {
	if f.Announced.IsZero() || f.Notice == (Notice{}) {
		return Date{}
	}
	day := DateOf(f.Announced, f.Zone)
	if f.Notice.WorkingDays > 0 {
		return c.AddWorkingDays(day, f.Notice.WorkingDays+gap)
	}
	return day.AddDays(f.Notice.Days + gap)
}

func (f AuditFacts) byFrequency() Date {
	if f.Last.IsZero() || f.Years == 0 || f.ForCause {
		return Date{}
	}
	return f.Last.AddYears(f.Years).AddDays(1)
}

// latestNotice is the last day of an announcement for which byNotice is not after On.
func (f AuditFacts) latestNotice() Date {
	switch {
	case f.On.IsZero() || f.Notice == (Notice{}):
		return Date{}
	case f.Notice.Days > 0:
		return f.On.AddDays(-f.Notice.Days - 1)
	}
	day := f.On
	for left := f.Notice.WorkingDays + 1; left > 0; day = day.AddDays(-1) {
		if f.Calendar.Working(day) {
			left--
		}
	}
	return day
}

func (f AuditFacts) readings(d *AuditDays) {
	add := func(byNotice, byFrequency Date, label, source string) {
		if due := later(byNotice, byFrequency); due != d.Earliest {
			d.Readings = append(d.Readings, Reading{label, due, source})
		}
	}
	add(f.byNotice(f.Calendar, 0), d.ByFrequency, "The last day of the notice itself suffices", sourceContract)
	if !d.ByFrequency.IsZero() {
		add(d.ByNotice, d.ByFrequency.AddDays(-1), "The anniversary itself suffices", sourceContract)
		add(d.ByNotice, Date{f.Last.Year + f.Years, 1, 1}, "Once in a calendar year", sourceContract)
	}
	for _, cal := range f.Calendar.contested() {
		add(f.byNotice(cal, 1), d.ByFrequency, cal.reading.Reading, cal.reading.Source)
	}
}

func (f AuditFacts) basis(d AuditDays) []Rule {
	out := []Rule{}
	switch {
	case d.ByNotice.IsZero():
	case f.Notice.WorkingDays > 0:
		out = append(out, Rule{"earliest", "The working days of the notice are counted after the day of the announcement; the audit can begin on the next working day.", join(sourceAudit, f.Calendar.Source())})
	default:
		out = append(out, Rule{"earliest", "The days of the notice are full days after the day of the announcement; the audit can begin on the next day.", sourceAudit})
	}
	if !d.ByFrequency.IsZero() {
		out = append(out, Rule{"earliest", "The years since the last audit must have run in full; the audit can begin on the day after the anniversary.", sourceAudit})
	}
	if !d.ByNotice.IsZero() && !d.ByFrequency.IsZero() {
		out = append(out, Rule{"earliest", "Notice and frequency both count, so the later day governs.", sourceContract})
	}
	if f.ForCause {
		out = append(out, Rule{"", "An audit for cause does not wait for the yearly term; the notice still counts.", "Decision (EU) 2021/915, clause 7.6(c)"})
	}
	if !d.Earliest.IsZero() {
		out = append(out, Rule{"earliest_working_day", "The first working day from then on.", join("Reg. 1182/71 art. 2(2)", f.Calendar.Source())})
	}
	if !d.LatestNotice.IsZero() {
		out = append(out, Rule{"latest_notice", "Counted back from the planned day in the same way, without roll-over.", "Reg. 1182/71 art. 3(4), second subparagraph"})
	}
	switch counts := f.Notice.WorkingDays > 0; {
	case counts && !d.ByNotice.IsZero():
		return append(out, f.Calendar.unknowns(DateOf(f.Announced, f.Zone), d.Earliest)...)
	case !f.Calendar.Known() && (!d.Earliest.IsZero() || counts && !d.LatestNotice.IsZero()):
		return append(out, ruleWeekends)
	}
	return out
}
