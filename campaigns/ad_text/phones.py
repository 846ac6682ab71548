"""Telephone numbers in an ad text, told from other numbers by evidence.

A candidate is a row of groups of digits, in any grouping, that together are ten digits after the
prefixes of former times and of calls from abroad. Whether it is a telephone is decided by
`_verdict`, from the area code, the words around it, and the way it is written. A comma is never
within a telephone number: a writer who means a list can always write it with commas.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from campaigns.ad_text.ladas import LADAS, SERVICES, TEN_DIGITS
from campaigns.ad_text.phone_words import (
    ABBREVIATION,
    CONNECTORS,
    LETTER,
    NEAR,
    OTHER_WORDS,
    PHONE_WORDS,
    REACH,
    UNITS,
)
from campaigns.ad_text.rule import Rule
from campaigns.ad_text.signs import COLONS, DASHES, ODD_SPACES

#: What may stand between two groups of one number; a dot and a space end a sentence instead.
GAP = f"(?![.][ {ODD_SPACES}])[{DASHES}{COLONS}{ODD_SPACES} .()\\[\\]·•/|]+[+]?"
#: All digits of a number: prefixes in any order, then ten digits. Or the former 01800 and six.
NUMBER = f"(?:(?:00)?521?|01|04[45])*({TEN_DIGITS}|[0-9]{{10}})|01[89]00[0-9]{{6}}"
LONGEST = 19  # digits: 00521, 044 and more before the ten

_digits = re.compile("[0-9]+")
_gap = re.compile(GAP)
_number = re.compile(NUMBER)
_ten = re.compile(TEN_DIGITS)
_word = re.compile(f"[{LETTER}]+")
_letter = re.compile(f"[{LETTER}]")
_thousands = re.compile(",[0-9]")
_dash = re.compile(f"[{DASHES}]")
_money = re.compile("[$] ?$|[0-9],$")
_phone_word, _other_word, _unit = map(re.compile, (PHONE_WORDS, OTHER_WORDS, UNITS))
_connector = re.compile(CONNECTORS)


class Phone(NamedTuple):
    """Digits that are, or may be, a telephone number.

    `is_certain` tells the telephones to refuse from those to advise on.
    """

    start: int
    end: int
    joined: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row of groups whose digits could be a telephone number."""

    start: int
    end: int
    groups: list[str]
    gaps: list[str]
    joined: str
    has_prefix: bool
    is_part_of_list: bool


def phones_in(text: str) -> list[Phone]:
    """Return the telephone numbers of a text that are not written as ten joined digits."""
    groups = [(match.start(), match.end()) for match in _digits.finditer(text)]
    gaps = _gaps(text, groups)
    words: list[tuple[int, int, str]] | None = None
    found = []
    first = 0
    while first < len(groups):
        last, joined = _row(text, groups, gaps, first)
        if last < first:
            first += 1
            continue
        words = _words(text) if words is None else words
        candidate = _candidate(text, groups, gaps, first, last, joined)
        verdict = _verdict(text, candidate, words)
        if verdict is not None:
            found.append(Phone(candidate.start, candidate.end, joined, verdict))
        first = last + 1
    return found


def _gaps(text: str, groups: list[tuple[int, int]]) -> list[str]:
    """Return what stands between each two groups, or "" where it parts two numbers."""
    gaps = []
    for (_start, end), (start, stop) in pairwise(groups):
        gap = text[end:start]
        joins = _gap.fullmatch(gap) and (gap[-1] != "+" or text.startswith("52", start))
        gaps.append(gap if joins and not _thousands.match(text, stop) else "")
    return gaps


def _row(text: str, groups: list[tuple[int, int]], gaps: list[str], first: int) -> tuple[int, str]:
    """Return the last group of the number that begins at a group, and its digits to be written.

    The group before the first where no number begins there. Digits with a real area code go
    before any other ten.
    """
    start = groups[first][0]
    if _money.search(text, max(0, start - 2), start) or _is_code(text, start):
        return first - 1, ""
    digits = ""
    unreal = first - 1, ""
    for last in range(first, len(groups)):
        digits += text[slice(*groups[last])]
        end = groups[last][1]
        if len(digits) > LONGEST or _letter.match(text, end):
            break
        match = _number.fullmatch(digits)
        if match and (last > first or _is_abroad(text, start, digits)):
            joined = match[1] or digits
            if _is_real(joined):
                return last, joined
            unreal = unreal if unreal[1] else (last, joined)
        if last == len(gaps) or not gaps[last]:
            break
    return unreal


def _is_real(joined: str) -> bool:
    return len(joined) == 11 or _ten.fullmatch(joined) is not None


def _is_code(text: str, start: int) -> bool:
    """Return whether letters are joined to the digits, other than a word such as "Tel"."""
    if not start or not _letter.match(text, start - 1):
        return False
    begin = start
    while begin and start - begin < 12 and _letter.match(text, begin - 1):
        begin -= 1
    return not _phone_word.fullmatch(text[begin:start].lower())


def _is_abroad(text: str, start: int, digits: str) -> bool:
    return len(digits) > 10 and (text[start - 1 : start] == "+" or digits.startswith("52"))


def _candidate(
    text: str,
    groups: list[tuple[int, int]],
    gaps: list[str],
    first: int,
    last: int,
    joined: str,
) -> _Candidate:
    start, end = groups[first][0], groups[last][1]
    opening = start
    while opening and text[opening - 1] in "+([":
        opening -= 1
    if opening and _letter.match(text, opening - 1):
        opening = start
    inside = text[opening:end]
    if _closes(inside, text[end : end + 1]) and not _letter.match(text, end + 1):
        end += 1
    row = [text[slice(*group)] for group in groups[first : last + 1]]
    within = gaps[first:last]
    return _Candidate(
        opening,
        end,
        row,
        within,
        joined,
        sum(map(len, row)) > 10,
        _is_part_of_list(groups, gaps, first, last),
    )


def _closes(inside: str, sign: str) -> bool:
    opening = {")": "(", "]": "["}.get(sign)
    return opening is not None and inside.count(opening) > inside.count(sign)


def _is_part_of_list(groups: list[tuple[int, int]], gaps: list[str], first: int, last: int) -> bool:
    """Return whether groups of one width go on, as far apart, before or after the number."""
    inside = {end - start for start, end in groups[first : last + 1]}
    if first == last or len(inside) > 1:
        return False
    widths = [end - start for start, end in groups[max(0, first - 1) : last + 2]]
    before = first > 0 and gaps[first - 1] == gaps[first] and widths[0] == widths[1]
    after = last < len(gaps) and gaps[last] == gaps[last - 1] and widths[-1] == widths[-2]
    return before or after


def _words(text: str) -> list[tuple[int, int, str]]:
    return [(match.start(), match.end(), match[0].lower()) for match in _word.finditer(text)]


def _verdict(text: str, found: _Candidate, words: list[tuple[int, int, str]]) -> bool | None:
    """Return True for a telephone, False for what may be one, None for another number."""
    written = text[found.start : found.end]
    if "+" in written:
        return True
    near, far = _evidence(text, found, words)
    kind = near if near is not None else far
    is_real = _is_real(found.joined)
    if kind is False or (not is_real and not kind):
        return None
    if not is_real or len(found.groups) == 1:
        return False if kind else None
    if near or found.has_prefix or "(" in written or "[" in written:
        return True
    if found.is_part_of_list or _looks_like_list(found.groups):
        return None
    if kind or _is_usual(found):
        return True
    return _dash.search(written) is not None if _is_possible(found) else None


def _evidence(
    text: str, found: _Candidate, words: list[tuple[int, int, str]]
) -> tuple[bool | None, bool | None]:
    """Return what the words near a number, and those farther before it, say that it is.

    True: a telephone. False: another number, which only the word beside it can say.
    """
    near = far = None
    before = bisect_right(words, found.start, key=lambda word: word[1])
    told = [w for w in words[max(0, before - REACH) : before] if not _connector.fullmatch(w[2])]
    for distance, (_start, end, word) in enumerate(reversed(told)):
        if _phone_word.fullmatch(word):
            near, far = (True if distance < NEAR else None), True
            break
        ends = len(word) > ABBREVIATION and "." in text[end : found.start]
        if distance == 0 and _other_word.fullmatch(word) and not ends:
            return False, False
    after = bisect_left(words, found.end, key=lambda word: word[0])
    if near is None and after < len(words) and words[after][0] - found.end <= 2:
        word = words[after][2]
        near = False if _unit.fullmatch(word) else bool(_phone_word.fullmatch(word)) or None
    return near, far


def _looks_like_list(groups: list[str]) -> bool:
    """Return whether groups look like sizes (all as wide, in order) or like amounts (round)."""
    if all(group[-1] in "059" for group in groups):
        return True
    in_order = groups == sorted(groups) or groups == sorted(groups, reverse=True)
    return len(groups) > 2 and in_order and len(set(map(len, groups))) == 1


def _is_usual(found: _Candidate) -> bool:
    """Return whether the digits are grouped as people group telephones.

    Either the area code stands alone and the rest is not all pairs, or it begins one of two or
    three groups, which are not two of five.
    """
    widths = [len(group) for group in found.groups]
    if found.groups[0] in LADAS | SERVICES:
        return set(widths) != {2}
    return widths[0] > 3 and len(widths) <= 3 and widths != [5, 5]


def _is_possible(found: _Candidate) -> bool:
    """Return whether the area code begins a long group, or all groups are pairs."""
    widths = [len(group) for group in found.groups]
    return widths[0] > 3 or set(widths) == {2}


#: Advice on numbers that are written in one, with a prefix that is no longer dialled.
PREFIX_ADVICE = (
    Rule("old_prefix", f"(?<![0-9])0(?:1|44|45){TEN_DIGITS}(?![0-9])", (("^0(?:1|44|45)", ""),)),
    Rule("old_prefix", "(?<![0-9])01[89]00[0-9]{6}(?![0-9])", None, "old_prefix_short"),
)


def as_data() -> dict[str, object]:
    """Return the tables of telephones for the browser."""
    return {
        "gap": GAP,
        "number": NUMBER,
        "ten": TEN_DIGITS,
        "letter": f"[{LETTER}]",
        "dash": f"[{DASHES}]",
        "ladas": sorted(LADAS | SERVICES),
        "phoneWords": PHONE_WORDS,
        "otherWords": OTHER_WORDS,
        "units": UNITS,
        "connectors": CONNECTORS,
        "abbreviation": ABBREVIATION,
        "longest": LONGEST,
        "reach": REACH,
        "near": NEAR,
    }
