package config_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inzage/config"
)

func TestFlagsOverEnvironmentOverDefaults(t *testing.T) {
	env := []string{"INZAGE_LISTEN=127.0.0.1:9000", "INZAGE_SESSION_IDLE=30m", "HOME=/root"}
	c, err := config.Load(map[string]string{"listen": "127.0.0.1:9001"}, env)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:9001" || c.SessionIdle != 30*time.Minute || c.SessionAbsolute != 12*time.Hour {
		t.Errorf("listen %s, idle %s, absolute %s", c.Listen, c.SessionIdle, c.SessionAbsolute)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct{ env, want string }{
		"an unknown name":          {"INZAGE_LISTENN=x", "INZAGE_LISTENN"},
		"an address without port":  {"INZAGE_LISTEN=localhost", "INZAGE_LISTEN"},
		"a base URL with a path":   {"INZAGE_BASE_URL=https://a.example/inzage", "INZAGE_BASE_URL"},
		"a base URL of other kind": {"INZAGE_BASE_URL=ftp://a.example", "INZAGE_BASE_URL"},
		"a host that is no name":   {"INZAGE_BASE_URL=https://a+b.example", "INZAGE_BASE_URL"},
		"a host with a space":      {"INZAGE_BASE_URL=https://a%20b.example", "INZAGE_BASE_URL"},
		"a host with an underline": {"INZAGE_BASE_URL=https://a_b.example", "INZAGE_BASE_URL"},
		"another kind of store":    {"INZAGE_STORE=postgres://x", "INZAGE_STORE"},
		"a time without a unit":    {"INZAGE_SESSION_IDLE=30", "INZAGE_SESSION_IDLE"},
		"a time out of bounds":     {"INZAGE_SESSION_ABSOLUTE=999h", "INZAGE_SESSION_ABSOLUTE"},
		"a network of everybody":   {"INZAGE_TRUSTED_PROXIES=10.0.0.0/8,::/0", "everybody"},
		"a network that is none":   {"INZAGE_TRUSTED_PROXIES=10.0.0.0/8,proxy", "INZAGE_TRUSTED_PROXIES"},
		"yes for a switch":         {"INZAGE_INSECURE_HTTP=yes", "INZAGE_INSECURE_HTTP"},
		"a tiny upload limit":      {"INZAGE_UPLOAD_LIMIT=1", "INZAGE_UPLOAD_LIMIT"},
		"a level that is none":     {"INZAGE_LOG_LEVEL=loud", "INZAGE_LOG_LEVEL"},
		"a secret file not there":  {"INZAGE_STORE_FILE=/nowhere/uri", "INZAGE_STORE_FILE"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(nil, []string{c.env})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want one that names %s", err, c.want)
			}
		})
	}
}

// TestTheBaseAddressIsWrittenAsOnTheWire: the name of the log, the passkeys and
// every link are made from it.
func TestTheBaseAddressIsWrittenAsOnTheWire(t *testing.T) {
	for typed, want := range map[string]string{
		"https://bücher.example": "https://xn--bcher-kva.example", "https://BÜCHER.example:8443/": "https://xn--bcher-kva.example:8443",
		"https://Inzage.example": "https://inzage.example", "http://[::1]:8080": "http://[::1]:8080", "http://127.0.0.1": "http://127.0.0.1",
		"http://localhost:8080": "http://localhost:8080", "https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
	} {
		c, err := config.Load(nil, []string{"INZAGE_BASE_URL=" + typed})
		if err != nil || c.BaseURL.String() != want {
			t.Errorf("%s is %v, %v, want %s", typed, c.BaseURL, err, want)
		}
	}
}

func TestASecretStaysOutOfSight(t *testing.T) {
	path := filepath.Join(t.TempDir(), "uri")
	if err := os.WriteFile(path, []byte("mongodb://u:geheim@db/\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(nil, []string{"INZAGE_STORE_FILE=" + path})
	if err != nil {
		t.Fatal(err)
	}
	if c.Store.Reveal() != "mongodb://u:geheim@db/" {
		t.Error("the file's value was not taken")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, c); strings.Contains(got, "geheim") {
			t.Errorf("%s shows the secret", verb)
		}
	}
}

func TestDescribeNamesEverySetting(t *testing.T) {
	var b bytes.Buffer
	if err := config.Describe(&b); err != nil {
		t.Fatal(err)
	}
	for flag := range config.Flags() {
		if !strings.Contains(b.String(), "--"+flag+"\n") {
			t.Errorf("the description lacks --%s", flag)
		}
	}
}
