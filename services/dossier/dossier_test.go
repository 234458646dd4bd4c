package dossier_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"inzage/handlers/handlertest"
	"inzage/services/dossier"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// world is a portal with a request that went all the way.
type world struct {
	*handlertest.World
	officer, agent, admin, stranger identity.Actor
	request                         requests.Request
}

// engines are the stores that the same test runs on.
var engines = map[string]func(testing.TB) *handlertest.World{"SQLite": handlertest.New, "MongoDB": handlertest.NewOnMongo}

func newWorld(t *testing.T, start func(testing.TB) *handlertest.World) *world {
	t.Helper()
	p := start(t)
	w := &world{World: p, officer: p.Actor(p.Hire("Sanne de Vries", p.Bakery, identity.PrivacyOfficer)), agent: p.Actor(p.Hire("Joris Bakker", p.Partner, identity.Agent)),
		admin: p.Actor(p.Hire("Beheer Bakker", p.Bakery, identity.Admin)), stranger: p.Actor(p.Hire("Floor Bloem", p.Florist, identity.PrivacyOfficer, identity.Agent))}
	w.answer(t)
	w.Compose()
	w.Drain()
	return w
}

// answer files a request at the processor, which forwards it; the controller
// asks it for help, decides, and delivers.
func (w *world) answer(t *testing.T) {
	t.Helper()
	ctx, s := t.Context(), w.Requests
	f := requests.Filing{Organisation: w.Partner.ID, Controller: w.Bakery.ID, Rights: []requests.Right{requests.Access, requests.Rectification}, Language: "nl",
		Person: requests.Person{Name: "Fatima el Amrani", Email: "fatima@example.org", Identifiers: "klant 4411"},
		Asked:  map[requests.Right]requests.Asked{requests.Access: {What: "Alles over mijn bestellingen."}, requests.Rectification: {What: "Mijn adres", Into: "Dorpsstraat 12"}}}
	r, err := s.Enter(ctx, w.agent, ledger.NewID("req"), requests.Entry{Filing: f, Channel: requests.Letter, Received: w.Now().Add(-time.Hour)})
	ok(t, err)
	_, err = s.TakeUp(ctx, w.officer, r.ID)
	ok(t, err)
	a, err := s.Seek(ctx, w.officer, r.ID, ledger.NewID("ast"), requests.Help{Processor: w.Partner.ID, Right: requests.Access, Question: "Welke bestellingen zijn er?"})
	ok(t, err)
	_, err = s.AddAssistFile(ctx, w.agent, a.ID, requests.Upload{Name: "bestellingen.json", Size: -1, Body: strings.NewReader(`[{"brood":1}]`)})
	ok(t, err)
	_, err = s.Answer(ctx, w.agent, a.ID, requests.Reply{Outcome: requests.Found, Text: "Zie het bestand."})
	ok(t, err)
	for _, name := range []string{"antwoord.txt", "antwoord.txt", "../../ANTWOORD.TXT"} {
		_, err = s.AddAnswerFile(ctx, w.officer, r.ID, requests.Upload{Name: name, Size: -1, Body: strings.NewReader("Uw gegevens: " + name)})
		ok(t, err)
	}
	verdict := requests.Verdict{Right: requests.Access, Outcome: requests.Granted, Information: map[string]string{}}
	for _, i := range s.Catalogue.Information {
		verdict.Information[i.ID] = "Voor uw bestelling."
	}
	_, err = s.Decide(ctx, w.officer, r.ID, verdict)
	ok(t, err)
	_, err = s.Decide(ctx, w.officer, r.ID, requests.Verdict{Right: requests.Rectification, Outcome: requests.Granted, Recipients: []string{"De bezorger"}})
	ok(t, err)
	w.officer.StrongAt = w.Now()
	w.request, err = s.Release(ctx, w.officer, r.ID)
	ok(t, err)
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// taken is the dossier as it comes out, unpacked.
func (w *world) taken(t *testing.T, by identity.Actor, with dossier.Files) (dossier.Request, map[string]string) {
	t.Helper()
	d, err := w.Site.Dossiers.OfRequest(t.Context(), by, w.request.ID, with)
	ok(t, err)
	var out bytes.Buffer
	ok(t, d.Write(t.Context(), &out, []byte("<!DOCTYPE html>"), []dossier.Document{{Name: "decisions/01.pdf", Body: []byte("%PDF-")}}))
	files, err := unzip(out.Bytes())
	ok(t, err)
	return d, files
}

// strict is a published schema that also refuses what it does not name.
func strict(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	text, err := dossier.Schema(name)
	ok(t, err)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	ok(t, err)
	closed(doc)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	ok(t, c.AddResource("inzage:dossier", doc))
	s, err := c.Compile("inzage:dossier")
	ok(t, err)
	return s
}

func closed(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, object := v["properties"]; object {
			if _, said := v["additionalProperties"]; !said {
				v["additionalProperties"] = false
			}
		}
		for _, x := range v {
			closed(x)
		}
	case []any:
		for _, x := range v {
			closed(x)
		}
	}
}

func TestDossierOfARequest(t *testing.T) {
	for name, start := range engines {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, start)
			d, files := w.taken(t, w.officer, dossier.WithFiles)
			for place, want := range map[string]string{"files/answer/antwoord.txt": "Uw gegevens: antwoord.txt", "files/answer/antwoord (2).txt": "Uw gegevens: antwoord.txt",
				"files/answer/ANTWOORD (3).TXT": "Uw gegevens: ../../ANTWOORD.TXT", "files/help/bestellingen.json": `[{"brood":1}]`, "index.html": "<!DOCTYPE html>", "decisions/01.pdf": "%PDF-"} {
				if files[place] != want {
					t.Errorf("%s holds %q, want %q; there are %v", place, files[place], want, slices.Sorted(maps.Keys(files)))
				}
			}
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(files["dossier.json"]))
			ok(t, err)
			if err := strict(t, dossier.RequestSchema).Validate(v); err != nil {
				t.Errorf("dossier.json is not what its schema says: %v", err)
			}
			published, err := dossier.Schema(dossier.RequestSchema)
			ok(t, err)
			if files["dossier.schema.json"] != string(published) {
				t.Error("the schema in the ZIP is not the published one")
			}
			f := d.JSON
			if f.Person == nil || f.Person.Name != "Fatima el Amrani" || len(f.Rights) != 2 || f.Rights[0].Decision == nil || len(f.Help) != 1 || f.Help[0].Reply != "Zie het bestand." || len(f.Notices) < 3 ||
				len(f.Files) != 4 || f.Controller != "Bakkerij De Korenaar" || f.Agreement == nil || f.Side != "controller" {
				t.Errorf("dossier.json lacks content: %+v", f)
			}
			proved, err := verify(files, keyLine(w))
			ok(t, err)
			if proved != len(d.Sealed) || proved < 10 {
				t.Errorf("%d entries proven of %d", proved, len(d.Sealed))
			}
			t.Logf("%d files in the ZIP, %d entries proven", len(files), proved)
		})
	}
}

// TestFalseProofs changes every part of a proof, one at a time.
func TestFalseProofs(t *testing.T) {
	w := newWorld(t, handlertest.New)
	d, files := w.taken(t, w.officer, dossier.WithoutFiles)
	key := keyLine(w)
	_, err := verify(files, key)
	ok(t, err)
	lines := strings.Split(files["proofs/entries.jsonl"], "\n")
	found, tried := 0, 0
	try := func(what, place, text string) {
		changed := maps.Clone(files)
		changed[place] = text
		tried++
		if _, err := verify(changed, key); err != nil {
			found++
		} else {
			t.Errorf("%s is not noticed", what)
		}
	}
	try("another action", "proofs/entries.jsonl", strings.Replace(files["proofs/entries.jsonl"], "request.decide", "request.delete", 1))
	try("another size", "proofs/checkpoint.txt", strings.Replace(files["proofs/checkpoint.txt"], "\n", "\n1", 1))
	text, _, _ := strings.Cut(files["proofs/checkpoint.txt"], "\n\n")
	try("no signature", "proofs/checkpoint.txt", text+"\n\n— inzage AAAA\n")
	for i, line := range lines[:len(d.Sealed)] {
		var e map[string]any
		ok(t, json.Unmarshal([]byte(line), &e))
		e["number"] = e["number"].(float64) + 1
		moved, err := json.Marshal(e)
		ok(t, err)
		try("a moved entry", "proofs/entries.jsonl", strings.Join(slices.Replace(slices.Clone(lines), i, i+1, string(moved)), "\n"))
	}
	other := handlertest.New(t)
	if _, err := verify(files, other.Ledger.Key.Public().String()); err == nil {
		t.Error("the key of another ledger opens the checkpoint")
	}
	t.Logf("%d of %d changes noticed", found, tried)
}

func keyLine(w *world) string { return w.Ledger.Key.Public().String() }

// TestWhoTakesADossier asks for it as everybody, each refusal beside the one
// who is given it, and each with its entry.
func TestWhoTakesADossier(t *testing.T) {
	w := newWorld(t, handlertest.New)
	stale := w.officer
	stale.StrongAt = w.Now().Add(-identity.StepUpAge - time.Second)
	edge := w.officer
	edge.StrongAt = w.Now().Add(-identity.StepUpAge)
	subject := identity.Actor{Account: "acc_subject", Roles: []identity.Role{identity.Subject}, Level: identity.Full, StrongAt: w.Now()}
	_, err := w.Requests.Requests.Touch(t.Context(), w.request.ID, func(r *requests.Request) error {
		now := w.Now()
		r.Account, r.Holder.Proven = subject.Account, &now
		return nil
	})
	ok(t, err)
	half := w.officer
	half.Level = identity.Half
	cases := []struct {
		name string
		by   identity.Actor
		want fault.Kind
	}{
		{"the officer", w.officer, ""}, {"a factor of five minutes", edge, ""}, {"the agent who forwarded it", w.agent, ""},
		{"an older factor", stale, fault.StepUp}, {"an administrator", w.admin, fault.Forbidden}, {"the data subject", subject, fault.Forbidden},
		{"another organisation", w.stranger, fault.NotFound}, {"one factor", half, fault.NotFound},
		{"an operator", identity.Actor{Account: "acc_op", Roles: []identity.Role{identity.Operator}, Level: identity.Full, StrongAt: w.Now()}, fault.NotFound},
		{"an auditor", identity.Actor{Account: "acc_aud", Roles: []identity.Role{identity.Auditor}, Level: identity.Full, StrongAt: w.Now()}, fault.NotFound},
		{"nobody", identity.Actor{}, fault.NotFound},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := w.Events(w.request.ID)
			_, err := w.Site.Dossiers.OfRequest(t.Context(), c.by, w.request.ID, dossier.WithFiles)
			if fault.KindOf(err) != c.want {
				t.Errorf("the answer is %v, want %q", err, c.want)
			}
			want := "request.dossier"
			if c.want != "" {
				want += " refused"
			}
			if got := w.Events(w.request.ID)[len(before):]; !slices.Equal(got, []string{want}) {
				t.Errorf("it left %v, want one %s", got, want)
			}
		})
	}
	if _, err := w.Site.Dossiers.OfRequest(t.Context(), w.stranger, "req_unknown", dossier.WithFiles); fault.KindOf(err) != fault.NotFound {
		t.Errorf("what is not there answers %v", err)
	}
}

// TestDossierOfBareFacts is what the processor takes of a request that it sent on.
func TestDossierOfBareFacts(t *testing.T) {
	w := newWorld(t, handlertest.New)
	d, files := w.taken(t, w.agent, dossier.WithFiles)
	for name, text := range files {
		for _, secret := range []string{"Fatima", "fatima@", "Dorpsstraat", "bestellingen", "antwoord", "request.read", "request.note"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells the processor %q", name, secret)
			}
		}
	}
	if d.JSON.Sight != "facts" || d.JSON.Side != "processor" || d.JSON.Person != nil || len(d.JSON.Files) != 0 || d.JSON.Rights[0].Decision != nil {
		t.Errorf("it holds %+v", d.JSON)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(files["dossier.json"]))
	ok(t, err)
	ok(t, strict(t, dossier.RequestSchema).Validate(v))
	if n, err := verify(files, keyLine(w)); err != nil || n < 3 {
		t.Errorf("%d entries proven, %v", n, err)
	}
}

// TestDossierAfterShredding keeps the facts and the proofs, and no word more.
func TestDossierAfterShredding(t *testing.T) {
	w := newWorld(t, handlertest.New)
	_, err := w.Requests.Finish(t.Context(), w.officer, w.request.ID)
	ok(t, err)
	w.Pass(requests.Keep + time.Hour)
	if n, err := w.Requests.ShredEnded(t.Context(), 10); err != nil || n != 1 {
		t.Fatalf("%d shredded, %v", n, err)
	}
	w.Drain()
	w.officer.StrongAt = w.Now()
	d, files := w.taken(t, w.officer, dossier.WithFiles)
	if strings.Contains(files["dossier.json"], "Fatima") || d.JSON.Shredded == nil || len(d.JSON.Rights) != 2 {
		t.Errorf("it holds %s", files["dossier.json"])
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(files["dossier.json"]))
	ok(t, err)
	ok(t, strict(t, dossier.RequestSchema).Validate(v))
	if n, err := verify(files, keyLine(w)); err != nil || n < 10 {
		t.Errorf("%d entries proven, %v", n, err)
	}
}

type deaf struct{}

func (deaf) Record(context.Context, ledger.Event) error { return errors.New("the disk is full") }

// TestNoDossierWithoutItsEntry: what cannot be recorded is not given.
func TestNoDossierWithoutItsEntry(t *testing.T) {
	w := newWorld(t, handlertest.New)
	w.Requests.Evidence = deaf{}
	if _, err := w.Site.Dossiers.OfRequest(t.Context(), w.officer, w.request.ID, dossier.WithFiles); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("the answer is %v, want unavailable", err)
	}
	if got := w.Events(w.request.ID); slices.Contains(got, "request.dossier") {
		t.Errorf("events: %v", got)
	}
}

// TestALostFileBreaksTheDossier: a part is never taken for the whole.
func TestALostFileBreaksTheDossier(t *testing.T) {
	w := newWorld(t, handlertest.New)
	d, err := w.Site.Dossiers.OfRequest(t.Context(), w.officer, w.request.ID, dossier.WithFiles)
	ok(t, err)
	ok(t, w.Vault.DeleteFile(t.Context(), w.request.ID, w.request.Files[0].ID))
	var out bytes.Buffer
	if err := d.Write(t.Context(), &out, nil, nil); err == nil {
		t.Error("it was written without one of its files")
	}
	if _, err := unzip(out.Bytes()); err == nil {
		t.Error("what was written reads as a whole ZIP")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestFlatMemory takes a dossier with a file of 512 MiB (64 MiB with -short).
func TestFlatMemory(t *testing.T) {
	size := int64(512 << 20)
	if testing.Short() {
		size = 64 << 20
	}
	w := newWorld(t, handlertest.New)
	r := w.request
	r2, err := w.Requests.Enter(t.Context(), w.officer, ledger.NewID("req"), requests.Entry{Channel: requests.Letter, Received: w.Now().Add(-time.Hour),
		Filing: requests.Filing{Organisation: r.Controller, Rights: []requests.Right{requests.Access}, Language: "nl", Person: requests.Person{Name: "Piet", Email: "piet@example.org"},
			Asked: map[requests.Right]requests.Asked{requests.Access: {What: "Alles."}}}})
	ok(t, err)
	_, err = w.Requests.TakeUp(t.Context(), w.officer, r2.ID)
	ok(t, err)
	_, err = w.Requests.AddAnswerFile(t.Context(), w.officer, r2.ID, requests.Upload{Name: "opname.bin", Size: size, Body: io.LimitReader(zeros{}, size)})
	ok(t, err)
	d, err := w.Site.Dossiers.OfRequest(t.Context(), w.officer, r2.ID, dossier.WithFiles)
	ok(t, err)
	peak := &gauge{}
	runtime.GC()
	start := peak.heap()
	ok(t, d.Write(t.Context(), peak, nil, nil))
	if peak.written < size {
		t.Fatalf("%d bytes were written, the file alone has %d", peak.written, size)
	}
	grown := int64(peak.most) - int64(start)
	if grown > 16<<20 {
		t.Errorf("a dossier of %d MiB took %d MiB of heap", peak.written>>20, grown>>20)
	}
	t.Logf("a dossier of %d MiB took %d KiB of heap at most", peak.written>>20, max(grown, 0)>>10)
}

// gauge counts what is written to it, and looks at the heap every 4 MiB.
type gauge struct {
	written, looked int64
	most            uint64
}

func (g *gauge) heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

func (g *gauge) Write(p []byte) (int, error) {
	g.written += int64(len(p))
	if g.written-g.looked > 4<<20 {
		g.looked, g.most = g.written, max(g.most, g.heap())
	}
	return len(p), nil
}
