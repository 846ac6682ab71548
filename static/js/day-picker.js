// Makes the calendar's days buttons: the first click sets the first day, the next the last day.

export function init(form) {
  const calendar = form.querySelector("[data-calendar]");
  const first = form.elements.starts_on;
  const last = form.elements.ends_on;
  if (!calendar) return;
  const days = [...calendar.querySelectorAll("[data-day]")].map(asButton);

  function asButton(cell) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = cell.className;
    button.dataset.day = cell.dataset.day;
    button.replaceChildren(...cell.childNodes);
    cell.replaceWith(button);
    return button;
  }

  function draw() {
    const from = first.value;
    const to = last.value || from;
    for (const day of days) {
      const chosen = from !== "" && from <= day.dataset.day && day.dataset.day <= to;
      day.parentElement.classList.toggle("is-chosen", chosen);
      day.setAttribute("aria-pressed", String(chosen));
    }
  }

  calendar.addEventListener("click", (event) => {
    const day = event.target.closest("[data-day]")?.dataset.day;
    if (!day) return;
    if (!first.value || last.value || day < first.value) {
      first.value = day;
      last.value = "";
    } else {
      last.value = day;
    }
    first.dispatchEvent(new Event("input", { bubbles: true }));
    draw();
  });
  form.addEventListener("input", draw);
  draw();
}
