"""The PDF of a certificate, made by typst from its content: equal content gives equal bytes.

The content is data of a fixed template and never part of its source. The PDF conforms to PDF/A-2a
and PDF/UA-1. It has the fonts that typst embeds, and no date but those of the content.
"""

import json
import unicodedata
from importlib import metadata
from pathlib import Path
from typing import Any

import typst

from campaigns.certificates import content

VERSION = metadata.version("typst")
TEMPLATE = 1  # the newest; a template that was used is never changed, a new one is added
TEMPLATES = Path(__file__).parent / "templates"

# What the embedded text font has glyphs for; PDF/A refuses a character without one.
_WITH_GLYPHS = [(0x20, 0x7E), (0xA1, 0x2FF), (0x370, 0x482), (0x48A, 0x4FF), (0x1E00, 0x1FFE)]
_WITH_GLYPHS += [(0x2010, 0x2027), (0x2030, 0x203E), (0x20A0, 0x20BF)]


def render(canonical: str, template: int = TEMPLATE) -> bytes:
    """Return the PDF of a content."""
    data = _printable(json.loads(canonical)) | {"content_sha256": content.sha256(canonical)}
    return typst.compile(
        str(TEMPLATES / f"{template}.typ"),
        format="pdf",
        sys_inputs={"content": json.dumps(data)},
        pdf_standards=["a-2a", "ua-1"],
        ignore_system_fonts=True,
    )


def _printable(value: Any) -> Any:
    """Return a value with each character that has no glyph written as its code point."""
    match value:
        case dict():
            return {key: _printable(each) for key, each in value.items()}
        case list():
            return [_printable(each) for each in value]
        case str():
            return "".join(map(_glyph, unicodedata.normalize("NFC", value)))
    return value


def _glyph(character: str) -> str:
    if character in "\n\t":
        return " "
    code = ord(character)
    if any(first <= code <= last for first, last in _WITH_GLYPHS):
        return character if unicodedata.category(character) not in ("Cf", "Cn") else ""
    return f"[U+{code:04X}]"
