"""What both sides know after a round, from the portal's tables and the gateway's own record."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from campaigns.gateway.contract import ChannelState
from campaigns.models import (
    AdOrder,
    Campaign,
    ChannelSwitch,
    DayCount,
    Event,
    HourCount,
    InboxEvent,
    MarkedDay,
    OrderCount,
    StreamPosition,
    Version,
)
from inventory import audit
from tests.faults import requested
from tests.faults.invariants import Counts, Inserted, OurOrder, Record, TheirOrder, Written
from tests.processes import Sandbox

NAMES = Counts._fields


def record(sandbox: Sandbox, *, lost_orders: bool = False) -> Record:
    """Return what both sides know now."""
    ledger = sandbox.ledger()
    return Record(
        ours={str(order.pk): _ours(order) for order in AdOrder.objects.select_related("campaign")},
        theirs=dict(_theirs(sandbox)),
        requested=requested.all_documents(),
        approved=_approved(),
        written=[_written(row) for row in ledger if row["order_id"]],
        insertions=[_inserted(row) for row in sandbox.insertions()],
        our_hours={
            (str(row.ad_order), row.hour, row.lada): _counts(vars(row))
            for row in HourCount.objects.all()
        },
        their_hours={
            (row["order_id"], _moment(row["hour"]), row["lada"]): _counts(row)
            for row in sandbox.hour_counts()
        },
        our_days={
            (str(row.ad_order), row.day, row.lada): _counts(vars(row))
            for row in DayCount.objects.all()
        },
        our_totals={str(row.ad_order): _counts(vars(row)) for row in OrderCount.objects.all()},
        their_totals={row["order_id"]: _counts(row) for row in sandbox.counts()},
        lost_orders=lost_orders,
        channel=_channel(ledger),
        left=list(work_left(sandbox)),
        breaches=[str(breach) for breach in audit.find_breaches()],
    )


def work_left(sandbox: Sandbox) -> Iterator[str]:
    """Yield what is still to be done, or was given up, on both sides."""
    figures = {
        "events to push": sandbox.events()["pending"],
        "events to apply": InboxEvent.objects.due().count(),
        "days to sum": MarkedDay.objects.count(),
        "orders to send": AdOrder.objects.pending().count(),
        "orders that a worker holds": AdOrder.objects.filter(
            lease_until__gt=timezone.now()
        ).count(),
        "orders to send again": AdOrder.objects.behind_plan().count(),
        "campaigns to hold": Campaign.objects.filter(status=Campaign.Status.RESERVING).count(),
        "switches to send": ChannelSwitch.objects.pending().count(),
    }
    theirs = dict(_theirs(sandbox))
    for order in AdOrder.objects.filter(
        campaign__status__in=Campaign.ORDERED, acknowledged_generation__gt=0
    ):
        if str(order.pk) not in theirs:
            yield f"{order} is not at the gateway"
    yield from (f"{count} {name}" for name, count in figures.items() if count)
    for position in StreamPosition.objects.filter(gap_since__isnull=False):
        yield f"{position} has a gap"
    for row in InboxEvent.objects.exclude(set_aside=""):
        yield f"{row} is set aside: {row.set_aside} {row.detail}"
    for order in AdOrder.objects.troubled():
        yield f"{order} is in trouble: {order.last_error}"


def _ours(order: AdOrder) -> OurOrder:
    return OurOrder(
        order.campaign.status,
        order.generation,
        order.acknowledged_generation,
        order.content_hash,
        order.gateway_state,
        order.document,
    )


def _theirs(sandbox: Sandbox) -> Iterator[tuple[str, TheirOrder]]:
    with sandbox.client() as client:
        for row in client.list_ad_orders():
            yield row.ad_order_id, TheirOrder(row.generation, row.content_hash, row.state.value)


def _approved() -> dict[str, set[str]]:
    """Return the texts of the versions that were approved, by order."""
    rows = Version.objects.values_list("campaign_id", "number", "text")
    texts = {(campaign, number): text for campaign, number, text in rows}
    found: dict[str, set[str]] = {}
    for order in AdOrder.objects.all():
        numbers = Event.objects.filter(campaign_id=order.campaign_id, move="approve")
        found[str(order.pk)] = {
            texts[order.campaign_id, number]
            for number in numbers.values_list("version_number", flat=True)
        }
    return found


def _written(row: dict[str, Any]) -> Written:
    return Written(
        row["order_id"],
        row["generation"],
        row["desired_state"],
        row["content_hash"],
        _moment(row["at"]),
        row["epoch"],
    )


def _inserted(row: dict[str, Any]) -> Inserted:
    return Inserted(
        row["order_id"],
        row["generation"],
        row["content_hash"],
        _moment(row["last_at"]),
        row["inserted"],
    )


def _counts(row: dict[str, Any]) -> Counts:
    return Counts(*(row[name] for name in NAMES))


def _channel(ledger: list[dict[str, Any]]) -> tuple[str, str]:
    """Return the channel's state here and there; without a switch it is on.

    A gateway that loses its orders begins a new epoch, with the channel on.
    """
    here = ChannelSwitch.objects.order_by("id").values_list("state", flat=True).last()
    newest = max((row["epoch"] for row in ledger), default=0)
    switches = [
        row["desired_state"]
        for row in ledger
        if row["operation"] == "setChannelState" and row["epoch"] == newest
    ]
    return here or ChannelState.ON.value, (switches or [ChannelState.ON.value])[-1]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
