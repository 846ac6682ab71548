// Adds a button that copies the text beside it, where the browser has a clipboard.

const DONE_LABEL_MS = 2000;

export function init(element) {
  if (!navigator.clipboard) return;
  const source = element.querySelector("[data-copy-this]");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button link small copy";
  button.textContent = element.dataset.copy;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      window.getSelection().selectAllChildren(source);
      return;
    }
    button.textContent = element.dataset.copied;
    window.setTimeout(() => {
      button.textContent = element.dataset.copy;
    }, DONE_LABEL_MS);
  });
  element.append(button);
}
