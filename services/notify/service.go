package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"inzage/config/notices"
	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/document"
	"inzage/services/evidence"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/requests"
	"inzage/services/vault"
)

// People knows the people behind accounts.
type People interface {
	Person(ctx context.Context, account string) (identity.Person, error)
}

// Service composes what follows from the ledger. All fields must be set.
type Service struct {
	Notices  document.Collection[Notice]
	Outbox   *Outbox
	Requests *requests.Service
	Audits   *audits.Service
	// Agreements are those of the parties.
	Agreements *agreements.Registry
	Accounts   document.Collection[identity.Account]
	People     People
	Journal    *journal.Journal
	// Dispatches are the checkpoints that go to the parties.
	Dispatches document.Collection[evidence.Dispatch]
	Now        func() time.Time
}

// Compose follows the ledger and writes what each entry asks for, at most
// limit entries, and returns how many it read. It may run on any number of
// instances and be cut off anywhere: each notice and message has an id that
// follows from its entry.
func (s *Service) Compose(ctx context.Context, limit int) (int, error) {
	return s.Journal.Follow(ctx, "notify", limit, s.deal)
}

// Mend follows the ledger for requests.Service.Mend: what a crash cut short is
// finished. It is a follower of its own, so that neither waits for the other.
func (s *Service) Mend(ctx context.Context, limit int) (int, error) {
	return s.Journal.Follow(ctx, "mend", limit, func(ctx context.Context, e ledger.Entry) error {
		if e.Event.Outcome != ledger.Done {
			return nil
		}
		return passed(s.Requests.Mend(ctx, e.Event))
	})
}

// Remind raises the reminders and escalations that have come due; Compose
// writes them from the ledger.
func (s *Service) Remind(ctx context.Context, limit int) (int, error) {
	return s.Requests.Remind(ctx, limit)
}

// passed lets an entry pass whose object is gone: a shredded request or audit
// cannot be written about, and must not hold up the others.
func passed(err error) error {
	if k := fault.KindOf(err); k == fault.NotFound || k == fault.Gone {
		return nil
	}
	return err
}

// deal composes what one entry asks for.
func (s *Service) deal(ctx context.Context, e ledger.Entry) error {
	if e.Event.Outcome != ledger.Done {
		return nil
	}
	object, verb, _ := strings.Cut(e.Event.Action, ".")
	switch object {
	case "request":
		return passed(s.ofRequest(ctx, e, verb))
	case "assist":
		return passed(s.ofAssist(ctx, e, verb))
	case "audit":
		return passed(s.ofAudit(ctx, e, audits.Action(verb)))
	case "agreement":
		return passed(s.ofAgreement(ctx, e, verb))
	case "checkpoint":
		return passed(s.ofCheckpoint(ctx, e))
	case "notice":
		if verb == "fail" {
			return passed(s.ofFailure(ctx, e))
		}
	}
	return nil
}

// NoticesOf opens everything that was written to the data subject about a
// request that Look returned, in order: for those who may see its content,
// NotFound for everybody else. A shredded request yields Gone.
func (s *Service) NoticesOf(ctx context.Context, by identity.Actor, r requests.Request) ([]Opened, error) {
	if requests.SightOf(by, r) != requests.Content {
		return nil, requests.ErrNotFound
	}
	key, err := s.Outbox.Vault.Key(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	page, err := s.Notices.List(ctx, document.Query{Index: "request", Equal: []any{r.ID}, Limit: 500})
	if err != nil {
		return nil, fmt.Errorf("list the notices of %s: %w", r.ID, err)
	}
	posts, err := s.posts(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	var all []Opened
	for _, n := range page.Rows {
		w, err := vault.OpenJSON[Writing](key, "notice:"+n.ID, n.Content)
		if err != nil {
			return nil, err
		}
		all = append(all, Opened{Notice: n, Writing: w, Became: n.became(posts)})
	}
	return all, nil
}

// Opened is a notice with its text.
type Opened struct {
	Notice
	Writing Writing
	// Became is what became of the e-mail that announces it; zero when there is none.
	Became Post
}

// keep seals and stores a notice. When it is there already, nothing happens.
func (s *Service) keep(ctx context.Context, n Notice, w Writing) error {
	key, err := s.Outbox.Vault.Key(ctx, n.Request)
	if err != nil {
		return err
	}
	if n.Content, err = vault.SealJSON(key, "notice:"+n.ID, w); err != nil {
		return err
	}
	if err := s.Notices.Create(ctx, &n); err != nil && !errors.Is(err, document.ErrTaken) {
		return fmt.Errorf("keep notice %s: %w", n.Kind, err)
	}
	return nil
}

func (s *Service) text(kind string) (notices.Notice, error) {
	n, ok := s.Outbox.Texts.Notices[kind]
	if !ok {
		return notices.Notice{}, fmt.Errorf("there is no text %q", kind)
	}
	return n, nil
}
