// The bar at the lower edge of a phone: keeps its line up to date, and opens the panel that it leads to
// over the page while the field keeps the focus. Where the panel cannot be seen, the link leads to it.

export function init(bar) {
  const panel = document.querySelector(bar.hash);
  const source = document.getElementById(bar.dataset.source);
  const line = bar.querySelector('[data-part="line"]');

  function draw() {
    const parts = [...source.querySelectorAll("[data-line], .is-wrong")];
    const words = parts.length > 0 ? parts.map((part) => part.textContent.trim()) : [source.textContent];
    const text = words.join(" · ");
    if (line.textContent.trim() !== text) line.textContent = text;
    bar.classList.toggle("is-wrong", source.querySelector(".is-wrong") !== null);
  }

  function measure() {
    const covered = Math.max(bar.parentElement.offsetHeight, bar.offsetHeight);
    panel.style.setProperty("--covered", `${covered}px`);
  }

  function raise(isRaised) {
    measure();
    panel.classList.toggle("is-raised", isRaised);
    bar.setAttribute("aria-expanded", String(isRaised));
  }

  bar.setAttribute("aria-controls", panel.id);
  raise(false);
  bar.addEventListener("mousedown", (event) => event.preventDefault()); // which would move the focus
  bar.addEventListener("click", (event) => {
    raise(!panel.classList.contains("is-raised"));
    if (panel.classList.contains("is-raised") && !isInView(panel)) raise(false);
    else event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") raise(false);
  });
  window.addEventListener("resize", measure);
  new MutationObserver(draw).observe(source, { childList: true, characterData: true, subtree: true });
  draw();
  stayAboveKeyboard();
}

function isInView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  const middle = (top + bottom) / 2;
  return middle > 0 && middle < window.innerHeight;
}

// Where the keyboard of the screen covers the page instead of making it smaller.
function stayAboveKeyboard() {
  const view = window.visualViewport;
  function move() {
    const covered = view.scale > 1 ? 0 : window.innerHeight - view.height - view.offsetTop;
    document.documentElement.style.setProperty("--keyboard", `${Math.max(Math.round(covered), 0)}px`);
  }
  view?.addEventListener("resize", move);
  view?.addEventListener("scroll", move);
}
