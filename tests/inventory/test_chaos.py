"""The inventory under sixteen processes, some of them killed: exact to the last notification."""

from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from inventory import audit, reservations
from inventory.models import Allocation, Capacity, JournalEntry, Reservation
from portal.accounts.models import User
from tests.inventory import chaos
from tests.sizes import pick

pytestmark = pytest.mark.flow

SECONDS = pick(5, 20)


@pytest.fixture
def small_inventory(transactional_db):
    """Twelve LADAs on eight days, a few notifications each, and a user who may change capacity."""
    random = Random(1)
    for offset in range(chaos.DAYS):
        day = chaos.first_day() + timedelta(offset)
        for lada in chaos.LADAS:
            carried = random.randint(*chaos.CARRIED)
            Capacity.objects.create(lada_id=lada, day=day, gross=carried, capacity=carried)
    User.objects.create_superuser("inventario@telefonica.mx", "una-clave-larga-de-prueba")


def test_sixteen_processes_killed_at_random_leave_every_count_exact(small_inventory, tmp_path):
    report = chaos.run(tmp_path / "chaos", seconds=SECONDS)

    assert report.died == []
    assert audit.find_breaches() == []
    assert min(report.done.values()) > 0, report
    assert sum(report.done.values()) > chaos.ENOUGH, report
    assert report.killed > SECONDS, report
    assert JournalEntry.objects.filter(action="move").exists()

    _give_everything_back()

    assert audit.find_breaches() == []
    assert not Capacity.objects.filter(planned__gt=0).exists()
    assert not Allocation.objects.filter(at_risk__gt=0).exists()


def test_without_the_guard_the_same_sixteen_leave_counts_that_do_not_agree(
    small_inventory, tmp_path
):
    """The negative control: without the guard the test above fails."""
    found: set[str] = set()
    expected = {"cell_oversold", "cell_sum"}
    rounds = (tmp_path / f"chaos-{number}" for number in range(6))
    _run("ALTER TABLE inventory_capacity DROP CONSTRAINT capacity_never_oversold")
    try:
        while not found & expected:
            chaos.run(next(rounds), seconds=5, guarded=False)
            found |= {breach.kind for breach in audit.find_breaches()}
    finally:
        _run("UPDATE inventory_capacity SET planned = 0")
        _run(
            "ALTER TABLE inventory_capacity ADD CONSTRAINT capacity_never_oversold"
            " CHECK (planned <= capacity)"
        )


def _give_everything_back() -> None:
    reservations.expire_due(timezone.now() + timedelta(days=1))
    for reservation in Reservation.objects.live():
        reservations.release(reservation.pk)


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
