// Saves a step a moment after each change. Until the server confirms it, the form's data is kept in
// this browser, which offers to restore what was not saved.

import { FormBackup, isHidden, markSubmitted, offerRestore, removeSubmitted, storage } from "./form-backup.js";

const DELAY = 800; // milliseconds
const ATTEMPTS = 10; // to read the page again until what was sent on leaving it is saved
const ATTEMPT_DELAY = 150; // milliseconds
const BEACON_KEY = "lp-beacon"; // the page that was left while it was saved, and its revision

export function init(form) {
  preventDoubleSubmit(form);
  const backup = new FormBackup(form);
  removeSubmitted(backup);
  form.addEventListener("submit", () => markSubmitted(backup));
  if (!("autosave" in form.dataset)) {
    form.addEventListener("input", () => backup.save());
    offerRestore(form, backup);
    return;
  }
  const adopted = adoptBeacon(form, backup).catch(() => {}); // without a server there is nothing to adopt
  autosave(form, backup, adopted);
  adopted.then(() => offerRestore(form, backup));
}

// A second click while the first request is in flight would create a second draft.
function preventDoubleSubmit(form) {
  let submitted = false;
  form.addEventListener("submit", (event) => {
    if (submitted) event.preventDefault();
    submitted = true;
  });
  window.addEventListener("pageshow", () => {
    submitted = false;
  });
}

// A page that is reloaded before what it sent on leaving is saved shows an older draft: take over what
// was saved and its revision, or the next save would conflict with oneself.
async function adoptBeacon(form, backup) {
  const left = storage("get", BEACON_KEY);
  storage("remove", BEACON_KEY);
  const revision = form.elements.revision;
  const sent = backup.load();
  if (sent === null || left !== `${backup.key} ${revision.value}`) return;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const response = await fetch(window.location.pathname, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(form.id);
    if (!fresh) return;
    if (fresh.elements.revision.value !== revision.value) {
      if (new FormBackup(fresh).data() !== sent) return; // somebody else's
      revision.value = fresh.elements.revision.value;
      if (backup.load() === sent) {
        backup.restore(sent);
        backup.remove();
      }
      return;
    }
    await new Promise((done) => window.setTimeout(done, ATTEMPT_DELAY));
  }
}

// Whether somebody wrote into the form before this script was there.
function isEdited(form) {
  return [...form.elements].some(
    (field) =>
      !isHidden(field) &&
      ((field.type !== "submit" && field.value !== (field.defaultValue ?? field.value)) ||
        (field.checked ?? false) !== (field.defaultChecked ?? false)),
  );
}

function autosave(form, backup, adopted) {
  const saved = document.querySelector("[data-saved]");
  let timer = 0;
  let request = null;
  let last = isEdited(form) ? null : backup.data(); // what the server has

  function body() {
    const params = new URLSearchParams(new FormData(form));
    params.set("action", "autosave");
    return params;
  }

  async function save() {
    await adopted;
    const data = backup.data();
    if (data === last) return;
    request?.abort();
    request = new AbortController();
    saved.textContent = form.dataset.saving;
    try {
      const response = await fetch(window.location.pathname, {
        method: "POST",
        body: body(),
        credentials: "same-origin",
        signal: request.signal,
      });
      const result = await response.json();
      saved.textContent = result.message;
      if (result.conflict) saved.append(" ", compareButton());
      if (!response.ok) return;
      last = data;
      form.elements.revision.value = result.revision;
      const linked = form.querySelector("[data-link][data-module~='short-link']");
      if (linked) {
        const { link, destination, destinationProblem } = result;
        Object.assign(linked.dataset, { link, destination, problem: destinationProblem });
      }
      if (backup.data() === data) backup.remove();
    } catch (error) {
      if (error.name === "AbortError") return;
      saved.textContent = form.dataset.offline;
      timer = window.setTimeout(save, 5 * DELAY);
    }
  }

  function compareButton() {
    const button = document.createElement("button");
    button.className = "button link small";
    button.name = "action";
    button.value = "compare";
    button.textContent = form.dataset.compare;
    button.setAttribute("form", form.id);
    return button;
  }

  form.addEventListener("input", () => {
    backup.save();
    window.clearTimeout(timer);
    timer = window.setTimeout(save, DELAY);
  });
  if (last === null) {
    backup.save();
    timer = window.setTimeout(save, DELAY);
  }
  form.addEventListener("submit", () => {
    window.clearTimeout(timer);
    request?.abort();
  });
  // On leaving before the delay is over: a beacon is sent even though the page is gone.
  window.addEventListener("pagehide", () => {
    if (backup.data() === last || !backup.load()) return;
    const isSent = navigator.sendBeacon?.(window.location.pathname, body());
    if (isSent) storage("set", BEACON_KEY, `${backup.key} ${form.elements.revision.value}`);
  });
}
