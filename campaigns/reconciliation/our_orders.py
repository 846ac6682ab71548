"""Our side of a comparison: the confirmed orders, and what was counted of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from campaigns.gateway.contract import DesiredState, content_hash
from campaigns.gateway.events import FINAL_AFTER_HOURS, Stream
from campaigns.models import AdOrder, Campaign, DayCount, OrderCount, ReportHour
from campaigns.reconciliation.compare import NOTHING, Counts, OurOrder

CHANGED_LATELY = timedelta(days=1)
COUNTED_FOR = timedelta(days=14)  # after the last day; counts are final after three
REPORTED = timedelta(hours=FINAL_AFTER_HOURS + 24)  # within which an hour's last revision comes
CHUNK = 500  # orders read at a time, with their documents
HOUR = timedelta(hours=1)
COUNTS = Counts._fields


class _Reported(NamedTuple):
    """Until when the hours of the counts are whole without a gap, and until when final."""

    whole_until: datetime
    final_until: datetime


def read(*, whole: bool, now: datetime) -> dict[str, OurOrder]:
    """Return our confirmed orders with nothing on its way, by id: all, or those that run or
    changed lately.
    """
    reported = _reported_hours(now)
    orders = _confirmed(now, whole=whole).iterator(chunk_size=CHUNK)
    found: dict[str, OurOrder] = {}
    while chunk := list(islice(orders, CHUNK)):
        found |= _with_counts(chunk, reported, now)
    return found


def _confirmed(now: datetime, *, whole: bool) -> QuerySet[AdOrder]:
    rows = AdOrder.objects.at_rest(now).select_related("campaign").order_by("pk")
    rows = rows.only(
        "generation",
        "acknowledged_at",
        "desired_state",
        "document",
        "campaign__status",
        "campaign__ends_on",
    )
    lately = Q(campaign__status_at__gte=now - CHANGED_LATELY)
    lately |= Q(acknowledged_at__gte=now - CHANGED_LATELY)
    return rows if whole else rows.filter(Q(campaign__status__in=Campaign.ORDERED) | lately)


def _with_counts(
    orders: Sequence[AdOrder], reported: _Reported, now: datetime
) -> dict[str, OurOrder]:
    """Return orders with their counts, while these may change."""
    first_day = timezone.localdate(now - COUNTED_FOR)
    ids = {order.pk for order in orders if _last_day(order) >= first_day.isoformat()}
    progress = {
        row["ad_order"]: row
        for row in OrderCount.objects.filter(pk__in=ids).values("ad_order", "as_of", *COUNTS)
    }
    sums = DayCount.objects.filter(ad_order__in=ids).values("ad_order")
    days = {row["ad_order"]: row for row in sums.annotate(**{n: Sum(n) for n in COUNTS})}
    today = timezone.localdate(now).isoformat()
    found = {}
    for order in orders:
        counted, by_day = progress.get(order.pk), days.get(order.pk)
        as_of = counted and counted["as_of"]
        found[str(order.pk)] = OurOrder(
            order_id=str(order.pk),
            campaign_id=order.campaign_id,
            generation=order.generation,
            acknowledged_at=order.acknowledged_at or now,
            content_hash=content_hash(order.document),
            desired_state=DesiredState(order.desired_state),
            goal=order.document["goal"]["total"],
            expected=order.campaign.status in Campaign.ORDERED and _last_day(order) >= today,
            counted=order.pk in ids,
            counts=_counts(counted),
            counted_at=as_of,
            days=_counts(by_day),
            whole=_reaches(reported.whole_until, as_of),
            final=_reaches(reported.final_until, as_of),
        )
    return found


def _last_day(order: AdOrder) -> str:
    return str(order.document["deliveryPeriod"]["endDate"])


def _counts(row: Mapping[str, Any] | None) -> Counts:
    return Counts(*(row[name] for name in COUNTS)) if row else NOTHING


def _reaches(until: datetime, as_of: datetime | None) -> bool:
    """Return whether all hours are reported in which something was counted."""
    return as_of is not None and as_of < until


def _reported_hours(now: datetime) -> _Reported:
    """Return until when hours are whole, and final: what is older than REPORTED stays as it is."""
    start = (now - REPORTED).replace(minute=0, second=0, microsecond=0)
    rows = ReportHour.objects.filter(stream=Stream.HOURLY_COUNTS.value, hour__gte=start)
    whole_until = final_until = start
    for hour, final in rows.order_by("hour").values_list("hour", "final"):
        if hour != whole_until:
            break
        if final and final_until == hour:
            final_until = hour + HOUR
        whole_until = hour + HOUR
    return _Reported(whole_until, final_until)
