"""One call to an address that a brand chose, bounded in time and size, to public addresses only.

The guard stands where connections are made: the name is resolved there, all of its answers are
judged, and the connection goes to an address that was judged. Nobody resolves the name again, so
a second answer of the DNS changes nothing; the certificate is still checked against the name.
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
LAST_WORDS = 1.0  # seconds more to hear the body out; it is dropped
MOST_READ = 1024  # bytes at a time, and of the body
MOST_ADDRESSES = 3  # of a name that are tried


class CallResult(NamedTuple):
    """How a call went. `error` is for people, in Spanish; empty: it was taken."""

    status: int | None
    error: str
    milliseconds: int
    retry_after: int | None = None  # seconds, as a 429 or 503 said

    @property
    def delivered(self) -> bool:
        return not self.error

    @property
    def gone(self) -> bool:
        return self.status == 410


class BlockedAddress(Exception):
    """The guard lets nothing go there; its text is for people."""


def post(url: str, headers: Mapping[str, str], body: bytes) -> CallResult:
    """Send a body and say how it was taken. No redirect is followed, and nothing is raised."""
    started = time.monotonic()
    status, retry_after = None, None
    try:
        address.clean_url(url)  # it was, under the rules and settings of that day
        status, retry_after = _exchange(url, headers, body, started + DEADLINE)
        error = _meaning(status)
    except (BlockedAddress, address.BadUrl) as refused:
        error = str(refused)
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
    """Connects to addresses that the guard lets through, and to no other."""

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
        """Connect to the first address of a name that answers.

        Raises BlockedAddress, ConnectError or ConnectTimeout.
        """
        failure: Exception | None = None
        for known in resolve(host, port)[:MOST_ADDRESSES]:
            try:
                stream = self._plain.connect_tcp(known, port, timeout=self.left())
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                failure = failed
                continue
            if stream.get_extra_info("server_addr")[0] != known:
                stream.close()
                raise BlockedAddress(_("El sitio cambió de dirección mientras se llamaba."))
            return DeadlineStream(stream, self)
        raise failure or httpcore.ConnectError()

    def left(self) -> float:
        """Give the seconds that are left. Raises ConnectTimeout where there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise httpcore.ConnectTimeout
        return left


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline, however slowly bytes drip in."""

    def __init__(self, inner: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        self._inner, self._backend = inner, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(min(max_bytes, MOST_READ), self._backend.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._backend.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._backend.left())
        return DeadlineStream(inner, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def resolve(host: str, port: int) -> list[str]:
    """Give the addresses of a name, all of them public. Raises BlockedAddress.

    One that is not public refuses the name: who answers with both may be turning between them.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BlockedAddress(_("El nombre del sitio no existe en el DNS.")) from None
    found = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    if not settings.WEBHOOK_PRIVATE_SINKS and not all(map(address.is_public, found)):
        raise BlockedAddress(_("El nombre del sitio lleva a una dirección que no es pública."))
    return found


def _exchange(
    url: str, headers: Mapping[str, str], body: bytes, until: float
) -> tuple[int, int | None]:
    """Give the status of the answer, and how long it asks to wait."""
    backend = GuardedBackend(until)
    with (
        httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend) as pool,
        pool.stream("POST", url, headers=list(headers.items()), content=body) as response,
    ):
        told = {name.lower(): value for name, value in response.headers}
        backend.until = min(until, time.monotonic() + LAST_WORDS)
        _drop_body(response)
    waits = response.status in (429, 503)
    return response.status, _retry_after(told.get(b"retry-after", b"")) if waits else None


def _drop_body(response: httpcore.Response) -> None:
    """Hear the sink out, so that it is not cut short in a sentence; the status says it all."""
    seen = 0
    with suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        for chunk in response.iter_stream():
            seen += len(chunk)
            if seen >= MOST_READ:
                return


def _meaning(status: int) -> str:
    """Say what a status means for people; empty where the event was taken."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return _("Contestó {status}, que redirige: pon la dirección final.").format(status=status)
    if status == 410:
        return _("Contestó 410: pidió que no se le envíe más.")
    return _("Contestó {status} en lugar de 2xx.").format(status=status)


def _retry_after(value: bytes) -> int | None:
    """Read seconds, or a date, as seconds from now."""
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
