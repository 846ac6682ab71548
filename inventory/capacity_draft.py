"""A draft of a change of capacity: the cells as they would be, and the problems of the change."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _

from core.problems import Problem, Problems
from inventory import capacity
from inventory.allocations import LiveInventory
from inventory.models import (
    MAX_CELL_NOTIFICATIONS,
    MAX_DAY_NOTIFICATIONS,
    MAX_SAFETY_PERCENT,
    Capacity,
    CapacityChange,
    SafetyShare,
)
from inventory.planning.flow import Counts
from inventory.snapshot_cache import FROZEN_DAYS
from inventory.terms import MAX_DAYS


class Draft:
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
        """Set the gross capacity of the cells of a change."""
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
        """Close some days and open others; those that are so already do not change."""
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
        """Set the safety shares of some LADAs, None for the default."""
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
