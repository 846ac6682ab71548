"""How the API refuses: one shape, codes that stay, and words that say how to mend it.

Every refusal is `{status, code, message}`, with `details` by field where a body or a query was
not understood. Source: CAMARA API Design Guide 0.5, section 3.
"""

from collections.abc import Iterable, Mapping
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


class Code(NamedTuple):
    """The HTTP status of a code, and when it is answered."""

    status: int
    when: Any  # words, translated when they are read


# Every code there is. They are part of the contract: new ones may come, none changes.
CODES: Mapping[str, Code] = {
    "INVALID_ARGUMENT": Code(
        400, gettext_lazy("Algo de lo enviado no se entiende; `details` dice qué y dónde.")
    ),
    "UNAUTHENTICATED": Code(401, gettext_lazy("Falta el token, venció o se revocó.")),
    "PERMISSION_DENIED": Code(
        403, gettext_lazy("El token no tiene el alcance, o la marca no te deja hacerlo.")
    ),
    "NOT_FOUND": Code(404, gettext_lazy("No existe, o es de otra marca.")),
    "METHOD_NOT_ALLOWED": Code(405, gettext_lazy("Esa dirección no acepta ese método.")),
    "NOT_ACCEPTABLE": Code(406, gettext_lazy("Solo se responde application/json.")),
    "REQUEST_IN_PROGRESS": Code(
        409, gettext_lazy("Otra petición con la misma Idempotency-Key está en curso.")
    ),
    "WRONG_STATUS": Code(409, gettext_lazy("El estado de la campaña no permite esa acción.")),
    "TOO_MANY_HOLDS": Code(
        409, gettext_lazy("La marca ya tiene apartado inventario para todas las que puede.")
    ),
    "TOO_MANY_ZONES": Code(409, gettext_lazy("La marca ya guarda todas las zonas que puede.")),
    "TOO_LATE_TO_WAIT": Code(409, gettext_lazy("Su primer día ya no se alcanza.")),
    "TOO_MANY_WEBHOOKS": Code(409, gettext_lazy("La marca ya tiene todos los webhooks que puede.")),
    "WEBHOOK_PAUSED": Code(409, gettext_lazy("El webhook está en pausa: reanúdalo.")),
    "TEST_WAITING": Code(409, gettext_lazy("La prueba anterior del webhook no ha terminado.")),
    "FAILED_PRECONDITION": Code(
        412, gettext_lazy("Cambió desde que la leíste: If-Match no es su ETag de ahora.")
    ),
    "PAYLOAD_TOO_LARGE": Code(413, gettext_lazy("El cuerpo pasa de 1 MiB.")),
    "UNSUPPORTED_MEDIA_TYPE": Code(415, gettext_lazy("El cuerpo debe ser application/json.")),
    "NOT_READY": Code(422, gettext_lazy("A la campaña le falta algo; `details` dice qué.")),
    "BAD_AREA": Code(422, gettext_lazy("La zona no existe o no deja ninguna LADA.")),
    "BAD_TERMS": Code(422, gettext_lazy("Eso no se puede pedir al inventario.")),
    "DAYS_GONE": Code(422, gettext_lazy("Uno de los días ya pasó.")),
    "DAYS_NOT_OPEN": Code(422, gettext_lazy("Uno de los días todavía no se vende.")),
    "BAD_BRAND": Code(422, gettext_lazy("Esa marca no es tuya, o hay que decir cuál.")),
    "NOT_A_PROMOTION": Code(422, gettext_lazy("Solo una promoción tiene vigencia.")),
    "BAD_NAME": Code(422, gettext_lazy("Ese nombre no se puede usar.")),
    "BAD_MESSAGE": Code(422, gettext_lazy("Ese mensaje no se puede enviar.")),
    "BAD_URL": Code(422, gettext_lazy("Ningún webhook puede ir a esa dirección.")),
    "BAD_EVENT_TYPES": Code(422, gettext_lazy("No hay eventos de ese tipo.")),
    "ITEMS_REFUSED": Code(
        422, gettext_lazy("Con allOrNothing: alguna no se puede, y no se creó ninguna.")
    ),
    "KEY_REUSED": Code(422, gettext_lazy("Esa Idempotency-Key ya se usó para otra petición.")),
    "PRECONDITION_REQUIRED": Code(428, gettext_lazy("Falta If-Match con el ETag que leíste.")),
    "TOO_MANY_REQUESTS": Code(
        429, gettext_lazy("Pasaste tu límite; Retry-After dice cuántos segundos esperar.")
    ),
    "INTERNAL": Code(500, gettext_lazy("Falló algo nuestro; ya lo sabemos.")),
    "UNAVAILABLE": Code(503, gettext_lazy("Por ahora no podemos contestar: intenta más tarde.")),
}

# What a domain calls it, where the API has a word that says more, or a wider one.
_SAME: Mapping[str, str] = {
    "stale_revision": "FAILED_PRECONDITION",
    "not_allowed": "PERMISSION_DENIED",
}


class Refused(Exception):
    """The API's own refusal, with a code of the table."""

    def __init__(
        self, code: str, message: str, *, retry_after: int | None = None, details: Any = None
    ) -> None:
        self.code, self.message = code, message
        self.retry_after, self.details = retry_after, details
        super().__init__(message)


def answer(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer any exception that has a meaning; what has none is ours to mend, and is a 500."""
    if isinstance(exc, exceptions.APIException):
        return _of_framework(exc)
    if isinstance(exc, Http404):
        return refusal("NOT_FOUND", _("No existe, o no es de tu marca."))
    if isinstance(exc, PermissionDenied):
        return refusal("PERMISSION_DENIED", _("No tienes permiso para hacer esto."))
    if isinstance(exc, RequestDataTooBig):
        return refusal("PAYLOAD_TOO_LARGE", _("El cuerpo pasa de 1 MiB: divídelo en varios."))
    if isinstance(exc, SuspiciousOperation):
        return refusal("INVALID_ARGUMENT", _("La petición no se entiende."))
    if isinstance(exc, Refused):
        told = refusal(exc.code, exc.message, exc.details)
        if exc.retry_after is not None:
            told["Retry-After"] = str(exc.retry_after)
        return told
    code = getattr(exc, "code", None)
    message = getattr(exc, "message", None)
    if not (isinstance(code, str) and isinstance(message, str) and message):
        return None
    code = code_of(code)
    if code not in CODES:
        return None
    return refusal(code, message, details_of(getattr(exc, "problems", None)))


def code_of(domain: str) -> str:
    """Give the API's word for what a domain calls its refusal; it may not be in the table."""
    return _SAME.get(domain, domain.upper())


def refusal(code: str, message: str, details: Any = None) -> Response:
    """Give the answer of a code of the table. The message is for people, in Spanish."""
    body = {"status": CODES[code].status, "code": code, "message": message}
    if details:
        body["details"] = details
    return Response(body, status=CODES[code].status)


def details_of(problems: Any) -> list[dict[str, str]]:
    """Give what a domain says by field as the details of a refusal, in the API's names."""
    if not isinstance(problems, Mapping):
        return []
    return [
        {"field": public(field), "code": "NOT_READY", "message": line}
        for field, lines in problems.items()
        for line in lines
    ]


# Names of a campaign's terms that are not simply in camel case.
_PUBLIC = {"text": "adText"}


def public(name: str) -> str:
    """Give the name under which the API shows a field of a model: starts_on is startsOn."""
    if name in _PUBLIC:
        return _PUBLIC[name]
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _of_framework(exc: exceptions.APIException) -> Response:
    if isinstance(exc, exceptions.ValidationError):
        return refusal(
            "INVALID_ARGUMENT",
            _("Revisa lo que se señala y envíalo de nuevo."),
            list(_flat(exc.detail, exc.get_codes())),
        )
    if isinstance(exc, exceptions.ParseError):
        return refusal("INVALID_ARGUMENT", _("El cuerpo no es JSON: revisa comas y comillas."))
    if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        told = refusal(
            "UNAUTHENTICATED",
            _("Envía un token vigente: Authorization: Bearer … (lo da /oauth2/token)."),
        )
        told["WWW-Authenticate"] = getattr(exc, "auth_header", None) or 'Bearer realm="api"'
        return told
    code, message = {
        403: ("PERMISSION_DENIED", str(exc.detail)),
        404: ("NOT_FOUND", _("No existe, o no es de tu marca.")),
        405: ("METHOD_NOT_ALLOWED", _("Esta dirección no acepta ese método; ve Allow.")),
        406: ("NOT_ACCEPTABLE", _("Solo se responde application/json: cambia Accept.")),
        415: ("UNSUPPORTED_MEDIA_TYPE", _("Envía el cuerpo como application/json.")),
        429: ("TOO_MANY_REQUESTS", _("Pasaste tu límite: espera lo que dice Retry-After.")),
    }.get(exc.status_code, ("INTERNAL", _("Algo falló de nuestro lado: intenta de nuevo.")))
    told = refusal(code, message)
    if wait := getattr(exc, "wait", None):
        told["Retry-After"] = str(max(1, round(wait)))
    return told


def _flat(detail: Any, codes: Any, path: str = "") -> Iterable[dict[str, str]]:
    """Give each problem of a body with the path of its field: "campaigns[3].area.ladas"."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            here = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            yield from _flat(inner, codes[name], here)
    elif isinstance(detail, list):
        for at, (inner, code) in enumerate(zip(detail, codes, strict=True)):
            nested = isinstance(inner, Mapping | list)
            yield from _flat(inner, code, f"{path}[{at}]" if nested else path)
    else:
        yield {"field": path, "code": str(codes).upper(), "message": str(detail)}
