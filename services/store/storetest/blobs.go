package storetest

import "testing"

var blobs = map[string]func(*testing.T, Harness){}
