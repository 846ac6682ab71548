"""Cells and their changes, reservations with their allocation and journal, and audits."""

from inventory.models.audit import Audit
from inventory.models.cells import (
    MAX_CELL_NOTIFICATIONS,
    MAX_DAY_NOTIFICATIONS,
    Capacity,
    CapacityChange,
    CapacityVersion,
    ClosedDay,
    SafetyShare,
)
from inventory.models.reservation import Allocation, JournalEntry, Reservation

__all__ = [
    "MAX_CELL_NOTIFICATIONS",
    "MAX_DAY_NOTIFICATIONS",
    "Allocation",
    "Audit",
    "Capacity",
    "CapacityChange",
    "CapacityVersion",
    "ClosedDay",
    "JournalEntry",
    "Reservation",
    "SafetyShare",
]
