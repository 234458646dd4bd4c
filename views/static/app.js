// What scripts add. Every page works without this file.
"use strict";

// Keys in lists: j and k move, Enter opens (the browser does that by itself).
(function keys() {
  const tables = document.querySelectorAll("table[data-keys]");
  if (tables.length === 0) return;
  if (matchMedia("(hover: hover)").matches) document.querySelectorAll("[data-keys-help]").forEach((help) => { help.hidden = false; });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "j" && event.key !== "k") return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const links = [...document.querySelectorAll("table[data-keys] .row-link")];
    const now = links.indexOf(document.activeElement);
    const next = event.key === "j" ? Math.min(now + 1, links.length - 1) : Math.max(now - 1, 0);
    if (links[next]) {
      links[next].focus();
      event.preventDefault();
    }
  });
})();

// Printing.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

// The summary of refused answers takes the focus, so that it is read out first.
(function focusErrors() {
  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
})();

// One press sends a form once. This listens before any other.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sent = "yes";
}, { capture: true });
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});

// Uploads say how far they are. When anything is out of the ordinary the form
// is sent the ordinary way.
document.querySelectorAll("form[data-upload]").forEach((form) => {
  const box = form.querySelector(".upload-progress");
  form.addEventListener("submit", (event) => {
    const action = new URL(form.getAttribute("action"), window.location.href).href;
    const files = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length > 0);
    if (!files || !box || event.defaultPrevented) return;
    event.preventDefault();
    const bar = box.querySelector("progress");
    const words = box.querySelector("span");
    const request = new XMLHttpRequest();
    let said = -1;
    request.open("POST", action);
    request.setRequestHeader("Accept", "text/html");
    request.upload.addEventListener("progress", (e) => {
      if (!e.lengthComputable) return;
      const percent = Math.floor((100 * e.loaded) / e.total);
      bar.value = percent;
      // Read out in tens, not for every packet.
      if (Math.floor(percent / 10) !== said) {
        said = Math.floor(percent / 10);
        words.textContent = form.dataset.upload.replace("{percent}", percent + "%");
      }
    });
    request.addEventListener("load", () => {
      if (request.responseURL && request.responseURL !== action && request.status < 400) {
        window.location.assign(request.responseURL);
        return;
      }
      show(request.responseText);
    });
    request.addEventListener("error", () => {
      box.hidden = true;
      delete form.dataset.sent;
      const failed = form.querySelector("[data-upload-failed]");
      if (failed) failed.hidden = false;
    });
    const failed = form.querySelector("[data-upload-failed]");
    if (failed) failed.hidden = true;
    box.hidden = false;
    request.send(new FormData(form, event.submitter));
  });
});

// What became of an e-mail is looked at again until there is nothing more to
// come; what somebody typed meanwhile stays.
document.querySelectorAll("[data-watch]").forEach((box) => {
  let looks = 0;
  const look = async () => {
    if (!box.dataset.watch || looks++ > 200) return;
    try {
      const answer = await fetch(box.dataset.watch, { redirect: "error" });
      const news = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-watch]");
      if (answer.ok && news) {
        if (!news.isEqualNode(box)) box.replaceChildren(...news.childNodes);
        box.dataset.watch = news.dataset.watch;
      }
    } catch {
      // Without an answer the next look may have one.
    }
    setTimeout(look, 3000);
  };
  setTimeout(look, 1500);
});

// show puts the main part of an answer in the place of this page's.
function show(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const main = answer.querySelector("main");
  if (!main) {
    window.location.reload();
    return;
  }
  document.title = answer.title;
  document.querySelector("main").replaceWith(document.adoptNode(main));
  const first = document.querySelector(".error-summary") || document.querySelector("main");
  first.focus();
}

// Passkeys.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function readOptions(json, create) {
  const o = json.publicKey || json;
  o.challenge = bytes(o.challenge);
  if (create) o.user.id = bytes(o.user.id);
  for (const list of [o.excludeCredentials, o.allowCredentials]) {
    for (const c of list || []) c.id = bytes(c.id);
  }
  return o;
}

function writeCredential(c) {
  const out = {
    id: c.id,
    rawId: text(c.rawId),
    type: c.type,
    authenticatorAttachment: c.authenticatorAttachment || undefined,
    clientExtensionResults: c.getClientExtensionResults(),
    response: { clientDataJSON: text(c.response.clientDataJSON) },
  };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (c.response[name]) out.response[name] = text(c.response[name]);
  }
  if (c.response.getTransports) out.response.transports = c.response.getTransports();
  return JSON.stringify(out);
}

// beginPasskey fetches a fresh challenge when the button is pressed.
async function beginPasskey(box, form) {
  if (!box.dataset.begin) return JSON.parse(box.dataset.options);
  const answer = await fetch(box.dataset.begin, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ csrf: form.elements.csrf.value }),
  });
  if (!answer.ok) throw new Error(answer.statusText);
  const begun = await answer.json();
  form.elements.ceremony.value = begun.ceremony;
  return begun.options;
}

document.querySelectorAll("[data-passkey]").forEach((box) => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const form = box.querySelector("form");
  const failed = box.querySelector("[data-passkey-failed]");
  const create = box.dataset.passkey === "create";
  box.querySelector("[data-passkey-ready]").hidden = false;
  box.querySelector("[data-passkey-absent]").hidden = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const publicKey = readOptions(await beginPasskey(box, form), create);
      const credential = create
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
      form.elements.credential.value = writeCredential(credential);
      form.submit();
    } catch {
      failed.hidden = false;
      delete form.dataset.sent;
    }
  });
});
