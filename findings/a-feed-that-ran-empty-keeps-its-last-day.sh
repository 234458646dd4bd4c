#!/usr/bin/env bash
# vdirsyncer 0.19.0 and khal 0.10.5 (Debian 12) on a subscribed calendar whose last
# entry is taken out: synchronising ends with an error ("completely emptied"), and
# khal goes on showing the entry. A VCALENDAR that still holds a VTIMEZONE does
# not help: only what can be an item counts. With a single VJOURNAL in it, which no
# calendar shows, the same removal goes through. Publishers of feeds cannot know
# this from RFC 5545, which asks only for one component of any kind (3.6).
# Needs khal and vdirsyncer from Debian. Fails when one of the three changes.
set -euo pipefail
command -v khal >/dev/null && command -v vdirsyncer >/dev/null || { echo "install khal and vdirsyncer"; exit 1; }
work=$(mktemp -d)
python3 -u -m http.server --bind 127.0.0.1 --directory "$work" 0 >"$work/log" 2>&1 &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
port=
while [ -z "$port" ]; do
	kill -0 $server
	port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$work/log")
done
export HOME=$work VDIRSYNCER_CONFIG=$work/sync.ini LC_ALL=C.UTF-8
feed() { # feed ENTRIES...: writes the calendar with these components
	{ printf 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//finding//EN\r\n'; for x in "$@"; do printf "$x"; done; printf 'END:VCALENDAR\r\n'; } >"$work/feed.ics"
}
event='BEGIN:VEVENT\r\nUID:day\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;VALUE=DATE:20261202\r\nSUMMARY:the day\r\nEND:VEVENT\r\n'
zone='BEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n'
journal='BEGIN:VJOURNAL\r\nUID:feed\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;VALUE=DATE:20261101\r\nSUMMARY:the feed\r\nEND:VJOURNAL\r\n'
begin() {
	rm -rf "$work/status" "$work/items" "$work/khal.db"
	mkdir -p "$work/items"
	cat >"$work/sync.ini" <<INI
[general]
status_path = "$work/status/"
[pair feed]
a = "far"
b = "near"
collections = null
conflict_resolution = "a wins"
[storage far]
type = "http"
url = "http://127.0.0.1:$port/feed.ics"
[storage near]
type = "filesystem"
path = "$work/items"
fileext = ".ics"
INI
	printf '[calendars]\n[[one]]\npath = %s\n[sqlite]\npath = %s\n[locale]\ndateformat = %%Y-%%m-%%d\nlongdateformat = %%Y-%%m-%%d\ndatetimeformat = %%Y-%%m-%%d %%H:%%M\nlongdatetimeformat = %%Y-%%m-%%d %%H:%%M\n' "$work/items" "$work/khal.db" >"$work/khal.ini"
	vdirsyncer discover feed >/dev/null 2>&1
}
shown() { khal -c "$work/khal.ini" list --format '{title}' 2026-12-01 7d 2>/dev/null | grep -c 'the day' || true; }

begin
feed "$event"
vdirsyncer sync >/dev/null 2>&1
[ "$(shown)" = 1 ] || { echo "the day was not synchronised"; exit 1; }
feed "$zone"
if said=$(vdirsyncer sync 2>&1); then echo "an emptied feed is synchronised now"; exit 1; fi
grep -q 'completely emptied' <<<"$said" || { echo "another error: $said"; exit 1; }
[ "$(shown)" = 1 ] || { echo "khal dropped the day all the same"; exit 1; }
begin
feed "$event" "$journal"
vdirsyncer sync >/dev/null 2>&1
feed "$journal"
vdirsyncer sync >/dev/null 2>&1 || { echo "a journal no longer helps"; exit 1; }
[ "$(shown)" = 0 ] || { echo "the day is still shown"; exit 1; }
echo "vdirsyncer 0.19.0, khal 0.10.5: an emptied feed keeps its last day; one that keeps a VJOURNAL loses it"
