// The browser's engine of the text law. The law is data from campaigns/ad_text/law.py (as_data);
// this file mirrors problems.py, fixes.py and display.py there and returns exactly the same results.
// Positions are code-point offsets into the normalised text; internally, UTF-16 offsets (`at`).

import { phonesIn } from "./ad-text-phones.js";

const prepared = new WeakMap();

function prepare(law) {
  if (prepared.has(law)) return prepared.get(law);
  const signs = new Map();
  for (const [code, fix, names] of law.signs) {
    for (const sign of Object.keys(names)) signs.set(sign, [code, fix, names[sign]]);
  }
  const refusals = law.refusals.map(([, pattern]) => `(${pattern})`).join("|");
  const ready = {
    refusal: new RegExp(`${law.begins}(?:${refusals})`, "gu"),
    advice: law.advice.map((rule) => [rule, new RegExp(rule[1], "gu")]),
    signs,
    blocks: law.blocks.map(([pattern, code, fix]) => [new RegExp(pattern, "u"), code, fix]),
    newline: new RegExp(law.newline, "gu"),
    marks: new RegExp(law.marks, "gu"),
    plain: new RegExp(`^${law.allowed}*$`, "u"),
    folded: new RegExp(law.folded, "u"),
    accented: new RegExp(law.accented, "u"),
    word: new RegExp(`${law.letter}+`, "gu"),
    tokens: law.tokens.map(([code, pattern]) => [code, new RegExp(pattern, "gu")]),
    scheme: new RegExp(`^(?:${law.scheme})`, "u"),
    harmless: new Set(law.harmless),
    steps: new Map(),
  };
  prepared.set(law, ready);
  return ready;
}

// Compile the patterns for both widths of strings before the first key needs them.
export function warm(law) {
  for (const text of [law.alphabet, `${law.alphabet}“55-1234-5678”`]) {
    for (let i = 0; i < 3; i += 1) fix(text, law.limit, law);
  }
}

export function normalise(text, law) {
  const whole = text.replace(/[\ud800-\udfff]/gu, "\ufffd");
  return whole.replace(prepare(law).newline, " ").normalize("NFC");
}

export function lengthOf(text) {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

export function check(text, limit, law) {
  if (!(limit >= 1 && limit <= law.maxLimit)) throw new RangeError(`the limit is not ${limit}`);
  const whole = normalise(text, law);
  if (!strip(whole)) return inPoints([problem(law, "empty", 0, whole, null)], whole);
  const points = [...whole];
  const found = refusalsIn(points.slice(0, law.readLimit).join(""), law);
  if (prepare(law).plain.test(whole) && !/[A-Za-z0-9]/.test(whole)) {
    found.unshift(problem(law, "only_signs", 0, whole, null));
  }
  if (points.length > limit) {
    const over = points.length - limit;
    const at = points.slice(0, limit).join("").length;
    const message = over === 1 ? "too_long_by_one" : "too_long";
    found.push(problem(law, "too_long", at, whole.slice(at), null, message, { over }));
    const first = (one) => (one.code === "too_long" ? 0 : 1);
    found.sort((a, b) => a.at - b.at || first(a) - first(b));
  }
  return inPoints(found, whole);
}

export function advice(text, law) {
  const whole = [...normalise(text, law)].slice(0, law.readLimit).join("");
  return inPoints(adviceIn(whole, law), whole);
}

export function fix(text, limit, law, only = null) {
  const whole = normalise(text, law);
  const points = [...whole];
  const pieces = points.map((point) => ({ before: point, after: point, code: "", reason: "" }));
  if (points.length <= law.readLimit && only === null) {
    for (;;) {
      const problems = withoutOverlaps(fixable(current(pieces), law));
      if (!problems.length) break;
      apply(problems, pieces);
    }
  } else if (points.length <= law.readLimit) {
    const at = points.slice(0, only).join("").length;
    const offered = [...refusalsIn(whole, law), ...adviceIn(whole, law)];
    apply(offered.filter((one) => one.fix !== null && one.at === at).slice(0, 1), pieces);
  }
  const fixed = current(pieces);
  return { text: fixed, changes: changesOf(pieces), undecided: check(fixed, limit, law) };
}

function refusalsIn(text, law) {
  const claims = [...tokensIn(text, law), ...phones(text, law, true)].sort((a, b) => a.at - b.at);
  const signs = signsIn(text, law);
  const found = [];
  const endOf = ({ at, offending }) => at + offending.length;
  for (const one of [...claims, ...signs].sort((a, b) => a.at - b.at)) {
    const last = found.at(-1);
    if (!last || one.at >= endOf(last)) {
      found.push(one);
    } else if (endOf(one) > endOf(last)) {
      // A mark changes the last letter of a claim, which is as long then, or gives way.
      const beyond = one.offending.slice(endOf(last) - one.at);
      found[found.length - 1] = last.code ? { ...last, offending: last.offending + beyond } : one;
    }
  }
  return found.filter(({ code }) => code);
}

function phones(text, law, certain) {
  const code = certain ? "separated_phone" : "maybe_phone";
  const all = phonesIn(text, law.phones).filter((phone) => phone.certain === certain);
  const whole = all.length ? tokensIn(text, law) : [];
  let next = 0;
  const isOfToken = ({ start, end }) => {
    while (next < whole.length && whole[next].at + whole[next].offending.length <= start) next += 1;
    return next < whole.length && whole[next].at < end;
  };
  return all
    .filter((phone) => !isOfToken(phone))
    .map(({ start, end, joined }) => problem(law, code, start, text.slice(start, end), joined));
}

// Links, addresses and handles. Those that the channel carries have no code.
function tokensIn(text, law) {
  const ready = prepare(law);
  if (!/[.@]|:\/\//.test(text)) return [];
  const all = [];
  ready.tokens.forEach(([code, pattern], order) => {
    for (const match of matches(pattern, text)) all.push({ code, order, at: match.index, token: match[0] });
  });
  all.sort((a, b) => a.at - b.at || b.token.length - a.token.length || (a.code < b.code ? -1 : 1));
  const found = [];
  let end = 0;
  for (const { code, at, token } of all) {
    if (at < end) continue;
    end = at + token.length;
    const rest = token.replace(ready.scheme, "");
    if (!ready.plain.test(rest)) {
      const signs = [...new Set(rest)].filter((sign) => !ready.plain.test(sign)).join(" ");
      found.push(problem(law, code, at, token, null, "", { signs }));
    } else if (rest === token) {
      found.push({ code: "", at, offending: token });
    }
  }
  return found;
}

function signsIn(text, law) {
  const ready = prepare(law);
  const asks = text.indexOf("¿");
  const words = ready.plain.test(text) ? null : wordReader(text, law);
  const found = [];
  for (const match of matches(ready.refusal, text)) {
    const which = match.findIndex((group, i) => i > 0 && group !== undefined) - 1;
    const [code, , fixing, , name] = law.refusals[which];
    const [offending] = match;
    const at = match.index;
    if (code === "enye") {
      found.push(enye(offending, at, words(at), law));
    } else if (code === "damaged") {
      found.push(damaged(offending, at, law));
    } else if (code === "lost_letter" && offending === "?" && asks >= 0 && asks < at) {
      found.push(problem(law, "forbidden_character", at, offending, ". "));
    } else if (code) {
      const replacement = replacementOf(fixing, offending, ready);
      const known = name || ready.signs.get(String.fromCodePoint(offending.codePointAt(0)))?.[2];
      found.push(problem(law, code, at, offending, replacement, "", { name: known }));
    } else {
      const [signCode, replacement, signName] = classify(offending, ready);
      found.push(problem(law, signCode, at, offending, replacement, "", { name: signName }));
    }
  }
  return found;
}

function damaged(offending, at, law) {
  const key = offending.replace(/^&(?:amp;)+(?=.)/u, "&");
  if (!Object.hasOwn(law.repairs, key)) return problem(law, "lost_letter", at, offending, null);
  return problem(law, "damaged", at, offending, law.repairs[key]);
}

// The words of a text, asked for from the start to the end: each is read once.
function wordReader(text, law) {
  const words = matches(prepare(law).word, text);
  let current = words.next().value;
  return (at) => {
    while (current && current.index + current[0].length <= at) current = words.next().value;
    return current ? current[0].slice(0, law.longestWord + 1) : "";
  };
}

// Like matchAll, which would copy these long patterns at each key. No pattern matches empty text.
function* matches(pattern, text) {
  let next = 0;
  for (;;) {
    pattern.lastIndex = next;
    const match = pattern.exec(text);
    if (!match) return;
    next = pattern.lastIndex;
    yield match;
  }
}

function adviceIn(text, law, automaticOnly = false) {
  const ready = prepare(law);
  const found = [];
  for (const [[code, , fixing, message, , automatic], pattern] of ready.advice) {
    if (automaticOnly && !automatic) continue;
    for (const match of matches(pattern, text)) {
      const replacement = replacementOf(fixing, match[0], ready);
      found.push(problem(law, code, match.index, match[0], replacement, message));
    }
  }
  if (!automaticOnly) found.push(...phones(text, law, false));
  return found.sort((a, b) => a.at - b.at);
}

function classify(sign, ready) {
  if (ready.signs.has(sign)) return ready.signs.get(sign);
  if (ready.folded.test(sign)) {
    const plain = sign.normalize("NFKD").replace(ready.marks, "");
    if (plain && !plain.includes(" ") && ready.plain.test(plain)) {
      return [ready.accented.test(sign) ? "accent" : "letter_variant", plain, ""];
    }
  }
  for (const [pattern, code, replacement] of ready.blocks) {
    if (pattern.test(sign)) return [code, replacement, ""];
  }
  return ["other_script", null, ""];
}

function enye(sign, at, word, law) {
  const ready = prepare(law);
  const withoutMarks = (some) => some.normalize("NFD").replace(ready.marks, "");
  const key = [...word].map((c) => (c === "ñ" || c === "Ñ" ? c : withoutMarks(c))).join("").toLowerCase();
  const known = Object.hasOwn(law.changesMeaning, key);
  const ideas = known ? law.changesMeaning[key] : "";
  let replacement = null;
  let message = "enye_unknown";
  if (ready.harmless.has(key)) {
    replacement = sign === "ñ" ? "n" : "N";
    message = "enye_harmless";
  } else if (known) {
    message = ideas ? "enye_meaning" : "enye_meaning_bare";
  }
  const values = { word, plain: withoutMarks(word), ideas };
  return problem(law, "enye", at, sign, replacement, message, values);
}

function replacementOf(fixing, offending, ready) {
  if (fixing === null || typeof fixing === "string") return fixing;
  let result = offending;
  for (const [pattern, replacement] of fixing) {
    if (!ready.steps.has(pattern)) ready.steps.set(pattern, new RegExp(pattern, "gu"));
    result = result.replace(ready.steps.get(pattern), () => replacement);
  }
  return result;
}

function problem(law, code, at, offending, replacement, message = "", values = {}) {
  const hex = offending ? offending.codePointAt(0).toString(16).toUpperCase() : "";
  const codePoint = hex && `U+${hex.padStart(4, "0")}`;
  const [label, sentence] =
    replacement === null ? law.noRemedy : (law.remedies[replacement] ?? law.anyRemedy);
  const labelFix = strip(replacement ?? "");
  const text = fill(law.messages[message || code], {
    ...values,
    name: values.name || codePoint,
    sign: offending,
    fix: labelFix,
    remedy: fill(sentence, { fix: labelFix }),
    code_point: codePoint,
  });
  const remedy = fill(label, { fix: labelFix });
  return { code, at, offending, message: text, fix: replacement, remedy };
}

export function fill(sentence, values) {
  return sentence.replace(/\{([a-z_]+)\}/g, (whole, key) => values[key] ?? whole);
}

function strip(text) {
  return text.replace(/^ +| +$/g, "");
}

function inPoints(found, text) {
  const astral = /[\ud800-\udfff]/.test(text);
  return found.map(({ code, at, offending, message, fix: replacement, remedy }) => {
    const position = astral ? lengthOf(text.slice(0, at)) : at;
    return { code, position, offending, message, fix: replacement, remedy };
  });
}

function fixable(text, law) {
  const found = refusalsIn(text, law).filter((one) => one.fix !== null);
  return [...found, ...adviceIn(text, law, true)].sort((a, b) => a.at - b.at);
}

function withoutOverlaps(found) {
  const chosen = [];
  let end = 0;
  for (const one of found) {
    if (chosen.length && one.at < end) continue;
    chosen.push(one);
    end = one.at + one.offending.length;
  }
  return chosen;
}

function apply(problems, pieces) {
  const starts = [];
  let offset = 0;
  for (const piece of pieces) {
    starts.push(offset);
    offset += piece.after.length;
  }
  for (const one of [...problems].reverse()) {
    const end = one.at + one.offending.length;
    let first = starts.length - 1;
    while (starts[first] > one.at) first -= 1;
    let last = starts.length - 1;
    while (starts[last] >= end) last -= 1;
    const covered = pieces.slice(first, last + 1);
    const head = covered[0].after.slice(0, one.at - starts[first]);
    const tail = covered[covered.length - 1].after.slice(end - starts[last]);
    const labelled = covered.find((piece) => piece.code);
    pieces.splice(first, covered.length, {
      before: covered.map((piece) => piece.before).join(""),
      after: `${head}${one.fix}${tail}`,
      code: labelled ? labelled.code : one.code,
      reason: labelled ? labelled.reason : one.message,
    });
    starts.splice(first, covered.length, starts[first]);
  }
}

function current(pieces) {
  return pieces.map((piece) => piece.after).join("");
}

function changesOf(pieces) {
  const changes = [];
  let position = 0;
  for (const { before, after, code, reason } of pieces) {
    if (before !== after) changes.push({ position, before, after, code, reason });
    position += lengthOf(before);
  }
  return changes;
}
