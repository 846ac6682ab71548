"""The health check."""

from django.db.utils import OperationalError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from campaigns import gateway_trouble
from inventory import audit
from portal import metrics


@never_cache
def health_check(request: HttpRequest) -> JsonResponse:
    """Return 200 while this process can serve, and 503 while PostgreSQL does not respond.

    Trouble with the gateway is told to those who may read the metrics. The figures of the last
    audit are part of the body only: breaches do not make the process unhealthy.
    """
    try:
        newest = audit.latest()
    except OperationalError:
        return JsonResponse({"status": "database_unavailable"}, status=503)
    figures = {
        "audited_at": newest and newest.at,
        "breaches": newest.breaches if newest else 0,
        "at_risk": newest.at_risk if newest else 0,
    }
    body: dict[str, object] = {"status": "ok", "inventory": figures}
    if metrics.may_read(request):
        body["gateway"] = gateway_trouble.figures()
    return JsonResponse(body)
