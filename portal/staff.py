from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _


class StaffSite(admin.AdminSite):
    """The reviewers' side: stock admin, signed in to by the same page as a brand."""

    site_header = _("Llamada Perdida · Telefónica")
    site_title = _("Llamada Perdida")
    index_title = _("Revisión y operación")
    site_url = "/"
    enable_nav_sidebar = False

    @method_decorator(secure_admin_login)
    def login(self, request, extra_context=None):
        return super().login(request, extra_context)
