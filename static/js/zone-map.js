// The map, which mirrors the list. It displays states, and the LADA zones of a state that was opened.
// A click opens a state, and chooses a zone; a button chooses the state. The map is one tab stop: arrows
// move to the nearest place in their direction, space chooses, + opens.

import { format } from "./zone-codes.js";

const SVG = "http://www.w3.org/2000/svg";
const LABEL_SIZE = 12; // pixels
const SMALL_MAP = 420; // pixels; below it only the largest zones have a label
const WIDE = "(min-width: 37.5rem)";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function mirror(root, choice, data) {
  const box = root.querySelector("[data-zone-map]");
  const wide = window.matchMedia(WIDE);
  const unfold = () => {
    if (wide.matches) box.open = true;
  };
  wide.addEventListener("change", unfold);
  unfold();
  new ZoneMap(box, choice, data).start();
}

/** Returns the nearest place in a direction, or null; places straight ahead are preferred. */
export function nearest(from, places, [dx, dy]) {
  let best = null;
  let least = Infinity;
  for (const place of places) {
    const along = (place.x - from.x) * dx + (place.y - from.y) * dy;
    const across = Math.abs((place.x - from.x) * dy) + Math.abs((place.y - from.y) * dx);
    if (along <= 0) continue;
    // A place beyond 60° is chosen only where no other is in that direction.
    const cost = along + 2 * across + (across > 1.75 * along ? 1e6 : 0);
    if (cost < least) [best, least] = [place, cost];
  }
  return best;
}

function closest(from, places) {
  const away = ({ x, y }) => Math.hypot(x - from.x, y - from.y);
  return places.reduce((best, place) => (away(place) < away(best) ? place : best));
}

function make(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

class ZoneMap {
  #opened = null; // the state whose zones are displayed
  #current = null;
  #zones = [];

  constructor(box, choice, { texts, files }) {
    Object.assign(this, { box, choice, texts, files });
    this.svg = box.querySelector("[data-map]");
    this.whole = this.svg.getAttribute("viewBox");
    this.layer = box.querySelector("[data-zones-layer]");
    this.names = box.querySelector(".map-names");
    this.rings = [...box.querySelectorAll("[data-ring]")];
    this.label = box.querySelector("[data-map-label]");
    this.status = box.querySelector("[data-map-status]");
    this.zoomIn = box.querySelector("[data-zoom-in]");
    this.zoomOut = box.querySelector("[data-zoom-out]");
    this.chooseAll = box.querySelector("[data-choose-state]");
    this.pattern = box.querySelector("pattern");
    const names = new Map(choice.groups.map(({ code, name }) => [code, name]));
    // The inset clones each state's path, so the group around the path takes the focus.
    this.states = [...box.querySelectorAll("g[data-state]")].map((node) => ({
      node,
      path: node.querySelector("path"),
      code: node.dataset.state,
      name: names.get(node.dataset.state),
      ladas: choice.ladasOf.get(node.dataset.state),
      x: Number(node.dataset.x),
      y: Number(node.dataset.y),
      labels: [...box.querySelectorAll(`text[data-name="${node.dataset.state}"]`)],
    }));
  }

  start() {
    this.svg.setAttribute("role", "group");
    this.svg.setAttribute("aria-label", this.svg.dataset.label);
    this.svg.classList.add("live");
    for (const state of this.states) this.#prepare(state);
    this.#moveTo(this.states.find(({ code }) => code === "09") ?? this.states[0]);
    this.choice.watch(() => this.draw());
    this.box.addEventListener("click", (event) => {
      const place = this.#placeOf(event.target);
      if (!place) return;
      this.#moveTo(place);
      // A screen reader clicks a checkbox, without a pointer, to choose it.
      if (place.zone || event.detail === 0) this.#choose(place);
      else this.open(place);
    });
    // The place under the pointer is the one that the label and the buttons name, but not while the
    // keyboard is on another.
    this.box.addEventListener("pointerover", (event) => {
      const place = this.#placeOf(event.target);
      if (place && !this.svg.querySelector(":focus-visible")) this.#moveTo(place);
    });
    // On the box, since Chrome makes an SVG with focus listeners a tab stop.
    this.box.addEventListener("focusin", ({ target }) => {
      if (!target.place) return;
      if (target.place !== this.#current) this.#moveTo(target.place);
      this.#drawRing(this.#current);
    });
    this.box.addEventListener("focusout", () => this.#drawRing(null));
    this.box.addEventListener("keydown", (event) => {
      if (event.target.place) this.#key(event);
    });
    this.zoomIn.addEventListener("click", () => this.open(this.#current, true));
    this.zoomOut.addEventListener("click", () => this.close(true));
    this.chooseAll.addEventListener("click", () => this.#choose(this.#state));
    this.#updateButtons();
  }

  /** The state that the buttons name. */
  get #state() {
    return this.#opened ?? this.#current;
  }

  get places() {
    return this.#opened ? this.#zones : this.states;
  }

  draw() {
    const reached = this.choice.reached();
    for (const place of [...this.states, ...this.#zones]) {
      const chosen = place.ladas.filter((lada) => reached.has(lada)).length;
      const total = place.ladas.length;
      place.level = !chosen ? "none" : chosen === total ? "whole" : "part";
      place.label = place.zone
        ? `${this.#opened.name}, ${place.name}: ${this.texts[place.level]}`
        : format(this.texts.label, { place: place.name, chosen, total });
      place.path.setAttribute("class", `map-place ${place.level}`);
      for (const label of place.labels) label.setAttribute("class", place.level);
      place.node.querySelector("title").textContent = place.label;
      place.node.setAttribute("aria-label", place.label);
      place.node.setAttribute(
        "aria-checked",
        { whole: "true", part: "mixed", none: "false" }[place.level],
      );
    }
    if (!this.#current) return;
    this.#showLabel(this.#current);
    this.#updateButtons();
  }

  /** Display the zones of a state. */
  async open(state, focus) {
    if (!state || state.zone || this.#opened) return;
    let file;
    try {
      const response = await fetch(this.files[state.code]);
      if (!response.ok) throw new Error(String(response.status));
      file = await response.json();
    } catch {
      this.label.textContent = format(this.texts.failed, { state: state.name });
      return;
    }
    this.#opened = state;
    this.svg.classList.add("opened");
    this.#fit(file);
    this.#zones = file.zones.map((zone) => this.#zone(zone, file.unit));
    const border = make("path", { class: "map-border", d: state.path.getAttribute("d") });
    this.layer.append(border, ...this.#zones.flatMap(({ labels }) => labels));
    this.draw();
    this.#moveTo(closest(state, this.#zones));
    if (focus) this.#current.node.focus();
    for (const { node } of this.states) node.setAttribute("aria-hidden", "true");
    this.svg.scrollIntoView({ block: "nearest" }); // opened in the enlarged centre, below it
  }

  /** Go back to the whole country. */
  close(focus) {
    if (!this.#opened) return;
    const state = this.#opened;
    this.#opened = null;
    this.#zones = [];
    this.layer.replaceChildren();
    this.svg.classList.remove("opened");
    this.svg.setAttribute("viewBox", this.whole);
    this.pattern.setAttribute("patternTransform", "rotate(45)");
    for (const { node } of this.states) node.removeAttribute("aria-hidden");
    this.#moveTo(state);
    this.#updateButtons();
    if (focus) state.node.focus();
  }

  #prepare(place) {
    place.node.setAttribute("role", "checkbox");
    place.node.setAttribute("tabindex", "-1");
    place.node.place = place;
  }

  #placeOf(target) {
    const shape = target.closest?.("svg [data-state], svg [data-zone]");
    if (!shape) return null;
    if (shape.place) return shape.dataset.zone || !this.#opened ? shape.place : null;
    return this.states.find(({ code }) => code === shape.dataset.state); // in the inset
  }

  #zone({ code, ladas, city, path, point, room }, unit) {
    const shape = make("path", {
      d: path,
      transform: `scale(${unit})`,
      fill: "url(#mapa-parte)",
      "data-zone": code,
    });
    shape.append(make("title", {}));
    const [x, y] = point.map((n) => n * unit);
    const size = this.scale * LABEL_SIZE;
    const labels = [];
    if (room * unit > size * (this.svg.clientWidth < SMALL_MAP ? 1 : 0.7) * code.length) {
      labels.push(make("text", { x, y, "font-size": size, "aria-hidden": "true" }));
      labels[0].textContent = code;
    }
    const codes = [...ladas].sort().join(", ").replace(/, (\d+)$/, `${this.texts.and}$1`);
    const name = format(this.texts.zone, { codes, city });
    const zone = { zone: true, node: shape, path: shape, code, name, ladas, x, y, labels };
    this.#prepare(zone);
    this.layer.append(shape);
    return zone;
  }

  // Zooms to a state with the proportions of the whole map, so that the layout does not change.
  #fit({ box, unit }) {
    const [left, top, width, height] = box.map((n) => n * unit);
    const [, , wholeWidth, wholeHeight] = this.whole.split(" ").map(Number);
    const zoom = Math.max((width * 1.1) / wholeWidth, (height * 1.1) / wholeHeight);
    const [w, h] = [wholeWidth * zoom, wholeHeight * zoom];
    const view = [left + width / 2 - w / 2, top + height / 2 - h / 2, w, h];
    this.svg.setAttribute("viewBox", view.map((n) => n.toFixed(1)).join(" "));
    this.scale = w / (this.svg.clientWidth || 600); // units of a pixel
    this.pattern.setAttribute("patternTransform", `rotate(45) scale(${(zoom / unit).toFixed(3)})`);
  }

  #moveTo(place) {
    const hadFocus = this.svg.contains(document.activeElement);
    this.#current?.node.setAttribute("tabindex", "-1");
    this.#current = place;
    place.node.setAttribute("tabindex", "0");
    this.#showLabel(place);
    this.#updateButtons();
    if (!hadFocus) return;
    if (document.activeElement !== place.node) place.node.focus({ preventScroll: true });
    this.#drawRing(place);
  }

  #choose(place) {
    const on = place.level !== "whole";
    if (place.zone) this.choice.set(place.ladas, on);
    else this.choice.setState(place.code, on);
    this.status.textContent = place.label;
  }

  #showLabel(place) {
    if (place?.label) this.label.textContent = place.label;
  }

  #drawRing(place) {
    for (const ring of this.rings) {
      ring.setAttribute("d", place ? place.path.getAttribute("d") : "");
      ring.setAttribute("transform", place?.path.getAttribute("transform") ?? "scale(1)");
    }
  }

  #updateButtons() {
    const { name, level } = this.#state;
    this.zoomIn.hidden = Boolean(this.#opened);
    this.zoomOut.hidden = !this.#opened;
    this.chooseAll.hidden = false;
    this.zoomIn.textContent = format(this.texts.open, { state: name });
    const text = level === "whole" ? this.texts.drop_whole : this.texts.choose_whole;
    this.chooseAll.textContent = format(text, { state: name });
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in ARROWS) {
      const next = nearest(this.#current, this.places, ARROWS[event.key]);
      if (next) this.#moveTo(next);
    } else if (event.key === " " || event.key === "Enter") this.#choose(this.#current);
    else if (event.key === "+") this.open(this.#current, true);
    else if (event.key === "-" || event.key === "Escape") this.close(true);
    else return;
    event.preventDefault();
  }
}
