from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LocalConfig(AppConfig):
    """The app of development and tests; production does not install it."""

    name = "portal.local"
    verbose_name = _("Desarrollo")
