// A step to confirm (components/confirm.html) opens as a dialog: Escape, the way back and a click
// beside it close it, and the focus returns to where it was. Without script it unfolds in its place.

export function init(step) {
  const summary = step.querySelector("summary");
  summary.addEventListener("click", (event) => {
    if (step.open) return;
    event.preventDefault();
    ask(step, summary);
  });
}

function ask(step, summary) {
  const form = step.querySelector("form");
  const back = form.querySelector("[data-close]");
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  named(dialog, "aria-labelledby", form.querySelector("h3"), "dialog-ask");
  named(dialog, "aria-describedby", form.querySelector("p"), "dialog-told");

  const close = () => dialog.close();
  back.hidden = false;
  back.autofocus = true; // what cannot be undone is never one key away
  back.addEventListener("click", close);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) close();
  });
  dialog.addEventListener("close", () => {
    back.removeEventListener("click", close);
    back.hidden = true;
    step.append(form);
    dialog.remove();
    summary.focus();
  });
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
}

function named(dialog, attribute, element, id) {
  element.id = id; // one dialog at a time: no other has it
  dialog.setAttribute(attribute, id);
}
