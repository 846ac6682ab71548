"""Changes of capacity: proposed, reviewed, then applied or discarded.

A proposal is a row. Its effect is computed anew on the inventory as of each moment
(`inventory.capacity_preview`). A change that puts reservations at risk is refused
unless the risk is accepted.
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
from inventory import (
    allocations,
    capacity_csv,
    capacity_preview,
    locks,
    reservations,
    snapshot_cache,
)
from inventory.capacity_csv import CapacitySheet, CellCapacity
from inventory.capacity_preview import Preview
from inventory.errors import (
    BadChange,
    ChangeDecided,
    NotAllowed,
    NothingChanges,
    ReservationsAtRisk,
)
from inventory.models import Capacity, CapacityChange, ClosedDay, SafetyShare
from inventory.planning.flow import Counts, Flags

Source = CapacityChange.Source
Status = CapacityChange.Status


class Adjust(StrEnum):
    """The ways to edit a range of cells."""

    SET = "set"  # each cell to an amount
    PERCENT = "percent"  # each cell to a percentage of what it has
    ADD = "add"  # an amount more for each cell, or less


PERMISSION = "inventory.change_the_capacity"
MAX_NOTE = 200  # characters
APPLIED_FIELDS = (
    "status",
    "applied_at",
    "applied_by",
    "cells_changed",
    "capacity_before",
    "capacity_after",
    "at_risk",
)


def first_day() -> date:
    """Return the first day whose capacity may change: the gateway has the goals of earlier ones."""
    return timezone.localdate() + timedelta(snapshot_cache.FROZEN_DAYS)


def adjusted(
    ladas: Collection[str], days: Collection[date], how: Adjust, amount: int
) -> list[CellCapacity]:
    """Return the open cells of some LADAs and days after an edit; none is below 0."""
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
        found.append(CellCapacity(day, lada, new))
    return found


def propose(
    source: CapacityChange.Source,
    *,
    by: User,
    cells: Iterable[CellCapacity] = (),
    closes: Iterable[date] = (),
    opens: Iterable[date] = (),
    safety: Mapping[str, int | None] | None = None,
    note: str = "",
) -> CapacityChange:
    """Store a proposed change, with those of its cells that would change. Nothing else changes.

    `safety` gives LADAs their percent off sale, or None for the default. `note` is also
    the reason of the days that close.

    Raises NotAllowed, NothingChanges, or BadChange with all problems.
    """
    _require_permission(by)
    change = _unsaved(source, by, cells, note)
    change.closes, change.opens = sorted(set(closes)), sorted(set(opens))
    change.safety = dict(safety or {})
    preview = capacity_preview.compute(change, with_reservations=False)
    if preview.problems.count:
        raise BadChange(preview.problems)
    return _store(change, preview)


def propose_file(file: BinaryIO, *, by: User, note: str = "") -> CapacityChange:
    """Store the change of a CSV file, as `propose` does.

    Raises NotAllowed, NothingChanges, or BadChange with lines and columns.
    """
    _require_permission(by)
    sheet = capacity_csv.read(file)
    change = _unsaved(Source.CSV, by, sheet.cells, note)
    preview = capacity_preview.compute(change, with_reservations=False)
    if problems := _merge_by_line(sheet, preview.problems):
        raise BadChange(problems)
    return _store(change, preview)


def apply(
    change_id: int, *, by: User, accept_risk: bool = False, up_to: int | None = None
) -> CapacityChange:
    """Apply a proposed change to the inventory as of now, all of it or nothing.

    With `accept_risk` it may put notifications at risk, until `reservations.repair`
    places them; `up_to` is the largest number that the person has accepted.

    Raises NotAllowed, ChangeDecided, BadChange, or ReservationsAtRisk.
    """
    _require_permission(by)
    reservations.expire_due()
    return _apply(change_id, by, accept_risk, up_to)


@transaction.atomic
def discard(change_id: int, *, by: User) -> CapacityChange:
    """Discard a proposed change. Raises NotAllowed or ChangeDecided."""
    _require_permission(by)
    change = _lock(change_id)
    change.status = Status.DISCARDED
    change.save(update_fields=["status"])
    return change


@transaction.atomic
def _apply(change_id: int, by: User, accept_risk: bool, up_to: int | None) -> CapacityChange:
    locks.exclusive()
    change = _lock(change_id)
    preview = capacity_preview.compute(change)
    if preview.problems.count:
        raise BadChange(preview.problems)
    is_within = up_to is None or preview.more_at_risk <= up_to
    if preview.risks and not (accept_risk and is_within):
        raise ReservationsAtRisk({risk.reservation.pk: risk.more for risk in preview.risks})
    _write_days_and_shares(change)
    # No cell may ever be over capacity: first the cells that grow, then the reservations,
    # then the cells that shrink.
    shrinks = preview.new_on_sale < preview.live.snapshot.capacity
    _write_cells(preview, preview.changed & ~shrinks)
    allocations.write_changes(preview.live, preview.quantities, preview.at_risk, preview.ceilings)
    _write_cells(preview, shrinks)
    change.status = Status.APPLIED
    change.applied_at, change.applied_by_id = timezone.now(), by.pk
    change.cells_changed = int(preview.changed.sum())
    change.capacity_before, change.capacity_after = preview.on_sale, preview.then_on_sale
    change.at_risk = preview.more_at_risk
    change.save(update_fields=APPLIED_FIELDS)
    return change


def _require_permission(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise NotAllowed


def _lock(change_id: int) -> CapacityChange:
    change = CapacityChange.objects.select_for_update(no_key=True).get(pk=change_id)
    if change.status != Status.PROPOSED:
        raise ChangeDecided(change.get_status_display())
    return change


def _unsaved(
    source: CapacityChange.Source, by: User, cells: Iterable[CellCapacity], note: str
) -> CapacityChange:
    listed = list(cells)
    return CapacityChange(
        source=source,
        note=note.strip()[:MAX_NOTE],
        days=[cell.day for cell in listed],
        ladas=[cell.lada for cell in listed],
        gross=[cell.gross for cell in listed],
        proposed_by_id=by.pk,
    )


def _merge_by_line(sheet: CapacitySheet, others: Problems) -> Problems | None:
    """Return the problems of a sheet and of its change in the order of its lines, or None."""
    count = sheet.problems.count + others.count
    if not count:
        return None
    lines = sheet.line_numbers() if others.count else {}
    found = [
        problem._replace(line=lines.get((problem.day, problem.lada), 0))
        for problem in others.listed
    ]
    merged = sorted([*sheet.problems.listed, *found], key=lambda problem: problem.line)
    return Problems(merged[: Problems.MAX_LISTED], count)


def _store(change: CapacityChange, preview: Preview) -> CapacityChange:
    """Save a change without what is already so. Raises NothingChanges where nothing is left."""
    if preview.is_empty:
        raise NothingChanges
    live = preview.live
    changed = np.argwhere((preview.new_gross != preview.gross).T).tolist()
    change.days = [live.first_day + timedelta(column) for column, _row in changed]
    change.ladas = [live.codes[row] for _column, row in changed]
    change.gross = [int(preview.new_gross[row, column]) for column, row in changed]
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


def _write_cells(preview: Preview, marked: Flags) -> None:
    """Write the marked cells (L, D). The caller has the exclusive lock."""
    if not marked.any():
        return
    tables: Sequence[Counts] = (preview.live.cell_ids, preview.new_gross, preview.new_on_sale)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inventory_capacity AS cell SET gross = new.gross, capacity = new.capacity
            FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS new (cell_id, gross, capacity)
            WHERE cell.id = new.cell_id
            """,
            [table[marked].tolist() for table in tables],
        )
