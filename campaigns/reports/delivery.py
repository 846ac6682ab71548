"""What was delivered of campaigns, by the gateway's newest counts, and whether it may change.

Counts are looked up by the ids of orders: the tables of counts are joined to no other.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from campaigns.models import AdOrder, Brand, Campaign, DayCount, OrderCount, ReportHour
from campaigns.reports import hours, zeros
from campaigns.reports.zeros import Zero
from inventory import occupancy

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Delivery(NamedTuple):
    """The counts of a campaign, in notifications: its ad was `inserted` in so many.

    What became of them is known by receipts. The counts may still change unless `is_final`.
    `reason` says why nothing was delivered, or why the counts of a live campaign stand still.
    """

    contracted: int
    inserted: int = 0
    delivered: int = 0
    failed: int = 0
    no_receipt: int = 0
    as_of: datetime | None = None
    is_final: bool = False
    reason: Zero | None = None
    heartbeat_at: datetime | None = None  # the gateway's last

    @property
    def percent(self) -> int:
        """Delivered of what was contracted, in whole percent."""
        return occupancy.percent(self.delivered, self.contracted)

    @property
    def until(self) -> str:
        """Return the moment of its counts in Spanish, with the day if it is not today's."""
        if self.as_of is None:
            return ""
        local = localtime(self.as_of)
        if local.date() == timezone.localdate():
            return _("las {time}").format(time=date_format(local, "H:i"))
        return _("el {at}").format(at=date_format(local, "DATETIME_FORMAT"))

    @property
    def explanation(self) -> str:
        """Return the reason as a sentence in Spanish; empty without one."""
        if self.reason is None:
            return ""
        if self.reason == Zero.SILENT and self.heartbeat_at:
            at = date_format(localtime(self.heartbeat_at), "DATETIME_FORMAT")
            return _("La plataforma de entrega no manda datos desde el {at}.").format(at=at)
        return str(self.reason.label)


def of_campaign(campaign: Campaign) -> Delivery | None:
    """Return the delivery of a campaign, or None as long as it has no order."""
    return of_campaigns([campaign]).get(campaign.pk)


def of_campaigns(campaigns: Iterable[Campaign]) -> dict[int, Delivery]:
    """Return the delivery of each campaign that has an order, by its id.

    At most seven queries, however many campaigns there are.
    """
    by_id = {campaign.pk: campaign for campaign in campaigns if campaign.version_number}
    if not by_id:
        return {}  # none was ever submitted
    orders = AdOrder.objects.filter(campaign__in=by_id).only(
        "campaign_id", "acknowledged_generation"
    )
    order_of = {order.campaign_id: order for order in orders}
    if not order_of:
        return {}
    rows = OrderCount.objects.filter(ad_order__in=[order.pk for order in order_of.values()])
    counts = {row.ad_order: row for row in rows}
    ordered = [campaign for campaign in by_id.values() if campaign.pk in order_of]
    channel = zeros.channel_now(timezone.now())
    reasons = {
        campaign.pk: zeros.reason(
            campaign,
            order_of[campaign.pk],
            counts.get(order_of[campaign.pk].pk),
            zeros.sandbox_now(campaign.now()) if campaign.sandbox else channel,
        )
        for campaign in ordered
    }
    if unclear := [c for c in ordered if reasons[c.pk] == Zero.NOT_COUNTED and not c.sandbox]:
        reasons |= zeros.by_traffic(unclear, channel.now)
    final = _final([campaign for campaign in ordered if campaign.status in Campaign.ENDED])
    return {
        campaign.pk: _delivery(
            counts.get(order_of[campaign.pk].pk),
            Delivery(
                contracted=campaign.volume or 0,
                is_final=campaign.pk in final,
                reason=reasons[campaign.pk],
                heartbeat_at=channel.heartbeat_at,
            ),
        )
        for campaign in ordered
    }


def _delivery(counts: OrderCount | None, bare: Delivery) -> Delivery:
    """Return a delivery with its counts, if there are any yet."""
    if counts is None:
        return bare
    return bare._replace(
        inserted=counts.inserted,
        delivered=counts.delivered,
        failed=counts.failed,
        no_receipt=counts.no_receipt,
        as_of=counts.as_of,
    )


def _final(ended: Collection[Campaign]) -> set[int]:
    """Return the ids of those of whose channel days every hour has its final counts.

    One query for all of the channel's, and one for each sandbox brand.
    """
    streams: dict[str, list[Campaign]] = defaultdict(list)
    for campaign in ended:
        streams[hours.stream_of(campaign.brand if campaign.sandbox else None)].append(campaign)
    return {pk for stream, some in streams.items() for pk in _final_in(stream, some)}


def _final_in(stream: str, ended: Collection[Campaign]) -> set[int]:
    spans = {campaign.pk: _span(campaign) for campaign in ended}
    rows = ReportHour.objects.filter(
        stream=stream,
        final=True,
        hour__gte=min(begin for begin, _end in spans.values()),
        hour__lt=max(end for _begin, end in spans.values()),
    )
    final = list(rows.order_by("hour").values_list("hour", flat=True))
    return {
        pk
        for pk, (begin, end) in spans.items()
        if bisect_left(final, end) - bisect_left(final, begin) >= (end - begin) // HOUR
    }


def _span(campaign: Campaign) -> tuple[datetime, datetime]:
    """Return the instants at which a campaign's channel days begin and end."""
    assert campaign.starts_on and campaign.last_day  # it was ordered
    return midnight(campaign.starts_on), midnight(campaign.last_day + DAY)


def midnight(day: date) -> datetime:
    """Return the instant at which a channel day begins."""
    return timezone.make_aware(datetime.combine(day, time()))


def of_days(brand: Brand, days: Collection[date]) -> dict[date, int]:
    """Return what was delivered of a brand's campaigns on each of some channel days."""
    first, last = min(days), max(days)
    orders = AdOrder.objects.filter(
        campaign__brand=brand, campaign__starts_on__lte=last, campaign__ends_on__gte=first
    )
    rows = DayCount.objects.filter(ad_order__in=list(orders.values_list("pk", flat=True)))
    sums = rows.filter(day__in=days).order_by().values_list("day").annotate(Sum("delivered"))
    return dict.fromkeys(days, 0) | dict(sums)
