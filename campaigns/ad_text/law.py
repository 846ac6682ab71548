"""The text law: checks an ad text for a missed-call notification, and fixes it.

The channel carries the letters a to z in both cases without accents, digits, the space and
`$ . , / @`, in at most 90 characters (110 where the operator allows it), with telephone numbers
written without separators. The law is tables and patterns, read by a small engine (`problems`,
`fixes`): `signs`, `context` (signs that depend on their neighbours), `links` (links, addresses and
handles, which no sign may be taken from), `damage` (what other programs broke), `phones` (what
counts as a telephone number), `words` (the policy of ñ) and `messages`. `as_data` exports the same
tables to the browser, whose engine is static/js/ad-text-law.js with ad-text-phones.js.

Codes of refusals: empty, too_long, forbidden_character, accent, enye, quote, emoji,
letter_variant, loose_mark, other_script, currency, dial_code, odd_space, invisible,
separated_phone, link_scheme, link_sign, mail_sign, handle_sign, damaged, lost_letter, only_signs.
Codes of advice: edge_space, double_space, space_before_sign, link_www, live_link, link_tail,
shortener, maybe_phone, old_prefix, all_caps. They are stable.

Pure: no database, no request, and no settings but the language in use.
"""

import re
import unicodedata
from dataclasses import dataclass

from campaigns.ad_text import phones
from campaigns.ad_text.damage import REPAIRS
from campaigns.ad_text.fixes import Change, apply_all, apply_at
from campaigns.ad_text.links import SCHEME, TOKENS
from campaigns.ad_text.messages import ANY_REMEDY, FIELD, MESSAGES, NO_REMEDY, REMEDIES
from campaigns.ad_text.problems import (
    ACCENTED,
    ADVICE,
    BEGINS,
    REFUSALS,
    Problem,
    advice_in,
    is_plain,
    problem,
    refusals_in,
    translate,
    without_scheme,
)
from campaigns.ad_text.rule import Rule
from campaigns.ad_text.signs import ALLOWED, ALPHABET, BLOCKS, FOLDED, MARKS, SIGNS
from campaigns.ad_text.words import CHANGES_MEANING, HARMLESS, LETTER, LONGEST_WORD

__all__ = [
    "ALPHABET",
    "DEFAULT_LIMIT",
    "MAX_LIMIT",
    "BadLimit",
    "Change",
    "FixedText",
    "Problem",
    "advice",
    "as_data",
    "check",
    "fix",
    "normalise",
    "septets",
    "without_scheme",
]

#: Characters: what every notification has room for, and the largest limit that can be set.
DEFAULT_LIMIT = 90
MAX_LIMIT = 110
#: Of a longer text only the beginning is checked and nothing is fixed: this bounds the cost.
READ_LIMIT = 10 * MAX_LIMIT

_NEWLINE = "\r\n|\r|\n"
_newline = re.compile(_NEWLINE)
_meaningful = re.compile("[A-Za-z0-9]")
_surrogate = re.compile("[\ud800-\udfff]")


class BadLimit(ValueError):
    """The limit is not from 1 to MAX_LIMIT."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the limit is from 1 to {MAX_LIMIT} characters, not {limit}")


@dataclass(frozen=True, slots=True)
class FixedText:
    """A fixed text, its changes, and the problems that only a person can decide.

    The changes are in reading order and do not overlap: applied to the normalised text they give
    `text`. `undecided` is what `check` returns for `text`.
    """

    text: str
    changes: list[Change]
    undecided: list[Problem]


def normalise(text: str) -> str:
    r"""Return a text in the form that is counted, checked and stored. Never raises.

    NFC; each newline (\n, \r or \r\n) becomes one space; a broken surrogate becomes U+FFFD, so
    that the result can be encoded.
    """
    if text.isascii():
        return _newline.sub(" ", text) if "\n" in text or "\r" in text else text
    if _surrogate.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", _newline.sub(" ", text))


def check(text: str, *, limit: int = DEFAULT_LIMIT) -> list[Problem]:
    """Return all that keeps the channel from carrying a text, in reading order.

    Length is counted in code points after NFC, not in bytes, and includes the short link.
    Positions are code-point offsets into the normalised text, which is the form to store. An empty
    list means that the channel carries it. Spaces count; a text of nothing else is empty.

    Raises BadLimit unless 1 ≤ limit ≤ MAX_LIMIT.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise BadLimit(limit)
    text = normalise(text)
    if not text.strip(" "):
        return [problem("empty", 0, text, None)]
    problems = refusals_in(text[:READ_LIMIT])
    if is_plain(text) and not _meaningful.search(text):
        problems.insert(0, problem("only_signs", 0, text, None))
    if over := text[limit:]:
        message = "too_long_by_one" if len(over) == 1 else "too_long"
        problems.append(problem("too_long", limit, over, None, message, over=str(len(over))))
        problems.sort(key=lambda found: (found.position, found.code != "too_long"))
    return problems


def advice(text: str) -> list[Problem]:
    """Return what the channel carries but reads badly, in reading order."""
    return advice_in(normalise(text)[:READ_LIMIT])


def fix(text: str, *, limit: int = DEFAULT_LIMIT, only: int | None = None) -> FixedText:
    """Return a text with all automatic fixes applied, and the problems left to a person.

    Applied are the fixes of problems, and the advice about spaces and `www.`. Left to a person
    are the length, words whose meaning depends on ñ, currencies, dialling codes and other scripts.
    With `only`, just the fix offered at that position is applied, of a problem or of any advice.
    The operation is idempotent.

    Raises BadLimit.
    """
    text = normalise(text)
    changes: list[Change] = []
    if len(text) <= READ_LIMIT:
        text, changes = apply_all(text) if only is None else apply_at(text, only)
    return FixedText(text, changes, check(text, limit=limit))


def septets(text: str) -> int:
    """Return the number of GSM 03.38 septets of a text that the channel carries.

    Every character of the alphabet, `$` and `@` included, is one septet of the basic table.

    Raises ValueError for a text with any other character.
    """
    text = normalise(text)
    if not is_plain(text):
        raise ValueError("only a text of the channel's alphabet has a count of septets")
    return len(text)


def as_data() -> dict[str, object]:
    """Return the law as JSON data for the browser: the same tables, in the language in use."""
    return {
        "limit": DEFAULT_LIMIT,
        "maxLimit": MAX_LIMIT,
        "readLimit": READ_LIMIT,
        "alphabet": ALPHABET,
        "allowed": ALLOWED,
        "newline": _NEWLINE,
        "marks": f"[{MARKS}]+",
        "folded": FOLDED,
        "accented": ACCENTED,
        "letter": LETTER,
        "begins": BEGINS,
        "tokens": [list(token) for token in TOKENS],
        "scheme": SCHEME.pattern,
        "repairs": REPAIRS,
        "phones": phones.as_data(),
        "longestWord": LONGEST_WORD,
        "refusals": [_rule(rule) for rule in REFUSALS],
        "advice": [_rule(rule) for rule in ADVICE],
        "signs": [[code, fix, _translate_all(names)] for code, fix, names in SIGNS],
        "blocks": [list(block) for block in BLOCKS],
        "harmless": sorted(HARMLESS),
        "changesMeaning": _translate_all(CHANGES_MEANING),
        "messages": _translate_all(MESSAGES),
        "remedies": {fix: [translate(part) for part in pair] for fix, pair in REMEDIES.items()},
        "anyRemedy": [translate(part) for part in ANY_REMEDY],
        "noRemedy": [translate(part) for part in NO_REMEDY],
        "field": _translate_all(FIELD),
    }


def _rule(rule: Rule) -> list[object]:
    fix = [list(step) for step in rule.fix] if isinstance(rule.fix, tuple) else rule.fix
    return [rule.code, rule.pattern, fix, rule.message, translate(rule.name), rule.automatic]


def _translate_all(sentences: dict[str, str]) -> dict[str, str]:
    return {key: translate(sentence) for key, sentence in sentences.items()}
