// Inserts the campaign's short link into the ad text, at the caret, with one click. While there is no
// link yet the button submits the form: the server creates the link and appends it. When an autosave
// creates the link, wizard.js sets data-link and this module updates the field.

export function init(element) {
  const box = document.getElementById(element.dataset.text);
  if (!box) return;
  new ShortLink(element, box).start();
}

class ShortLink {
  constructor(element, box) {
    this.element = element;
    this.box = box;
    this.part = {};
    for (const node of element.querySelectorAll("[data-part]")) this.part[node.dataset.part] = node;
    this.address = element.querySelector("input[name=destination]");
    this.caret = null; // the last selection in the text, or null
  }

  get link() {
    return this.element.dataset.link;
  }

  start() {
    this.box.addEventListener("input", () => this.draw());
    this.box.addEventListener("blur", () => this.saveSelection());
    this.part.insert.addEventListener("click", (event) => {
      if (!this.link) return;
      event.preventDefault();
      this.insert();
    });
    new MutationObserver(() => this.draw()).observe(this.element, {
      attributeFilter: ["data-link", "data-problem", "data-destination"],
    });
    this.address.addEventListener("blur", () => this.draw());
    this.draw();
  }

  draw() {
    const isInserted = Boolean(this.link) && this.textHasLink();
    this.part.own.hidden = !this.link;
    this.part.link.textContent = this.link;
    this.part.there.hidden = !isInserted;
    this.part.insert.hidden = isInserted;
    if (this.link) this.part.insert.textContent = this.part.insert.dataset.label;
    this.drawAddress();
  }

  // What the server found in the address, and the https:// that it added once the field is left.
  drawAddress() {
    const { problem, destination } = this.element.dataset;
    if (problem === undefined) return; // not saved yet
    this.part.problem.textContent = problem;
    this.part.problem.hidden = !problem;
    this.address.setAttribute("aria-invalid", String(Boolean(problem)));
    this.address.closest(".field").classList.toggle("has-error", Boolean(problem));
    const isCompleted = destination === `https://${this.address.value.trim()}`;
    if (isCompleted && document.activeElement !== this.address) this.address.value = destination;
  }

  // Whether the text has the link itself, not as part of a longer code or domain.
  textHasLink() {
    const text = this.box.value.toLowerCase();
    for (let at = text.indexOf(this.link); at >= 0; at = text.indexOf(this.link, at + 1)) {
      const before = text[at - 1] ?? " ";
      const after = text[at + this.link.length] ?? " ";
      if (!/[a-z0-9.@]/.test(before) && !/[a-z0-9]/.test(after)) return true;
    }
    return false;
  }

  saveSelection() {
    this.caret = [this.box.selectionStart, this.box.selectionEnd];
  }

  insert() {
    if (document.activeElement === this.box) this.saveSelection(); // some browsers do not focus a clicked button
    const { value } = this.box;
    const [start, end] = this.caret ?? [value.length, value.length];
    const before = start > 0 && !/\s$/.test(value.slice(0, start)) ? " " : "";
    const after = end < value.length && !/^\s/.test(value.slice(end)) ? " " : "";
    this.write(start, end, `${before}${this.link}${after}`);
    this.part.status.textContent = this.element.dataset.done;
  }

  // Writes through the editor where possible, so that the browser's undo includes it.
  write(start, end, insertion) {
    this.box.focus();
    this.box.setSelectionRange(start, end);
    const expected = this.box.value.slice(0, start) + insertion + this.box.value.slice(end);
    if (document.execCommand("insertText", false, insertion) && this.box.value === expected) return;
    this.box.value = expected;
    this.box.setSelectionRange(start + insertion.length, start + insertion.length);
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
