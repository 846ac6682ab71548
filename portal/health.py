"""The health check."""

from time import monotonic

from django.db import Error, connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from campaigns import breaker, capabilities, gateway_trouble
from inventory import audit
from portal.metrics import may_read

REPEAT = 10  # seconds
ROOM = 1024 * 1024  # bytes that have to be free on the database's disk
BYTES_A_ROW = 20  # of a temporary file, about

_last_written: float | None = None  # monotonic time


@never_cache
def health_check(request: HttpRequest) -> JsonResponse:
    """Return 200 while this process can serve, and 503 while PostgreSQL does not write.

    A full disk still answers reads. The figures of the last audit, and trouble with the gateway,
    are for those who may read the metrics; breaches do not make the process unhealthy.
    """
    try:
        _require_writes()
        figures = _figures() if may_read(request) else {}
    except Error:
        return JsonResponse({"status": "database_unavailable"}, status=503)
    return JsonResponse({"status": "ok", **figures})


def _require_writes() -> None:
    """Raise a database error where PostgreSQL cannot write a row and ROOM bytes of a file.

    Asked again only after REPEAT seconds: anybody may call the health check.
    """
    global _last_written
    if _last_written is not None and monotonic() - _last_written < REPEAT:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO portal_cache VALUES ('health', '', now())")
        cursor.execute("SET LOCAL work_mem = '64kB'")  # the rows go through a file on the disk
        cursor.execute("SELECT count(*) FROM generate_series(1, %s)", [ROOM // BYTES_A_ROW])
        transaction.set_rollback(True)
    _last_written = monotonic()


def _figures() -> dict[str, object]:
    gateway = gateway_trouble.figures() | breaker.figures() | capabilities.figures()
    return {"inventory": _audited(), "gateway": gateway}


def _audited() -> dict[str, object]:
    newest = audit.latest()
    return {
        "audited_at": newest and newest.at,
        "breaches": newest.breaches if newest else 0,
        "at_risk": newest.at_risk if newest else 0,
    }
