// What is chosen where: whole states, single LADAs, and codes left out. The checkboxes and the
// field of excluded codes are its only store; the map, the chips and the counts are drawn from it.
//
// A LADA of a state that is chosen whole is ticked as well, but the form does not send it: the
// state says it. Taking such a LADA out breaks the state up into the others.

import { codesIn, say } from "./zone-codes.js";

const NATION = "nation";

export class ZoneChoice {
  #whole = new Set();
  #own = new Set();
  #watchers = [];

  constructor(root, words) {
    this.root = root;
    this.words = words;
    this.form = root.closest("form");
    this.field = this.form.elements.excluded;
    this.groups = [...root.querySelectorAll("[data-zones] [data-state]")].map((element) => ({
      element,
      code: element.dataset.state,
      name: element.querySelector("[data-name]").textContent,
      box: element.querySelector('input[name="states"]'),
      boxes: [...element.querySelectorAll('input[name="ladas"]')],
      count: element.querySelector("[data-count]"),
    }));
    this.ladasOf = new Map(this.groups.map((g) => [g.code, g.boxes.map((box) => box.value)]));
    this.known = new Set([...this.ladasOf.values()].flat());
    this.#read();
    root.addEventListener("change", (event) => this.#ticked(event.target));
    this.form.addEventListener("formdata", ({ formData }) => this.#send(formData));
    for (const radio of this.form.querySelectorAll('input[name="scope"]')) {
      radio.addEventListener("change", () => this.draw());
    }
    this.field.addEventListener("input", () => this.draw());
  }

  get everywhere() {
    return this.form.elements.scope.value === NATION;
  }

  /** Calls back after every change, and once now. */
  watch(draw) {
    this.#watchers.push(draw);
    draw();
  }

  /** The codes of the field that exist. */
  get excluded() {
    return new Set(codesIn(this.field.value, this.known).known);
  }

  /** The LADAs that are chosen, as the whole country or as the list says. */
  reached() {
    const out = this.excluded;
    const all = this.everywhere ? this.known : this.#listed();
    return new Set([...all].filter((lada) => !out.has(lada)));
  }

  /** Say whether a state is chosen in its own right, not only by a LADA that another brings along. */
  isChosen(state) {
    const covered = this.#covered();
    const own = (lada) => this.#own.has(lada) && !covered.has(lada);
    return this.#whole.has(state) || this.ladasOf.get(state).some(own);
  }

  /** Put LADAs in or out. */
  set(ladas, on) {
    if (this.everywhere) this.#exclude(ladas, !on);
    else if (on) this.#include(ladas);
    else this.#remove(ladas);
    this.#changed();
  }

  /** Put a whole state in or out; what another whole state brings along stays. */
  setState(code, on) {
    const ladas = this.ladasOf.get(code);
    if (this.everywhere) this.#exclude(ladas, !on);
    else this.#setWhole(code, on);
    this.#changed();
  }

  /** Take LADAs out and keep them out, whatever is chosen later. */
  exclude(ladas) {
    for (const lada of ladas) this.#own.delete(lada);
    this.#exclude(ladas, true);
    this.#changed();
  }

  /** Choose what a saved zone says. */
  replace({ scope, states, ladas, excluded }) {
    this.#scope(scope);
    this.#whole = new Set(states);
    this.#own = new Set(ladas);
    this.field.value = excluded;
    this.#changed();
  }

  draw() {
    const listed = this.#listed();
    const out = this.excluded;
    for (const { code, box, boxes, count, element } of this.groups) {
      let chosen = 0;
      for (const lada of boxes) {
        lada.checked = listed.has(lada.value) && !out.has(lada.value);
        chosen += lada.checked;
      }
      box.checked = this.#whole.has(code);
      box.indeterminate = chosen > 0 && chosen < boxes.length;
      count.textContent = say(this.words.count, { chosen, total: boxes.length });
      element.classList.toggle("has-chosen", chosen > 0);
    }
    for (const watcher of this.#watchers) watcher();
  }

  #read() {
    for (const { code, box, boxes } of this.groups) {
      if (box.checked) this.#whole.add(code);
      for (const lada of boxes) if (lada.checked) this.#own.add(lada.value);
    }
    this.draw();
  }

  #listed() {
    return new Set([...this.#own, ...this.#covered()]);
  }

  #covered() {
    return new Set([...this.#whole].flatMap((state) => this.ladasOf.get(state)));
  }

  #ticked({ name, value, checked }) {
    if (name === "states") this.#setWhole(value, checked);
    else if (name === "ladas" && checked) this.#include([value]);
    else if (name === "ladas") this.#remove([value]);
    else return;
    this.draw(); // the browser's own events have told the form already
  }

  #include(ladas) {
    this.#scope("zones");
    this.#exclude(ladas, false);
    for (const lada of ladas) this.#own.add(lada);
    for (const [code, inside] of this.ladasOf) {
      if (inside.every((lada) => this.#own.has(lada))) this.#whole.add(code);
    }
  }

  #remove(ladas) {
    for (const state of [...this.#whole]) {
      const inside = this.ladasOf.get(state);
      if (!ladas.some((lada) => inside.includes(lada))) continue;
      this.#whole.delete(state);
      for (const lada of inside) this.#own.add(lada);
    }
    for (const lada of ladas) this.#own.delete(lada);
  }

  #setWhole(code, on) {
    if (on) {
      this.#scope("zones");
      this.#exclude(this.ladasOf.get(code), false);
      this.#whole.add(code);
      return;
    }
    this.#whole.delete(code);
    for (const lada of this.ladasOf.get(code)) this.#own.delete(lada);
  }

  #exclude(ladas, out) {
    const { known, unknown } = codesIn(this.field.value, this.known);
    const codes = new Set([...known, ...unknown]);
    const before = codes.size;
    for (const lada of ladas) out ? codes.add(lada) : codes.delete(lada);
    if (codes.size !== before) this.field.value = [...codes].sort().join(", ");
  }

  #scope(value) {
    this.form.querySelector(`input[name="scope"][value="${value}"]`).checked = true;
  }

  // As if the boxes had been clicked: whoever follows the form hears of it.
  #changed() {
    this.draw();
    for (const name of ["input", "change"]) {
      this.root.dispatchEvent(new Event(name, { bubbles: true }));
    }
  }

  #send(data) {
    const covered = this.#covered();
    data.delete("ladas");
    for (const lada of [...this.#own].sort()) if (!covered.has(lada)) data.append("ladas", lada);
  }
}
