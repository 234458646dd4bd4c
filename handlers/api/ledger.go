package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/mod/sumdb/tlog"

	"inzage/handlers/access"
	"inzage/handlers/respond"
	"inzage/services/evidence"
	"inzage/services/fault"
	"inzage/services/identity"
)

// Checkpoint is the ledger as it was signed at one moment.
type Checkpoint struct {
	Size int64  `json:"size" doc:"Entries that it covers"`
	Root string `json:"root" doc:"Merkle root over them (RFC 6962, SHA-256), base64"`
	Note string `json:"note" doc:"The signed note (C2SP tlog-checkpoint), to be kept: a later export is held against it"`
}

type checkpointOut struct{ Body Checkpoint }

// Inclusion proves that an entry is in the ledger.
type Inclusion struct {
	Number int64    `json:"number" doc:"Of the entry, from 0"`
	Size   int64    `json:"size" doc:"Of the tree that it is proven in"`
	Leaf   string   `json:"leaf" doc:"Hash of the entry, base64"`
	Root   string   `json:"root" doc:"Merkle root of the tree, base64"`
	Path   []string `json:"path" doc:"RFC 6962, 2.1.1, base64"`
}

// Consistency proves that a tree begins with an earlier one.
type Consistency struct {
	From int64    `json:"from"`
	Size int64    `json:"size"`
	Old  string   `json:"old" doc:"Merkle root of the first from entries, base64"`
	Root string   `json:"root" doc:"Merkle root of the first size entries, base64"`
	Path []string `json:"path" doc:"RFC 6962, 2.1.2, base64"`
}

type inclusionIn struct {
	Number int64 `path:"number" minimum:"0"`
	Size   int64 `query:"size" minimum:"0" doc:"Of the tree; all entries when left out"`
}

type consistencyIn struct {
	From int64 `query:"from" minimum:"1" required:"true"`
	Size int64 `query:"size" minimum:"0" doc:"Of the later tree; all entries when left out"`
}

type inclusionOut struct{ Body Inclusion }

type consistencyOut struct{ Body Consistency }

// The proofs hold hashes only, so that everybody who is signed in may have
// them; what an entry says is shown to those whom its object concerns.
func (a *API) mountLedger() {
	const tag, scope = evidenceTag, "ledger:read"
	handle(a, route{ID: "read-checkpoint", Method: http.MethodGet, Path: "/ledger/checkpoint", Summary: "Sign what the ledger is now", Tag: tag, Roles: anyRole, Scope: scope, Entry: silent}, a.checkpoint)
	handle(a, route{ID: "prove-inclusion", Method: http.MethodGet, Path: "/ledger/entries/{number}/proof", Summary: "Prove that an entry is in the ledger", Tag: tag, Roles: anyRole, Scope: scope, Entry: silent}, a.inclusion)
	handle(a, route{ID: "prove-consistency", Method: http.MethodGet, Path: "/ledger/consistency", Summary: "Prove that the ledger begins with what it was before", Tag: tag, Roles: anyRole, Scope: scope, Entry: silent}, a.consistency)
	handle(a, route{ID: "export-ledger", Method: http.MethodGet, Path: "/ledger/export", Summary: "Take the ledger away, as your organisation may have it", Tag: tag, Roles: watchers,
		Gives: zipFile, Entry: evidence.TakeAway, Fresh: access.AtDeed, About: aboutExport}, a.exportLedger)
}

const aboutExport = "A ZIP whose README.txt describes the form. The entries of your organisation are in it in full, of all others there is the hash alone, so that the root can be recomputed and held against every checkpoint. inzage ledger verify and the page /verify read it. It is sent while it is made: an answer that breaks off is no export."

// exportLedger streams the ledger; its entry is written by then.
func (a *API) exportLedger(ctx context.Context, by identity.Actor, _ *nothing) (*streamOut, error) {
	e, err := a.Evidence.Export(ctx, by)
	if err != nil {
		return nil, err
	}
	c := callOf(ctx).fiber
	return &streamOut{Body: func(huma.Context) {
		_ = respond.ZIP(c, a.Log, "ledger-"+a.Now().UTC().Format(time.DateOnly), "ledger", e.Write) // only hands the stream over
	}}, nil
}

func (a *API) checkpoint(ctx context.Context, _ identity.Actor, _ *nothing) (*checkpointOut, error) {
	signed, err := a.Ledger.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	return &checkpointOut{Checkpoint{Size: signed.Size, Root: encoded(signed.Root), Note: string(signed.Note)}}, nil
}

func (a *API) inclusion(ctx context.Context, _ identity.Actor, in *inclusionIn) (*inclusionOut, error) {
	size, err := a.upTo(ctx, in.Size)
	if err != nil {
		return nil, err
	}
	if in.Number >= size {
		return nil, fault.New(fault.NotFound, "The ledger has no entry with this number yet.")
	}
	found, err := a.Ledger.Read(ctx, in.Number, 1)
	if err != nil {
		return nil, err
	}
	root, err := a.Ledger.Root(ctx, size)
	if err != nil {
		return nil, err
	}
	path, err := a.Ledger.Prove(ctx, in.Number, size)
	if err != nil {
		return nil, err
	}
	return &inclusionOut{Inclusion{Number: in.Number, Size: size, Leaf: encoded(tlog.RecordHash(found[0].Data)), Root: encoded(root), Path: hashes(path)}}, nil
}

func (a *API) consistency(ctx context.Context, _ identity.Actor, in *consistencyIn) (*consistencyOut, error) {
	size, err := a.upTo(ctx, in.Size)
	if err != nil {
		return nil, err
	}
	if in.From > size {
		return nil, fault.New(fault.NotFound, "The ledger is not that long yet.")
	}
	old, err := a.Ledger.Root(ctx, in.From)
	if err != nil {
		return nil, err
	}
	root, err := a.Ledger.Root(ctx, size)
	if err != nil {
		return nil, err
	}
	path, err := a.Ledger.ProveTree(ctx, in.From, size)
	if err != nil {
		return nil, err
	}
	return &consistencyOut{Consistency{From: in.From, Size: size, Old: encoded(old), Root: encoded(root), Path: hashes(path)}}, nil
}

// upTo is the size of the tree that was asked for, which the ledger must have.
func (a *API) upTo(ctx context.Context, size int64) (int64, error) {
	now, err := a.Ledger.Size(ctx)
	if err != nil {
		return 0, err
	}
	if size > now {
		return 0, fault.New(fault.NotFound, "The ledger is not that long yet.")
	}
	if size == 0 {
		return now, nil
	}
	return size, nil
}

func encoded(h tlog.Hash) string { return base64.StdEncoding.EncodeToString(h[:]) }

func hashes[T ~[]tlog.Hash](path T) []string {
	all := []string{}
	for _, h := range path {
		all = append(all, encoded(h))
	}
	return all
}
