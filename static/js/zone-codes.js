// LADAs in a text pasted in any form, read as segments/areas.py `parse_codes` reads them.

const SHOWN = 10;
const LONGEST = 12;

/** Gives {known, unknown, repeated}, each code once, in the order in which they came. */
export function codesIn(text, existing) {
  const found = new Map();
  for (const word of text.match(/[\p{L}\p{N}]+/gu) ?? []) {
    const glued = word.match(/^\p{L}+([0-9]+)$/u); // "LADA55"
    const code = glued ? glued[1] : word;
    if (/\p{Nd}/u.test(code)) found.set(code, (found.get(code) ?? 0) + 1);
  }
  const codes = [...found.keys()];
  const known = codes.filter((code) => existing.has(code));
  return {
    known,
    unknown: codes.filter((code) => !existing.has(code)),
    repeated: known.filter((code) => found.get(code) > 1),
  };
}

export function say(words, values) {
  return words.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
}

export function plural([one, several], n, values = {}) {
  return say(n === 1 ? one : several, { n, ...values });
}

/** "38 reconocidas, 2 no existen: 999, 12" */
export function message({ known, unknown, repeated }, words) {
  if (!known.length && !unknown.length) return words.no_codes;
  const parts = [plural(words.known, known.length)];
  if (repeated.length) parts.push(plural(words.repeated, repeated.length));
  if (unknown.length) {
    const short = unknown.map((code) => (code.length <= LONGEST ? code : `${code.slice(0, 11)}…`));
    parts.push(plural(words.unknown, unknown.length, { codes: cut(short, words) }));
  }
  return parts.join(", ");
}

function cut(codes, words) {
  if (codes.length <= SHOWN + 1) return codes.join(", ");
  const some = codes.slice(0, SHOWN).join(", ");
  return say(words.more, { some, n: codes.length - SHOWN });
}
