// The map as mirror of the list: one tab stop, arrows to the nearest place in that direction, space to
// choose; states first, and the LADA zones of a state once it is opened.

import { say } from "./zone-codes.js";

const SVG = "http://www.w3.org/2000/svg";
const LETTER = 12; // pixels of a zone's name
const CRAMPED = 420; // pixels of a map on which only the largest zones bear their name
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

/** Gives the place nearest to one in a direction: ahead rather than aside. */
export function nearest(from, places, [dx, dy]) {
  let best = null;
  let least = Infinity;
  for (const place of places) {
    const along = (place.x - from.x) * dx + (place.y - from.y) * dy;
    const across = Math.abs((place.x - from.x) * dy) + Math.abs((place.y - from.y) * dx);
    if (along <= 0) continue;
    // Beyond 60° it counts as if it stood much farther: only where nothing lies ahead.
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
  #opened = null; // the state whose zones are shown
  #current = null;
  #zones = [];

  constructor(box, choice, { words, files }) {
    Object.assign(this, { box, choice, words, files });
    this.svg = box.querySelector("[data-map]");
    this.whole = this.svg.getAttribute("viewBox");
    this.layer = box.querySelector("[data-zones-layer]");
    this.names = box.querySelector(".map-names");
    this.rings = [...box.querySelectorAll("[data-ring]")];
    this.told = box.querySelector("[data-told]");
    this.status = box.querySelector("[data-map-status]");
    this.zoomIn = box.querySelector("[data-zoom-in]");
    this.zoomOut = box.querySelector("[data-zoom-out]");
    this.pattern = box.querySelector("pattern");
    const names = new Map(choice.groups.map(({ code, name }) => [code, name]));
    // The inset clones each state's path: what takes the focus is the group around it.
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
    this.#stop(this.states.find(({ code }) => code === "09") ?? this.states[0]);
    this.choice.watch(() => this.draw());
    this.svg.addEventListener("click", (event) => {
      const place = this.#placeOf(event.target);
      if (!place) return;
      this.#stop(place);
      this.#choose(place);
    });
    this.svg.addEventListener("pointerover", (event) => this.#tell(this.#placeOf(event.target)));
    this.svg.addEventListener("pointerleave", () => this.#tell(this.#current));
    // On the box: Chrome puts an SVG that listens to the focus among the tab stops.
    this.box.addEventListener("focusin", ({ target }) => {
      if (!target.place) return;
      if (target.place !== this.#current) this.#stop(target.place);
      this.#ring(this.#current);
    });
    this.box.addEventListener("focusout", () => this.#ring(null));
    this.box.addEventListener("keydown", (event) => {
      if (event.target.place) this.#key(event);
    });
    this.zoomIn.addEventListener("click", () => this.open(this.#current, true));
    this.zoomOut.addEventListener("click", () => this.close(true));
    this.#offer();
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
      place.said = place.zone
        ? `${place.name}: ${this.words[place.level]}`
        : say(this.words.told, { place: place.name, chosen, total });
      place.path.setAttribute("class", `map-place ${place.level}`);
      for (const label of place.labels) label.setAttribute("class", place.level);
      place.node.querySelector("title").textContent = place.said;
      place.node.setAttribute("aria-label", place.said);
      place.node.setAttribute(
        "aria-checked",
        { whole: "true", part: "mixed", none: "false" }[place.level],
      );
    }
    if (this.#current) this.#tell(this.#current);
  }

  /** Show the zones of a state. */
  async open(state, focus) {
    if (!state || state.zone || this.#opened) return;
    let file;
    try {
      const answer = await fetch(this.files[state.code]);
      if (!answer.ok) throw new Error(String(answer.status));
      file = await answer.json();
    } catch {
      this.told.textContent = say(this.words.failed, { state: state.name });
      return;
    }
    this.#opened = state;
    this.svg.classList.add("opened");
    this.#fit(file);
    this.#zones = file.zones.map((zone) => this.#zone(zone, file.unit));
    const border = make("path", { class: "map-border", d: state.path.getAttribute("d") });
    this.layer.append(border, ...this.#zones.flatMap(({ labels }) => labels));
    this.draw();
    for (const { node } of this.states) node.setAttribute("aria-hidden", "true");
    this.#stop(closest(state, this.#zones));
    this.#offer();
    if (focus) this.#current.node.focus();
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
    this.#stop(state);
    this.#offer();
    if (focus) state.node.focus();
  }

  #prepare(place) {
    place.node.setAttribute("role", "checkbox");
    place.node.setAttribute("tabindex", "-1");
    place.node.place = place;
  }

  #placeOf(target) {
    const shape = target.closest?.("[data-state], [data-zone]");
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
    const size = this.scale * LETTER;
    const labels = [];
    if (room * unit > size * (this.svg.clientWidth < CRAMPED ? 1 : 0.7) * code.length) {
      labels.push(make("text", { x, y, "font-size": size, "aria-hidden": "true" }));
      labels[0].textContent = code;
    }
    const codes = [...ladas].sort().join(", ").replace(/, (\d+)$/, `${this.words.and}$1`);
    const name = say(this.words.zone, { codes, city });
    const zone = { zone: true, node: shape, path: shape, code, name, ladas, x, y, labels };
    this.#prepare(zone);
    this.layer.append(shape);
    return zone;
  }

  // The part of the map that shows the state, with the proportions of the whole: nothing jumps.
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

  #stop(place) {
    const had = this.svg.contains(document.activeElement);
    this.#current?.node.setAttribute("tabindex", "-1");
    this.#current = place;
    place.node.setAttribute("tabindex", "0");
    this.#tell(place);
    this.#offer();
    if (!had) return;
    if (document.activeElement !== place.node) place.node.focus({ preventScroll: true });
    this.#ring(place);
  }

  #choose(place) {
    const on = place.level !== "whole";
    if (place.zone) this.choice.set(place.ladas, on);
    else this.choice.setState(place.code, on);
    this.status.textContent = place.said;
  }

  #tell(place) {
    if (place?.said) this.told.textContent = place.said;
  }

  #ring(place) {
    for (const ring of this.rings) {
      ring.setAttribute("d", place ? place.path.getAttribute("d") : "");
      ring.setAttribute("transform", place?.path.getAttribute("transform") ?? "scale(1)");
    }
  }

  #offer() {
    const state = this.#opened ? null : this.#current;
    this.zoomIn.hidden = !state;
    this.zoomOut.hidden = !this.#opened;
    if (state) this.zoomIn.textContent = say(this.words.open, { state: state.name });
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in ARROWS) {
      const next = nearest(this.#current, this.places, ARROWS[event.key]);
      if (next) this.#stop(next);
    } else if (event.key === " " || event.key === "Enter") this.#choose(this.#current);
    else if (event.key === "+") this.open(this.#current, true);
    else if (event.key === "-" || event.key === "Escape") this.close(true);
    else return;
    event.preventDefault();
  }
}
