"""The calls of one run of the conformance suite."""

import json
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import uuid4

import httpx

from campaigns.gateway.conformance.contract_file import OPERATIONS, Operation, response_errors
from campaigns.gateway.conformance.exchange import CheckFailed, CheckSkipped, Deviation, Exchange
from campaigns.gateway.errors import GatewayError
from campaigns.gateway.transport import send_request

MAX_SENT = 6
"""The times that one call is sent while it is answered 429."""

MAX_WAIT = 60.0
"""Seconds. A longer Retry-After is not waited for."""

DEADLINE = 30.0
"""Seconds for one response."""

_CORRELATOR = re.compile("[a-zA-Z0-9_:;./<>{}-]{1,256}")


@dataclass(frozen=True)
class Credentials:
    """Where tokens come from, and for whom."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)


class Session:
    """Calls of one gateway, by the names of the operations.

    Every call has a correlator of its own and waits as a 429 says. Each response is compared with
    the contract: `deviations` has what differs, `seen` each (operation, status, code), and `last`
    is the last exchange.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.credentials = credentials
        self.deviations: list[Deviation] = []
        self.seen: set[tuple[str, int, str]] = set()
        self.last: Exchange | None = None
        self._sleep = sleep
        self._tokens: dict[tuple[str, ...], str] = {}
        self._http = httpx.Client(
            timeout=DEADLINE, trust_env=False, headers={"accept-encoding": "identity"}
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def wait(self, seconds: float) -> None:
        self._sleep(seconds)

    def token(self, *scopes: str) -> str:
        """Return a token with these scopes, or with all that the client has.

        Raise CheckSkipped if the client may not have one of them.
        """
        if scopes not in self._tokens:
            form = {"grant_type": "client_credentials"}
            if scopes:
                form["scope"] = " ".join(sorted(scopes))
            exchange = self.request_token(form)
            if exchange.get("error") == "invalid_scope":
                raise CheckSkipped(f"the client may not have all of {form.get('scope')}")
            token = exchange.get("access_token")
            if exchange.status != 200 or not isinstance(token, str):
                raise CheckFailed(f"the token endpoint answered {exchange.status} without a token")
            self._tokens[scopes] = token
        return self._tokens[scopes]

    def request_token(self, form: Mapping[str, str], *, secret: str | None = None) -> Exchange:
        """Send a form to the token endpoint with the client's credentials, or another secret."""
        credentials = self.credentials
        secret = credentials.client_secret if secret is None else secret
        request = self._http.build_request("POST", credentials.token_url, data=dict(form))
        basic = httpx.BasicAuth(quote_plus(credentials.client_id), quote_plus(secret))
        return self._send(None, next(basic.auth_flow(request)), {})

    def call(self, name: str, *, order_id: str = "", query: str = "", **options: Any) -> Exchange:
        """Call an operation and return the exchange, whatever its status; options as `request`."""
        operation = OPERATIONS[name]
        path = operation.path.replace("{adOrderId}", quote(order_id, safe=""))
        return self.request(operation.method, path + query, operation=operation, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        operation: Operation | None = None,
        json_body: Any = None,
        content: bytes | None = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        wait: bool = True,
    ) -> Exchange:
        """Send a request to a path below the base.

        `content` is sent as it is instead of `json_body`. An empty header or token is not sent;
        without a `token` one with all scopes is. Raise CheckFailed if there is no response.
        """
        if content is None and json_body is not None:
            content = json.dumps(json_body, ensure_ascii=False).encode()
        sent = {"x-correlator": f"conformance-{uuid4()}"}
        if content is not None:
            sent["content-type"] = "application/json"
        sent = {name: value for name, value in (sent | dict(headers or {})).items() if value}
        token = self.token() if token is None else token
        private = {"authorization": f"Bearer {token}"} if token else {}
        for _ in range(MAX_SENT):
            request = self._http.build_request(
                method, self.base_url + path, content=content, headers=sent | private
            )
            exchange = self._send(operation, request, sent)
            seconds = _seconds_to_wait(exchange) if wait else None
            if seconds is None:
                break
            self.wait(seconds)
        return exchange

    def _send(
        self, operation: Operation | None, request: httpx.Request, sent: Mapping[str, str]
    ) -> Exchange:
        self.last = None
        try:
            response = send_request(self._http, request, deadline=DEADLINE, correlator="")
        except GatewayError as error:
            raise CheckFailed(f"{request.method} {request.url.path}: {error}") from error
        exchange = Exchange(
            operation, request.method, str(request.url), sent, request.content, response
        )
        self.last = exchange
        if operation is not None:
            self.seen.add((operation.name, exchange.status, exchange.code))
            found = [*response_errors(operation, response), *_correlator_errors(exchange)]
            self.deviations += [Deviation(part, message, exchange) for part, message in found]
        return exchange


def _correlator_errors(exchange: Exchange) -> list[tuple[str, str]]:
    sent, received = exchange.headers.get("x-correlator", ""), exchange.header("x-correlator")
    if not _CORRELATOR.fullmatch(sent) or sent == received:
        return []
    return [("correlator", f"{sent} was sent and {received or 'nothing'} came back")]


def _seconds_to_wait(exchange: Exchange) -> float | None:
    """Return how long a 429 asks to wait, or None if it is no reason to send again."""
    if exchange.status != 429 or exchange.code == "QUOTA_EXCEEDED":
        return None
    try:
        seconds = float(exchange.header("retry-after"))
    except ValueError:
        return 1.0  # the missing header is a deviation, and the other checks go on
    return seconds if math.isfinite(seconds) and 0 <= seconds <= MAX_WAIT else None
