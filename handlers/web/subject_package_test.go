package web_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/requests"
)

// taken reads the ZIP, and holds every file against the fingerprints in it.
func taken(t *testing.T, body string) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
	if err != nil {
		t.Fatalf("this is no ZIP: %v", err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := all[f.Name]; twice || strings.Contains(f.Name, "..") || strings.ContainsAny(f.Name, "\\:*?\"<>|") {
			t.Errorf("the name %q", f.Name)
		}
		all[f.Name] = string(b)
	}
	listed := strings.Split(strings.TrimSpace(all["manifest.txt"]), "\n")
	if len(listed) != len(all)-1 {
		t.Errorf("%d of %d files have a fingerprint", len(listed), len(all)-1)
	}
	for _, line := range listed {
		sum, name, _ := strings.Cut(line, "  ")
		if got := sha256.Sum256([]byte(all[name])); hex.EncodeToString(got[:]) != sum {
			t.Errorf("the fingerprint of %s is another", name)
		}
	}
	return all
}

// The answer is one package: the letter, a page that leads to everything, the
// files under names of their own, and their description as a Data Package.
func TestTheAnswerIsOnePackage(t *testing.T) {
	w := handlertest.New(t)
	_, id := filedRequest(t, w)
	var more []requests.Upload
	for _, f := range [][2]string{{"../Klanten.csv", "\ufeffnaam;plaats;bedrag\nJan;\"Den; Haag\";3\n"}, {"klanten.CSV", "a,b\n1,2\n"}, {"oud.csv", "n\xe9,b\n1,2\n"}, {"dubbel.csv", "a,a\n1,2\n"}} {
		more = append(more, requests.Upload{Name: f[0], Size: -1, Body: strings.NewReader(f[1])})
	}
	decided(t, w, id, requests.Partly, more...)
	at := "/my/" + id + "/files/answer.zip"
	c := follow(t, w, id)
	if p := c.Get(at).Want(t, 303); !strings.Contains(p.Location, "/identify?") {
		t.Errorf("without the second factor: %s", p.Location)
	}
	enrolled(t, w, c, id)
	before := downloads(w, id)
	res, body := c.Ask("GET", at, nil)
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/zip" || res.Header.Get("Accept-Ranges") != "none" || downloads(w, id) != before+1 {
		t.Fatalf("%d %v, %d downloads", res.StatusCode, res.Header, downloads(w, id)-before)
	}
	all := taken(t, body)
	var d struct {
		Schema    string `json:"$schema"`
		Title     string
		Language  string
		Created   string
		Sources   []struct{ Title string }
		Resources []struct {
			Path, Title, Format, MediaType, Encoding, Hash, Type string
			Bytes                                                int
			Dialect                                              struct{ Delimiter string }
			Schema                                               struct {
				Fields []struct{ Name, Type, Title string }
			}
		}
	}
	if err := json.Unmarshal([]byte(all["datapackage.json"]), &d); err != nil {
		t.Fatal(err)
	}
	if d.Schema != "https://datapackage.org/profiles/2.0/datapackage.json" || !strings.HasPrefix(d.Title, "Antwoord op uw verzoek") || d.Language != "nl" || d.Created == "" || d.Sources[0].Title != w.Bakery.Name {
		t.Errorf("the package says %+v", d)
	}
	fields := map[string]string{}
	for _, r := range d.Resources {
		sum := sha256.Sum256([]byte(all[r.Path]))
		if _, there := all[r.Path]; !there || r.Hash != "sha256:"+hex.EncodeToString(sum[:]) || r.Bytes != len(all[r.Path]) || r.Title == "" || r.MediaType == "" {
			t.Errorf("resource %+v", r)
		}
		for _, f := range r.Schema.Fields {
			fields[r.Title] += r.Dialect.Delimiter + f.Name + ":" + f.Type
		}
		if !strings.HasSuffix(r.Path, "index.html") && !strings.Contains(all["index.html"], r.Title) {
			t.Errorf("the page does not name %s", r.Title)
		}
		if r.Title == "oud.csv" && r.Encoding != "" {
			t.Errorf("oud.csv is said to be %s", r.Encoding)
		}
	}
	if len(d.Resources) != 7 || len(all) != 9 {
		t.Errorf("%d resources, %d files", len(d.Resources), len(all))
	}
	if len(fields) != 2 || fields["klanten.CSV"] != ",a:any,b:any" {
		t.Errorf("fields: %v", fields)
	}
	for title, f := range fields {
		if title != "klanten.CSV" && f != ";naam:any;plaats:any;bedrag:any" {
			t.Errorf("the fields of %s are %s", title, f)
		}
	}
	if !strings.HasPrefix(all["antwoord.pdf"], "%PDF-1.7") || !strings.Contains(all["index.html"], "De namen van collega") || !strings.Contains(all["index.html"], `lang="nl"`) {
		t.Errorf("the letter or the page is not there: %v", len(all["index.html"]))
	}
	w.Pass(requests.ReleaseTime + 1)
	if res, _ := c.Ask("GET", at, nil); res.StatusCode == 200 {
		t.Error("the package is given after the release")
	}
}
