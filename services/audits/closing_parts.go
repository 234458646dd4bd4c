package audits

// close fills in everything of the report but the money and the ledger.
func (a *Audit) close(c *Closing, w Story) {
	c.Reference, c.Stage, c.Outcome, c.Mode, c.NonCompliance = a.Reference, a.Stage, a.Outcome, a.Mode, a.NonCompliance
	c.Subject, c.ForCause, c.Why, c.CancelledBecause = w.Subject, a.Cause.ForCause, w.Why, w.CancelledAs
	c.Summary, c.Comments = w.Summary, w.Comments
	c.Course = Course{Drafted: a.Drafted, Announced: a.Announced, Day: a.On, Began: a.Began, Settled: a.Settled, Ended: a.Ended}
	if r := a.Report; r != nil {
		c.Course.Reported, c.Course.Commented, c.Course.Reviewed = &r.Shared, r.CommentedAt, r.Reviewed
	}
	c.Next, c.NextClause = a.Next, lineOf(c.Terms, "frequency", "audit.frequency").Clause
	c.Auditor = a.closeAuditor(w)
	c.Inquiries, c.Visits = a.closeInquiries(w), a.closeVisits(w)
	c.Findings, c.Measures = a.closeFindings(w), a.closeMeasures(w)
	c.Files = []ClosingFile{}
	for _, f := range w.Files {
		c.Files = append(c.Files, ClosingFile{Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, From: f.From, At: f.At})
	}
}

func (a *Audit) closeAuditor(w Story) *ClosingAuditor {
	u := a.Auditor
	if u == nil {
		return nil
	}
	c := &ClosingAuditor{Own: u.Own, Name: w.Auditor.Name, Firm: w.Auditor.Firm, Register: w.Auditor.Register}
	if t := u.Undertaken; t != nil {
		c.Signed = &ClosingSignature{Name: w.SignedAs, At: t.At, Version: t.Version, SHA256: t.SHA256}
	}
	if x := u.Objection; x != nil {
		c.Objection = &ClosingObjection{Ground: x.Ground, Reason: w.Objection.Reason, Clause: x.Clause, At: x.At, Answer: w.Objection.Answer, AnsweredAt: x.AnsweredAt}
	}
	return c
}

func (a *Audit) closeInquiries(w Story) []ClosingInquiry {
	all := []ClosingInquiry{}
	for _, q := range a.Inquiries {
		said := w.Items[q.ID]
		all = append(all, ClosingInquiry{Kind: q.Kind, Text: said.Text, Haste: said.Reason, Asked: q.At, Due: q.Due, Clause: q.Clause, Answered: q.Answered,
			None: q.None, Answer: said.Answer, Withdrawn: q.Withdrawn, Assessment: q.Assessment, Arguments: said.Args})
	}
	return all
}

func (a *Audit) closeVisits(w Story) []ClosingVisit {
	all := []ClosingVisit{}
	for _, v := range a.Sessions {
		said := w.Items[v.ID]
		all = append(all, ClosingVisit{Day: v.Day, Mode: v.Mode, Place: said.Title, Purpose: said.Text, Held: v.Held, Notes: said.Answer, Dropped: v.Dropped})
	}
	return all
}

// closeFindings leaves out what was struck before anybody but its writer's side
// saw it: that never was a finding of the audit.
func (a *Audit) closeFindings(w Story) []ClosingFinding {
	all := []ClosingFinding{}
	for _, f := range a.Findings {
		if f.Dropped != nil && (a.Report == nil || f.Dropped.Before(a.Report.Shared)) {
			continue
		}
		said := w.Items[f.ID]
		c := ClosingFinding{Number: f.Number, Grade: f.Grade, Clause: f.Clause, Title: said.Title, Text: said.Text, Root: said.Reason,
			NonCompliance: f.NonCompliance, Dropped: f.Dropped, Positions: map[Party]ClosingPosition{}}
		for p, x := range f.Positions {
			c.Positions[p] = ClosingPosition{View: x.View, Text: said.By[p], At: x.At}
		}
		all = append(all, c)
	}
	return all
}

func (a *Audit) closeMeasures(w Story) []ClosingMeasure {
	all := []ClosingMeasure{}
	for _, m := range a.Measures {
		said := w.Items[m.ID]
		c := ClosingMeasure{Owner: m.Owner, Text: said.Text, Due: m.Due, Done: map[Party]ClosingDone{}, Result: m.Result, Check: said.Answer,
			Checked: m.Checked, Dropped: m.Dropped, Because: said.Reason}
		if f := a.finding(m.Finding); f != nil {
			c.Finding = f.Number
		}
		for p, x := range m.Done {
			c.Done[p] = ClosingDone{Text: said.By[p], At: x.At}
		}
		all = append(all, c)
	}
	return all
}

// bill is the money of the report.
func (a *Audit) bill(st Statement, w Story) *ClosingCosts {
	c := &ClosingCosts{Currency: st.Currency, ControllerBears: st.ControllerBears, ProcessorBears: st.ProcessorBears}
	for i, l := range st.Lines {
		x := a.Costs[i]
		line := ClosingCost{Kind: l.Kind, For: w.Items[x.ID].Text, MadeBy: l.MadeBy, Cents: l.Cents, Bearer: l.Bearer, Clause: l.Clause, Default: l.Default,
			Chip: l.Chip, Views: map[Party]ClosingView{}}
		for p, v := range x.Views {
			line.Views[p] = ClosingView{Accepts: v.Accepts, Reason: w.Items[x.ID].By[p], At: v.At}
		}
		for _, f := range w.Files {
			if f.Of == x.ID {
				line.Evidence = append(line.Evidence, f.Name)
			}
		}
		c.Lines = append(c.Lines, line)
	}
	if s := st.Settlement; s != nil {
		c.Pays = &ClosingPayment{From: s.From, To: s.To, Cents: s.Cents}
	}
	return c
}
