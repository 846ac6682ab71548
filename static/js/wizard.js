// A step saves itself a moment after each change. Until the server has said so, what was written
// is kept in this browser as well, and offered back where it did not arrive.

const PAUSE = 800;
const SENT = "lp-sent"; // whose copy the form was that was sent last
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "seen", "action", "undo_text"]);

export function init(form) {
  sendOnce(form);
  const copy = new Copy(form);
  forgetWhatWasSent(copy);
  form.addEventListener("submit", () => store("set", SENT, copy.key));
  if ("autosave" in form.dataset) autosave(form, copy);
  else form.addEventListener("input", () => copy.keep());
  offer(form, copy);
}

// A second click while the first is under way would make a second draft.
function sendOnce(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => {
    sent = false;
  });
}

// A browser may refuse its store; it still saves to the server then.
function store(verb, key, value) {
  try {
    return window.localStorage[`${verb}Item`](key, value);
  } catch {
    return null;
  }
}

// The server leads on, or back to a part of the page, only where it has what was sent: written as
// it writes it, so it need not look like the copy.
function forgetWhatWasSent(copy) {
  const sent = store("get", SENT);
  if (sent !== null && (sent !== copy.key || window.location.hash)) store("remove", sent);
  store("remove", SENT);
}

// What is written on this page, in this browser's own store.
class Copy {
  constructor(form) {
    this.form = form;
    this.key = `lp:${window.location.pathname}`;
  }

  written() {
    const pairs = [...new FormData(this.form)].filter(([name]) => !NOT_KEPT.has(name));
    return new URLSearchParams(pairs).toString();
  }

  keep() {
    store("set", this.key, this.written());
  }

  forget() {
    store("remove", this.key);
  }

  found() {
    return store("get", this.key);
  }

  bringBack(text) {
    const values = new URLSearchParams(text);
    for (const field of this.form.elements) {
      if (!field.name || NOT_KEPT.has(field.name) || field.type === "submit") continue;
      if (field.type === "checkbox" || field.type === "radio") {
        field.checked = values.getAll(field.name).includes(field.value);
      } else if (values.has(field.name)) {
        field.value = values.get(field.name);
      }
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.form.querySelector("input, textarea")?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function autosave(form, copy) {
  const saved = document.querySelector("[data-saved]");
  let timer = 0;
  let asked = null;
  let last = copy.written();

  function body() {
    const data = new URLSearchParams(new FormData(form));
    data.set("action", "autosave");
    return data;
  }

  async function save() {
    const written = copy.written();
    if (written === last) return;
    asked?.abort();
    asked = new AbortController();
    saved.textContent = form.dataset.saving;
    try {
      const response = await fetch(window.location.pathname, {
        method: "POST",
        body: body(),
        credentials: "same-origin",
        signal: asked.signal,
      });
      const result = await response.json();
      saved.textContent = result.message;
      if (!response.ok) return;
      last = written;
      form.elements.seen.value = result.seen;
      const linked = form.querySelector("[data-link][data-module~='short-link']");
      if (linked && result.link) linked.dataset.link = result.link;
      if (copy.written() === written) copy.forget();
    } catch (error) {
      if (error.name === "AbortError") return;
      saved.textContent = form.dataset.offline;
      timer = window.setTimeout(save, 5 * PAUSE);
    }
  }

  form.addEventListener("input", () => {
    copy.keep();
    window.clearTimeout(timer);
    timer = window.setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", () => {
    window.clearTimeout(timer);
    asked?.abort();
  });
  // Leaving before the pause is over: the browser sends this one though the page is gone.
  window.addEventListener("pagehide", () => {
    if (copy.written() === last || !copy.found()) return;
    navigator.sendBeacon?.(window.location.pathname, body());
  });
}

function offer(form, copy) {
  const found = copy.found();
  if (found === null) return;
  if (found === copy.written()) {
    copy.forget();
    return;
  }
  const notice = document.createElement("div");
  notice.className = "notice info recover";
  const told = document.createElement("p");
  told.textContent = form.dataset.found;
  notice.append(
    told,
    button(form.dataset.recover, "button secondary small", () => copy.bringBack(found)),
    button(form.dataset.forget, "button link small", () => copy.forget()),
  );
  form.before(notice);

  function button(text, looks, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = looks;
    made.textContent = text;
    made.addEventListener("click", () => {
      act();
      notice.remove();
    });
    return made;
  }
}
