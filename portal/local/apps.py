from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LocalConfig(AppConfig):
    """What only development and the tests need; production does not install it."""

    name = "portal.local"
    verbose_name = _("Desarrollo")
