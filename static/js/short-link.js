// Inserts the campaign's short link into the ad text, where the caret is, with one click. While
// there is no link yet the button sends the form: the server makes it and puts it at the end. Who
// saves the form in the background sets data-link when the link has come; this follows.

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
    this.caret = null; // where the person left the text; null: never been there
  }

  get link() {
    return this.element.dataset.link;
  }

  start() {
    this.box.addEventListener("input", () => this.draw());
    this.box.addEventListener("blur", () => this.remember());
    this.part.insert.addEventListener("click", (event) => {
      if (!this.link) return;
      event.preventDefault();
      this.insert();
    });
    new MutationObserver(() => this.draw()).observe(this.element, {
      attributeFilter: ["data-link"],
    });
    this.draw();
  }

  draw() {
    const there = Boolean(this.link) && this.holds();
    this.part.own.hidden = !this.link;
    this.part.link.textContent = this.link;
    this.part.there.hidden = !there;
    this.part.insert.hidden = there;
    if (this.link) this.part.insert.textContent = this.part.insert.dataset.label;
  }

  // The link as such: not as the beginning of another code, nor as the end of another domain.
  holds() {
    const text = this.box.value.toLowerCase();
    for (let at = text.indexOf(this.link); at >= 0; at = text.indexOf(this.link, at + 1)) {
      const before = text[at - 1] ?? " ";
      const after = text[at + this.link.length] ?? " ";
      if (!/[a-z0-9.@]/.test(before) && !/[a-z0-9]/.test(after)) return true;
    }
    return false;
  }

  remember() {
    this.caret = [this.box.selectionStart, this.box.selectionEnd];
  }

  insert() {
    if (document.activeElement === this.box) this.remember(); // not every browser moves the focus
    const { value } = this.box;
    const [start, end] = this.caret ?? [value.length, value.length];
    const before = start > 0 && !/\s$/.test(value.slice(0, start)) ? " " : "";
    const after = end < value.length && !/^\s/.test(value.slice(end)) ? " " : "";
    this.write(start, end, `${before}${this.link}${after}`);
    this.part.status.textContent = this.element.dataset.done;
  }

  // Through the editor where it can, so that the browser's own undo knows of it.
  write(start, end, words) {
    this.box.focus();
    this.box.setSelectionRange(start, end);
    const wanted = this.box.value.slice(0, start) + words + this.box.value.slice(end);
    if (document.execCommand("insertText", false, words) && this.box.value === wanted) return;
    this.box.value = wanted;
    this.box.setSelectionRange(start + words.length, start + words.length);
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
