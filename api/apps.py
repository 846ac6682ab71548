from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """The manners that every resource of the HTTP API shares; it knows no resource."""

    name = "api"
    verbose_name = _("API")
