"""The address of a client behind trusted proxies, for limits, sessions and logs alike."""

import ipaddress
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

log = structlog.get_logger(__name__)

LOCAL_SOCKET = "unix"  # stands for a proxy that connects by a local socket, without an address
LOCAL_CLIENT = "127.0.0.1"  # of a local socket whose proxy names nobody
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")

Network = IPv4Network | IPv6Network


class TrustedProxies:
    """The proxies of TRUSTED_PROXIES: addresses and networks, and `unix`.

    Raises ValueError for anything else.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._local_socket = LOCAL_SOCKET in names
        self._networks = [ipaddress.ip_network(name) for name in names if name != LOCAL_SOCKET]

    def include(self, address: str) -> bool:
        if not address:
            return self._local_socket
        parsed = _parse(address)
        return parsed is not None and any(parsed in network for network in self._networks)

    def client_of(self, peer: str, forwarded: str) -> str:
        """Return the last address of X-Forwarded-For that is not of a trusted proxy.

        Each proxy appends the address that it saw. What is before the first one that is not
        trusted was sent by a stranger, and counts for nothing.
        """
        client = peer
        for name in reversed(forwarded.split(",")):
            address = _parse(name.strip())
            if address is None:
                break
            client = str(address)
            if not self.include(client):
                break
        return client


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address, that of IPv4 inside IPv6 as the former, or None if it is none."""
    try:
        parsed = ipaddress.ip_address(address.removeprefix("[").partition("]")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


class ClientAddressMiddleware:
    """Set REMOTE_ADDR to the client's address, and drop headers that no trusted proxy set.

    It comes first: all that reads an address or the scheme comes after it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.proxies = TrustedProxies(settings.TRUSTED_PROXIES)
        self.told = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        if self.proxies.include(peer):
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
            client = self.proxies.client_of(peer, forwarded)
        else:
            client = peer
            self._drop_forwarded(request, peer)
        request.META["REMOTE_ADDR"] = client or LOCAL_CLIENT
        return self.get_response(request)

    def _drop_forwarded(self, request: HttpRequest, peer: str) -> None:
        """Drop forwarded headers, and say once that a proxy may be missing in the settings."""
        found = [name for name in FORWARDED if request.META.pop(name, None) is not None]
        if found and not self.told:
            self.told = True
            log.warning("forwarded_headers_dropped", headers=found, setting="TRUSTED_PROXIES")
