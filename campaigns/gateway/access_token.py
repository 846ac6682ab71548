"""The access token of one client: fetched when needed, shared by threads, renewed in time."""

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
from campaigns.gateway.failures import (
    Forbidden,
    GatewayError,
    NoAnswer,
    Unauthenticated,
    from_answer,
)
from campaigns.gateway.transport import Answer, exchange

EXPIRY_MARGIN = 30.0
"""Seconds before its end when a token is no longer used; a tenth of its life if that is less."""

UNSTATED_LIFE = 300.0
"""Seconds a token is trusted where the server does not say (RFC 6749 leaves that open)."""

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
        # Both parts are form-encoded first, so that a colon in the id cannot be misread.
        pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
        self._authorization = "Basic " + base64.b64encode(pair.encode()).decode()
        self._form = {"grant_type": "client_credentials"}
        wanted = " ".join(sorted(scopes))
        if wanted:
            self._form["scope"] = wanted
        self._deadline = deadline
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = 0.0

    def get(self, *, correlator: str) -> str:
        """Give a token that is good for a while yet."""
        with self._lock:
            if not self._token or time.monotonic() >= self._good_until:
                self._fetch(correlator)
            return self._token

    def renew(self, *, instead_of: str, correlator: str) -> str:
        """Give another token than one that was refused; threads refused together fetch one."""
        with self._lock:
            if self._token == instead_of:
                self._fetch(correlator)
            return self._token

    def _fetch(self, correlator: str) -> None:
        self._token = ""
        asked_at = time.monotonic()
        request = self._http.build_request(
            "POST",
            self._url,
            data=self._form,
            headers={"authorization": self._authorization, "x-correlator": correlator},
        )
        answer = exchange(self._http, request, deadline=self._deadline, correlator=correlator)
        if answer.status != 200:
            raise _failure(answer, correlator)
        token, life = _granted(answer, correlator)
        self._token = token
        self._good_until = asked_at + life - min(EXPIRY_MARGIN, life / 10)


def _granted(answer: Answer, correlator: str) -> tuple[str, float]:
    data = _json_object(answer.body)
    token, kind = data.get("access_token"), data.get("token_type")
    life = data.get("expires_in", UNSTATED_LIFE)
    if not isinstance(token, str) or not _BEARER.fullmatch(token):
        raise NoAnswer("The token endpoint gave no token", status=200, correlator=correlator)
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise NoAnswer("The token is not a bearer token", status=200, correlator=correlator)
    if isinstance(life, bool) or not isinstance(life, int | float) or not life >= 0:
        life = UNSTATED_LIFE
    return token, float(life)


def _failure(answer: Answer, correlator: str) -> GatewayError:
    """Read an error of RFC 6749, section 5.2; anything else goes by its status."""
    error = _json_object(answer.body).get("error")
    if answer.status in {400, 401, 403} and isinstance(error, str):
        kind = Forbidden if error in {"invalid_scope", "unauthorized_client"} else Unauthenticated
        return kind(
            f"The token endpoint refused: {error[:64]}",
            code=error[:96],
            status=answer.status,
            correlator=correlator,
        )
    return from_answer(answer.status, answer.headers, answer.body, correlator=correlator)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
