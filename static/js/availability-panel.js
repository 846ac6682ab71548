// Reloads the availability panel a moment after each change of the form.

const DELAY = 120; // milliseconds; a new request aborts the one in flight

export function init(form) {
  const panel = form.querySelector("[data-availability-panel]");
  const status = form.querySelector("[data-availability-status]");
  if (!panel || !form.dataset.availability) return;
  let timer = 0;
  let request = null;

  async function load() {
    request?.abort();
    request = new AbortController();
    panel.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(form.dataset.availability, {
        method: "POST",
        body: new FormData(form),
        credentials: "same-origin",
        signal: request.signal,
      });
      if (!response.ok || response.redirected) throw new Error(String(response.status));
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
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
    timer = window.setTimeout(load, DELAY);
  });
}
