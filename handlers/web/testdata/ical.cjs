// Reads a calendar from standard input with ical.js, strictly, and writes what
// it found as JSON. The first argument is the folder of node_modules.
const path = require("path");
const ICAL = require(path.join(process.argv[2], "ical.js")).default;
const text = require("fs").readFileSync(0, "utf8");
ICAL.design.strict = true;
const cal = new ICAL.Component(ICAL.parse(text));
const value = (c, name) => c.getFirstPropertyValue(name)?.toString() ?? "";
const events = cal.getAllSubcomponents("vevent").map((c) => {
  const e = new ICAL.Event(c);
  return {
    uid: e.uid, summary: e.summary, description: e.description, sequence: e.sequence ?? 0,
    start: e.startDate.toString(), end: e.endDate.toString(), allDay: e.startDate.isDate && e.endDate.isDate,
    stamp: value(c, "dtstamp"), status: value(c, "status"), url: value(c, "url"),
  };
});
const journals = cal.getAllSubcomponents("vjournal").map((c) => ({
  uid: value(c, "uid"), summary: value(c, "summary"), stamp: value(c, "dtstamp"), start: value(c, "dtstart"), description: value(c, "description"),
}));
console.log(JSON.stringify({
  method: value(cal, "method"), version: value(cal, "version"), product: value(cal, "prodid"),
  name: value(cal, "x-wr-calname"), refresh: value(cal, "refresh-interval"), events, journals,
}));
