"""Inventory for staff."""

from inventory.admin import records

__all__ = ["records"]
