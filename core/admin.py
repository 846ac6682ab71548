"""Mixins for the admin classes of several apps."""

from django.db.models import Model
from django.http import HttpRequest


class ReadOnlyAdmin:
    """Deny adding, changing and deleting to everybody; viewing follows the permissions."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
