"""A POST that comes twice does what it says once, and is answered alike both times.

The answer commits in the transaction that has the effect: a process that dies leaves both or
neither, and nothing to clean up. Who comes while the first is under way is told to wait.
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
from core.api.errors import Refused
from core.models import IdempotentResponse

HEADER = "Idempotency-Key"
SHAPE = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_HEADERS = ("Location", "ETag")
WAIT = 1  # seconds

# What is kept: what was done, and what the domain refused. A request that was not understood,
# not allowed or not answered did nothing, and its key is free to try again.
_KEPT = frozenset({409, 412, 422})

Handler = Callable[..., Response]


def once(view: APIView, handler: Handler) -> Handler:
    """Make a handler of POST keep its answer under the key of the request, if it has one.

    Raises Refused: INVALID_ARGUMENT for a key of another shape, REQUEST_IN_PROGRESS while the
    first is under way, KEY_REUSED where the key was used for another request.
    """

    def handle(request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return handler(request, *args, **kwargs)
        if not SHAPE.fullmatch(key):
            raise Refused(
                "INVALID_ARGUMENT",
                _("La Idempotency-Key va de 1 a 255 caracteres sin espacios, como un UUID."),
            )
        digest = _digest(request._request)
        caller = request.user.pk
        assert caller is not None  # nobody comes here without having signed in
        with transaction.atomic():
            _take(caller, key)
            if kept := _kept(caller, key):
                return _again(kept, digest)
            answered = _answer(view, handler, request, args, kwargs)
            if answered.status_code < 300 or answered.status_code in _KEPT:
                _keep(answered, caller, key, digest)
        return answered

    return handle


def _digest(request: HttpRequest) -> str:
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()


def _take(user_id: int, key: str) -> None:
    """Own a key until the transaction ends. Raises Refused while another request does."""
    if not advisory_locks.take_named(f"idempotency:{user_id}:{key}"):
        raise Refused(
            "REQUEST_IN_PROGRESS",
            _("La misma petición está en curso: repítela en {seconds} s.").format(seconds=WAIT),
            retry_after=WAIT,
        )


def _kept(user_id: int, key: str) -> IdempotentResponse | None:
    rows = IdempotentResponse.objects.filter(user_id=user_id, key=key)
    rows.over().delete()
    return rows.first()


def _again(kept: IdempotentResponse, digest: str) -> Response:
    if kept.digest != digest:
        raise Refused(
            "KEY_REUSED",
            _("Esa Idempotency-Key ya se usó con otra petición: usa una nueva para esta."),
        )
    body = json.loads(kept.body) if kept.body else None
    return Response(body, kept.status, headers={**kept.headers, "Idempotency-Replayed": "true"})


def _answer(view: APIView, handler: Handler, request: Request, args: Any, kwargs: Any) -> Response:
    """Answer; what a refusal had begun is undone. An exception without meaning goes on up."""
    try:
        with transaction.atomic():
            return handler(request, *args, **kwargs)
    except Exception as error:
        return view.handle_exception(error)


def _keep(answered: Response, user_id: int, key: str, digest: str) -> None:
    body = JSONRenderer().render(answered.data) if answered.data is not None else b""
    IdempotentResponse.objects.create(
        user_id=user_id,
        key=key,
        digest=digest,
        status=answered.status_code,
        body=body.decode(),
        headers={name: answered[name] for name in KEPT_HEADERS if name in answered},
    )
