"""The inventory from which a campaign's notifications come: the channel's, or its sandbox's."""

from datetime import date, datetime
from typing import Protocol

from campaigns.models import Brand, Campaign
from inventory import reservations
from inventory.models import Reservation
from inventory.sandbox_ledger import SandboxLedger
from inventory.terms import Terms


class Ledger(Protocol):
    """What `inventory.reservations` does, and the ledger of a sandbox brand alike."""

    def hold(self, terms: Terms, *, reference: str, expires_at: datetime) -> Reservation: ...

    def change(self, reservation_id: int, terms: Terms, *, expires_at: datetime) -> Reservation: ...

    def extend(self, reservation_id: int, *, expires_at: datetime) -> Reservation: ...

    def book(self, reservation_id: int, *, agreed: int | None = None) -> Reservation: ...

    def release(self, reservation_id: int, *, from_day: date | None = None) -> int: ...


def of_campaign(campaign: Campaign) -> Ledger:
    """Return the inventory that a campaign's reservation is in."""
    return of_sandbox(campaign.brand) if campaign.sandbox else reservations


def of_sandbox(brand: Brand) -> SandboxLedger:
    """Return the ledger of a sandbox brand, as of its clock."""
    return SandboxLedger(brand.pk, brand.now())
