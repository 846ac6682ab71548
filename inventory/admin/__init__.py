"""Admin of the inventory."""

from inventory.admin import audits, capacity_changes, records

__all__ = ["audits", "capacity_changes", "records"]
