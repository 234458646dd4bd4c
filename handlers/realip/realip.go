// Package realip finds the address of the client behind trusted proxies.
package realip

import (
	"net/netip"
	"strings"
)

// From walks X-Forwarded-For from the right, over hops that are trusted
// proxies, and returns the first address that is not one: everything left of
// it may have been written by the client. Without a trusted peer it is the peer.
func From(peer netip.Addr, forwarded string, trusted []netip.Prefix) netip.Addr {
	at := peer.Unmap()
	hops := strings.Split(forwarded, ",")
	for i := len(hops) - 1; i >= 0 && trusts(trusted, at); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = hop.Unmap()
	}
	return at
}

func trusts(trusted []netip.Prefix, a netip.Addr) bool {
	for _, p := range trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
