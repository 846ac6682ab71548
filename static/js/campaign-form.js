// The campaign form: what is available follows what is chosen, and the zone list keeps count.

const PAUSE = 250;

export function init(form) {
  availability(form);
  zones(form);
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

function zones(form) {
  const groups = [...form.querySelectorAll("[data-zones] details")];

  function draw(group) {
    const whole = group.querySelector('input[name="states"]');
    const ladas = [...group.querySelectorAll('input[name="ladas"]')];
    for (const lada of ladas) lada.disabled = whole.checked;
    const chosen = whole.checked ? ladas.length : ladas.filter((lada) => lada.checked).length;
    group.querySelector("[data-count]").textContent = `${chosen} de ${ladas.length}`;
  }

  form.addEventListener("change", (event) => {
    const { name, value, checked } = event.target;
    if (name !== "states" && name !== "ladas") return;
    if (name === "ladas") {
      // A LADA of two states stands in both lists.
      for (const twin of form.querySelectorAll(`input[name="ladas"][value="${value}"]`)) {
        twin.checked = checked;
      }
    }
    if (checked) form.querySelector('input[name="scope"][value="zones"]').checked = true;
    groups.forEach(draw);
  });
  groups.forEach(draw);
}
