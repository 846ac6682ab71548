// The chosen area: whole states, single LADAs, and excluded codes. It is stored only in the checkboxes
// and the field of excluded codes; the map, the chips and the counts are drawn from it.
//
// A LADA of a state that is chosen as a whole is ticked too, but not submitted: the state implies it.
// Removing such a LADA replaces the state by its other LADAs.

import { codesIn, format } from "./zone-codes.js";

const NATION = "nation";

export class ZoneChoice {
  #whole = new Set();
  #own = new Set();
  #watchers = [];

  constructor(root, texts) {
    this.root = root;
    this.texts = texts;
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
    this.form.addEventListener("formdata", ({ formData }) => this.#removeCovered(formData));
    for (const radio of this.form.querySelectorAll('input[name="scope"]')) {
      radio.addEventListener("change", () => this.draw());
    }
    this.field.addEventListener("input", () => this.draw());
  }

  get everywhere() {
    return this.form.elements.scope.value === NATION;
  }

  /** Calls `draw` after every change, and once now. */
  watch(draw) {
    this.#watchers.push(draw);
    draw();
  }

  /** The codes of the field that exist. */
  get excluded() {
    return new Set(codesIn(this.field.value, this.known).known);
  }

  /** The chosen LADAs, less the excluded. */
  reached() {
    const out = this.excluded;
    const all = this.everywhere ? this.known : this.#listed();
    return new Set([...all].filter((lada) => !out.has(lada)));
  }

  /** Whether a state itself is chosen, not only a LADA that it shares with a chosen state. */
  isChosen(state) {
    const covered = this.#covered();
    const own = (lada) => this.#own.has(lada) && !covered.has(lada);
    return this.#whole.has(state) || this.ladasOf.get(state).some(own);
  }

  /** Choose or remove LADAs. */
  set(ladas, on) {
    if (this.everywhere) this.#exclude(ladas, !on);
    else if (on) this.#include(ladas);
    else this.#remove(ladas);
    this.#changed();
  }

  /** Choose or remove a state; LADAs of another chosen state stay. */
  setState(code, on) {
    const ladas = this.ladasOf.get(code);
    if (this.everywhere) this.#exclude(ladas, !on);
    else this.#setWhole(code, on);
    this.#changed();
  }

  /** Choose the places of a pasted text, or the whole country, less those that it excludes. */
  add({ nation, included, excluded }) {
    if (nation) this.#scope(NATION);
    if (this.everywhere) this.#exclude(included, false);
    else this.#include(included);
    this.exclude(excluded);
  }

  /** Exclude LADAs, also from what is chosen later. */
  exclude(ladas) {
    for (const lada of ladas) this.#own.delete(lada);
    this.#exclude(ladas, true);
    this.#changed();
  }

  /** Replace the choice by a saved zone. */
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
      count.textContent = format(this.texts.count, { chosen, total: boxes.length });
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
    this.draw(); // the browser has already fired the form's events
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
    for (const state of this.#whole) {
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
    const { known, unknown, names } = codesIn(this.field.value, this.known);
    const codes = new Set([...known, ...unknown]);
    const before = codes.size;
    for (const lada of ladas) {
      if (out) codes.add(lada);
      else codes.delete(lada);
    }
    if (codes.size === before) return;
    this.field.value = [...codes].sort().concat(names.join(" ") || []).join(", ");
  }

  #scope(value) {
    this.form.querySelector(`input[name="scope"][value="${value}"]`).checked = true;
  }

  // Fires the events of a click, for the listeners of the form.
  #changed() {
    this.draw();
    for (const name of ["input", "change"]) {
      this.root.dispatchEvent(new Event(name, { bubbles: true }));
    }
  }

  #removeCovered(data) {
    const covered = this.#covered();
    data.delete("ladas");
    for (const lada of [...this.#own].sort()) if (!covered.has(lada)) data.append("ladas", lada);
  }
}
