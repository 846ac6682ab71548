"""Errors of the API: their stable codes and the handler that turns exceptions into responses.

Every error is `{status, code, message}`, with `details` by field if the body or query is invalid.
Source: CAMARA API Design Guide 0.5, section 3.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

log = structlog.get_logger(__name__)

MAX_DETAILS = 20  # of an error: more help nobody, and an answer is not much larger than its request


class ErrorCode(NamedTuple):
    """The HTTP status of a code, and a description of when it is returned."""

    status: int
    description: Any  # lazily translated


# All codes. They are part of the published contract: codes may be added, none may change.
CODES: Mapping[str, ErrorCode] = {
    "INVALID_ARGUMENT": ErrorCode(
        400, gettext_lazy("Algo de lo enviado no se entiende; `details` dice qué y dónde.")
    ),
    "UNAUTHENTICATED": ErrorCode(401, gettext_lazy("Falta el token, venció o se revocó.")),
    "PERMISSION_DENIED": ErrorCode(
        403, gettext_lazy("El token no tiene el alcance, o la marca no te deja hacerlo.")
    ),
    "NOT_FOUND": ErrorCode(404, gettext_lazy("No existe, o es de otra marca.")),
    "METHOD_NOT_ALLOWED": ErrorCode(405, gettext_lazy("Esa dirección no acepta ese método.")),
    "NOT_ACCEPTABLE": ErrorCode(406, gettext_lazy("Solo se responde application/json.")),
    "REQUEST_IN_PROGRESS": ErrorCode(
        409, gettext_lazy("Otra petición con la misma Idempotency-Key está en curso.")
    ),
    "BRAND_SUSPENDED": ErrorCode(
        409, gettext_lazy("Telefónica suspendió la marca: se lee todo y no se cambia nada.")
    ),
    "PAUSED_BY_STAFF": ErrorCode(
        409, gettext_lazy("Telefónica pausó la campaña y solo Telefónica puede reanudarla.")
    ),
    "WRONG_STATUS": ErrorCode(409, gettext_lazy("El estado de la campaña no permite esa acción.")),
    "PRICE_CHANGED": ErrorCode(
        409, gettext_lazy("El precio ya no es el que aceptas en acceptedTotal.")
    ),
    "TOO_MANY_HOLDS": ErrorCode(
        409, gettext_lazy("La marca ya tiene apartado inventario para todas las que puede.")
    ),
    "TOO_MUCH_HELD": ErrorCode(
        409,
        gettext_lazy(
            "La marca apartaría más notificaciones sin decidir de las que puede: el mensaje dice "
            "cuántas caben."
        ),
    ),
    "TOO_LARGE_SHARE": ErrorCode(
        409,
        gettext_lazy(
            "La marca apartaría una parte demasiado grande del canal en sus días: el mensaje dice "
            "cuántas caben."
        ),
    ),
    "TOO_MANY_ZONES": ErrorCode(409, gettext_lazy("La marca ya guarda todas las zonas que puede.")),
    "TOO_LATE_TO_WAIT": ErrorCode(409, gettext_lazy("Su primer día ya no se alcanza.")),
    "TOO_MANY_WEBHOOKS": ErrorCode(
        409, gettext_lazy("La marca ya tiene todos los webhooks que puede.")
    ),
    "WEBHOOK_PAUSED": ErrorCode(409, gettext_lazy("El webhook está en pausa: reanúdalo.")),
    "TEST_WAITING": ErrorCode(409, gettext_lazy("La prueba anterior del webhook no ha terminado.")),
    "HOLD_EXPIRED": ErrorCode(
        409, gettext_lazy("Venció el apartado de la campaña: retírala y envíala de nuevo.")
    ),
    "SANDBOX_ONLY": ErrorCode(409, gettext_lazy("Eso solo se hace con una marca de pruebas.")),
    "FAILED_PRECONDITION": ErrorCode(
        412, gettext_lazy("Cambió desde que la leíste: If-Match no es su ETag de ahora.")
    ),
    "PAYLOAD_TOO_LARGE": ErrorCode(
        413, gettext_lazy("El cuerpo pasa de lo que admite la operación.")
    ),
    "URI_TOO_LONG": ErrorCode(414, gettext_lazy("La dirección con sus parámetros no cabe.")),
    "UNSUPPORTED_MEDIA_TYPE": ErrorCode(415, gettext_lazy("El cuerpo debe ser application/json.")),
    "NOT_READY": ErrorCode(422, gettext_lazy("A la campaña le falta algo; `details` dice qué.")),
    "BAD_AREA": ErrorCode(422, gettext_lazy("La zona no existe o no deja ninguna LADA.")),
    "BAD_TERMS": ErrorCode(422, gettext_lazy("Eso no se puede pedir al inventario.")),
    "DAYS_GONE": ErrorCode(422, gettext_lazy("Uno de los días ya pasó.")),
    "DAYS_NOT_OPEN": ErrorCode(422, gettext_lazy("Uno de los días todavía no se vende.")),
    "BAD_BRAND": ErrorCode(422, gettext_lazy("Esa marca no es tuya, o hay que decir cuál.")),
    "NOT_A_PROMOTION": ErrorCode(422, gettext_lazy("Solo una promoción tiene vigencia.")),
    "BAD_METADATA": ErrorCode(
        422, gettext_lazy("metadata tiene demasiadas claves, o una que no se puede usar.")
    ),
    "BAD_CAMPAIGN": ErrorCode(422, gettext_lazy("Esa campaña no es de tu marca de pruebas.")),
    "REASON_NEEDED": ErrorCode(422, gettext_lazy("Falta el motivo, que la marca lee.")),
    "BAD_CLOCK": ErrorCode(
        422, gettext_lazy("El reloj de pruebas no puede ir ahí; el mensaje dice por qué.")
    ),
    "BAD_NAME": ErrorCode(422, gettext_lazy("Ese nombre no se puede usar.")),
    "BAD_URL": ErrorCode(422, gettext_lazy("Ningún webhook puede ir a esa dirección.")),
    "ITEMS_REFUSED": ErrorCode(
        422, gettext_lazy("Con allOrNothing: alguna no se puede, y no se hizo nada.")
    ),
    "KEY_REUSED": ErrorCode(422, gettext_lazy("Esa Idempotency-Key ya se usó para otra petición.")),
    "PRECONDITION_REQUIRED": ErrorCode(428, gettext_lazy("Falta If-Match con el ETag que leíste.")),
    "TOO_MANY_REQUESTS": ErrorCode(
        429, gettext_lazy("Pasaste tu límite; Retry-After dice cuántos segundos esperar.")
    ),
    "INTERNAL": ErrorCode(500, gettext_lazy("Falló algo nuestro; ya lo sabemos.")),
    "UNAVAILABLE": ErrorCode(
        503, gettext_lazy("Por ahora no podemos contestar: intenta más tarde.")
    ),
}

# Codes of domain errors that have another name in the API.
_API_CODES: Mapping[str, str] = {
    "stale_revision": "FAILED_PRECONDITION",
    "not_allowed": "PERMISSION_DENIED",
}


class ApiError(Exception):
    """An error of the API itself, with one of `CODES`."""

    def __init__(
        self, code: str, message: str, *, retry_after: int | None = None, details: Any = None
    ) -> None:
        self.code, self.message = code, message
        self.retry_after, self.details = retry_after, details
        super().__init__(message)


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the response to an exception, or None if it is not a known one and becomes a 500.

    Domain errors are known by their `code` and `message`. This is DRF's `EXCEPTION_HANDLER`.
    """
    if isinstance(exc, exceptions.APIException):
        return _framework_error_response(exc)
    if isinstance(exc, Http404):
        return error_response("NOT_FOUND", _("No existe, o no es de tu marca."))
    if isinstance(exc, PermissionDenied):
        return error_response("PERMISSION_DENIED", _("No tienes permiso para hacer esto."))
    if isinstance(exc, RequestDataTooBig):
        return error_response("PAYLOAD_TOO_LARGE", _("El cuerpo es muy largo: divídelo en varios."))
    if isinstance(exc, SuspiciousOperation):
        return error_response("INVALID_ARGUMENT", _("La petición no se entiende."))
    if isinstance(exc, ApiError):
        response = error_response(exc.code, exc.message, exc.details)
        if exc.retry_after is not None:
            response["Retry-After"] = str(exc.retry_after)
        return response
    code = getattr(exc, "code", None)
    message = getattr(exc, "message", None)
    if not (isinstance(code, str) and isinstance(message, str) and message):
        return None
    code = api_code(code)
    if code not in CODES:
        return None
    return error_response(code, message, problem_details(getattr(exc, "problems", None)))


def api_code(domain_code: str) -> str:
    """Return the API's code for that of a domain error. It may be missing from `CODES`."""
    return _API_CODES.get(domain_code, domain_code.upper())


def error_response(code: str, message: str, details: Any = None) -> Response:
    """Return the response for one of `CODES`. The message is for people, in Spanish.

    Of more than MAX_DETAILS details the message says how many are left out.
    """
    details = list(details or ())
    return Response(error_body(code, message, details), status=CODES[code].status)


def error_body(
    code: str, message: str, details: Sequence[Any], most: int = MAX_DETAILS
) -> dict[str, Any]:
    """Return an error as the API represents it, with `most` of its details at most."""
    if left_out := max(0, len(details) - most):
        message = _("{message} Se señalan {most}, y {count} más.").format(
            message=message, most=most, count=left_out
        )
    body = {"status": CODES[code].status, "code": code, "message": message}
    return body | {"details": details[:most]} if details else body


def problem_details(problems: Any) -> list[dict[str, str]]:
    """Return the problems of a domain error as `details`, with the API's field names.

    `problems` goes from field to messages; anything else has no details.
    """
    if not isinstance(problems, Mapping):
        return []
    return [
        {"field": api_name(field), "code": "NOT_READY", "message": message}
        for field, messages in problems.items()
        for message in messages
    ]


# Fields whose name in the API is not simply their name in camel case.
_API_NAMES = {"text": "adText"}


def api_name(name: str) -> str:
    """Return the name that a model's field has in the API: starts_on is startsOn."""
    if name in _API_NAMES:
        return _API_NAMES[name]
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _framework_error_response(exc: exceptions.APIException) -> Response:
    if isinstance(exc, exceptions.ValidationError):
        return error_response(
            "INVALID_ARGUMENT",
            _("Revisa lo que se señala y envíalo de nuevo."),
            list(_flatten(exc.detail, exc.get_codes())),
        )
    if isinstance(exc, exceptions.ParseError):
        return error_response(
            "INVALID_ARGUMENT", _("El cuerpo no es JSON: revisa comas y comillas.")
        )
    if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        response = error_response(
            "UNAUTHENTICATED",
            _("Envía un token vigente: Authorization: Bearer … (lo da /oauth2/token)."),
        )
        response["WWW-Authenticate"] = getattr(exc, "auth_header", None) or 'Bearer realm="api"'
        return response
    code, message = {
        403: ("PERMISSION_DENIED", str(exc.detail)),
        404: ("NOT_FOUND", _("No existe, o no es de tu marca.")),
        405: ("METHOD_NOT_ALLOWED", _("Esta dirección no acepta ese método; ve Allow.")),
        406: ("NOT_ACCEPTABLE", _("Solo se responde application/json: cambia Accept.")),
        415: ("UNSUPPORTED_MEDIA_TYPE", _("Envía el cuerpo como application/json.")),
        429: ("TOO_MANY_REQUESTS", _("Pasaste tu límite: espera lo que dice Retry-After.")),
    }.get(exc.status_code, ("INTERNAL", _("Algo falló de nuestro lado: intenta de nuevo.")))
    response = error_response(code, message)
    if wait := getattr(exc, "wait", None):
        response["Retry-After"] = str(max(1, round(wait)))
    return response


def _flatten(detail: Any, codes: Any, path: str = "") -> Iterable[dict[str, str]]:
    """Yield each error of a body with the path of its field: "campaigns[3].area.ladas[2]"."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _flatten(inner, codes[name], _inner_path(path, name))
    elif isinstance(detail, list):
        for index, (inner, code) in enumerate(zip(detail, codes, strict=True)):
            is_nested = isinstance(inner, Mapping | list)
            yield from _flatten(inner, code, f"{path}[{index}]" if is_nested else path)
    else:
        yield {"field": path, "code": str(codes).upper(), "message": str(detail)}


def _inner_path(path: str, name: object) -> str:
    """Return the path of a member of an object, or of an item of a list by its index."""
    if name == "non_field_errors":
        return path
    if isinstance(name, int):  # DRF has the errors of a list's items by index
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else str(name)
