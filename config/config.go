// Package config reads the settings of the portal: flags over environment over
// defaults, from one table that also prints the documentation of them.
package config

import (
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// Secret is a text that is never printed.
type Secret string

// String hides the secret from every format verb.
func (Secret) String() string { return "(hidden)" }

// GoString hides it from %#v, too.
func (Secret) GoString() string { return "(hidden)" }

// Reveal gives the secret to the code that has to use it.
func (s Secret) Reveal() string { return string(s) }

// Config is everything that can be set.
type Config struct {
	Listen          string         // address and port to listen on
	Data            string         // folder of the embedded store, files and keys
	BaseURL         *url.URL       // the address people use; every link is made from it
	Store           Secret         // mongodb://… ; "" is the embedded store
	Mail            Secret         // smtp://…, smtps://… or file:DIR
	MailFrom        string         // sender of every mail
	MailHelo        string         // the name that mail servers are greeted with; "" is the host of BaseURL
	MasterKeyFile   string         // the key that wraps all others
	LedgerKeyFile   string         // the key that signs the ledger's checkpoints
	InsecureHTTP    bool           // allow plain HTTP, on loopback only
	TrustedProxies  []netip.Prefix // whose X-Forwarded-For is believed
	SessionIdle     time.Duration
	SessionAbsolute time.Duration
	RequestTimeout  time.Duration // of one page or call; uploads have UploadTimeout
	UploadTimeout   time.Duration
	StopTimeout     time.Duration // how long a stop waits for what is under way
	UploadLimit     int64         // bytes of one file
	Keep            time.Duration // how long the content of an ended request stays
	Metrics         string        // address of metrics and profiles; "" for none
	LogLevel        string
}

// setting is one row of the table.
type setting struct {
	name, fallback, help string
	set                  func(*Config, string) error
}

// fileOf is the name of the setting that names a file with a secret's value, so
// that the secret stands in no environment and no process list.
func fileOf(name string) string { return name + "_FILE" }

// secrets are the settings that a file can hold.
var secrets = []string{"STORE", "MAIL"}

// EnvPrefix begins the name of every setting in the environment.
const EnvPrefix = "INZAGE_"

// table is the one list of settings, with those that name a file of a secret.
// The flag of INZAGE_BASE_URL is --base-url.
func table() []setting {
	all := plain()
	for _, name := range secrets {
		all = append(all, setting{fileOf(name), "", "a file that holds " + EnvPrefix + name, func(c *Config, v string) error { return fromFile(c, name, v) }})
	}
	return all
}

// fromFile sets the secret to the content of a file, when one is named.
func fromFile(c *Config, name, path string) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	for _, s := range plain() {
		if s.name == name {
			if err := s.set(c, strings.TrimSpace(string(text))); err != nil {
				return fmt.Errorf("holds a value that %w", err)
			}
		}
	}
	return nil
}

func plain() []setting {
	return []setting{
		{"LISTEN", "127.0.0.1:8080", "address and port to listen on", func(c *Config, v string) error { return address(&c.Listen, v) }},
		{"DATA", "inzage-data", "folder of the embedded store, the files and the keys", func(c *Config, v string) error { return needed(&c.Data, v) }},
		{"BASE_URL", "", "the address people use, e.g. https://inzage.example; needed to serve", func(c *Config, v string) error { return baseURL(&c.BaseURL, v) }},
		{"STORE", "", "empty: SQLite in the data folder; mongodb://…: MongoDB, on another machine with tls=true and a password", func(c *Config, v string) error { return store(&c.Store, v) }},
		{"MAIL", "", "smtp://user:password@host:port, smtps://…, or file:DIR; empty: file:DATA/mail", func(c *Config, v string) error { return mail(&c.Mail, v) }},
		{"MAIL_FROM", "inzage@localhost", "the sender of every mail", func(c *Config, v string) error { return needed(&c.MailFrom, v) }},
		{"MAIL_HELO", "", "the name that mail servers are greeted with, e.g. inzage.example; empty: the host of INZAGE_BASE_URL", func(c *Config, v string) error { return greeting(&c.MailHelo, v) }},
		{"MASTER_KEY_FILE", "", "file of the master key; empty: DATA/keys/master.json", func(c *Config, v string) error { c.MasterKeyFile = v; return nil }},
		{"LEDGER_KEY_FILE", "", "file of the key that signs the ledger; empty: ledger.json beside the master key", func(c *Config, v string) error { c.LedgerKeyFile = v; return nil }},
		{"INSECURE_HTTP", "", "1 allows plain HTTP, on a loopback address only", func(c *Config, v string) error { return boolean(&c.InsecureHTTP, v) }},
		{"TRUSTED_PROXIES", "", "networks whose X-Forwarded-For is believed, e.g. 10.0.0.0/8,::1/128", func(c *Config, v string) error { return networks(&c.TrustedProxies, v) }},
		{"SESSION_IDLE", "1h", "a session ends after this time without use", func(c *Config, v string) error { return period(&c.SessionIdle, v, time.Minute, 24*time.Hour) }},
		{"SESSION_ABSOLUTE", "12h", "a session ends after this time whatever the use", func(c *Config, v string) error { return period(&c.SessionAbsolute, v, time.Minute, 72*time.Hour) }},
		{"REQUEST_TIMEOUT", "30s", "the longest that one page may take", func(c *Config, v string) error { return period(&c.RequestTimeout, v, time.Second, time.Hour) }},
		{"UPLOAD_TIMEOUT", "1h", "the longest that one upload or download may take", func(c *Config, v string) error { return period(&c.UploadTimeout, v, time.Second, 24*time.Hour) }},
		{"STOP_TIMEOUT", "20s", "how long a stop waits for what is under way", func(c *Config, v string) error { return period(&c.StopTimeout, v, time.Second, time.Hour) }},
		{"UPLOAD_LIMIT", "2147483648", "the largest file, in bytes", func(c *Config, v string) error { return bytes(&c.UploadLimit, v) }},
		{"KEEP", "17520h", "how long the content of what has ended is kept before its key is destroyed, where the controller chose no time of its own", func(c *Config, v string) error {
			return period(&c.Keep, v, 24*time.Hour, 20*365*24*time.Hour)
		}},
		{"METRICS", "", "loopback address and port for metrics (/metrics) and profiles (/debug/pprof/); empty: none", func(c *Config, v string) error {
			if v == "" {
				return nil
			}
			return address(&c.Metrics, v)
		}},
		{"LOG_LEVEL", "info", "debug, info, warn or error", func(c *Config, v string) error {
			return oneOf(&c.LogLevel, v, "debug", "info", "warn", "error")
		}},
	}
}

// Flag is the flag of a setting: "base-url" for BASE_URL.
func (s setting) flag() string { return strings.ToLower(strings.ReplaceAll(s.name, "_", "-")) }

// Flags lists the names of all flags, for the command line to declare.
func Flags() map[string]string {
	all := map[string]string{}
	for _, s := range table() {
		all[s.flag()] = s.help
	}
	return all
}

// Load reads the settings: given holds the flags that were set, by name;
// environ is the environment as "NAME=value" lines. An unknown INZAGE_ name or
// a value that cannot be is refused with one sentence that names it.
func Load(given map[string]string, environ []string) (Config, error) {
	env := map[string]string{}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, EnvPrefix) {
			env[strings.TrimPrefix(name, EnvPrefix)] = value
		}
	}
	var c Config
	for _, s := range table() {
		value, from := s.fallback, "the default of "+EnvPrefix+s.name
		if v, ok := env[s.name]; ok {
			value, from = v, EnvPrefix+s.name
		}
		if v, ok := given[s.flag()]; ok {
			value, from = v, "--"+s.flag()
		}
		delete(env, s.name)
		if err := s.set(&c, value); err != nil {
			return Config{}, fmt.Errorf("%s %w", from, err)
		}
	}
	for name := range env {
		if strings.HasPrefix(name, "TEST_") {
			continue // read by the tests alone
		}
		return Config{}, fmt.Errorf("there is no setting %s%s; inzage help settings lists them", EnvPrefix, name)
	}
	return c, nil
}

// Describe prints every setting with its default.
func Describe(w io.Writer) error {
	for _, s := range table() {
		fallback := s.fallback
		if fallback == "" {
			fallback = "(empty)"
		}
		if _, err := fmt.Fprintf(w, "%s%s, --%s\n    %s\n    default: %s\n", EnvPrefix, s.name, s.flag(), s.help, fallback); err != nil {
			return err
		}
	}
	return nil
}

func needed(into *string, v string) error {
	if strings.TrimSpace(v) == "" {
		return fmt.Errorf("must not be empty")
	}
	*into = v
	return nil
}

func address(into *string, v string) error {
	host, port, ok := strings.Cut(v, ":")
	if i := strings.LastIndex(v, ":"); i > 0 {
		host, port, ok = v[:i], v[i+1:], true
	}
	if n, err := strconv.Atoi(port); !ok || err != nil || n < 0 || n > 65535 || strings.ContainsAny(host, " /") {
		return fmt.Errorf("is %q; write it as 127.0.0.1:8080", v)
	}
	*into = v
	return nil
}

func baseURL(into **url.URL, v string) error {
	if v == "" {
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("is not an address like https://inzage.example")
	}
	host, err := hostName(u.Hostname())
	if err != nil {
		return err
	}
	port := u.Port()
	if u.Host = host; strings.Contains(host, ":") {
		u.Host = "[" + host + "]" // an IPv6 address
	}
	if port != "" {
		u.Host += ":" + port
	}
	u.Path, u.Fragment = "", ""
	*into = u
	return nil
}

// hostName is a host as it goes over the wire: an address, or a name in its
// ASCII form (RFC 5891). The name of the log and the passkeys are bound to it for
// ever, and neither can hold another.
func hostName(host string) (string, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.String(), nil
	}
	name, err := idna.Lookup.ToASCII(host)
	if err != nil || name == "" {
		return "", fmt.Errorf("has a host that is no name on the internet: use letters, digits, hyphens and dots, as in https://inzage.example")
	}
	return name, nil
}

func store(into *Secret, v string) error {
	if v != "" && !strings.HasPrefix(v, "mongodb://") && !strings.HasPrefix(v, "mongodb+srv://") {
		return fmt.Errorf("is not the URI of a MongoDB")
	}
	*into = Secret(v)
	return nil
}

func mail(into *Secret, v string) error {
	if v != "" && !slices.ContainsFunc([]string{"smtp://", "smtps://", "file:"}, func(p string) bool { return strings.HasPrefix(v, p) }) {
		return fmt.Errorf("is not smtp://…, smtps://… or file:DIR")
	}
	*into = Secret(v)
	return nil
}

// greeting takes a name of the DNS, or an address in brackets (RFC 5321 4.1.3).
func greeting(into *string, v string) error {
	plain := strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("<>@/", r) })
	if v != "" && (plain || !strings.Contains(v, ".") && !strings.HasPrefix(v, "[")) {
		return fmt.Errorf("is %q; write a full host name in ASCII, like inzage.example", v)
	}
	*into = v
	return nil
}

func boolean(into *bool, v string) error {
	switch v {
	case "", "0", "false":
		*into = false
	case "1", "true":
		*into = true
	default:
		return fmt.Errorf("is %q; write 1 or 0", v)
	}
	return nil
}

func networks(into *[]netip.Prefix, v string) error {
	for _, part := range strings.Split(v, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return fmt.Errorf("has %q, which is not a network like 10.0.0.0/8", part)
		}
		if p.Bits() == 0 {
			return fmt.Errorf("has %q, which is everybody: anyone could write the address they come from", part)
		}
		*into = append(*into, p.Masked())
	}
	return nil
}

func period(into *time.Duration, v string, least, most time.Duration) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < least || d > most {
		return fmt.Errorf("is %q; write a time from %s to %s, like 30m", v, least, most)
	}
	*into = d
	return nil
}

func bytes(into *int64, v string) error {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 1<<10 || n > 1<<40 {
		return fmt.Errorf("is %q; write a number of bytes from 1024 to 1099511627776", v)
	}
	*into = n
	return nil
}

func oneOf(into *string, v string, choices ...string) error {
	if !slices.Contains(choices, v) {
		return fmt.Errorf("is %q; choose %s", v, strings.Join(choices, ", "))
	}
	*into = v
	return nil
}
