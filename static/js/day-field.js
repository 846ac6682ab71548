// A text box for a day, in Mexican order in every browser: puts the slashes into eight digits, and adds a
// button that opens the browser's own calendar, as Alt and the down arrow do.

const JOINED = /^(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(20\d\d)$/;
const WRITTEN = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const ISO = /^(\d{4})-(\d\d)-(\d\d)$/;

// The day of a box in ISO's order; empty where it is written in another way, which the server reads.
export function isoOf({ value }) {
  return value.trim().replace(WRITTEN, (_all, day, month, year) =>
    [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-"),
  ).match(ISO)?.[0] ?? "";
}

// Write a day given in ISO's order.
export function write(box, iso) {
  box.value = iso.replace(ISO, "$3/$2/$1");
}

export function init(box) {
  box.addEventListener("input", () => {
    if (JOINED.test(box.value)) box.value = box.value.replace(JOINED, "$1/$2/$3");
  });
  if ("showPicker" in HTMLInputElement.prototype) box.after(...calendar(box));
}

// A button, and the calendar that it opens: an input of no form, which nobody sees or reaches.
function calendar(box) {
  const picker = document.createElement("input");
  picker.type = "date";
  picker.tabIndex = -1;
  picker.setAttribute("form", "");
  picker.setAttribute("aria-hidden", "true");
  const button = document.createElement("button");
  button.type = "button";
  button.tabIndex = -1; // as in a combobox: the keyboard opens it from the box
  button.setAttribute("aria-label", box.dataset.open);
  button.addEventListener("click", () => {
    picker.min = box.dataset.first ?? "";
    picker.max = box.dataset.last ?? "";
    picker.value = isoOf(box);
    picker.showPicker();
  });
  box.addEventListener("keydown", (event) => {
    if (event.altKey && event.key === "ArrowDown") button.click();
  });
  picker.addEventListener("input", (event) => {
    event.stopPropagation();
    write(box, picker.value);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  });
  return [picker, button];
}
