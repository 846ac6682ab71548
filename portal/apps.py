"""App configurations of the portal."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps

from core import calendar


class PortalConfig(AppConfig):
    name = "portal"
    default = True

    def ready(self) -> None:
        from portal import checks  # noqa: F401 (registers the checks)

        calendar.install_names()


class StaffAdminConfig(admin_apps.AdminConfig):
    """Django's admin with the site of `portal.staff`, which has the portal's sign-in page."""

    default_site = "portal.staff.StaffSite"
    default = False
