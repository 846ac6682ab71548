"""Where a short link may lead: a public page by name, over https, and nothing that hides another.

Sources: the WHATWG URL standard for what browsers take for a host ("ends in a number" is an
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

from campaigns.links.hosts import INTERNAL, SHORTENERS
from campaigns.links.problem import LinkProblem

MAX_URL_LENGTH = 2000  # characters
MAX_HOST = 253  # characters, as in the DNS
#: A destination as a version holds it, for PostgreSQL: a name, never an address, and no port.
STORED_PATTERN = (
    r"^https://([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]([/?#][!-~]*)?$"
)

_label = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_ending = re.compile("[a-z][a-z0-9-]*[a-z0-9]")
_number = re.compile(r"[0-9]+|0x[0-9a-f]*")
_scheme = re.compile("[A-Za-z][A-Za-z0-9+-]*:")


class Destination(NamedTuple):
    """An address that a link may lead to, as it is stored: ASCII, the host in punycode."""

    url: str
    host: str

    @property
    def host_display(self) -> str:
        """How the host reads with its own letters; empty where it is plain ASCII."""
        if "xn--" not in self.host:
            return ""
        try:
            return idna.decode(self.host)
        except idna.IDNAError:
            return ""


class BadDestination(ValueError):
    """No link may lead there; `problems` says why."""

    def __init__(self, problems: list[LinkProblem]) -> None:
        self.problems = problems
        super().__init__(" ".join(problem.code for problem in problems))


def check_destination(url: str) -> list[LinkProblem]:
    """Say why no link may lead to an address, and how to mend it.

    Nothing where one may, or where none is given. Spaces around it do not count.
    """
    if not url.strip():
        return []
    try:
        read_destination(url)
    except BadDestination as bad:
        return bad.problems
    return []


def read_destination(url: str) -> Destination:
    """Bring an address to the form that is stored and redirected to. Raises BadDestination."""
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
    if problem := _why_not(host, tail):
        raise BadDestination([problem])
    found = Destination(f"https://{host}{tail}", host)
    if len(found.url) > MAX_URL_LENGTH:
        raise _bad(
            "too_long",
            _("La dirección pasa de {most:,} caracteres: usa una más corta.").format(
                most=MAX_URL_LENGTH
            ),
        )
    return found


def stored_destination(url: str) -> Destination:
    """Read an address that a version holds: it was good when it was sent, whatever came since."""
    return Destination(url, urlsplit(url).hostname or "")


def _after_scheme(written: str) -> str:
    """Give what follows https://."""
    if written[:8].lower() == "https://":
        return written[8:]
    if written[:7].lower() == "http://":
        raise _bad(
            "not_https",
            _("Usa https:// en lugar de http://, y comprueba que tu página abra así."),
        )
    if _scheme.match(written) and written[:6].lower() != "https:":
        raise _bad("scheme", _("Solo puede llevar a una página web: empieza con https://."))
    whole = re.sub("^(?:https:)?/*", "", written, flags=re.IGNORECASE)
    raise _bad("no_scheme", _("Escríbela completa: https://{rest}").format(rest=whole[:200]))


def _host(authority: str) -> str:
    """Give the host in lower-case ASCII, without the port that https has anyway."""
    if "@" in authority:
        raise _bad(
            "user_info",
            _("Quita lo que está antes de la arroba: una página no lleva usuario ni contraseña."),
        )
    if "[" in authority:
        raise _address()
    name, _colon, port = authority.partition(":")
    if port not in ("", "443"):
        raise _bad("port", _("Quita «:{port}»: la página debe abrir sin él.").format(port=port))
    if not name:
        raise _bad("no_host", _("Falta el sitio: escribe algo como https://tumarca.mx/promo."))
    return read_host(name)


def read_host(name: str) -> str:
    """Give a host's name in lower-case ASCII. Raises BadDestination; numbers are no name."""
    try:
        host = idna.encode(name, uts46=True, transitional=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise _bad_host(name) from None
    host = host.removesuffix(".")
    labels = host.split(".")
    if _number.fullmatch(labels[-1]):
        raise _address()
    if len(host) > MAX_HOST or not all(_label.fullmatch(label) for label in labels):
        raise _bad_host(name)
    return host


def is_internal(host: str) -> bool:
    """Say whether a name is not public: of a network of one's own, or made to lead into one."""
    return "." not in host or _is_at(host, INTERNAL)


def _why_not(host: str, tail: str) -> LinkProblem | None:
    """Say what keeps a well-formed host from being a destination."""
    if is_internal(host):
        return LinkProblem(
            "internal",
            _("«{host}» no abre fuera de tu red: pon una página que cualquiera pueda ver.").format(
                host=host
            ),
        )
    if not _ending.fullmatch(host.rpartition(".")[2]) or len(host) > MAX_HOST:
        return _bad_host(host).problems[0]
    if _is_at(host, SHORTENERS):
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


def _is_own(host: str, tail: str) -> bool:
    """Say whether an address leads back to us: to a short link, or to the portal itself."""
    short, _slash, below = settings.SHORT_LINK_DOMAIN.partition("/")
    if host == short:
        return not below or tail.startswith(f"/{below}/")
    return host == urlsplit(settings.PORTAL_URL).hostname


def _is_at(host: str, names: frozenset[str]) -> bool:
    """Say whether a host is one of the names, or below one."""
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


def _address() -> BadDestination:
    return _bad("address", _("Pon el nombre del sitio, como tumarca.mx, y no su número."))
