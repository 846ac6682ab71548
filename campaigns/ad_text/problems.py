"""Matching of a normalised text against the tables, with messages in Spanish."""

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

#: In order: at each position the first rule that matches wins. The last one matches any other
#: forbidden character.
REFUSALS = (*PHONES, SCHEME, *IN_CONTEXT, Rule("", FORBIDDEN))
#: A lookahead for where a match can begin, so that not every rule is tried at every letter.
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
    """Something that the channel refuses, or that is advised against, and its fix.

    `position` is the code-point offset of `offending` in the normalised text. `fix` is its
    replacement; None means that a person must decide.
    """

    code: str
    position: int
    offending: str
    message: str
    fix: str | None

    @property
    def remedy(self) -> str:
        """The label of a button that applies the fix; empty where there is no fix."""
        return _remedy(self.fix)[0]

    @property
    def end(self) -> int:
        return self.position + len(self.offending)


def is_plain(text: str) -> bool:
    """Return whether a text has only characters of the alphabet: the quick check of most texts."""
    return _plain.fullmatch(text) is not None


def refusals_in(text: str) -> list[Problem]:
    """Return the signs, telephone numbers and links that the channel refuses, in reading order."""
    if is_plain(text) and not _gap.search(text):
        return []
    return list(_match(text))


def advice_in(text: str, *, automatic_only: bool = False) -> list[Problem]:
    """Return what is advised against, in reading order.

    With `automatic_only`, only the advice that `law.fix` applies.
    """
    found = [
        problem(rule.code, match.start(), match[0], _replacement(rule.fix, match[0]), rule.message)
        for rule, pattern in _advice
        if rule.automatic or not automatic_only
        for match in pattern.finditer(text)
    ]
    return sorted(found, key=lambda problem: problem.position)


def problem(
    code: str, position: int, offending: str, fix: str | None, message: str = "", **values: str
) -> Problem:
    """Return a problem with its message filled in.

    `message` is the key in MESSAGES where it is not the code; `values` fill its placeholders.
    """
    code_point = f"U+{ord(offending[0]):04X}" if offending else ""
    values["name"] = values.get("name") or code_point
    text = translate(MESSAGES[message or code]).format(
        sign=offending,
        fix=(fix or "").strip(" "),
        remedy=_remedy(fix)[1],
        code_point=code_point,
        **values,
    )
    return Problem(code, position, offending, text, fix)


def translate(sentence: str) -> str:
    """Translate into the language in use; without Django's settings return the Spanish source."""
    if not sentence or not settings.configured:
        return sentence
    return _translated(sentence, get_language())


@lru_cache(maxsize=1024)
def _translated(sentence: str, language: str | None) -> str:
    """Cached: gettext searches the catalogue of every app, and a text is checked on each key."""
    return gettext(sentence)


def _match(text: str) -> Iterator[Problem]:
    """Yield the refusals of a text, by one pass of the combined pattern."""
    for match in _refusal.finditer(text):
        rule = REFUSALS[(match.lastindex or 0) - 1]
        position, offending = match.start(), match[0]
        if rule.code == "enye":
            yield _enye(text, position)
        elif rule.code:
            fix = _replacement(rule.fix, offending)
            yield problem(rule.code, position, offending, fix, name=translate(rule.name))
        elif rule.pattern == FORBIDDEN:
            code, replacement, name = _classify(offending)
            yield problem(code, position, offending, replacement, name=translate(name))


@cache
def _classify(sign: str) -> tuple[str, str | None, str]:
    """Return the code, the replacement and the name of one forbidden character."""
    if sign in _sign:
        return _sign[sign]
    if _folded.match(sign) and (plain := _fold(sign)):
        return "accent" if _accented.match(sign) else "letter_variant", plain, ""
    for pattern, code, replacement in _block:
        if pattern.match(sign):
            return code, replacement, ""
    return "other_script", None, ""


def _fold(sign: str) -> str:
    """Return the plain form of a letter or digit, or an empty text if it is not all allowed."""
    plain = _marks.sub("", unicodedata.normalize("NFKD", sign))
    return plain if is_plain(plain) and " " not in plain else ""


def _enye(text: str, position: int) -> Problem:
    """Return the problem of an ñ, which depends on the word around it."""
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
    values = {"word": word, "plain": plain, "ideas": translate(ideas or "")}
    return problem("enye", position, text[position], fix, message, **values)


def _without_marks(word: str) -> str:
    return _marks.sub("", unicodedata.normalize("NFD", word))


def _replacement(fix: Fix, offending: str) -> str | None:
    """Return what a fix makes of the offending text; None where a person must decide."""
    if fix is None or isinstance(fix, str):
        return fix
    for pattern, replacement in fix:
        offending = re.sub(pattern, replacement, offending)
    return offending


def _remedy(fix: str | None) -> tuple[str, str]:
    """Return the label of a fix's button, and the sentence that proposes it in a message."""
    label, sentence = NO_REMEDY if fix is None else REMEDIES.get(fix, ANY_REMEDY)
    label_fix = (fix or "").strip(" ")
    return translate(label).format(fix=label_fix), translate(sentence).format(fix=label_fix)
