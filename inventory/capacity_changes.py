"""Change what can be sold: proposed, looked at, then applied or discarded.

A proposal is a row, so nothing is lost between looking and confirming; what it does
is worked out anew on the book as it is then (`inventory.capacity_preview`). A change
that leaves promises without a place is refused unless that risk is accepted.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import BinaryIO

import numpy as np
from django.contrib.auth.models import AbstractUser as User
from django.db import connection, transaction
from django.utils import timezone

from core.problems import Problems
from inventory import capacity_csv, capacity_preview, ledger, locks, reservations, shelf
from inventory.capacity_csv import Cell
from inventory.capacity_preview import Preview
from inventory.errors import (
    BadChange,
    BreaksPromises,
    ChangeDecided,
    NotAllowed,
    NothingChanges,
)
from inventory.models import Capacity, CapacityChange, ClosedDay, SafetyShare
from inventory.planning.flow import Counts, Flags

Source = CapacityChange.Source
Status = CapacityChange.Status


class Adjust(StrEnum):
    """How a range of cells is edited."""

    SET = "set"  # each cell to an amount
    PERCENT = "percent"  # each cell to a percentage of what it has
    ADD = "add"  # an amount more for each cell, or less


PERMISSION = "inventory.change_the_capacity"
NOTE_MOST = 200  # characters
WRITTEN_ON_APPLYING = (
    "status",
    "applied_at",
    "applied_by",
    "cells_changed",
    "capacity_before",
    "capacity_after",
    "at_risk",
)


def first_day() -> date:
    """Give the first day whose capacity may change: those before it are at the gateway."""
    return timezone.localdate() + timedelta(shelf.FROZEN_DAYS)


def adjusted(
    ladas: Collection[str], days: Collection[date], how: Adjust, amount: int
) -> list[Cell]:
    """Give the open cells of some LADAs and days as an edit would leave them; none below 0."""
    cells = Capacity.objects.filter(lada__in=ladas, day__in=days).order_by("day", "lada")
    found = []
    for day, lada, gross in cells.values_list("day", "lada", "gross"):
        match how:
            case Adjust.SET:
                new = amount
            case Adjust.PERCENT:
                new = (gross * amount + 50) // 100
            case Adjust.ADD:
                new = max(gross + amount, 0)
        found.append(Cell(day, lada, new))
    return found


def propose(
    source: CapacityChange.Source,
    *,
    by: User,
    cells: Iterable[Cell] = (),
    closes: Iterable[date] = (),
    opens: Iterable[date] = (),
    safety: Mapping[str, int | None] | None = None,
    note: str = "",
) -> CapacityChange:
    """Store a change to be looked at; of its cells, those that are other than now.

    `safety` gives LADAs their percent off sale, or None for the usual one. `note` is
    also the reason of the days that close. Nothing on sale changes yet.

    Raises NotAllowed, NothingChanges, or BadChange with all that is wrong.
    """
    _require_permission(by)
    change = _asked(source, by, cells, note)
    change.closes, change.opens = sorted(set(closes)), sorted(set(opens))
    change.safety = dict(safety or {})
    preview = capacity_preview.of(change, with_promises=False)
    if preview.problems.count:
        raise BadChange(preview.problems)
    return _store(change, preview)


def propose_file(file: BinaryIO, *, by: User, note: str = "") -> CapacityChange:
    """Store what a CSV file asks for, as `propose` does.

    Raises NotAllowed, NothingChanges, or BadChange with lines and columns.
    """
    _require_permission(by)
    sheet = capacity_csv.read(file)
    change = _asked(Source.CSV, by, sheet.cells, note)
    preview = capacity_preview.of(change, with_promises=False)
    if problems := _on_lines(sheet, preview.problems):
        raise BadChange(problems)
    return _store(change, preview)


def apply(
    change_id: int, *, by: User, accept_risk: bool = False, up_to: int | None = None
) -> CapacityChange:
    """Make a proposed change on the book as it is now, all of it or nothing.

    With `accept_risk` promises may be left without a place: these are listed as at
    risk until `reservations.mend` finds one; `up_to` is how many notifications the
    person has seen would be.

    Raises NotAllowed, ChangeDecided, BadChange, or BreaksPromises.
    """
    _require_permission(by)
    reservations.expire_due()
    return _apply(change_id, by, accept_risk, up_to)


@transaction.atomic
def discard(change_id: int, *, by: User) -> CapacityChange:
    """Put a proposed change aside for good. Raises NotAllowed or ChangeDecided."""
    _require_permission(by)
    change = _lock(change_id)
    change.status = Status.DISCARDED
    change.save(update_fields=["status"])
    return change


@transaction.atomic
def _apply(change_id: int, by: User, accept_risk: bool, up_to: int | None) -> CapacityChange:
    locks.alone()
    change = _lock(change_id)
    preview = capacity_preview.of(change)
    if preview.problems.count:
        raise BadChange(preview.problems)
    seen = up_to is None or preview.more_at_risk <= up_to
    if preview.risks and not (accept_risk and seen):
        raise BreaksPromises({risk.reservation.pk: risk.more for risk in preview.risks})
    _write_days_and_shares(change)
    # No cell may ever hold more than it can carry: first those that grow, then the
    # promises, then those that shrink.
    shrinks = preview.new_on_sale < preview.book.book.capacity
    _write_cells(preview, preview.changed & ~shrinks)
    ledger.write(preview.book, preview.lines, preview.at_risk)
    _write_cells(preview, shrinks)
    change.status = Status.APPLIED
    change.applied_at, change.applied_by_id = timezone.now(), by.pk
    change.cells_changed = int(preview.changed.sum())
    change.capacity_before, change.capacity_after = preview.on_sale, preview.then_on_sale
    change.at_risk = preview.more_at_risk
    change.save(update_fields=WRITTEN_ON_APPLYING)
    return change


def _require_permission(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise NotAllowed


def _lock(change_id: int) -> CapacityChange:
    change = CapacityChange.objects.select_for_update(no_key=True).get(pk=change_id)
    if change.status != Status.PROPOSED:
        raise ChangeDecided(change.get_status_display())
    return change


def _asked(
    source: CapacityChange.Source, by: User, cells: Iterable[Cell], note: str
) -> CapacityChange:
    named = list(cells)
    return CapacityChange(
        source=source,
        note=note.strip()[:NOTE_MOST],
        days=[cell.day for cell in named],
        ladas=[cell.lada for cell in named],
        gross=[cell.gross for cell in named],
        proposed_by_id=by.pk,
    )


def _on_lines(sheet: capacity_csv.Sheet, others: Problems) -> Problems | None:
    """Put what is wrong with a sheet, and with what it asks for, in the order of its lines."""
    count = sheet.problems.count + others.count
    if not count:
        return None
    places = sheet.places() if others.count else {}
    found = [
        problem._replace(line=places.get((problem.day, problem.lada), 0))
        for problem in others.shown
    ]
    every = sorted([*sheet.problems.listed, *found], key=lambda problem: problem.line)
    return Problems(every[: Problems.MAX_LISTED], count)


def _store(change: CapacityChange, preview: Preview) -> CapacityChange:
    """Save what changes, and leave out what is as it says already: nobody meant that."""
    if preview.is_empty:
        raise NothingChanges
    book = preview.book
    places = np.argwhere((preview.new_gross != preview.gross).T).tolist()
    change.days = [book.first + timedelta(column) for column, _row in places]
    change.ladas = [book.codes[row] for _column, row in places]
    change.gross = [int(preview.new_gross[row, column]) for column, row in places]
    change.closes, change.opens = list(preview.closes), list(preview.opens)
    change.save()
    return change


def _write_days_and_shares(change: CapacityChange) -> None:
    for day in change.closes:
        ClosedDay.objects.update_or_create(day=day, defaults={"reason": change.note})
    ClosedDay.objects.filter(day__in=change.opens).delete()
    for lada, percent in change.safety.items():
        if percent is None:
            SafetyShare.objects.filter(lada=lada).delete()
        else:
            SafetyShare.objects.update_or_create(lada_id=lada, defaults={"percent": percent})


def _write_cells(preview: Preview, which: Flags) -> None:
    """Write the marked cells (L, D); the caller goes alone."""
    if not which.any():
        return
    tables: Sequence[Counts] = (preview.book.ids, preview.new_gross, preview.new_on_sale)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inventory_capacity AS cell SET gross = new.gross, capacity = new.capacity
            FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS new (cell_id, gross, capacity)
            WHERE cell.id = new.cell_id
            """,
            [table[which].tolist() for table in tables],
        )
