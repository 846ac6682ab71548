// Starts each module named by a data-module attribute. Imported by name, not by expression, so that
// hashed static names resolve; what is missing leaves the page as the server made it.

import * as adTextField from "./ad-text-field.js";
import * as availabilityPanel from "./availability-panel.js";
import * as copy from "./copy.js";
import * as dayPicker from "./day-picker.js";
import * as follow from "./follow.js";
import * as shortLink from "./short-link.js";
import * as wizard from "./wizard.js";
import * as zonePicker from "./zone-picker.js";

const MODULES = {
  "ad-text-field": adTextField,
  "availability-panel": availabilityPanel,
  copy,
  "day-picker": dayPicker,
  follow,
  "short-link": shortLink,
  wizard,
  "zone-picker": zonePicker,
};

for (const element of document.querySelectorAll("[data-module]")) {
  for (const name of element.dataset.module.split(" ")) {
    Promise.resolve(element).then(MODULES[name]?.init).catch(reportError);
  }
}
