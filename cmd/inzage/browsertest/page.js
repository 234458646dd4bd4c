// What a person can find on a page: by label, by name, by words.
(() => {
  const norm = (s) => s.replace(/[\s\u00a0\u202f]+/g, " ").trim();
  const shown = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";

  // The names under which something can be asked for: all of its words, and
  // without what stands there for screen readers or as "(optional)".
  function names(e) {
    const short = e.cloneNode(true);
    short.querySelectorAll(".hidden, .optional, .count").forEach((x) => x.remove());
    return [norm(e.textContent), norm(short.textContent), norm(e.getAttribute("aria-label") || "")];
  }
  const called = (name) => (e) => shown(e) && names(e).includes(name);

  // What a press would do; two buttons that do the same are one.
  function deed(e) {
    if (e.href) return e.href;
    return [e.form && e.form.action, e.name, e.value].join(" ");
  }

  function one(found, what, name, all) {
    if (found.length === 0) throw new Error(`no ${what} "${name}"; there are: ${all.filter(shown).map((e) => names(e)[0]).join(" | ")}`);
    if (found.length > 1) throw new Error(`${found.length} of ${what} "${name}"`);
    return found[0];
  }

  // The part of the page under a heading, or the whole.
  function part(under) {
    if (!under) return document;
    const heads = [...document.querySelectorAll("h1, h2, h3, h4, legend, summary")];
    const head = one(heads.filter(called(under)), "heading", under, heads);
    return head.closest("section, fieldset, details, article, li, form") || head.parentElement;
  }

  function press(name, under) {
    const all = [...part(under).querySelectorAll("button, a[href]")];
    const deeds = new Map();
    for (const e of all.filter(called(name))) if (!deeds.has(deed(e))) deeds.set(deed(e), e);
    return one([...deeds.values()], "button or link", name, all);
  }

  function field(name, under) {
    const all = [...part(under).querySelectorAll("label")];
    const label = one(all.filter(called(name)), "field", name, all);
    if (!label.control) throw new Error(`the label "${name}" has no field`);
    return label;
  }

  function fold(name, under) {
    const all = [...part(under).querySelectorAll("summary")];
    return one(all.filter(called(name)), "thing to unfold", name, all);
  }

  // Whether an element can be named by its id, and finds what names it.
  function refers(e) {
    const all = ["aria-labelledby", "aria-describedby", "for", "headers"].flatMap((name) => (e.getAttribute(name) || "").split(/\s+/).filter(Boolean));
    return [e.id && document.querySelectorAll("#" + CSS.escape(e.id)).length > 1 ? 1 : 0, all.every((id) => document.getElementById(id)) ? 1 : 0].join("");
  }

  // Where to point at an element. What lies under something else cannot be pressed.
  function point(e) {
    e.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const box = e.getClientRects()[0];
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    const top = document.elementFromPoint(x, y);
    if (!top || !(e.contains(top) || top.contains(e) || (e.control && top === e.control))) {
      throw new Error(`"${names(e)[0]}" is covered by ${top ? top.outerHTML.slice(0, 120) : "nothing"}`);
    }
    return { x, y };
  }

  return {
    press: (name, under) => point(press(name, under)),
    fold: (name, under) => { const e = fold(name, under); return e.parentElement.open ? null : point(e); },
    choose: (name, under) => { const l = field(name, under); return l.control.checked ? null : point(l); },
    chosen: (name, under) => field(name, under).control.checked,
    focus: (name, under) => {
      const e = field(name, under).control;
      e.scrollIntoView({ block: "center", behavior: "instant" });
      e.focus();
      if (e.select) e.select();
      if (document.activeElement !== e) throw new Error(`"${name}" does not take the focus`);
      return e.type;
    },
    set: (name, under, value) => {
      const e = field(name, under).control;
      if (e.tagName === "SELECT") {
        const o = [...e.options].find((x) => norm(x.textContent) === value);
        if (!o) throw new Error(`"${name}" has no option "${value}"; there are: ${[...e.options].map((x) => norm(x.textContent)).join(" | ")}`);
        value = o.value;
      }
      e.value = value;
      e.dispatchEvent(new Event("input", { bubbles: true }));
      e.dispatchEvent(new Event("change", { bubbles: true }));
      return e.value;
    },
    value: (name, under) => field(name, under).control.value,
    at: (name) => document.activeElement === field(name, "").control,
    over: (under) => point([...part(under).querySelectorAll("h1, h2, h3, h4, legend")].find(called(under))),
    file: (name, under) => field(name, under).control,
    link: (part) => {
      const all = [...document.querySelectorAll("main a[href]")];
      return names(one(all.filter((e) => shown(e) && names(e)[0].includes(part)), "link with", part, all))[0];
    },
    links: () => [...document.querySelectorAll("a[href]")].map((e) => e.href),
    words: () => norm(document.body.innerText),
    every: () => norm(document.body.textContent),
    text: (css) => norm((document.querySelector(css) || { innerText: "" }).innerText),
    where: () => `${document.title} <${location.href}>\n${norm((document.querySelector("main") || document.body).innerText).slice(0, 3000)}`,
    path: () => location.pathname,
    lang: () => document.documentElement.lang,
    mark: () => { window.browsertestMain = document.querySelector("main"); return true; },
    moved: () => document.readyState === "complete" && location.href !== "about:blank"
      && (!window.browsertestMain || window.browsertestMain !== document.querySelector("main")),
    // A phone zooms out until a page that is too wide fits, so the width of the
    // window says nothing; that of the device does.
    wide: (device) => {
      const at = document.scrollingElement;
      // A way on that lies outside of its own list is as lost as one outside of the page.
      const cut = [...document.querySelectorAll("nav ul")].find((e) => shown(e) && [e, e.parentElement].some((box) => box.scrollWidth > box.clientWidth + 1));
      if (cut) return `the list "${norm(cut.textContent).slice(0, 60)}" is wider than its place`;
      if (at.scrollWidth <= device) return "";
      const out = [...document.body.querySelectorAll("*")].filter((e) => shown(e) && e.getBoundingClientRect().right > device + 1);
      return `${at.scrollWidth} px on a screen of ${device}: ${out.slice(0, 3).map((e) => e.outerHTML.slice(0, 120)).join(" … ")}`;
    },
    // What a page is built of: each kind of element in its place, with what
    // decides how it looks and is read. More of the same is no other page.
    build: () => {
      const kinds = new Set();
      const walk = (e, above) => {
        const kind = above + ">" + [e.tagName, e.className, e.getAttribute("role"), e.type, e.getAttribute("aria-label") ? 1 : 0, e.labels ? e.labels.length : "",
          refers(e), shown(e) ? 1 : 0, e.childElementCount ? 1 : 0, norm(e.textContent) ? 1 : 0].join(".");
        kinds.add(kind);
        for (const child of e.children) walk(child, above + ">" + e.tagName + "." + e.className);
      };
      walk(document.body, "");
      return [...kinds];
    },
    unfold: () => {
      window.browsertestFolded = [...document.querySelectorAll("details:not([open])")];
      window.browsertestFolded.forEach((d) => { d.open = true; });
      return true;
    },
    refold: () => { (window.browsertestFolded || []).forEach((d) => { d.open = false; }); window.scrollTo(0, 0); return true; },
    axe: async (only) => {
      const options = { preload: false, resultTypes: ["violations"] };
      if (only) options.runOnly = { type: "rule", values: only };
      const found = await axe.run(document, options);
      return found.violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) =>
        `${v.impact} ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(" ")} ${n.html.slice(0, 160)} ${n.failureSummary.replace(/\s+/g, " ")}`).join("; ")}`);
    },
  };
})()
