"""The health check."""

from django.db.utils import OperationalError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from inventory import audit
from portal import metrics


@never_cache
def health_check(request: HttpRequest) -> JsonResponse:
    """Return 200 while this process can serve, and 503 while PostgreSQL does not respond.

    Those who may read metrics get the figures of the last audit too, in the body only: breaches
    do not make the process unhealthy. A stranger is told no more than the status.
    """
    try:
        newest = audit.latest()
    except OperationalError:
        return JsonResponse({"status": "database_unavailable"}, status=503)
    if not metrics.may_read(request):
        return JsonResponse({"status": "ok"})
    figures = {
        "audited_at": newest and newest.at,
        "breaches": newest.breaches if newest else 0,
        "at_risk": newest.at_risk if newest else 0,
    }
    return JsonResponse({"status": "ok", "inventory": figures})
