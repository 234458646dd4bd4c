package handlertest

import "strings"

// mailOf makes an address of a name: "Sanne de Vries" at korenaar is
// sanne.de.vries@korenaar.example.
func mailOf(name, domain string) string {
	return strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@" + domain + ".example"
}
