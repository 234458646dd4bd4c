// Package mongo is the engine for more than one machine: MongoDB, with
// majority and journaled writes, majority reads, and the primary for all of
// them. The portal keeps no state of its own, so that any number of instances
// run beside each other.
//
// A kind is a collection. A document is stored under the JSON names of its
// fields, with two more: "_turn", the token of compare-and-swap, and "_keys",
// the values of the indexed fields in the form that sorts alike on both
// engines (store.Field.Key). All indexes lie over "_keys". Only plain
// operators are used, and no transactions: a standalone server will do, and so
// will a replica set or, without unique indexes, a sharded cluster.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"inzage/services/ledger"
	"inzage/services/store"
)

// defaultDatabase is used when neither the call nor the URI names one.
const defaultDatabase = "inzage"

// Engine keeps documents in MongoDB. It is a store.Engine.
type Engine struct {
	client   *mongo.Client
	database string

	mu      sync.RWMutex
	kinds   map[string]*kind
	refused []error
}

var _ store.Engine = (*Engine)(nil)

// Open connects to the server of the URI and makes the log's indexes ready.
// database "" is the one that the URI names, else "inzage". A URI that asks
// for weaker writes or reads than this package promises, or that lets others
// listen on the way, is an error. The caller closes the engine.
func Open(ctx context.Context, uri, database string) (*Engine, error) {
	named, err := connstring.ParseAndValidate(uri)
	if err != nil {
		return nil, fmt.Errorf("read the URI of the store: %w", err)
	}
	opts := options.Client().ApplyURI(uri)
	if err := errors.Join(refuseWeak(opts), refuseOpen(named)); err != nil {
		return nil, fmt.Errorf("read the URI of the store: %w", err)
	}
	client, err := mongo.Connect(strengthen(opts))
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	e := &Engine{client: client, database: first(database, named.Database, defaultDatabase), kinds: map[string]*kind{}}
	if err := e.log().ready(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the store: %w", trouble(err)), e.Close())
	}
	return e, nil
}

func first(names ...string) string {
	for _, n := range names {
		if n != "" {
			return n
		}
	}
	return ""
}

// refuseWeak reads what the URI asked for. It is refused rather than
// overruled, so that nobody believes in a setting that has no effect.
func refuseWeak(o *options.ClientOptions) error {
	if w := o.WriteConcern; w != nil {
		if w.W != nil && w.W != writeconcern.WCMajority {
			return fmt.Errorf("w=%v would lose acknowledged changes; leave it out or use w=majority", w.W)
		}
		if w.Journal != nil && !*w.Journal {
			return errors.New("journal=false would lose acknowledged changes; leave it out")
		}
	}
	if p := o.ReadPreference; p != nil && p.Mode() != readpref.PrimaryMode {
		return fmt.Errorf("readPreference=%v would decide on outdated data; leave it out", p.Mode())
	}
	if c := o.ReadConcern; c != nil && c.Level != "" && c.Level != "majority" && c.Level != "linearizable" {
		return fmt.Errorf("readConcernLevel=%s would read what can be rolled back; leave it out", c.Level)
	}
	if o.RetryWrites != nil && !*o.RetryWrites && o.ReplicaSet != nil {
		return errors.New("retryWrites=false would fail changes at every election; leave it out")
	}
	return nil
}

// refuseOpen holds a server on another machine to TLS and a name with a
// password (ASVS 12.3.1, 13.2.1). tls=false in the URI says that the network
// between is the operator's own. A certificate is checked wherever there is one.
func refuseOpen(named *connstring.ConnString) error {
	if named.SSLInsecure {
		return errors.New("a certificate that nobody checks proves nothing; give the one of its authority with tlsCAFile")
	}
	if !slices.ContainsFunc(named.Hosts, elsewhere) || named.SSLSet && !named.SSL {
		return nil
	}
	if !named.SSL {
		return errors.New("the server is on another machine; add tls=true, or tls=false where nobody else is on the network between")
	}
	if named.Username == "" && named.AuthMechanism == "" {
		return errors.New("the server is on another machine and would let anybody in; add a name and a password")
	}
	return nil
}

// elsewhere tells whether a host of a URI, with or without its port, is another machine.
func elsewhere(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	ip, err := netip.ParseAddr(name)
	return name != "localhost" && !strings.HasSuffix(name, ".sock") && (err != nil || !ip.IsLoopback())
}

func strengthen(o *options.ClientOptions) *options.ClientOptions {
	journal := true
	o.SetWriteConcern(&writeconcern.WriteConcern{W: writeconcern.WCMajority, Journal: &journal})
	o.SetReadPreference(readpref.Primary())
	if o.ReadConcern == nil || o.ReadConcern.Level == "" {
		o.SetReadConcern(readconcern.Majority())
	}
	if o.ServerSelectionTimeout == nil {
		o.SetServerSelectionTimeout(5 * time.Second) // a reader is waiting
	}
	if o.AppName == nil {
		o.SetAppName("inzage")
	}
	return o
}

// in returns the database of a kind: the main one, or the one kept apart,
// which has its own dump.
func (e *Engine) in(apart string) *mongo.Database {
	if apart == "" {
		return e.client.Database(e.database)
	}
	return e.client.Database(e.database + "_" + apart)
}

// Kinds are the names of the declared kinds, sorted.
func (e *Engine) Kinds() []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Sorted(maps.Keys(e.kinds))
}

func (e *Engine) kind(name string) (*kind, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	k, ok := e.kinds[name]
	if !ok {
		return nil, fmt.Errorf("the kind %q was not declared", name)
	}
	return k, nil
}

// Refuse makes Ping report err.
func (e *Engine) Refuse(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refused = append(e.refused, err)
}

// Ping asks the primary, and reports declarations that failed.
func (e *Engine) Ping(ctx context.Context) error {
	e.mu.RLock()
	err := errors.Join(e.refused...)
	e.mu.RUnlock()
	if err != nil {
		return err
	}
	return trouble(e.client.Ping(ctx, readpref.Primary()))
}

// Log is the store under the ledger.
func (e *Engine) Log() ledger.Log { return e.log() }

func (e *Engine) log() *log { return &log{records: e.in("").Collection("log.records")} }

// Close ends the connections.
func (e *Engine) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := e.client.Disconnect(ctx); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) {
		return fmt.Errorf("close the store: %w", err)
	}
	return nil
}

// byID is the filter of one document.
func byID(id any) bson.D { return bson.D{{Key: "_id", Value: id}} }
