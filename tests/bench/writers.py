"""Eight writer processes, like Celery's, that each hold inventory as fast as they can.

There are two implementations: `hold` is the product's, `bare` the SQL that it comes down to.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from multiprocessing.connection import Connection
from random import Random
from time import monotonic
from types import TracebackType
from typing import Any, NamedTuple, Self

import psycopg

WRITERS = 8
DAYS = 7
PATIENCE = 60  # seconds for a writer to start, or to report beyond its turn


class Turn(NamedTuple):
    """What all writers do next: holds of `ladas` for a week, for some seconds.

    The same `seed` asks for the same weeks and quantities.
    """

    implementation: str
    ladas: list[str]
    quantities: tuple[int, int]  # of one hold, from and to
    first: date  # of the days on sale that a hold may begin on
    weeks: int
    seed: int
    seconds: float


class Wanted(NamedTuple):
    """One hold."""

    ladas: list[str]
    starts_on: date
    ends_on: date
    quantity: int


class WriterFailed(Exception):
    """A writer ended or reported an error."""


class Writers:
    """The processes, started once and used for many turns."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._processes = []
        self._ends: list[Connection] = []
        for number in range(WRITERS):
            ours, theirs = context.Pipe()
            process = context.Process(target=_write, args=(number, theirs), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
            self._ends.append(ours)

    def __enter__(self) -> Self:
        self._receive(PATIENCE)  # each reports that it is ready
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for end in self._ends:
            end.close()
        for process in self._processes:
            process.join(2)
            process.kill()
            process.join()

    def rate(self, turn: Turn) -> float:
        """Return how many holds a second all of them committed together."""
        for end in self._ends:
            end.send(turn)
        return sum(self._receive(turn.seconds + PATIENCE))

    def _receive(self, patience: float) -> list[float]:
        results = []
        until = monotonic() + patience
        for end in self._ends:
            if not end.poll(max(until - monotonic(), 0)):
                raise WriterFailed(f"a writer was silent for {patience:.0f} s")
            try:
                result = end.recv()
            except EOFError:
                raise WriterFailed("a writer ended") from None
            if isinstance(result, str):
                raise WriterFailed(result)
            results.append(result)
        return results


def _write(number: int, end: Connection) -> None:
    """Run as one writer, turn by turn, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; who started them ends them
    with suppress(EOFError, OSError):
        try:
            implementations = _implementations()
            end.send(0.0)
            while True:
                turn: Turn = end.recv()
                end.send(_rate(implementations[turn.implementation], turn, number))
        except (EOFError, OSError):
            raise
        except Exception as error:
            end.send(f"{type(error).__name__}: {error}")


def _rate(write: Callable[[Wanted], object], turn: Turn, number: int) -> float:
    random = Random(f"{turn.seed} {number}")
    done = 0
    began = monotonic()
    while (passed := monotonic() - began) < turn.seconds:
        starts_on = turn.first + timedelta(random.randrange(turn.weeks * 7))
        ends_on = starts_on + timedelta(DAYS - 1)
        write(Wanted(turn.ladas, starts_on, ends_on, random.randint(*turn.quantities)))
        done += 1
    return done / passed


def _implementations() -> dict[str, Callable[[Wanted], object]]:
    """Return the implementations, each connected in its own way; sets Django up."""
    import django

    django.setup()
    from django.utils import timezone

    from inventory import reservations
    from inventory.terms import Terms

    def hold(wanted: Wanted) -> object:
        return reservations.hold(
            Terms(
                quantity=wanted.quantity,
                ladas=wanted.ladas,
                starts_on=wanted.starts_on,
                ends_on=wanted.ends_on,
            ),
            reference="LP-BENCH2",
            expires_at=timezone.now() + timedelta(days=1),
        )

    connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    return {"hold": hold, "bare": lambda wanted: bare(connection, wanted)}


def bare(connection: psycopg.Connection[Any], wanted: Wanted) -> None:
    """Write the cells and the allocation of a hold: no Django, no planning, no journal.

    It holds one notification a cell: the quantity makes no difference.
    """
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM inventory_capacity
            WHERE lada = ANY(%s) AND day BETWEEN %s AND %s
            ORDER BY id FOR NO KEY UPDATE
            """,
            [wanted.ladas, wanted.starts_on, wanted.ends_on],
        )
        cells = [row[0] for row in cursor.fetchall()]
        lines = [1] * len(cells)
        cursor.execute(
            """
            INSERT INTO inventory_reservation (status, reference, quantity, ladas, starts_on,
                ends_on, daily_ceilings, expires_at, created_at)
            VALUES ('held', 'LP-BENCH2', %s, %s, %s, %s, '{}', now() + interval '1 day', now())
            RETURNING id
            """,
            [len(cells), wanted.ladas, wanted.starts_on, wanted.ends_on],
        )
        [reservation] = cursor.fetchone() or [None]
        cursor.execute(
            """
            UPDATE inventory_capacity AS cell SET planned = cell.planned + line.quantity
            FROM unnest(%s::bigint[], %s::int[]) AS line (cell_id, quantity)
            WHERE cell.id = line.cell_id
            """,
            [cells, lines],
        )
        cursor.execute(
            """
            INSERT INTO inventory_allocation (reservation_id, quantities, at_risk, goals_revision)
            VALUES (%s, %s, 0, 1)
            """,
            [reservation, lines],
        )
