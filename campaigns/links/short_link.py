"""Codes of short links, and the links in an ad text.

Codes use ALPHABET, which has no vowels (so no words), and none of the letters and digits that
people confuse with one another.
"""

import re
import secrets

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.links.problem import LinkProblem

ALPHABET = "bcdfghkmnpqrstvwxyz23456789"
CODE_LENGTH = 5
CODE_PATTERN = f"[{ALPHABET}]{{{CODE_LENGTH}}}"
#: A domain that the channel carries, with or without the path /l.
DOMAIN_PATTERN = r"[a-z0-9]+(?:[.][a-z0-9]+)*(?:/l)?"
MAX_DOMAIN_LENGTH = 20  # characters: the link and its space then leave 63 of 90 for the text


def new_code() -> str:
    """Return a random code, which cannot be guessed."""
    return "".join(secrets.choice(ALPHABET) for _index in range(CODE_LENGTH))


def address_of(code: str) -> str:
    """Return the link of a code as it is written in an ad text."""
    return f"{settings.SHORT_LINK_DOMAIN}/{code}"


def text_with_link(text: str, link: str) -> str:
    """Return a text with a link: in place of the links at our domain, or else at the end.

    A text that has just this link stays as it is.
    """
    if _link_pattern().search(text):
        return _link_pattern().sub(link, text)
    return f"{text.rstrip()} {link}" if text.strip() else link


def replace_link(text: str, old: str, new: str) -> str:
    """Return a text with one link replaced by another; other links stay as they are."""

    def replacement(match: re.Match[str]) -> str:
        return new if address_of(match[1].lower()) == old else match[0]

    return _link_pattern().sub(replacement, text)


def links_in(text: str) -> list[str]:
    """Return the links at our domain in a text, in reading order."""
    return [address_of(match[1].lower()) for match in _link_pattern().finditer(text)]


def check_text(text: str, *, link: str, has_destination: bool) -> list[LinkProblem]:
    """Return the problems of the links at our domain in a text.

    `link` is the campaign's own, empty while it has none; the text must contain it if and only
    if the campaign has a destination.
    """
    present = links_in(text)
    problems = [_foreign(other, link) for other in dict.fromkeys(present) if other != link]
    if has_destination and link not in present:
        problems.append(_missing(link))
    if link in present and not has_destination:
        problems.append(
            LinkProblem(
                "link_idle",
                _("El texto lleva tu enlace corto: escribe a qué página lleva, o quítalo."),
            )
        )
    return problems


def _link_pattern() -> re.Pattern[str]:
    """Return the pattern of a link at our domain with any code, valid or not."""
    domain = re.escape(settings.SHORT_LINK_DOMAIN)
    return re.compile(
        rf"(?:https?://)?(?<![A-Za-z0-9.@])(?:www[.])?{domain}/([A-Za-z0-9]*)", re.IGNORECASE
    )


def _foreign(other: str, link: str) -> LinkProblem:
    message = (
        _("«{other}» no es el enlace de esta campaña: cámbialo por «{link}».")
        if link
        else _("«{other}» no es de esta campaña: quítalo, o escribe su destino para tener uno.")
    )
    return LinkProblem("foreign_link", message.format(other=other, link=link))


def _missing(link: str) -> LinkProblem:
    message = (
        _("El texto no lleva tu enlace corto: agrega «{link}», o borra el destino.")
        if link
        else _("Guarda el borrador para tener tu enlace corto, y agrégalo al texto.")
    )
    return LinkProblem("link_missing", message.format(link=link))
