// How a text and its problems are displayed: the marked copy, the words of chips, the changed words.
// Mirrors campaigns/ad_text/display.py.

import { lengthOf, normalise } from "./ad-text-law.js";

// Split a text into segments for the marked copy: [[text, problem or null], …] in reading order.
export function segmentsOf(text, problems, law) {
  const points = [...normalise(text, law)];
  const owner = Array.from(points, () => null);
  const tooLong = problems.filter((one) => one.code === "too_long");
  for (const one of [...tooLong, ...problems.filter((each) => each.code !== "too_long")]) {
    owner.fill(one, one.position, one.position + lengthOf(one.offending));
  }
  const segments = [];
  points.forEach((point, i) => {
    const last = segments[segments.length - 1];
    if (last && last[1] === owner[i]) last[0] += point;
    else segments.push([point, owner[i]]);
  });
  return segments;
}

// The word around a position, up to the next spaces, cut where it is long.
export function wordAt(text, position, length, law) {
  const points = [...normalise(text, law)];
  let start = position;
  let end = position + length;
  while (start > 0 && points[start - 1] !== " " && position - start < 24) start -= 1;
  while (end < points.length && points[end] !== " " && end - position < 24) end += 1;
  return points.slice(start, end).join("");
}

// The changed words, before and after, as whole words.
export function wordsChanged(text, changes, law) {
  const points = [...normalise(text, law)];
  const rows = [];
  for (const change of changes) {
    const end = change.position + lengthOf(change.before);
    const last = rows[rows.length - 1];
    let start = change.position;
    while (start > 0 && points[start - 1] !== " ") start -= 1;
    let stop = end;
    while (stop < points.length && points[stop] !== " ") stop += 1;
    if (last && start < last.stop) {
      last.stop = Math.max(last.stop, stop);
      last.changes.push(change);
    } else {
      rows.push({ start, stop, changes: [change] });
    }
  }
  return rows.map(({ start, stop, changes: inside }) => {
    let after = "";
    let from = start;
    for (const change of inside) {
      after += points.slice(from, change.position).join("") + change.after;
      from = change.position + lengthOf(change.before);
    }
    after += points.slice(from, stop).join("");
    return { before: points.slice(start, stop).join(""), after };
  });
}
