"""Damage that other programs leave in a text: what can be repaired for certain, and what is lost.

A letter that was encoded as UTF-8 and read as Windows-1252 or Latin-1, or written as an HTML
entity, an escape of JSON or a percent-encoding, stands for one letter only. A letter that became
"?" or U+FFFD is lost: only a person knows it.
"""

from html.entities import codepoint2name
from urllib.parse import quote

from campaigns.ad_text.rule import Rule

_CHARACTERS = "".join(map(chr, range(0xA0, 0x100))) + "ŒœŠšŽžŸ–—‘’‚“”„†•…‰‹›€™"
_ASCII = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
_ASCII |= {"&#34;": '"', "&#39;": "'", "&#039;": "'", "&#x27;": "'", "&#38;": "&"}


def _misread(character: str, encoding: str) -> str:
    """Return the UTF-8 bytes of a character as read in an encoding, else as in Latin-1."""
    return "".join(
        bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in character.encode()
    )


def _damaged_forms(character: str) -> set[str]:
    code = ord(character)
    forms = {_misread(character, "cp1252"), _misread(character, "latin-1")}
    forms |= {f"&#{code};", f"&#x{code:X};", f"&#x{code:x};", f"&#x{code:04x};"}
    forms |= {f"\\u{code:04x}", f"\\u{code:04X}", quote(character), quote(character).lower()}
    return forms | ({f"&{codepoint2name[code]};"} if code in codepoint2name else set())


#: Damaged text, and the character that it was.
REPAIRS = {form: c for c in _CHARACTERS for form in sorted(_damaged_forms(c))} | _ASCII
#: Windows-1252 has no sign for the last byte of ”, so that many programs drop it.
REPAIRS["â€"] = "”"

_SMALL = "[a-zß-öø-ÿ]"
_LETTER = "[A-Za-zÀ-ÖØ-öø-ÿ]"

_NAMES = "|".join(sorted(name[1:-1] for name in REPAIRS if name[0] == "&" and name[1] != "#"))

#: An entity that was itself encoded again, any number of times, is one match.
DAMAGE = (
    Rule("damaged", f"&(?:amp;)*(?:#[0-9]{{2,7}}|#x[0-9A-Fa-f]{{2,6}}|{_NAMES});"),
    Rule("damaged", "\\\\u[0-9A-Fa-f]{4}|(?:%[C-Fc-f][0-9A-Fa-f])(?:%[89ABab][0-9A-Fa-f]){1,2}"),
    Rule("damaged", "[ÂÃÅ][\x80-\xbfŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]"),
    Rule("damaged", "â[\x80€‚„][\x80-\xbfŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]?"),
    Rule("emoji", "ð[\x9fŸ][\x80-\xbfŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]{1,2}", ""),
    Rule("lost_letter", "\ufffd+"),
    Rule("lost_letter", f"(?<={_SMALL})[?¤]+(?={_SMALL})|(?<=[A-ZÀ-ÖØ-Þ])[?](?=[A-ZÀ-ÖØ-Þ])"),
    Rule("lost_letter", f"(?<!{_LETTER})(?<![^ ])[?](?={_SMALL}|[A-ZÀ-ÖØ-Þ]{{2}})"),
    Rule("lost_letter", f"(?<={_SMALL})[ÂÃ](?!{_SMALL})"),
)
