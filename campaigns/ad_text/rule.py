"""The type of one rule of the text law, read alike by Python and by JavaScript."""

from collections.abc import Iterable
from typing import NamedTuple

#: The replacement of a match: a fixed text, a chain of (pattern, replacement) applied to the
#: match itself, or None where a person must decide.
Fix = str | tuple[tuple[str, str], ...] | None


class Rule(NamedTuple):
    """A pattern that the channel refuses, or that is advised against, and its fix.

    Patterns use only the syntax that `re` and a JavaScript RegExp with the `u` flag share:
    numbered groups, explicit classes instead of shorthands, and lookbehind of fixed width.
    `message` is a key of `messages.MESSAGES`; empty, the code is the key. `name` is the Spanish
    name of the sign. `automatic` marks advice with a single right fix, which `law.fix`
    applies. A rule without a code matches text that the rules after it must not see.
    """

    code: str
    pattern: str
    fix: Fix = None
    message: str = ""
    name: str = ""
    automatic: bool = False


def one_of(characters: str, *, ranges: str = "") -> str:
    """Return a character class that matches any of the characters, or of the ranges."""
    escaped = "".join(f"\\{c}" if c in "\\]^-[" else c for c in characters)
    return f"[{escaped}{ranges}]"


def any_case(words: Iterable[str]) -> str:
    """Return alternatives that match the words in upper and in lower case; a dot is a dot."""
    return "|".join(
        "".join(f"[{c.upper()}{c}]" if c.isalpha() else f"[{c}]" for c in word) for word in words
    )
