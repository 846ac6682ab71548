"""The catalogue of translations: found in the code, merged, and compiled. Texts are in Spanish.

`update` writes what `manage.py update_catalogue` commits; a test compares with it.
"""

import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGE = "en"
SPANISH = "es_MX"
NO_DATE = datetime(2026, 12, 1, tzinfo=UTC)  # the same bytes for the same texts
FOLDERS = ("core", "segments", "inventory", "campaigns", "portal")
# As in Django's makemessages; each argument's number, with "c" for that of a context.
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def path(suffix: str, locale: str = LANGUAGE) -> Path:
    """Return the file of a catalogue, "po" or "mo"."""
    return settings.BASE_DIR / "locale" / locale / "LC_MESSAGES" / f"django.{suffix}"


def found() -> Catalog:
    """Return every text of the code and the templates, without translations."""
    catalogue = Catalog(locale=LANGUAGE, charset="utf-8", fuzzy=False)
    for file, source in _sources():
        for _line, message, _comments, context in extract("python", io.BytesIO(source), KEYWORDS):
            catalogue.add(message, locations=[(file, 0)], context=context)
    return catalogue


def _sources() -> Iterator[tuple[str, bytes]]:
    """Yield the name of each file with its source; of a template, as Python that says its texts."""
    base = settings.BASE_DIR
    for folder in FOLDERS:
        for file in sorted((base / folder).rglob("*.py")):
            if "migrations" not in file.parts:
                yield str(file.relative_to(base)), file.read_bytes()
    for file in sorted((base / "templates").rglob("*.*")):
        source = templatize(file.read_text(), origin=str(file))
        source = re.sub(r"\\(?=[de])", r"\\\\", source)  # of date formats: Python would complain
        lines = (line.lstrip() for line in source.splitlines())  # indentation is none of Python's
        yield str(file.relative_to(base)), "\n".join(lines).encode()


def stored() -> Catalog:
    """Return the catalogue as it is committed."""
    with path("po").open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def update() -> Catalog:
    """Bring the catalogue up to date with the code and compile it; return it.

    What the code does not have any more goes; what is new has no translation yet.
    """
    catalogue = stored() if path("po").exists() else Catalog(locale=LANGUAGE, fuzzy=False)
    catalogue.update(found(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path("po").parent.mkdir(parents=True, exist_ok=True)
    path("po").write_bytes(po_bytes(catalogue))
    path("mo").write_bytes(mo_bytes(catalogue))
    path("mo", SPANISH).parent.mkdir(parents=True, exist_ok=True)
    path("mo", SPANISH).write_bytes(spanish_mo_bytes())
    return catalogue


HEADER = "# The portal in English. `manage.py update_catalogue` finds the texts and compiles them."


def po_bytes(catalogue: Catalog) -> bytes:
    """Return the catalogue as text, sorted, without dates: the same for the same texts."""
    buffer = io.BytesIO()
    catalogue.header_comment, catalogue.fuzzy = HEADER, False
    write_po(
        buffer, catalogue, omit_header=False, sort_output=True, width=100, include_lineno=False
    )
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    dated = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Last-Translator')
    return "".join(line for line in lines if not line.startswith(dated)).encode()


def mo_bytes(catalogue: Catalog) -> bytes:
    """Return the catalogue as Django reads it."""
    buffer = io.BytesIO()
    source = read_po(io.BytesIO(po_bytes(catalogue)), locale=LANGUAGE)
    source.creation_date = source.revision_date = NO_DATE
    write_mo(buffer, source)
    return buffer.getvalue()


def spanish_mo_bytes() -> bytes:
    """Return a catalogue of the texts as they are: gettext finds one in the first of nine.

    Texts of Django and its packages that templates repeat are left to their own catalogues.
    """
    theirs = _texts_of_packages()
    catalogue = Catalog(locale=SPANISH, charset="utf-8", fuzzy=False)
    catalogue.creation_date = catalogue.revision_date = NO_DATE
    for message in found():
        if message.id and _forms(message.id)[0] not in theirs:
            catalogue.add(message.id, message.id, context=message.context)
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def _texts_of_packages() -> set[str]:
    folders = [
        Path(django.__file__).parent / "conf",
        *(Path(a.path) for a in apps.get_app_configs()),
    ]
    known = set[str]()
    for folder in folders:
        for file in (folder / "locale").glob("es*/LC_MESSAGES/django.mo"):
            with file.open("rb") as source:
                known |= {form for each in read_mo(source) if each.id for form in _forms(each.id)}
    return known


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the texts that lack a translation, or one of its numbers."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and not (message.string and all(_forms(message.string)))
    ]


def _forms(string: str | Iterable[str]) -> list[str]:
    return [string] if isinstance(string, str) else list(string)
