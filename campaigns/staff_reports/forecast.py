"""The forecast beside what there was: capacity and eligible traffic, plans and insertions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from campaigns.staff_reports import cells, orders, traffic
from campaigns.staff_reports.frame import Frame
from inventory.planning.flow import Counts as Numbers

CLOSE = 0.2  # of what there was: an expectation that is off by no more is close


class Accuracy(NamedTuple):
    """How near expected counts were to actual ones, over some cells of a day and a LADA."""

    cells: int
    expected: int
    actual: int
    off: int  # the differences of all cells, each without its sign
    close: int  # cells

    @property
    def error(self) -> float | None:
        """Return by how much cells were off, in percent of what there was (WAPE)."""
        return 100 * self.off / self.actual if self.actual else None

    @property
    def bias(self) -> float | None:
        """Return by how much too much was expected in all, in percent of what there was."""
        return 100 * (self.expected - self.actual) / self.actual if self.actual else None

    @property
    def share_close(self) -> float | None:
        """Return the cells that were close, in percent."""
        return 100 * self.close / self.cells if self.cells else None


def measure(expected: Numbers, actual: Numbers) -> Accuracy:
    """Return the accuracy of expected counts; cells that are empty on both sides do not count."""
    either = (expected > 0) | (actual > 0)
    off = np.abs(expected - actual)[either]
    close = off <= CLOSE * actual[either]
    return Accuracy(
        int(either.sum()), int(expected.sum()), int(actual.sum()), int(off.sum()), int(close.sum())
    )


class LadaForecast(NamedTuple):
    """The forecast of a LADA over all days."""

    lada: str
    state: str
    accuracy: Accuracy


class PlannedDay(NamedTuple):
    """What was planned on a channel day, and what was inserted."""

    day: date
    planned: int
    inserted: int


@dataclass(frozen=True, eq=False)
class Forecast:
    """Capacity and traffic of the days whose traffic is whole, by LADA.

    `gross` is what the channel was expected to carry, `on_sale` what was sold of it.
    """

    frame: Frame
    days: Sequence[date]
    gross: Numbers  # (N, L)
    on_sale: Numbers
    eligible: Numbers

    @property
    def total(self) -> Accuracy:
        return measure(self.gross, self.eligible)

    @property
    def total_on_sale(self) -> Accuracy:
        """Return the accuracy of what was on sale, without closed days."""
        is_open = self.on_sale.sum(axis=1) > 0
        return measure(self.on_sale[is_open], self.eligible[is_open])

    def by_day(self) -> list[tuple[date, Accuracy]]:
        return [(day, measure(self.gross[n], self.eligible[n])) for n, day in enumerate(self.days)]

    def by_lada(self) -> list[LadaForecast]:
        """Return the LADAs that had anything, the one that is off most first."""
        columns = self.frame.columns
        state_of = {
            lada: state
            for state, own in zip(columns.states, columns.slices(), strict=True)
            for lada in columns.ladas[own]
        }
        found = [
            LadaForecast(lada, state_of[lada], measure(self.gross[:, n], self.eligible[:, n]))
            for n, lada in enumerate(columns.ladas)
        ]
        known = [each for each in found if each.accuracy.cells]
        return sorted(known, key=lambda each: (-each.accuracy.off, each.lada))


def read(first: date, last: date) -> Forecast:
    """Return the forecast of the days of a span with cells and whole traffic. Five queries."""
    frame = Frame.of(first, last)
    planned, seen = cells.read(frame), traffic.read(frame)
    whole = traffic.whole_days(frame)
    kept = [
        number
        for number, day in enumerate(frame.days)
        if day in whole and planned[cells.GROSS, number].any()
    ]
    return Forecast(
        frame,
        [frame.days[number] for number in kept],
        planned[cells.GROSS, kept],
        planned[cells.ON_SALE, kept],
        seen[traffic.ELIGIBLE, kept],
    )


def planned_days(first: date, last: date) -> list[PlannedDay]:
    """Return what was planned and inserted on each day of a span."""
    frame = Frame.of(first, last)
    planned = cells.read(frame)[cells.PLANNED].sum(axis=1).tolist()
    found = [order.order for order in orders.of_span(first, last)]
    inserted = orders.by_day_and_lada(found, frame)[0].sum(axis=1).tolist()
    return [PlannedDay(*row) for row in zip(frame.days, planned, inserted, strict=True)]
