// Makes the calendar's days buttons: the first click sets the first day, the next the last day. The
// calendar is one tab stop; arrows, Home, End, Page Up and Page Down move between its days.

import { isoOf, write } from "./day-field.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7, PageUp: -28, PageDown: 28 };

export function init(form) {
  const calendar = form.querySelector("[data-calendar]");
  const first = form.elements.starts_on;
  const last = form.elements.ends_on;
  if (!calendar) return;
  const days = [...calendar.querySelectorAll("[data-day]")].map(asButton);
  if (days.length === 0) return;

  function asButton(cell) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = cell.className;
    button.dataset.day = cell.dataset.day;
    button.tabIndex = -1;
    button.replaceChildren(...cell.childNodes);
    cell.replaceWith(button);
    return button;
  }

  function draw() {
    const from = isoOf(first);
    const to = isoOf(last) || from;
    for (const day of days) {
      const chosen = from !== "" && from <= day.dataset.day && day.dataset.day <= to;
      day.parentElement.classList.toggle("is-chosen", chosen);
      day.setAttribute("aria-pressed", String(chosen));
    }
  }

  function makeCurrent(day) {
    for (const each of days) each.tabIndex = each === day ? 0 : -1;
  }

  calendar.addEventListener("keydown", (event) => {
    const at = days.indexOf(event.target);
    const ends = { Home: 0, End: days.length - 1 };
    const to = ends[event.key] ?? at + STEPS[event.key];
    if (at < 0 || Number.isNaN(to)) return;
    event.preventDefault();
    days[Math.min(Math.max(to, 0), days.length - 1)].focus();
  });
  calendar.addEventListener("focusin", (event) => {
    if (days.includes(event.target)) makeCurrent(event.target);
  });
  calendar.addEventListener("click", (event) => {
    const day = event.target.closest("[data-day]")?.dataset.day;
    if (!day) return;
    const from = isoOf(first);
    if (!from || last.value || day < from) {
      write(first, day);
      last.value = "";
    } else {
      write(last, day);
    }
    first.dispatchEvent(new Event("input", { bubbles: true }));
    draw();
  });
  form.addEventListener("input", draw);
  makeCurrent(days.find((day) => day.dataset.day === isoOf(first)) ?? days[0]);
  draw();
}
