"""Calls: a token that is renewed, one Idempotency-Key for all tries of a call, and patience."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from llamada_perdida.errors import NoAnswer, Refused, SignInRefused, kind_of

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0  # seconds, doubled each time, then a random part of it
EARLY = 60.0  # seconds before its end that a token is renewed
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Shown(dict[str, Any]):
    """An object as the API shows it, with the ETag that it came with."""

    etag: str | None = None


def etag_of(shown: Mapping[str, Any]) -> str | None:
    """Give the ETag that an object came with, for `if_match`; None where it had none."""
    return shown.etag if isinstance(shown, Shown) else None


class Http:
    """Asks the API, and asks again where that may help and cannot do a thing twice.

    `tries` is the most that a call is sent. Who is told to wait longer than `longest_wait`
    seconds gets TooManyRequests instead. It may be shared by threads.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        scope: str = "",
        tries: int = 6,
        timeout: float = 30.0,
        longest_wait: float = 60.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._auth = httpx.BasicAuth(client_id, client_secret)
        self._scope, self._tries, self._longest_wait = scope, tries, longest_wait
        self._sleep = sleep
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            timeout=timeout,
            transport=transport,
            headers={"Accept": "application/json", "User-Agent": "llamada-perdida-python/1.0.0"},
        )
        self._token, self._token_until = "", 0.0
        self._lock = threading.Lock()

    def close(self) -> None:
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """Give what an operation answers. Raises Refused, SignInRefused or NoAnswer."""
        headers: dict[str, str] = {}
        if method == "POST":
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        if if_match:
            headers["If-Match"] = if_match
        sent = {name: _written(value) for name, value in (query or {}).items() if value is not None}
        build = {"params": sent, "headers": headers} | ({} if body is None else {"json": body})
        answer = self._persist(method, path, build)
        if answer.status_code == 204 or not answer.content:
            return None
        shown = answer.json()
        if isinstance(shown, dict):
            shown = Shown(shown)
            shown.etag = answer.headers.get("ETag")
        return shown

    def tag(self, path: str) -> str | None:
        """Read the ETag of what stands at an address now."""
        return etag_of(self.call("GET", path))

    def each(self, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        """Give each item of a list, page by page."""
        cursor = None
        while True:
            page = self.call("GET", path, query={**query, "cursor": cursor})
            yield from page["items"]
            cursor = page["nextCursor"]
            if not cursor:
                return

    def _persist(self, method: str, path: str, build: dict[str, Any]) -> httpx.Response:
        """Send until there is an answer to give, or none is to be had."""
        renewed = lost = False
        key = build["headers"].get("Idempotency-Key")
        for tried in range(1, self._tries + 1):
            build["headers"]["Authorization"] = f"Bearer {self._bearer()}"
            wait: float | None = None
            try:
                answer = self._http.request(method, path, **build)
            except httpx.TransportError as error:
                done_once = "If-Match" in build["headers"] and method == "PATCH"
                if tried == self._tries or (done_once and not isinstance(error, NEVER_SENT)):
                    raise NoAnswer(f"{method} {path}: {error!r}", key) from error
                lost = True
            else:
                if answer.is_success:
                    return answer
                if method == "DELETE" and answer.status_code == 404 and lost:
                    return httpx.Response(204)  # the try whose answer was lost had done it
                if answer.status_code == 401 and not renewed:
                    renewed = True
                    self._forget_token()
                    continue
                refused = _refusal(answer)
                if tried == self._tries or not _may_heal(refused):
                    raise refused
                wait = refused.retry_after
                if wait is not None and wait > self._longest_wait:
                    raise refused
            self._sleep(_pause(tried, wait))
        raise NoAnswer(f"{method} {path}", key)

    def _bearer(self) -> str:
        """Give a token that lasts a while yet."""
        with self._lock:
            if not self._token or time.monotonic() > self._token_until - EARLY:
                given = self._ask_token()
                self._token = str(given["access_token"])
                self._token_until = time.monotonic() + float(given["expires_in"])
            return self._token

    def _forget_token(self) -> None:
        with self._lock:
            self._token = ""

    def _ask_token(self) -> Any:
        sent = {"grant_type": "client_credentials"} | (
            {"scope": self._scope} if self._scope else {}
        )
        for tried in range(1, self._tries + 1):
            wait: float | None = None
            try:
                answer = self._http.post("/oauth2/token", data=sent, auth=self._auth)
            except httpx.TransportError as error:
                if tried == self._tries:
                    raise NoAnswer(f"POST /oauth2/token: {error!r}") from error
            else:
                if answer.is_success:
                    return answer.json()
                wait = _retry_after(answer)
                heals = answer.status_code == 429 or answer.status_code >= 500
                if tried == self._tries or not heals or (wait or 0) > self._longest_wait:
                    raise _sign_in_refusal(answer)
            self._sleep(_pause(tried, wait))
        raise NoAnswer("POST /oauth2/token")


def _may_heal(refused: Refused) -> bool:
    return refused.status == 429 or refused.status >= 500 or refused.code == "REQUEST_IN_PROGRESS"


def _pause(tried: int, asked: float | None) -> float:
    """Give how long to wait: what was asked for and a little more, or ever longer, by chance."""
    if asked is not None:
        return asked + random.uniform(0, min(1.0, asked / 4 + 0.1))  # noqa: S311
    return random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**tried))  # noqa: S311


def _refusal(answer: httpx.Response) -> Refused:
    told = _json(answer)
    return kind_of(answer.status_code)(
        answer.status_code,
        str(told.get("code", "")),
        str(told.get("message", "")) or answer.reason_phrase,
        told.get("details") or [],
        correlator=answer.headers.get("x-correlator", ""),
        retry_after=_retry_after(answer),
    )


def _sign_in_refusal(answer: httpx.Response) -> SignInRefused:
    told = _json(answer)
    said = str(told.get("error_description", "")) or answer.reason_phrase
    return SignInRefused(answer.status_code, str(told.get("error", "")), said)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:  # a proxy's page
        return {}
    return told if isinstance(told, dict) else {}


def _retry_after(answer: httpx.Response) -> float | None:
    try:
        return max(0.0, float(answer.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
