//go:build programs

package web_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/audits"
)

// diary is a folder in which programs of other makers keep a calendar.
type diary struct {
	t           *testing.T
	home, items string
}

// newDiary subscribes vdirsyncer to an address, and khal to what it brings.
func newDiary(t *testing.T, address string) *diary {
	t.Helper()
	d := &diary{t: t, home: t.TempDir()}
	d.items = filepath.Join(d.home, "items")
	d.write("vdirsyncer.ini", fmt.Sprintf(`[general]
status_path = "%s/status/"
[pair feed]
a = "far"
b = "near"
collections = null
conflict_resolution = "a wins"
[storage far]
type = "http"
url = "%s"
[storage near]
type = "filesystem"
path = "%s"
fileext = ".ics"
`, d.home, address, d.items))
	d.write("khal.ini", fmt.Sprintf(`[calendars]
[[audits]]
path = %s
type = calendar
[sqlite]
path = %s/khal.db
[locale]
timeformat = %%H:%%M
dateformat = %%Y-%%m-%%d
longdateformat = %%Y-%%m-%%d
datetimeformat = %%Y-%%m-%%d %%H:%%M
longdatetimeformat = %%Y-%%m-%%d %%H:%%M
local_timezone = Europe/Amsterdam
default_timezone = Europe/Amsterdam
`, d.items, d.home))
	if err := os.MkdirAll(d.items, 0o700); err != nil {
		t.Fatal(err)
	}
	d.run("vdirsyncer", "discover", "feed")
	return d
}

func (d *diary) write(name, text string) string {
	d.t.Helper()
	path := filepath.Join(d.home, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// run runs a program in the folder and returns what it says; it has to succeed.
func (d *diary) run(name string, args ...string) string {
	d.t.Helper()
	cmd := exec.CommandContext(d.t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "HOME="+d.home, "VDIRSYNCER_CONFIG="+filepath.Join(d.home, "vdirsyncer.ini"), "LC_ALL=C.UTF-8", "TZ=Europe/Amsterdam")
	out, err := cmd.CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// sync fetches the calendar and returns what khal lists of two months.
func (d *diary) sync() string {
	d.t.Helper()
	if said := d.run("vdirsyncer", "sync"); strings.Contains(said, "error") || strings.Contains(said, "warning") {
		d.t.Errorf("vdirsyncer: %s", said)
	}
	return d.run("khal", "-c", filepath.Join(d.home, "khal.ini"), "list", "--format", "{start-date} {title}{status}", "2026-11-17", "60d")
}

// TestCalendarPrograms follows an audit from its proposal to its cancellation,
// and an auditor to the loss of the audit, in the programs that people use.
func TestCalendarPrograms(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Announced)
	path := makeFeed(t, h.SignIn(h.officer))
	d := newDiary(t, h.BaseURL+path)
	checker := buildLibical(t)
	look := func(stage string) (listed string) {
		t.Helper()
		text := h.Browser().Get(path).Want(t, 200).Body
		checker(stage, text)
		imports(t, stage, text)
		return d.sync()
	}
	if listed := look("without a day"); strings.Contains(listed, a.Reference) {
		t.Errorf("before there is a day: %s", listed)
	}
	day := h.earliest(a)
	proposeDay(t, h.SignIn(h.officer), a, "propose", day).Want(t, 303)
	if listed := look("proposed"); !strings.Contains(listed, day.String()+" Voorgestelde dag: audit "+a.Reference) {
		t.Errorf("proposed: %s", listed)
	}
	answerDay(t, h.SignIn(h.agent), h.get(a.ID), "accept-day").Want(t, 303)
	if listed := look("agreed"); !strings.Contains(listed, day.String()+" De audit: audit "+a.Reference) {
		t.Errorf("agreed: %s", listed)
	}
	// The other side's auditor follows it too, and loses sight of it.
	h.reach(a.ID, audits.DateAgreed)
	auditor := newDiary(t, h.BaseURL+makeFeed(t, h.auditorClient(a.ID)))
	if listed := auditor.sync(); !strings.Contains(listed, a.Reference) {
		t.Errorf("the auditor: %s", listed)
	}
	h.must(h.Audits.CallOff(t.Context(), h.Actor(h.officer), a.ID, "Niet meer nodig."))
	if listed := look("cancelled"); !strings.Contains(listed, day.String()+" Vervallen: ") || !strings.Contains(listed, "CANCELLED") {
		t.Errorf("cancelled: %s", listed)
	}
	if listed := auditor.sync(); strings.Contains(listed, a.Reference) {
		t.Errorf("the auditor's program goes on showing it: %s", listed)
	}
	for _, who := range []handlertest.Person{h.officer, h.agent} {
		checker("its own file", h.SignIn(who).Get("/audits/"+a.ID+"/day.ics").Want(t, 200).Body)
	}
}

// imports lets calcurse read a calendar.
func imports(t *testing.T, stage, text string) {
	t.Helper()
	d := &diary{t: t, home: t.TempDir()}
	said := d.run("calcurse", "-D", filepath.Join(d.home, "calcurse"), "-i", d.write("feed.ics", text))
	if !strings.Contains(said, "0 skipped") && strings.Contains(said, "skipped") {
		t.Errorf("%s: calcurse: %s", stage, said)
	}
}

// libical is a program of a few lines around the library that Evolution, KDE
// and GNOME read calendars with: it names what breaks the rules of RFC 5546.
const libical = `#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  static char text[1 << 20];
  text[fread(text, 1, sizeof text - 1, stdin)] = 0;
  icalcomponent *all = icalparser_parse_string(text);
  if (!all) { puts("not a calendar"); return 1; }
  int sound = icalrestriction_check(all), faults = icalcomponent_count_errors(all);
  printf("sound %d, faults %d\n%s", sound, faults, sound && !faults ? "" : icalcomponent_as_ical_string(all));
  return sound && !faults ? 0 : 1;
}
`

// buildLibical makes that program, and returns what asks it.
func buildLibical(t *testing.T) func(stage, text string) {
	t.Helper()
	home := t.TempDir()
	source, program := filepath.Join(home, "check.c"), filepath.Join(home, "check")
	if err := os.WriteFile(source, []byte(libical), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "cc", "-o", program, source, "-lical").CombinedOutput(); err != nil {
		t.Fatalf("cc: %v\n%s", err, out)
	}
	return func(stage, text string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), program)
		var out bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), &out, &out
		if err := cmd.Run(); err != nil {
			t.Errorf("%s: libical: %v\n%s", stage, err, out.String())
		}
	}
}
