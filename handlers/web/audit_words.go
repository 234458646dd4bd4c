package web

import (
	"inzage/services/audits"
	"inzage/views/ui"
)

// stage names where an audit stands.
func (d *desk) stage(s audits.Stage) ui.State {
	switch s {
	case audits.Draft:
		return ui.State{Tone: ui.Neutral, Word: d.p.T("Draft")}
	case audits.Precondition:
		return ui.State{Tone: ui.Waiting, Word: d.p.T("Questions first")}
	case audits.Announced:
		return ui.State{Tone: ui.Info, Word: d.p.T("Announced")}
	case audits.DateAgreed:
		return ui.State{Tone: ui.Info, Word: d.p.T("Day agreed")}
	case audits.UnderWay:
		return ui.State{Tone: ui.Info, Word: d.p.T("Under way")}
	case audits.Reported:
		return ui.State{Tone: ui.Waiting, Word: d.p.T("Findings shared")}
	case audits.InReview:
		return ui.State{Tone: ui.Info, Word: d.p.T("Joint review")}
	case audits.Improving:
		return ui.State{Tone: ui.Info, Word: d.p.T("Measures")}
	case audits.Settled:
		return ui.State{Tone: ui.Good, Word: d.p.T("Costs settled")}
	case audits.Closed:
		return ui.State{Tone: ui.Good, Word: d.p.T("Closed")}
	}
	return ui.State{Tone: ui.Neutral, Word: d.p.T("Cancelled")}
}

// mode names where an audit takes place.
func (d *desk) mode(m audits.Mode) string {
	switch m {
	case audits.Remote:
		return d.p.T("At a distance")
	case audits.Mixed:
		return d.p.T("On site and at a distance")
	}
	return d.p.T("On site")
}

// markWord says what a day on the calendar is.
func (d *desk) markWord(m audits.Mark) string {
	switch m.Kind {
	case "audit":
		return d.p.T("The audit")
	case "proposal":
		return d.p.T("Proposed day")
	case "session":
		return d.p.T("Visit or meeting")
	case "inquiry":
		return d.p.T("Answer to a question due")
	case "comment":
		return d.p.T("Comments on the draft report due")
	case "position":
		return d.p.T("Positions on the findings due")
	case "measure":
		return d.p.T("Measure due")
	}
	return d.p.T("Undertaking to be signed")
}
