// Updates the ad text field while a person types. The server renders the same without a script
// (campaigns/ad_text/display.py and the template ad_text_field.html). It changes the text only on a
// click, and never interrupts typing.

import { segmentsOf, wordAt, wordsChanged } from "./ad-text-display.js";
import { advice, check, fill, fix, lengthOf, normalise, warm } from "./ad-text-law.js";

const QUIET_MS = 1000;

export async function init(element) {
  const law = await load(element.dataset.law);
  if (!law) return;
  new Field(element, law).start();
  setTimeout(warm, 0, law);
}

async function load(where) {
  if (where.startsWith("#")) return JSON.parse(document.querySelector(where).textContent);
  const response = await fetch(where);
  return response.ok ? response.json() : null;
}

function make(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

class Field {
  constructor(element, law) {
    this.law = law;
    this.box = element.querySelector("textarea");
    this.link = element.dataset.link;
    this.room = Number(element.dataset.limit) - (this.link ? lengthOf(this.link) + 1 : 0);
    this.part = {};
    for (const node of element.querySelectorAll("[data-part]")) this.part[node.dataset.part] = node;
    this.ad = this.part.phone.querySelector(".phone-ad");
    this.composing = false;
    this.before = null;
    this.drawn = "";
  }

  start() {
    this.box.addEventListener("compositionstart", () => (this.composing = true));
    this.box.addEventListener("compositionend", () => {
      this.composing = false;
      this.follow();
    });
    this.box.addEventListener("input", (event) => {
      if (!this.composing && !event.isComposing) this.follow();
    });
    this.part.fix.addEventListener("toggle", () => this.drawPreview());
    this.part.apply.addEventListener("click", (event) => {
      event.preventDefault();
      this.change(fix(this.box.value, this.room, this.law).text);
    });
    this.part.undo.querySelector("button").addEventListener("click", (event) => {
      if (this.before === null) return;
      event.preventDefault();
      this.write(undoFix(this.before, this.fixed, this.box.value));
      this.before = null;
      this.part.undo.hidden = true;
      this.announce(this.law.field.undone);
    });
    this.read();
    this.draw();
    this.announced = this.summary();
    this.wasOver = this.over > 0;
    this.wasWrong = this.signs.length > 0;
  }

  read() {
    const text = this.box.value;
    this.text = normalise(text, this.law);
    this.over = lengthOf(this.text) - this.room;
    this.problems = check(text, this.room, this.law);
    this.signs = this.problems.filter(({ code }) => code !== "empty" && code !== "too_long");
    this.hints = advice(text, this.law);
  }

  follow() {
    this.read();
    this.draw();
    const over = this.over > 0;
    const wrong = this.signs.length > 0;
    if (over !== this.wasOver || (wrong && !this.wasWrong)) this.announce(this.summary());
    this.wasOver = over;
    this.wasWrong = wrong;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.announce(this.summary()), QUIET_MS);
  }

  announce(text) {
    if (text === this.announced) return;
    this.announced = text;
    this.part.status.textContent = text;
  }

  summary() {
    return `${this.counter().replace(/[.]$/, "")}. ${this.signCount()}`;
  }

  counter() {
    return this.over > 0 ? this.counted("over", this.over) : this.counted("left", -this.over);
  }

  signCount() {
    const { length } = this.signs;
    return length ? this.counted("to_fix", length) : this.law.field.clean;
  }

  counted(key, n) {
    return fill(this.law.field[n === 1 ? `${key}_one` : key], { n });
  }

  draw() {
    const wrong = this.signs.length > 0;
    this.part.counter.textContent = this.counter();
    this.part.counter.classList.toggle("is-wrong", this.over > 0);
    this.part.signs.textContent = this.signCount();
    this.part.signs.classList.toggle("is-wrong", wrong);
    this.part.field.classList.toggle("has-error", wrong || this.over > 0);
    if (wrong || this.over > 0) this.box.setAttribute("aria-invalid", "true");
    else this.box.removeAttribute("aria-invalid");
    this.ad.textContent = [this.text, this.link].filter(Boolean).join(" ");
    this.drawCopy();
    this.drawProblems();
  }

  drawCopy() {
    const segments = segmentsOf(this.text, this.problems, this.law).map(([text, problem]) =>
      problem ? make("mark", "", text) : text,
    );
    this.part.copy.replaceChildren(...segments);
  }

  drawProblems() {
    const where = (one) => wordAt(this.text, one.position, lengthOf(one.offending), this.law);
    const key = ({ position, offending, fix: replacement }) => [position, offending, replacement];
    const found = [...this.signs, ...this.hints];
    const drawn = JSON.stringify(found.map((one) => [...key(one), where(one)]));
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.fillList(this.part.chips, this.signs, where);
    this.fillList(this.part.advice, this.hints, where);
    const fixable = this.signs.filter((one) => one.fix !== null).length;
    this.part.fix.hidden = !fixable;
    this.part.correct.textContent = this.counted("correct", fixable);
    if (!fixable) this.part.fix.open = false;
    this.drawPreview();
  }

  fillList(list, found, where) {
    list.replaceChildren(...found.map((one) => this.chip(one, where(one))));
    list.hidden = !found.length;
  }

  chip(problem, word) {
    const item = make("li");
    const { within, whole } = this.law.field;
    const label = fill(word === problem.offending ? whole : within, { sign: problem.offending, word });
    const where = make("button", "ad-text-where", label);
    where.type = "button";
    where.addEventListener("click", () => this.select(problem));
    item.append(where, make("span", "ad-text-message", problem.message));
    if (problem.fix !== null) {
      const button = make("button", "button link small", problem.remedy);
      button.type = "button";
      button.addEventListener("click", () => {
        this.change(fix(this.box.value, this.room, this.law, problem.position).text);
      });
      item.append(button);
    }
    // The server makes the short link, and writes it in the place of this one.
    if (problem.code === "link_sign") {
      const button = make("button", "button link small", this.law.field.own_link);
      button.type = "submit";
      button.name = "action";
      button.value = `link:${problem.position}`;
      item.append(button);
    }
    return item;
  }

  drawPreview() {
    if (!this.part.fix.open) return;
    const { changes } = fix(this.box.value, this.room, this.law);
    const rows = wordsChanged(this.text, changes, this.law).map(({ before, after }) => {
      const row = make("li");
      const arrow = make("span", "", "→");
      arrow.setAttribute("aria-hidden", "true");
      const result = after ? make("ins", "", after) : make("em", "", this.law.field.removed);
      row.append(make("del", "", before), " ", arrow, " ", result);
      return row;
    });
    this.part.preview.replaceChildren(...rows);
  }

  change(text) {
    const before = this.box.value;
    this.write(text);
    this.before = before;
    this.fixed = text;
    this.part.undo.hidden = false;
    this.announce(`${this.law.field.applied}. ${this.summary()}`);
  }

  // Through the editor where possible, so that the browser's own undo includes it.
  write(text) {
    this.box.focus();
    this.box.select();
    const typed = document.execCommand(text ? "insertText" : "delete", false, text);
    if (!typed || this.box.value !== text) {
      this.box.value = text;
      this.box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  select({ position, offending }) {
    const start = this.offsetOf(position);
    this.box.focus();
    this.box.setSelectionRange(start, this.offsetOf(position + lengthOf(offending)));
  }

  // The offset in the textarea of a position of the normalised text: what was typed may not be NFC.
  offsetOf(position) {
    const raw = this.box.value;
    let found = 0;
    for (let offset = 0; offset <= raw.length; offset += 1) {
      if (lengthOf(normalise(raw.slice(0, offset), this.law)) <= position) found = offset;
    }
    return found;
  }
}

// What was typed since a fix, with the fix undone; nothing is undone where both overlap.
function undoFix(before, fixed, typed) {
  const start = commonLength(before, fixed);
  const end = commonLength(reversed(before.slice(start)), reversed(fixed.slice(start)));
  const kept = fixed.length - end;
  if (typed.startsWith(fixed.slice(0, kept))) {
    return before.slice(0, before.length - end) + typed.slice(kept);
  }
  const rest = fixed.slice(start);
  if (typed.endsWith(rest)) return typed.slice(0, typed.length - rest.length) + before.slice(start);
  return typed;
}

function commonLength(first, second) {
  let length = 0;
  while (length < first.length && first[length] === second[length]) length += 1;
  return length;
}

function reversed(text) {
  return text.split("").reverse().join("");
}
