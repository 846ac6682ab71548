from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory import admission, allocations, availability, reservations
from inventory.errors import (
    DaysGone,
    DaysNotOpen,
    ExpiryGone,
    HoldExpired,
    InventoryError,
    NotEnoughInventory,
    NotHeld,
)
from inventory.models import Allocation, Capacity, JournalEntry, Reservation
from inventory.terms import Terms
from segments import gazetteer
from segments.models import Lada
from tests.inventory import holds

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
    return holds.hold(**wanted | changes)


def planned():
    return Capacity.objects.aggregate(total=Sum("planned"))["total"]


def actions(reservation):
    return list(reservation.journal.values_list("action", "quantity"))


def assert_consistent():
    """Assert that cells, allocations and reservations agree."""
    connection.check_constraints()
    assert cells_of(*Reservation.objects.all()) == {
        (cell.lada_id, cell.day): cell.planned for cell in Capacity.objects.filter(planned__gt=0)
    }


def cells_of(*reservations):
    """Return what some reservations have planned in each cell."""
    planned = Counter()
    for reservation in reservations:
        width = len(reservation.ladas)
        allocation = Allocation.objects.get(pk=reservation.pk)
        for place, quantity in enumerate(allocation.quantities):
            day = reservation.starts_on + timedelta(days=place // width)
            planned[reservation.ladas[place % width], day] += quantity
    return dict(+planned)


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
    ("wrong", "message"),
    [
        ({"quantity": 0}, "Pide entre 1 y 2,000,000,000"),
        ({"quantity": -5}, "Pide entre 1 y 2,000,000,000"),
        ({"quantity": 10**12}, "Pide entre 1 y 2,000,000,000"),
        ({"daily_cap": 0}, "El tope diario va de 1"),
        ({"ladas": []}, "Elige al menos una LADA"),
        ({"ladas": ["33", "999", "100", "12"]}, "Estas LADA no existen: 100, 12."),
        ({"ladas": ["33", "x"]}, "Esta LADA no existe: x."),
        ({"ends_on": timezone.localdate()}, "El último día es anterior al primero"),
        ({"starts_on": timezone.localdate() - timedelta(days=1)}, "ya pasó"),
        ({"ends_on": timezone.localdate() + timedelta(days=900)}, "más de 730 días"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_impossible_terms_are_refused_with_a_message(on_sale, wrong, message):
    with pytest.raises(InventoryError) as refused:
        hold(on_sale, **wrong)

    assert message in refused.value.message

    assert planned() == 0


def test_a_daily_cap_is_kept_on_every_day(on_sale):
    hold(on_sale, quantity=3_000, daily_cap=1_000)

    assert list(Reservation.objects.get().planned_by_day().values()) == [1_000, 1_000, 1_000]


def test_the_ladas_of_a_day_add_up_to_it_and_empty_ones_are_left_out(on_sale):
    hold(on_sale)
    found = Reservation.objects.get()
    second = on_sale + timedelta(days=1)

    assert sum(found.planned_by_lada(second).values()) == found.planned_by_day()[second]
    found.allocation.quantities = [1, 2, 0, 4, 5, 6]
    assert [found.planned_by_lada(on_sale + timedelta(days=day)) for day in range(3)] == [
        {"33": 1, "55": 2},
        {"55": 4},
        {"33": 5, "55": 6},
    ]


def test_booking_ends_the_expiry_and_keeps_the_allocation(on_sale):
    reservation = hold(on_sale)
    lines = cells_of(reservation)

    booked = reservations.book(reservation.pk)

    assert (booked.status, booked.expires_at) == (Status.BOOKED, None)
    assert cells_of(reservation) == lines
    assert actions(reservation) == [("hold", 30_000), ("book", 30_000)]


def test_a_hold_is_booked_once(on_sale):
    reservation = hold(on_sale)
    reservations.book(reservation.pk)

    with pytest.raises(NotHeld):
        reservations.book(reservation.pk)

    assert len(actions(reservation)) == 2


def test_a_hold_past_its_expiry_is_not_booked_even_before_it_is_released(on_sale):
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
    before = reservation.planned_by_day()[on_sale]

    freed = reservations.release(reservation.pk, from_day=second)

    reservation.refresh_from_db()
    assert freed == 30_000 - before
    assert (reservation.status, reservation.quantity) == (Status.BOOKED, before)
    assert Reservation.objects.get().planned_by_day() == {on_sale: before}
    assert_consistent()


def test_only_holds_past_their_expiry_are_released(on_sale):
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


def test_an_extended_hold_is_not_released(on_sale):
    reservation = hold(on_sale, expires_at=timezone.now() + timedelta(seconds=1))
    later = timezone.now() + timedelta(days=1)

    reservations.extend(reservation.pk, expires_at=later)

    assert reservations.expire_due(timezone.now() + timedelta(hours=1)) == 0
    with pytest.raises(HoldExpired):
        reservations.expire_due(later)
        reservations.extend(reservation.pk, expires_at=later)


def change(reservation, first, **changes):
    wanted = {
        "quantity": 30_000,
        "ladas": ["33", "55"],
        "starts_on": first,
        "ends_on": first + timedelta(days=2),
        "expires_at": timezone.now() + timedelta(hours=1),
    }
    return holds.change(reservation.pk, **wanted | changes)


def test_a_change_may_use_what_the_hold_gives_back(on_sale):
    free = Capacity.objects.get(lada="33", day=on_sale).free
    old = hold(on_sale, ladas=["33"], ends_on=on_sale, quantity=free)

    new = change(old, on_sale, ladas=["33"], ends_on=on_sale, quantity=free - 1)

    assert (new.pk, new.status) == (old.pk, Status.HELD)
    assert planned() == new.quantity == free - 1
    assert actions(new) == [("hold", free), ("change", free - 1)]
    assert_consistent()


def test_a_change_to_just_the_same_is_an_extension(on_sale):
    later = timezone.now() + timedelta(days=1)
    old = hold(on_sale, daily_cap=20_000)
    lines = cells_of(old)

    new = change(old, on_sale, daily_cap=20_000, expires_at=later)

    assert (new.pk, new.expires_at) == (old.pk, later)
    assert cells_of(new) == lines
    assert actions(new) == [("hold", 30_000), ("extend", 30_000)]


@pytest.mark.parametrize(
    "wanted",
    [
        {"quantity": 29_999},
        {"ladas": ["33"]},
        {"ladas": ["33", "222", "664"]},
        {"daily_cap": 10_000},
        {"daily_cap": None},
        {"ends_on": 6},
        {"starts_on": 3, "ends_on": 6, "ladas": ["999"], "quantity": 500},
    ],
    ids=str,
)
def test_a_change_of_anything_moves_the_hold_there(on_sale, wanted):
    old = hold(on_sale, daily_cap=20_000)
    for name in wanted.keys() & {"starts_on", "ends_on"}:
        wanted = wanted | {name: on_sale + timedelta(days=wanted[name])}

    new = change(old, on_sale, **{"daily_cap": 20_000} | wanted)

    assert new.pk == old.pk
    assert {name: getattr(new, name) for name in wanted} == wanted | (
        {"ladas": sorted(wanted["ladas"])} if "ladas" in wanted else {}
    )
    assert planned() == new.quantity
    assert actions(new)[-1] == ("change", new.quantity)
    assert_consistent()


def test_a_change_that_does_not_fit_leaves_the_hold_as_it_was(on_sale):
    old = hold(on_sale, ladas=["33"], ends_on=on_sale, quantity=100)
    lines = cells_of(old)

    with pytest.raises(NotEnoughInventory):
        change(old, on_sale, ladas=["33"], ends_on=on_sale, quantity=10**8)

    old.refresh_from_db()
    assert (old.status, old.quantity, planned()) == (Status.HELD, 100, 100)
    assert cells_of(old) == lines
    assert actions(old) == [("hold", 100)]
    assert_consistent()


def test_only_a_hold_is_changed(on_sale):
    booked = hold(on_sale)
    reservations.book(booked.pk)
    released = hold(on_sale)
    reservations.release(released.pk)
    expired = hold(on_sale, expires_at=timezone.now() - timedelta(seconds=1))
    reservations.expire_due()

    for reservation, refusal in (
        (booked, NotHeld),
        (released, NotHeld),
        (expired, HoldExpired),
    ):
        with pytest.raises(refusal):
            change(reservation, on_sale, quantity=1)

    assert planned() == 30_000


def test_a_hold_past_its_expiry_that_was_not_released_can_still_be_changed(on_sale):
    old = hold(on_sale, expires_at=timezone.now() - timedelta(seconds=1))

    new = change(old, on_sale, quantity=10_000)

    assert new.expires_at > timezone.now()
    assert reservations.expire_due() == 0
    assert planned() == 10_000


def test_a_hold_of_the_whole_country_needs_as_many_queries_as_a_small_one(on_sale):
    gazetteer.current()  # is read once
    counts = []
    for ladas in (["33"], list(Lada.objects.values_list("code", flat=True))):
        with CaptureQueriesContext(connection) as queries:
            hold(on_sale, ladas=ladas)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12


# ── other reservations are moved ─────────────────────────────────────────────


@pytest.fixture
def hundred(on_sale):
    """100 notifications in every cell."""
    Capacity.objects.update(gross=100, capacity=100)
    return on_sale


def test_a_reservation_is_moved_aside_within_its_day(hundred):
    flexible = hold(hundred, ladas=["33", "55"], ends_on=hundred, quantity=100)

    narrow = hold(hundred, ladas=["33"], ends_on=hundred, quantity=100)

    assert cells_of(narrow) == {("33", hundred): 100}
    assert cells_of(flexible) == {("55", hundred): 100}
    assert actions(flexible) == [("hold", 100), ("move", 50)]
    flexible.allocation.refresh_from_db()
    assert flexible.allocation.goals_revision == 1
    assert_consistent()


def test_a_reservation_is_moved_to_another_day_only_when_its_day_is_full(hundred):
    second = hundred + timedelta(days=1)
    flexible = hold(hundred, ladas=["33"], ends_on=second, quantity=100, daily_cap=100)

    fixed = hold(hundred, ladas=["33"], ends_on=hundred, quantity=100)

    assert cells_of(fixed) == {("33", hundred): 100}
    assert cells_of(flexible) == {("33", second): 100}
    flexible.allocation.refresh_from_db()
    assert flexible.allocation.goals_revision == 2
    assert_consistent()


def test_a_ceiling_keeps_a_reservation_from_moving(hundred):
    second = hundred + timedelta(days=1)
    hold(hundred, ladas=["33"], ends_on=second, quantity=100, daily_cap=70)

    with pytest.raises(NotEnoughInventory) as refused:
        hold(hundred, ladas=["33"], ends_on=hundred, quantity=71)

    assert (refused.value.requested, refused.value.fits) == (71, 70)
    assert refused.value.full == (hundred,)
    assert refused.value.paced == ()
    assert planned() == 100


def test_what_is_frozen_at_the_gateway_does_not_move(hundred):
    today = timezone.localdate()
    for day in (today, today + timedelta(days=1)):
        hold(day, ladas=["33", "55"], ends_on=day, quantity=100)

        with pytest.raises(NotEnoughInventory) as refused:
            hold(day, ladas=["33"], ends_on=day, quantity=51)

        assert refused.value.fits == 50


def test_holds_past_their_expiry_are_released_before_others_move(hundred):
    overdue = hold(hundred, ladas=["33"], ends_on=hundred, quantity=100, expires_at=timezone.now())

    hold(hundred, ladas=["33"], ends_on=hundred, quantity=100)

    overdue.refresh_from_db()
    assert overdue.status == Status.EXPIRED
    assert_consistent()


def test_a_change_has_others_move_too(hundred):
    flexible = hold(hundred, ladas=["33", "55"], ends_on=hundred, quantity=100)
    narrow = hold(hundred, ladas=["33"], ends_on=hundred, quantity=50)

    change(narrow, hundred, ladas=["33"], ends_on=hundred, quantity=100)

    assert cells_of(flexible) == {("55", hundred): 100}
    assert_consistent()


def at_risk(first, *, carried):
    """A hold of 100 in one cell whose capacity is less by now."""
    risky = hold(first, ladas=["33"], ends_on=first, quantity=100)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inventory_capacity SET planned = %s WHERE planned = 100", [carried])
        cursor.execute(
            "UPDATE inventory_allocation SET quantities = ARRAY[%s], at_risk = %s",
            [carried, 100 - carried],
        )
    Capacity.objects.filter(lada="33", day=first).update(gross=carried, capacity=carried)
    return risky


def test_notifications_at_risk_come_before_a_new_reservation(hundred):
    risky = at_risk(hundred, carried=60)
    Capacity.objects.filter(lada="33", day=hundred).update(gross=110, capacity=110)

    with pytest.raises(NotEnoughInventory) as refused:
        hold(hundred, ladas=["33"], ends_on=hundred, quantity=20)
    hold(hundred, ladas=["33"], ends_on=hundred, quantity=10)

    assert refused.value.fits == 10
    assert cells_of(risky) == {("33", hundred): 100}
    assert actions(risky)[-1] == ("repair", 40)
    assert_consistent()


@pytest.mark.parametrize("quantity", [10, 60])
def test_a_hold_at_risk_can_be_changed_to_what_fits(hundred, quantity):
    risky = at_risk(hundred, carried=60)

    change(risky, hundred, ladas=["33"], ends_on=hundred, quantity=quantity)

    assert cells_of(risky) == {("33", hundred): quantity}
    assert Allocation.objects.get().at_risk == 0
    assert_consistent()


def test_a_hold_at_risk_that_is_changed_leaves_no_other_at_risk_behind(hundred):
    other = at_risk(hundred, carried=60)
    old = hold(hundred, ladas=["55"], ends_on=hundred, quantity=100)

    changed = change(old, hundred, ladas=["81"], ends_on=hundred, quantity=100)

    assert cells_of(changed) == {("81", hundred): 100}
    assert Allocation.objects.get(pk=other.pk).at_risk == 40
    assert_consistent()


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(seconds=1), timedelta(days=400)], ids=str)
def test_an_expiry_that_is_not_in_the_future_is_refused_and_changes_nothing(on_sale, ago):
    kept = hold(on_sale)
    gone = timezone.now() - ago
    terms = Terms(10, ["33"], on_sale, on_sale)

    for attempt in (
        lambda: reservations.hold(terms, reference="LP-TEST22", expires_at=gone),
        lambda: reservations.change(kept.pk, terms, expires_at=gone),
        lambda: reservations.extend(kept.pk, expires_at=gone),
    ):
        with pytest.raises(ExpiryGone, match="ya pasó: elige una hora futura"):
            attempt()

    kept.refresh_from_db()
    assert (Reservation.objects.count(), kept.quantity, planned()) == (1, 30_000, 30_000)
    assert actions(kept) == [("hold", 30_000)]


@pytest.mark.parametrize("reads_before", [0, 1])
@pytest.mark.parametrize("quantity", [1, 10**9])
def test_midnight_between_two_reads_is_a_day_gone(on_sale, time_machine, quantity, reads_before):
    today = timezone.localdate()
    midnight = timezone.localtime().replace(hour=0, minute=0, second=1) + timedelta(days=1)
    live = allocations.read_all() if reads_before else None
    terms = Terms(quantity, ["33"], today, today + timedelta(days=1))
    terms.validate()
    time_machine.move_to(midnight)

    with pytest.raises(DaysGone):
        allocations.read_all().request(terms)
    with pytest.raises(DaysGone):
        admission.require_fit(terms, without=[])
    with pytest.raises(DaysGone):
        availability.check(terms)
    assert live is None or live.request(terms).first == 0


# ── constraints of the database ──────────────────────────────────────────────


def test_the_database_refuses_an_oversold_cell(on_sale):
    with pytest.raises(IntegrityError, match="capacity_never_oversold"), transaction.atomic():
        Capacity.objects.filter(lada="33", day=on_sale).update(planned=F("capacity") + 1)


def test_the_database_refuses_lines_that_do_not_add_up(on_sale):
    reservation = hold(on_sale)

    with pytest.raises(IntegrityError, match="adds up"), transaction.atomic():
        Reservation.objects.filter(pk=reservation.pk).update(quantity=29_999)
        connection.check_constraints()
    with pytest.raises(IntegrityError, match="adds up"), transaction.atomic():
        Allocation.objects.filter(pk=reservation.pk).update(at_risk=1)
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


@pytest.mark.parametrize(
    ("table", "array", "value"),
    [
        ("allocation", "quantities", "array_append(quantities[:5], NULL)"),
        ("allocation", "quantities", "ARRAY[NULL]::int[] || quantities[2:]"),
        ("allocation", "quantities", "ARRAY[[1, 2, 3], [4, 5, 6]]"),
        ("reservation", "daily_ceilings", "ARRAY[1, NULL, 3]"),
        ("reservation", "daily_ceilings", "ARRAY[NULL]::int[]"),
        ("reservation", "ladas", "ARRAY['33', NULL]"),
        ("reservation", "ladas", "ARRAY[['33'], ['55']]"),
    ],
)
def test_the_database_refuses_arrays_with_gaps(on_sale, table, array, value):
    hold(on_sale)

    with (
        pytest.raises(IntegrityError, match=f"{table}_{array}_has_no_gaps"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE inventory_{table} SET {array} = {value}")
    assert_consistent()
