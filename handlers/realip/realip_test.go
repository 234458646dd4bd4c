package realip_test

import (
	"net/netip"
	"strings"
	"testing"

	"inzage/handlers/realip"
)

var (
	proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	client  = netip.MustParseAddr("198.51.100.7")
	proxy   = netip.MustParseAddr("10.0.0.1")
)

// TestFrom: what the client wrote is believed nowhere, what a trusted proxy
// wrote is.
func TestFrom(t *testing.T) {
	for name, c := range map[string]struct {
		peer            netip.Addr
		forwarded, want string
	}{
		"no proxy, no header":                   {client, "", "198.51.100.7"},
		"no proxy, a header of the client":      {client, "203.0.113.1", "198.51.100.7"},
		"a proxy":                               {proxy, "203.0.113.1", "203.0.113.1"},
		"a proxy, the client wrote before it":   {proxy, "127.0.0.1, 203.0.113.1", "203.0.113.1"},
		"two proxies":                           {proxy, "203.0.113.1, 10.2.3.4", "203.0.113.1"},
		"two proxies, the client wrote a proxy": {proxy, "10.9.9.9, 203.0.113.1, 10.2.3.4", "203.0.113.1"},
		"a proxy that says nothing":             {proxy, "", "10.0.0.1"},
		"a proxy that says nonsense":            {proxy, "unknown", "10.0.0.1"},
		"nonsense before the client":            {proxy, "'; drop, 203.0.113.1", "203.0.113.1"},
		"mapped to IPv6":                        {netip.MustParseAddr("::ffff:10.0.0.1"), "::ffff:203.0.113.1", "203.0.113.1"},
		"over IPv6":                             {netip.MustParseAddr("::1"), "2001:db8::1", "2001:db8::1"},
	} {
		if got := realip.From(c.peer, c.forwarded, proxies); got.String() != c.want {
			t.Errorf("%s: From = %s, want %s", name, got, c.want)
		}
	}
}

// FuzzFrom: whatever the client writes in front, the address is the one that
// the trusted proxy saw; without a proxy it is the peer.
func FuzzFrom(f *testing.F) {
	for _, seed := range []string{"", "127.0.0.1", "10.0.0.1", "203.0.113.1, 10.0.0.1", ",", " , ,", "::1", "[::1]:80", "1.2.3.4:80", "\x00", strings.Repeat("10.0.0.1,", 50)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		if got := realip.From(client, written, proxies); got != client {
			t.Errorf("without a proxy %q makes the address %s", written, got)
		}
		if got := realip.From(proxy, written+","+client.String(), proxies); got != client {
			t.Errorf("behind a proxy %q makes the address %s", written, got)
		}
	})
}
