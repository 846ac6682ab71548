"""The access token of one client: shared by threads and renewed before it expires."""

import base64
import json
import re
import threading
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote_plus

import httpx

from campaigns.gateway.contract import Scope
from campaigns.gateway.errors import (
    Forbidden,
    GatewayError,
    NoResponse,
    Unauthenticated,
    error_from_response,
)
from campaigns.gateway.http_response import GatewayResponse
from campaigns.gateway.transport import send_request

EXPIRY_MARGIN = 30.0
"""Seconds before its expiry when a token is no longer used, or a tenth of its life if less."""

DEFAULT_LIFETIME = 300.0
"""Seconds that a token is used if the server sends no `expires_in` (RFC 6749 leaves that open)."""

_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class AccessToken:
    """OAuth2 client credentials with client_secret_basic (RFC 6749, sections 2.3.1 and 4.4)."""

    def __init__(
        self,
        http: httpx.Client,
        token_url: str,
        *,
        client_id: str,
        client_secret: str,
        scopes: Iterable[Scope],
        deadline: float,
    ) -> None:
        self._http = http
        self._url = token_url
        # Both parts are form-encoded first, so that the id may contain a colon.
        credentials = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
        self._authorization = "Basic " + base64.b64encode(credentials.encode()).decode()
        self._form = {"grant_type": "client_credentials"}
        if scope := " ".join(sorted(scopes)):
            self._form["scope"] = scope
        self._deadline = deadline
        self._lock = threading.Lock()
        self._token = ""
        self._use_until = 0.0

    def get(self, *, correlator: str) -> str:
        """Return a token that does not expire soon."""
        with self._lock:
            if not self._token or time.monotonic() >= self._use_until:
                self._fetch(correlator)
            return self._token

    def renew(self, *, instead_of: str, correlator: str) -> str:
        """Return a new token; threads whose common token was rejected fetch only one."""
        with self._lock:
            if self._token == instead_of:
                self._fetch(correlator)
            return self._token

    def _fetch(self, correlator: str) -> None:
        self._token = ""
        requested_at = time.monotonic()
        request = self._http.build_request(
            "POST",
            self._url,
            data=self._form,
            headers={"authorization": self._authorization, "x-correlator": correlator},
        )
        response = send_request(self._http, request, deadline=self._deadline, correlator=correlator)
        if response.status != 200:
            raise _token_error(response, correlator)
        token, lifetime = _read_token(response, correlator)
        self._token = token
        self._use_until = requested_at + lifetime - min(EXPIRY_MARGIN, lifetime / 10)


def _read_token(response: GatewayResponse, correlator: str) -> tuple[str, float]:
    """Return a bearer token and its lifetime in seconds. Raise NoResponse if there is none."""
    data = _json_object(response.body)
    token, token_type = data.get("access_token"), data.get("token_type")
    lifetime = data.get("expires_in", DEFAULT_LIFETIME)
    if not isinstance(token, str) or not _BEARER.fullmatch(token):
        raise NoResponse("The token endpoint sent no token", status=200, correlator=correlator)
    if not isinstance(token_type, str) or token_type.lower() != "bearer":
        raise NoResponse("The token is not a bearer token", status=200, correlator=correlator)
    if isinstance(lifetime, bool) or not isinstance(lifetime, int | float) or not lifetime >= 0:
        lifetime = DEFAULT_LIFETIME
    return token, float(lifetime)


def _token_error(response: GatewayResponse, correlator: str) -> GatewayError:
    """Return an error of RFC 6749, section 5.2, or else the one that the status stands for."""
    error = _json_object(response.body).get("error")
    if response.status in {400, 401, 403} and isinstance(error, str):
        forbidden = error in {"invalid_scope", "unauthorized_client"}
        error_class = Forbidden if forbidden else Unauthenticated
        return error_class(
            f"The token endpoint refused: {error[:64]}",
            code=error[:96],
            status=response.status,
            correlator=correlator,
        )
    return error_from_response(response, correlator=correlator)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
