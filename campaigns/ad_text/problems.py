"""Matching of a normalised text against the tables, with messages in Spanish."""

import heapq
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from django.conf import settings
from django.utils.translation import get_language, gettext

from campaigns.ad_text.context import IN_CONTEXT, NAME_WITH_PLUS
from campaigns.ad_text.damage import DAMAGE, REPAIRS
from campaigns.ad_text.links import LINK_ADVICE, SCHEME, TOKENS
from campaigns.ad_text.messages import ANY_REMEDY, MESSAGES, NO_REMEDY, REMEDIES
from campaigns.ad_text.phones import PREFIX_ADVICE, phones_in
from campaigns.ad_text.rule import Fix, Rule
from campaigns.ad_text.signs import ALLOWED, BLOCKS, FOLDED, FORBIDDEN, MARKS, SIGNS
from campaigns.ad_text.words import CHANGES_MEANING, HARMLESS, LETTER, LONGEST_WORD

#: In order: at each position the first rule that matches wins. The last one matches any other
#: forbidden character.
REFUSALS = (SCHEME, *DAMAGE, *IN_CONTEXT, Rule("", FORBIDDEN))
#: Not refused: the channel carries these texts, but they read badly. `automatic` marks those
#: with a single right fix, which `law.fix` applies.
ADVICE = (
    Rule("edge_space", "^ +|(?<! ) +$", "", automatic=True),
    Rule("double_space", "(?<=[^ ])  +(?=[^ ])", " ", automatic=True),
    Rule("space_before_sign", "(?<! ) +(?=[.,](?![^ ]))", "", automatic=True),
    *LINK_ADVICE,
    *PREFIX_ADVICE,
    Rule("all_caps", "^(?=(?:[^A-Z]*[A-Z]){12})[^a-zß-öø-ÿ]*$"),
)
#: A lookahead for where a match can begin, so that not every rule is tried at every letter.
BEGINS = f"(?=[^A-GI-Za-gi-z .,/@]|[A-Za-z][{MARKS}]|[Nn][°º]|{NAME_WITH_PLUS})"
#: Letters whose compatibility form is the same letter without its accent.
ACCENTED = "[À-ɏḀ-ỿ]"

_refusal = re.compile(BEGINS + f"(?:{'|'.join(f'({rule.pattern})' for rule in REFUSALS)})")
_advice = [(rule, re.compile(rule.pattern)) for rule in ADVICE]
_sign = {sign: (code, fix, name) for code, fix, names in SIGNS for sign, name in names.items()}
_block = [(re.compile(pattern), code, fix) for pattern, code, fix in BLOCKS]
_plain = re.compile(f"{ALLOWED}*")
_gap = re.compile("[0-9][ ./]+[0-9]")
_tokens = [(code, re.compile(pattern)) for code, pattern in TOKENS]
_token_sign = re.compile("[.@]|://")
_scheme = re.compile(SCHEME.pattern)
_folded = re.compile(FOLDED)
_accented = re.compile(ACCENTED)
_encoded_again = re.compile("^&(?:amp;)+(?=.)")
_marks = re.compile(f"[{MARKS}]+")
_word = re.compile(f"{LETTER}+")


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
    """Return what the channel refuses: telephones, parts of links, signs. In reading order."""
    if is_plain(text):
        return _phones(text, certain=True) if _gap.search(text) else []
    claims = [*_tokens_in(text), *_phones(text, certain=True)]
    claims.sort(key=lambda claim: claim.position)
    return [found for found in _without_claimed(claims, _match(text)) if found.code]


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
    if not automatic_only:
        found += _phones(text, certain=False)
    return sorted(found, key=lambda problem: problem.position)


def _phones(text: str, *, certain: bool) -> list[Problem]:
    """Return the numbers that are telephones, or may be, and have no digit in a link."""
    found = [phone for phone in phones_in(text) if phone.is_certain is certain]
    code = "separated_phone" if certain else "maybe_phone"
    whole = _tokens_in(text) if found else []
    starts = [token.position for token in whole]
    return [
        problem(code, phone.start, text[phone.start : phone.end], phone.joined)
        for phone in found
        if not (before := bisect_left(starts, phone.end)) or whole[before - 1].end <= phone.start
    ]


def _tokens_in(text: str) -> list[Problem]:
    """Return the links, addresses and handles of a text, none of which overlaps another.

    Those that the channel carries have no code: only, nothing inside them is judged.
    """
    if not _token_sign.search(text):
        return []
    found: list[Problem] = []
    matches = [(m.start(), -m.end(), m[0], code) for code, p in _tokens for m in p.finditer(text)]
    end = 0
    for start, minus_end, token, code in sorted(matches):
        if start < end:
            continue
        end = -minus_end
        rest = without_scheme(token)
        if not is_plain(rest):
            signs = "".join(dict.fromkeys(sign for sign in rest if not is_plain(sign)))
            found.append(problem(code, start, token, None, signs=" ".join(signs)))
        elif rest == token:
            found.append(Problem("", start, token, "", None))
    return found


def without_scheme(link: str) -> str:
    """Return a link without http://, https:// and the www. after it."""
    scheme = _scheme.match(link)
    return link[scheme.end() :] if scheme else link


def _without_claimed(claims: list[Problem], signs: Iterator[Problem]) -> Iterator[Problem]:
    """Yield claims and signs in reading order, without those that begin inside an earlier one.

    A mark may change the last letter of a claim: the claim is as long as the mark then, or, if the
    channel could carry it, gives way.
    """
    last: Problem | None = None
    for found in heapq.merge(claims, signs, key=lambda found: found.position):
        if last is None or found.position >= last.end:
            if last is not None:
                yield last
            last = found
        elif found.end > last.end:
            beyond = found.offending[last.end - found.position :]
            last = replace(last, offending=last.offending + beyond) if last.code else found
    if last is not None:
        yield last


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
    word = _Word(text)
    asks = text.find("¿")
    for match in _refusal.finditer(text):
        rule = REFUSALS[(match.lastindex or 0) - 1]
        position, offending = match.start(), match[0]
        if rule.code == "enye":
            yield _enye(offending, position, word.at(position))
        elif rule.code == "damaged":
            yield _damaged(offending, position)
        elif rule.code == "lost_letter" and offending == "?" and 0 <= asks < position:
            yield problem("forbidden_character", position, offending, ". ")
        elif rule.code:
            fix = _replacement(rule.fix, offending)
            name = rule.name or _sign.get(offending[0], ("", None, ""))[2]
            yield problem(rule.code, position, offending, fix, name=translate(name))
        else:
            code, replacement, name = _classify(offending)
            yield problem(code, position, offending, replacement, name=translate(name))


def _damaged(offending: str, position: int) -> Problem:
    """Return the problem of damaged text, whose fix is the character that it was."""
    repaired = REPAIRS.get(_encoded_again.sub("&", offending))
    if repaired is None:
        return problem("lost_letter", position, offending, None)
    return problem("damaged", position, offending, repaired)


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


class _Word:
    """The words of a text, asked for from the start to the end: each is read once."""

    def __init__(self, text: str) -> None:
        self._words = _word.finditer(text)
        self._current = next(self._words, None)

    def at(self, position: int) -> str:
        """Return the word around a letter; of a very long one, the part from its start."""
        while self._current is not None and self._current.end() <= position:
            self._current = next(self._words, None)
        return self._current[0][: LONGEST_WORD + 1] if self._current else ""


def _enye(sign: str, position: int, word: str) -> Problem:
    """Return the problem of an ñ, which depends on the word around it."""
    key = "".join(c if c in "ñÑ" else _without_marks(c) for c in word).lower()
    ideas = CHANGES_MEANING.get(key)
    fix = None
    if key in HARMLESS:
        fix, message = ("n" if sign == "ñ" else "N"), "enye_harmless"
    elif ideas is None:
        message = "enye_unknown"
    else:
        message = "enye_meaning" if ideas else "enye_meaning_bare"
    values = {"word": word, "plain": _without_marks(word), "ideas": translate(ideas or "")}
    return problem("enye", position, sign, fix, message, **values)


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
