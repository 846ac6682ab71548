"""Idempotency keys: a repeated POST has its effect once and gets the same response.

The response commits in the transaction of the effect, so a process that dies leaves both or
neither, and nothing to clean up. A repetition while the first request is in progress gets a 409.
Source: draft-ietf-httpapi-idempotency-key-header-07.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import advisory_locks
from core.api.errors import ApiError
from core.models import IdempotentResponse

HEADER = "Idempotency-Key"
KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,255}")
STORED_HEADERS = ("Location", "ETag")
RETRY_AFTER = 1  # seconds

Handler = Callable[..., Response]


class EffectlessResponse(Response):
    """The response to a POST that has changed nothing, as an error: it is not stored."""


class ShownOnceResponse(Response):
    """A response with a secret in the member `secret`, which is null where it is stored."""

    MEMBER = "secret"


def idempotent(view: APIView, handler: Handler) -> Handler:
    """Wrap a POST handler so that it stores its response under the request's key, if it has one.

    What had no effect is not stored: neither an error nor an `EffectlessResponse`. Its key may be
    used again, and the request is judged anew by what there is then.

    The handler raises ApiError: INVALID_ARGUMENT for a malformed key, REQUEST_IN_PROGRESS while
    the first request is in progress, KEY_REUSED if the key was used for another request.
    """

    def handle(request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(request, *args, **kwargs)
        if not KEY_PATTERN.fullmatch(key):
            raise ApiError(
                "INVALID_ARGUMENT",
                _("La Idempotency-Key va de 1 a 255 caracteres sin espacios, como un UUID."),
            )
        digest = _digest(request._request)
        user_id = request.user.pk
        assert user_id is not None  # the view requires authentication
        with transaction.atomic():
            _lock(user_id, key)
            if stored := _stored_response(user_id, key):
                return _replay(stored, digest)
            response = _handle(view, handler, request, args, kwargs)
            if response.status_code < 300 and not isinstance(response, EffectlessResponse):
                _store(response, user_id, key, digest)
        return response

    return handle


def _digest(request: HttpRequest) -> str:
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()


def _lock(user_id: int, key: str) -> None:
    """Lock a key until the transaction ends. Raises ApiError if another request holds it."""
    if not advisory_locks.try_acquire_named(f"idempotency:{user_id}:{key}"):
        raise ApiError(
            "REQUEST_IN_PROGRESS",
            _("La misma petición está en curso: repítela en {seconds} s.").format(
                seconds=RETRY_AFTER
            ),
            retry_after=RETRY_AFTER,
        )


def _stored_response(user_id: int, key: str) -> IdempotentResponse | None:
    rows = IdempotentResponse.objects.filter(user_id=user_id, key=key)
    rows.expired().delete()
    return rows.first()


def _replay(stored: IdempotentResponse, digest: str) -> Response:
    if stored.digest != digest:
        raise ApiError(
            "KEY_REUSED",
            _("Esa Idempotency-Key ya se usó con otra petición: usa una nueva para esta."),
        )
    body = json.loads(stored.body) if stored.body else None
    return Response(body, stored.status, headers={**stored.headers, "Idempotency-Replayed": "true"})


def _handle(view: APIView, handler: Handler, request: Request, args: Any, kwargs: Any) -> Response:
    """Run the handler, rolled back on errors. Exceptions that the API does not know propagate."""
    try:
        with transaction.atomic():
            return handler(request, *args, **kwargs)
    except Exception as error:
        return view.handle_exception(error)


def _store(response: Response, user_id: int, key: str, digest: str) -> None:
    data = response.data
    if isinstance(response, ShownOnceResponse):
        data = {**data, ShownOnceResponse.MEMBER: None}
    body = JSONRenderer().render(data) if data is not None else b""
    IdempotentResponse.objects.create(
        user_id=user_id,
        key=key,
        digest=digest,
        status=response.status_code,
        body=body.decode(),
        headers={name: response[name] for name in STORED_HEADERS if name in response},
    )
