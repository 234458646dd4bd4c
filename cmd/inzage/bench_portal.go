package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/config"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// bench is a portal on a folder of its own, with one controller and an officer
// who is signed in. Its loops wait: sealing and writing to people about many
// requests would otherwise go on beside what is measured.
type bench struct {
	*portal
	org     identity.Organisation
	officer identity.Actor
	cookie  *http.Cookie
	address string // http://127.0.0.1:…
	stop    func() error
}

const benchPassword = "trapgevel-komijn-zeewind-42"

// openBench makes the portal and serves it; close ends it.
func openBench(ctx context.Context, folder string) (*bench, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	address := "http://" + l.Addr().String()
	cfg, err := config.Load(nil, []string{"INZAGE_DATA=" + folder, "INZAGE_BASE_URL=" + address, "INZAGE_INSECURE_HTTP=1"})
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if err := makeMaster(cfg); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	p, err := open(ctx, cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	p.held = make(chan struct{})
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- p.serve(serving, l, nil) }()
	b := &bench{portal: p, address: address, stop: func() error {
		stop()
		return errors.Join(<-served, p.close())
	}}
	if err := b.people(ctx); err != nil {
		return nil, errors.Join(err, b.stop())
	}
	return b, nil
}

// people makes the controller and signs its officer in.
func (b *bench) people(ctx context.Context) error {
	var err error
	b.org, err = b.identity.CreateOrganisation(ctx, identity.System(), identity.Organisation{Name: "Bakkerij De Korenaar", Slug: "korenaar", Country: "NL", Language: "nl", Zone: "Europe/Amsterdam"})
	if err != nil {
		return err
	}
	made, err := b.identity.Provision(ctx, identity.System(), identity.Provision{Organisation: b.org.ID, Realm: identity.Staff, Roles: []identity.Role{identity.PrivacyOfficer},
		Name: "Sanne de Vries", Email: "sanne@korenaar.example", Language: "nl", Password: benchPassword})
	if err != nil {
		return err
	}
	half, err := b.identity.SignIn(ctx, identity.Credentials{Email: "sanne@korenaar.example", Password: benchPassword, Address: "127.0.0.1"})
	if err != nil {
		return err
	}
	code, err := totp.GenerateCode(made.TOTP, b.now())
	if err != nil {
		return fmt.Errorf("make a code: %w", err)
	}
	full, err := b.identity.ProveTOTP(ctx, half.Actor, code)
	if err != nil {
		return err
	}
	b.cookie = &http.Cookie{Name: "inzage", Value: full.Token}
	b.officer = identity.Actor{Account: made.Account, Organisation: b.org.ID, Roles: []identity.Role{identity.PrivacyOfficer}, Level: identity.Full, StrongAt: b.now()}
	return nil
}

func (b *bench) filing() requests.Filing {
	return requests.Filing{Organisation: b.org.ID, Rights: []requests.Right{requests.Access},
		Asked:  map[requests.Right]requests.Asked{requests.Access: {What: "Alles over mijn bestellingen van dit jaar, en wie ze kreeg."}},
		Person: requests.Person{Name: "Fatima el Amrani", Email: "fatima@example.org", Identifiers: "klant 4411"}, Language: "nl"}
}

// submit files a request as a data subject does.
func (b *bench) submit(ctx context.Context) error {
	_, err := b.requests.Submit(ctx, ledger.NewID("req"), b.filing(), nil)
	return err
}

// fill enters n requests as the officer would, due on days that spread over a month.
func (b *bench) fill(ctx context.Context, n int) error {
	var next atomic.Int64
	return together(64, func() error {
		for i := next.Add(1); i <= int64(n); i = next.Add(1) {
			e := requests.Entry{Filing: b.filing(), Channel: requests.Email, Received: b.now().Add(-time.Duration(i%600) * time.Hour)}
			if _, err := b.requests.Enter(ctx, b.officer, ledger.NewID("req"), e); err != nil {
				return err
			}
		}
		return nil
	})
}

// together does the same many times at once, and waits for all.
func together(times int, do func() error) error {
	errs := make([]error, times)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = do() })
	}
	all.Wait()
	return errors.Join(errs...)
}

// page opens a page as the officer.
func (b *bench) page(ctx context.Context, path string) (err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.address+path, nil)
	if err != nil {
		return err
	}
	req.AddCookie(b.cookie)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %d", path, res.StatusCode)
	}
	return nil
}

// within makes a folder for one portal, and removes it when the work is done.
func within(ctx context.Context, folder, name string, work func(*bench) error) error {
	at := filepath.Join(folder, name)
	b, err := openBench(ctx, at)
	if err != nil {
		return err
	}
	return errors.Join(work(b), b.stop(), os.RemoveAll(at))
}
