//go:build race

package vault_test

// raceEnabled makes long tests short under the race detector.
const raceEnabled = true
