// The zone picker: the list is the control, and search, pasted codes, chips, saved zones and the map
// act on it. Without this script the list works alone and each button is answered by the server.

import { ZoneChoice } from "./zone-choice.js";
import { codesIn, message, plural, say } from "./zone-codes.js";
import { mirror } from "./zone-map.js";
import { search } from "./zone-search.js";

export function init(root) {
  const data = JSON.parse(root.querySelector("#zone-picker-data").textContent);
  const choice = new ZoneChoice(root, data.words);
  search(root, choice, data);
  paste(root, choice, data.words);
  chips(root, choice, data.words);
  saved(root, choice, data);
  keep(root);
  mirror(root, choice, data);
}

// What is typed here is no term of the campaign.
function aside(field) {
  for (const name of ["input", "change"]) {
    field.addEventListener(name, (event) => event.stopPropagation());
  }
}

function paste(root, choice, words) {
  const box = root.querySelector("[data-zone-paste]");
  const field = box.querySelector("textarea");
  const said = box.querySelector("[data-codes-said]");
  const include = box.querySelector("[data-include]");
  const exclude = box.querySelector("[data-exclude]");
  const labels = [include.textContent, exclude.textContent];
  aside(field);

  function read() {
    const codes = codesIn(field.value, choice.known);
    const n = codes.known.length;
    said.textContent = field.value.trim() ? message(codes, words) : "";
    include.textContent = n ? plural(words.include, n) : labels[0];
    exclude.textContent = n ? plural(words.exclude, n) : labels[1];
    return codes;
  }

  function apply(event, act, done) {
    event.preventDefault();
    const codes = read();
    if (!codes.known.length) {
      said.textContent = message(codes, words);
      field.focus();
      return;
    }
    const told = message(codes, words);
    act(codes.known);
    field.value = codes.unknown.join(", ");
    read();
    said.textContent = `${told}. ${plural(done, codes.known.length)}`;
  }

  field.addEventListener("input", read);
  include.addEventListener("click", (event) =>
    apply(event, (known) => choice.set(known, true), words.included),
  );
  exclude.addEventListener("click", (event) =>
    apply(event, (known) => choice.exclude(known), words.excluded),
  );
  if (field.value && !said.textContent) read();
}

function chips(root, choice, words) {
  const list = root.querySelector("[data-zone-chips]");

  function chip({ code, name }, chosen, total) {
    const item = document.createElement("li");
    item.className = "chip";
    const text = document.createElement("span");
    text.textContent = say(words.chip, { state: name, chosen, total });
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.drop = code;
    button.setAttribute("aria-label", say(words.drop, { state: name }));
    item.append(text, " ", button);
    return item;
  }

  choice.watch(() => {
    const reached = choice.reached();
    const chosen = ({ code }) => choice.ladasOf.get(code).filter((l) => reached.has(l)).length;
    const shown = choice.everywhere ? [] : choice.groups.filter(({ code }) => choice.isChosen(code));
    const focused = [...list.children].findIndex((item) => item.contains(document.activeElement));
    list.replaceChildren(...shown.map((g) => chip(g, chosen(g), g.boxes.length)));
    if (focused < 0) return;
    const next = list.children[Math.min(focused, list.children.length - 1)];
    (next?.querySelector("button") ?? root.querySelector("[data-zone-search]")).focus();
  });
  list.addEventListener("click", ({ target }) => {
    if (target.dataset.drop) choice.setState(target.dataset.drop, false);
  });
}

function saved(root, choice, { words, saved: zones }) {
  const said = root.querySelector("[data-kept]");
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-apply]");
    const zone = button && zones[button.dataset.apply];
    if (!zone) return;
    event.preventDefault();
    choice.replace(zone);
    said.textContent = say(words.applied, { name: button.textContent });
  });

  // A zone that was just saved comes with its button and its choice.
  root.addEventListener("zone-kept", ({ detail }) => {
    Object.assign(zones, detail);
  });
}

// Saves by the server and takes over what its page says, so that nothing else on this one is lost.
function keep(root) {
  const parts = ["[data-zone-keep]", "[data-kept]", "[data-zone-saved]"];
  let busy = false;

  async function send(button) {
    if (busy) return;
    busy = true;
    const body = new FormData(button.form);
    body.set("action", button.value);
    try {
      const answer = await fetch(window.location.href, {
        method: "POST",
        body,
        credentials: "same-origin",
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of parts) {
        const old = root.querySelector(part);
        old.replaceChildren(...page.querySelector(part).childNodes);
      }
      const fresh = JSON.parse(page.querySelector("#zone-picker-data").textContent);
      root.dispatchEvent(new CustomEvent("zone-kept", { detail: fresh.saved }));
      root.querySelector('[aria-invalid="true"]')?.focus();
    } catch {
      button.form.requestSubmit(button); // the long way, with the whole page
    }
    busy = false;
  }

  const box = root.querySelector("[data-zone-keep]");
  aside(box);
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-keep]");
    if (!button) return;
    event.preventDefault();
    send(button);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.name !== "zone_name") return;
    event.preventDefault();
    send(box.querySelector("[data-keep]"));
  });
}
