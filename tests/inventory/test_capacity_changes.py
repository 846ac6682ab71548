"""Changes of capacity: a refused one changes nothing, an applied one is exact to the unit."""

import io
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Barrier

import numpy as np
import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Sum
from django.utils import timezone

from inventory import (
    audit,
    capacity,
    capacity_changes,
    capacity_preview,
    reservations,
    tasks,
)
from inventory.capacity_changes import Adjust, Source
from inventory.capacity_csv import CellCapacity
from inventory.errors import (
    BadChange,
    ChangeDecided,
    NotAllowed,
    NotEnoughInventory,
    NothingChanges,
    ReservationsAtRisk,
)
from inventory.models import (
    Allocation,
    Capacity,
    CapacityChange,
    ClosedDay,
    JournalEntry,
    Reservation,
    SafetyShare,
)
from portal.accounts.models import User
from tests.inventory import holds

Status = CapacityChange.Status


@pytest.fixture
def planner(db):
    """Staff who may change the capacity."""
    user = User.objects.create_user("capacidad@telefonica.mx", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_the_capacity"))
    return user


@pytest.fixture
def first(on_sale):
    """The first day that may change, of ten on sale with 100 notifications in every cell."""
    Capacity.objects.update(gross=100, capacity=100)
    return timezone.localdate() + timedelta(2)


def hold(day, ladas, quantity, *, last=None, **changes):
    return holds.hold(
        **{
            "reference": "LP-TEST22",
            "ladas": ladas,
            "starts_on": day,
            "ends_on": last or day,
            "quantity": quantity,
            "daily_cap": quantity,
            "expires_at": timezone.now() + timedelta(hours=1),
        }
        | changes
    )


def set_to(day, counts, by):
    cells = [CellCapacity(day, lada, gross) for lada, gross in counts.items()]
    return capacity_changes.propose(Source.RANGE, by=by, cells=cells)


def close(days, by):
    return capacity_changes.propose(Source.CLOSED, by=by, closes=days, note="Mantenimiento")


def cell(day, lada):
    found = Capacity.objects.get(day=day, lada=lada)
    return found.gross, found.capacity, found.planned


def lines(reservation):
    """Return the plan of a reservation: {(day, LADA): notifications}."""
    found = Counter()
    for place, quantity in enumerate(Allocation.objects.get(pk=reservation.pk).quantities):
        day, lada = divmod(place, len(reservation.ladas))
        found[reservation.starts_on + timedelta(day), reservation.ladas[lada]] += quantity
    return dict(+found)


def risk(reservation):
    return Allocation.objects.get(pk=reservation.pk).at_risk


def actions(reservation):
    return list(reservation.journal.values_list("action", "quantity"))


def everything():
    """Return everything that a refused change must not change."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Capacity, Reservation, Allocation, JournalEntry, ClosedDay, SafetyShare)
    ]


def assert_exact():
    connection.check_constraints()
    assert audit.find_breaches() == []
    for reservation in Reservation.objects.live():
        assert reservation.quantity == sum(lines(reservation).values()) + risk(reservation)


# ── proposals ────────────────────────────────────────────────────────────────


def test_a_proposal_is_kept_and_changes_nothing(first, planner):
    before = everything()

    change = set_to(first, {"33": 70, "55": 100}, planner)

    change.refresh_from_db()
    assert (change.status, change.proposed_by) == (Status.PROPOSED, planner)
    assert (change.days, change.ladas, change.gross) == ([first], ["33"], [70])
    assert everything() == before


def test_a_preview_lists_changes_row_by_row(first, planner):
    hold(first, ["33"], 40)
    SafetyShare.objects.create(lada_id="33", percent=10)

    preview = capacity_preview.compute(set_to(first, {"33": 70, "55": 200}, planner))

    assert [row[:6] for row in preview.rows(10)] == [
        (first, "33", 100, 70, 100, 63),
        (first, "55", 100, 200, 100, 200),
    ]
    assert [row.planned for row in preview.rows(10)] == [40, 0]
    assert (preview.on_sale, preview.then_on_sale) == (200, 263)
    assert preview.risks == []
    assert len(list(preview.rows(1))) == 1


@pytest.mark.parametrize(
    ("day", "lada", "gross", "message"),
    [
        (2, "100", 1, "La LADA 100 no existe: corrígela."),
        (2, "55", -1, "Una LADA lleva de 0 a 100,000,000 notificaciones al día."),
        (2, "55", 100_000_001, "Una LADA lleva de 0 a 100,000,000 notificaciones al día."),
        (-1, "55", 1, "ya pasó: se cambia del"),
        (0, "55", 1, "ya está en la plataforma de entrega: se cambia del"),
        (1, "55", 101, "ya está en la plataforma de entrega: se cambia del"),
        (10, "55", 1, "no está a la venta en la LADA 55: llega al"),
        (100_000, "55", 1, "no está a la venta en la LADA 55: llega al"),
    ],
)
def test_an_impossible_cell_is_refused_with_a_message(first, planner, day, lada, gross, message):
    before = everything()
    cells = [
        CellCapacity(timezone.localdate() + timedelta(day), lada, gross),
        CellCapacity(first, "33", 5),
    ]

    with pytest.raises(BadChange) as refused:
        capacity_changes.propose(Source.CSV, by=planner, cells=cells)

    [problem] = refused.value.problems.listed
    assert message in problem.message
    assert message in refused.value.message
    assert everything() == before
    assert not CapacityChange.objects.exists()


def test_a_day_that_adds_up_to_too_much_is_refused(first, planner):
    ladas = list(Capacity.objects.filter(day=first).values_list("lada", flat=True))

    with pytest.raises(BadChange) as refused:
        set_to(first, dict.fromkeys(ladas[:11], 100_000_000), planner)

    total = 11 * 100_000_000 + (413 - 11) * 100
    assert f"sumaría {total:,}: un día lleva a lo más 1,000,000,000" in refused.value.message
    assert cell(first, ladas[0]) == (100, 100, 0)


def test_what_is_there_already_is_no_change(first, planner):
    with pytest.raises(NothingChanges):
        set_to(first, {"33": 100, "55": 100}, planner)

    assert not CapacityChange.objects.exists()


def test_days_at_the_gateway_may_be_named_as_they_are(first, planner):
    today = timezone.localdate()
    capacity.open_days(1, first=today - timedelta(1))
    Capacity.objects.filter(day=today - timedelta(1)).update(gross=100, capacity=100)
    cells = [CellCapacity(today + timedelta(n), "55", 100) for n in (-1, 0, 1)]

    change = capacity_changes.propose(
        Source.CSV, by=planner, cells=[*cells, CellCapacity(first, "55", 101)]
    )

    assert change.days == [first]


@pytest.mark.parametrize("days", [-1, 0, 1, 731])
def test_only_days_that_may_change_close(first, planner, days):
    with pytest.raises(BadChange):
        close([timezone.localdate() + timedelta(days)], planner)

    assert not ClosedDay.objects.exists()


def test_a_day_closes_for_a_reason(first, planner):
    with pytest.raises(BadChange, match="Di por qué se cierra"):
        capacity_changes.propose(Source.CLOSED, by=planner, closes=[first], note=" ")


@pytest.mark.parametrize("safety", [{"55": 91}, {"55": -1}, {"100": 5}])
def test_an_impossible_share_is_refused(first, planner, safety):
    with pytest.raises(BadChange):
        capacity_changes.propose(Source.SAFETY, by=planner, safety=safety)

    assert not SafetyShare.objects.exists()


def test_a_change_needs_the_permission_to_change_capacity(first, reviewer, planner):
    change = set_to(first, {"33": 70}, planner)

    for forbidden in (
        lambda: set_to(first, {"33": 60}, reviewer),
        lambda: capacity_changes.propose_file(io.BytesIO(b"x"), by=reviewer),
        lambda: capacity_changes.apply(change.pk, by=reviewer),
        lambda: capacity_changes.discard(change.pk, by=reviewer),
    ):
        with pytest.raises(NotAllowed):
            forbidden()

    change.refresh_from_db()
    assert change.status == Status.PROPOSED
    assert cell(first, "33") == (100, 100, 0)


@pytest.mark.parametrize(
    ("how", "amount", "left"),
    [
        (Adjust.SET, 7, 7),
        (Adjust.PERCENT, 90, 91),
        (Adjust.PERCENT, 150, 152),
        (Adjust.ADD, 50, 151),
        (Adjust.ADD, -60, 41),
        (Adjust.ADD, -500, 0),
    ],
)
def test_a_range_is_set_scaled_or_shifted(first, how, amount, left):
    Capacity.objects.filter(lada="33", day=first).update(gross=101, capacity=100)
    beyond = first + timedelta(100)

    cells = capacity_changes.adjusted(["33"], [first, beyond], how, amount)

    assert cells == [CellCapacity(first, "33", left)]


# ── applying ─────────────────────────────────────────────────────────────────


def test_an_applied_change_is_exact_and_records_who_and_when(first, planner):
    hold(first, ["33"], 40)
    change = set_to(first, {"33": 70, "55": 200}, planner)

    capacity_changes.apply(change.pk, by=planner)

    change.refresh_from_db()
    assert cell(first, "33") == (70, 70, 40)
    assert cell(first, "55") == (200, 200, 0)
    assert Capacity.objects.filter(gross=100).count() == 413 * 10 - 2
    assert (change.status, change.applied_by) == (Status.APPLIED, planner)
    assert change.applied_at is not None
    assert (change.cells_changed, change.at_risk) == (2, 0)
    assert (change.capacity_before, change.capacity_after) == (200, 270)
    assert_exact()


def test_a_change_is_applied_or_discarded_once(first, planner):
    applied, discarded = set_to(first, {"33": 70}, planner), set_to(first, {"55": 70}, planner)
    capacity_changes.apply(applied.pk, by=planner)
    capacity_changes.discard(discarded.pk, by=planner)
    before = everything()

    for change, status in ((applied, "Aplicado"), (discarded, "Descartado")):
        for decide in (capacity_changes.apply, capacity_changes.discard):
            with pytest.raises(ChangeDecided, match=f"ya está «{status}»"):
                decide(change.pk, by=planner)

    assert everything() == before


def test_a_change_that_only_needs_others_to_move_is_no_risk(first, planner):
    flexible = hold(first, ["33", "55"], 100)
    narrow = hold(first, ["55"], 50)
    assert lines(flexible) == {(first, "33"): 50, (first, "55"): 50}
    change = set_to(first, {"33": 70, "55": 80}, planner)

    assert capacity_preview.compute(change).risks == []
    capacity_changes.apply(change.pk, by=planner)

    assert lines(flexible) == {(first, "33"): 70, (first, "55"): 30}
    assert lines(narrow) == {(first, "55"): 50}
    assert actions(flexible)[-1] == ("move", 20)
    assert risk(flexible) == risk(narrow) == 0
    assert_exact()


def test_notifications_may_move_into_capacity_that_the_same_change_adds(first, planner):
    """No order of writing cells satisfies the database's check: 33 shrinks as 55 grows."""
    flexible = hold(first, ["33", "55"], 200)
    change = set_to(first, {"33": 0, "55": 200}, planner)

    capacity_changes.apply(change.pk, by=planner)

    assert lines(flexible) == {(first, "55"): 200}
    assert cell(first, "33") == (0, 0, 0)
    assert cell(first, "55") == (200, 200, 200)
    assert_exact()


def test_a_closed_day_moves_its_reservations_to_other_days_and_raises_their_goals(first, planner):
    later = first + timedelta(1)
    flexible = hold(first, ["33"], 100, last=later)
    before = flexible.allocation.goals_revision
    assert lines(flexible) == {(first, "33"): 50, (later, "33"): 50}

    capacity_changes.apply(close([later], planner).pk, by=planner)

    assert lines(flexible) == {(first, "33"): 100}
    assert Allocation.objects.get(pk=flexible.pk).goals_revision == before + 1
    assert not Capacity.objects.filter(day=later, capacity__gt=0).exists()
    assert Capacity.objects.filter(day=later, gross=100).count() == 413
    assert ClosedDay.objects.get().reason == "Mantenimiento"
    assert_exact()


def test_a_daily_ceiling_keeps_a_reservation_from_leaving_a_closed_day(first, planner):
    later = first + timedelta(1)
    paced = hold(first, ["33"], 100, last=later, daily_cap=70)

    change = close([later], planner)

    [found] = capacity_preview.compute(change).risks
    assert (found.reservation.pk, found.more) == (paced.pk, 30)


def tops(reservation):
    return Reservation.objects.get(pk=reservation.pk).daily_ceilings


def test_after_a_closed_day_an_even_pace_has_higher_ceilings_on_the_others(first, planner):
    last = first + timedelta(2)
    even = hold(first, ["33"], 90, last=last, daily_cap=None)
    reservations.book(even.pk)
    assert tops(even) == [45, 45, 45]

    change = close([last], planner)
    assert capacity_preview.compute(change).repaced == 1
    capacity_changes.apply(change.pk, by=planner)

    assert tops(even) == [68, 68, 45]
    assert sum(lines(even).values()) == 90
    assert (risk(even), (last, "33") in lines(even)) == (0, False)
    assert ("pace", 46) in actions(even)
    assert even.journal.get(action="pace").ceilings == [68, 68, 45]
    assert_exact()


def test_without_planning_ceilings_again_it_is_at_risk(first, planner, monkeypatch):
    """The negative control of the test above: half of what the closed day had has no place."""
    monkeypatch.setattr("inventory.planning.pacing.raised", lambda snapshot, *_: snapshot)
    even = hold(first, ["33"], 100, last=first + timedelta(1), daily_cap=None)

    [found] = capacity_preview.compute(close([first + timedelta(1)], planner)).risks

    assert (found.reservation.pk, found.more) == (even.pk, 25)


def test_ceilings_are_never_lowered_again(first, planner):
    last = first + timedelta(1)
    even = hold(first, ["33"], 90, last=last, daily_cap=None)
    capacity_changes.apply(close([last], planner).pk, by=planner)
    assert tops(even) == [135, 68]

    change = capacity_changes.propose(Source.CLOSED, by=planner, opens=[last])
    capacity_changes.apply(change.pk, by=planner)

    assert tops(even) == [135, 68]
    assert_exact()


@pytest.mark.parametrize("how", ["a daily cap", "other cells", "given back"])
def test_other_ceilings_stay(how, first, planner):
    last = first + timedelta(2)
    cap = 45 if how == "a daily cap" else None
    other = hold(first, ["33"], 90, last=last, daily_cap=cap)
    if how == "given back":
        reservations.release(other.pk, from_day=first + timedelta(1))
    before = tops(other)

    if how == "other cells":
        change = set_to(first, {"55": 10, "81": 300}, planner)
    else:
        change = close([first], planner)
    capacity_changes.apply(change.pk, by=planner, accept_risk=True)

    assert tops(other) == before
    assert not other.journal.filter(action="pace").exists()
    assert_exact()


def test_a_refused_change_raises_no_ceiling(first, planner):
    hold(first, ["33"], 100, last=first + timedelta(1), daily_cap=None)
    hold(first, ["33"], 80, last=first + timedelta(1), daily_cap=80)
    change = close([first], planner)
    before = everything()

    with pytest.raises(ReservationsAtRisk):
        capacity_changes.apply(change.pk, by=planner)

    assert everything() == before


def test_what_was_at_risk_under_frozen_ceilings_is_repaired_under_higher_ones(first, planner):
    """As of a change from before ceilings were planned again."""
    even = hold(first, ["33"], 90, last=first + timedelta(2), daily_cap=None)
    with pytest.MonkeyPatch.context() as frozen:
        frozen.setattr("inventory.planning.pacing.raised", lambda snapshot, *_: snapshot)
        change = close([first, first + timedelta(1)], planner)
        capacity_changes.apply(change.pk, by=planner, accept_risk=True)
    assert risk(even) == 45

    assert reservations.repair() == 45

    assert tops(even) == [45, 45, 135]
    assert lines(even) == {(first + timedelta(2), "33"): 90}
    assert reservations.repair() == 0
    assert_exact()


def test_a_hold_finds_the_inventory_as_a_repair_would_leave_it(first, planner):
    """What is at risk comes first, under its higher ceilings: less is free than without it."""
    last = first + timedelta(1)
    even = hold(first, ["33"], 90, last=last, daily_cap=None)
    with pytest.MonkeyPatch.context() as frozen:
        frozen.setattr("inventory.planning.pacing.raised", lambda snapshot, *_: snapshot)
        capacity_changes.apply(close([first], planner).pk, by=planner, accept_risk=True)
    assert risk(even) == 22

    with pytest.raises(NotEnoughInventory) as refused:
        hold(last, ["33"], 11)
    assert refused.value.fits == 10
    hold(last, ["33"], 10)

    assert lines(even) == {(last, "33"): 90}
    assert_exact()


def test_reopening_a_day_gives_back_what_was_on_sale(first, planner, settings):
    settings.SAFETY_PERCENT = 10
    capacity_changes.apply(close([first], planner).pk, by=planner)

    change = capacity_changes.propose(Source.CLOSED, by=planner, opens=[first])
    capacity_changes.apply(change.pk, by=planner)

    assert cell(first, "33") == (100, 90, 0)
    assert not ClosedDay.objects.exists()
    assert_exact()


def test_a_day_that_is_not_open_yet_opens_closed(first, planner):
    beyond = timezone.localdate() + timedelta(10)

    capacity_changes.apply(close([beyond], planner).pk, by=planner)
    capacity.open_days(11)

    assert not Capacity.objects.filter(day=beyond).exclude(capacity=0).exists()
    assert Capacity.objects.filter(day=beyond, gross__gt=0).exists()


def test_a_safety_share_counts_from_the_first_day_that_may_change(first, planner, settings):
    share = capacity_changes.propose(Source.SAFETY, by=planner, safety={"33": 15})
    capacity_changes.apply(share.pk, by=planner)

    assert cell(first, "33") == (100, 85, 0)
    assert cell(first - timedelta(1), "33") == (100, 100, 0)
    assert cell(first, "55") == (100, 100, 0)
    assert SafetyShare.objects.get(pk="33").percent == 15
    share.refresh_from_db()
    assert share.cells_changed == 8

    settings.SAFETY_PERCENT = 5
    usual = capacity_changes.propose(Source.SAFETY, by=planner, safety={"33": None, "55": None})
    capacity_changes.apply(usual.pk, by=planner)

    assert cell(first, "33") == cell(first, "55") == (100, 95, 0)
    assert not SafetyShare.objects.exists()
    assert_exact()


# ── reservations at risk ─────────────────────────────────────────────────────


@pytest.fixture
def breaking(first, planner):
    """A loss of 60 of 100 in a cell that an old booking, a new booking and a hold share."""
    old = hold(first, ["33"], 30, reference="LP-OLD")
    held = hold(first, ["33"], 20, reference="LP-HELD")
    young = hold(first, ["33"], 40, reference="LP-YOUNG")
    reservations.book(old.pk)
    reservations.book(young.pk)
    return old, young, held, set_to(first, {"33": 40}, planner)


def test_a_breaking_change_is_refused_with_the_reservations_and_nothing_changes(breaking, planner):
    _old, young, held, change = breaking
    before = everything()

    with pytest.raises(ReservationsAtRisk) as refused:
        capacity_changes.apply(change.pk, by=planner)

    assert refused.value.at_risk == {young.pk: 30, held.pk: 20}
    assert "deja sin lugar 50 notificaciones de 2 apartados" in refused.value.message
    change.refresh_from_db()
    assert change.status == Status.PROPOSED
    assert everything() == before


def test_the_preview_names_the_reservations_at_risk_the_largest_first(breaking):
    _old, young, held, change = breaking

    preview = capacity_preview.compute(change)

    assert [(r.reservation.pk, r.now, r.then) for r in preview.risks] == [
        (young.pk, 0, 30),
        (held.pk, 0, 20),
    ]
    assert preview.more_at_risk == 50


def test_an_accepted_risk_is_exact_and_stays_listed_until_capacity_comes_back(
    breaking, first, planner
):
    old, young, held, change = breaking

    capacity_changes.apply(change.pk, by=planner, accept_risk=True)

    change.refresh_from_db()
    assert change.at_risk == 50
    assert cell(first, "33") == (40, 40, 40)
    assert [risk(reservation) for reservation in (old, young, held)] == [0, 30, 20]
    assert lines(old) == {(first, "33"): 30}
    assert lines(young) == {(first, "33"): 10}
    assert actions(held)[-1] == ("risk", 20)
    assert Reservation.objects.get(pk=young.pk).quantity == 40
    assert_exact()
    with pytest.raises(NotEnoughInventory):
        hold(first, ["33"], 1)
    tasks.repair_reservations()
    assert Allocation.objects.filter(at_risk__gt=0).count() == 2

    capacity_changes.apply(set_to(first, {"33": 70}, planner).pk, by=planner)

    assert [risk(reservation) for reservation in (old, young, held)].count(0) >= 1
    assert Allocation.objects.aggregate(total=Sum("at_risk"))["total"] == 20
    assert_exact()
    Capacity.objects.filter(lada="33", day=first).update(gross=90, capacity=90)
    tasks.repair_reservations()
    assert not Allocation.objects.filter(at_risk__gt=0).exists()
    assert lines(held) == {(first, "33"): 20}
    assert actions(held)[-1] == ("repair", 20)
    assert_exact()


def test_a_risk_larger_than_the_one_seen_is_refused(breaking, planner):
    *_reservations, change = breaking
    before = everything()

    with pytest.raises(ReservationsAtRisk):
        capacity_changes.apply(change.pk, by=planner, accept_risk=True, up_to=49)
    assert everything() == before

    capacity_changes.apply(change.pk, by=planner, accept_risk=True, up_to=50)
    assert_exact()


def test_what_was_at_risk_before_takes_no_place_of_what_is_moved_now(first, planner):
    lost = hold(first, ["33"], 50)
    capacity_changes.apply(set_to(first, {"33": 0}, planner).pk, by=planner, accept_risk=True)
    flexible = hold(first, ["55", "81"], 60)
    change = capacity_changes.propose(
        Source.RANGE,
        by=planner,
        cells=[
            CellCapacity(first, "55", 0),
            CellCapacity(first, "81", 60),
            CellCapacity(first, "33", 20),
        ],
    )

    preview = capacity_preview.compute(change)
    capacity_changes.apply(change.pk, by=planner)

    assert preview.risks == []
    assert lines(flexible) == {(first, "81"): 60}
    assert risk(lost) == 30
    assert_exact()


def test_holds_past_their_expiry_are_not_at_risk(first, planner):
    overdue = hold(first, ["33"], 100, expires_at=timezone.now())

    capacity_changes.apply(set_to(first, {"33": 0}, planner).pk, by=planner)

    overdue.refresh_from_db()
    assert overdue.status == Reservation.Status.EXPIRED
    assert_exact()


def test_what_is_at_the_gateway_never_changes(first, planner):
    tomorrow = first - timedelta(1)
    running = hold(tomorrow, ["33"], 150, last=first)
    frozen = lines(running)[tomorrow, "33"]
    change = set_to(first, {"33": 0}, planner)

    capacity_changes.apply(change.pk, by=planner, accept_risk=True)

    assert lines(running) == {(tomorrow, "33"): frozen}
    assert risk(running) == 150 - frozen
    assert_exact()


def test_a_change_is_refused_once_its_day_is_at_the_gateway(first, planner, time_machine):
    change = set_to(first, {"33": 70}, planner)
    before = everything()

    time_machine.move_to(timezone.now() + timedelta(days=1))

    assert capacity_preview.compute(change).problems.count == 1
    with pytest.raises(BadChange, match="ya está en la plataforma de entrega"):
        capacity_changes.apply(change.pk, by=planner)
    assert everything() == before


def test_random_changes_of_a_nearly_full_inventory_stay_exact(first, planner):
    random = np.random.default_rng(7)
    ladas = ["33", "55", "81", "222", "664", "999"][:5]
    for number in range(40):
        chosen = sorted(random.choice(ladas, size=random.integers(1, 4), replace=False).tolist())
        start = first + timedelta(int(random.integers(0, 5)))
        last = start + timedelta(int(random.integers(0, 3)))
        try:
            reservation = hold(start, chosen, int(random.integers(1, 150)), last=last, daily_cap=90)
        except NotEnoughInventory:
            continue
        if number % 2:
            reservations.book(reservation.pk)
    for _ in range(6):
        days = [first + timedelta(int(n)) for n in random.choice(8, size=3, replace=False)]
        cells = [
            CellCapacity(day, lada, int(random.integers(0, 140))) for day in days for lada in ladas
        ]
        change = capacity_changes.propose(Source.RANGE, by=planner, cells=cells)
        expected = capacity_preview.compute(change).more_at_risk
        capacity_changes.apply(change.pk, by=planner, accept_risk=True)
        change.refresh_from_db()
        assert change.at_risk == expected
        assert_exact()
        assert reservations.repair() == 0  # what the change left at risk has no place at all


# ── as a file ────────────────────────────────────────────────────────────────


def test_an_export_that_nobody_touched_changes_nothing(on_sale, planner):
    last = timezone.localdate() + timedelta(9)
    file = "".join(capacity.as_csv(timezone.localdate(), last)).encode()
    before = everything()

    with pytest.raises(NothingChanges):
        capacity_changes.propose_file(io.BytesIO(file), by=planner)

    assert everything() == before


def test_an_export_with_one_count_changed_changes_one_cell(first, planner):
    file = "".join(capacity.as_csv(first, first)).replace("55,Ciudad de México,100", "55,x,130")

    change = capacity_changes.propose_file(io.BytesIO(file.encode()), by=planner)
    capacity_changes.apply(change.pk, by=planner)

    assert cell(first, "55") == (130, 130, 0)
    assert Capacity.objects.filter(gross=100).count() == 413 * 10 - 1


def test_all_that_is_wrong_with_a_file_comes_in_the_order_of_its_lines(first, planner):
    tomorrow = first - timedelta(1)
    rows = [
        "lada,dia,capacidad",
        f"100,{first},1",
        f"55,{first},uno",
        f"55,{tomorrow},1",
        f"33,{first},100000001",
        f"81,{first + timedelta(60)},1",
        f"81,{first},1",
    ]
    before = everything()

    with pytest.raises(BadChange) as refused:
        capacity_changes.propose_file(io.BytesIO("\n".join(rows).encode()), by=planner)

    assert [(p.line, p.column) for p in refused.value.problems.listed] == [
        (2, "lada"),
        (3, "capacidad"),
        (4, "dia"),
        (5, "capacidad"),
        (6, "dia"),
    ]
    assert everything() == before
    assert not CapacityChange.objects.exists()


def test_too_much_on_a_day_is_named_at_its_first_line(first, planner):
    ladas = list(Capacity.objects.filter(day=first).values_list("lada", flat=True))[:11]
    rows = ["dia,lada,capacidad", *(f"{first},{lada},100000000" for lada in ladas)]

    with pytest.raises(BadChange) as refused:
        capacity_changes.propose_file(io.BytesIO("\n".join(rows).encode()), by=planner)

    [problem] = refused.value.problems.listed
    assert (problem.line, problem.column) == (2, "capacidad")


def run(tmp_path, text, *given):
    file = tmp_path / "capacidad.csv"
    file.write_text(text)
    out = StringIO()
    call_command("import_capacity", str(file), *given, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_changes_first_and_may_only_check(first, planner, tmp_path):
    text = f"dia,lada,capacidad\n{first:%d/%m/%Y},33,70\n"
    who = f"--by={planner.email}"

    looked = run(tmp_path, text, who, "--dry-run")
    assert cell(first, "33") == (100, 100, 0)
    assert not CapacityChange.objects.exists()
    done = run(tmp_path, text, who)

    assert "1 cells change: 100 on sale before, 70 after." in looked
    assert "Applied." in done
    assert cell(first, "33") == (70, 70, 0)
    assert CapacityChange.objects.get().note == "capacidad.csv"
    assert "no cambia nada" in run(tmp_path, text, who)


def test_the_command_refuses_what_puts_reservations_at_risk_unless_accepted(
    first, planner, tmp_path
):
    hold(first, ["33"], 80)
    text = f"dia,lada,capacidad\n{first},33,70\n"
    who = f"--by={planner.email}"

    with pytest.raises(CommandError, match="deja sin lugar 10 notificaciones") as refused:
        run(tmp_path, text, who)
    assert refused.value.returncode == 1
    assert cell(first, "33") == (100, 100, 80)
    assert not CapacityChange.objects.exclude(status=Status.DISCARDED).exists()

    assert "At risk: LP-TEST22, 10." in run(tmp_path, text, who, "--accept-risk")
    assert cell(first, "33") == (70, 70, 70)
    assert_exact()


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        ("dia,lada,capacidad\nx,55,1\n", [], "línea 2, dia: «x» no es una fecha"),
        ("dia,lada,capacidad\n" + "x,55,1\n" * 150, [], "y 50 más"),
        ("", [], "El archivo está vacío."),
        ("x", ["--by=nadie@telefonica.mx"], "Nobody has the e-mail"),
    ],
)
def test_the_command_lists_what_is_wrong(first, planner, tmp_path, text, given, message):
    with pytest.raises(CommandError, match=message):
        run(tmp_path, text, *(given or [f"--by={planner.email}"]))

    assert not Capacity.objects.exclude(gross=100).exists()


def test_the_command_reports_a_missing_file(planner, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_capacity", str(tmp_path / "x.csv"), f"--by={planner.email}")


# ── at once ──────────────────────────────────────────────────────────────────


def together(works):
    """Run each in its own thread at the same moment; return what each returned or raised."""
    barrier = Barrier(len(works))

    def run_one(work):
        try:
            barrier.wait(timeout=30)
            return work()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result(timeout=60) for done in [pool.submit(run_one, work) for work in works]]


def test_of_two_who_apply_at_once_one_wins(transactional_db, first, planner):
    change = set_to(first, {"33": 70}, planner)
    User.objects.create_superuser("otra@telefonica.mx")
    people = [planner, User.objects.get(email="otra@telefonica.mx")]

    outcomes = together([lambda p=p: capacity_changes.apply(change.pk, by=p) for p in people])

    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(error) for error in refused] == [ChangeDecided]
    change.refresh_from_db()
    assert change.applied_by in people
    assert cell(first, "33") == (70, 70, 0)


def test_a_hold_and_a_change_at_once_never_oversell(transactional_db, first, planner):
    for number in range(10):
        day = first + timedelta(number % 8)
        change = capacity_changes.propose(
            Source.RANGE, by=planner, cells=[CellCapacity(day, "664", 50 + number)]
        )

        together(
            [
                lambda day=day: hold(day, ["664"], 60),
                lambda change=change: capacity_changes.apply(change.pk, by=planner),
            ]
        )

        assert not Capacity.objects.filter(planned__gt=F("capacity")).exists()
        assert_exact()
        for reservation in Reservation.objects.live():
            reservations.release(reservation.pk)
