// Says in the text under a field how many characters are left. It is spoken when typing pauses, and
// nothing is blocked: the server refuses what is too long.

const SPEAK_AFTER = 1000; // milliseconds

export function init(field) {
  const ids = (field.getAttribute("aria-describedby") ?? "").split(" ");
  const note = ids.map((id) => document.getElementById(id)).find((element) => element?.dataset.most);
  if (!note) return;
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  note.after(status);
  let timer = 0;

  function count() {
    const most = Number(note.dataset.most);
    const left = most - [...field.value.trim()].length;
    const words = left < 0 ? note.dataset.over : note.dataset.left;
    note.textContent = words.replace("{n}", Math.abs(left).toLocaleString(document.documentElement.lang));
    note.classList.toggle("over", left < 0);
  }

  field.addEventListener("input", () => {
    count();
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      status.textContent = note.textContent;
    }, SPEAK_AFTER);
  });
  count();
}
