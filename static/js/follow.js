// Keeps a page up to date while a worker processes the campaign: polls every two seconds, for two
// minutes, and reloads once the content has changed. While a text on the page is being written, only
// the changed parts are replaced, so that nothing typed is lost.

const INTERVAL = 2000; // milliseconds
const MAX_POLLS = 60;

export function init(element) {
  if (!("follow" in element.dataset)) return;
  const content = liveText(element);
  let polls = 0;

  async function poll() {
    polls += 1;
    try {
      const response = await fetch(window.location.href, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.querySelector('[data-module="follow"]');
      if (fresh && liveText(fresh) !== content) {
        if (!hasUnsavedText()) window.location.reload();
        else replace(element, fresh, page);
        return;
      }
    } catch {
      // The network may return: poll again.
    }
    if (polls < MAX_POLLS) window.setTimeout(poll, INTERVAL);
  }

  window.setTimeout(poll, INTERVAL);
}

export function hasUnsavedText() {
  return [...document.querySelectorAll("textarea")].some((box) => box.value !== box.defaultValue);
}

function liveParts(element) {
  return [...element.querySelectorAll("[data-live]")];
}

function liveText(element) {
  return liveParts(element).map((part) => part.textContent).join();
}

// Each page has the same parts, in the same order.
function replace(element, fresh, page) {
  const parts = liveParts(fresh);
  liveParts(element).forEach((part, i) => {
    part.replaceChildren(...parts[i].childNodes);
    part.dispatchEvent(new Event("fresh", { bubbles: true }));
  });
  const head = page.querySelector(".page-head");
  if (head) document.querySelector(".page-head")?.replaceWith(head);
}
