package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"inzage/cmd/inzage/browsertest"
)

// TestVerifyByHand gives the page its files in the ways that people have: dropped
// on it, picked with the keyboard alone, and chosen. It reads good and bad
// verdicts in Dutch, and nothing leaves the page.
func TestVerifyByHand(t *testing.T) {
	t.Parallel()
	h, l := newHouse(t)
	h.serve(l, nil)
	r := evidenceRoom{house: h, t: t, dir: t.TempDir()}
	r.record(9)
	older := browsertest.File{Name: "ouder.zip", Body: r.export("older.zip", h.portal.ledger)}
	size := r.size()
	r.record(6)
	early := r.signed()
	good := browsertest.File{Name: "export.zip", Body: r.export("good.zip", h.portal.ledger)}
	party := browsertest.File{Name: "ledger.zip", Body: r.partyExport()}
	keys := browsertest.File{Name: "keys.txt", Body: []byte(h.portal.ledger.Key.Public().String())}
	proof, err := h.portal.ledger.Confirm(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}

	w := h.window("een toezichthouder", "nl", browsertest.Laptop)
	r.window = w
	w.Open("/verify?lang=nl")
	w.See("Een export controleren")
	there := len(w.Asked())
	steps := []struct {
		how   string
		give  func()
		wants []string
	}{
		{"a good export is dropped", func() { w.Drop("Een export controleren", good) }, []string{"In orde: het logboek " + h.portal.ledger.Key.Origin() + fmt.Sprintf(" heeft %d regels", r.size()), "Die sleutel kwam met de export zelf mee."}},
		{"keys are picked with the keyboard", func() { w.PickByKeyboard("Openbare sleutels die u vertrouwt", keys) }, []string{"Die sleutel hoort bij de sleutels die u hebt gegeven."}},
		{"a changed one is dropped", func() {
			w.Drop("Een export controleren", browsertest.File{Name: "export.zip", Body: flippedIn(good.Body)})
		}, []string{"Niet in orde. De eerste fout: "}},
		{"the export of a party is picked with the keyboard", func() { w.PickByKeyboard("De export", party) }, []string{"waarvan 7 van u en leesbaar; het geheel klopt met het controlepunt van", "Dit is de export van één partij, die in het logboek org_1 heet."}},
		{"an entry is left out of the folder", func() { w.Drop("Een export controleren", without(t, good.Body, 4)...) }, []string{"De eerste fout: entries.jsonl, regel 5: hier komt regel 5, maar regel 4 is weggelaten."}},
		{"an earlier checkpoint is chosen", func() { w.Upload("Een eerder controlepunt", early); w.Drop("Een export controleren", older) },
			[]string{fmt.Sprintf("De eerste fout: checkpoint.txt: de export heeft %d regels, maar op ", size), "hij is ouder, of er zijn regels verdwenen."}},
		{"a proof is dropped", func() {
			w.Drop("Een export controleren", browsertest.File{Name: "regel.tlog-proof", Body: []byte(proof.File())})
		}, []string{"In orde: regel 4 staat in het logboek"}},
		{"what is no key is chosen", func() {
			w.Upload("Openbare sleutels die u vertrouwt", browsertest.File{Name: "keys.txt", Body: []byte("hallo")})
		},
			[]string{"De bestanden konden niet worden gecontroleerd: het bestand met sleutels: regel 1 is geen openbare sleutel van een logboek."}},
	}
	for _, step := range steps {
		step.give()
		w.See(step.wants...)
		t.Log(step.how)
	}
	if asked := w.Asked()[there:]; len(asked) != 0 {
		t.Errorf("the page asked for %q after it was there", asked)
	}
}

// without is the files of an export with a line of its entries left out.
func without(t *testing.T, export []byte, line int) []browsertest.File {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(export), int64(len(export)))
	if err != nil {
		t.Fatal(err)
	}
	var all []browsertest.File
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(f.Name, "entries") {
			lines := bytes.SplitAfter(body, []byte("\n"))
			body = bytes.Join(append(lines[:line:line], lines[line+1:]...), nil)
		}
		all = append(all, browsertest.File{Name: f.Name, Body: body})
	}
	return all
}

func (r evidenceRoom) size() int64 {
	r.t.Helper()
	n, err := r.portal.ledger.Size(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return n
}
