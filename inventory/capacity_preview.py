"""The effect of a change of capacity, computed in full before anything is written.

Takes no lock. The gateway already has the goals of today and tomorrow, so no cell of
these days changes. What no plan can place any more is at risk
(`inventory.planning.reallocation`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _

from core.problems import Problem, Problems
from inventory import allocations, capacity
from inventory.allocations import LiveInventory
from inventory.models import (
    MAX_CELL_NOTIFICATIONS,
    MAX_DAY_NOTIFICATIONS,
    Capacity,
    CapacityChange,
    Reservation,
    SafetyShare,
)
from inventory.planning.flow import Counts, Flags
from inventory.planning.reallocation import reallocate
from inventory.snapshot_cache import FROZEN_DAYS
from inventory.terms import MAX_DAYS

MAX_SAFETY_PERCENT = 90  # of a LADA that may be kept off sale


class CellChange(NamedTuple):
    """A cell that changes, in notifications before and after, and what is planned in it."""

    day: date
    lada: str
    gross: int
    new_gross: int
    on_sale: int
    new_on_sale: int
    planned: int


class Risk(NamedTuple):
    """A reservation of which the change puts more notifications at risk."""

    reservation: Reservation
    now: int  # at risk already
    then: int  # at risk after the change

    @property
    def more(self) -> int:
        """Notifications that the change puts at risk."""
        return self.then - self.now


@dataclass(frozen=True, eq=False)
class Preview:
    """All cells from today on (L, D) before and after a change, and its effect on reservations."""

    live: LiveInventory
    gross: Counts
    new_gross: Counts
    new_on_sale: Counts
    closes: Sequence[date]  # of those in the change, the days that are open now
    opens: Sequence[date]  # of those in the change, the days that are closed now
    safety: Mapping[str, int | None]  # of those in the change, the shares that differ now
    problems: Problems
    quantities: Mapping[int, Counts]  # new ones (K, N), by reservation number in the snapshot
    at_risk: Mapping[int, int]  # new counts, by reservation number, where they change
    risks: Sequence[Risk]  # the largest first

    @property
    def changed(self) -> Flags:
        """Mark the cells (L, D) that change."""
        on_sale = self.live.snapshot.capacity
        return (self.new_gross != self.gross) | (self.new_on_sale != on_sale)

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.closes or self.opens or self.safety or self.changed.any())

    @property
    def on_sale(self) -> int:
        """Notifications on sale now in the cells that change."""
        return int(self.live.snapshot.capacity[self.changed].sum())

    @property
    def then_on_sale(self) -> int:
        """Notifications on sale in these cells after the change."""
        return int(self.new_on_sale[self.changed].sum())

    @property
    def more_at_risk(self) -> int:
        """Notifications that the change puts at risk."""
        return sum(risk.more for risk in self.risks)

    @property
    def moved(self) -> int:
        """Number of reservations that are only moved."""
        return sum(number not in self.at_risk for number in self.quantities)

    def rows(self, limit: int) -> Iterator[CellChange]:
        """Yield the first cells that change, by day and LADA."""
        now = self.live.snapshot
        tables = (self.gross, self.new_gross, now.capacity, self.new_on_sale, now.planned)
        for column, row in np.argwhere(self.changed.T)[:limit].tolist():
            day = self.live.first_day + timedelta(column)
            counts = (int(table[row, column]) for table in tables)
            yield CellChange(day, self.live.codes[row], *counts)


def compute(change: CapacityChange, *, with_reservations: bool = True) -> Preview:
    """Return the effect of a change on the inventory as of now.

    Without `with_reservations`, that on reservations is not computed.
    """
    live = allocations.read_all()
    draft = _Draft(live)
    draft.set_gross(change)
    draft.close_and_open(change.closes, change.opens, change.note)
    draft.set_safety(change.safety)
    new_on_sale = draft.on_sale()
    quantities: dict[int, Counts] = {}
    at_risk: dict[int, int] = {}
    if with_reservations and not draft.problems.count:
        quantities, at_risk = _reallocate(live, new_on_sale)
    return Preview(
        live,
        draft.gross,
        draft.new_gross,
        new_on_sale,
        draft.closes,
        draft.opens,
        draft.safety,
        draft.problems,
        quantities,
        at_risk,
        _risks(live, at_risk),
    )


class _Draft:
    """The cells after the change, and the problems of the change."""

    def __init__(self, live: LiveInventory) -> None:
        self._first_day = live.first_day
        self._ids, self._capacity = live.cell_ids, live.snapshot.capacity
        self._rows = {code: row for row, code in enumerate(live.codes)}
        self._width = self._ids.shape[1]
        days = live.dates(range(self._width))
        closed = capacity.closed_among(days)
        self._is_closed = np.array([day in closed for day in days], dtype=bool)
        self._percents = capacity.safety_percents(live.codes)
        self._touched = np.zeros(self._ids.shape, dtype=bool)
        self.gross = _read_gross(live)
        self.new_gross = self.gross.copy()
        self.closes: list[date] = []
        self.opens: list[date] = []
        self.safety: dict[str, int | None] = {}
        self.problems = Problems()

    def on_sale(self) -> Counts:
        """Return what is on sale after the change (L, D); untouched cells keep their capacity."""
        new = capacity.sellable(self.new_gross, self._percents[:, None], self._is_closed)
        return np.where(self._touched & (self._ids > 0), new, self._capacity)

    def set_gross(self, change: CapacityChange) -> None:
        past = _read_past(change.days, self._first_day)
        ids, gross = self._ids.tolist(), self.gross.tolist()
        for day, lada, count in zip(change.days, change.ladas, change.gross, strict=True):
            row, column = self._rows.get(lada), (day - self._first_day).days
            if row is None:
                self._add_problem(_("La LADA {lada} no existe: corrígela."), day, lada, "lada")
            elif not 0 <= count <= MAX_CELL_NOTIFICATIONS:
                message = _("Una LADA lleva de 0 a {most:,} notificaciones al día.")
                self._add_problem(message, day, lada, "capacidad")
            elif column < 0:
                if past.get((day, lada)) != count:
                    self._add_frozen_day(day, lada)
            elif column >= self._width or not ids[row][column]:
                message = _(
                    "El {day:%d/%m/%Y} no está a la venta en la LADA {lada}: llega al {last}."
                )
                self._add_problem(message, day, lada, "dia")
            elif gross[row][column] != count:
                if column < FROZEN_DAYS:
                    self._add_frozen_day(day, lada)
                else:
                    self.new_gross[row, column] = count
                    self._touched[row, column] = True
        self._check_totals()

    def close_and_open(self, closes: Sequence[date], opens: Sequence[date], reason: str) -> None:
        closed = capacity.closed_among([*closes, *opens])
        self.closes = [day for day in closes if day not in closed]
        self.opens = [day for day in opens if day in closed]
        if self.closes and not reason.strip():
            self.problems.add(Problem(_("Di por qué se cierra: lo verá quien mire el inventario.")))
        for day in (*self.closes, *self.opens):
            column = (day - self._first_day).days
            if column < FROZEN_DAYS:
                self._add_frozen_day(day, "")
            elif column >= MAX_DAYS:
                message = _(
                    "El {day:%d/%m/%Y} está a más de {longest} días: elige uno más cercano."
                )
                self._add_problem(message, day, "", "dia")
            elif column < self._width:
                self._is_closed[column] = day in self.closes
                self._touched[:, column] = True

    def set_safety(self, safety: Mapping[str, int | None]) -> None:
        own = dict(SafetyShare.objects.values_list("lada", "percent"))
        for lada, percent in safety.items():
            row = self._rows.get(lada)
            if row is None:
                message = _("La LADA {lada} no existe: corrígela.").format(lada=lada)
                self.problems.add(Problem(message, column="lada", lada=lada))
            elif percent is not None and not 0 <= percent <= MAX_SAFETY_PERCENT:
                message = _("La reserva de seguridad va de 0 a {most} por ciento.")
                self.problems.add(Problem(message.format(most=MAX_SAFETY_PERCENT), lada=lada))
            else:
                if percent != own.get(lada):
                    self.safety[lada] = percent
                self._percents[row] = settings.SAFETY_PERCENT if percent is None else percent
                self._touched[row, FROZEN_DAYS:] = True

    def _check_totals(self) -> None:
        totals = self.new_gross.sum(axis=0)
        changed = (self.new_gross != self.gross).any(axis=0)
        for column in np.flatnonzero(changed & (totals > MAX_DAY_NOTIFICATIONS)).tolist():
            day, total = self._first_day + timedelta(column), int(totals[column])
            message = _("El {day:%d/%m/%Y} sumaría {total:,}: un día lleva a lo más {most:,}.")
            message = message.format(day=day, total=total, most=MAX_DAY_NOTIFICATIONS)
            self.problems.add(Problem(message, column="capacidad", day=day))

    def _add_frozen_day(self, day: date, lada: str) -> None:
        if day < self._first_day:
            message = _("El {day:%d/%m/%Y} ya pasó: se cambia del {from_day:%d/%m/%Y} en adelante.")
        else:
            message = _(
                "El {day:%d/%m/%Y} ya está en la plataforma de entrega: "
                "se cambia del {from_day:%d/%m/%Y} en adelante."
            )
        self._add_problem(message, day, lada, "dia")

    def _add_problem(self, message: str, day: date, lada: str, column: str) -> None:
        message = message.format(
            day=day,
            lada=lada,
            most=MAX_CELL_NOTIFICATIONS,
            longest=MAX_DAYS,
            from_day=self._first_day + timedelta(FROZEN_DAYS),
            last=f"{self._first_day + timedelta(self._width - 1):%d/%m/%Y}",
        )
        self.problems.add(Problem(message, column=column, day=day, lada=lada))


def _read_gross(live: LiveInventory) -> Counts:
    """Return the gross capacity of each cell (L, D)."""
    rows = Capacity.objects.filter(day__gte=live.first_day).order_by().values_list("id", "gross")
    table = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    table = table[np.argsort(table[:, 0])]
    gross = np.zeros_like(live.cell_ids)
    is_open = live.cell_ids > 0
    gross[is_open] = table[np.searchsorted(table[:, 0], live.cell_ids[is_open]), 1]
    return gross


def _read_past(days: Sequence[date], today: date) -> dict[tuple[date, str], int]:
    """Return the gross capacity of past cells: a change that repeats it changes nothing."""
    past = {day for day in days if day < today}
    if not past:
        return {}
    cells = Capacity.objects.filter(day__in=past).values_list("day", "lada", "gross")
    return {(day, lada): gross for day, lada, gross in cells}


def _reallocate(live: LiveInventory, on_sale: Counts) -> tuple[dict[int, Counts], dict[int, int]]:
    """Return new quantities and new counts at risk, by reservation number."""
    status = Reservation.Status.HELD
    held_ids = set(Reservation.objects.filter(status=status).values_list("pk", flat=True))
    stored = live.allocations
    held = np.array([each.reservation_id in held_ids for each in stored], dtype=bool)
    at_risk = np.array([each.at_risk for each in stored], dtype=np.int64)
    result = reallocate(replace(live.snapshot, capacity=on_sale), held, at_risk)
    changed = np.flatnonzero(result.unplaced != at_risk).tolist()
    return result.quantities, {number: int(result.unplaced[number]) for number in changed}


def _risks(live: LiveInventory, at_risk: Mapping[int, int]) -> list[Risk]:
    stored = {number: live.allocations[number] for number in at_risk}
    worse = {
        stored[number].reservation_id: (stored[number].at_risk, then)
        for number, then in at_risk.items()
        if then > stored[number].at_risk
    }
    found = Reservation.objects.in_bulk(worse)
    return sorted(
        (Risk(found[reservation_id], *counts) for reservation_id, counts in worse.items()),
        key=lambda risk: (-risk.more, risk.reservation.pk),
    )
