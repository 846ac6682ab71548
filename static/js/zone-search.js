// Filters the list by state, city or LADA. Accents and case are ignored; each word of the search must
// be the beginning of a word of the place, as in `search` of segments/models/places.py.

import { format, plural } from "./zone-codes.js";

const MAX_CITIES = 3; // other cities that are named beside a LADA

export function unaccented(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

const wordsOf = (text) => unaccented(text).split(/\s+/).filter(Boolean);

function begins(words, place) {
  return words.every((word) => place.some((other) => other.startsWith(word)));
}

export function search(root, choice, { texts, files }) {
  const field = root.querySelector("[data-zone-search]");
  const status = root.querySelector("[data-zone-found]");
  const places = choice.groups.map((group) => ({
    ...group,
    words: wordsOf(group.name),
    lines: group.boxes.map((box) => {
      const line = box.closest("label");
      const text = line.querySelector("span");
      const own = text.cloneNode(true);
      own.querySelector(".muted")?.remove(); // codes of the same territory
      return { line, text, code: box.value, words: wordsOf(own.textContent), others: [] };
    }),
  }));
  let open = null; // the states that were open before the search
  let isLoaded = false;

  async function loadCities() {
    if (isLoaded) return;
    isLoaded = true;
    try {
      const cities = await (await fetch(files.cities)).json();
      for (const { lines } of places) {
        for (const line of lines) {
          line.others = (cities[line.code] ?? []).map((name) => ({ name, words: wordsOf(name) }));
        }
      }
      if (field.value) draw();
    } catch {
      isLoaded = false; // states and main cities are still found
    }
  }

  function find(place, line, query) {
    line.text.querySelector("[data-includes]")?.remove();
    line.line.hidden = false;
    if (!query.length || begins(query, place.words)) return true;
    if (begins(query, [...line.words, ...place.words])) return true;
    const cities = line.others.filter((city) => begins(query, [...city.words, ...place.words]));
    if (!cities.length) return !(line.line.hidden = true);
    const note = document.createElement("span");
    note.className = "muted small";
    note.dataset.includes = "";
    const names = cities.slice(0, MAX_CITIES).map((city) => city.name);
    note.textContent = ` ${format(texts.includes, { cities: names.join(", ") })}`;
    line.text.append(note);
    return true;
  }

  function draw() {
    const query = wordsOf(field.value);
    if (query.length && !open) open = places.map(({ element }) => element.open);
    const ladas = new Set();
    let states = 0;
    places.forEach((place, i) => {
      const found = place.lines.filter((line) => find(place, line, query));
      place.element.hidden = !found.length;
      place.element.classList.toggle("narrowed", found.length < place.lines.length);
      if (query.length) place.element.open = found.length > 0;
      else if (open) place.element.open = open[i];
      states += found.length > 0;
      for (const { code } of found) ladas.add(code);
    });
    if (!query.length) open = null;
    status.textContent = !query.length
      ? ""
      : ladas.size
        ? plural(texts.found, ladas.size, { states: plural(texts.states, states) })
        : format(texts.nothing, { text: field.value.trim() });
  }

  field.addEventListener("focus", loadCities, { once: true });
  field.addEventListener("input", (event) => {
    event.stopPropagation(); // not a term of the campaign
    loadCities();
    draw();
  });
  field.addEventListener("change", (event) => event.stopPropagation());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // Enter would submit the form
  });
  if (field.value) draw();
}
