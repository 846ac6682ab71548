"""Channel days of campaigns whose counts are final: noted once, and told to webhooks."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from campaigns.models import AdOrder, Brand, Campaign, CountedDay, MarkedDay
from campaigns.reports import content, day_totals
from campaigns.reports.delivery import DAY
from campaigns.results import blocks, finality
from campaigns.results.blocks import Grain
from campaigns.results.counts import Counts
from campaigns.webhooks import events
from core import advisory_locks
from core.advisory_locks import Key

log = structlog.get_logger(__name__)


@transaction.atomic
def settle() -> int:
    """Note the counted days of which all hours are final; return how many there are.

    A day whose totals wait to be computed again is noted later. Each day is noted once, and with
    it the event for webhooks is queued. Does nothing while another worker applies reports.
    """
    if not advisory_locks.try_acquire(Key.REPORTS):
        return 0
    oldest = timezone.localdate(content.oldest_kept(timezone.now()))
    sandbox = AdOrder.objects.filter(campaign__sandbox=True)
    rows = CountedDay.objects.filter(day__gte=oldest)
    return _settle(rows.exclude(ad_order__in=list(sandbox.values_list("pk", flat=True))), None)


def settle_sandbox(brand: Brand) -> int:
    """Do so for a sandbox brand, in the transaction that moves its clock."""
    orders = AdOrder.objects.filter(campaign__brand=brand).values_list("pk", flat=True)
    return _settle(CountedDay.objects.filter(ad_order__in=list(orders)), brand)


def _settle(rows: QuerySet[CountedDay], brand: Brand | None) -> int:
    waiting = list(rows.filter(final_at__isnull=True).values_list("ad_order", "day"))
    if not waiting:
        return 0
    days = {day for _order, day in waiting}
    known = finality.read(min(days), max(days), brand)
    since = {day: at for day in days if (at := known.of_day(day))}
    marked = MarkedDay.objects.filter(day__in=since).values_list("ad_order", "day")
    found = {pair for pair in waiting if pair[1] in since} - set(marked)
    orders_of: dict[date, list[UUID]] = defaultdict(list)
    for order, day in sorted(found):
        orders_of[day].append(order)
    moment = day_totals.next_moment()
    for day, orders in orders_of.items():
        settled = CountedDay.objects.filter(ad_order__in=orders, day=day)
        settled.update(final_at=since[day], changed_at=moment)
    _tell(found, since)
    if found:
        log.info("results_final", days=len(orders_of), rows=len(found))
    return len(found)


def _tell(found: Iterable[tuple[UUID, date]], since: Mapping[date, datetime]) -> None:
    """Queue one event for each span of days of a campaign that became final together."""
    days_of: dict[UUID, list[date]] = defaultdict(list)
    for order, day in sorted(found):
        days_of[order].append(day)
    orders = AdOrder.objects.filter(pk__in=days_of).select_related("campaign__brand")
    for order in orders.order_by("campaign_id"):
        for first, last in _spans(days_of[order.pk]):
            counts = _counts(order.campaign, first, last)
            at = max(since[day] for day in days_of[order.pk] if first <= day <= last)
            events.enqueue_final_results(order.campaign, first, last, counts, at)


def _spans(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Yield the first and the last of days that follow each other."""
    first = last = None
    for day in days:
        if first and last and day == last + DAY:
            last = day
            continue
        if first and last:
            yield first, last
        first = last = day
    if first and last:
        yield first, last


def _counts(campaign: Campaign, first: date, last: date) -> dict[str, int]:
    """Return the counts of a span by their names in the API."""
    total = Counts()
    for block in blocks.read([campaign], first, last, Grain.DAY):
        total = total.plus(block.counts)
    return {
        "inserted": total.inserted,
        "delivered": total.delivered,
        "failed": total.failed,
        "noReceipt": total.no_receipt,
        "pending": total.pending,
    }
