"""What a change of capacity would do, worked out in full before anything is written.

Reads only. Today and tomorrow are at the gateway as they are, so no cell of theirs
changes. What finds no place any more (`inventory.planning.squeeze`) is at risk.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _

from core.problems import Problem, Problems
from inventory import capacity, ledger
from inventory.ledger import Ledger
from inventory.models import (
    CELL_MOST,
    DAY_MOST,
    Capacity,
    CapacityChange,
    Reservation,
    SafetyShare,
)
from inventory.planning.flow import Counts, Flags
from inventory.planning.squeeze import squeeze
from inventory.shelf import FROZEN_DAYS
from inventory.terms import LONGEST

MOST_PERCENT = 90  # of a LADA that may be kept off sale


class Row(NamedTuple):
    """A cell that changes: what it can carry and what of it is on sale, and what is planned."""

    day: date
    lada: str
    gross: int
    new_gross: int
    on_sale: int
    new_on_sale: int
    planned: int


class Risk(NamedTuple):
    """A promise that the change leaves with fewer places than it has now."""

    reservation: Reservation
    now: int  # at risk already
    then: int  # at risk after the change

    @property
    def more(self) -> int:
        return self.then - self.now


@dataclass(frozen=True, eq=False)
class Preview:
    """All cells from today on (L, D) before and after a change, and what becomes of promises."""

    book: Ledger
    gross: Counts
    new_gross: Counts
    new_on_sale: Counts
    closes: Sequence[date]  # of those named, the ones that are open now
    opens: Sequence[date]  # of those named, the ones that are closed now
    safety: Mapping[str, int | None]  # the shares that are others now
    problems: Problems
    lines: Mapping[int, Counts]  # new lines (K, N) of promises, by their number in the book
    at_risk: Mapping[int, int]  # what is at risk of them, where that is not as now
    risks: Sequence[Risk]  # the largest first

    @property
    def changed(self) -> Flags:
        """Mark the cells (L, D) that are not the same after it."""
        on_sale = self.book.book.capacity
        return (self.new_gross != self.gross) | (self.new_on_sale != on_sale)

    @property
    def is_empty(self) -> bool:
        """Say whether it leaves everything as it is."""
        return not (self.closes or self.opens or self.safety or self.changed.any())

    @property
    def on_sale(self) -> int:
        """What is on sale now in the cells that change."""
        return int(self.book.book.capacity[self.changed].sum())

    @property
    def then_on_sale(self) -> int:
        """What is on sale in these cells after it."""
        return int(self.new_on_sale[self.changed].sum())

    @property
    def more_at_risk(self) -> int:
        """How many notifications it leaves without a place."""
        return sum(risk.more for risk in self.risks)

    @property
    def moved(self) -> int:
        """How many promises change places and keep what they have."""
        return sum(number not in self.at_risk for number in self.lines)

    def rows(self, most: int) -> Iterator[Row]:
        """Give up to so many of the cells that change, by day and LADA."""
        now = self.book.book
        for column, row in np.argwhere(self.changed.T)[:most].tolist():
            counts = (self.gross, self.new_gross, now.capacity, self.new_on_sale, now.planned)
            day = self.book.first + timedelta(column)
            yield Row(day, self.book.codes[row], *(int(table[row, column]) for table in counts))


def of(change: CapacityChange, *, with_promises: bool = True) -> Preview:
    """Work out what a change would do to the book as it is now, `with_promises` or without."""
    book = ledger.read()
    draft = _Draft(book)
    draft.set_gross(change)
    draft.close_and_open(change.closes, change.opens, change.note)
    draft.share(change.safety)
    new_on_sale = draft.on_sale()
    lines: dict[int, Counts] = {}
    at_risk: dict[int, int] = {}
    if with_promises and not draft.problems.count:
        lines, at_risk = _move_promises(book, new_on_sale)
    return Preview(
        book,
        draft.gross,
        draft.new_gross,
        new_on_sale,
        draft.closes,
        draft.opens,
        draft.safety,
        draft.problems,
        lines,
        at_risk,
        _risks(book, at_risk),
    )


class _Draft:
    """The cells as they would be, and what is wrong with what was asked for."""

    def __init__(self, book: Ledger) -> None:
        self._first = book.first
        self._ids, self._capacity = book.ids, book.book.capacity
        self._rows = {code: row for row, code in enumerate(book.codes)}
        self._width = self._ids.shape[1]
        days = [book.first + timedelta(column) for column in range(self._width)]
        self._closed_now = capacity.closed_among(days)
        self._closed = np.array([day in self._closed_now for day in days], dtype=bool)
        self._percents = capacity.safety_percents(book.codes)
        self._touched = np.zeros(self._ids.shape, dtype=bool)
        self.gross = _read_gross(book)
        self.new_gross = self.gross.copy()
        self.closes: list[date] = []
        self.opens: list[date] = []
        self.safety: dict[str, int | None] = {}
        self.problems = Problems()

    def on_sale(self) -> Counts:
        """Give what would be on sale (L, D); cells that nothing touches stay as they are."""
        new = capacity.sellable(self.new_gross, self._percents[:, None], self._closed)
        return np.where(self._touched & (self._ids > 0), new, self._capacity)

    def set_gross(self, change: CapacityChange) -> None:
        past = _read_past(change.days, self._first)
        ids, gross = self._ids.tolist(), self.gross.tolist()
        for day, lada, count in zip(change.days, change.ladas, change.gross, strict=True):
            row, column = self._rows.get(lada), (day - self._first).days
            if row is None:
                self._tell(_("La LADA {lada} no existe: corrígela."), day, lada, "lada")
            elif not 0 <= count <= CELL_MOST:
                told = _("Una LADA lleva de 0 a {most:,} notificaciones al día.")
                self._tell(told, day, lada, "capacidad")
            elif column < 0:
                if past.get((day, lada)) != count:
                    self._tell_day(day, lada)
            elif column >= self._width or not ids[row][column]:
                told = _("El {day:%d/%m/%Y} no está a la venta en la LADA {lada}: llega al {last}.")
                self._tell(told, day, lada, "dia")
            elif gross[row][column] != count:
                if column < FROZEN_DAYS:
                    self._tell_day(day, lada)
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
            column = (day - self._first).days
            if column < FROZEN_DAYS:
                self._tell_day(day, "")
            elif column >= LONGEST:
                told = _("El {day:%d/%m/%Y} está a más de {longest} días: elige uno más cercano.")
                self._tell(told, day, "", "dia")
            elif column < self._width:
                self._closed[column] = day in self.closes
                self._touched[:, column] = True

    def share(self, safety: Mapping[str, int | None]) -> None:
        own = dict(SafetyShare.objects.values_list("lada", "percent"))
        for lada, percent in safety.items():
            row = self._rows.get(lada)
            if row is None:
                told = _("La LADA {lada} no existe: corrígela.")
                self.problems.add(Problem(told.format(lada=lada), column="lada", lada=lada))
            elif percent is not None and not 0 <= percent <= MOST_PERCENT:
                told = _("La reserva de seguridad va de 0 a {most} por ciento.")
                self.problems.add(Problem(told.format(most=MOST_PERCENT), lada=lada))
            else:
                if percent != own.get(lada):
                    self.safety[lada] = percent
                self._percents[row] = settings.SAFETY_PERCENT if percent is None else percent
                self._touched[row, FROZEN_DAYS:] = True

    def _check_totals(self) -> None:
        totals = self.new_gross.sum(axis=0)
        changed = (self.new_gross != self.gross).any(axis=0)
        for column in np.flatnonzero(changed & (totals > DAY_MOST)).tolist():
            told = _("El {day:%d/%m/%Y} sumaría {total:,}: un día lleva a lo más {most:,}.")
            day, total = self._first + timedelta(column), int(totals[column])
            told = told.format(day=day, total=total, most=DAY_MOST)
            self.problems.add(Problem(told, column="capacidad", day=day))

    def _tell_day(self, day: date, lada: str) -> None:
        first = self._first
        if day < first:
            told = _("El {day:%d/%m/%Y} ya pasó: se cambia del {from_day:%d/%m/%Y} en adelante.")
        else:
            told = _(
                "El {day:%d/%m/%Y} ya está en la plataforma de entrega: "
                "se cambia del {from_day:%d/%m/%Y} en adelante."
            )
        self._tell(told, day, lada, "dia")

    def _tell(self, told: str, day: date, lada: str, column: str) -> None:
        told = told.format(
            day=day,
            lada=lada,
            most=CELL_MOST,
            longest=LONGEST,
            from_day=self._first + timedelta(FROZEN_DAYS),
            last=f"{self._first + timedelta(self._width - 1):%d/%m/%Y}",
        )
        self.problems.add(Problem(told, column=column, day=day, lada=lada))


def _read_gross(book: Ledger) -> Counts:
    """Read what each cell (L, D) can carry."""
    rows = Capacity.objects.filter(day__gte=book.first).order_by().values_list("id", "gross")
    table = np.array(list(rows), dtype=np.int64).reshape(-1, 2)
    table = table[np.argsort(table[:, 0])]
    gross = np.zeros_like(book.ids)
    is_open = book.ids > 0
    gross[is_open] = table[np.searchsorted(table[:, 0], book.ids[is_open]), 1]
    return gross


def _read_past(days: Sequence[date], today: date) -> dict[tuple[date, str], int]:
    """Read the cells of days that are gone: to repeat what they had is no change."""
    gone = {day for day in days if day < today}
    if not gone:
        return {}
    cells = Capacity.objects.filter(day__in=gone).values_list("day", "lada", "gross")
    return {(day, lada): gross for day, lada, gross in cells}


def _move_promises(book: Ledger, on_sale: Counts) -> tuple[dict[int, Counts], dict[int, int]]:
    """Give new lines, and new counts of what is at risk, by number."""
    held_ids = set(
        Reservation.objects.filter(status=Reservation.Status.HELD).values_list("pk", flat=True)
    )
    held = np.array([entry.reservation_id in held_ids for entry in book.entries], dtype=bool)
    risks = np.array([entry.at_risk for entry in book.entries], dtype=np.int64)
    fitted = squeeze(replace(book.book, capacity=on_sale), held, risks)
    worse_or_better = np.flatnonzero(fitted.missing != risks).tolist()
    return fitted.lines, {number: int(fitted.missing[number]) for number in worse_or_better}


def _risks(book: Ledger, at_risk: Mapping[int, int]) -> list[Risk]:
    worse = {
        book.entries[number].reservation_id: (book.entries[number].at_risk, then)
        for number, then in at_risk.items()
        if then > book.entries[number].at_risk
    }
    found = Reservation.objects.in_bulk(worse)
    return sorted(
        (Risk(found[number], *counts) for number, counts in worse.items()),
        key=lambda risk: (-risk.more, risk.reservation.pk),
    )
