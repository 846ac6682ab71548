"""Reads a normalised text against the tables, and says in Spanish what it finds."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from django.conf import settings
from django.utils.translation import get_language, gettext

from campaigns.ad_text.messages import ANY_REMEDY, MESSAGES, NO_REMEDY, REMEDIES
from campaigns.ad_text.phones import ADVICE, PHONES, SCHEME
from campaigns.ad_text.rule import Fix, Rule
from campaigns.ad_text.signs import ALLOWED, BLOCKS, FOLDED, FORBIDDEN, IN_CONTEXT, MARKS, SIGNS
from campaigns.ad_text.words import CHANGES_MEANING, HARMLESS, LETTER

#: One pattern for all, the first rule that matches at a place wins; last, whatever is left.
REFUSALS = (*PHONES, SCHEME, *IN_CONTEXT, Rule("", FORBIDDEN))
#: Where a rule can begin at all; it only spares the engine from trying them all at every letter.
BEGINS = f"(?=[^A-GI-Za-gi-z .,/@]|[A-Za-z][{MARKS}])"
#: Letters whose compatibility form is the same letter without its accent.
ACCENTED = "[À-ɏḀ-ỿ]"

_refusal = re.compile(BEGINS + f"(?:{'|'.join(f'({rule.pattern})' for rule in REFUSALS)})")
_advice = [(rule, re.compile(rule.pattern)) for rule in ADVICE]
_sign = {sign: (code, fix, name) for code, fix, names in SIGNS for sign, name in names.items()}
_block = [(re.compile(pattern), code, fix) for pattern, code, fix in BLOCKS]
_plain = re.compile(f"{ALLOWED}*")
_gap = re.compile("[0-9][ .]+[0-9]")
_folded = re.compile(FOLDED)
_accented = re.compile(ACCENTED)
_marks = re.compile(f"[{MARKS}]+")
_word_before = re.compile(f"{LETTER}*$")
_word_after = re.compile(f"{LETTER}*")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the channel refuses, or advises against, and how to mend it.

    `position` is a code-point offset into the normalised text, where `offending` stands. `fix`
    takes its place; None means that a person must decide.
    """

    code: str
    position: int
    offending: str
    message: str
    fix: str | None

    @property
    def remedy(self) -> str:
        """The label of a button that applies the fix; empty where there is none."""
        return _remedy(self.fix)[0]

    @property
    def end(self) -> int:
        return self.position + len(self.offending)


def is_plain(text: str) -> bool:
    """Say at once that a text has nothing but the alphabet. Most texts end here."""
    return _plain.fullmatch(text) is not None


def refusals_in(text: str) -> list[Problem]:
    """List the signs, telephones and links that the channel refuses, in reading order."""
    if is_plain(text) and not _gap.search(text):
        return []
    return list(_read(text))


def advice_in(text: str, *, to_mend: bool = False) -> list[Problem]:
    """List what is advised against, in reading order; only what `fix` takes if `to_mend`."""
    found = [
        problem(rule.code, match.start(), match[0], _mended(rule.fix, match[0]), rule.message)
        for rule, pattern in _advice
        if rule.mend or not to_mend
        for match in pattern.finditer(text)
    ]
    return sorted(found, key=lambda advised: advised.position)


def problem(
    code: str, position: int, offending: str, fix: str | None, message: str = "", **values: str
) -> Problem:
    """Put a finding into words; `message` is another key of MESSAGES than the code."""
    code_point = f"U+{ord(offending[0]):04X}" if offending else ""
    values["name"] = values.get("name") or code_point
    said = say(MESSAGES[message or code]).format(
        sign=offending,
        fix=(fix or "").strip(" "),
        remedy=_remedy(fix)[1],
        code_point=code_point,
        **values,
    )
    return Problem(code, position, offending, said, fix)


def say(sentence: str) -> str:
    """Translate, where there is a language to translate to: the law also runs without Django."""
    if not sentence or not settings.configured:
        return sentence
    return _said(sentence, get_language())


@lru_cache(maxsize=1024)
def _said(sentence: str, language: str | None) -> str:
    """Remember: gettext looks through every app's catalogue, and a text is read at each key."""
    return gettext(sentence)


def _read(text: str) -> Iterator[Problem]:
    for match in _refusal.finditer(text):
        rule = REFUSALS[(match.lastindex or 0) - 1]
        position, offending = match.start(), match[0]
        if rule.code == "enye":
            yield _enye(text, position)
        elif rule.code:
            fix = _mended(rule.fix, offending)
            yield problem(rule.code, position, offending, fix, name=say(rule.name))
        elif rule.pattern == FORBIDDEN:
            code, replacement, name = _judge(offending)
            yield problem(code, position, offending, replacement, name=say(name))


@cache
def _judge(sign: str) -> tuple[str, str | None, str]:
    """Find the code, the replacement and the name of one forbidden character."""
    if sign in _sign:
        return _sign[sign]
    if _folded.match(sign) and (plain := _fold(sign)):
        return "accent" if _accented.match(sign) else "letter_variant", plain, ""
    for pattern, code, replacement in _block:
        if pattern.match(sign):
            return code, replacement, ""
    return "other_script", None, ""


def _fold(sign: str) -> str:
    """Undress a letter or digit; empty unless only allowed characters are left."""
    plain = _marks.sub("", unicodedata.normalize("NFKD", sign))
    return plain if is_plain(plain) and " " not in plain else ""


def _enye(text: str, position: int) -> Problem:
    """Judge an ñ by the word that it stands in."""
    before, after = _word_before.search(text, 0, position), _word_after.match(text, position)
    word = (before[0] if before else "") + (after[0] if after else "")
    key = "".join(c if c in "ñÑ" else _without_marks(c) for c in word).lower()
    ideas = CHANGES_MEANING.get(key)
    fix = None
    if key in HARMLESS:
        fix, message = ("n" if text[position] == "ñ" else "N"), "enye_harmless"
    elif ideas is None:
        message = "enye_unknown"
    else:
        message = "enye_meaning" if ideas else "enye_meaning_bare"
    plain = _without_marks(word)
    values = {"word": word, "plain": plain, "ideas": say(ideas or "")}
    return problem("enye", position, text[position], fix, message, **values)


def _without_marks(word: str) -> str:
    return _marks.sub("", unicodedata.normalize("NFD", word))


def _mended(fix: Fix, offending: str) -> str | None:
    if fix is None or isinstance(fix, str):
        return fix
    for pattern, replacement in fix:
        offending = re.sub(pattern, replacement, offending)
    return offending


def _remedy(fix: str | None) -> tuple[str, str]:
    label, advised = NO_REMEDY if fix is None else REMEDIES.get(fix, ANY_REMEDY)
    shown = (fix or "").strip(" ")
    return say(label).format(fix=shown), say(advised).format(fix=shown)
