"""The text of a PDF as its fonts map it back to characters, page by page."""

import re
import zlib
from collections.abc import Iterator

OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def read(pdf: bytes) -> str:
    """Return the text in reading order; the pieces of a line are joined without spaces."""
    objects = {int(number): body for number, body in OBJECT.findall(pdf)}
    pages = [body for body in objects.values() if b"/Type/Page/" in body]
    return "\n".join(_page(page, objects) for page in pages)


def _page(page: bytes, objects: dict[int, bytes]) -> str:
    resources = objects[_reference(page, b"Resources")]
    fonts = {
        name: _characters(_stream(objects[_reference(objects[int(number)], b"ToUnicode")]))
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", resources)
    }
    text, glyphs = "", dict[int, str]()
    for font, codes in _drawn(_stream(objects[_reference(page, b"Contents")])):
        if font:
            glyphs = fonts[font]
            text += "\n"
        pairs = (codes[at : at + 2] for at in range(0, len(codes), 2))
        text += "".join(glyphs[int.from_bytes(pair)] for pair in pairs)
    return text


def _drawn(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each font that is chosen, and the codes of each string that is drawn."""
    at, is_text = 0, False
    token = re.compile(rb"/(f\d+) [\d.]+ Tf|\(|\bTm\b|\bET\b")
    while found := token.search(content, at):
        at = found.end()
        if found[0] in (b"Tm", b"ET"):
            is_text = found[0] == b"Tm"
            continue
        if found[1]:
            yield found[1], b""
            continue
        codes, depth = b"", 1
        while depth:
            byte, at = content[at : at + 1], at + 1
            if byte == b"\\":
                escaped = re.compile(rb"[0-7]{1,3}|.", re.DOTALL).match(content, at)
                assert escaped
                at = escaped.end()
                byte = _unescape(escaped[0])
            elif byte in b"()":
                depth += 1 if byte == b"(" else -1
            codes += byte if depth else b""
        if is_text:
            yield b"", codes


def _reference(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found, name
    return int(found[1])


def _stream(body: bytes) -> bytes:
    _head, _mark, data = body.partition(b"stream\n")
    return zlib.decompress(data.rsplit(b"\nendstream", 1)[0])


def _characters(cmap: bytes) -> dict[int, str]:
    """Return the characters of each glyph that a ToUnicode map names."""
    found = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, characters in re.findall(rb"<(\w+)> <(\w+)>", block):
            found[int(code, 16)] = bytes.fromhex(characters.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, begin in re.findall(rb"<(\w+)> <(\w+)> <(\w+)>", block):
            for number, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
                found[code] = chr(int(begin, 16) + number)
    return found


def _unescape(escaped: bytes) -> bytes:
    return bytes([int(escaped, 8)]) if escaped.isdigit() else ESCAPES.get(escaped, escaped)
