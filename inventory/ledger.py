"""The book as the database has it: read whole as arrays, written back by difference."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from inventory import cells, shelf
from inventory.arrays import Ints, fetch, integers, run
from inventory.models import JournalEntry
from inventory.planning.book import Book
from inventory.planning.flow import Counts
from inventory.planning.plan import Wish
from inventory.shelf import Entry
from inventory.terms import Terms
from segments import gazetteer


@dataclass(frozen=True, eq=False)
class Ledger:
    """All cells from today on, and all promises that have days there."""

    codes: tuple[str, ...]  # of the book's rows
    first: date  # the day of the book's first column: today
    ids: Counts  # (L, D) of the cells; 0 is not on sale
    book: Book
    entries: Sequence[Entry]  # of the book's promises, in their order
    as_of: datetime

    def wish(self, terms: Terms) -> Wish:
        """Put terms into the book's rows and columns."""
        return Wish(
            cells.places(self.codes)[[int(code) for code in terms.ladas]],
            (terms.starts_on - self.first).days,
            terms.days,
            terms.quantity,
            terms.daily_cap,
        )

    def not_open(self, terms: Terms) -> list[date]:
        """Give the days on which some LADA of the terms is not on sale."""
        wish = self.wish(terms)
        days = (terms.starts_on + timedelta(number) for number in range(terms.days))
        ids = wish.carried(self.ids)
        closed = (ids == 0).any(axis=0).tolist() + [True] * (terms.days - ids.shape[1])
        return [day for day, is_closed in zip(days, closed, strict=True) if is_closed]

    def days(self, columns: Iterable[int]) -> list[date]:
        """Give the days of some columns."""
        return [self.first + timedelta(int(column)) for column in columns]


def read(*, without: int | None = None) -> Ledger:
    """Read the book as it is now, `without` some reservation.

    Blocks nobody. Whoever writes it back goes alone since before (`inventory.locks`).
    """
    as_of = timezone.now()
    now = shelf.look(gazetteer.current(), timezone.localdate())
    book, entries = now.book, now.entries
    if without is not None:
        kept = [n for n, entry in enumerate(entries) if entry.reservation_id != without]
        book = book.with_promises([book.promises[number] for number in kept])
        entries = [entries[number] for number in kept]
    return Ledger(now.codes, now.first, now.ids, book, entries, as_of)


def read_allocation(reservation_id: int, days: int) -> tuple[Counts, int]:
    """Give how a reservation lies in its cells (N, K), day by day, and what is at risk of it."""
    [(quantities, at_risk)] = fetch(
        """
        SELECT array_send(quantities), at_risk FROM inventory_allocation
        WHERE reservation_id = %s
        """,
        [reservation_id],
    )
    return integers(quantities).astype(np.int64).reshape(days, -1), at_risk


def write_allocation(reservation_id: int, quantities: Counts, *, at_risk: int = 0) -> None:
    """Store how a reservation (N, K) lies in its cells, day by day; its goals are new."""
    run(
        """
        INSERT INTO inventory_allocation (reservation_id, quantities, at_risk, goals_revision)
        VALUES (%s, %s, %s, 1)
        ON CONFLICT (reservation_id) DO UPDATE SET quantities = excluded.quantities,
            at_risk = excluded.at_risk, goals_revision = inventory_allocation.goals_revision + 1
        """,
        [reservation_id, Ints(quantities), at_risk],
    )


def write(ledger: Ledger, lines: Mapping[int, Counts], at_risk: Mapping[int, int]) -> None:
    """Write new lines (K, N) and risks of some promises, their cells and the journal.

    Goals are new only where a day's total changes. The caller goes alone since before
    the ledger was read.
    """
    change = np.zeros_like(ledger.ids)
    rows: list[Any] = []
    journal: list[JournalEntry] = []
    for number in sorted(lines.keys() | at_risk.keys()):
        promise, entry = ledger.book.promises[number], ledger.entries[number]
        new = lines.get(number, promise.lines)
        risk = at_risk.get(number, entry.at_risk)
        quantities = entry.quantities.copy()
        quantities[len(quantities) - new.shape[1] :] = new.T
        raised = int((new.sum(axis=0) != promise.lines.sum(axis=0)).any())
        rows += [entry.reservation_id, Ints(quantities), risk, raised]
        change[promise.ladas, promise.first : promise.stop] += new - promise.lines
        journal += _noted(entry, promise.lines, new, risk)
    if not rows:
        return
    values = ", ".join(["(%s::bigint, %s, %s::int, %s::int)"] * (len(rows) // 4))
    run(
        f"""
        UPDATE inventory_allocation AS a SET quantities = new.quantities, at_risk = new.at_risk,
            goals_revision = a.goals_revision + new.raised
        FROM (VALUES {values}) AS new (reservation_id, quantities, at_risk, raised)
        WHERE a.reservation_id = new.reservation_id
        """,  # noqa: S608  (no value is in it)
        rows,
    )
    cells.shift(ledger.ids, change)
    JournalEntry.objects.bulk_create(journal)


def _noted(entry: Entry, old: Counts, new: Counts, risk: int) -> Iterable[JournalEntry]:
    action = JournalEntry.Action
    moved = min(int(np.maximum(old - new, 0).sum()), int(np.maximum(new - old, 0).sum()))
    for what, quantity in (
        (action.MOVE, moved),
        (action.RISK, risk - entry.at_risk),
        (action.MEND, entry.at_risk - risk),
    ):
        if quantity > 0:
            yield JournalEntry(reservation_id=entry.reservation_id, action=what, quantity=quantity)
