package web

import (
	"strings"
	"time"

	"inzage/services/deadlines"
	"inzage/services/requests"
	"inzage/views/ui"
)

// right names a right in a word.
func (d *desk) right(r requests.Right) string {
	switch r {
	case requests.Access:
		return d.p.T("Access to data")
	case requests.Rectification:
		return d.p.T("Rectification")
	case requests.Erasure:
		return d.p.T("Erasure")
	case requests.Restriction:
		return d.p.T("Restriction")
	case requests.Portability:
		return d.p.T("Portability")
	case requests.Objection:
		return d.p.T("Objection")
	}
	return string(r)
}

// rights lists rights in words.
func (d *desk) rights(all []requests.Right) string {
	var words []string
	for _, r := range all {
		words = append(words, d.right(r))
	}
	return d.p.List(words...)
}

// rightsNamed lists the rights of a ledger entry.
func (d *desk) rightsNamed(joined string) string {
	var all []requests.Right
	for _, r := range strings.Split(joined, ",") {
		all = append(all, requests.Right(r))
	}
	return d.rights(all)
}

// state is where a request stands, for the people who work on it.
func (d *desk) state(r requests.Request) ui.State {
	st := ui.State{Code: string(r.State)}
	switch r.State {
	case requests.Unconfirmed:
		st.Tone, st.Word = ui.Neutral, d.p.T("Not sent yet")
	case requests.Received:
		st.Tone, st.Word = ui.Info, d.p.T("New")
		if r.ArrivedAt == requests.Processor && r.Decides == "" {
			st.Tone, st.Word = ui.Warn, d.p.T("To be passed on")
		}
	case requests.Forwarded:
		st.Tone, st.Word = ui.Info, d.p.T("New, forwarded")
		if !d.by.IsStaffOf(r.Desk) {
			st.Word = d.p.T("Forwarded")
		}
	case requests.Acknowledged:
		st.Tone, st.Word = ui.Neutral, d.p.T("Taken up")
	case requests.InProgress:
		st.Tone, st.Word = ui.Neutral, d.p.T("In progress")
	case requests.Identifying:
		st.Tone, st.Word = ui.Waiting, d.p.T("Waiting for identity")
		if !r.Waiting {
			st.Tone, st.Word = ui.Warn, d.p.T("Identity to be judged")
		}
	case requests.Decided:
		st.Tone, st.Word = ui.Good, d.p.T("Decided")
		if r.Owing() {
			st.Tone, st.Word = ui.Warn, d.p.T("Decided, data to be sent")
		}
	case requests.Delivered:
		st.Tone, st.Word = ui.Good, d.p.T("Delivered")
	case requests.Closed:
		st.Tone, st.Word = ui.Neutral, d.p.T("Closed")
	case requests.Withdrawn:
		st.Tone, st.Word = ui.Neutral, d.p.T("Withdrawn")
	case requests.Misdirected:
		st.Tone, st.Word = ui.Neutral, d.p.T("Meant for somebody else")
	case requests.Merged:
		st.Tone, st.Word = ui.Neutral, d.p.T("Answered with another request")
	}
	if r.Waiting && (r.State == requests.InProgress || r.State == requests.Acknowledged) {
		st.Tone, st.Word = ui.Waiting, d.p.T("Waiting for a processor")
	}
	return st
}

// channel says how a request came in.
func (d *desk) channel(c requests.Channel) string {
	switch c {
	case requests.Portal:
		return d.p.T("Through the portal")
	case requests.Email:
		return d.p.T("By e-mail")
	case requests.Letter:
		return d.p.T("By letter")
	case requests.Phone:
		return d.p.T("By telephone")
	case requests.API:
		return d.p.T("Through a connected system")
	}
	return string(c)
}

// outcome is a decision on a right as a state.
func (d *desk) outcome(o requests.Outcome) ui.State {
	switch o {
	case requests.Granted:
		return ui.State{Tone: ui.Good, Word: d.p.T("Granted"), Code: string(o)}
	case requests.Partly:
		return ui.State{Tone: ui.Info, Word: d.p.T("Granted in part"), Code: string(o)}
	case requests.Denied:
		return ui.State{Tone: ui.Danger, Word: d.p.T("Refused"), Code: string(o)}
	}
	return ui.State{Tone: ui.Neutral, Word: d.p.T("Not decided yet"), Code: "open"}
}

// helpOutcome is a processor's answer as a state.
func (d *desk) helpOutcome(a requests.Assist) ui.State {
	st := ui.State{Code: a.Outcome}
	switch a.Outcome {
	case requests.Found:
		st.Tone, st.Word = ui.Good, d.p.T("Found")
	case requests.NothingFound:
		st.Tone, st.Word = ui.Info, d.p.T("Nothing found")
	case requests.Exception:
		st.Tone, st.Word = ui.Warn, d.p.T("Something is in the way")
	case requests.Cancelled:
		st.Tone, st.Word = ui.Neutral, d.p.T("Withdrawn")
	default:
		st.Code, st.Tone, st.Word = "open", ui.Waiting, d.p.T("Waiting for an answer")
		if !d.Now().Before(a.Ends) {
			st.Tone, st.Word = ui.Danger, d.p.T("Late")
		}
	}
	return st
}

// charge says who pays the help of a processor.
func (d *desk) charge(costs, processor string) string {
	switch costs {
	case "controller":
		return d.p.T("You bear the costs of this help.")
	case "chargeable":
		return d.p.T("%s may charge for this help.", processor)
	}
	return d.p.T("Nothing is charged for this help.")
}

// fileKind names a file's type.
func (d *desk) fileKind(mediaType string) string {
	switch mediaType {
	case "application/pdf":
		return "PDF"
	case "application/json":
		return "JSON"
	case "text/csv":
		return "CSV"
	case "text/plain":
		return d.p.T("Text")
	case "application/zip", "application/gzip":
		return d.p.T("Archive")
	case "message/rfc822":
		return d.p.T("E-mail")
	}
	switch kind, _, _ := strings.Cut(mediaType, "/"); kind {
	case "image":
		return d.p.T("Picture")
	case "audio":
		return d.p.T("Recording")
	case "video":
		return d.p.T("Video")
	}
	return d.p.T("File")
}

// day writes a day of the calendar out.
func (d *desk) day(day deadlines.Date) string { return d.p.Day(day.Year, day.Month, day.Day) }

// ending writes out when something is over: its last day, or the moment on it
// when it ends before that day does, as hours do.
func (d *desk) ending(day deadlines.Date, ends time.Time, zone string) string {
	z, err := deadlines.Zone(zone)
	if err != nil || ends.IsZero() || !ends.Before(deadlines.EndOf(day, z)) {
		return d.day(day)
	}
	return d.p.DateTime(ends)
}

// endingOf is ending for a stored day, which ends in the zone of the reader.
func (d *desk) endingOf(s string, ends time.Time) string {
	day, err := deadlines.ParseDate(s)
	if err != nil {
		return s
	}
	return d.ending(day, ends, d.p.Zone())
}

// dayOf writes a stored day, YYYY-MM-DD, out.
func (d *desk) dayOf(s string) string {
	day, err := deadlines.ParseDate(s)
	if err != nil {
		return s
	}
	return d.day(day)
}

// left is the number of days until a stored day; negative when it has passed.
func (d *desk) left(due string, zone *time.Location) int {
	day, err := deadlines.ParseDate(due)
	if err != nil {
		return 0
	}
	return day.DaysSince(deadlines.DateOf(d.Now(), zone))
}

// urgency is the tone of a deadline with so many days left.
func urgency(left int) ui.Tone {
	switch {
	case left < 0:
		return ui.Danger
	case left <= 7:
		return ui.Warn
	}
	return ui.Good
}
