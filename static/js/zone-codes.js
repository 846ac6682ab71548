// Reads LADAs in a text, as `parse_codes` of segments/areas.py does.

const EMPTY = /^(?:ladas?|claves?|y|e|nada|ningun[ao]|no)$/iu; // words that name no place

/** Returns {known, unknown, names}: each code once, and each other word, in the order of the text. */
export function codesIn(text, existing) {
  const codes = new Set();
  const names = [];
  for (const word of text.match(/[\p{L}\p{N}]+/gu) ?? []) {
    const glued = word.match(/^\p{L}+([0-9]+)$/u); // "LADA55"
    const code = glued ? glued[1] : word;
    if (/\p{Nd}/u.test(code)) codes.add(code);
    else if (!EMPTY.test(word)) names.push(word);
  }
  return {
    known: [...codes].filter((code) => existing.has(code)),
    unknown: [...codes].filter((code) => !existing.has(code)),
    names,
  };
}

/** Fills in the {names} of a text. */
export function format(text, values) {
  return text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
}

export function plural([one, several], n, values = {}) {
  return format(n === 1 ? one : several, { n, ...values });
}
