package mongo_test

import (
	"errors"
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
	"inzage/services/store/mongo/mongotest"
	"inzage/services/store/storetest"
)

func TestContract(t *testing.T) {
	uri := mongotest.Server(t)
	weak := ferret(t, uri)
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		name := mongotest.Database(t, uri)
		e := mongotest.Open(t, uri, name)
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
				return mongotest.Open(t, uri, name)
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

// TestStoreElsewhere: a store on another machine is reached over TLS with a
// checked certificate and a password, or not at all; on this machine, and where
// the operator says so, without. None of these servers is there.
func TestStoreElsewhere(t *testing.T) {
	sent, refused, taken := 0, 0, 0
	for uri, allowed := range map[string]bool{
		"mongodb://192.0.2.1/?": false, "mongodb://u:geheim@192.0.2.1/?": false, "mongodb://127.0.0.1:1,192.0.2.1/?": false, "mongodb://192.0.2.1/?tls=true&": false,
		"mongodb://[2001:db8::1]/?": false, "mongodb://localhost.example/?": false,
		"mongodb://u:geheim@192.0.2.1/?tls=true&tlsInsecure=true&": false, "mongodb://127.0.0.1:1/?tls=true&tlsInsecure=true&": false,
		"mongodb://u:geheim@192.0.2.1/?tls=true&": true, "mongodb://192.0.2.1/?tls=false&": true, "mongodb://[::1]:1/?": true, "mongodb://localhost:1/?": true,
	} {
		e, err := mongo.Open(t.Context(), uri+"serverSelectionTimeoutMS=50", "")
		if err == nil {
			_ = e.Close()
		}
		sent++
		switch {
		case err == nil || strings.Contains(err.Error(), "geheim"):
			t.Errorf("%s: Open = %v", uri, err)
		case allowed != errors.Is(err, document.ErrBusy):
			t.Errorf("%s: Open = %v, want it allowed: %t", uri, err, allowed)
		case allowed:
			taken++
		default:
			refused++
		}
	}
	t.Logf("stores: %d addresses, %d refused before anything was asked, %d taken and found absent", sent, refused, taken)
}

func TestAbsentServer(t *testing.T) {
	_, err := mongo.Open(t.Context(), "mongodb://127.0.0.1:1/?w=majority&serverSelectionTimeoutMS=50", "")
	if !errors.Is(err, document.ErrBusy) {
		t.Errorf("Open = %v, want %v", err, document.ErrBusy)
	}
}
