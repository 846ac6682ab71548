"""The calendar of the dates step: the days on sale, with what is available in the chosen area."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from campaigns import readiness
from campaigns.lifecycle import ledgers
from campaigns.models import Campaign
from core.calendar import MONTHS, WEEKDAYS, WEEKDAYS_SHORT
from inventory import availability
from inventory.allocations import LiveInventory
from inventory.availability import Availability
from inventory.errors import DaysNotOpen, InventoryError
from inventory.free_days import DayAvailability
from inventory.terms import Terms
from segments import areas

WEEK = 7


class CalendarCell(NamedTuple):
    """A cell of a month's table. A day that is not on sale has no availability."""

    day: date | None
    available: DayAvailability | None = None
    chosen: bool = False


class Month(NamedTuple):
    """A month as weeks from Monday to Sunday, with empty cells around it."""

    name: str
    weeks: list[list[CalendarCell]]


def calendar_context(campaign: Campaign | None) -> dict[str, Any]:
    """Return the months on sale for a draft's area; no months while it has none."""
    area = campaign.chosen_area if campaign else None
    if campaign is None or area is None:
        return {"months": []}
    now = campaign.now()
    first, last = readiness.first_possible_day(now), readiness.last_open_day(now)
    live = ledgers.of_sandbox(campaign.brand).live() if campaign.sandbox else None
    try:
        found = _available(areas.resolve(area), first, last, live)
    except (areas.AreaError, InventoryError):
        return {"months": []}
    months = _months(found.days, campaign.starts_on, campaign.ends_on)
    return {"months": months, "weekdays": list(zip(WEEKDAYS_SHORT, WEEKDAYS, strict=True))}


def _available(
    ladas: Sequence[str], first: date, last: date, live: LiveInventory | None
) -> Availability:
    """Return the availability of the days on sale, up to the first gap."""
    terms = Terms(quantity=1, ladas=ladas, starts_on=first, ends_on=last)
    try:
        return availability.by_day(terms, live=live)
    except DaysNotOpen as error:
        last_open = min(error.days) - timedelta(1)
        return availability.by_day(replace(terms, ends_on=last_open), live=live)


def _months(
    days: Sequence[DayAvailability], starts_on: date | None, ends_on: date | None
) -> list[Month]:
    by_day = {day.day: day for day in days}
    months = []
    first = days[0].day.replace(day=1)
    while first <= days[-1].day:
        following = (first + timedelta(31)).replace(day=1)
        cells = [CalendarCell(None)] * first.weekday()
        for number in range((following - first).days):
            day = first + timedelta(number)
            chosen = bool(starts_on and ends_on and starts_on <= day <= ends_on)
            cells.append(CalendarCell(day, by_day.get(day), chosen))
        weeks = [cells[at : at + WEEK] for at in range(0, len(cells), WEEK)]
        weeks[-1] += [CalendarCell(None)] * (WEEK - len(weeks[-1]))
        months.append(Month(f"{MONTHS[first.month - 1]} {first.year}", weeks))
        first = following
    return months
