"""Letters of files that were saved in one encoding and read in another: decoded, or found lost."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.problems import shorten

LOST = "\N{REPLACEMENT CHARACTER}"

MAX_RUN = 40  # characters that are searched for misread bytes
ODD = -5  # the weight of a character out of place

_SINGLE_BYTE = ("cp1252", "mac_roman", "cp850")
_SPANISH = "áéíóúüñ"
_OPENING = "¿¡"
_SIGNS = "’‘“”–—…•€°ºª®™©«»´·½\N{NO-BREAK SPACE}"
_PLAIN = frozenset(_SPANISH + _SPANISH.upper() + _OPENING + _SIGNS)

_NOT_ASCII = re.compile(r"[^\x00-\x7f]{2,}")
_WORD = re.compile(r"[^\s,;]+")
_ADDRESS = re.compile(r"[/=@]|\.\w")
_LOST_LETTER = re.compile(r"[^\W\d_]\?+[^\W\d_]|^[«\"'(]*\?+[^\W\d_]")


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, or in the 8-bit encoding that its letters speak for.

    Where two encodings read equally well, or none makes Spanish, letters that are not ASCII
    become LOST: none is guessed.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    scores = {text: _score(text) for text in _readings(data)}
    ranked = sorted(scores, key=lambda text: scores[text], reverse=True)
    certain = ranked and scores[ranked[0]] >= 0
    if certain and (len(ranked) < 2 or scores[ranked[0]] > scores[ranked[1]]):
        return ranked[0]
    return data.decode("ascii", "replace")


def damage(value: str) -> str:
    """Return how a value lost letters, in Spanish; empty where nothing is seen of it."""
    if LOST in value:
        return _("El archivo perdió letras aquí: guárdalo como «CSV UTF-8» y súbelo de nuevo.")
    for match in _NOT_ASCII.finditer(value):
        odd, meant = _misread(match[0][:MAX_RUN])
        if odd:
            message = _(
                "El archivo perdió letras aquí: «{odd}» parece ser «{meant}». "
                "Guárdalo como «CSV UTF-8» y súbelo de nuevo."
            )
            return message.format(odd=odd, meant=meant)
    for word in _WORD.findall(value):
        if not _ADDRESS.search(word) and _LOST_LETTER.search(word):
            message = _(
                "El archivo perdió letras aquí: «{word}» trae ? en lugar de una letra. "
                "Escríbela, o quita el signo."
            )
            return message.format(word=shorten(word))
    return ""


def _readings(data: bytes) -> Iterator[str]:
    for encoding in _SINGLE_BYTE:
        try:
            yield data.decode(encoding)
        except UnicodeDecodeError:
            continue


def _score(text: str) -> int:
    """Return how far a text is Spanish by its letters that are not ASCII; below 0: it is not."""
    padded = f"  {text}  "
    return sum(_weight(padded, match.start()) for match in re.finditer(r"[^\x00-\x7f]", padded))


def _weight(text: str, at: int) -> int:
    """Return how far a character is in place: 2 or 1 for Spanish, 0 for a sign, else below 0."""
    character, before, after = text[at], text[at - 1], text[at + 1]
    if character in _OPENING:
        in_place = not before.isalnum() and (after.isalnum() or after in _OPENING)
        return (1 if after.islower() else 2) if in_place else ODD
    if character in _SIGNS:
        return _weight_of_sign(character, before, after, text[at + 2])
    if not character.isalpha():
        return ODD
    if character.isupper():
        misplaced = before.islower() or (after.isupper() and text[at + 2].islower())
    else:
        misplaced = after.isupper() and not before.isupper()
    if misplaced:
        return ODD
    in_word = any(c.isascii() and c.isalpha() for c in (before, after))
    if (
        not in_word
        or character.lower() not in _SPANISH
        or (character.islower() and before.isupper() and text[at - 2].isupper())
    ):
        return -1
    return 1 if character.islower() and not before.isalpha() else 2


def _weight_of_sign(sign: str, before: str, after: str, beyond: str) -> int:
    """Return 0 for a sign between words, 2 for an apostrophe as in Domino’s or D’Angelo."""
    if not (before.isalpha() and after.isalpha()):
        return 0
    is_apostrophe = sign == "’" and (after.isupper() or (after == "s" and not beyond.isalpha()))
    return 2 if is_apostrophe else ODD


def _misread(run: str) -> tuple[str, str]:
    """Return characters whose bytes were UTF-8 read as 8-bit, and what they are; or nothing."""
    for start in range(len(run)):
        for end in range(len(run), start + 1, -1):
            if meant := _as_utf8(run[start:end]):
                return run[start:end], meant
    return "", ""


def _as_utf8(characters: str) -> str:
    for encoding in _SINGLE_BYTE:
        try:
            meant = b"".join(_byte(character, encoding) for character in characters).decode()
        except UnicodeError:
            continue
        if len(meant) < len(characters) and (set(meant) <= _PLAIN or (meant := _as_utf8(meant))):
            return meant
    return ""


def _byte(character: str, encoding: str) -> bytes:
    """Return the byte of a character; programs keep those that Windows-1252 lacks as they are."""
    try:
        return character.encode(encoding)
    except UnicodeEncodeError:
        return character.encode("latin-1")
