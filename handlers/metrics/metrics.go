// Package metrics counts what the portal does, for its operator: answers by
// route, the loops beside them, and what waits. They are served with profiles of
// the program on a listener of their own, never on the address that people use.
package metrics

import (
	"context"
	"math"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the numbers of one portal. They hold names of routes and loops,
// never an address that was asked for or anything that people typed.
type Metrics struct {
	registry *prometheus.Registry
	answers  *prometheus.HistogramVec
	rounds   *prometheus.CounterVec
}

// reading is how long asking the store for one number may take.
const reading = 2 * time.Second

// New makes the numbers, with those of the Go runtime and the process.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		answers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "inzage_answer_seconds", Help: "How long answers took, by the pattern of their route.",
			Buckets: []float64{.005, .025, .1, .5, 1, 5, 30},
		}, []string{"method", "route", "status"}),
		rounds: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "inzage_loop_rounds_total", Help: "Rounds of the work beside the answers, done or failed.",
		}, []string{"loop", "result"}),
	}
	m.registry.MustRegister(m.answers, m.rounds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Answered counts one answer. route is the pattern, "/requests/:id".
func (m *Metrics) Answered(method, route string, status int, took time.Duration) {
	m.answers.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

// Round counts one round of a loop.
func (m *Metrics) Round(loop string, err error) {
	result := "done"
	if err != nil {
		result = "failed"
	}
	m.rounds.WithLabelValues(loop, result).Inc()
}

// Gauge adds a number that is read each time somebody asks; NaN when it
// cannot be read. Names are given once.
func (m *Metrics) Gauge(name, help string, read func(context.Context) (float64, error)) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), reading)
		defer cancel()
		v, err := read(ctx)
		if err != nil {
			return math.NaN()
		}
		return v
	}))
}

// Handler answers /metrics and /debug/pprof/ to this machine alone. The command
// line is left out of the profiles: it may hold settings.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	return local(mux)
}

// local refuses other names for this machine: a page in a browser here may have
// its own name point to 127.0.0.1, and would read the answers.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if a, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !a.IsLoopback()) {
			http.Error(w, "Ask by the name localhost or by the address.", http.StatusForbidden)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
