// The field of pasted places. The server reads its text, a moment after each change, and answers with
// the same part of the page that it renders without script.

import { plural } from "./zone-codes.js";

const DELAY = 200; // milliseconds; a new request aborts the one in flight

export function pastedPlaces(root, choice, { texts, files }) {
  const box = root.querySelector("[data-zone-paste]");
  const form = root.closest("form");
  const field = box.querySelector("textarea");
  const status = box.querySelector("[data-codes-status]");
  const questions = box.querySelector("[data-questions]");
  const include = box.querySelector("[data-include]");
  const exclude = box.querySelector("[data-exclude]");
  const labels = [include.textContent, exclude.textContent];
  let read = { text: null, ladas: [], rest: "" }; // of the text that was read last
  let timer = 0;
  let request = null;

  function show({ ladas }) {
    const n = ladas.length;
    include.textContent = n ? plural(texts.include, n) : labels[0];
    exclude.textContent = n ? plural(texts.exclude, n) : labels[1];
  }

  /** Has the server read the text; returns false if it could not. */
  async function load({ answer = "", summary = "" } = {}) {
    window.clearTimeout(timer);
    request?.abort();
    const own = new AbortController();
    request = own;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.set("codes", field.value);
    body.set("answer", answer);
    let page;
    try {
      const options = { method: "POST", body, credentials: "same-origin", signal: own.signal };
      const response = await fetch(files.pasted, options);
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      page = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch (error) {
      if (error.name !== "AbortError") status.textContent = texts.read_failed;
      return false;
    }
    const part = page.querySelector("[data-codes-status]");
    if (answer) field.value = page.querySelector("textarea").value;
    const codes = (name) => part.dataset[name].split(" ").filter(Boolean);
    const [ladas, included, excluded] = ["ladas", "included", "excluded"].map(codes);
    const nation = Boolean(part.dataset.nation);
    read = { text: field.value, ladas, included, excluded, nation, rest: part.dataset.rest };
    status.textContent = summary || part.textContent;
    questions.replaceChildren(...page.querySelector("[data-questions]").childNodes);
    show(read);
    return true;
  }

  async function apply(event, act, done) {
    event.preventDefault();
    if (read.text !== field.value && !(await load())) return;
    if (!read.ladas.length) {
      if (!field.value.trim()) status.textContent = texts.no_places;
      field.focus();
      return;
    }
    const summary = `${status.textContent}. ${plural(done, read.ladas.length)}`;
    act(read);
    field.value = read.rest;
    await load({ summary });
  }

  box.addEventListener("change", (event) => event.stopPropagation()); // no term of the campaign
  box.addEventListener("input", (event) => {
    event.stopPropagation();
    show({ ladas: [] });
    window.clearTimeout(timer);
    timer = window.setTimeout(load, DELAY);
  });
  include.addEventListener("click", (event) =>
    apply(event, (places) => choice.add(places), texts.included),
  );
  exclude.addEventListener("click", (event) =>
    apply(event, ({ ladas }) => choice.exclude(ladas), texts.excluded),
  );
  questions.addEventListener("click", async (event) => {
    const { answer } = event.target.dataset;
    if (!answer) return;
    event.preventDefault();
    await load({ answer });
    (questions.querySelector("button") ?? include).focus();
  });
  if (field.value) load({ summary: status.textContent });
}
