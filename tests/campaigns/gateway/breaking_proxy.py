"""A gateway that breaks one rule: a reverse proxy in front of the real sandbox."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from tests.processes import Sandbox

HOP_BY_HOP = {"connection", "content-length", "date", "host", "server", "transfer-encoding"}


@dataclass(frozen=True)
class Request:
    method: str
    target: str  # path and query
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def operation(self) -> tuple[str, str]:
        """Return method and the path's first part below the base, such as PUT and ad-orders."""
        return self.method, self.path.removeprefix("/missed-call-ads/v0.1/").split("/")[0]

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    def with_data(self, data: Any) -> "Request":
        return replace(self, body=json.dumps(data).encode())

    def with_headers(self, **headers: str) -> "Request":
        """Return it with some headers changed; an empty one is removed."""
        changed = dict(self.headers) | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return replace(self, headers={name: value for name, value in changed.items() if value})


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        data = self.data
        return data.get("code", "") if isinstance(data, dict) else ""

    def with_data(self, data: Any, *, status: int | None = None) -> "Answer":
        body = json.dumps(data).encode()
        return replace(self, body=body, status=self.status if status is None else status)

    def with_header(self, name: str, value: str) -> "Answer":
        return replace(self, headers=dict(self.headers) | {name: value})


Send = Callable[[Request], Answer]
Deviation = Callable[[Request, Send], Answer]
"""Answers a request, usually with what the sandbox answers, changed."""


class BreakingProxy:
    """Serve on a free port; `url` and `token_url` stand for those of the sandbox."""

    def __init__(self, sandbox: Sandbox, deviation: Deviation) -> None:
        self._sandbox = sandbox
        self._deviation = deviation
        self._http = httpx.Client(trust_env=False, timeout=10)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        base = f"http://127.0.0.1:{self._server.server_port}"
        self.url = base + urlsplit(sandbox.url).path
        self.token_url = base + urlsplit(sandbox.token_url).path

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._http.close()

    def _send(self, request: Request) -> Answer:
        parts = urlsplit(self._sandbox.url)
        response = self._http.request(
            request.method,
            f"{parts.scheme}://{parts.netloc}{request.target}",
            content=request.body,
            headers=request.headers,
        )
        headers = {
            name: value for name, value in response.headers.items() if name not in HOP_BY_HOP
        }
        return Answer(response.status_code, headers, response.content)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                kept = {name: value for name, value in headers.items() if name not in HOP_BY_HOP}
                request = Request(self.command, self.path, kept, body)
                answer = proxy._deviation(request, proxy._send)
                lines = [f"HTTP/1.1 {answer.status} Answer"]
                lines += [f"{name}: {value}" for name, value in answer.headers.items()]
                lines += [f"content-length: {len(answer.body)}", "", ""]
                self.wfile.write("\r\n".join(lines).encode("latin-1") + answer.body)

            def log_message(self, *args: Any) -> None:
                pass

        for method in ("GET", "PUT", "POST", "DELETE"):
            setattr(Handler, f"do_{method}", Handler._forward)
        return Handler
