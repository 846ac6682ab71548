// The calendar's days are buttons: the first click says when it starts, the next when it ends.

export function init(form) {
  const calendar = form.querySelector("[data-calendar]");
  const first = form.elements.starts_on;
  const last = form.elements.ends_on;
  if (!calendar) return;
  const days = [...calendar.querySelectorAll("[data-day]")].map(asButton);

  function asButton(place) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = place.className;
    button.dataset.day = place.dataset.day;
    button.replaceChildren(...place.childNodes);
    place.replaceWith(button);
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
