"""The worker of web processes: a thread gets a request when all of it has arrived.

gunicorn's own gives a connection to a thread at once, so that a few strangers who send half a
request keep all threads waiting. Here the loop that accepts connections collects requests.
"""

import contextlib
import re
import selectors
import socket
import struct
import tempfile
import time
from functools import partial
from http import HTTPStatus
from typing import IO, Any

from gunicorn import http
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

KIB = 1024
CHUNK = 64 * KIB  # bytes that are received at once
MAX_HEAD = 64 * KIB
MAX_BODY = 48 * 1024 * KIB  # above the largest file that a page accepts
IN_MEMORY = 256 * KIB  # of a body; a longer one is in a temporary file
REQUEST_SECONDS = 60  # in which all of a request has to arrive
STALL_SECONDS = 20  # a thread waits for a client that reads no response

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*([0-9]{1,18})[ \t]*\r$", re.I | re.M)
_CHUNKED = re.compile(rb"^transfer-encoding[ \t]*:", re.I | re.M)
_EXPECT = re.compile(rb"^expect[ \t]*:[ \t]*100-continue[ \t]*\r\n", re.I | re.M)


class RequestError(Exception):
    """A request that is not collected, with the status of its response."""

    def __init__(self, status: HTTPStatus, code: str) -> None:
        super().__init__(code)
        body = f'{{"status": {status.value}, "code": "{code}", "message": "{status.phrase}"}}'
        self.response = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


class PartialRequest:
    """A request of which some has arrived: its head, and then its body.

    Raises RequestError for a head or body that is too long, and for a body without a length,
    which Django would read as empty.
    """

    def __init__(self, start: bytes = b"") -> None:
        self.head = b""  # with what has arrived behind it
        self.body: IO[bytes] | None = None
        self.wants_continue = False
        self._missing: int | None = None  # bytes; None until the head is there
        self.add(start)

    @property
    def is_complete(self) -> bool:
        return self._missing == 0

    @property
    def wanted(self) -> int:
        """The bytes to receive next: none of a following request, once the head is there."""
        return CHUNK if self._missing is None else min(CHUNK, self._missing)

    def add(self, data: bytes) -> None:
        """Add what has arrived."""
        if self._missing is None:
            self.head += data
            end = self.head.find(_END_OF_HEAD)
            if end >= 0:
                self._read_head(end + len(_END_OF_HEAD))
            elif len(self.head) > MAX_HEAD:
                raise RequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "HEADERS_TOO_LARGE")
            return
        if self.body is None:
            self.body = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        self.body.write(data)
        self._missing -= len(data)
        if self._missing == 0:
            self.body.seek(0)

    def close(self) -> None:
        if self.body is not None:
            self.body.close()

    def _read_head(self, end: int) -> None:
        head, rest = self.head[:end], self.head[end:]
        if _CHUNKED.search(head):
            raise RequestError(HTTPStatus.LENGTH_REQUIRED, "LENGTH_REQUIRED")
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if length > MAX_BODY:
            raise RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "PAYLOAD_TOO_LARGE")
        self._missing = max(0, length - len(rest))
        without = _EXPECT.sub(b"", head)
        self.wants_continue = without != head and self._missing > 0
        self.head = without + rest


class CollectedUnreader(SocketUnreader):
    """The source of gunicorn's parser: a collected request, then the socket."""

    body: IO[bytes] | None = None

    def chunk(self, size_hint: int | None = None) -> bytes:
        if self.body is not None:
            if data := self.body.read(max(size_hint or 0, self.mxchunk)):
                return data
            self.body.close()
            self.body = None
        return bytes(super().chunk(size_hint))


class CollectingWorker(ThreadWorker):
    """A worker with threads that collects each request before a thread handles it."""

    def enqueue_req(self, conn: Any) -> None:
        """Collect the request of a connection: new, kept alive, or with a request behind one."""
        if conn.parser is None:
            _limit_stalls(conn.sock)
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
            conn.parser.unreader = CollectedUnreader(conn.sock)
        conn.sock.setblocking(False)
        conn.request, conn.waits = PartialRequest(), False
        try:
            conn.request.add(conn.parser.unreader.take_buffered())
        except RequestError as error:
            self._refuse(conn, error)
            return
        if conn.request.is_complete:
            self._hand_over(conn)
        else:
            self.on_pending_socket_readable(conn, conn.sock)

    def on_pending_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """Receive more of a request, and wait for the rest or give it to a thread."""
        try:
            data = client.recv(conn.request.wanted)
            if not data:
                self._drop(conn)
                return
            conn.request.add(data)
        except (BlockingIOError, InterruptedError):
            pass  # nothing has arrived yet
        except RequestError as error:
            self._refuse(conn, error)
            return
        except OSError:
            self._drop(conn)
            return
        if conn.request.wants_continue:
            conn.request.wants_continue = False
            with contextlib.suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if conn.request.is_complete:
            self._hand_over(conn)
        elif not conn.waits:
            self._wait(conn)

    def murder_pending(self) -> None:
        """Close the connections whose request has not arrived in time."""
        for conn in [each for each in self.pending_conns if each.timeout <= time.monotonic()]:
            self._drop(conn)

    def _wait(self, conn: TConn) -> None:
        conn.waits, conn.timeout = True, time.monotonic() + REQUEST_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(
            conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn)
        )

    def _hand_over(self, conn: TConn) -> None:
        """Give a complete request to a thread."""
        self._stop_waiting(conn)
        conn.parser.unreader.unread(conn.request.head)
        conn.parser.unreader.body = conn.request.body
        conn.data_ready = True
        super().enqueue_req(conn)

    def _refuse(self, conn: TConn, error: RequestError) -> None:
        with contextlib.suppress(OSError):  # the client may be gone
            conn.sock.send(error.response)
        self._drop(conn)

    def _drop(self, conn: TConn) -> None:
        self._stop_waiting(conn)
        conn.request.close()
        self.nr_conns -= 1
        conn.close()

    def _stop_waiting(self, conn: TConn) -> None:
        if conn.waits:
            conn.waits = False
            self.poller.unregister(conn.sock)
            self.pending_conns.remove(conn)


def _limit_stalls(sock: socket.socket) -> None:
    """Let a thread wait STALL_SECONDS for a client, at most."""
    limit = struct.pack("ll", STALL_SECONDS, 0)
    for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
        sock.setsockopt(socket.SOL_SOCKET, option, limit)
