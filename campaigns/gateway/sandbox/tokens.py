"""Access tokens of the sandbox: OAuth2 client credentials for its one client."""

import base64
import binascii
import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from campaigns.gateway.contract import Scope


class TokenError(Exception):
    """An error of the token endpoint (RFC 6749, section 5.2)."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token that was given out may do, and until when (monotonic seconds)."""

    client: str
    scopes: frozenset[Scope]
    until: float


class Tokens:
    """Gives out tokens and knows them again. They live in memory: a restart forgets them all."""

    def __init__(self, client_id: str, client_secret: str, *, seconds: int) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._seconds = seconds
        self._lock = threading.Lock()
        self._grants: dict[str, Grant] = {}

    def grant(self, authorization: str, content_type: str, body: bytes) -> dict[str, Any]:
        """Answer a request for a token, or raise TokenError."""
        self._authenticate(authorization)
        if content_type.split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            raise TokenError(400, "invalid_request", "The body must be a form")
        form = self._form(body)
        if form.get("grant_type") != "client_credentials":
            raise TokenError(400, "unsupported_grant_type", "Only client_credentials")
        scopes = self._scopes(form.get("scope", ""))
        token = secrets.token_urlsafe(32)
        now = time.monotonic()
        with self._lock:
            self._grants = {key: grant for key, grant in self._grants.items() if grant.until > now}
            self._grants[token] = Grant(self._client_id, scopes, now + self._seconds)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self._seconds,
            "scope": " ".join(sorted(scopes)),
        }

    def find(self, authorization: str) -> Grant | None:
        """Give what a bearer token may do, or None if it is none or no longer."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        with self._lock:
            grant = self._grants.get(token.strip())
        return grant if grant and grant.until > time.monotonic() else None

    def expire_all(self) -> None:
        """Make every token that was given out worthless."""
        with self._lock:
            self._grants.clear()

    def _authenticate(self, authorization: str) -> None:
        scheme, _, encoded = authorization.partition(" ")
        refused = TokenError(401, "invalid_client", "Unknown client or wrong secret")
        if scheme.lower() != "basic":
            raise refused
        try:
            pair = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise refused from error
        client_id, _, client_secret = pair.partition(":")
        right_id = _same(unquote_plus(client_id), self._client_id)
        right_secret = _same(unquote_plus(client_secret), self._client_secret)
        if not (right_id and right_secret):
            raise refused

    @staticmethod
    def _form(body: bytes) -> dict[str, str]:
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20)
        except ValueError as error:
            raise TokenError(400, "invalid_request", "The body is no form") from error
        form = dict(pairs)
        if len(form) != len(pairs):
            raise TokenError(400, "invalid_request", "A parameter is repeated")
        return form

    @staticmethod
    def _scopes(wanted: str) -> frozenset[Scope]:
        if not wanted:
            return frozenset(Scope)
        try:
            return frozenset(Scope(word) for word in wanted.split(" "))
        except ValueError as error:
            raise TokenError(400, "invalid_scope", "No such scope") from error


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))
