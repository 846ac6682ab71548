// Starts each module that a data-module attribute names. Modules are imported by literal names, so that
// hashed static names resolve. An unknown name is ignored: the page works without script.

import * as adTextField from "./ad-text-field.js";
import * as availabilityPanel from "./availability-panel.js";
import * as copy from "./copy.js";
import * as countField from "./count-field.js";
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
  "count-field": countField,
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
document.addEventListener("fresh", (event) => start(event.target)); // content that a module replaced
