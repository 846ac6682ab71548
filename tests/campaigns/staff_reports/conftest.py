"""Campaigns of one LADA on one day, so that every figure is known by hand."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import AdOrder, Campaign, TrafficHour
from campaigns.reports.delivery import DAY, HOUR, midnight
from campaigns.results.counts import Counts
from inventory.models import Capacity
from tests import counts
from tests.results import put_counts

Make = Callable[..., Campaign]


@pytest.fixture
def day(on_sale: date) -> date:
    """A day with 1,250 expected and 1,000 on sale in every cell, as on all days."""
    Capacity.objects.update(gross=1_250, capacity=1_000)
    return on_sale


@pytest.fixture
def terms(terms: dict[str, Any]) -> dict[str, Any]:
    """Those of a campaign in three LADAs on three days that fits beside the others."""
    return terms | {"volume": 90}


@pytest.fixture
def make(day: date, brand: Any, editor: Any, reviewer: Any, terms: dict[str, Any]) -> Make:
    """Return a function that makes a scheduled campaign: 900 in LADA 33 on one day."""

    def scheduled(**changes: Any) -> Campaign:
        own = {"area": {"ladas": ["33"]}, "starts_on": day, "ends_on": day, "volume": 900}
        into = changes.pop("brand", brand)
        person = changes.pop("by", editor)
        draft = lifecycle.draft(into.pk, terms | own | changes, by=person)
        lifecycle.submit(draft.pk, by=person)
        lifecycle.hold_submitted()
        lifecycle.approve(draft.pk, version=1, by=reviewer)
        lifecycle.schedule(draft.pk)
        AdOrder.objects.filter(campaign=draft).update(
            acknowledged_generation=1, acknowledged_at=timezone.now()
        )
        draft.refresh_from_db()
        return draft

    return scheduled


def move_to(time_machine: Any, day: date, hour: int = 12) -> None:
    """Set the clock to an hour of a channel day, and make the moves of each day until then."""
    while (today := timezone.localdate()) < day:
        next_day = midnight(today + timedelta(days=1)) + timedelta(minutes=1)
        time_machine.move_to(next_day, tick=False)
        lifecycle.advance_due()
    time_machine.move_to(datetime.combine(day, time(hour), midnight(day).tzinfo), tick=False)


def insert(campaign: Campaign, day: date, inserted: int, delivered: int, lada: str = "33") -> None:
    """Store the counts of a campaign on a channel day: all in its first hour."""
    own = Counts(inserted=inserted, delivered=delivered)
    put_counts(campaign, {(midnight(day), lada): own})


def report_traffic(
    day: date, lada: str, notifications: int, eligible: int, with_ad: int = 0
) -> None:
    """Store the traffic of a LADA on a channel day: all in its first hour; the day is whole."""
    TrafficHour.objects.create(
        hour=midnight(day),
        lada=lada,
        revision=1,
        notifications=notifications,
        eligible=eligible,
        with_ad=with_ad,
        suppressed_consent=notifications - eligible,
        suppressed_length=0,
        unsold=eligible - with_ad,
    )


def report_hours(first: date, last: date, stream: str) -> None:
    counts.make_final(first, last, stream)


__all__ = ["DAY", "HOUR", "Make", "insert", "move_to", "report_hours", "report_traffic"]
