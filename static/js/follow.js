// Bring a page up to date while a worker has the campaign: look every two seconds, for two
// minutes, and load the page anew once what it would show has changed.

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
        window.location.reload();
        return;
      }
    } catch {
      // The network comes and goes: look again.
    }
    if (looks < LOOKS) window.setTimeout(look, PAUSE);
  }

  window.setTimeout(look, PAUSE);
}
