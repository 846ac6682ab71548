"""What the admins of several apps are made of."""

from django.db.models import Model
from django.http import HttpRequest


class ReadOnlyAdmin:
    """Nobody adds, changes or deletes; who may view is still for the permission to say."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
