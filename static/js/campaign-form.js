// The campaign form: what is available follows what is chosen.

const PAUSE = 250;

export function init(form) {
  availability(form);
  sendOnce(form);
}

// A second click while the first is under way would make a second draft.
function sendOnce(form) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => {
    sent = false;
  });
}

function availability(form) {
  const panel = form.querySelector("[data-availability-panel]");
  const status = form.querySelector("[data-availability-status]");
  let timer = 0;
  let asked = null;

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    panel.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.dataset.availability, {
        method: "POST",
        body: new FormData(form),
        credentials: "same-origin",
        signal: asked.signal,
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      panel.replaceChildren(...page.body.childNodes);
      status.textContent = panel.querySelector("[data-summary]")?.textContent.trim() ?? "";
    } catch (error) {
      if (error.name === "AbortError") return;
      panel.textContent = panel.dataset.failed;
    }
    panel.removeAttribute("aria-busy");
  }

  form.addEventListener("input", (event) => {
    if (event.target.name === "text" || event.target.name === "name") return;
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE);
  });
}
