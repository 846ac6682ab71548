"""The months that can be sold, each day with how much of it a choice of LADAs could still have."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from campaigns import readiness
from campaigns.models import Campaign
from core.calendar import MONTHS, WEEKDAYS, WEEKDAYS_SHORT
from inventory import availability
from inventory.availability import Availability, DayAvailability
from inventory.errors import DaysNotOpen, InventoryError
from inventory.terms import Terms
from segments import areas

WEEK = 7


class Cell(NamedTuple):
    """A place of a month's table: a day on sale, a day that is not, or nothing."""

    day: date | None
    found: DayAvailability | None = None
    chosen: bool = False


class Month(NamedTuple):
    """A month as weeks from Monday to Sunday."""

    name: str
    weeks: list[list[Cell]]


def of(campaign: Campaign | None) -> dict[str, Any]:
    """Give the months on sale for where a draft goes; none while that is not chosen."""
    area = campaign.chosen_area if campaign else None
    first, last = readiness.first_possible_day(), readiness.last_open_day()
    if campaign is None or area is None:
        return {"months": []}
    try:
        found = _until(areas.resolve(area), first, last)
    except (areas.AreaError, InventoryError):
        return {"months": []}
    months = _months(found.days, campaign.starts_on, campaign.ends_on)
    return {"months": months, "weekdays": list(zip(WEEKDAYS_SHORT, WEEKDAYS, strict=True))}


def _until(ladas: Sequence[str], first: date, last: date) -> Availability:
    """Look as far as the days are on sale without a gap."""
    terms = Terms(quantity=1, ladas=ladas, starts_on=first, ends_on=last)
    try:
        return availability.by_day(terms)
    except DaysNotOpen as error:
        last_open = min(error.days) - timedelta(1)
        return availability.by_day(replace(terms, ends_on=last_open))


def _months(
    days: Sequence[DayAvailability], starts_on: date | None, ends_on: date | None
) -> list[Month]:
    by_day = {day.day: day for day in days}
    months = []
    first = days[0].day.replace(day=1)
    while first <= days[-1].day:
        following = (first + timedelta(31)).replace(day=1)
        cells = [Cell(None)] * first.weekday()
        for number in range((following - first).days):
            day = first + timedelta(number)
            chosen = bool(starts_on and ends_on and starts_on <= day <= ends_on)
            cells.append(Cell(day, by_day.get(day), chosen))
        weeks = [cells[at : at + WEEK] for at in range(0, len(cells), WEEK)]
        weeks[-1] += [Cell(None)] * (WEEK - len(weeks[-1]))
        months.append(Month(f"{MONTHS[first.month - 1]} {first.year}", weeks))
        first = following
    return months
