package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/config"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// bench is a portal on a folder of its own, with one controller and an officer.
type bench struct {
	*portal
	org     identity.Organisation
	account string
	secret  string
	cookie  *http.Cookie
	address string
}

const benchPassword = "trapgevel-komijn-zeewind-42"

// openBench opens a portal for a benchmark or test, without its loops.
func openBench(b testing.TB) *bench {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	base, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	cfg, err := config.Load(nil, []string{"INZAGE_DATA=" + b.TempDir(), "INZAGE_BASE_URL=" + base.String(), "INZAGE_INSECURE_HTTP=1"})
	if err != nil {
		b.Fatal(err)
	}
	if err := makeMaster(cfg); err != nil {
		b.Fatal(err)
	}
	p, err := open(b.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	// The loops wait: sealing and writing to people about 100,000 requests would
	// otherwise go on beside what is measured.
	p.held = make(chan struct{})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.serve(ctx, l, nil) }()
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Errorf("serve: %v", err)
		}
		if err := p.close(); err != nil {
			b.Errorf("close: %v", err)
		}
	})
	w := &bench{portal: p, address: address}
	w.people(b)
	return w
}

func (w *bench) people(b testing.TB) {
	b.Helper()
	ctx := context.Background()
	var err error
	if w.org, err = w.identity.CreateOrganisation(ctx, identity.System(), identity.Organisation{Name: "Bakkerij De Korenaar", Slug: "korenaar", Country: "NL", Language: "nl", Zone: "Europe/Amsterdam"}); err != nil {
		b.Fatal(err)
	}
	made, err := w.identity.Provision(ctx, identity.System(), identity.Provision{Organisation: w.org.ID, Realm: identity.Staff, Roles: []identity.Role{identity.PrivacyOfficer},
		Name: "Sanne de Vries", Email: "sanne@korenaar.example", Language: "nl", Password: benchPassword})
	if err != nil {
		b.Fatal(err)
	}
	w.account, w.secret = made.Account, made.TOTP
	half, err := w.identity.SignIn(ctx, identity.Credentials{Email: "sanne@korenaar.example", Password: benchPassword, Address: "127.0.0.1"})
	if err != nil {
		b.Fatal(err)
	}
	code, err := totp.GenerateCode(w.secret, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	full, err := w.identity.ProveTOTP(ctx, half.Actor, code)
	if err != nil {
		b.Fatal(err)
	}
	w.cookie = &http.Cookie{Name: "inzage", Value: full.Token}
}

func (w *bench) filing() requests.Filing {
	return requests.Filing{Organisation: w.org.ID, Rights: []requests.Right{requests.Access},
		Asked:  map[requests.Right]requests.Asked{requests.Access: {What: "Alles over mijn bestellingen van dit jaar, en wie ze kreeg."}},
		Person: requests.Person{Name: "Fatima el Amrani", Email: "fatima@example.org", Identifiers: "klant 4411"}, Language: "nl"}
}

// file enters a request as an officer would, with a due date that spreads over a month.
func (w *bench) file(b testing.TB, n int) {
	b.Helper()
	by := identity.Actor{Account: w.account, Organisation: w.org.ID, Roles: []identity.Role{identity.PrivacyOfficer}, Level: identity.Full, StrongAt: time.Now()}
	e := requests.Entry{Filing: w.filing(), Channel: requests.Email, Received: time.Now().Add(-time.Duration(n%600) * time.Hour)}
	if _, err := w.requests.Enter(context.Background(), by, ledger.NewID("req"), e); err != nil {
		b.Error(err)
	}
}

// fill brings the store to n requests.
func (w *bench) fill(b testing.TB, n int) {
	b.Helper()
	var next atomic.Int64
	done := make(chan struct{})
	const filers = 64
	for range filers {
		go func() {
			defer func() { done <- struct{}{} }()
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				w.file(b, int(i))
			}
		}()
	}
	for range filers {
		<-done
	}
}

// BenchmarkFile stores a filing whole: key, sealed content, indexes and event, each durable.
func BenchmarkFile(b *testing.B) {
	for _, filers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("filers=%d", filers), func(b *testing.B) {
			w := openBench(b)
			b.SetParallelism((filers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
			b.ReportAllocs()
			b.ResetTimer()
			if filers == 1 {
				for b.Loop() {
					w.submit(b)
				}
			} else {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						w.submit(b)
					}
				})
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "filings/s")
		})
	}
}

func (w *bench) submit(b testing.TB) {
	if _, err := w.requests.Submit(context.Background(), ledger.NewID("req"), w.filing(), nil); err != nil {
		b.Error(err)
	}
}

func (w *bench) get(b testing.TB, path string) {
	b.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, w.address+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.AddCookie(w.cookie)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		b.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		b.Fatalf("GET %s: %d", path, res.StatusCode)
	}
}

// BenchmarkQueue is the officer's queue page over HTTP: 50 rows with all
// counts, out of 1,000 and out of 100,000. The two take turns, so that a busy
// machine slows both; x is the median of what one turn costs in the large
// store over the small.
func BenchmarkQueue(b *testing.B) {
	small, large := openBench(b), openBench(b)
	small.fill(b, 1_000)
	large.fill(b, 100_000)
	const loads = 10
	turn := func(w *bench) time.Duration {
		start := time.Now()
		for range loads {
			w.get(b, "/queue")
		}
		return time.Since(start)
	}
	turn(small)
	turn(large)
	var ratios []float64
	var inSmall, inLarge time.Duration
	b.ResetTimer()
	for b.Loop() {
		s, l := turn(small), turn(large)
		s = (s + turn(small)) / 2
		inSmall, inLarge = inSmall+s, inLarge+l
		ratios = append(ratios, float64(l)/float64(s))
	}
	slices.Sort(ratios)
	pages := float64(len(ratios) * loads)
	b.ReportMetric(ratios[len(ratios)/2], "x")
	b.ReportMetric(float64(inSmall.Microseconds())/pages, "µs/page-of-1k")
	b.ReportMetric(float64(inLarge.Microseconds())/pages, "µs/page-of-100k")
}

// BenchmarkRequestPage opens one request: decrypted, with clock, history and
// the entry that the reading leaves.
func BenchmarkRequestPage(b *testing.B) {
	w := openBench(b)
	w.fill(b, 100)
	by := identity.Actor{Account: w.account, Organisation: w.org.ID, Roles: []identity.Role{identity.PrivacyOfficer}, Level: identity.Full}
	page, err := w.requests.Queue(b.Context(), by, requests.AllOpen, "", 1)
	if err != nil || len(page.Rows) == 0 {
		b.Fatalf("queue: %v", err)
	}
	path := "/requests/" + page.Rows[0].ID
	w.get(b, path)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		w.get(b, path)
	}
}

// BenchmarkUpload encrypts a file of 64 MiB into the store.
func BenchmarkUpload(b *testing.B) {
	w := openBench(b)
	const size = 64 << 20
	ctx := context.Background()
	if _, err := w.vault.Create(ctx, "req_BENCH"); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		name := fmt.Sprintf("fil_%d", i)
		if _, err := w.vault.PutFile(ctx, "req_BENCH", name, io.LimitReader(zeros{}, size), size, size); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := w.vault.DeleteFile(ctx, "req_BENCH", name); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
