"""The sink of the gateway's events: not part of the API for brands, so not in its description.

Size, type and signature are checked before anything is parsed; then the event goes into the inbox
as it came. What it says is checked by the worker that applies it, and never refused.
"""

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from campaigns.gateway.contract_model import ContractMismatch
from campaigns.gateway.events import MAX_EVENT_BYTES, MEDIA_TYPE
from campaigns.reports import inbox, outcomes, signature
from campaigns.reports.outcomes import Outcome
from campaigns.reports.signature import BadSignature
from core import body_limits
from core.api.errors import error_body
from core.wake import wake

log = structlog.get_logger(__name__)

RETRY_AFTER = 5  # seconds
UNLIMITED = 10**18  # bytes: the sink has its own limit, and counts what is above it


@csrf_exempt
@body_limits.max_body(UNLIMITED)
@require_POST
def receive_event(request: HttpRequest) -> HttpResponse:
    """Answer 204 once an event is in the inbox, also if it was there before."""
    if body_limits.exceeds(request, MAX_EVENT_BYTES):
        return _refuse(Outcome.TOO_LARGE, "PAYLOAD_TOO_LARGE", _("El evento pasa de 64 KiB."))
    if request.content_type != MEDIA_TYPE:
        message = _("Envía el evento como {type}.").format(type=MEDIA_TYPE)
        return _refuse(Outcome.WRONG_TYPE, "UNSUPPORTED_MEDIA_TYPE", message)
    body = request.body
    try:
        signature.check(request.headers, body)
    except BadSignature as error:
        message = _("La firma no es nuestra, falta, o su hora no es la de ahora.")
        return _refuse(error.outcome, "UNAUTHENTICATED", message)
    try:
        envelope = inbox.read(body, event_id=request.headers["webhook-id"])
    except ContractMismatch as error:
        return _refuse(Outcome.NOT_AN_ENVELOPE, "INVALID_ARGUMENT", str(error))
    try:
        is_new = inbox.store(envelope, body)
    except (OperationalError, InterfaceError):
        log.exception("event_not_stored")
        response = _refuse(
            Outcome.UNAVAILABLE, "UNAVAILABLE", _("Por ahora no se guarda: intenta más tarde.")
        )
        response["Retry-After"] = str(RETRY_AFTER)
        return response
    if is_new:
        wake(inbox.APPLY)
    outcomes.count(Outcome.ACCEPTED if is_new else Outcome.DUPLICATE)
    return HttpResponse(status=204)


def _refuse(outcome: Outcome, code: str, message: str) -> HttpResponse:
    outcomes.count(outcome)
    log.warning("event_refused", outcome=outcome.value)
    body = error_body(code, message, ())
    return JsonResponse(body, status=body["status"])
