package undertakings_test

import (
	"strings"
	"testing"

	"inzage/config/undertakings"
)

func TestTheUndertakingIsWritten(t *testing.T) {
	all, err := undertakings.Load()
	if err != nil {
		t.Fatal(err)
	}
	v, err := all.At("2026-11-17")
	if err != nil || v.Number != 1 {
		t.Fatalf("At = version %d, %v, want 1", v.Number, err)
	}
	for _, language := range []string{"nl", "en"} {
		text := strings.Join(v.Write(language, undertakings.Values{Controller: "De Korenaar", Processor: "MijnPartnerGroep", Clause: "mpg 10.1"}), "\n")
		if strings.Contains(text, "{") || !strings.Contains(text, "De Korenaar") || !strings.Contains(text, "mpg 10.1") {
			t.Errorf("%s: %s", language, text)
		}
	}
	if _, err := all.At("2020-01-01"); err == nil {
		t.Error("an undertaking was offered before the first one began")
	}
}
