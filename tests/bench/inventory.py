"""Bench of the inventory: holds a second that eight writers commit, and the time of a plan."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count

import numpy as np
from django.db import connection

from campaigns import readiness
from inventory.planning import plan
from segments.models import Lada
from tests.bench.environment import BenchEnvironment
from tests.bench.rounds import medians, seconds
from tests.bench.rows import Row
from tests.bench.writers import WRITERS, Turn, Writers

ROUNDS = 5
SECONDS = 1.5  # of one turn of the writers
WEEKS = 15  # of the horizon, over which the campaigns' first days are spread

PLAN_DAYS = 30
PLAN_QUANTITY = 3_000_000

CITIES = ["33", "55", "81"]


def measure(environment: BenchEnvironment) -> Iterator[Row]:
    yield _plan()
    environment.reset()
    nation = list(Lada.objects.order_by("code").values_list("code", flat=True))
    with Writers() as writers:
        yield _holds(writers, "55, 33, 81", CITIES, (10_000, 50_000))
        yield _holds(writers, "national", nation, (200_000, 1_000_000))


def _plan() -> Row:
    """Time a spread over every LADA and a month, over cells that all differ."""
    free = np.random.default_rng(7).integers(100, 50_000, (413, PLAN_DAYS))
    tops = plan.ceilings(PLAN_QUANTITY, free.sum(axis=0))
    own, floor = medians(
        ROUNDS,
        lambda: seconds(partial(plan.spread, free, quantity=PLAN_QUANTITY, ceilings=tops)),
        lambda: seconds(lambda: free * PLAN_QUANTITY // free.sum()),
    )
    name = f"plan, spread over 413 × {PLAN_DAYS} cells"
    return Row(name, own * 1_000, "ms", "numpy's bare proportion", floor * 1_000, ROUNDS)


def _holds(writers: Writers, name: str, ladas: Sequence[str], quantities: tuple[int, int]) -> Row:
    first = readiness.first_possible_day()

    def measure_rate(implementation: str) -> float:
        _empty_inventory()
        seed = next(seeds[implementation])
        return writers.rate(
            Turn(implementation, list(ladas), quantities, first, WEEKS, seed, SECONDS)
        )

    seeds = {implementation: count() for implementation in ("hold", "bare")}
    own, floor = medians(ROUNDS, partial(measure_rate, "hold"), partial(measure_rate, "bare"))
    return Row(
        f"holds, {name} × 7 days, {WRITERS} writers",
        own,
        "holds/s",
        f"bare SQL, same cells, {WRITERS} writers",
        floor,
        ROUNDS,
    )


def _empty_inventory() -> None:
    """Reset the tables before each turn: no reservations, all free, no dead rows."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE inventory_reservation CASCADE")
        cursor.execute("UPDATE inventory_capacity SET planned = 0 WHERE planned > 0")
        cursor.execute("VACUUM ANALYZE inventory_capacity")
