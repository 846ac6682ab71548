"""The log of differences: one open row for each, found again or resolved by later comparisons."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import structlog
from django.contrib.auth.models import AbstractUser as User
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import reasons
from campaigns.errors import DriftResolved, NotAllowed
from campaigns.models import AdOrder, Campaign, Drift
from campaigns.models.drift import DriftQuerySet

log = structlog.get_logger(__name__)

PERMISSION = "campaigns.change_drift"
LOGGED = 10  # ids of orders in one line of the program's log
TRIES = 3  # comparisons in a row that find a difference which the portal resolves by itself
FIELDS = ("expected", "found", "action", "needs_person", "counts", "seen_at", "times")
OUR_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # as str() writes an UUID
Kind = Drift.Kind
Key = tuple[str, str]  # kind and order


class KindCount(NamedTuple):
    """How many differences of a kind there are."""

    kind: Drift.Kind
    drifts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A difference with what was done about it, as the log has it."""

    kind: Kind
    order_id: str
    expected: str
    found: str
    action: str
    needs_person: bool = False
    counts: tuple[tuple[int, ...], ...] = ()  # theirs and ours, of COUNT

    @property
    def key(self) -> Key:
        return self.kind.value, self.order_id


def count_by_kind(rows: DriftQuerySet) -> list[KindCount]:
    """Return how many there are of each kind, without those of which there is none. One query."""
    counts = dict(rows.order_by().values_list("kind").annotate(Count("pk")))
    return [KindCount(kind, counts[kind]) for kind in Kind if kind in counts]


def totals() -> list[tuple[str, int, int]]:
    """Return each kind with how many were ever found and how many are open. One query."""
    rows = Drift.objects.order_by().values("kind")
    rows = rows.annotate(found=Count("pk"), open=Count("pk", filter=Q(resolved_at__isnull=True)))
    found = {row["kind"]: (row["found"], row["open"]) for row in rows}
    return [(kind.value, *found.get(kind.value, (0, 0))) for kind in Kind]


def open_drifts() -> dict[Key, Drift]:
    return {(drift.kind, drift.order_id): drift for drift in Drift.objects.open()}


@transaction.atomic
def write(
    findings: Iterable[Finding], *, was_compared: Callable[[Drift], bool], now: datetime
) -> int:
    """Log what was found, and resolve what was compared and is not; return how many call a person.

    Only those count that did not before.
    """
    rows, found = open_drifts(), {each.key: each for each in findings}
    called = 0
    for key, finding in found.items():
        if drift := rows.get(key):
            needed_person = drift.needs_person
            _see_again(drift, finding, now)
            called += drift.needs_person and not needed_person
    new = [
        Drift(**_values(finding), kind=finding.kind, order_id=finding.order_id, found_at=now)
        for key, finding in _settled_excluded(found, rows).items()
    ]
    gone = [drift for key, drift in rows.items() if key not in found and was_compared(drift)]
    Drift.objects.bulk_update([rows[key] for key in found if key in rows], FIELDS, batch_size=200)
    Drift.objects.bulk_create(new)
    Drift.objects.filter(pk__in=[drift.pk for drift in gone]).update(resolved_at=now)
    if new:
        kinds = Counter(str(drift.kind) for drift in new)
        first = [drift.order_id for drift in new[:LOGGED]]
        log.warning("drifts_found", kinds=dict(kinds), ad_orders=first)
    return called + sum(drift.needs_person for drift in new)


def call_for_refused() -> int:
    """Call a person for open differences of which the gateway refuses the new generation.

    Such an order is not at rest, so no comparison sees it. Return how many.
    """
    rows = Drift.objects.open().filter(needs_person=False)
    ids = our_ids(rows.values_list("order_id", flat=True))
    refused = AdOrder.objects.filter(pk__in=ids, refused_generation=F("generation"))
    order_ids = [str(key) for key in refused.values_list("pk", flat=True)]
    action = _("Se pidió otra vez, y la plataforma lo rechazó: la orden dice por qué")
    return rows.filter(order_id__in=order_ids).update(needs_person=True, action=action)


def _values(finding: Finding) -> dict[str, object]:
    return {
        "expected": finding.expected[:200],
        "found": finding.found[:200],
        "action": finding.action[:200],
        "needs_person": finding.needs_person,
        "counts": [list(each) for each in finding.counts],
    }


def _see_again(drift: Drift, finding: Finding, now: datetime) -> None:
    needed_person = drift.needs_person
    for name, value in _values(finding).items():
        setattr(drift, name, value)
    drift.times += 1
    drift.seen_at = now
    drift.needs_person = drift.needs_person or needed_person or drift.times > TRIES


def _settled_excluded(
    found: Mapping[Key, Finding], rows: Mapping[Key, Drift]
) -> dict[Key, Finding]:
    """Return the new findings, but those that a person has resolved as they are."""
    new = {key: finding for key, finding in found.items() if key not in rows}
    by_hand = Drift.objects.filter(
        resolved_by__isnull=False, order_id__in=[order_id for _kind, order_id in new]
    )
    for drift in by_hand:
        key = (drift.kind, drift.order_id)
        if key in new and new[key].found == drift.found:
            del new[key]
    return new


@transaction.atomic
def resolve(drift_id: int, *, reason: str, by: User) -> Drift:
    """Resolve a difference by hand. Raises NotAllowed, BadReason, or DriftResolved."""
    if not by.has_perm(PERMISSION):
        raise NotAllowed
    reason = reasons.clean(reason, readers=readers())
    drift = Drift.objects.select_for_update().get(pk=drift_id)
    if not drift.may_be_resolved:
        raise DriftResolved
    drift.resolved_at, drift.resolved_by_id, drift.reason = timezone.now(), by.pk, reason
    drift.save(update_fields=["resolved_at", "resolved_by", "reason"])
    log.info("drift_resolved", drift=drift.pk, kind=drift.kind, by=by.pk)
    return drift


def campaigns_of(order_ids: Iterable[str]) -> dict[str, Campaign]:
    """Return the campaigns of those orders that are ours, by the order's id. One query."""
    orders = AdOrder.objects.filter(pk__in=our_ids(order_ids)).select_related("campaign")
    return {str(order.pk): order.campaign for order in orders.defer("document")}


def our_ids(order_ids: Iterable[str]) -> list[str]:
    """Return those that have the form of ours: the gateway's other orders may have any id."""
    return [order_id for order_id in order_ids if OUR_ID.fullmatch(order_id)]


def readers() -> str:
    """Return who reads the reason, in Spanish."""
    return _("lo lee el equipo de Telefónica")
