"""The counts of campaigns in blocks, by the grain that is asked for; all grains have equal sums."""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import AdOrder, Campaign, HourTotal
from campaigns.reports.delivery import DAY, midnight
from campaigns.results import small_cells, tables
from campaigns.results.counts import Counts, Place
from campaigns.results.tables import INSERTED, Table
from inventory.arrays import decode, fetch
from inventory.planning.flow import Counts as Numbers
from segments import gazetteer


class Grain(models.TextChoices):
    """What one block stands for. The values are part of the public API."""

    DAY = "day", _("Día")
    DAY_STATE = "day_state", _("Día y estado")
    DAY_LADA = "day_lada", _("Día y LADA")
    HOUR = "hour", _("Hora")
    HOUR_LADA = "hour_lada", _("Hora y LADA")

    @property
    def has_hours(self) -> bool:
        return self in (Grain.HOUR, Grain.HOUR_LADA)


class Block(NamedTuple):
    """Counts of a campaign on a channel day, by its key.

    `hour` is when it begins; None with a grain of hours: several hours of the day together.
    `place` is None with a grain without places.
    """

    campaign: int
    day: date
    hour: datetime | None
    place: Place | None
    counts: Counts


def read(campaigns: Collection[Campaign], first: date, last: date, grain: Grain) -> Iterator[Block]:
    """Yield the blocks of campaigns from a channel day to another that are not empty.

    They are sorted by campaign, day, hour (those together last) and place. Hours and LADAs are
    kept for REPORT_HOURS_KEPT_DAYS; of older days HOUR_LADA yields nothing.
    """
    if grain == Grain.HOUR:
        yield from _hours(campaigns, first, last)
    if grain == Grain.HOUR_LADA:
        yield from _hours_and_ladas(campaigns, first, last)
    if grain.has_hours:
        return
    for table in tables.read(campaigns, first, last):
        if grain == Grain.DAY:
            yield from _totals(table)
        elif grain == Grain.DAY_STATE:
            yield from _states(table)
        else:
            yield from _ladas(table)


def _totals(table: Table) -> Iterator[Block]:
    for (campaign, day), counts in zip(table.rows, table.counts.sum(axis=2).T, strict=True):
        if counts[INSERTED]:
            yield Block(campaign, day, None, None, Counts(*counts.tolist()))


def _states(table: Table) -> Iterator[Block]:
    for row, (campaign, day) in enumerate(table.rows):
        counts, mask = table.by_state[:, row], table.merged_states[row]
        for column in np.flatnonzero((counts[INSERTED] > 0) & ~mask):
            place = Place(table.columns.states[column])
            yield Block(campaign, day, None, place, Counts(*counts[:, column].tolist()))
        if mask.any():
            together = Counts(*counts[:, mask].sum(axis=1).tolist())
            yield Block(campaign, day, None, Place(), together)


def _ladas(table: Table) -> Iterator[Block]:
    for row, (campaign, day) in enumerate(table.rows):
        for place, columns in _places(table, row):
            counts = table.counts[:, row, columns].sum(axis=1)
            yield Block(campaign, day, None, place, Counts(*counts.tolist()))


def _places(table: Table, row: int) -> Iterator[tuple[Place, Numbers]]:
    """Yield the places of a campaign day that stand alone, with the columns of each."""
    inserted, mask = table.counts[INSERTED, row], table.merged_ladas[row]
    merged_states = table.merged_states[row]
    for number, own in enumerate(table.columns.slices()):
        if merged_states[number]:
            continue
        state = table.columns.states[number]
        for column in np.flatnonzero((inserted[own] > 0) & ~mask[own]) + own.start:
            yield Place(state, table.columns.ladas[column]), np.array([column])
        if together := (np.flatnonzero(mask[own] & (inserted[own] > 0)) + own.start).tolist():
            yield Place(state), np.array(together)
    if merged_states.any():
        yield Place(), np.flatnonzero(_spread(table, merged_states) & (inserted > 0))


def _spread(table: Table, states: small_cells.Mask) -> small_cells.Mask:
    """Return a mask of states as one of their LADAs."""
    mask = np.zeros(len(table.columns.ladas), dtype=bool)
    for number, own in enumerate(table.columns.slices()):
        mask[own] = states[number]
    return mask


def _hours(campaigns: Collection[Campaign], first: date, last: date) -> Iterator[Block]:
    """Yield the hours of all LADAs together; those of a day with few notifications as one."""
    orders = AdOrder.objects.filter(campaign__in=campaigns)
    campaign_of = dict(orders.values_list("pk", "campaign_id"))
    rows = HourTotal.objects.filter(
        ad_order__in=list(campaign_of), hour__gte=midnight(first), hour__lt=midnight(last + DAY)
    ).values_list("ad_order", "hour", "inserted", "delivered", "failed", "no_receipt")
    zone = timezone.get_current_timezone()
    keyed = sorted(
        (campaign_of[order], hour.astimezone(zone).date(), hour, counts)
        for order, hour, *counts in rows.iterator()
        if counts[INSERTED]
    )
    for (campaign, day), group in groupby(keyed, key=lambda row: row[:2]):
        own = [(hour, counts) for _campaign, _day, hour, counts in group]
        table = np.array([counts for _hour, counts in own], dtype=np.int64)
        mask = small_cells.merged(table[np.newaxis, :, INSERTED])[0]
        for (hour, counts), is_merged in zip(own, mask, strict=True):
            if not is_merged:
                yield Block(campaign, day, hour, None, Counts(*counts))
        if mask.any():
            together = Counts(*table[mask].sum(axis=0).tolist())
            yield Block(campaign, day, None, None, together)


def _hours_and_ladas(campaigns: Collection[Campaign], first: date, last: date) -> Iterator[Block]:
    """Yield hours × LADAs: rows and columns are the blocks of HOUR and DAY_LADA.

    What is merged at an hour beyond them has a place without a state.
    """
    orders = AdOrder.objects.filter(campaign__in=campaigns).select_related("campaign")
    columns = tables.Columns.of(gazetteer.current())
    for order in orders.order_by("campaign_id"):
        for day in _days(order.campaign, first, last):
            hours, counts = _read_hours(order.pk, day, columns)
            if hours:
                table = Table(
                    [(order.campaign_id, day)], columns, counts.sum(axis=1)[:, np.newaxis]
                )
                yield from _grid(table, hours, counts)


def _days(campaign: Campaign, first: date, last: date) -> Iterator[date]:
    assert campaign.starts_on and campaign.ends_on  # it was ordered
    day = max(first, campaign.starts_on)
    while day <= min(last, campaign.ends_on):
        yield day
        day += DAY


def _grid(table: Table, hours: list[datetime], counts: Numbers) -> Iterator[Block]:
    """Yield the blocks of one campaign day from its counts (4, H, L)."""
    [(campaign, day)] = table.rows
    places = list(_places(table, 0))
    if not places:
        return
    grid = np.stack([counts[:, :, own].sum(axis=2) for _place, own in places], axis=2)
    few = small_cells.merged(grid[INSERTED].sum(axis=1)[np.newaxis])[0]
    names: list[datetime | None] = [
        hour for hour, is_merged in zip(hours, few, strict=True) if not is_merged
    ]
    if few.any():
        rest = grid[:, few].sum(axis=1, keepdims=True)
        grid, names = np.concatenate([grid[:, ~few], rest], axis=1), [*names, None]
    mask = small_cells.merged_both_ways(grid[INSERTED])
    for number, hour in enumerate(names):
        for column in np.flatnonzero((grid[INSERTED, number] > 0) & ~mask[number]):
            own = Counts(*grid[:, number, column].tolist())
            yield Block(campaign, day, hour, places[column][0], own)
        if mask[number].any():
            together = Counts(*grid[:, number, mask[number]].sum(axis=1).tolist())
            yield Block(campaign, day, hour, Place(), together)


def _read_hours(order: UUID, day: date, columns: tables.Columns) -> tuple[list[datetime], Numbers]:
    """Return the hours of a channel day that have counts, and the counts (4, H, L)."""
    found = sorted(fetch(_BY_HOUR, [order, midnight(day), midnight(day + DAY)]))
    positions = columns.positions()
    counts = np.zeros((4, len(found), len(columns.ladas)), dtype=np.int64)
    for row, (_hour, ladas, *arrays) in enumerate(found):
        own = positions[decode(ladas)]
        for number, array in enumerate(arrays):
            np.add.at(counts[number, row], own, decode(array))
    return [hour for hour, *_arrays in found], counts


_BY_HOUR = """
    SELECT hour, array_send(array_agg(lada::int)),
           array_send(array_agg(inserted)), array_send(array_agg(delivered)),
           array_send(array_agg(failed)), array_send(array_agg(no_receipt))
    FROM campaigns_hourcount
    WHERE ad_order = %s AND hour >= %s AND hour < %s
    GROUP BY hour
"""
