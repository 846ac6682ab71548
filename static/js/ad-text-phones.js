// Telephone numbers in an ad text, told from other numbers by evidence. The tables come with the
// law; this file mirrors campaigns/ad_text/phones.py and returns exactly the same results, with
// UTF-16 offsets.

const prepared = new WeakMap();

function prepare(tables) {
  if (prepared.has(tables)) return prepared.get(tables);
  const whole = (pattern) => new RegExp(`^(?:${pattern})$`, "u");
  const ready = {
    gap: whole(tables.gap),
    number: whole(tables.number),
    ten: whole(tables.ten),
    letter: new RegExp(tables.letter, "u"),
    word: new RegExp(`${tables.letter}+`, "gu"),
    dash: new RegExp(tables.dash, "u"),
    ladas: new Set(tables.ladas),
    phoneWord: whole(tables.phoneWords),
    otherWord: whole(tables.otherWords),
    unit: whole(tables.units),
    connector: whole(tables.connectors),
  };
  prepared.set(tables, ready);
  return ready;
}

// The numbers that are (certain) or may be telephones and are not written as ten joined digits.
export function phonesIn(text, tables) {
  const row = new Row(text, tables);
  const found = [];
  let words = null;
  for (let first = 0; first < row.groups.length; ) {
    const [last, joined] = row.numberAt(first);
    if (last < first) {
      first += 1;
      continue;
    }
    words ??= Array.from(text.matchAll(row.ready.word), (match) => ({
      start: match.index,
      end: match.index + match[0].length,
      word: match[0].toLowerCase(),
    }));
    const candidate = row.candidate(first, last, joined);
    const certain = verdict(text, candidate, words, tables);
    if (certain !== null) found.push({ start: candidate.start, end: candidate.end, joined, certain });
    first = last + 1;
  }
  return found;
}

// The groups of digits of a text, and what stands between them.
class Row {
  constructor(text, tables) {
    this.text = text;
    this.tables = tables;
    this.ready = prepare(tables);
    this.groups = Array.from(text.matchAll(/[0-9]+/gu), (match) => ({
      digits: match[0],
      start: match.index,
      end: match.index + match[0].length,
    }));
    this.gaps = this.groups.slice(1).map((group, i) => this.gap(this.groups[i], group));
  }

  gap(before, after) {
    const gap = this.text.slice(before.end, after.start);
    const joins = this.ready.gap.test(gap) && (!gap.endsWith("+") || after.digits.startsWith("52"));
    return joins && !/^,[0-9]/.test(this.text.slice(after.end, after.end + 2)) ? gap : "";
  }

  isLetter(at) {
    return at >= 0 && at < this.text.length && this.ready.letter.test(this.text[at]);
  }

  numberAt(first) {
    const { start } = this.groups[first];
    const none = [first - 1, ""];
    if (/(?:[$] ?|[0-9],)$/.test(this.text.slice(Math.max(0, start - 2), start))) return none;
    if (this.isCode(start)) return none;
    let digits = "";
    let unreal = none;
    for (let last = first; last < this.groups.length; last += 1) {
      digits += this.groups[last].digits;
      if (digits.length > this.tables.longest || this.isLetter(this.groups[last].end)) break;
      const match = this.ready.number.exec(digits);
      if (match && (last > first || this.isAbroad(start, digits))) {
        const joined = match[1] ?? digits;
        if (isReal(joined, this.ready)) return [last, joined];
        if (!unreal[1]) unreal = [last, joined];
      }
      if (last === this.gaps.length || !this.gaps[last]) break;
    }
    return unreal;
  }

  isCode(start) {
    if (!this.isLetter(start - 1)) return false;
    let begin = start;
    while (begin && start - begin < 12 && this.isLetter(begin - 1)) begin -= 1;
    return !this.ready.phoneWord.test(this.text.slice(begin, start).toLowerCase());
  }

  isAbroad(start, digits) {
    return digits.length > 10 && (this.text[start - 1] === "+" || digits.startsWith("52"));
  }

  candidate(first, last, joined) {
    const { start } = this.groups[first];
    let { end } = this.groups[last];
    let opening = start;
    while (opening && "+([".includes(this.text[opening - 1])) opening -= 1;
    if (opening && this.isLetter(opening - 1)) opening = start;
    const closes = closing(this.text.slice(opening, end), this.text[end] ?? "");
    if (closes && !this.isLetter(end + 1)) end += 1;
    const groups = this.groups.slice(first, last + 1).map((group) => group.digits);
    return {
      start: opening,
      end,
      groups,
      joined,
      hasPrefix: groups.join("").length > 10,
      isPartOfList: this.isPartOfList(first, last),
    };
  }

  isPartOfList(first, last) {
    const width = (i) => this.groups[i].digits.length;
    const inside = new Set(this.groups.slice(first, last + 1).map((group) => group.digits.length));
    if (first === last || inside.size > 1) return false;
    const { gaps } = this;
    const before = first > 0 && gaps[first - 1] === gaps[first] && width(first - 1) === width(first);
    const after = last < gaps.length && gaps[last] === gaps[last - 1] && width(last + 1) === width(last);
    return before || after;
  }
}

function isReal(joined, ready) {
  return joined.length === 11 || ready.ten.test(joined);
}

function closing(inside, sign) {
  const opening = { ")": "(", "]": "[" }[sign];
  const count = (one) => inside.split(one).length;
  return opening !== undefined && count(opening) > count(sign);
}

// True for a telephone, false for what may be one, null for another number.
function verdict(text, found, words, tables) {
  const ready = prepare(tables);
  const written = text.slice(found.start, found.end);
  if (written.includes("+")) return true;
  const [near, far] = evidence(text, found, words, tables);
  const kind = near ?? far;
  const real = isReal(found.joined, ready);
  if (kind === false || (!real && !kind)) return null;
  if (!real || found.groups.length === 1) return kind ? false : null;
  if (near || found.hasPrefix || /[([]/.test(written)) return true;
  if (found.isPartOfList || looksLikeList(found.groups)) return null;
  if (kind || isUsual(found, ready)) return true;
  return isPossible(found) ? ready.dash.test(written) : null;
}

function evidence(text, found, words, tables) {
  const ready = prepare(tables);
  let near = null;
  let far = null;
  const before = count(words, (word) => word.end <= found.start);
  const told = words
    .slice(Math.max(0, before - tables.reach), before)
    .filter(({ word }) => !ready.connector.test(word))
    .reverse();
  for (const [distance, { word, end }] of told.entries()) {
    if (ready.phoneWord.test(word)) {
      near = distance < tables.near ? true : null;
      far = true;
      break;
    }
    const ends = word.length > tables.abbreviation && text.slice(end, found.start).includes(".");
    if (distance === 0 && ready.otherWord.test(word) && !ends) return [false, false];
  }
  const after = words[count(words, (word) => word.start < found.end)];
  if (near === null && after && after.start - found.end <= 2) {
    near = ready.unit.test(after.word) ? false : ready.phoneWord.test(after.word) || null;
  }
  return [near, far];
}

// How many of the words, which are in reading order, come first by a test: by halves.
function count(words, isBefore) {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(words[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

function looksLikeList(groups) {
  if (groups.every((group) => /[059]$/.test(group))) return true;
  const sorted = groups.toSorted();
  const inOrder = [sorted, sorted.toReversed()].some((order) => order.join() === groups.join());
  const widths = new Set(groups.map((group) => group.length));
  return groups.length > 2 && inOrder && widths.size === 1;
}

function isUsual({ groups }, ready) {
  const widths = groups.map((group) => group.length);
  if (ready.ladas.has(groups[0])) return widths.some((width) => width !== 2);
  return widths[0] > 3 && widths.length <= 3 && widths.join() !== "5,5";
}

function isPossible({ groups }) {
  return groups[0].length > 3 || groups.every((group) => group.length === 2);
}
