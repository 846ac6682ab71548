// What a person writes into a form, kept in this browser until the server has it, and offered again.
//
// A form of staff names its backup by `data-backup` and is kept until a page says that it was done:
// a refusal, the end of a session or another page in between lose nothing.

const SUBMITTED_KEY = "lp-sent"; // the key of the backup of the form that was submitted last

export function init(element) {
  removeDone();
  if (!(element instanceof HTMLFormElement)) return;
  const backup = new FormBackup(element);
  element.addEventListener("submit", () => markSubmitted(backup));
  element.addEventListener("input", () => (backup.isEmpty() ? backup.remove() : backup.save()));
  if (backup.load() !== backup.data()) offerRestore(element, backup);
}

// A browser may refuse its storage; the form is still submitted to the server then.
export function storage(verb, key, value) {
  try {
    return window.localStorage[`${verb}Item`](key, value);
  } catch {
    return null;
  }
}

export function markSubmitted(backup) {
  storage("set", SUBMITTED_KEY, backup.key);
}

// Another step, or a fragment of this one, is displayed only after the server saved the form. It may
// have normalised the data, so the backup need not be equal.
export function removeSubmitted(backup) {
  const key = storage("get", SUBMITTED_KEY);
  if (key !== null && (key !== backup.key || window.location.hash)) storage("remove", key);
  storage("remove", SUBMITTED_KEY);
}

// Remove what was submitted if this page reports a success. Any page answers the last submission only.
function removeDone() {
  const key = storage("get", SUBMITTED_KEY);
  if (key !== null && document.querySelector(".messagelist .success")) storage("remove", key);
  storage("remove", SUBMITTED_KEY);
}

// Hidden fields are the server's, and no person wrote them.
export function isHidden(field) {
  return field.type === "hidden";
}

export class FormBackup {
  constructor(form) {
    this.form = form;
    this.key = `lp:${form.dataset.backup ?? window.location.pathname}`;
  }

  data() {
    const hidden = new Set([...this.form.elements].filter(isHidden).map((field) => field.name));
    const pairs = [...new FormData(this.form)].filter(([name]) => !hidden.has(name));
    return new URLSearchParams(pairs).toString();
  }

  isEmpty() {
    return [...new URLSearchParams(this.data()).values()].every((value) => value.trim() === "");
  }

  save() {
    storage("set", this.key, this.data());
  }

  remove() {
    storage("remove", this.key);
  }

  load() {
    return storage("get", this.key);
  }

  restore(text) {
    const values = new URLSearchParams(text);
    for (const field of this.form.elements) {
      if (!field.name || isHidden(field) || field.type === "submit") continue;
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

export function offerRestore(form, backup) {
  const found = backup.load();
  if (found === null) return;
  if (found === backup.data()) {
    backup.remove();
    return;
  }
  const notice = document.createElement("div");
  notice.className = "notice info recover";
  const message = document.createElement("p");
  message.textContent = form.dataset.found;
  notice.append(
    message,
    button(form.dataset.recover, "button secondary small", () => backup.restore(found)),
    button(form.dataset.forget, "button link small", () => backup.remove()),
  );
  form.before(notice);

  function button(text, className, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = text;
    made.addEventListener("click", () => {
      act();
      notice.remove();
    });
    return made;
  }
}
