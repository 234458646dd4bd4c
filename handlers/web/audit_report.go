package web

import (
	"inzage/services/audits"
	pages "inzage/views/pages/audit"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// reportMoves bring the report from one side to the other and back.
func reportMoves() map[string]move {
	return map[string]move{
		"share":         {action: audits.Share, label: "Share the draft report", next: true, ask: (*bench).askShare, do: (*bench).doShare},
		"comment":       {action: audits.Comment, label: "Comment on the draft report", next: true, ask: (*bench).askComment, do: (*bench).doComment},
		"review":        {action: audits.Review, label: "Open the joint review", next: true, ask: (*bench).askReview, do: (*bench).doReview},
		"finish-review": {action: audits.FinishReview, label: "End the joint review", next: true, ask: (*bench).askFinishReview, do: (*bench).doFinishReview},
	}
}

// report is the draft report with its files; nil when there is nothing of it yet.
func (b *bench) report(o papers, names map[string]string, bad ui.FieldErrors) *pages.Report {
	m := &pages.Report{Evidence: b.folded(o, "report", b.p.T("Add files to the report"), bad)}
	r := o.a.Report
	if r == nil {
		if m.Evidence.Upload == nil && len(m.Evidence.Files) == 0 {
			return nil
		}
		return m
	}
	m.Facts = []ui.Fact{{Name: b.p.T("Summary"), Value: o.story.Summary}, {Name: b.p.T("Shared"), Value: b.p.T("On %s, by %s", b.p.DateTime(r.Shared), b.who(o, r.By, audits.Controller, names))}}
	due := ui.Fact{Value: b.day(r.Due), Chip: b.owing(o, r.Duty), TestID: "say-by"}
	switch {
	case o.a.Stage == audits.Reported:
		due.Name = b.p.T("Comments on the draft report due")
		m.Facts = append(m.Facts, due)
	case o.a.Stage == audits.InReview:
		due.Name = b.p.T("Positions on the findings due")
		m.Facts = append(m.Facts, due)
	}
	comments := ui.Fact{Name: b.p.T("Comments of %s", b.org(o.a.Processor)), Value: b.p.T("No comments came."), TestID: "comments"}
	switch {
	case r.CommentedAt != nil:
		comments.Value, comments.Note = o.story.Comments, b.p.DateTime(*r.CommentedAt)
	case o.a.Stage == audits.Reported:
		comments.Value = b.p.T("They have not come yet.")
	}
	m.Facts = append(m.Facts, comments)
	if r.Reviewed != nil {
		m.Facts = append(m.Facts, ui.Fact{Name: b.p.T("Joint review ended"), Value: b.p.DateTime(*r.Reviewed)})
	}
	return m
}

// timeToSay is the fact of how long a side has from today, and the rule behind it.
func (b *bench) timeToSay(o papers, name string) (ui.Fact, error) {
	l, err := audits.TimeToSay(o.rules.Terms, b.Now())
	if err != nil {
		return ui.Fact{}, err
	}
	return ui.Fact{Name: name, Value: b.ending(l.Day, l.Ends, o.rules.Terms.TimeZone()), Chip: b.owing(o, audits.Duty{Agreed: l.Agreed})}, nil
}

// askShare shows what the processor will see, and until when it may comment.
func (b *bench) askShare(o papers) (sheets.Sheet, error) {
	to := b.org(o.a.Processor)
	m := sheets.Sheet{Title: b.p.T("Share the draft report with %s", to)}
	for _, f := range o.a.Findings {
		if f.Dropped != nil {
			continue
		}
		fact := ui.Fact{Name: b.grade(f.Grade).Word, Value: b.findingName(o, f), Href: o.path("#" + f.ID)}
		if f.NonCompliance {
			fact.Note = b.p.T("Shows that the agreement or the law is not kept")
		}
		m.Typed = append(m.Typed, fact)
	}
	if len(m.Typed) == 0 {
		m.Note = b.p.T("There are no findings. The report then only has your summary.")
	}
	m.Asks = []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "summary", Label: b.p.T("Summary of what the audit shows"), Value: b.field("summary"), Rows: 7, Hint: b.p.T("What you looked at, how, and what it comes to. The findings above go along.")}}}
	due, err := b.timeToSay(o, b.p.T("Can comment until"))
	if err != nil {
		return m, err
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("%s sees the draft report", to),
		Facts: []ui.Fact{{Name: b.p.T("What is sent"), Value: b.p.T("The summary, and %d findings with their evidence", len(m.Typed))}, {Name: b.p.T("To"), Value: to}, due},
		Will: []string{b.p.T("From now on %s sees every finding, also when you add or change one.", to), b.p.T("What you struck out before stays hidden."),
			b.p.T("After its comments, or when its time is over, the controller opens the joint review.")},
		Confirm: b.button(b.p.T("Share the draft report with %s", to))}
	return m, nil
}

func (b *bench) doShare(s *audits.Service, id string) (string, error) {
	_, err := s.ShareReport(b.ctx, b.by, id, b.field("summary"))
	return "report-shared", err
}

func (b *bench) askComment(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Comment on the draft report"), Typed: []ui.Fact{{Name: b.p.T("Summary"), Value: o.story.Summary}}}
	to := b.org(o.a.Controller)
	m.Asks = []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "comments", Label: b.p.T("Your comments"), Value: b.field("comments"), Rows: 9,
		Hint: b.p.T("Name the finding by its number when a comment is about one of them. Write that you have no comments when you have none.")}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("Your comments go to %s", to), Facts: []ui.Fact{{Name: b.p.T("Can comment until"), Value: b.day(o.a.Report.Due), Chip: b.owing(o, o.a.Report.Duty)}},
		Will:    []string{b.p.T("They are locked: you cannot change them any more."), b.p.T("%s and the auditor read them before the joint review.", to), b.p.T("In the joint review you say of each finding whether you agree.")},
		Confirm: b.button(b.p.T("Send these comments"))}
	return m, nil
}

func (b *bench) doComment(s *audits.Service, id string) (string, error) {
	_, err := s.CommentReport(b.ctx, b.by, id, b.field("comments"))
	return "report-commented", err
}

// askReview opens the review, or says until when the processor still has time.
func (b *bench) askReview(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("Open the joint review")}
	r, other := o.a.Report, b.org(o.a.Processor)
	if r.Commentable(b.Now()) {
		m.Note = b.p.T("The processor can comment on the draft report until %s. Wait for its comments or for that day.", b.day(r.Due))
		m.Chips = []ui.Clause{*b.owing(o, r.Duty)}
		return m, nil
	}
	comments := ui.Fact{Name: b.p.T("Comments of %s", other), Value: o.story.Comments}
	if r.CommentedAt == nil {
		comments.Value = b.p.T("No comments came.")
	}
	m.Typed = []ui.Fact{comments}
	due, err := b.timeToSay(o, b.p.T("Positions on the findings due"))
	if err != nil {
		return m, err
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("Both sides judge the findings"), Facts: []ui.Fact{due}, Chip: b.termChip(o, termFindings),
		Will:    []string{b.p.T("%s and your own organisation each say of every finding whether they agree.", other), b.p.T("Both see what the other says."), b.p.T("Measures can be agreed from now on.")},
		Confirm: b.button(b.p.T("Open the joint review"))}
	return m, nil
}

func (b *bench) doReview(s *audits.Service, id string) (string, error) {
	_, err := s.OpenReview(b.ctx, b.by, id)
	return "review-opened", err
}

// askFinishReview says which positions are still missing, and whether the
// review has to wait for them.
func (b *bench) askFinishReview(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("End the joint review")}
	missing := b.missing(o)
	line := o.a.Unreviewed(o.rules.Terms, b.Now())
	if len(line.Reasons) > 0 {
		m.Typed = missing
		m.Note = b.p.T("The review cannot end yet: both sides judge every finding, and they have until %s.", b.day(o.a.Report.Due))
		m.Chips = []ui.Clause{*b.chip(line.Chip, o.a.Agreement)}
		return m, nil
	}
	m.Lead = b.p.T("Both sides have said what they hold of every finding.")
	if len(missing) > 0 {
		m.Lead = b.p.T("Not every position was taken. You can end the review all the same.")
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("The findings stand as they are"), Facts: missing, Chip: b.chip(line.Chip, o.a.Agreement), Grave: true,
		Will:    []string{b.p.T("Findings and positions can no longer be changed."), b.p.T("The measures are carried out and checked."), b.p.T("After that the costs are settled.")},
		Confirm: ui.Button{Label: b.p.T("End the joint review"), Look: ui.Grave, TestID: "do"}}
	return m, nil
}

// missing lists the findings that wait for a side, with that side.
func (b *bench) missing(o papers) []ui.Fact {
	var facts []ui.Fact
	for _, f := range o.a.Findings {
		if f.Dropped != nil {
			continue
		}
		var who []string
		for _, p := range []audits.Party{audits.Controller, audits.Processor} {
			if _, said := f.Positions[p]; !said {
				who = append(who, b.side(o, p))
			}
		}
		if len(who) > 0 {
			facts = append(facts, ui.Fact{Name: b.findingName(o, f), Value: b.p.T("No position from %s", b.p.List(who...)), Href: o.path("#" + f.ID), TestID: "missing"})
		}
	}
	return facts
}

func (b *bench) doFinishReview(s *audits.Service, id string) (string, error) {
	_, err := s.EndReview(b.ctx, b.by, id)
	return "review-ended", err
}
