from django.db.utils import OperationalError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from inventory import audit


@never_cache
def health_check(request: HttpRequest) -> JsonResponse:
    """Say whether this process can serve: 200, or 503 while PostgreSQL does not answer.

    What the last recount of the inventory found is told beside it: a breach is for
    people to mend, and no reason to take a process out of balance.
    """
    try:
        newest = audit.newest()
    except OperationalError:
        return JsonResponse({"status": "database_unavailable"}, status=503)
    figures = {
        "audited_at": newest and newest.at,
        "breaches": newest.breaches if newest else 0,
        "at_risk": newest.at_risk if newest else 0,
    }
    return JsonResponse({"status": "ok", "inventory": figures})
