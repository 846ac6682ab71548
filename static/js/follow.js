// Bring a page up to date while a worker has the campaign: look every two seconds, for two
// minutes, and load the page anew once what it would show has changed. While somebody writes
// on the page only the part that changed is put in its place: nothing typed is lost.

const PAUSE = 2000;
const LOOKS = 60;

export function init(element) {
  if (!("follow" in element.dataset)) return;
  const shown = element.textContent;
  let looks = 0;

  async function look() {
    looks += 1;
    try {
      const answer = await fetch(window.location.href, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector('[data-module="follow"]');
      if (fresh && fresh.textContent !== shown) {
        if (!somethingTyped()) window.location.reload();
        else put(element, fresh, page);
        return;
      }
    } catch {
      // The network comes and goes: look again.
    }
    if (looks < LOOKS) window.setTimeout(look, PAUSE);
  }

  window.setTimeout(look, PAUSE);
}

function somethingTyped() {
  return [...document.querySelectorAll("textarea")].some((box) => box.value !== box.defaultValue);
}

function put(element, fresh, page) {
  element.replaceChildren(...fresh.childNodes);
  element.dispatchEvent(new Event("fresh", { bubbles: true }));
  const head = page.querySelector(".page-head");
  if (head) document.querySelector(".page-head")?.replaceWith(head);
}
