package ledger_test

import (
	"crypto/sha256"
	"encoding/hex"
	"math/bits"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"inzage/services/ledger"
)

// What follows is the Merkle tree written down from RFC 6962, section 2.1,
// with no code in common with the product, to hold the product against.

type sum = [sha256.Size]byte

func leafOf(data []byte) sum { return sha256.Sum256(append([]byte{0}, data...)) }

func nodeOf(left, right sum) sum {
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// half is the largest power of two below n.
func half(n int) int { return 1 << (bits.Len(uint(n-1)) - 1) }

func rootOf(leaves []sum) sum {
	switch n := len(leaves); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	default:
		k := half(n)
		return nodeOf(rootOf(leaves[:k]), rootOf(leaves[k:]))
	}
}

// pathOf is PATH(m, D[n]) of section 2.1.1.
func pathOf(m int, leaves []sum) []sum {
	n := len(leaves)
	if n == 1 {
		return nil
	}
	k := half(n)
	if m < k {
		return append(pathOf(m, leaves[:k]), rootOf(leaves[k:]))
	}
	return append(pathOf(m-k, leaves[k:]), rootOf(leaves[:k]))
}

// proofOf is PROOF(m, D[n]) of section 2.1.2.
func proofOf(m int, leaves []sum) []sum { return subproof(m, leaves, true) }

func subproof(m int, leaves []sum, whole bool) []sum {
	n := len(leaves)
	if m == n {
		if whole {
			return nil
		}
		return []sum{rootOf(leaves)}
	}
	k := half(n)
	if m <= k {
		return append(subproof(m, leaves[:k], whole), rootOf(leaves[k:]))
	}
	return append(subproof(m-k, leaves[k:], false), rootOf(leaves[:k]))
}

// storedOf are the hashes that record n keeps: its leaf and every full subtree
// that it completes.
func storedOf(n int, leaves []sum) [][]byte {
	var out [][]byte
	for width := 1; (n+1)%width == 0; width *= 2 {
		h := rootOf(leaves[n+1-width : n+1])
		out = append(out, h[:])
	}
	return out
}

// The reference tree of Certificate Transparency, as its implementations have
// it in their tests.
var (
	referenceLeaves = []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	referenceRoots  = []string{
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
)

func referenceData(t *testing.T) (data [][]byte, leaves []sum) {
	t.Helper()
	for _, h := range referenceLeaves {
		b := unhex(t, h)
		data, leaves = append(data, b), append(leaves, leafOf(b))
	}
	return data, leaves
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reference is a ledger over the reference tree, its stored hashes worked out here.
func reference(t *testing.T) *ledger.Ledger {
	t.Helper()
	data, leaves := referenceData(t)
	l := open(t, t.TempDir())
	for i, d := range data {
		_, err := l.Log.Append(t.Context(), []ledger.Record{{Number: int64(i), EventID: ledger.NewID("evt"), Data: d, Hashes: storedOf(i, leaves)}})
		must(t, err)
	}
	return l.Ledger
}

func TestReferenceTreeRoots(t *testing.T) {
	l := reference(t)
	_, leaves := referenceData(t)
	for i, want := range referenceRoots {
		got, err := l.Root(t.Context(), int64(i+1))
		must(t, err)
		if hex.EncodeToString(got[:]) != want {
			t.Errorf("root of %d = %x, want %s", i+1, got, want)
		}
		if own := rootOf(leaves[:i+1]); hex.EncodeToString(own[:]) != want {
			t.Errorf("the tests' own root of %d = %x, want %s", i+1, own, want)
		}
	}
	empty, err := l.Root(t.Context(), 0)
	must(t, err)
	if want := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; hex.EncodeToString(empty[:]) != want {
		t.Errorf("root of nothing = %x, want %s", empty, want)
	}
}

func TestReferenceTreeProofs(t *testing.T) {
	const (
		a = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
		b = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
		c = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
		d = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
		e = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
		f = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
	)
	l := reference(t)
	_, leaves := referenceData(t)
	for _, tc := range []struct {
		number, size int
		want         []string
	}{
		{0, 1, nil}, {0, 8, []string{a, b, c}}, {5, 8, []string{d, e, referenceRoots[3]}},
		{2, 3, []string{referenceRoots[1]}}, {1, 5, []string{referenceRoots[0], b, d}},
	} {
		got, err := l.Prove(t.Context(), int64(tc.number), int64(tc.size))
		must(t, err)
		if diff := cmp.Diff(tc.want, hexes(got)); diff != "" {
			t.Errorf("entry %d in %d (-want +got):\n%s", tc.number, tc.size, diff)
		}
		if diff := cmp.Diff(tc.want, hexes(pathOf(tc.number, leaves[:tc.size]))); diff != "" {
			t.Errorf("the tests' own path of %d in %d (-want +got):\n%s", tc.number, tc.size, diff)
		}
	}
	for _, tc := range []struct {
		earlier, size int
		want          []string
	}{
		{1, 1, nil}, {1, 8, []string{a, b, c}}, {6, 8, []string{f, e, referenceRoots[3]}}, {2, 5, []string{b, d}},
	} {
		got, err := l.ProveTree(t.Context(), int64(tc.earlier), int64(tc.size))
		must(t, err)
		if diff := cmp.Diff(tc.want, hexes(got)); diff != "" {
			t.Errorf("%d in %d (-want +got):\n%s", tc.earlier, tc.size, diff)
		}
		if diff := cmp.Diff(tc.want, hexes(proofOf(tc.earlier, leaves[:tc.size]))); diff != "" {
			t.Errorf("the tests' own proof of %d in %d (-want +got):\n%s", tc.earlier, tc.size, diff)
		}
	}
}

func hexes[T ~[32]byte](hashes []T) []string {
	var out []string
	for _, h := range hashes {
		out = append(out, hex.EncodeToString(h[:]))
	}
	return out
}

// TestEveryProof holds every root, path and consistency proof of a log of
// sealed events against the tests' own tree.
func TestEveryProof(t *testing.T) {
	l := open(t, t.TempDir())
	const n = 70
	must(t, l.Seal(t.Context(), eventsOf("req_1", n)))
	leaves := leavesOf(t, l.Ledger)
	for size := 1; size <= n; size++ {
		root, err := l.Root(t.Context(), int64(size))
		must(t, err)
		if want := rootOf(leaves[:size]); sum(root) != want {
			t.Fatalf("root of %d = %x, want %x", size, root, want)
		}
		for m := range size {
			path, err := l.Prove(t.Context(), int64(m), int64(size))
			must(t, err)
			if diff := cmp.Diff(hexes(pathOf(m, leaves[:size])), hexes(path)); diff != "" {
				t.Fatalf("entry %d in %d (-want +got):\n%s", m, size, diff)
			}
			proof, err := l.ProveTree(t.Context(), int64(m+1), int64(size))
			must(t, err)
			if diff := cmp.Diff(hexes(proofOf(m+1, leaves[:size])), hexes(proof)); diff != "" {
				t.Fatalf("%d in %d (-want +got):\n%s", m+1, size, diff)
			}
			if err := tlog.CheckTree(proof, int64(size), root, int64(m+1), tlog.Hash(rootOf(leaves[:m+1]))); err != nil {
				t.Fatalf("%d in %d: %v", m+1, size, err)
			}
		}
	}
	for _, bad := range [][2]int64{{0, 5}, {6, 5}, {1, n + 1}} {
		if _, err := l.ProveTree(t.Context(), bad[0], bad[1]); err == nil {
			t.Errorf("ProveTree(%d, %d) gave a proof", bad[0], bad[1])
		}
	}
	for _, bad := range [][2]int64{{-1, 5}, {5, 5}, {0, n + 1}} {
		if _, err := l.Prove(t.Context(), bad[0], bad[1]); err == nil {
			t.Errorf("Prove(%d, %d) gave a proof", bad[0], bad[1])
		}
	}
}
