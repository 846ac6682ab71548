"""OAuth2 access tokens by client credentials, for the one client of the sandbox."""

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
class IssuedToken:
    """Client and scopes of a token, and its expiry in monotonic seconds."""

    client: str
    scopes: frozenset[Scope]
    expires_at: float


class TokenIssuer:
    """Issue and check tokens. They are kept in memory: a restart invalidates them all."""

    def __init__(self, client_id: str, client_secret: str, *, lifetime: int) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._lifetime = lifetime  # seconds
        self._lock = threading.Lock()
        self._tokens: dict[str, IssuedToken] = {}

    def issue(self, authorization: str, content_type: str, body: bytes) -> dict[str, Any]:
        """Return the response body for a token request. Raise TokenError."""
        self._authenticate(authorization)
        if content_type.split(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            raise TokenError(400, "invalid_request", "The body must be a form")
        form = self._parse_form(body)
        if form.get("grant_type") != "client_credentials":
            raise TokenError(400, "unsupported_grant_type", "Only client_credentials")
        scopes = self._parse_scopes(form.get("scope", ""))
        token = secrets.token_urlsafe(32)
        now = time.monotonic()
        with self._lock:
            self._tokens = {
                key: kept for key, kept in self._tokens.items() if kept.expires_at > now
            }
            self._tokens[token] = IssuedToken(self._client_id, scopes, now + self._lifetime)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self._lifetime,
            "scope": " ".join(sorted(scopes)),
        }

    def find(self, authorization: str) -> IssuedToken | None:
        """Return the bearer token of an Authorization header, or None if invalid or expired."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        with self._lock:
            issued = self._tokens.get(token.strip())
        return issued if issued and issued.expires_at > time.monotonic() else None

    def expire_all(self) -> None:
        """Invalidate all tokens."""
        with self._lock:
            self._tokens.clear()

    def _authenticate(self, authorization: str) -> None:
        scheme, _, encoded = authorization.partition(" ")
        error = TokenError(401, "invalid_client", "Unknown client or wrong secret")
        if scheme.lower() != "basic":
            raise error
        try:
            pair = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as cause:
            raise error from cause
        client_id, _, client_secret = pair.partition(":")
        id_matches = _equal(unquote_plus(client_id), self._client_id)
        secret_matches = _equal(unquote_plus(client_secret), self._client_secret)
        if not (id_matches and secret_matches):
            raise error

    @staticmethod
    def _parse_form(body: bytes) -> dict[str, str]:
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20)
        except ValueError as error:
            raise TokenError(400, "invalid_request", "The body is not a form") from error
        form = dict(pairs)
        if len(form) != len(pairs):
            raise TokenError(400, "invalid_request", "A parameter is repeated")
        return form

    @staticmethod
    def _parse_scopes(value: str) -> frozenset[Scope]:
        if not value:
            return frozenset(Scope)
        try:
            return frozenset(Scope(scope) for scope in value.split(" "))
        except ValueError as error:
            raise TokenError(400, "invalid_scope", "No such scope") from error


def _equal(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode("utf-8", "replace"), right.encode("utf-8", "replace"))
