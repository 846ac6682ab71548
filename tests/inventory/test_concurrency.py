"""Sixteen threads at once, on real PostgreSQL with real commits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from random import Random
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import F, Sum
from django.utils import timezone

from inventory import audit, cells, reservations
from inventory.errors import InventoryError
from inventory.models import Capacity, JournalEntry, Reservation
from tests.inventory import holds
from tests.sizes import pick

THREADS = 16
LADAS = ["33", "55", "81", "222", "664", "999"]


def together(work: Callable[[int], None]) -> None:
    """Run `work` in sixteen threads at the same moment; raise what one of them raised."""
    barrier = Barrier(THREADS)

    def run(number: int) -> None:
        try:
            barrier.wait(timeout=30)
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(run, number) for number in range(THREADS)]:
            done.result(timeout=120)


def hold(first, **changes):
    wanted = {
        "reference": "LP-TEST22",
        "ladas": LADAS,
        "starts_on": first,
        "ends_on": first + timedelta(days=2),
        "expires_at": timezone.now() + timedelta(hours=1),
    }
    return holds.hold(**wanted | changes)


def shrink(capacity: int) -> None:
    Capacity.objects.update(gross=capacity, capacity=capacity)


@pytest.fixture
def scarce(transactional_db, on_sale):
    """100 notifications in each cell: 1,800 in three days of six LADAs."""
    shrink(100)
    return on_sale


def test_sixteen_that_want_the_last_notifications_never_oversell(scarce):
    sold: list[int] = []

    def buy(number: int) -> None:
        for _ in range(pick(8, 20)):
            with suppress(InventoryError):
                sold.append(hold(scarce, quantity=17, daily_cap=17).quantity)

    together(buy)

    planned = Capacity.objects.filter(lada__in=LADAS).aggregate(total=Sum("planned"))["total"]
    assert planned == sum(sold) == 1_800 - 1_800 % 17
    assert not Capacity.objects.filter(planned__gt=F("capacity")).exists()
    assert audit.find_breaches() == []


def test_without_the_lock_and_the_check_the_same_sixteen_oversell(scarce, monkeypatch):
    """The negative control: without the guard the test above fails."""
    everybody_has_read = Barrier(THREADS)
    read_cells = cells.read

    def read_without_lock(codes, first, last, *, lock=False):
        found = read_cells(codes, first, last)
        everybody_has_read.wait(timeout=30)
        return found

    monkeypatch.setattr(cells, "read", read_without_lock)
    _run("ALTER TABLE inventory_capacity DROP CONSTRAINT capacity_never_oversold")
    try:
        together(lambda number: hold(scarce, quantity=1_000, daily_cap=1_000))

        assert Capacity.objects.filter(planned__gt=F("capacity")).exists()
        assert {breach.kind for breach in audit.find_breaches()} == {"cell_oversold"}
    finally:
        _run("UPDATE inventory_capacity SET planned = 0")
        _run(
            "ALTER TABLE inventory_capacity ADD CONSTRAINT capacity_never_oversold"
            " CHECK (planned <= capacity)"
        )


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_sixteen_that_hold_swap_book_and_release_never_deadlock_and_always_add_up(scarce):
    def live(number: int) -> None:
        random = Random(number)
        own: list[int] = []
        for _ in range(pick(6, 25)):
            ladas = random.sample(LADAS, random.randint(1, len(LADAS)))
            first = scarce + timedelta(days=random.randint(0, 2))
            wanted = {
                "ladas": ladas,
                "starts_on": first,
                "ends_on": first + timedelta(days=random.randint(0, 3)),
                "quantity": random.randint(1, 120),
            }
            with suppress(InventoryError):
                match random.choice(["hold", "hold", "change", "book", "release", "expire"]):
                    case "hold":
                        own.append(hold(scarce, **wanted).pk)
                    case "change" if own:
                        later = timezone.now() + timedelta(hours=1)
                        holds.change(random.choice(own), **wanted, expires_at=later)
                    case "book" if own:
                        reservations.book(random.choice(own))
                    case "release" if own:
                        reservations.release(own.pop(random.randrange(len(own))))
                    case "expire":
                        reservations.expire_due()

    together(live)

    assert not Capacity.objects.filter(planned__gt=F("capacity")).exists()
    promised = Reservation.objects.aggregate(total=Sum("quantity"))["total"]
    assert promised == Capacity.objects.aggregate(total=Sum("planned"))["total"]
    assert JournalEntry.objects.filter(action="hold").count() == Reservation.objects.count()
    assert audit.find_breaches() == []
