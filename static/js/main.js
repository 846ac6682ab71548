// Starts each module named by a data-module attribute. Imported by name, not by expression, so that
// hashed static names resolve; what is missing leaves the page as the server made it.

import * as adTextField from "./ad-text-field.js";
import * as availabilityPanel from "./availability-panel.js";
import * as copy from "./copy.js";
import * as dayPicker from "./day-picker.js";
import * as dialog from "./dialog.js";
import * as follow from "./follow.js";
import * as shortLink from "./short-link.js";
import * as toast from "./toast.js";
import * as wizard from "./wizard.js";
import * as zonePicker from "./zone-picker.js";

const MODULES = {
  "ad-text-field": adTextField,
  "availability-panel": availabilityPanel,
  copy,
  "day-picker": dayPicker,
  dialog,
  follow,
  "short-link": shortLink,
  toast,
  wizard,
  "zone-picker": zonePicker,
};

function start(page) {
  for (const element of page.querySelectorAll("[data-module]")) {
    for (const name of element.dataset.module.split(" ")) {
      Promise.resolve(element).then(MODULES[name]?.init).catch(reportError);
    }
  }
}

start(document);
document.addEventListener("fresh", (event) => start(event.target)); // what a module brought anew
