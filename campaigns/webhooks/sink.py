"""One HTTP call to a webhook's address, bounded in time and size, to public addresses only.

The check is where connections are made: the name is resolved there, all of its addresses are
checked, and the connection goes to one of them. The name is not resolved again, so another
response of the DNS (rebinding) has no effect; the certificate is still checked against the name.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, NamedTuple

import httpcore
from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.webhooks import address

DEADLINE = 10.0  # seconds for the whole call, DNS and TLS included
BODY_TIMEOUT = 1.0  # seconds to read the body, which is discarded
MAX_READ = 1024  # bytes, of one read and of the body
MAX_ADDRESSES = 3  # of one name that are tried


class CallResult(NamedTuple):
    """The result of a call. `error` is for people, in Spanish; empty: the event was accepted."""

    status: int | None
    error: str
    milliseconds: int
    retry_after: int | None = None  # seconds, from a 429 or 503

    @property
    def delivered(self) -> bool:
        return not self.error

    @property
    def gone(self) -> bool:
        return self.status == 410


class BlockedAddress(Exception):
    """The address must not be called; the text is for people, in Spanish."""


def post(url: str, headers: Mapping[str, str], body: bytes) -> CallResult:
    """Send a body and return the result. Follows no redirect and raises nothing."""
    started = time.monotonic()
    status, retry_after = None, None
    try:
        address.clean_url(url)  # again: rules and settings may have changed since it was saved
        status, retry_after = _exchange(url, headers, body, started + DEADLINE)
        error = _error_message(status)
    except (BlockedAddress, address.BadUrl) as blocked:
        error = str(blocked)
    except httpcore.TimeoutException:
        error = _("No contestó en {seconds} s.").format(seconds=int(DEADLINE))
    except httpcore.ConnectError as failed:
        tls = any(isinstance(reason, ssl.SSLError) for reason in failed.args)
        error = (
            _("La conexión segura falló: revisa el certificado de tu sitio.")
            if tls
            else _("No se pudo conectar.")
        )
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol):
        error = _("Cortó la conexión o no contestó con HTTP.")
    return CallResult(status, error, round((time.monotonic() - started) * 1000), retry_after)


class GuardedBackend(httpcore.NetworkBackend):
    """A network backend that connects to addresses from `resolve` only."""

    def __init__(self, until: float) -> None:
        self.until = until  # on the monotonic clock
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a name that accepts the connection.

        Raises BlockedAddress, ConnectError or ConnectTimeout.
        """
        failure: Exception | None = None
        for ip in resolve(host, port)[:MAX_ADDRESSES]:
            try:
                stream = self._plain.connect_tcp(ip, port, timeout=self.remaining())
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                failure = failed
                continue
            if stream.get_extra_info("server_addr")[0] != ip:
                stream.close()
                raise BlockedAddress(_("El sitio cambió de dirección mientras se llamaba."))
            return DeadlineStream(stream, self)
        raise failure or httpcore.ConnectError()

    def remaining(self) -> float:
        """Return the seconds until the deadline. Raises ConnectTimeout after it."""
        remaining = self.until - time.monotonic()
        if remaining <= 0:
            raise httpcore.ConnectTimeout
        return remaining


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose reads and writes all end at the backend's deadline."""

    def __init__(self, inner: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        self._inner, self._backend = inner, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(min(max_bytes, MAX_READ), self._backend.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._backend.remaining())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._backend.remaining())
        return DeadlineStream(inner, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def resolve(host: str, port: int) -> list[str]:
    """Return the IP addresses of a name. Raises BlockedAddress unless all of them are public.

    A name with both kinds is refused: it may alternate between them.
    """
    try:
        records = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BlockedAddress(_("El nombre del sitio no existe en el DNS.")) from None
    addresses = list(dict.fromkeys(str(record[4][0]) for record in records))
    if not settings.WEBHOOK_PRIVATE_SINKS and not all(map(address.is_public, addresses)):
        raise BlockedAddress(_("El nombre del sitio lleva a una dirección que no es pública."))
    return addresses


def _exchange(
    url: str, headers: Mapping[str, str], body: bytes, until: float
) -> tuple[int, int | None]:
    """Return the status of the response, and the seconds of its Retry-After, or None."""
    backend = GuardedBackend(until)
    with (
        httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool,
        pool.stream("POST", url, headers=list(headers.items()), content=body) as response,
    ):
        received = {name.lower(): value for name, value in response.headers}
        backend.until = min(until, time.monotonic() + BODY_TIMEOUT)
        _discard_body(response)
    is_busy = response.status in (429, 503)
    wait = _retry_after(received.get(b"retry-after", b"")) if is_busy else None
    return response.status, wait


def _discard_body(response: httpcore.Response) -> None:
    """Read up to MAX_READ bytes, so that the sink is not cut off while it writes."""
    read = 0
    with suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        for chunk in response.iter_stream():
            read += len(chunk)
            if read >= MAX_READ:
                return


def _error_message(status: int) -> str:
    """Return a message in Spanish about a status, or an empty text for 2xx."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return _("Contestó {status}, que redirige: pon la dirección final.").format(status=status)
    if status == 410:
        return _("Contestó 410: pidió que no se le envíe más.")
    return _("Contestó {status} en lugar de 2xx.").format(status=status)


def _retry_after(value: bytes) -> int | None:
    """Return a Retry-After, in seconds or as a date, as seconds from now; None if malformed."""
    text = value.decode("ascii", "replace").strip()
    if text.isdecimal() and len(text) < 10:
        return int(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, round((moment - datetime.now(UTC)).total_seconds()))


@cache
def _tls() -> ssl.SSLContext:
    return httpcore.default_ssl_context()
