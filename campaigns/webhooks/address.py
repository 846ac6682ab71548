"""Validation of webhook addresses: https to a public name that resolves to public addresses.

A brand chooses the address and we call it from inside our network, so it must not lead there
(server-side request forgery). The name is validated when it is saved, and the addresses that it
resolves to on each call. Sources: OWASP SSRF Prevention Cheat Sheet; IANA's registries of special
IPv4 and IPv6 addresses; RFC 6052 for what NAT64 embeds.
"""

import unicodedata
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, quote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns import links
from campaigns.errors import CampaignError

MAX_URL_LENGTH = 500  # characters

# Not for public hosts, though some version of `ipaddress` takes them for global.
_NOT_PUBLIC = tuple(
    IPv4Network(net)
    for net in ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3")
)
_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(net)
    # protocols and Teredo, documentation, 6to4, documentation
    for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_NAT64 = IPv6Network("64:ff9b::/96")


class BadUrl(CampaignError):
    """No webhook may be sent to this address."""

    code = "bad_url"


def clean_url(url: str) -> str:
    """Return a URL as it is stored: ASCII, the host in lower case. Raises BadUrl.

    With `WEBHOOK_PRIVATE_SINKS`, http, IP addresses and names of private networks are allowed.
    """
    written = url.strip()
    if any(unicodedata.category(sign)[0] in "CZ" or sign == "\\" for sign in written):
        raise BadUrl(_("La dirección no lleva espacios ni «\\»."))
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        raise BadUrl(_("La dirección no se entiende: revisa el sitio y el puerto.")) from None
    private = settings.WEBHOOK_PRIVATE_SINKS
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise BadUrl(_("Escríbela completa y con https://, como https://tumarca.mx/webhook."))
    if "@" in parts.netloc:
        raise BadUrl(_("Quita lo que está antes de la arroba: la firma dice quién llama."))
    if "#" in written:
        raise BadUrl(_("Quita desde el «#»: eso no se envía a un servidor."))
    if not (port is None or port == 443 or port >= 1024 or private):
        raise BadUrl(_("Usa el puerto 443, o uno desde el 1024."))
    if not parts.hostname:
        raise BadUrl(_("Falta el sitio: escribe algo como https://tumarca.mx/webhook."))
    url = _normalised(parts, parts.hostname if private else _host(parts.hostname), port)
    if len(url) > MAX_URL_LENGTH:
        raise BadUrl(_("La dirección pasa de {most} caracteres.").format(most=MAX_URL_LENGTH))
    return url


def is_public(address: str) -> bool:
    """Return whether an IP address is of a host that anybody may reach.

    Of IPv6 only the range of public hosts is allowed, which excludes all forms that embed an IPv4
    address (mapped, compatible, 6to4, Teredo) but NAT64, where the embedded address decides.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found in _NAT64:
        found = IPv4Address(int(found) & 0xFFFF_FFFF)
    if isinstance(found, IPv4Address):
        return found.is_global and not any(found in net for net in _NOT_PUBLIC)
    return (
        found.scope_id is None
        and found in _UNICAST
        and found.is_global
        and not any(found in net for net in _NOT_PUBLIC_6)
    )


def _host(name: str) -> str:
    """Return a host name in ASCII. Raises BadUrl unless it is a public name."""
    try:
        host = links.read_host(name)
    except links.BadDestination as bad:
        raise BadUrl(bad.problems[0].message) from None
    if links.is_internal(host):
        raise BadUrl(
            _("«{host}» no se alcanza fuera de tu red: pon un sitio público.").format(host=host)
        )
    if host in (urlsplit(settings.PORTAL_URL).hostname, settings.SHORT_LINK_DOMAIN):
        raise BadUrl(_("Ese sitio es de este portal: pon el de tu programa."))
    return host


def _normalised(parts: SplitResult, host: str, port: int | None) -> str:
    host = f"[{host}]" if ":" in host else host
    suffix = f":{port}" if port not in (None, 443 if parts.scheme == "https" else 80) else ""
    path = quote(parts.path or "/", safe="/%:=;$&()+,!@'~-._*")
    query = quote(parts.query, safe="/%[]=:;$&()+,!?*@'~-._")
    return f"{parts.scheme}://{host}{suffix}{path}{'?' * bool(query)}{query}"
