// What is available follows what is chosen: the panel is asked for a moment after each change.

const PAUSE = 120; // milliseconds; what is asked too early is given up

export function init(form) {
  const panel = form.querySelector("[data-availability-panel]");
  const status = form.querySelector("[data-availability-status]");
  if (!panel || !form.dataset.availability) return;
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

  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, PAUSE);
  });
}
