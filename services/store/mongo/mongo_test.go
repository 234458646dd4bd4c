package mongo_test

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/store"
	"inzage/services/store/mongo"
	"inzage/services/store/storetest"
)

// server returns the URI of the server under test.
func server(t *testing.T) string {
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

// database makes a name of its own for a test and drops the databases after it.
func database(t *testing.T, uri string) string {
	t.Helper()
	name := "inzage_test_" + strings.ToLower(rand.Text()[:12])
	t.Cleanup(func() {
		client, err := driver.Connect(options.Client().ApplyURI(uri))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
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

func open(t *testing.T, uri, name string) *mongo.Engine {
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

func TestContract(t *testing.T) {
	uri := server(t)
	weak := ferret(t, uri)
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		name := database(t, uri)
		e := open(t, uri, name)
		blobs, err := e.Blobs(t.Context(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		h := storetest.Harness{
			Engine: e,
			Blobs:  blobs,
			Reopen: func(t *testing.T) store.Engine {
				if err := e.Close(); err != nil {
					t.Fatal(err)
				}
				return open(t, uri, name)
			},
		}
		if weak {
			h.Unproven = []string{"that one operation is atomic beside others: this server is FerretDB, and is sent one at a time"}
			// It answers with all of the rest at once, beyond what a client takes.
			h.Large = 40 << 20
			h.Unproven = append(h.Unproven, "that files over 48 MiB can be read back")
			h.Lacks = map[storetest.Ability]string{
				storetest.TakenByUpdate: "FerretDB answers InternalError, not 11000, to a duplicate made by an update",
			}
		}
		return h
	})
}

// ferret tells whether the server is FerretDB, which is weaker than MongoDB.
func ferret(t *testing.T, uri string) bool {
	t.Helper()
	client, err := driver.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(t.Context()) }() // nothing is pending
	info, err := client.Database("admin").RunCommand(t.Context(), bson.D{{Key: "buildInfo", Value: 1}}).Raw()
	if err != nil {
		t.Fatalf("ask the server what it is: %v", err)
	}
	_, err = info.LookupErr("ferretdbVersion")
	return err == nil || strings.Contains(strings.ToLower(info.String()), "ferret")
}

func TestWeakURIsAreRefused(t *testing.T) {
	for _, query := range []string{
		"w=0", "w=1", "w=2", "w=majority&journal=false", "journal=false",
		"readPreference=secondary", "readPreference=nearest", "readPreference=primaryPreferred",
		"readConcernLevel=local", "readConcernLevel=available", "replicaSet=rs&retryWrites=false",
	} {
		e, err := mongo.Open(t.Context(), "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50&"+query, "")
		if err == nil {
			_ = e.Close()
		}
		if err == nil || fault.KindOf(err) != "" {
			t.Errorf("%s: Open = %v, want it refused before anything is asked", query, err)
		}
	}
}

func TestAbsentServer(t *testing.T) {
	_, err := mongo.Open(t.Context(), "mongodb://127.0.0.1:1/?w=majority&serverSelectionTimeoutMS=50", "")
	if !errors.Is(err, document.ErrBusy) {
		t.Errorf("Open = %v, want %v", err, document.ErrBusy)
	}
}
