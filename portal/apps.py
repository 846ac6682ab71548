from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Personas")
    default = True

    def ready(self) -> None:
        from portal import calendar_words, checks  # noqa: F401 (registers the checks)

        calendar_words.install()


class StaffAdminConfig(admin_apps.AdminConfig):
    """Django's admin, with the portal's own site: one sign-in for everybody."""

    default_site = "portal.staff.StaffSite"
    default = False
