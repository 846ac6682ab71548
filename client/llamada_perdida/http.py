"""HTTP calls: tokens, retries with one Idempotency-Key for each call, and ETags."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from llamada_perdida.errors import NoAnswer, Refused, SignInRefused, error_class

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0  # seconds; doubled at each try, then a random part of it
RENEW_BEFORE = 60.0  # seconds before a token's end
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class ApiObject(dict[str, Any]):
    """A JSON object of a response, with the response's ETag."""

    etag: str | None = None


def etag_of(resource: Mapping[str, Any]) -> str | None:
    """Return the ETag that an object was received with, for `if_match`; None if it had none."""
    return resource.etag if isinstance(resource, ApiObject) else None


class Http:
    """Calls the API, and repeats a call where that may help and cannot do anything twice.

    A call is sent at most `tries` times. If the API asks for a longer pause than `longest_wait`
    seconds, TooManyRequests is raised instead. May be shared by threads.
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
        """Return the body of a response, None if it is empty.

        Raise Refused, SignInRefused or NoAnswer.
        """
        headers: dict[str, str] = {}
        if method == "POST":
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        if if_match:
            headers["If-Match"] = if_match
        options = {"params": _parameters(query or {}), "headers": headers} | (
            {} if body is None else {"json": body}
        )
        response = self._send(method, path, options)
        if response.status_code == 204 or not response.content:
            return None
        resource = response.json()
        if isinstance(resource, dict):
            resource = ApiObject(resource)
            resource.etag = response.headers.get("ETag")
        return resource

    def current_etag(self, path: str) -> str | None:
        """Fetch a resource and return its ETag."""
        return etag_of(self.call("GET", path))

    def iterate_pages(self, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        """Yield every item of a list, page by page."""
        cursor = None
        while True:
            page = self.call("GET", path, query={**query, "cursor": cursor})
            yield from page["items"]
            cursor = page["nextCursor"]
            if not cursor:
                return

    def _send(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        """Send a request until it succeeds or another try would not help."""
        renewed = response_lost = False
        key = options["headers"].get("Idempotency-Key")
        for attempt in range(1, self._tries + 1):
            options["headers"]["Authorization"] = f"Bearer {self._valid_token()}"
            wait: float | None = None
            try:
                response = self._http.request(method, path, **options)
            except httpx.TransportError as error:
                repeatable = not ("If-Match" in options["headers"] and method == "PATCH")
                if attempt == self._tries or not (repeatable or isinstance(error, NEVER_SENT)):
                    raise NoAnswer(f"{method} {path}: {error!r}", key) from error
                response_lost = True
            else:
                if response.is_success:
                    return response
                if method == "DELETE" and response.status_code == 404 and response_lost:
                    return httpx.Response(204)  # the attempt without a response had deleted it
                if response.status_code == 401 and not renewed:
                    renewed = True
                    self._discard_token()
                    continue
                refused = _refusal(response)
                if attempt == self._tries or not _is_temporary(refused):
                    raise refused
                wait = refused.retry_after
                if wait is not None and wait > self._longest_wait:
                    raise refused
            self._sleep(_pause(attempt, wait))
        raise NoAnswer(f"{method} {path}", key)

    def _valid_token(self) -> str:
        """Return a token that is valid for at least RENEW_BEFORE seconds."""
        with self._lock:
            if not self._token or time.monotonic() > self._token_until - RENEW_BEFORE:
                grant = self._request_token()
                self._token = str(grant["access_token"])
                self._token_until = time.monotonic() + float(grant["expires_in"])
            return self._token

    def _discard_token(self) -> None:
        with self._lock:
            self._token = ""

    def _request_token(self) -> Any:
        data = {"grant_type": "client_credentials"} | (
            {"scope": self._scope} if self._scope else {}
        )
        for attempt in range(1, self._tries + 1):
            wait: float | None = None
            try:
                response = self._http.post("/oauth2/token", data=data, auth=self._auth)
            except httpx.TransportError as error:
                if attempt == self._tries:
                    raise NoAnswer(f"POST /oauth2/token: {error!r}") from error
            else:
                if response.is_success:
                    return response.json()
                wait = _retry_after(response)
                temporary = response.status_code == 429 or response.status_code >= 500
                if attempt == self._tries or not temporary or (wait or 0) > self._longest_wait:
                    raise _sign_in_refusal(response)
            self._sleep(_pause(attempt, wait))
        raise NoAnswer("POST /oauth2/token")


def _is_temporary(refused: Refused) -> bool:
    return refused.status == 429 or refused.status >= 500 or refused.code == "REQUEST_IN_PROGRESS"


def _pause(attempt: int, retry_after: float | None) -> float:
    """Return the seconds to wait before the next attempt.

    With a Retry-After it is that and up to a second more, else exponential with full jitter.
    """
    if retry_after is not None:
        return retry_after + random.uniform(0, min(1.0, retry_after / 4 + 0.1))  # noqa: S311
    return random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt))  # noqa: S311


def _refusal(response: httpx.Response) -> Refused:
    body = _json_object(response)
    return error_class(response.status_code)(
        response.status_code,
        str(body.get("code", "")),
        str(body.get("message", "")) or response.reason_phrase,
        body.get("details") or [],
        correlator=response.headers.get("x-correlator", ""),
        retry_after=_retry_after(response),
    )


def _sign_in_refusal(response: httpx.Response) -> SignInRefused:
    body = _json_object(response)
    message = str(body.get("error_description", "")) or response.reason_phrase
    return SignInRefused(response.status_code, str(body.get("error", "")), message)


def _json_object(response: httpx.Response) -> dict[str, Any]:
    """Return the body; an empty dictionary if it is no JSON object (a proxy's page)."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(response: httpx.Response) -> float | None:
    try:
        return max(0.0, float(response.headers["Retry-After"]))
    except (KeyError, ValueError):
        return None


def _parameters(query: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Return query parameters as the API reads them: lists repeated, keys in brackets."""
    parameters: dict[str, str | list[str]] = {}
    for name, value in query.items():
        if isinstance(value, Mapping):
            parameters |= {f"{name}[{key}]": _format(each) for key, each in value.items()}
        elif isinstance(value, (list, tuple)):
            parameters[name] = [_format(each) for each in value]
        elif value is not None:
            parameters[name] = _format(value)
    return parameters


def _format(value: Any) -> str:
    """Return a query parameter's value as the API reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
