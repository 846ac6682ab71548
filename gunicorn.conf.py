"""Settings of the web processes: threads, as a request mostly waits for PostgreSQL."""

import gc
import json
import sys
import traceback
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    LimitRequestHeaders,
    LimitRequestLine,
)

from portal.web_worker import CollectingWorker

secure_scheme_headers: dict[str, str] = {}  # TRUSTED_PROXIES decides whose headers count
workers = 2
threads = 4
graceful_timeout = 5  # seconds
# Nothing of a request is logged here: an address, or its query, may hold a secret.
access_log_format = '%(m)s %(s)s %(B)s bytes %(M)s ms "%({x-correlator}o)s"'
TOO_LONG = {  # {error: HTTP status, reason, code of the API, message}
    LimitRequestLine: (
        *(414, "URI Too Long", "URI_TOO_LONG"),
        "La dirección con sus parámetros es demasiado larga: quita o acorta parámetros.",
    ),
    LimitRequestHeaders: (
        *(431, "Request Header Fields Too Large", "HEADERS_TOO_LARGE"),
        "Los encabezados son demasiado largos: quita o acorta alguno, como Cookie.",
    ),
}


class Worker(CollectingWorker):
    """A worker that refuses what is too long to read as JSON in the form of the API's errors."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        if type(exc) not in TOO_LONG:
            super().handle_error(req, client, addr, exc)
            return
        status, reason, code, message = TOO_LONG[type(exc)]
        self.log.warning("Refused: %s", code)
        error = {"status": status, "code": code, "message": message}
        body = json.dumps(error, ensure_ascii=False).encode()
        head = (
            f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nCache-Control: no-store\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            client.sendall(head.encode() + body)
        except OSError:
            self.log.debug("Failed to send error message.")


class PrivateLogger(Logger):
    """A log of gunicorn without what a request, or the text of an exception, may have said."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Invalid request from"):
            msg, args = f"Invalid request: {_name_of_error()}", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: object, *args: Any, **kwargs: Any) -> None:
        text = str(msg).partition("%")[0].rstrip() if args else "Exception"
        super().error("%s: %s\n%s", text, _name_of_error(), _frames())


def _name_of_error() -> str:
    kind = sys.exc_info()[0]
    return kind.__name__ if kind else "no error"


def _frames() -> str:
    """Return where the current exception was raised, without its text."""
    return "".join(traceback.format_list(traceback.extract_tb(sys.exc_info()[2])))


worker_class = Worker
logger_class = PrivateLogger


def post_fork(server: Any, worker: Any) -> None:
    """Exclude the objects made at the start from collections: a full one took 140 ms and more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
