"""Who may use operations that cost much: members of an active brand, and staff."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from campaigns.models import Brand


class ActsForBrand(BasePermission):
    """Require an active brand of people in a session; a token is of one. Reading is free."""

    message = _("Tu cuenta todavía no es de ninguna marca activa: espera a que se active la tuya.")

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if request.method in SAFE_METHODS or request.auth is not None or user.is_staff:
            return True
        return user.is_authenticated and Brand.objects.visible_to(user).exists()
