package main

import (
	"testing"

	"inzage/config"
)

// Plain HTTP is for this machine alone, whichever way people would come.
func TestPlainHTTPStaysOnThisMachine(t *testing.T) {
	for name, tc := range map[string]struct {
		env  []string
		want bool
	}{
		"this machine":              {[]string{"INZAGE_BASE_URL=http://127.0.0.1:8080", "INZAGE_INSECURE_HTTP=1"}, true},
		"this machine by its name":  {[]string{"INZAGE_BASE_URL=http://localhost:8080", "INZAGE_INSECURE_HTTP=1"}, true},
		"this machine without port": {[]string{"INZAGE_BASE_URL=http://[::1]", "INZAGE_INSECURE_HTTP=1"}, true},
		"not allowed":               {[]string{"INZAGE_BASE_URL=http://127.0.0.1:8080"}, false},
		"listening to others":       {[]string{"INZAGE_BASE_URL=http://127.0.0.1:8080", "INZAGE_INSECURE_HTTP=1", "INZAGE_LISTEN=0.0.0.0:8080"}, false},
		"links for others":          {[]string{"INZAGE_BASE_URL=http://inzage.example", "INZAGE_INSECURE_HTTP=1"}, false},
		"behind a proxy":            {[]string{"INZAGE_BASE_URL=https://inzage.example", "INZAGE_LISTEN=0.0.0.0:8080"}, true},
		"no address":                {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := config.Load(nil, tc.env)
			if err != nil {
				t.Fatalf("settings: %v", err)
			}
			if err := servable(cfg); (err == nil) != tc.want {
				t.Errorf("servable = %v, want allowed %t", err, tc.want)
			}
		})
	}
}
