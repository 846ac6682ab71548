// Messages can be closed, and those that say that all went well leave by themselves once there was
// time to read them. Nothing passes while it is pointed at, focused or on a page nobody looks at.

const NOTICED = 8_000; // ms until somebody has seen it
const READ = 100; // ms a character, half the pace of a slow reader
const BEAT = 500;

export function init(region) {
  const toasts = [...region.querySelectorAll(".toast")];
  for (const toast of toasts) closable(toast);
  if (region.getAttribute("role") === "status") announce(region, toasts);
  for (const toast of toasts) if ("passing" in toast.dataset) letPass(toast);
}

function closable(toast) {
  const button = toast.querySelector("[data-dismiss]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const held = toast.contains(document.activeElement);
    toast.remove();
    if (held) document.querySelector("main")?.focus({ preventScroll: true });
  });
}

// A live region speaks of what comes into it, not of what it came with.
function announce(region, toasts) {
  region.replaceChildren();
  window.setTimeout(() => region.append(...toasts), 0);
}

function letPass(toast) {
  let left = NOTICED + READ * toast.textContent.trim().length;
  const timer = window.setInterval(() => {
    if (document.hidden || toast.matches(":hover, :focus-within")) return;
    left -= BEAT;
    if (left > 0) return;
    window.clearInterval(timer);
    toast.remove();
  }, BEAT);
}
