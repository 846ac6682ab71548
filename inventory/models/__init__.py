"""How many notifications can be sold where and when, who holds them, and how that came about."""

from inventory.models.audit import Audit
from inventory.models.cells import (
    CELL_MOST,
    DAY_MOST,
    Capacity,
    CapacityChange,
    CapacityVersion,
    ClosedDay,
    SafetyShare,
)
from inventory.models.reservation import Allocation, JournalEntry, Reservation

__all__ = [
    "CELL_MOST",
    "DAY_MOST",
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
