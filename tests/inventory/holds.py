"""Holds and changes with the terms as keywords, so that a test can vary one of them."""

from datetime import datetime
from typing import Any

from inventory import reservations
from inventory.models import Reservation
from inventory.terms import Terms


def hold(*, reference: str, expires_at: datetime, **terms: Any) -> Reservation:
    return reservations.hold(Terms(**terms), reference=reference, expires_at=expires_at)


def change(reservation_id: int, *, expires_at: datetime, **terms: Any) -> Reservation:
    return reservations.change(reservation_id, Terms(**terms), expires_at=expires_at)
