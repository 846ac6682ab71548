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

from inventory.models import Audit, Reservation
from inventory.snapshot_cache import FROZEN_DAYS

log = structlog.get_logger(__name__)

EXPIRY_GRACE = timedelta(minutes=10)  # within which holds past their expiry are released
RETENTION = timedelta(days=90)  # of audits
MAX_STORED = 1_000  # breaches of one audit

# By kind of breach, in the order in which they are reported.
MESSAGES = {
    "cell_sum": gettext_lazy("Tiene {found} planeadas y los apartados suman {due}."),
    "cell_oversold": gettext_lazy("Tiene {found} planeadas y solo {due} a la venta."),
    "cell_over_gross": gettext_lazy("Tiene {found} a la venta y el canal lleva {due}."),
    "cell_on_sale": gettext_lazy("Tiene {found} a la venta y le tocan {due}."),
    "no_cell": gettext_lazy("Los apartados planean {found} donde nada está a la venta."),
    "allocation_missing": gettext_lazy("No tiene reparto."),
    "allocation_shape": gettext_lazy("Su reparto tiene {found} cuentas y le tocan {due}."),
    "allocation_sum": gettext_lazy("Promete {due} y su reparto suma {found}."),
    "ended_planned": gettext_lazy("Ya terminó y conserva {found} notificaciones."),
    "ceilings_shape": gettext_lazy("Tiene {found} topes diarios y le tocan {due}."),
    "day_over_ceiling": gettext_lazy("Planea {found} y el tope del día es {due}."),
    "hold_without_expiry": gettext_lazy("Está apartado sin fecha de vencimiento."),
    "hold_overdue": gettext_lazy("Venció hace {found} minutos y nadie lo ha liberado."),
    "journal_sum": gettext_lazy("Promete {found} y su bitácora termina en {due}."),
    "journal_status": gettext_lazy("Está {found} y su bitácora lo deja {due}."),
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
    today = timezone.localdate()
    params = {
        "today": today,
        "first_changeable": today + timedelta(FROZEN_DAYS),
        "now": now,
        "expired_before": now - EXPIRY_GRACE,
        "default_percent": settings.SAFETY_PERCENT,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {_RECOUNTED} {' UNION ALL '.join(_CHECKS)}", params)
        return [_Finding(*row) for row in cursor.fetchall()]


# LADAs are compared by number: an element of an array of numbers is read directly, one of
# an array of texts from the beginning of the array.
_RECOUNTED = """
cell AS MATERIALIZED (
    SELECT lada, lada::int AS number, day, gross::bigint, capacity::bigint, planned
    FROM inventory_capacity
),
live AS MATERIALIZED (
    SELECT r.id, r.reference, r.status, r.quantity, r.starts_on, r.ends_on, r.expires_at,
        r.ladas::int[] AS ladas, greatest(cardinality(r.ladas), 1) AS width,
        r.ends_on - r.starts_on + 1 AS days, r.daily_ceilings AS ceilings,
        a.quantities, a.at_risk, (SELECT sum(q) FROM unnest(a.quantities) AS q) AS total
    FROM inventory_reservation AS r
    LEFT JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE r.status IN ('held', 'booked')
),
placed AS MATERIALIZED (
    SELECT starts_on + (n::int - 1) / width AS day, ladas[(n::int - 1) %% width + 1] AS number,
        sum(q) AS planned, sum(q * (status = 'held')::int) AS held
    FROM live, unnest(quantities) WITH ORDINALITY AS line (q, n)
    GROUP BY 1, 2
),
by_day AS (
    SELECT id, (n::int - 1) / width AS place, sum(q) AS planned
    FROM live, unnest(quantities) WITH ORDINALITY AS line (q, n)
    GROUP BY 1, 2
),
base AS (
    SELECT reservation_id, max(id) AS id FROM inventory_journalentry
    WHERE action IN ('hold', 'change')
    GROUP BY reservation_id
),
replayed AS MATERIALIZED (
    SELECT base.reservation_id,
        sum(CASE WHEN action IN ('release', 'expire') THEN -quantity
            WHEN action = 'book' THEN 0 ELSE quantity END) AS quantity,
        (array_agg(action ORDER BY entry.id DESC))[1] AS last,
        bool_or(action = 'book') AS booked
    FROM base JOIN inventory_journalentry AS entry
        ON entry.reservation_id = base.reservation_id AND entry.id >= base.id
    WHERE action IN ('hold', 'change', 'book', 'release', 'expire')
    GROUP BY base.reservation_id
),
journal AS MATERIALIZED (
    SELECT r.id, r.reference, r.status, r.quantity, replayed.quantity AS due,
        CASE WHEN last = 'expire' THEN 'expired'
            WHEN last = 'release' AND replayed.quantity = 0 THEN 'released'
            WHEN booked THEN 'booked' WHEN last IS NOT NULL THEN 'held' END AS due_status
    FROM inventory_reservation AS r LEFT JOIN replayed ON replayed.reservation_id = r.id
)
"""

# Each selects the columns of `_Finding`.
_CHECKS = (
    """
    SELECT 'cell_sum' AS kind, '' AS name, 0::bigint AS reservation_id, lada::text, day,
        cell.planned::text AS found, coalesce(placed.planned, 0)::text AS due
    FROM cell LEFT JOIN placed USING (day, number)
    WHERE cell.planned <> coalesce(placed.planned, 0)
    """,
    """
    SELECT 'cell_oversold', '', 0, lada, day, planned::text, capacity::text
    FROM cell WHERE planned > capacity
    """,
    """
    SELECT 'cell_over_gross', '', 0, lada, day, capacity::text, gross::text
    FROM cell WHERE capacity > gross
    """,
    # Shares and closed days do not change frozen days. Where a LADA has no share of its own,
    # the default may have been another whole percent when the day was opened.
    """
    SELECT 'cell_on_sale', '', 0, cell.lada, cell.day, capacity::text, due::text
    FROM cell LEFT JOIN inventory_safetyshare AS own ON own.lada = cell.lada
        LEFT JOIN inventory_closedday AS closed ON closed.day = cell.day,
        LATERAL (SELECT CASE WHEN closed.day IS NOT NULL THEN 0
            ELSE gross * (100 - coalesce(percent, %(default_percent)s)) / 100 END AS due) AS rule
    WHERE cell.day >= %(first_changeable)s AND capacity <= gross AND capacity <> due
        AND (closed.day IS NOT NULL OR percent IS NOT NULL
            OR gross * ((100 * capacity + gross - 1) / nullif(gross, 0)) / 100 <> capacity)
    """,
    """
    SELECT 'no_cell', '', 0, coalesce(placed.number::text, ''), day, placed.planned::text, ''
    FROM placed LEFT JOIN cell USING (day, number)
    WHERE cell.lada IS NULL AND placed.planned > 0
    """,
    """
    SELECT 'allocation_missing', reference, r.id, '', NULL, '', ''
    FROM inventory_reservation AS r LEFT JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE a.reservation_id IS NULL
    """,
    """
    SELECT 'allocation_shape', reference, id, '', NULL,
        cardinality(quantities)::text, (cardinality(ladas) * (ends_on - starts_on + 1))::text
    FROM inventory_reservation AS r JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE cardinality(quantities) <> cardinality(ladas) * (ends_on - starts_on + 1)
    """,
    """
    SELECT 'allocation_sum', reference, id, '', NULL,
        (coalesce(total, 0) + at_risk)::text, quantity::text
    FROM live WHERE quantity <> coalesce(total, 0) + at_risk
    """,
    """
    SELECT 'ended_planned', reference, id, '', NULL,
        (at_risk + (SELECT sum(q) FROM unnest(quantities) AS q))::text, ''
    FROM inventory_reservation AS r JOIN inventory_allocation AS a ON a.reservation_id = r.id
    WHERE status NOT IN ('held', 'booked') AND (at_risk > 0 OR 0 < ANY (quantities))
    """,
    """
    SELECT 'ceilings_shape', reference, id, '', NULL, cardinality(ceilings)::text, days::text
    FROM live WHERE cardinality(ceilings) <> days
    """,
    """
    SELECT 'day_over_ceiling', reference, id, '', starts_on + place,
        planned::text, ceilings[place + 1]::text
    FROM live JOIN by_day USING (id)
    WHERE planned > ceilings[place + 1]
    """,
    """
    SELECT 'hold_without_expiry', reference, id, '', NULL, '', ''
    FROM live WHERE status = 'held' AND expires_at IS NULL
    """,
    """
    SELECT 'hold_overdue', reference, id, '', NULL,
        (extract(epoch FROM %(now)s - expires_at)::int / 60)::text, ''
    FROM live WHERE status = 'held' AND expires_at <= %(expired_before)s
    """,
    """
    SELECT 'journal_sum', reference, id, '', NULL, quantity::text, coalesce(due::text, '')
    FROM journal WHERE quantity IS DISTINCT FROM due
    """,
    """
    SELECT 'journal_status', reference, id, '', NULL, status, due_status
    FROM journal WHERE status <> due_status
    """,
    """
    SELECT 'total', name, 0, '', NULL, coalesce(counted, 0)::text, '' FROM (VALUES
        ('cells', (SELECT count(*) FROM cell)),
        ('reservations', (SELECT count(*) FROM inventory_reservation)),
        ('capacity', (SELECT sum(capacity) FROM cell WHERE day >= %(today)s)),
        ('held', (SELECT sum(held) FROM placed WHERE day >= %(today)s)),
        ('booked', (SELECT sum(planned - held) FROM placed WHERE day >= %(today)s)),
        ('at_risk', (SELECT sum(at_risk) FROM live WHERE ends_on >= %(today)s))
    ) AS total (name, counted)
    """,
)
