"""HTTP/1.1 for a gateway: whole requests in, JSON out, and no client can hold it up or break it."""

import json
import re
import socket
import sqlite3
import struct
import sys
import time
import traceback
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import SplitResult, urlsplit
from uuid import uuid4

from campaigns.gateway.contract import MAX_BODY_BYTES
from campaigns.gateway.sandbox import refusals
from campaigns.gateway.sandbox.refusals import Refusal

MOST_DRAINED_BYTES = 1024 * 1024
_CORRELATOR = re.compile("[a-zA-Z0-9_:;./<>{}-]{1,256}")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@dataclass(frozen=True, slots=True)
class Request:
    """A request that has arrived whole."""

    method: str
    url: SplitResult
    headers: Message
    body: bytes

    def header(self, name: str) -> str:
        return str(self.headers.get(name, ""))


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say. `cut` says how the connection is broken instead, or while it is said."""

    status: int
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: str = ""


def refused(refusal: Refusal) -> Answer:
    """Answer with the contract's error body."""
    headers = {}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    body = {"status": refusal.status, "code": refusal.code, "message": refusal.message}
    return Answer(refusal.status, body, headers)


class Handler(BaseHTTPRequestHandler):
    """Reads a request whole, asks `respond` for the answer, and writes it in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = patience = 10.0
    """Seconds that a client may take to send its next line, or its whole body."""

    def respond(self, request: Request) -> Answer:
        raise NotImplementedError

    def serve(self) -> None:
        try:
            body = self._read_body()
            url = urlsplit(self.path)
        except Refusal as refusal:
            self.close_connection = True
            self._write(refused(refusal))
            self._drain()
            return
        except ValueError:
            self.close_connection = True
            self._write(refused(refusals.invalid_argument("The address cannot be read")))
            return
        if body is None:
            self.close_connection = True
            return
        request = Request(self.command, url, self.headers, body)
        try:
            answer = self.respond(request)
        except Refusal as refusal:
            answer = refused(refusal)
        except sqlite3.OperationalError:
            answer = refused(refusals.unavailable())
        except Exception:
            traceback.print_exc(file=sys.stderr)
            answer = refused(refusals.internal())
        self._write(answer)

    def _read_body(self) -> bytes | None:
        """Give the body, None if it does not come whole in time, or refuse its size."""
        lengths = self.headers.get_all("content-length", [])
        if "transfer-encoding" in self.headers or len(lengths) > 1:
            raise refusals.invalid_argument("A body needs exactly one Content-Length")
        if not lengths:
            return b""
        if not re.fullmatch("[0-9]{1,18}", lengths[0].strip()):
            raise refusals.invalid_argument("Content-Length is no number")
        missing = int(lengths[0])
        if missing > MAX_BODY_BYTES:
            raise refusals.payload_too_large()
        until = time.monotonic() + self.patience
        body = bytearray()
        while missing:
            chunk = self.rfile.read1(missing)
            if not chunk or time.monotonic() > until:
                return None
            body += chunk
            missing -= len(chunk)
        return bytes(body)

    def _drain(self) -> None:
        """Read on a little: closing with bytes unread would take the answer from the client."""
        left = MOST_DRAINED_BYTES
        self.connection.settimeout(min(self.patience, 1.0))
        self.connection.shutdown(socket.SHUT_WR)
        while left > 0 and (chunk := self.rfile.read1(65536)):
            left -= len(chunk)

    def _write(self, answer: Answer) -> None:
        if answer.cut == "reset":
            self._reset()
            return
        if answer.cut == "drop":
            self.close_connection = True
            return
        content = b"" if answer.data is None else json.dumps(answer.data).encode()
        headers = {
            "Date": self.date_time_string(),
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            "Cache-Control": "no-store",
            "x-correlator": self._correlator(),
            **answer.headers,
        }
        if answer.cut == "truncate":
            content = content[: len(content) // 2]
            self.close_connection = True
        if self.close_connection:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {answer.status} {_phrase(answer.status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(head if self.command == "HEAD" else head + content)

    def _correlator(self) -> str:
        """Give back the caller's, or a new one where there is none or it could be no header."""
        headers = getattr(self, "headers", None)
        sent = headers.get("x-correlator", "") if headers else ""
        return sent if _CORRELATOR.fullmatch(sent) else str(uuid4())

    def _reset(self) -> None:
        """Close with RST, as a host that lost its memory of the connection does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.connection.detach())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer in JSON what the base class cannot read at all."""
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        word = "METHOD_NOT_ALLOWED" if code == HTTPStatus.NOT_IMPLEMENTED else "INVALID_ARGUMENT"
        code = 405 if code == HTTPStatus.NOT_IMPLEMENTED else code
        self._write(refused(Refusal(code, word, "The request cannot be read")))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what was done is in the ledger."""


for _method in _METHODS:
    setattr(Handler, f"do_{_method}", Handler.serve)


class Server(ThreadingHTTPServer):
    """A thread for each connection; none of them outlives the process or keeps it alive."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def server_bind(self) -> None:
        # HTTPServer would ask a name server for our name, which may take seconds.
        TCPServer.server_bind(self)
        host, port = self.server_address[:2]
        self.server_name, self.server_port = str(host), int(port)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # a client that went away
            super().handle_error(request, client_address)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
