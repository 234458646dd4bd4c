package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"time"
)

// followPurpose is what the secret half of a request's private link is hashed for.
const followPurpose = "follow-link"

// StartFollower opens a half session for a data subject who has opened the
// private link to a request and proven the request's address with a code for
// LinkRequestPage. Either alone opens nothing: a wrong token is ErrNotFound, a
// proof of another kind ErrCode. With both, a first factor can be set up.
func (s *Service) StartFollower(ctx context.Context, proof Proof, token, name, language string) (Entry, error) {
	if proof.purpose != LinkRequestPage || proof.email == "" {
		return Entry{}, ErrCode
	}
	want := s.Vault.Fingerprint(followPurpose, proof.object)
	if subtle.ConstantTimeCompare([]byte(want), []byte(token)) != 1 {
		return Entry{}, ErrNotFound
	}
	acc, err := s.ensureSubject(ctx, proof, name, language)
	if err != nil {
		return Entry{}, err
	}
	if acc.Disabled {
		return Entry{}, ErrSignedOut
	}
	return s.start(ctx, acc, Half, ProofLink, ProofEmail)
}

// LinkDraft is the purpose of the link with which a half-done filing goes on.
const LinkDraft = "draft"

// ResumeRequest is what the letter with the link to a half-done filing is made of.
type ResumeRequest struct {
	Draft        string // the filing
	Email        string
	Language     string
	Organisation string // its name, for the letter
	Address      string // the client's network address
	Life         time.Duration
}

// SendResumeLink sends the link with which a half-done filing goes on, on
// this device or another. Too many letters to one address, or asked from one,
// are TooMany.
func (s *Service) SendResumeLink(ctx context.Context, r ResumeRequest) error {
	if err := checkEmail("email", r.Email); err != nil {
		return err
	}
	if err := s.Reaches(ctx, r.Email); err != nil {
		return err
	}
	if err := s.maySend(ctx, s.emailHash(Subjects, r.Email), r.Address); err != nil {
		return err
	}
	token, err := s.IssueLink(ctx, Actor{}, LinkRequest{Purpose: LinkDraft, Object: r.Draft, Life: r.Life})
	if err != nil {
		return err
	}
	return s.post(ctx, Letter{Key: rand.Text(), To: r.Email, Language: r.Language, Template: "resume",
		Data: map[string]string{"link": s.link("/file/resume/", token), "organisation": r.Organisation, "hours": hours(r.Life)}})
}

// HasPasskeys tells whether passkeys work at the portal's address at all: it
// needs a domain name.
func (s *Service) HasPasskeys() bool { return s.passkeys != nil }
