// Package mongotest gives tests a database of their own on the MongoDB server
// that INZAGE_TEST_MONGODB_URI names.
package mongotest

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"inzage/services/store/mongo"
)

// Server returns the URI of the server under test. Without one the test is
// skipped, or fails where CI is set.
func Server(t testing.TB) string {
	t.Helper()
	uri := os.Getenv("INZAGE_TEST_MONGODB_URI")
	if uri == "" && os.Getenv("CI") != "" {
		t.Fatal("CI is set and INZAGE_TEST_MONGODB_URI is not: run this through .ci/mongo/start")
	}
	if uri == "" {
		t.Skip("INZAGE_TEST_MONGODB_URI is not set: run this through .ci/mongo/start")
	}
	return uri
}

// Database makes a name of its own for a test and drops the databases after it.
func Database(t testing.TB, uri string) string {
	t.Helper()
	name := "inzage_test_" + strings.ToLower(rand.Text()[:12])
	t.Cleanup(func() {
		client, err := driver.Connect(options.Client().ApplyURI(uri))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		for _, n := range []string{name, name + "_keys"} {
			if err := client.Database(n).Drop(ctx); err != nil {
				t.Errorf("drop %s: %v", n, err)
			}
		}
		if err := client.Disconnect(ctx); err != nil {
			t.Error(err)
		}
	})
	return name
}

// Open opens the database and closes it when the test ends.
func Open(t testing.TB, uri, name string) *mongo.Engine {
	t.Helper()
	e, err := mongo.Open(t.Context(), uri, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}
