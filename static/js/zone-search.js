// Narrows the list to what is searched by state, city or LADA. Accents and capitals do not count; each
// word must begin a word of the place, as in segments/models/places.py `search`.

import { plural, say } from "./zone-codes.js";

const SHOWN = 3; // other cities named beside a LADA that was found by them

export function unaccented(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

const wordsOf = (text) => unaccented(text).split(/\s+/).filter(Boolean);

function begins(words, place) {
  return words.every((word) => place.some((other) => other.startsWith(word)));
}

export function search(root, choice, { words, files }) {
  const field = root.querySelector("[data-zone-search]");
  const said = root.querySelector("[data-zone-found]");
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
  let asked = false;

  async function learnCities() {
    if (asked) return;
    asked = true;
    try {
      const cities = await (await fetch(files.cities)).json();
      for (const { lines } of places) {
        for (const line of lines) {
          line.others = (cities[line.code] ?? []).map((name) => ({ name, words: wordsOf(name) }));
        }
      }
      if (field.value) draw();
    } catch {
      asked = false; // names of states and main cities are found all the same
    }
  }

  function find(place, line, sought) {
    line.text.querySelector("[data-includes]")?.remove();
    line.line.hidden = false;
    if (!sought.length || begins(sought, place.words)) return true;
    if (begins(sought, [...line.words, ...place.words])) return true;
    const cities = line.others.filter((city) => begins(sought, [...city.words, ...place.words]));
    if (!cities.length) return !(line.line.hidden = true);
    const note = document.createElement("span");
    note.className = "muted small";
    note.dataset.includes = "";
    const names = cities.slice(0, SHOWN).map((city) => city.name);
    note.textContent = ` ${say(words.includes, { cities: names.join(", ") })}`;
    line.text.append(note);
    return true;
  }

  function draw() {
    const sought = wordsOf(field.value);
    if (sought.length && !open) open = places.map(({ element }) => element.open);
    let ladas = new Set();
    let states = 0;
    places.forEach((place, i) => {
      const found = place.lines.filter((line) => find(place, line, sought));
      place.element.hidden = !found.length;
      place.element.classList.toggle("narrowed", found.length < place.lines.length);
      if (sought.length) place.element.open = found.length > 0;
      else if (open) place.element.open = open[i];
      states += found.length > 0;
      for (const { code } of found) ladas.add(code);
    });
    if (!sought.length) open = null;
    said.textContent = !sought.length
      ? ""
      : ladas.size
        ? plural(words.found, ladas.size, { states: plural(words.states, states) })
        : say(words.nothing, { text: field.value.trim() });
  }

  field.addEventListener("focus", learnCities, { once: true });
  field.addEventListener("input", (event) => {
    event.stopPropagation(); // no term of the campaign
    learnCities();
    draw();
  });
  field.addEventListener("change", (event) => event.stopPropagation());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // would save the form
  });
  if (field.value) draw();
}
