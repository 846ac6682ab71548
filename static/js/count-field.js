// Groups the digits of a count while it is typed: 1200000 becomes 1,200,000, and the caret stays
// behind its digit. What is not a whole number, such as "1,5", is left for the server to refuse.

const GROUPED = /^\d{1,3}(,\d{3})*$/;
const DIGITS = /^\d+$/;

export function init(field) {
  if (field.value !== field.defaultValue && isWhole(field.value)) group(field); // typed before this ran
  let before = field.value;
  field.addEventListener("input", (event) => {
    if (!event.isComposing && (isWhole(field.value) || (isWhole(before) && keepsCommas(event, field)))) {
      group(field);
    }
    before = field.value;
  });
  field.addEventListener("change", () => {
    if (isWhole(field.value)) group(field);
    before = field.value;
  });
}

function isWhole(value) {
  return DIGITS.test(value) || GROUPED.test(value);
}

// Whether an edit typed a digit or removed something: then the commas are still those of the grouping,
// and not of a decimal that someone typed or pasted.
function keepsCommas(event, field) {
  const isDigit = event.inputType === "insertText" && DIGITS.test(event.data);
  return (isDigit || event.inputType?.startsWith("delete")) && /^[\d,]*$/.test(field.value);
}

function group(field) {
  const caret = field.selectionStart ?? field.value.length;
  const digitsBefore = field.value.slice(0, caret).replaceAll(",", "").length;
  const digits = field.value.replaceAll(",", "");
  const grouped = digits.replaceAll(/\B(?=(\d{3})+$)/g, ",");
  if (grouped === field.value) return;
  field.value = grouped;
  let at = 0;
  for (let seen = 0; seen < digitsBefore; at += 1) {
    if (grouped[at] !== ",") seen += 1;
  }
  if (document.activeElement === field) field.setSelectionRange(at, at);
}
