package agreements

import (
	"bytes"
	"fmt"
	"sync"

	files "inzage/config/agreements"
	lawfile "inzage/config/law"

	"go.yaml.in/yaml/v3"
)

// TermName is the name of a term in the vocabulary, such as "audit.notice".
type TermName string

// The terms the engines cite. All of them stand in the vocabulary file.
const (
	TermArrival         TermName = "requests.at_processor"
	TermAssistance      TermName = "requests.assistance"
	TermAssistanceCosts TermName = "requests.assistance_costs"
	TermPrecondition    TermName = "audit.precondition"
	TermNotice          TermName = "audit.notice"
	TermNoticeContent   TermName = "audit.notice_content"
	TermFrequency       TermName = "audit.frequency"
	TermAuditor         TermName = "audit.auditor"
	TermConfidentiality TermName = "audit.confidentiality"
	TermCooperation     TermName = "audit.cooperation"
	TermCosts           TermName = "audit.costs"
)

// entry is one row of the vocabulary file.
type entry struct {
	Term   TermName `yaml:"term"`
	Name   Text     `yaml:"name"`
	Law    string   `yaml:"law"`
	Says   Text     `yaml:"says"`
	Silent Text     `yaml:"silent"`
}

type provision struct {
	ID    string `yaml:"id"`
	Label Text   `yaml:"label"`
	Title Text   `yaml:"title"`
	Says  Text   `yaml:"says"`
}

type vocabulary struct {
	Sections map[string]Text `yaml:"sections"`
	Terms    []entry         `yaml:"terms"`
	Notes    map[string]Text `yaml:"notes"`

	byTerm map[TermName]entry
	byLaw  map[string]provision
}

// The vocabulary is read once. Its files are part of the binary, and a test
// holds them against the terms: an error here is a broken build. What is
// missing then shows as empty text, never as a wrong one.
var vocabularyOnce = sync.OnceValues(readVocabulary)

func wordsOf() vocabulary {
	v, _ := vocabularyOnce() // TestVocabularyIsComplete reads it
	return v
}

func readVocabulary() (vocabulary, error) {
	v := vocabulary{byTerm: map[TermName]entry{}, byLaw: map[string]provision{}}
	raw, err := files.Read("vocabulary.yaml")
	if err != nil {
		return v, fmt.Errorf("read the vocabulary: %w", err)
	}
	if err := strictYAML(raw, &v); err != nil {
		return v, fmt.Errorf("parse the vocabulary: %w", err)
	}
	for _, e := range v.Terms {
		v.byTerm[e.Term] = e
	}
	var provisions []provision
	if err := strictYAML([]byte(lawfile.YAML()), &provisions); err != nil {
		return v, fmt.Errorf("parse the provisions of law: %w", err)
	}
	for _, p := range provisions {
		v.byLaw[p.ID] = p
	}
	return v, nil
}

func strictYAML(raw []byte, into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	return dec.Decode(into)
}

// holders says where each term of the vocabulary lives: its values, for
// comparing, and its clauses, for citing. A term that is nil or empty is silent.
var holders = map[TermName]func(*Terms) (values any, terms []*Term){
	TermArrival: func(t *Terms) (any, []*Term) {
		list := make([]*Term, 0, len(t.Requests.AtProcessor))
		for i := range t.Requests.AtProcessor {
			list = append(list, &t.Requests.AtProcessor[i].Term)
		}
		return t.Requests.AtProcessor, list
	},
	TermAssistance: func(t *Terms) (any, []*Term) {
		return one(t.Requests.Assistance, func(x *Assistance) *Term { return &x.Term })
	},
	TermAssistanceCosts: func(t *Terms) (any, []*Term) {
		return one(t.Requests.AssistanceCosts, func(x *AssistanceCosts) *Term { return &x.Term })
	},
	"requests.complaints": func(t *Terms) (any, []*Term) {
		return one(t.Requests.Complaints, func(x *Complaints) *Term { return &x.Term })
	},
	"data_access": func(t *Terms) (any, []*Term) { return one(t.DataAccess, func(x *DataAccess) *Term { return &x.Term }) },
	TermPrecondition: func(t *Terms) (any, []*Term) {
		return one(t.Audit.Precondition, func(x *Precondition) *Term { return &x.Term })
	},
	TermNotice: func(t *Terms) (any, []*Term) { return one(t.Audit.Notice, func(x *Notice) *Term { return &x.Term }) },
	TermNoticeContent: func(t *Terms) (any, []*Term) {
		return one(t.Audit.NoticeContent, func(x *NoticeContent) *Term { return &x.Term })
	},
	TermFrequency: func(t *Terms) (any, []*Term) {
		return one(t.Audit.Frequency, func(x *Frequency) *Term { return &x.Term })
	},
	TermAuditor: func(t *Terms) (any, []*Term) { return one(t.Audit.Auditor, func(x *Auditor) *Term { return &x.Term }) },
	TermConfidentiality: func(t *Terms) (any, []*Term) {
		return one(t.Audit.Confidentiality, func(x *Confidentiality) *Term { return &x.Term })
	},
	TermCooperation: func(t *Terms) (any, []*Term) {
		return one(t.Audit.Cooperation, func(x *Cooperation) *Term { return &x.Term })
	},
	"audit.alternatives": func(t *Terms) (any, []*Term) {
		return one(t.Audit.Alternatives, func(x *Alternatives) *Term { return &x.Term })
	},
	"audit.findings": func(t *Terms) (any, []*Term) {
		return one(t.Audit.Findings, func(x *Findings) *Term { return &x.Term })
	},
	TermCosts: func(t *Terms) (any, []*Term) {
		list := make([]*Term, 0, len(t.Audit.Costs))
		for i := range t.Audit.Costs {
			list = append(list, &t.Audit.Costs[i].Term)
		}
		return t.Audit.Costs, list
	},
	"audit.security_changes": func(t *Terms) (any, []*Term) {
		return one(t.Audit.SecurityChanges, func(x *SecurityChanges) *Term { return &x.Term })
	},
	"breach.notify": func(t *Terms) (any, []*Term) {
		return one(t.Breach.Notify, func(x *BreachNotify) *Term { return &x.Term })
	},
	"breach.content": func(t *Terms) (any, []*Term) {
		return one(t.Breach.Content, func(x *BreachContent) *Term { return &x.Term })
	},
	"breach.follow_up": func(t *Terms) (any, []*Term) {
		return one(t.Breach.FollowUp, func(x *FollowUp) *Term { return &x.Term })
	},
	"breach.authority": func(t *Terms) (any, []*Term) {
		return one(t.Breach.Authority, func(x *BreachAuthority) *Term { return &x.Term })
	},
	"breach.costs": func(t *Terms) (any, []*Term) {
		return one(t.Breach.Costs, func(x *BreachCosts) *Term { return &x.Term })
	},
	"sub_processors.consent": func(t *Terms) (any, []*Term) {
		return one(t.SubProcessors.Consent, func(x *Consent) *Term { return &x.Term })
	},
	"sub_processors.notice": func(t *Terms) (any, []*Term) {
		return one(t.SubProcessors.Notice, func(x *SubNotice) *Term { return &x.Term })
	},
	"sub_processors.objection": func(t *Terms) (any, []*Term) {
		return one(t.SubProcessors.Objection, func(x *SubObject) *Term { return &x.Term })
	},
	"sub_processors.duties": func(t *Terms) (any, []*Term) {
		return one(t.SubProcessors.Duties, func(x *SubDuties) *Term { return &x.Term })
	},
	"location.area": func(t *Terms) (any, []*Term) { return one(t.Location.Area, func(x *Area) *Term { return &x.Term }) },
	"location.told": func(t *Terms) (any, []*Term) { return one(t.Location.Told, func(x *Told) *Term { return &x.Term }) },
	"end":           func(t *Terms) (any, []*Term) { return one(t.End, func(x *End) *Term { return &x.Term }) },
	"liability":     func(t *Terms) (any, []*Term) { return one(t.Liability, func(x *Liability) *Term { return &x.Term }) },
	"evidence":      func(t *Terms) (any, []*Term) { return one(t.Evidence, func(x *Evidence) *Term { return &x.Term }) },
	"ranking":       func(t *Terms) (any, []*Term) { return one(t.Ranking, func(x *Ranking) *Term { return &x.Term }) },
}

// one returns a single term and its base, or nothing when it is silent.
func one[T any](value *T, base func(*T) *Term) (any, []*Term) {
	if value == nil {
		return nil, nil
	}
	return value, []*Term{base(value)}
}
