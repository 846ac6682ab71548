from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum
from django.utils import timezone

from inventory import reservations
from inventory.errors import DaysNotOpen, HoldExpired, NotEnoughInventory, NotHeld
from inventory.models import Capacity, JournalEntry, Reservation, ReservationLine

Status = Reservation.Status


def hold(first, **changes):
    wanted = {
        "reference": "LP-TEST22",
        "quantity": 30_000,
        "ladas": ["33", "55"],
        "starts_on": first,
        "ends_on": first + timedelta(days=2),
        "expires_at": timezone.now() + timedelta(hours=1),
    }
    return reservations.hold(**wanted | changes)


def planned():
    return Capacity.objects.aggregate(total=Sum("planned"))["total"]


def actions(reservation):
    return list(reservation.journal.values_list("action", "quantity"))


def assert_consistent():
    """Cells, lines and promises say the same."""
    connection.check_constraints()
    for cell in Capacity.objects.annotate(lined=Sum("lines__quantity")).filter(planned__gt=0):
        assert cell.planned == cell.lined
    for reservation in Reservation.objects.annotate(lined=Sum("lines__quantity")):
        assert reservation.quantity == (reservation.lined or 0)


def test_a_hold_takes_exactly_its_quantity_from_its_own_cells(on_sale):
    reservation = hold(on_sale)

    cells = Capacity.objects.filter(planned__gt=0)
    assert planned() == 30_000
    assert set(cells.values_list("lada", flat=True)) == {"33", "55"}
    assert {cell.day for cell in cells} == {on_sale + timedelta(days=n) for n in range(3)}
    assert actions(reservation) == [("hold", 30_000)]
    assert_consistent()


def test_a_hold_leaves_nothing_behind_when_inventory_is_short(on_sale):
    free = Capacity.objects.filter(lada="33", day=on_sale).get().free

    with pytest.raises(NotEnoughInventory) as refused:
        hold(on_sale, ladas=["33"], ends_on=on_sale, quantity=free + 1)

    assert refused.value.fits == free
    assert f"{free:,}" in refused.value.message
    assert planned() == 0
    assert not Reservation.objects.exists()
    assert not JournalEntry.objects.exists()


def test_the_very_last_notification_can_be_held(on_sale):
    free = Capacity.objects.get(lada="33", day=on_sale).free

    hold(on_sale, ladas=["33"], ends_on=on_sale, quantity=free)

    assert Capacity.objects.get(lada="33", day=on_sale).free == 0
    with pytest.raises(NotEnoughInventory):
        hold(on_sale, ladas=["33"], ends_on=on_sale, quantity=1)


def test_days_that_are_not_on_sale_are_refused_by_date(on_sale):
    last = Capacity.objects.latest("day").day

    with pytest.raises(DaysNotOpen) as refused:
        hold(last, ends_on=last + timedelta(days=2))

    assert refused.value.days == [last + timedelta(days=1), last + timedelta(days=2)]
    assert planned() == 0


@pytest.mark.parametrize(
    "wrong", [{"quantity": 0}, {"quantity": -5}, {"ladas": []}, {"ends_on": timezone.localdate()}]
)
def test_a_hold_of_nothing_is_a_programming_error(on_sale, wrong):
    with pytest.raises(ValueError):
        hold(on_sale, **wrong)

    assert planned() == 0


def test_a_daily_cap_is_kept_on_every_day(on_sale):
    hold(on_sale, quantity=3_000, daily_cap=1_000)

    days = ReservationLine.objects.values("cell__day").annotate(total=Sum("quantity"))
    assert [day["total"] for day in days] == [1_000, 1_000, 1_000]


def test_booking_ends_the_expiry_and_keeps_every_line(on_sale):
    reservation = hold(on_sale)
    lines = list(reservation.lines.values_list("cell", "quantity"))

    booked = reservations.book(reservation.pk)

    assert (booked.status, booked.expires_at) == (Status.BOOKED, None)
    assert list(reservation.lines.values_list("cell", "quantity")) == lines
    assert actions(reservation) == [("hold", 30_000), ("book", 30_000)]


def test_a_hold_is_booked_once(on_sale):
    reservation = hold(on_sale)
    reservations.book(reservation.pk)

    with pytest.raises(NotHeld):
        reservations.book(reservation.pk)

    assert len(actions(reservation)) == 2


def test_an_expired_hold_is_not_booked_even_before_the_sweep(on_sale):
    reservation = hold(on_sale, expires_at=timezone.now())

    with pytest.raises(HoldExpired):
        reservations.book(reservation.pk)

    reservation.refresh_from_db()
    assert reservation.status == Status.HELD


def test_releasing_gives_everything_back_once(on_sale):
    reservation = hold(on_sale)

    assert reservations.release(reservation.pk) == 30_000
    assert reservations.release(reservation.pk) == 0

    reservation.refresh_from_db()
    assert (reservation.status, reservation.quantity) == (Status.RELEASED, 0)
    assert planned() == 0
    assert actions(reservation) == [("hold", 30_000), ("release", 30_000)]
    assert_consistent()


def test_releasing_from_a_day_keeps_what_comes_before_it(on_sale):
    reservation = hold(on_sale)
    reservations.book(reservation.pk)
    second = on_sale + timedelta(days=1)
    before = reservation.lines.filter(cell__day=on_sale).aggregate(total=Sum("quantity"))["total"]

    freed = reservations.release(reservation.pk, from_day=second)

    reservation.refresh_from_db()
    assert freed == 30_000 - before
    assert (reservation.status, reservation.quantity) == (Status.BOOKED, before)
    assert not reservation.lines.filter(cell__day__gte=second).exists()
    assert_consistent()


def test_only_holds_past_their_expiry_are_swept(on_sale):
    late = hold(on_sale, expires_at=timezone.now() - timedelta(seconds=1))
    fresh = hold(on_sale)
    booked = hold(on_sale)
    reservations.book(booked.pk)

    assert reservations.expire_due() == 1
    assert reservations.expire_due() == 0

    late.refresh_from_db()
    fresh.refresh_from_db()
    assert (late.status, fresh.status) == (Status.EXPIRED, Status.HELD)
    assert planned() == 60_000
    assert actions(late)[-1] == ("expire", 30_000)
    with pytest.raises(HoldExpired):
        reservations.book(late.pk)


def test_an_extended_hold_outlives_the_sweep(on_sale):
    reservation = hold(on_sale, expires_at=timezone.now() + timedelta(seconds=1))
    later = timezone.now() + timedelta(days=1)

    reservations.extend(reservation.pk, expires_at=later)

    assert reservations.expire_due(timezone.now() + timedelta(hours=1)) == 0
    with pytest.raises(HoldExpired):
        reservations.expire_due(later)
        reservations.extend(reservation.pk, expires_at=later)


def test_a_replacement_may_use_what_the_old_hold_gives_back(on_sale):
    free = Capacity.objects.get(lada="33", day=on_sale).free
    old = hold(on_sale, ladas=["33"], ends_on=on_sale, quantity=free)

    new = hold(on_sale, ladas=["33"], ends_on=on_sale, quantity=free - 1, replacing=old.pk)

    old.refresh_from_db()
    assert old.status == Status.RELEASED
    assert planned() == new.quantity == free - 1
    assert_consistent()


def test_a_replacement_by_just_the_same_is_an_extension(on_sale):
    later = timezone.now() + timedelta(days=1)
    old = hold(on_sale, daily_cap=20_000)
    lines = list(old.lines.values_list("cell", "quantity"))

    new = hold(on_sale, daily_cap=20_000, replacing=old.pk, expires_at=later)

    assert (new.pk, new.expires_at) == (old.pk, later)
    assert list(new.lines.values_list("cell", "quantity")) == lines
    assert planned() == 30_000


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 29_999},
        {"ladas": ["33"]},
        {"daily_cap": 10_000},
        {"daily_cap": None},
        {"expired": True},
    ],
    ids=str,
)
def test_a_replacement_by_anything_else_is_a_new_hold(on_sale, change):
    old = hold(on_sale, daily_cap=20_000)
    wanted = {"daily_cap": 20_000} | change
    if wanted.pop("expired", False):
        Reservation.objects.update(expires_at=timezone.now())

    new = hold(on_sale, **wanted, replacing=old.pk)

    old.refresh_from_db()
    assert new.pk != old.pk
    assert old.status == Status.RELEASED
    assert planned() == new.quantity
    assert_consistent()


def test_a_replacement_that_does_not_fit_leaves_the_old_hold(on_sale):
    old = hold(on_sale, ladas=["33"], ends_on=on_sale, quantity=100)

    with pytest.raises(NotEnoughInventory):
        hold(on_sale, ladas=["33"], ends_on=on_sale, quantity=10**8, replacing=old.pk)

    old.refresh_from_db()
    assert (old.status, planned()) == (Status.HELD, 100)
    assert_consistent()


# ── what the database keeps when the code forgets ────────────────────────────


def test_the_database_refuses_an_oversold_cell(on_sale):
    with pytest.raises(IntegrityError, match="capacity_never_oversold"), transaction.atomic():
        Capacity.objects.filter(lada="33", day=on_sale).update(planned=F("capacity") + 1)


def test_the_database_refuses_lines_that_do_not_add_up(on_sale):
    reservation = hold(on_sale)

    with pytest.raises(IntegrityError, match="add up"), transaction.atomic():
        Reservation.objects.filter(pk=reservation.pk).update(quantity=29_999)
        connection.check_constraints()


def test_the_database_refuses_a_changed_or_removed_journal(on_sale):
    reservation = hold(on_sale)

    for forbidden in (
        lambda: reservation.journal.update(quantity=1),
        lambda: reservation.journal.all().delete(),
    ):
        with pytest.raises(Exception, match="append_only"), transaction.atomic():
            forbidden()
    assert actions(reservation) == [("hold", 30_000)]
