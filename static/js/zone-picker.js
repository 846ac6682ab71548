// The zone picker: the list of checkboxes is the control, and search, pasted codes, chips, saved zones
// and the map act on it. Without this script the server handles each button.

import { ZoneChoice } from "./zone-choice.js";
import { format } from "./zone-codes.js";
import { mirror } from "./zone-map.js";
import { pastedPlaces } from "./zone-paste.js";
import { search } from "./zone-search.js";

export function init(root) {
  const data = JSON.parse(root.querySelector("#zone-picker-data").textContent);
  const choice = new ZoneChoice(root, data.texts);
  search(root, choice, data);
  pastedPlaces(root, choice, data);
  chips(root, choice, data.texts);
  savedZones(root, choice, data);
  saveZone(root);
  mirror(root, choice, data);
}

// Hides a field's events from the form: its value is no term of the campaign.
function isolate(field) {
  for (const name of ["input", "change"]) {
    field.addEventListener(name, (event) => event.stopPropagation());
  }
}

function chips(root, choice, texts) {
  const list = root.querySelector("[data-zone-chips]");

  function chip({ code, name }, chosen, total) {
    const item = document.createElement("li");
    item.className = "chip";
    const text = document.createElement("span");
    text.textContent = format(texts.chip, { state: name, chosen, total });
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.drop = code;
    button.setAttribute("aria-label", format(texts.drop, { state: name }));
    item.append(text, " ", button);
    return item;
  }

  choice.watch(() => {
    const reached = choice.reached();
    const chosen = ({ code }) => choice.ladasOf.get(code).filter((l) => reached.has(l)).length;
    const chosenGroups = choice.everywhere
      ? []
      : choice.groups.filter(({ code }) => choice.isChosen(code));
    const focused = [...list.children].findIndex((item) => item.contains(document.activeElement));
    list.replaceChildren(...chosenGroups.map((g) => chip(g, chosen(g), g.boxes.length)));
    if (focused < 0) return;
    const next = list.children[Math.min(focused, list.children.length - 1)];
    (next?.querySelector("button") ?? root.querySelector("[data-zone-search]")).focus();
  });
  list.addEventListener("click", ({ target }) => {
    if (target.dataset.drop) choice.setState(target.dataset.drop, false);
  });
}

function savedZones(root, choice, { texts, saved: zones }) {
  const status = root.querySelector("[data-saved-zone-status]");
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-apply]");
    const zone = button && zones[button.dataset.apply];
    if (!zone) return;
    event.preventDefault();
    choice.replace(zone);
    status.textContent = format(texts.applied, { name: button.textContent });
  });

  // The event of a zone that was saved just now brings its choice.
  root.addEventListener("zone-saved", ({ detail }) => {
    Object.assign(zones, detail);
  });
}

// Saves a zone and takes only the parts that changed from the page of the response, so that no other
// input of this page is lost.
function saveZone(root) {
  const parts = ["[data-save-zone-panel]", "[data-saved-zone-status]", "[data-saved-zones]"];
  let busy = false;

  async function send(button) {
    if (busy) return;
    busy = true;
    const body = new FormData(button.form);
    body.set("action", button.value);
    try {
      const response = await fetch(window.location.href, {
        method: "POST",
        body,
        credentials: "same-origin",
      });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const part of parts) {
        const old = root.querySelector(part);
        old.replaceChildren(...page.querySelector(part).childNodes);
      }
      const fresh = JSON.parse(page.querySelector("#zone-picker-data").textContent);
      root.dispatchEvent(new CustomEvent("zone-saved", { detail: fresh.saved }));
      root.querySelector('[aria-invalid="true"]')?.focus();
    } catch {
      button.form.requestSubmit(button); // fall back to the whole page
    }
    busy = false;
  }

  const box = root.querySelector("[data-save-zone-panel]");
  isolate(box);
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-save-zone]");
    if (!button) return;
    event.preventDefault();
    send(button);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.name !== "zone_name") return;
    event.preventDefault();
    send(box.querySelector("[data-save-zone]"));
  });
}
