"""A server that receives the events which the gateway pushes, in place of the portal."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from campaigns.gateway.contract import MAX_BODY_BYTES
from campaigns.gateway.events import EVENTS_PATH

TIMEOUT = 10.0
"""Seconds that a slow sender may take."""


@dataclass(frozen=True)
class PushedRequest:
    """A request to the sink, with lower-case names of headers, and the status of its answer."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int

    @property
    def event(self) -> dict[str, Any]:
        """The event, or an empty one if the body is no JSON object."""
        try:
            data = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}


class EventSink:
    """Record every request and answer 204, but the first event of a stream 503, once."""

    def __init__(self, port: int, *, host: str = "127.0.0.1") -> None:
        self._requests: list[PushedRequest] = []
        self._lock = threading.Lock()
        self._has_refused = False
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_port}{EVENTS_PATH}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def requests(self) -> list[PushedRequest]:
        """Return what has arrived until now."""
        with self._lock:
            return list(self._requests)

    def _receive(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        with self._lock:
            request = PushedRequest(path, headers, body, 204)
            if not self._has_refused and "stream" in request.event:
                self._has_refused = True
                request = PushedRequest(path, headers, body, 503)
            self._requests.append(request)
        return request.status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = TIMEOUT

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length", "0"))
                if length > 2 * MAX_BODY_BYTES:
                    self.close_connection = True
                body = self.rfile.read(min(length, 2 * MAX_BODY_BYTES))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(sink._receive(self.path, headers, body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Write no access log."""

        return Handler
