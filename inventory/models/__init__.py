"""Cells and their changes, reservations with their allocation and journal, and audits."""

from inventory.models.audit import Audit
from inventory.models.cells import (
    MAX_CELL_NOTIFICATIONS,
    MAX_DAY_NOTIFICATIONS,
    MAX_SAFETY_PERCENT,
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
    "MAX_SAFETY_PERCENT",
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
