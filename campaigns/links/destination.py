"""Validation of destinations: public pages over https, by name, and no other shorteners.

Sources: the WHATWG URL standard for what browsers accept as a host ("ends in a number" is an
IPv4 address, however it is written; a backslash is a slash; tabs and newlines vanish), UTS 46
with IDNA 2008 for names with other letters, RFC 6761 and RFC 8375 for names that are not public.
"""

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import idna
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.links.hosts import INTERNAL, SHORTENERS
from campaigns.links.problem import LinkProblem

MAX_URL_LENGTH = 2000  # characters
MAX_HOST = 253  # characters, as in the DNS
#: A stored destination, as a PostgreSQL pattern: a host name, never an IP address, and no port.
STORED_PATTERN = (
    r"^https://([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]([/?#][!-~]*)?$"
)

_ALPHABETS = {
    "CYRILLIC": gettext_lazy("cirílico"),
    "GREEK": gettext_lazy("griego"),
    "ARMENIAN": gettext_lazy("armenio"),
    "CHEROKEE": gettext_lazy("cheroqui"),
    "HEBREW": gettext_lazy("hebreo"),
    "ARABIC": gettext_lazy("árabe"),
    "CJK": gettext_lazy("chino"),
}
_label = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_ending = re.compile("[a-z][a-z0-9-]*[a-z0-9]")
_number = re.compile(r"[0-9]+|0x[0-9a-f]*")
_scheme = re.compile("[A-Za-z][A-Za-z0-9+-]*:")


class Destination(NamedTuple):
    """An allowed destination as it is stored: ASCII, the host in punycode."""

    url: str
    host: str

    @property
    def foreign_letters(self) -> str:
        """The letters of the host of other alphabets than ours, each with the name of its own.

        Some look like ours: «а» (cirílico) and «a». Empty where there are none.
        """
        found = dict.fromkeys(
            sign
            for sign in self.host_display
            if sign.isalpha() and not unicodedata.name(sign, "").startswith("LATIN ")
        )
        return ", ".join(f"«{sign}» ({_alphabet(sign)})" for sign in found)

    @property
    def host_display(self) -> str:
        """The host in Unicode; empty where it is plain ASCII."""
        if "xn--" not in self.host:
            return ""
        try:
            return idna.decode(self.host)
        except idna.IDNAError:
            return ""


class BadDestination(ValueError):
    """The destination is not allowed; `problems` has the reasons."""

    def __init__(self, problems: list[LinkProblem]) -> None:
        self.problems = problems
        super().__init__(" ".join(problem.code for problem in problems))


def complete(written: str) -> str:
    """Return an address as a person wrote it, with https:// where it begins with the host."""
    try:
        read_destination(written)
    except BadDestination as bad:
        begins_with_host = written.strip()[:1].isalnum() and written[:6].lower() != "https:"
        if bad.problems[0].code == "no_scheme" and begins_with_host:
            return f"https://{written.strip()}"
    return written


def check_destination(url: str) -> list[LinkProblem]:
    """Return the problems of a destination, without the spaces around it.

    Empty where it is allowed, or where none is given.
    """
    if not url.strip():
        return []
    try:
        read_destination(url)
    except BadDestination as bad:
        return bad.problems
    return []


def read_destination(url: str) -> Destination:
    """Return a URL as it is stored and redirected to. Raises BadDestination."""
    written = url.strip()
    if any(unicodedata.category(sign)[0] in "CZ" or sign == "\\" for sign in written):
        raise _bad(
            "odd_character",
            _("La dirección no lleva espacios ni «\\»: cópiala completa de tu navegador."),
        )
    rest = _after_scheme(written)
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    host = _host(authority)
    tail = quote(rest[len(authority) :], safe="/#%[]=:;$&()+,!?*@'~-._")
    if problem := _host_problem(host, tail):
        raise BadDestination([problem])
    destination = Destination(f"https://{host}{tail}", host)
    if len(destination.url) > MAX_URL_LENGTH:
        raise _bad(
            "too_long",
            _("La dirección pasa de {most:,} caracteres: usa una más corta.").format(
                most=MAX_URL_LENGTH
            ),
        )
    return destination


def stored_destination(url: str) -> Destination:
    """Return a destination from a version without validating it: it was valid when submitted."""
    return Destination(url, urlsplit(url).hostname or "")


def _after_scheme(written: str) -> str:
    """Return what follows https://. Raises BadDestination for another scheme or none."""
    if written[:8].lower() == "https://":
        return written[8:]
    if written[:7].lower() == "http://":
        raise _bad(
            "not_https",
            _("Usa https:// en lugar de http://, y comprueba que tu página abra así."),
        )
    if _scheme.match(written) and written[:6].lower() != "https:":
        raise _bad("scheme", _("Solo puede llevar a una página web: empieza con https://."))
    rest = re.sub("^(?:https:)?/*", "", written, flags=re.IGNORECASE)
    raise _bad("no_scheme", _("Escríbela completa: https://{rest}").format(rest=rest[:200]))


def _host(authority: str) -> str:
    """Return the host in lower-case ASCII, without port 443. Raises BadDestination."""
    if "@" in authority:
        raise _bad(
            "user_info",
            _("Quita lo que está antes de la arroba: una página no lleva usuario ni contraseña."),
        )
    if "[" in authority:
        raise _ip_address()
    name, _colon, port = authority.partition(":")
    if port not in ("", "443"):
        raise _bad("port", _("Quita «:{port}»: la página debe abrir sin él.").format(port=port))
    if not name:
        raise _bad("no_host", _("Falta el sitio: escribe algo como https://tumarca.mx/promo."))
    return read_host(name)


def read_host(name: str) -> str:
    """Return a host name in lower-case ASCII. Raises BadDestination, for IP addresses too."""
    try:
        host = idna.encode(name, uts46=True, transitional=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise _bad_host(name) from None
    host = host.removesuffix(".")
    labels = host.split(".")
    if _number.fullmatch(labels[-1]):
        raise _ip_address()
    if len(host) > MAX_HOST or not all(_label.fullmatch(label) for label in labels):
        raise _bad_host(name)
    return host


def is_internal(host: str) -> bool:
    """Return whether a name is of a private network, or resolves into one."""
    return "." not in host or _is_within(host, INTERNAL)


def _host_problem(host: str, tail: str) -> LinkProblem | None:
    """Return why a well-formed host is not allowed as a destination, or None."""
    if is_internal(host):
        return LinkProblem(
            "internal",
            _("«{host}» no abre fuera de tu red: pon una página que cualquiera pueda ver.").format(
                host=host
            ),
        )
    if not _ending.fullmatch(host.rpartition(".")[2]) or len(host) > MAX_HOST:
        return _bad_host(host).problems[0]
    if _is_within(host, SHORTENERS):
        return LinkProblem(
            "shortener",
            _(
                "«{host}» ya acorta o redirige: pon la página a la que llegas al abrirlo. "
                "Aquí la acortamos y contamos sus visitas."
            ).format(host=host),
        )
    if _is_own(host, tail):
        return LinkProblem("own", _("Ese sitio es de este portal: pon la página de tu marca."))
    return None


def _alphabet(letter: str) -> str:
    name = unicodedata.name(letter, "").partition(" ")[0]
    return str(_ALPHABETS.get(name, _("otro alfabeto")))


def _is_own(host: str, tail: str) -> bool:
    """Return whether a URL leads to one of our short links, or to the portal."""
    short, _slash, path = settings.SHORT_LINK_DOMAIN.partition("/")
    if host == short:
        return not path or tail.startswith(f"/{path}/")
    return host == urlsplit(settings.PORTAL_URL).hostname


def _is_within(host: str, names: frozenset[str]) -> bool:
    """Return whether a host is one of the names, or a subdomain of one."""
    labels = host.split(".")
    return any(".".join(labels[start:]) in names for start in range(len(labels)))


def _bad(code: str, message: str) -> BadDestination:
    return BadDestination([LinkProblem(code, message)])


def _bad_host(name: str) -> BadDestination:
    return _bad(
        "bad_host",
        _("«{name}» no puede ser el nombre de un sitio: revísalo letra por letra.").format(
            name=name[:80]
        ),
    )


def _ip_address() -> BadDestination:
    return _bad("address", _("Pon el nombre del sitio, como tumarca.mx, y no su número."))
