// Loads and starts each module that a data-module attribute names. Their files have literal names here,
// so that hashed static names resolve. An unknown name is ignored: the page works without script.

const MODULES = {
  "ad-text-field": () => import("./ad-text-field.js"),
  "availability-panel": () => import("./availability-panel.js"),
  copy: () => import("./copy.js"),
  "count-field": () => import("./count-field.js"),
  "day-field": () => import("./day-field.js"),
  "day-picker": () => import("./day-picker.js"),
  dialog: () => import("./dialog.js"),
  follow: () => import("./follow.js"),
  "form-backup": () => import("./form-backup.js"),
  "length-field": () => import("./length-field.js"),
  progress: () => import("./progress.js"),
  "row-labels": () => import("./row-labels.js"),
  "short-link": () => import("./short-link.js"),
  "step-bar": () => import("./step-bar.js"),
  toast: () => import("./toast.js"),
  wizard: () => import("./wizard.js"),
  "zone-picker": () => import("./zone-picker.js"),
};

function start(page) {
  for (const element of page.querySelectorAll("[data-module]")) {
    for (const name of element.dataset.module.split(" ")) {
      MODULES[name]?.()
        .then(({ init }) => init(element))
        .catch(reportError);
    }
  }
}

start(document);
document.addEventListener("fresh", (event) => start(event.target)); // content that a module replaced
