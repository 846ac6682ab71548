"""The custom properties that the skin's stylesheet defines: colours and font sizes."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

PROPERTY = re.compile(r"^  --([A-Za-z0-9]+): (.+);$", re.MULTILINE)


def colours() -> list[str]:
    """Return the names of the skin's colours, in the order of its stylesheet."""
    return [name for name, value in _properties() if re.match(r"#|rgb", value)]


def font_sizes() -> list[tuple[str, str]]:
    """Return name and value (size and line height on a phone) of each font size."""
    return [(name, value) for name, value in _properties() if re.fullmatch(r"text\d", name)]


def read_stylesheet(name: str) -> str:
    """Return the source of a static file."""
    path = finders.find(name)
    assert isinstance(path, str), name
    return Path(path).read_text()


def _properties() -> Iterator[tuple[str, str]]:
    outside_media = read_stylesheet(settings.SKIN).split("@media", 1)[0]
    return ((match[1], match[2]) for match in PROPERTY.finditer(outside_media))
