"""How a short link is written, and where it stands in an ad text.

Codes are of ALPHABET, which has no vowels (so no words), and none of the letters and digits
that people take for one another.
"""

import re
import secrets

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.links.problem import LinkProblem

ALPHABET = "bcdfghkmnpqrstvwxyz23456789"
CODE_LENGTH = 5
CODE_PATTERN = f"[{ALPHABET}]{{{CODE_LENGTH}}}"
#: What the channel carries of a domain, with a path below it or without.
DOMAIN_PATTERN = r"[a-z0-9]+(?:[.][a-z0-9]+)*(?:/l)?"
MAX_DOMAIN_LENGTH = 20  # characters: the link and its space then leave 63 of 90 for the text


def new_code() -> str:
    """Make a code at random: nobody guesses the next one."""
    return "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))


def address_of(code: str) -> str:
    """Write the link with a code as it stands in an ad text."""
    return f"{settings.SHORT_LINK_DOMAIN}/{code}"


def text_with_link(text: str, link: str) -> str:
    """Put a link at the end of a text; one of ours that is in it already gives its place.

    A text that holds just this link stays as it is.
    """
    if _ours().search(text):
        return _ours().sub(link, text)
    return f"{text.rstrip()} {link}" if text.strip() else link


def replace_link(text: str, old: str, new: str) -> str:
    """Put a link in the place of another one; what else the text holds stays as it is."""
    return _ours().sub(lambda found: new if address_of(found[1].lower()) == old else found[0], text)


def links_in(text: str) -> list[str]:
    """Give the links at our domain that a text holds, in reading order."""
    return [address_of(found[1].lower()) for found in _ours().finditer(text)]


def check_text(text: str, *, link: str, has_destination: bool) -> list[LinkProblem]:
    """Say what is wrong with the links of ours in a text.

    `link` is the campaign's own, empty while it has none; it belongs in the text exactly where
    the campaign has a destination.
    """
    held = links_in(text)
    problems = [_foreign(other, link) for other in dict.fromkeys(held) if other != link]
    if has_destination and link not in held:
        problems.append(_missing(link))
    if link in held and not has_destination:
        problems.append(
            LinkProblem(
                "link_idle",
                _("El texto lleva tu enlace corto: escribe a qué página lleva, o quítalo."),
            )
        )
    return problems


def _ours() -> re.Pattern[str]:
    """Find what looks like a link at our domain, with whatever code."""
    domain = re.escape(settings.SHORT_LINK_DOMAIN)
    return re.compile(
        rf"(?:https?://)?(?<![A-Za-z0-9.@])(?:www[.])?{domain}/([A-Za-z0-9]*)", re.IGNORECASE
    )


def _foreign(other: str, link: str) -> LinkProblem:
    told = (
        _("«{other}» no es el enlace de esta campaña: cámbialo por «{link}».")
        if link
        else _("«{other}» no es de esta campaña: quítalo, o escribe su destino para tener uno.")
    )
    return LinkProblem("foreign_link", told.format(other=other, link=link))


def _missing(link: str) -> LinkProblem:
    told = (
        _("El texto no lleva tu enlace corto: agrega «{link}», o borra el destino.")
        if link
        else _("Guarda el borrador para tener tu enlace corto, y agrégalo al texto.")
    )
    return LinkProblem("link_missing", told.format(link=link))
