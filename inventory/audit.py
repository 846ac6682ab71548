"""Audit: recount the whole inventory and find breaches of its rules.

It shares no code with the writers: cells, reservations and the journal are read by one
SQL statement, which sees one moment of the database and takes no lock.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import F, Func, IntegerField
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import recount
from inventory.models import Audit, Reservation
from inventory.snapshot_cache import FROZEN_DAYS

log = structlog.get_logger(__name__)

EXPIRY_GRACE = timedelta(minutes=10)  # within which holds past their expiry are released
ORPHAN_GRACE = timedelta(minutes=10)  # within which a reservation is given to its campaign
RETENTION = timedelta(days=90)  # of audits
MAX_STORED = 1_000  # breaches of one audit

# By kind of breach, in the order in which they are reported.
MESSAGES = {
    "cell_sum": gettext_lazy("Tiene {found} planeadas y los apartados suman {due}."),
    "cell_oversold": gettext_lazy("Tiene {found} planeadas y solo {due} a la venta."),
    "cell_over_gross": gettext_lazy("Tiene {found} a la venta y el canal lleva {due}."),
    "cell_on_sale": gettext_lazy("Tiene {found} a la venta y le tocan {due}."),
    "cells_missing": gettext_lazy("Tiene {found} celdas y le tocan {due}, una por LADA."),
    "no_cell": gettext_lazy("Los apartados planean {found} donde nada está a la venta."),
    "allocation_missing": gettext_lazy("No tiene reparto."),
    "allocation_shape": gettext_lazy("Su reparto tiene {found} cuentas y le tocan {due}."),
    "allocation_sum": gettext_lazy("Promete {due} y su reparto suma {found}."),
    "ended_planned": gettext_lazy("Ya terminó y conserva {found} notificaciones."),
    "ceilings_shape": gettext_lazy("Tiene {found} topes diarios y le tocan {due}."),
    "day_over_ceiling": gettext_lazy("Planea {found} y el tope del día es {due}."),
    "ceilings_over_terms": gettext_lazy("Sus topes diarios suman {found} y les tocan {due}."),
    "journal_ceilings": gettext_lazy("El tope del día es {found} y su bitácora dice {due}."),
    "hold_without_expiry": gettext_lazy("Está apartado sin fecha de vencimiento."),
    "hold_overdue": gettext_lazy("Venció hace {found} minutos y nadie lo ha liberado."),
    "journal_sum": gettext_lazy("Promete {found} y su bitácora termina en {due}."),
    "journal_status": gettext_lazy("Está {found} y su bitácora lo deja {due}."),
    "journal_risk": gettext_lazy("Tiene {found} en riesgo y su bitácora dice {due}."),
    "orphan": gettext_lazy("Ninguna campaña lo tiene y aparta {found} notificaciones."),
}


@dataclass(frozen=True)
class Breach:
    """A broken rule: its kind, where it is broken, and a message in Spanish."""

    kind: str
    where: str
    message: str


class LatestAudit(NamedTuple):
    """The figures of the last audit, without its breaches."""

    at: datetime
    seconds: float
    breaches: int
    capacity: int
    held: int
    booked: int
    at_risk: int


class _Finding(NamedTuple):
    """A row of the statement: a breach, or a total under its name."""

    kind: str
    name: str  # of a total; or the reference of a reservation
    reservation_id: int
    lada: str
    day: date | None
    found: str
    due: str


def find_breaches() -> list[Breach]:
    """Return all breaches, as of one moment."""
    return [_breach(finding) for finding in _breaches_only(_query())]


def run() -> Audit:
    """Audit the inventory, store the result, and log breaches as an error."""
    began = monotonic()
    findings = _query()
    breaches = _breaches_only(findings)
    totals = {each.name: int(each.found) for each in findings if each.kind == "total"}
    audit = Audit.objects.create(
        seconds=monotonic() - began,
        breaches=[asdict(_breach(finding)) for finding in breaches[:MAX_STORED]],
        **totals,
    )
    Audit.objects.filter(at__lt=audit.at - RETENTION).delete()
    if breaches:
        kinds = sorted({finding.kind for finding in breaches})
        log.error("inventory_breach", audit_id=audit.pk, breaches=len(breaches), kinds=kinds)
    return audit


def latest() -> LatestAudit | None:
    """Return the figures of the last audit, by one indexed query."""
    length = Func(F("breaches"), function="jsonb_array_length", output_field=IntegerField())
    fields = [name if name != "breaches" else length for name in LatestAudit._fields]
    row = Audit.objects.values_list(*fields).first()
    return None if row is None else LatestAudit(*row)


def _breaches_only(findings: Iterable[_Finding]) -> list[_Finding]:
    """Return the findings but totals, by kind, reservation, day and LADA."""
    order = {kind: number for number, kind in enumerate(MESSAGES)}
    breaches = [finding for finding in findings if finding.kind in order]
    breaches.sort(key=lambda f: (order[f.kind], f.reservation_id, f.day or date.min, f.lada))
    return breaches


def _breach(finding: _Finding) -> Breach:
    found, due = _format_value(finding.found), _format_value(finding.due)
    message = str(MESSAGES[finding.kind]).format(found=found, due=due)
    return Breach(finding.kind, _where(finding), message)


def _where(finding: _Finding) -> str:
    parts = [_("LADA {lada}").format(lada=finding.lada)] if finding.lada else []
    if finding.reservation_id:
        parts += [_("apartado {number}").format(number=finding.reservation_id), finding.name]
    if finding.day:
        parts.append(f"{finding.day:%d/%m/%Y}")
    return " · ".join(parts)


def _format_value(value: str) -> str:
    """Return a count, or a reservation's status, for people."""
    if value in Reservation.Status.values:
        return f"«{Reservation.Status(value).label}»"
    return f"{int(value):,}" if value else _("nada")


def _query() -> list[_Finding]:
    now = timezone.now()
    today = timezone.localdate(now)
    params = {
        "today": today,
        "first_changeable": today + timedelta(FROZEN_DAYS),
        "now": now,
        "expired_before": now - EXPIRY_GRACE,
        "created_before": now - ORPHAN_GRACE,
        "default_percent": settings.SAFETY_PERCENT,
    }
    with connection.cursor() as cursor:
        cursor.execute(recount.statement(), params)
        return [_Finding(*row) for row in cursor.fetchall()]
