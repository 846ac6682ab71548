"""The texts that the operator publishes: how to reach it, its privacy notice and its terms.

Each is a file of the folder OPERATOR_TEXTS, in UTF-8 and without markup but one: a line that begins
with "# " is a heading. A blank line ends a paragraph.
"""

import re
from typing import NamedTuple

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: How the portal's own stand-in begins, and what dummy text begins with everywhere.
SAMPLES = ("texto de muestra", "lorem ipsum")
MIN_LENGTH = 20  # characters; less ("Pendiente", "TODO") tells a reader nothing


class OperatorText(NamedTuple):
    """One of the texts: the file that it is in, and its title."""

    file: str
    title: Promise


TEXTS = {
    "contact": OperatorText("contacto.txt", _("Contacto")),
    "privacy": OperatorText("privacidad.txt", _("Aviso de privacidad")),
    "terms": OperatorText("terminos.txt", _("Términos")),
}


class Unpublished(Exception):
    """The operator has not published a text; the message says why, for who runs the portal."""


class Block(NamedTuple):
    """A heading, or a paragraph with its lines as they were written."""

    text: str
    is_heading: bool


def read(name: str) -> str:
    """Return a text of TEXTS, or raise Unpublished. The file is read anew each time."""
    if not settings.OPERATOR_TEXTS:
        raise Unpublished("OPERATOR_TEXTS is not set.")
    path = settings.BASE_DIR / settings.OPERATOR_TEXTS / TEXTS[name].file
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Unpublished(f"OPERATOR_TEXTS: {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Unpublished(f"OPERATOR_TEXTS: {path} is not plain text in UTF-8.") from error
    if "\0" in text:
        raise Unpublished(f"OPERATOR_TEXTS: {path} is not plain text in UTF-8.")
    if sum(len(block.text) for block in blocks(text) if not block.is_heading) < MIN_LENGTH:
        raise Unpublished(f"OPERATOR_TEXTS: {path} has no text.")
    words = " ".join(text.lower().split())
    if found := next((sample for sample in SAMPLES if sample in words), None):
        raise Unpublished(f"OPERATOR_TEXTS: {path} is a placeholder: it has «{found}».")
    return text


def blocks(text: str) -> list[Block]:
    """Return the headings and paragraphs of a text, in its order."""
    found: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text):
        for part in re.split(r"^\s*(#+ .*)$", paragraph, flags=re.MULTILINE):
            line = part.strip()
            words = re.sub("^#+ ", "", line)
            if words:
                found.append(Block(words, words != line))
    return found
