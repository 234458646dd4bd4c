// The check of a ledger export on the reader's own computer. The files never
// leave it: after the verifier is loaded, this page asks for nothing any more.
"use strict";

(async function check() {
  const tool = document.querySelector("[data-verifier]");
  if (!tool) return;
  const say = (name, values = {}) => {
    tool.querySelectorAll("[data-say]").forEach((line) => {
      if (line.dataset.say !== name) return;
      line.hidden = false;
      line.querySelector("p").textContent = line.dataset.words.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
    });
  };
  const clear = () => tool.querySelectorAll("[data-say]").forEach((line) => { line.hidden = true; });
  // Numbers, days and hours as the other pages write them.
  const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const number = (n) => n.toLocaleString(lang);
  const parts = { weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short", timeZone: tool.dataset.zone || "UTC" };
  const moment = (at) => new Date(at).toLocaleString(lang, parts);

  // What the verifier says comes as a sentence with its values, and the words for
  // it in the reader's language with the page.
  const faults = JSON.parse(tool.dataset.faults);
  const words = (r) => (typeof r === "object" ? (faults[r.says] ?? r.says).replace(/\{(\d)\}/g, (_, i) => words(r.values[i])) : String(r));

  const told = (v) => {
    clear();
    if (v.flaw) return say("flaw", { flaw: words(v.flaw) });
    if (v.trouble) return say("trouble", { error: words(v.trouble) });
    const c = v.checkpoint;
    const values = { origin: c.origin, size: number(c.size), root: c.root, at: moment(c.at), key: v.key };
    if (v.data) {
      say("proof", { ...values, entry: number(v.entry + 1) });
      return say("entry", { data: v.data });
    }
    if (v.party) {
      say("party", { ...values, own: number(v.party.own) });
      say("party-of", { organisation: v.party.organisation });
    } else say("good", values);
    say("root", values);
    say(v.ownKeys ? "own-keys" : "given-keys");
    if (v.since) say("since", { size: number(v.since.size), at: moment(v.since.at) });
    else say("no-since");
    if (v.unlisted.length > 0) say("unlisted", { files: v.unlisted.join(", ") });
  };

  const [files, keys, since] = ["export", "keys", "since"].map((name) => tool.querySelector(`[name="${name}"]`));
  let turn = 0;
  const run = async () => {
    if (files.files.length === 0) return;
    const mine = ++turn; // a later choice takes over from an earlier one
    clear();
    say("working");
    try {
      const v = await inzageVerify([...files.files], keys.files[0] ?? null, since.files[0] ?? null);
      if (mine === turn) told(v);
    } catch (error) {
      if (mine !== turn) return;
      clear();
      say("trouble", { error: error.message });
    }
  };

  const loading = document.querySelector("[data-verifier-loading]");
  loading.hidden = false;
  try {
    const go = new Go();
    const program = await WebAssembly.instantiateStreaming(fetch(tool.dataset.verifier), go.importObject);
    go.run(program.instance);
  } catch (error) {
    document.querySelectorAll("[data-verifier-failed]").forEach((line) => { line.hidden = false; });
    return;
  } finally {
    loading.hidden = true;
  }
  tool.hidden = false;
  [files, keys, since].forEach((field) => field.addEventListener("change", run));
  tool.addEventListener("dragover", (event) => event.preventDefault());
  tool.addEventListener("drop", (event) => {
    if (event.target.closest("input")) return; // the browser fills the field itself
    event.preventDefault();
    if (event.dataTransfer.files.length === 0) return;
    files.files = event.dataTransfer.files;
    run();
  });
  tool.dataset.ready = "true";
})();
