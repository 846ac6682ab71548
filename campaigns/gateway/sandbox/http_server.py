"""An HTTP/1.1 server for JSON that invalid or slow clients can neither block nor break."""

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
from campaigns.gateway.sandbox import errors
from campaigns.gateway.sandbox.errors import ApiError

MAX_DRAINED_BYTES = 1024 * 1024
_CORRELATOR = re.compile("[a-zA-Z0-9_:;./<>{}-]{1,256}")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@dataclass(frozen=True, slots=True)
class Request:
    """A request with its whole body."""

    method: str
    url: SplitResult
    headers: Message
    body: bytes

    def header(self, name: str) -> str:
        return str(self.headers.get(name, ""))


@dataclass(frozen=True, slots=True)
class Response:
    """A JSON response. `fault` breaks the connection: "reset", "drop" or "truncate"."""

    status: int
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""


def error_response(error: ApiError) -> Response:
    """Return a response with the contract's error body."""
    headers = {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    body = {"status": error.status, "code": error.code, "message": error.message}
    return Response(error.status, body, headers)


class JsonRequestHandler(BaseHTTPRequestHandler):
    """Read a whole request, call `respond`, and write the response at once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = body_timeout = 10.0
    """Seconds that a client may take to send its next line, or its whole body."""

    def respond(self, request: Request) -> Response:
        raise NotImplementedError

    def serve(self) -> None:
        try:
            body = self._read_body()
            url = urlsplit(self.path)
        except ApiError as error:
            self.close_connection = True
            self._write(error_response(error))
            self._drain()
            return
        except ValueError:
            self.close_connection = True
            self._write(error_response(errors.invalid_argument("The address cannot be read")))
            return
        if body is None:
            self.close_connection = True
            return
        request = Request(self.command, url, self.headers, body)
        try:
            response = self.respond(request)
        except ApiError as error:
            response = error_response(error)
        except sqlite3.OperationalError:
            response = error_response(errors.unavailable())
        except Exception:
            traceback.print_exc(file=sys.stderr)
            response = error_response(errors.internal())
        self._write(response)

    def _read_body(self) -> bytes | None:
        """Return the body, or None if it is not complete in time. Raise ApiError for its size."""
        lengths = self.headers.get_all("content-length", [])
        if "transfer-encoding" in self.headers or len(lengths) > 1:
            raise errors.invalid_argument("A body needs exactly one Content-Length")
        if not lengths:
            return b""
        if not re.fullmatch("[0-9]{1,18}", lengths[0].strip()):
            raise errors.invalid_argument("Content-Length is not a number")
        missing = int(lengths[0])
        if missing > MAX_BODY_BYTES:
            raise errors.payload_too_large()
        deadline = time.monotonic() + self.body_timeout
        body = bytearray()
        while missing:
            chunk = self.rfile.read1(missing)
            if not chunk or time.monotonic() > deadline:
                return None
            body += chunk
            missing -= len(chunk)
        return bytes(body)

    def _drain(self) -> None:
        """Read the rest of a body: closing with unread bytes would lose the response."""
        remaining = MAX_DRAINED_BYTES
        self.connection.settimeout(min(self.body_timeout, 1.0))
        self.connection.shutdown(socket.SHUT_WR)
        while remaining > 0 and (chunk := self.rfile.read1(65536)):
            remaining -= len(chunk)

    def _write(self, response: Response) -> None:
        if response.fault == "reset":
            self._reset()
            return
        if response.fault == "drop":
            self.close_connection = True
            return
        content = b"" if response.data is None else json.dumps(response.data).encode()
        headers = {
            "Date": self.date_time_string(),
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            "Cache-Control": "no-store",
            "x-correlator": self._correlator(),
            **response.headers,
        }
        if response.fault == "truncate":
            content = content[: len(content) // 2]
            self.close_connection = True
        if self.close_connection:
            headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {response.status} {_reason_phrase(response.status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(head if self.command == "HEAD" else head + content)

    def _correlator(self) -> str:
        """Return the client's correlator, or a new one if it is missing or not valid."""
        headers = getattr(self, "headers", None)
        received = headers.get("x-correlator", "") if headers else ""
        return received if _CORRELATOR.fullmatch(received) else str(uuid4())

    def _reset(self) -> None:
        """Close the connection with RST."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.connection.detach())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Respond in JSON to what the base class cannot parse."""
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        error_code = (
            "METHOD_NOT_ALLOWED" if code == HTTPStatus.NOT_IMPLEMENTED else "INVALID_ARGUMENT"
        )
        code = 405 if code == HTTPStatus.NOT_IMPLEMENTED else code
        self._write(error_response(ApiError(code, error_code, "The request cannot be read")))

    def log_message(self, format: str, *args: Any) -> None:
        """Write no access log: the ledger records the changes."""


for _method in _METHODS:
    setattr(JsonRequestHandler, f"do_{_method}", JsonRequestHandler.serve)


class JsonHttpServer(ThreadingHTTPServer):
    """A server with a daemon thread for each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def server_bind(self) -> None:
        # HTTPServer looks up its own name in the DNS, which may take seconds.
        TCPServer.server_bind(self)
        host, port = self.server_address[:2]
        self.server_name, self.server_port = str(host), int(port)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # the client closed the connection
            super().handle_error(request, client_address)


def _reason_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
