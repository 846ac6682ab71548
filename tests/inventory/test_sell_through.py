from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from inventory import capacity, reservations, sell_through
from inventory.models import Audit, Capacity
from inventory.sell_through import AuditedDay, DailyMovements
from tests.inventory import holds

MEXICO = ZoneInfo("America/Mexico_City")
pytestmark = pytest.mark.django_db


def at(day, hour, minute=0):
    return time_machine.travel(datetime(2026, 12, day, hour, minute, tzinfo=MEXICO), tick=False)


def hold(quantity, **changes):
    today = timezone.localdate()
    wanted = {
        "reference": "LP-TEST22",
        "quantity": quantity,
        "ladas": ["55"],
        "starts_on": today + timedelta(days=5),
        "ends_on": today + timedelta(days=6),
        "expires_at": timezone.now() + timedelta(days=2),
    }
    return holds.hold(**wanted | changes)


def change(reservation, quantity):
    return holds.change(
        reservation.pk,
        quantity=quantity,
        ladas=["55"],
        starts_on=reservation.starts_on,
        ends_on=reservation.ends_on,
        expires_at=timezone.now() + timedelta(days=2),
    )


@pytest.fixture
def december():
    with at(1, 8):
        capacity.open_days(20)
        Capacity.objects.update(gross=10_000, capacity=10_000)  # all days alike


def by_day(days):
    return {movement.day.day: movement[1:] for movement in sell_through.movements(days)}


def test_movements_are_added_up_by_channel_day(december):
    with at(1, 9):
        first, second = hold(1_000), hold(500)
    with at(1, 23, 59):  # already tomorrow in UTC
        reservations.book(first.pk)
        hold(30)
    with at(2, 0, 1):
        reservations.release(second.pk)
    with at(3, 12):
        reservations.release(first.pk, from_day=first.ends_on)
    with at(4, 12):
        reservations.expire_due()

        assert by_day(4) == {
            1: (1_530, 0, 0, 0, 1_000),
            2: (0, 0, 500, 0, 0),
            3: (0, 0, 500, 0, 0),
            4: (0, 0, 0, 30, 0),
        }
        assert [movement.net for movement in sell_through.movements(4)] == [1_530, -500, -500, -30]


def test_a_change_counts_by_how_much_it_changed_the_reservation(december):
    with at(1, 9):
        reservation = hold(1_000)
        change(reservation, 1_500)
    with at(2, 9):
        change(reservation, 400)
        reservations.release(reservation.pk, from_day=reservation.ends_on)
    with at(3, 9):
        change(reservation, 900)
        net = sum(movement.net for movement in sell_through.movements(3))

        assert by_day(3) == {
            1: (1_000, 500, 0, 0, 0),
            2: (0, -1_100, 200, 0, 0),
            3: (0, 700, 0, 0, 0),
        }
    reservation.refresh_from_db()
    assert net == reservation.quantity == 900


def test_a_change_is_relative_to_the_quantity_before_the_requested_days(december):
    with at(1, 9):
        reservation = hold(1_000)
    with at(2, 9):
        change(reservation, 1_100)

        assert by_day(1) == {2: (0, 100, 0, 0, 0)}


def test_without_a_journal_every_day_is_there_and_empty():
    with at(3, 9):
        days = sell_through.movements(3)

    assert [(movement.day.day, any(movement[1:])) for movement in days] == [
        (1, False),
        (2, False),
        (3, False),
    ]
    assert isinstance(days[0], DailyMovements)


def recount(**fields):
    wanted = {"seconds": 0.1, "cells": 1, "reservations": 1, "at_risk": 0}
    Audit.objects.create(at=timezone.now(), **wanted | fields)


def test_the_last_audit_of_each_channel_day_is_used():
    with at(1, 23, 50):  # the 2nd in UTC
        recount(capacity=100, held=1, booked=2)
    with at(2, 6):
        recount(capacity=100, held=3, booked=4)
    with at(2, 18):
        recount(capacity=100, held=30, booked=40)
    with at(4, 6):
        recount(capacity=100, held=60, booked=50)

        days = sell_through.audited_days(4)

    assert [(s.day.day, *s[1:]) for s in days] == [
        (1, 100, 1, 2),
        (2, 100, 30, 40),
        (4, 100, 60, 50),
    ]
    assert [s.free for s in days] == [97, 30, 0]
    assert isinstance(days[0], AuditedDay)


def test_audits_before_the_requested_days_are_left_out():
    with at(1, 12):
        recount(capacity=100, held=1, booked=2)
    with at(3, 12):
        recount(capacity=100, held=1, booked=2)

        assert [s.day.day for s in sell_through.audited_days(2)] == [3]
