"""The form of one rule of the ad text, read alike by Python and by the browser."""

from typing import NamedTuple

#: What replaces an offender: a text, a chain of (pattern, replacement) run on the offender
#: itself, or None where a person must decide.
Fix = str | tuple[tuple[str, str], ...] | None


class Rule(NamedTuple):
    """One thing the channel refuses or advises against.

    Patterns are written in the part of the syntax that `re` and a JavaScript RegExp with the
    `u` flag read alike: numbered groups only, explicit classes instead of shorthands, and
    lookbehind of a fixed width. `message` is a key of `ad_text_messages.MESSAGES`, the code
    where it is empty. A rule without code keeps its match from the rules below it.
    """

    code: str
    pattern: str
    fix: Fix = None
    message: str = ""
    name: str = ""
    mend: bool = False


def one_of(characters: str, *, ranges: str = "") -> str:
    """Write a class that matches one of these characters, or one inside these ranges."""
    escaped = "".join(f"\\{c}" if c in "\\]^-[" else c for c in characters)
    return f"[{escaped}{ranges}]"
