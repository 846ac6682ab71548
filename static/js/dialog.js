// Opens the confirmation of components/confirm.html as a dialog. Escape, its cancel button and a
// click outside close it, and the focus returns to where it was. Without script it unfolds in place.

export function init(details) {
  const summary = details.querySelector("summary");
  summary.addEventListener("click", (event) => {
    if (details.open) return;
    event.preventDefault();
    openDialog(details, summary);
  });
}

function openDialog(details, summary) {
  const form = details.querySelector("form");
  const cancel = form.querySelector("[data-close]");
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  describe(dialog, "aria-labelledby", form.querySelector("h3"), "dialog-question");
  describe(dialog, "aria-describedby", form.querySelector("p"), "dialog-explanation");

  const close = () => dialog.close();
  cancel.hidden = false;
  cancel.autofocus = true; // Enter alone must not do what cannot be undone
  cancel.addEventListener("click", close);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) close();
  });
  dialog.addEventListener("close", () => {
    cancel.removeEventListener("click", close);
    cancel.hidden = true;
    details.append(form);
    dialog.remove();
    summary.focus();
  });
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
}

function describe(dialog, attribute, element, id) {
  element.id = id; // unique, as only one dialog is open at a time
  dialog.setAttribute(attribute, id);
}
