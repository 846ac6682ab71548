"""Holds and changes with the terms as keywords, so that a test can vary one of them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from inventory import reservations
from inventory.models import Reservation
from inventory.terms import Terms


def hold(*, reference: str, expires_at: datetime, **terms: Any) -> Reservation:
    """Hold terms. An expiry that is past by then, which `hold` refuses, is written afterwards."""
    soon = timezone.now() + timedelta(minutes=1)
    held = reservations.hold(Terms(**terms), reference=reference, expires_at=max(expires_at, soon))
    if expires_at < soon:
        held.expires_at = expires_at
        held.save(update_fields=["expires_at"])
    return held


def change(reservation_id: int, *, expires_at: datetime, **terms: Any) -> Reservation:
    return reservations.change(reservation_id, Terms(**terms), expires_at=expires_at)
