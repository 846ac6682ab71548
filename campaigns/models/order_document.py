"""The document of a campaign's ad order: its version, and what the plan gives it by day."""

from datetime import date, timedelta

from django.utils import timezone

from campaigns import ad_text
from campaigns.gateway.ad_order_document import (
    AdOrderDocument,
    DailyGoal,
    DeliveryPeriod,
    Goal,
    GroupGoal,
    Target,
)
from campaigns.gateway.contract import DesiredState
from campaigns.models.campaign import Campaign
from campaigns.models.version import Version
from inventory.models import Reservation
from inventory.snapshot_cache import FROZEN_DAYS
from segments.models import Lada


def build(campaign: Campaign, version: Version) -> AdOrderDocument:
    """Return a version as a document, with the plan's totals by day as its goal."""
    assert version.starts_on and version.ends_on  # a version is complete
    return AdOrderDocument(
        generation=1,
        external_reference=campaign.folio,
        ad_text=version.text,
        ad_text_septets=ad_text.septets(version.text),
        desired_state=DesiredState.ACTIVE,
        delivery_period=DeliveryPeriod(start_date=version.starts_on, end_date=version.ends_on),
        target=_target(version.ladas),
        goal=goal(campaign),
        content_category=campaign.brand.category,
    )


def goal(campaign: Campaign) -> Goal:
    """Return what is planned of a campaign's reservation, by day.

    The days that do not move any more, today to `last_split_day`, are split by LADA. Of more days
    a national order would not fit into a body: a split has 12 kB.
    """
    reservation = reservation_of(campaign)
    first, last = timezone.localdate(), last_split_day()
    planned = reservation.planned_by_day()
    daily = tuple(
        DailyGoal(
            date=day,
            count=count,
            split=_split(reservation, day) if first <= day <= last else (),
        )
        for day, count in planned.items()
    )
    return Goal(total=sum(planned.values()), daily=daily)


def last_split_day() -> date:
    """Return the last day whose plan does not move any more: tomorrow."""
    return timezone.localdate() + timedelta(days=FROZEN_DAYS - 1)


def reservation_of(campaign: Campaign) -> Reservation:
    assert campaign.reservation is not None  # a constraint keeps it for a running campaign
    return campaign.reservation


def _split(reservation: Reservation, day: date) -> tuple[GroupGoal, ...]:
    """Return the cells of a day that have anything planned, each as a group of its own."""
    return tuple(
        GroupGoal(ladas=frozenset({lada}), count=count)
        for lada, count in reservation.planned_by_lada(day).items()
    )


def _target(ladas: list[str]) -> Target:
    if Lada.objects.count() == len(ladas):
        return Target()
    return Target(scope="LADAS", ladas=frozenset(ladas))
