package notices_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"inzage/config/notices"
)

func load(t *testing.T) notices.Catalogue {
	t.Helper()
	c, err := notices.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What each notice has to say: deadlines.md section 6, art. 12, 15, 19 GDPR.
var required = map[string][]string{
	"receipt":               {"receipt", "period", "decider"},
	"forwarded":             {"decider", "both_receipts", "period"},
	"handled":               {"decider", "period"},
	"split":                 {"decider", "other_part", "period"},
	"split_part":            {"decider", "other_part", "period"},
	"acknowledged":          {"receipt", "period", "decider"},
	"identity_question":     {"doubt", "least", "blacken", "clock"},
	"identity_settled":      {"period"},
	"identity_insufficient": {"clock"},
	"extended":              {"until", "ground", "reasons", "complaint", "court"},
	"granted":               {"outcome", "done", "information", "information_rights", "recipients", "complaint", "court"},
	"partly":                {"outcome", "done", "ground", "reasons", "information", "information_rights", "recipients", "complaint", "court"},
	"refused":               {"outcome", "ground", "reasons", "cannot_identify", "complaint", "court"},
	"delivered":             {"ready", "how", "until"},
	"delivered_outside":     {"how", "proof"},
	"renewed":               {"until"},
	"misdirected":           {"where", "complaint", "court"},
	"merged":                {"period", "decider"},
	"joined":                {"period", "decider"},
	"separated":             {"period"},
	"handed_back":           {"decider", "period"},
	"late":                  {"passed", "complaint", "court"},
	"withdrawn":             nil,
	"word":                  {"word"},
	"address_changed":       {"changed", "word"},
	"closed":                {"complaint", "court"},
}

func TestEveryNoticeSaysWhatTheLawRequires(t *testing.T) {
	for kind, n := range load(t).Notices {
		want, known := required[kind]
		if n.For != notices.Subject {
			continue
		}
		if !known {
			t.Errorf("%s: add what it must say to this test", kind)
		}
		said := map[string]bool{}
		for _, p := range n.Body {
			said[p.Says] = true
		}
		for _, w := range want {
			if !said[w] {
				t.Errorf("%s does not say %q", kind, w)
			}
		}
	}
}

func TestNothingInTheVocabularyIsUnused(t *testing.T) {
	c := load(t)
	var all strings.Builder
	used := map[string]bool{}
	for _, n := range c.Notices {
		all.WriteString(n.Subject.EN + n.Title.EN + n.Button.EN)
		for _, p := range append(slices.Clone(n.Mail), n.Body...) {
			all.WriteString(p.EN + p.Law)
			used[strings.TrimPrefix(p.When, "!")] = true
			for _, l := range []string{p.Quote, p.List, p.Facts} {
				used["list "+l] = true
			}
		}
	}
	all.WriteString(c.Words.Greeting.Named.EN)
	for _, p := range append(slices.Clone(c.Overdue), c.OverdueMail...) {
		all.WriteString(p.EN)
	}
	for _, m := range notices.Placeholder.FindAllStringSubmatch(all.String(), -1) {
		used["value "+m[1]] = true
	}
	for _, v := range slices.Sorted(maps.Keys(c.Values)) {
		if !used["value "+v] {
			t.Errorf("the value %q is not used", v)
		}
	}
	for _, l := range c.Lists {
		if !used["list "+l] {
			t.Errorf("the list %q is not used", l)
		}
	}
	for _, f := range c.Flags {
		if !used[f] {
			t.Errorf("the flag %q is not used", f)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	const good = "late:\n  for: staff\n  subject: {en: Late, nl: Laat}\n  button: {en: Go, nl: Ga}\n  mail:\n    - {en: 'Due {due}.', nl: 'Uiterlijk {due}.', late: {en: 'Was due {due}.', nl: 'Moest {due}.'}}\n"
	cases := map[string]struct{ from, to, want string }{
		"a good file":                       {"", "", ""},
		"a missing language":                {", nl: 'Uiterlijk {due}.', late: {en: 'Was due {due}.', nl: 'Moest {due}.'}", "", "not complete in both languages"},
		"different values":                  {"Uiterlijk {due}", "Uiterlijk {until}", "English fills in"},
		"an unknown value":                  {"{due}", "{deu}", "not in the vocabulary"},
		"personal data in mail":             {"{due}", "{name}", "personal data"},
		"an unknown flag":                   {"- {en: 'Due", "- {when: soon, en: 'Due", "the flag"},
		"a quotation in mail":               {"- {en: 'Due {due}.', nl: 'Uiterlijk {due}.', late: {en: 'Was due {due}.', nl: 'Moest {due}.'}}", "- {quote: reasons}", "plain sentences"},
		"an unknown field":                  {"for: staff", "for: staff\n  to: staff", "field to not found"},
		"a notice without words":            {"mail:\n    - {en: 'Due {due}.', nl: 'Uiterlijk {due}.', late: {en: 'Was due {due}.', nl: 'Moest {due}.'}}\n", "", "needs mail"},
		"a stray brace":                     {"'Due {due}.'", "'Due {due}{.'", "brace"},
		"a promise without words for later": {", late: {en: 'Was due {due}.', nl: 'Moest {due}.'}", "", "no words for when that day has passed"},
		"words for later without a promise": {"{en: 'Due {due}.', nl: 'Uiterlijk {due}.'", "{en: 'Due.', nl: 'Uiterlijk.'", "promises no day"},
		"the past and words for later":      {"{en: 'Due", "{past: true, en: 'Due", "about the past"},
		"an unknown reader":                 {"for: staff", "for: everybody", "for is"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{"x.yaml": {Data: []byte(strings.ReplaceAll(good, tc.from, tc.to))}}
			if tc.from == "" {
				fsys["x.yaml"].Data = []byte(good)
			}
			for _, f := range []string{"vocabulary.yaml", "words.yaml", "parts.yaml"} {
				data, err := os.ReadFile(f)
				if err != nil {
					t.Fatal(err)
				}
				fsys[f] = &fstest.MapFile{Data: data}
			}
			_, err := notices.LoadFrom(fsys)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("LoadFrom = %v, want %q", err, tc.want)
			}
		})
	}
}
