// Reads LADAs in a pasted text, as `parse_codes` of segments/areas.py does.

const MAX_CODES = 10; // in a message
const MAX_CODE_LENGTH = 12;

/** Returns {known, unknown, repeated}: each code once, in the order of the text. */
export function codesIn(text, existing) {
  const counts = new Map();
  for (const word of text.match(/[\p{L}\p{N}]+/gu) ?? []) {
    const glued = word.match(/^\p{L}+([0-9]+)$/u); // "LADA55"
    const code = glued ? glued[1] : word;
    if (/\p{Nd}/u.test(code)) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const codes = [...counts.keys()];
  const known = codes.filter((code) => existing.has(code));
  return {
    known,
    unknown: codes.filter((code) => !existing.has(code)),
    repeated: known.filter((code) => counts.get(code) > 1),
  };
}

/** Fills in the {names} of a text. */
export function format(text, values) {
  return text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
}

export function plural([one, several], n, values = {}) {
  return format(n === 1 ? one : several, { n, ...values });
}

/** "38 reconocidas, 2 no existen: 999, 12" */
export function message({ known, unknown, repeated }, texts) {
  if (!known.length && !unknown.length) return texts.no_codes;
  const parts = [plural(texts.known, known.length)];
  if (repeated.length) parts.push(plural(texts.repeated, repeated.length));
  if (unknown.length) {
    const short = unknown.map((code) => (code.length <= MAX_CODE_LENGTH ? code : `${code.slice(0, 11)}…`));
    parts.push(plural(texts.unknown, unknown.length, { codes: shorten(short, texts) }));
  }
  return parts.join(", ");
}

function shorten(codes, texts) {
  if (codes.length <= MAX_CODES + 1) return codes.join(", ");
  const some = codes.slice(0, MAX_CODES).join(", ");
  return format(texts.more, { some, n: codes.length - MAX_CODES });
}
