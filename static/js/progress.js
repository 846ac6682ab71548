// Keeps the counts of a live campaign, or the progress of files, up to date: fetches them every ten
// seconds (or data-seconds) while the page is visible. A reader of the screen hears them at most once a
// minute. Once their status is another one the page is loaded again, unless a text is being written.

import { hasUnsavedText } from "./follow.js";

const SECONDS = 10;
const SILENCE = 60_000; // milliseconds

export function init(section) {
  const status = addStatus(section);
  const interval = 1000 * (section.dataset.seconds ?? SECONDS);
  let timer = 0;
  let spokenAt = performance.now();

  async function refresh() {
    window.clearTimeout(timer);
    if (document.hidden) return; // until it is visible again
    const fresh = await fetchPart(section.dataset.source).catch(() => null); // the network may return
    const part = section.querySelector("[data-status]");
    if (fresh && fresh.dataset.status !== part.dataset.status) {
      if (hasUnsavedText()) part.replaceWith(fresh);
      else window.location.reload();
      return;
    }
    if (fresh && fresh.textContent !== part.textContent) {
      part.replaceWith(fresh);
      speak(fresh);
    }
    timer = window.setTimeout(refresh, interval);
  }

  function speak(part) {
    if (performance.now() - spokenAt < SILENCE) return;
    spokenAt = performance.now();
    status.textContent = part.querySelector(".delivery-head, [data-spoken]").textContent;
  }

  document.addEventListener("visibilitychange", refresh);
  timer = window.setTimeout(refresh, interval);
}

// A session that has ended leads to a page without the part.
async function fetchPart(source) {
  const response = await fetch(source, { credentials: "same-origin" });
  if (!response.ok) return null;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector("[data-status]");
}

function addStatus(section) {
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  section.append(status);
  return status;
}
