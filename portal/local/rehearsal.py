"""Plays a whole day of the channel: sells it, has it delivered, and compares both ledgers."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from uuid import UUID

import numpy as np
from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from campaigns import lifecycle
from campaigns.errors import CampaignError
from campaigns.models import (
    AdOrder,
    Brand,
    DayCount,
    HourCount,
    InboxEvent,
    Membership,
    OrderCount,
)
from inventory import capacity
from inventory.models import Capacity
from portal.accounts.models import User
from portal.local import past
from portal.local.sandbox_control import HourRow, Progress, SandboxControl
from segments import gazetteer
from segments.areas import Area
from segments.models import Lada

LEAD = timedelta(days=4)  # from the sale to the day
SETTLED = timedelta(hours=73)  # after the day: all receipts are final
NATIONWIDE, BY_STATE = 0.10, 0.55  # of the orders, added up; the rest are for some cities
MOST_STATES, MOST_LADAS = 4, 12  # of one order
SHARE_FOR_SALE = 0.97  # of what is on sale, in all orders together
DECLINES = 3  # in a row, each of half the volume, until the day counts as sold out
PATIENCE = 600  # seconds without progress in which the portal must apply what the gateway sent
COUNTS = ("inserted", "delivered", "failed", "no_receipt")
WORDS = ("Recarga", "Promo", "Nuevo plan", "Internet", "Tu equipo", "Descuento")


@dataclass(frozen=True)
class Result:
    """What a played day came to, in notifications, and how long each part took, in seconds."""

    day: date
    orders: int
    booked: int
    inserted: int
    delivered: int
    failed: int
    no_receipt: int
    reached: int  # orders with at least 99 % of their goal
    rows: int  # of hours
    notifications: int  # of the day, with and without an ad
    differences: tuple[str, ...]  # between the two ledgers
    selling: float
    simulating: float  # the gateway's part of `playing`
    playing: float
    settling: float

    @property
    def shortfall(self) -> int:
        return self.booked - self.inserted


def play(
    day: date,
    *,
    orders: int,
    per_day: int,
    seed: int,
    gateway: SandboxControl,
    report: Callable[[str], None],
) -> Result:
    """Sell a past day to `orders` campaigns, play it at the gateway, and compare.

    The gateway starts again without any state: it must be one that nobody else uses. Raises
    ValueError for a day whose receipts are not final yet.
    """
    zone = timezone.get_default_timezone()
    midnight = datetime.combine(day, clock_time(), zone)
    end = midnight + timedelta(days=1)
    if end + SETTLED > timezone.now():
        raise ValueError("The receipts of the day are not final yet.")
    gateway.start_again()
    gateway.set_traffic(0, seed=seed)
    gateway.set_clock(midnight - LEAD)
    began = time.monotonic()
    with past.travel(midnight - LEAD):
        sold = _sell(day, orders, np.random.default_rng(seed), report)
    with past.travel(midnight - timedelta(days=1)):
        _send_splits(sold)
    sold_at = time.monotonic()
    gateway.set_clock(midnight)
    gateway.set_traffic(per_day, seed=seed)
    played = gateway.advance(end, lambda progress: report(_line(progress)))
    simulated_at = time.monotonic()
    _wait_until_applied(gateway, report)
    played_at = time.monotonic()
    gateway.advance(end + SETTLED, lambda progress: report(_line(progress)))
    _wait_until_applied(gateway, report)
    return Result(
        **_counts(sold, gateway.hours()),
        day=day,
        notifications=played.notifications,
        selling=sold_at - began,
        simulating=simulated_at - sold_at,
        playing=played_at - sold_at,
        settling=time.monotonic() - played_at,
    )


def _line(progress: Progress) -> str:
    when = timezone.localtime(progress.now)
    return (
        f"{when:%d/%m %H:%M}  {progress.inserted:>12,} of {progress.notifications:>12,} with an ad"
    )


def _sell(
    day: date, orders: int, rng: np.random.Generator, report: Callable[[str], None]
) -> dict[UUID, int]:
    """Put campaigns for one day on sale, approve and send them; return the goals of their orders.

    Each is made in one transaction, so that no worker, whose clock is the present, sees it before
    the gateway has confirmed its order.
    """
    capacity.open_days(1, first=day)
    brand, writer, reviewer = _people()
    on_sale = Capacity.objects.filter(day=day).aggregate(n=Sum("capacity"))["n"] or 0
    mean = SHARE_FOR_SALE * on_sale / orders
    sold: dict[UUID, int] = {}
    areas = _areas(rng)
    declines = 0
    while len(sold) < orders and declines < orders:
        volume = max(int(mean * rng.lognormal(-0.4, 0.9)), 1_000)
        area = next(areas)
        for attempt in range(DECLINES):
            order = _order(brand, area, day, volume >> attempt, writer, reviewer, len(sold))
            if order is not None:
                sold[order.pk] = order.document["goal"]["total"]
                report(f"{len(sold):>5} of {orders} orders sold")
                break
        else:
            declines += 1
    return sold


def _order(
    brand: Brand, area: Area, day: date, volume: int, writer: User, reviewer: User, number: int
) -> AdOrder | None:
    """Return a confirmed order, or None, without a trace, if there is no inventory for it."""
    terms = {
        "name": f"Ensayo {number + 1}",
        "text": f"Ensayo {number + 1}. {WORDS[number % len(WORDS)]} desde $199 al mes",
        "area": area.to_json(),
        "starts_on": day,
        "ends_on": day,
        "volume": volume,
    }
    with suppress(CampaignError), transaction.atomic():
        campaign = lifecycle.draft(brand.pk, terms, by=writer)
        lifecycle.submit(campaign.pk, by=writer)  # refused above the quota of a brand
        lifecycle.hold_submitted()
        lifecycle.approve(campaign.pk, version=1, by=reviewer)  # refused if it is not held
        past.send_orders()
        return AdOrder.objects.get(campaign=campaign)
    return None


def _send_splits(sold: dict[UUID, int]) -> None:
    """Send the orders again with the plan of the day by LADA, as a worker does on the day before.

    Each in one transaction, as above; a worker of the present has finished their campaigns.
    """
    for order in AdOrder.objects.filter(pk__in=sold).select_related("campaign"):
        with transaction.atomic():
            AdOrder.objects.follow_plan(order.campaign)
            past.send_orders()


def _people() -> tuple[Brand, User, User]:
    """Return a brand with its owner, and a reviewer; nobody can sign in as them."""
    brand, _created = Brand.objects.get_or_create(
        slug="ensayo", defaults={"name": "Ensayo", "category": Brand.Category.TELECOM}
    )
    writer, _created = User.objects.get_or_create(email="ensayo@demo.mx")
    reviewer, _created = User.objects.get_or_create(
        email="ensayo-revision@demo.mx", defaults={"is_staff": True}
    )
    for person in (writer, reviewer):
        person.set_unusable_password()
        person.save(update_fields=["password"])
        person.confirm_email()
    reviewer.user_permissions.add(Permission.objects.get(codename="review_campaign"))
    Membership.objects.get_or_create(
        brand=brand, user=writer, defaults={"role": Membership.Role.OWNER}
    )
    return brand, writer, User.objects.get(pk=reviewer.pk)


def _areas(rng: np.random.Generator) -> Iterator[Area]:
    """Yield choices of an area without end, as brands make them: large cities more often."""
    places = gazetteer.current()
    codes = sorted(places.cities)
    states = sorted(state for state, ladas in places.ladas_of.items() if ladas)
    weights = dict(Lada.objects.values_list("code", "weight_ppm"))
    pull = np.sqrt([weights.get(code, 1) for code in codes])
    while True:
        kind = rng.random()
        if kind < NATIONWIDE:
            yield Area(True)
        elif kind < BY_STATE:
            chosen = rng.choice(states, rng.integers(1, MOST_STATES + 1), replace=False)
            yield Area(states=frozenset(map(str, chosen)))
        else:
            count = rng.integers(1, MOST_LADAS + 1)
            chosen = rng.choice(codes, count, replace=False, p=pull / pull.sum())
            yield Area(ladas=frozenset(map(str, chosen)))


def _wait_until_applied(gateway: SandboxControl, report: Callable[[str], None]) -> None:
    """Wait until the portal has taken and applied all events. Raises TimeoutError."""
    fewest, deadline = None, time.monotonic() + PATIENCE
    while left := gateway.pending_events() + InboxEvent.objects.due().count():
        if fewest is None or left < fewest:
            fewest, deadline = left, time.monotonic() + PATIENCE
            report(f"{left:>5} events to apply")
        if time.monotonic() > deadline:
            raise TimeoutError(f"{left} events are not applied.")
        time.sleep(0.2)


def _counts(sold: dict[UUID, int], theirs: list[HourRow]) -> dict[str, Any]:
    """Return what the portal counted of the sold orders, beside the gateway's ledger."""
    inserted = Counter[str]()
    for row in theirs:
        inserted[row.order_id] += row.inserted
    counted = OrderCount.objects.filter(ad_order__in=sold)
    return counted.aggregate(**{name: Sum(name, default=0) for name in COUNTS}) | {
        "orders": len(sold),
        "booked": sum(sold.values()),
        "reached": sum(inserted[str(order)] >= 0.99 * goal for order, goal in sold.items()),
        "rows": len(theirs),
        "differences": tuple(compare(theirs)),
    }


def compare(theirs: list[HourRow]) -> Iterator[str]:
    """Yield each difference between the gateway's ledger and the portal's tables, in words."""
    own = {
        (str(row.ad_order), row.hour, row.lada): (
            row.inserted,
            row.delivered,
            row.failed,
            row.no_receipt,
        )
        for row in HourCount.objects.all().iterator(chunk_size=20_000)
    }
    expected = {(row.order_id, row.hour, row.lada): tuple(row[3:]) for row in theirs}
    for key in sorted(own.keys() | expected.keys(), key=str):
        if own.get(key) != expected.get(key):
            yield f"{key}: gateway {expected.get(key)}, portal {own.get(key)}"
    days: Counter[tuple[str, date, str]] = Counter()
    for (order, hour, lada), counts in expected.items():
        days[order, timezone.localtime(hour).date(), lada] += counts[0]
    for total in DayCount.objects.all():
        if days.pop((str(total.ad_order), total.day, total.lada), 0) != total.inserted:
            yield f"{total}: day total {total.inserted} is not the sum of its hours"
    for missing, count in sorted(days.items(), key=str):
        yield f"{missing}: day total {count} is missing"
