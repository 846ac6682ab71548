// Makes messages closable, and removes messages of success once there was time to read them. The time
// does not run while a message is hovered or focused, or while the page is hidden.

const BASE_MS = 8_000; // until the message was noticed
const MS_PER_CHARACTER = 100; // half the pace of a slow reader
const TICK_MS = 500;

export function init(region) {
  const toasts = [...region.querySelectorAll(".toast")];
  for (const toast of toasts) makeClosable(toast);
  if (region.getAttribute("role") === "status") announce(region, toasts);
  for (const toast of toasts) if ("passing" in toast.dataset) removeInTime(toast);
}

function makeClosable(toast) {
  const button = toast.querySelector("[data-dismiss]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const hadFocus = toast.contains(document.activeElement);
    toast.remove();
    if (hadFocus) document.querySelector("main")?.focus({ preventScroll: true });
  });
}

// A live region announces what is added to it, not its initial content.
function announce(region, toasts) {
  region.replaceChildren();
  window.setTimeout(() => region.append(...toasts), 0);
}

function removeInTime(toast) {
  let left = BASE_MS + MS_PER_CHARACTER * toast.textContent.trim().length;
  const timer = window.setInterval(() => {
    if (document.hidden || toast.matches(":hover, :focus-within")) return;
    left -= TICK_MS;
    if (left > 0) return;
    window.clearInterval(timer);
    toast.remove();
  }, TICK_MS);
}
