// Shows the lines of the list that the server's search finds, the best first.

import { format, plural } from "./zone-codes.js";

const DELAY = 80; // milliseconds; a new request aborts the one in flight

export function search(root, choice, { texts, files }) {
  const field = root.querySelector("[data-zone-search]");
  const status = root.querySelector("[data-zone-found]");
  const list = root.querySelector("[data-zones]");
  const groups = new Map(
    choice.groups.map(({ code, element, boxes }) => [
      code,
      { element, lines: new Map(boxes.map((box) => [box.value, box.closest("label")])) },
    ]),
  );
  let open = null; // the states that were open before the search
  let timer = 0;
  let request = null;

  function reset() {
    for (const note of list.querySelectorAll("[data-includes]")) note.remove();
    for (const { element, lines } of groups.values()) {
      list.append(element);
      element.hidden = false;
      element.classList.remove("narrowed");
      for (const line of lines.values()) {
        line.hidden = false;
        line.parentElement.append(line);
      }
    }
  }

  function showAll() {
    reset();
    status.textContent = "";
    if (open) for (const [code, { element }] of groups) element.open = open.has(code);
    open = null;
  }

  function note(line, cities) {
    const part = document.createElement("span");
    part.className = "muted small";
    part.dataset.includes = "";
    part.textContent = ` ${format(texts.includes, { cities: cities.join(", ") })}`;
    line.querySelector("span").append(part);
  }

  function show(found, text) {
    open ??= new Set([...groups].filter(([, { element }]) => element.open).map(([code]) => code));
    reset();
    const byState = new Map();
    for (const line of found) byState.set(line[0], [...(byState.get(line[0]) ?? []), line]);
    for (const [code, { element, lines }] of groups) {
      const inState = byState.get(code) ?? [];
      element.hidden = !inState.length;
      element.open = inState.length > 0;
      element.classList.toggle("narrowed", inState.length < lines.size);
      for (const line of lines.values()) line.hidden = true;
    }
    for (const [code, inState] of byState) {
      const { lines } = groups.get(code);
      for (const [, lada, cities] of inState) {
        const line = lines.get(lada);
        line.hidden = false;
        line.parentElement.append(line);
        if (cities.length) note(line, cities);
      }
    }
    list.prepend(...[...byState.keys()].map((code) => groups.get(code).element));
    list.scrollTop = 0;
    const ladas = new Set(found.map(([, lada]) => lada)).size;
    status.textContent = ladas
      ? plural(texts.found, ladas, { states: plural(texts.states, byState.size) })
      : format(texts.nothing, { text });
  }

  async function load() {
    request?.abort();
    const text = field.value.trim();
    if (!text) return showAll();
    const own = new AbortController();
    request = own;
    try {
      const url = `${files.search}?${new URLSearchParams({ q: text })}`;
      const response = await fetch(url, { credentials: "same-origin", signal: own.signal });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      const { lines } = await response.json();
      if (request === own) show(lines, text);
    } catch (error) {
      if (error.name === "AbortError") return;
      showAll();
      status.textContent = texts.search_failed;
    }
  }

  field.addEventListener("input", (event) => {
    event.stopPropagation(); // not a term of the campaign
    window.clearTimeout(timer);
    timer = window.setTimeout(load, field.value.trim() ? DELAY : 0);
  });
  field.addEventListener("change", (event) => event.stopPropagation());
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // Enter would submit the form
  });
  if (field.value) load();
}
