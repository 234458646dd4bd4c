package demo

// Audit is the story of one audit, from its draft on.
type Audit struct {
	Key        string      `yaml:"key"`
	Ends       string      `yaml:"ends"`  // the stage it is in at the end of its steps
	Start      Moment      `yaml:"start"` // when it was drafted
	Controller string      `yaml:"controller"`
	Processor  string      `yaml:"processor"`
	By         string      `yaml:"by"` // who drafts it
	Subject    string      `yaml:"subject"`
	Mode       string      `yaml:"mode"`
	Why        string      `yaml:"why"`
	ForCause   bool        `yaml:"for_cause"`
	Indicated  *bool       `yaml:"indicated"` // a breach of the security duty
	Notice     AuditNotice `yaml:"notice"`
	Auditor    *Auditor    `yaml:"auditor"`
	Steps      []AuditStep `yaml:"steps"`
}

// AuditNotice is what the notice states.
type AuditNotice struct {
	Method      string `yaml:"method"`
	Auditor     string `yaml:"auditor"`
	Information string `yaml:"information"`
	Locations   string `yaml:"locations"`
	Arguments   string `yaml:"arguments"`
}

// Auditor does the audit. What is not said is unknown.
type Auditor struct {
	Key         string `yaml:"key"` // of the person with the account; empty for the controller's own people
	Name        string `yaml:"name"`
	Firm        string `yaml:"firm"`
	Register    string `yaml:"register"`
	Independent *bool  `yaml:"independent"`
	RegisterEDP *bool  `yaml:"register_edp"`
	ICTExpert   *bool  `yaml:"ict_expert"`
	Bound       *bool  `yaml:"bound"`
}

// AuditStep is one thing that somebody does. Which fields it needs depends on Do.
type AuditStep struct {
	At     Moment `yaml:"at"` // counted from the start
	Do     string `yaml:"do"`
	By     string `yaml:"by"`   // a person's key
	Item   string `yaml:"item"` // what it makes or is about, by a name that the story gives it
	Kind   string `yaml:"kind"` // of an inquiry or a cost
	Day    Moment `yaml:"day"`  // counted from the start, moved on to a working day
	Text   string `yaml:"text"`
	Reason string `yaml:"reason"`
	Place  string `yaml:"place"`
	Mode   string `yaml:"mode"`
	None   bool   `yaml:"none"`
	View   string `yaml:"view"` // an assessment, a position or a result

	Grade         string `yaml:"grade"`
	Clause        string `yaml:"clause"`
	Title         string `yaml:"title"`
	Root          string `yaml:"root"`
	NonCompliance bool   `yaml:"non_compliance"`
	Finding       string `yaml:"finding"`
	Owner         string `yaml:"owner"`
	Cents         int64  `yaml:"cents"`
	Files         []File `yaml:"files"` // of the item, before the step
}
