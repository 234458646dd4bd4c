package notify

import (
	"context"
	"strconv"
	"strings"

	"inzage/services/fault"
)

// AddressInUse is for Outbox.InUse: it tells whether mail to the address of a
// request, as requests.Holder counts them, still goes to the person.
func (s *Service) AddressInUse(ctx context.Context, request string, link int) (bool, error) {
	r, err := s.Requests.Requests.Get(ctx, request)
	if fault.KindOf(err) == fault.NotFound {
		return true, nil // what became of it is not about the address
	}
	return r.Holder.Link == link, err
}

// toAddressBefore tells the address that another one took the place of that it
// is out of use, and no more: it may be a stranger's.
func (s *Service) toAddressBefore(ctx context.Context, c *cause) error {
	if c.ev.Details["address"] != strconv.Itoa(c.r.Holder.Link) {
		return nil // it was changed once more
	}
	was, err := s.Requests.AddressBefore(ctx, c.r)
	if err != nil || was == "" {
		return err
	}
	n, err := s.text("address_before")
	if err != nil {
		return err
	}
	w := &writer{texts: s.Outbox.Texts, language: c.r.Language, values: map[string]string{"reference": c.r.Reference}, flags: map[string]bool{}}
	mail, err := w.mail(n)
	if err != nil {
		return err
	}
	mail.Link, mail.LinkNote = strings.TrimSuffix(s.Outbox.Links.Base, "/")+"/", w.texts.Words.LinkNote.In(w.language)
	m := Message{Kind: "address_before", Request: c.r.ID, Entry: c.entry, Object: c.r.ID, Link: c.r.Holder.Link}
	m.ID = s.Outbox.id(c.ev.ID, m.Kind, "subject")
	return s.Outbox.put(ctx, m, was, mail)
}
