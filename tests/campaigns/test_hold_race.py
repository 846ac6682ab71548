"""Approval and expiry at the same instant: a hold is booked or it expires, never both."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from queue import Queue
from random import Random
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import AdOrder, Campaign
from inventory import locks, reservations
from inventory.errors import HoldExpired, NotHeld
from inventory.models import Capacity, Reservation
from inventory.terms import Terms
from tests.sizes import pick

APPROVALS, BOOKINGS = pick((20, 80), (200, 800))
QUANTITY = 10
PATIENCE = 60  # seconds


class Rival:
    """A thread with its own connection that runs functions at given moments."""

    def __init__(self) -> None:
        self._jobs: Queue[tuple[datetime, Callable[[], Any]] | None] = Queue()
        self._done: Queue[Any] = Queue()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def at(self, moment: datetime, work: Callable[[], Any]) -> None:
        self._jobs.put((moment, work))

    def outcome(self) -> Any:
        done = self._done.get(timeout=PATIENCE)
        if isinstance(done, BaseException):
            raise done
        return done

    def end(self) -> None:
        self._jobs.put(None)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        connection.ensure_connection()
        while (job := self._jobs.get()) is not None:
            moment, work = job
            while (left := (moment - timezone.now()).total_seconds()) > 0:
                time.sleep(min(left, 0.0005))
            try:
                self._done.put(work())
            except BaseException as error:
                self._done.put(error)
        connection.close()


@contextmanager
def rivals() -> Iterator[tuple[Rival, Rival]]:
    pair = Rival(), Rival()
    try:
        yield pair
    finally:
        for rival in pair:
            rival.end()


@pytest.fixture
def first_day(transactional_db, on_sale):
    Capacity.objects.exclude(lada="33", day=on_sale).delete()
    return on_sale


@pytest.fixture
def bare(first_day):
    """Return a hold, and a function that books it."""

    def make() -> tuple[Reservation, Callable[[], object]]:
        held = reservations.hold(
            Terms(
                quantity=QUANTITY,
                ladas=["33"],
                starts_on=first_day,
                ends_on=first_day,
            ),
            reference="LP-TEST22",
            expires_at=timezone.now() + timedelta(hours=1),
        )
        return held, lambda: reservations.book(held.pk)

    return make


@pytest.fixture
def in_review(first_day, brand, editor, reviewer, terms):
    """Return the hold of a campaign in review, and a function that approves it."""
    wanted = terms | {"area": {"ladas": ["33"]}, "ends_on": first_day, "volume": QUANTITY}

    def make() -> tuple[Reservation, Callable[[], object]]:
        campaign = lifecycle.draft(brand.pk, wanted, by=editor)
        lifecycle.submit(campaign.pk, by=editor)
        lifecycle.hold_submitted()
        held = Reservation.objects.get(reference=campaign.folio)
        return held, lambda: lifecycle.approve(campaign.pk, version=1, by=reviewer)

    return make


class Aim:
    """The time before the expiry at which a decision starts, in milliseconds, so that both may win.

    The time that a decision takes until it reads the clock differs between machines:
    after a win it starts a little later, after a loss a little earlier.
    """

    def __init__(self, head_start: float) -> None:
        self.head_start = head_start

    def correct(self, outcome: str) -> None:
        self.head_start += 0.25 if outcome == "expired" else -0.25


def race(
    pair: tuple[Rival, Rival],
    held: Reservation,
    decide: Callable[[], object],
    aim: Aim,
    random: Random,
) -> str:
    """Run a decision and a sweep around the instant of expiry; return the outcome."""
    expires_at = timezone.now() + timedelta(milliseconds=max(aim.head_start, 0) + 4)
    Reservation.objects.filter(pk=held.pk).update(expires_at=expires_at)

    def decided() -> bool:
        try:
            decide()
        except (HoldExpired, NotHeld):
            return False
        return True

    decider, sweeper = pair
    decider.at(around(expires_at, random, early=aim.head_start), decided)
    sweeper.at(around(expires_at, random, early=0), reservations.expire_due)
    accepted = decider.outcome()
    sweeper.outcome()
    if not accepted:
        reservations.expire_due(expires_at)  # where both came too early or too late
    outcome = checked_outcome(held, accepted=accepted)
    aim.correct(outcome)
    return outcome


def around(moment: datetime, random: Random, *, early: float) -> datetime:
    return moment + timedelta(milliseconds=random.uniform(-3, 3) - early)


def checked_outcome(held: Reservation, *, accepted: bool) -> str:
    """Return `booked` or `expired`; fail if it is both or neither."""
    held = Reservation.objects.select_related("allocation").get(pk=held.pk)
    entries = list(held.journal.values_list("action", "quantity"))
    ending = entries[1:]
    if accepted:
        assert ending == [("book", QUANTITY)]
        assert (held.status, held.quantity, held.expires_at) == ("booked", QUANTITY, None)
        assert held.allocation.quantities == [QUANTITY]
        return "booked"
    assert ending == [("expire", QUANTITY)]
    assert (held.status, held.quantity) == ("expired", 0)
    assert held.allocation.quantities == [0]
    return "expired"


def approved_or_not(held: Reservation) -> str:
    """Return the outcome by the campaign: it has an order if, and only if, it is approved."""
    campaign = Campaign.objects.get(folio=held.reference)
    ordered = AdOrder.objects.filter(campaign=campaign).exists()
    assert ordered == (campaign.status == Campaign.Status.APPROVED)
    return "booked" if ordered else "expired"


def test_holds_are_booked_or_expire_at_the_same_instant(bare, in_review, settings):
    settings.OPEN_HOLDS_PER_BRAND = 10_000  # what expired stays in review until its first day
    random, booked = Random(3), 0

    with rivals() as pair:
        for make, least, aim in ((in_review, APPROVALS, Aim(9)), (bare, BOOKINGS, Aim(1))):
            outcomes = Counter[str]()
            while outcomes.total() < least or len(outcomes) < 2:
                assert outcomes.total() < 1_000, f"only one side ever wins: {outcomes}"
                held, decide = make()
                outcome = race(pair, held, decide, aim, random)
                outcomes[outcome] += 1
                if make is in_review:
                    assert approved_or_not(held) == outcome
            booked += outcomes["booked"]
            assert Capacity.objects.get().planned == QUANTITY * booked


def test_without_lock_and_check_the_same_hold_is_booked_and_expires(bare, monkeypatch):
    """The negative control: the sweep does not check its list again under the lock."""

    @transaction.atomic
    def expire_what_was_due(reservation_id, now):
        locks.shared()
        time.sleep(0.01)
        reservations._free(
            Reservation.objects.get(pk=reservation_id),
            Reservation.Status.EXPIRED,
            reservations.Action.EXPIRE,
        )
        return True

    random, aim = Random(3), Aim(1)
    monkeypatch.setattr(reservations, "_expire", expire_what_was_due)

    with rivals() as pair, pytest.raises(AssertionError, match="expire"):
        for _ in range(100):
            race(pair, *bare(), aim, random)


def test_the_database_refuses_to_book_an_expired_hold(bare, monkeypatch):
    held, book = bare()
    Reservation.objects.update(expires_at=timezone.now())
    reservations.expire_due()
    monkeypatch.setattr(
        reservations, "_lock_hold_in_force", lambda pk: Reservation.objects.get(pk=pk)
    )

    with pytest.raises(IntegrityError, match="reservation_live_has_quantity"):
        book()

    assert checked_outcome(held, accepted=False) == "expired"
