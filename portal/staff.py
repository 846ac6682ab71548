from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db.models import Count, Min
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from campaigns.models import Brand


def _brands_waiting(user):
    """Count the brands that ask to come in, for who lets them in, and say since when."""
    if not user.has_perm("campaigns.activate_brand"):
        return None
    told = Brand.objects.waiting().aggregate(count=Count("pk"), since=Min("created_at"))
    return told if told["count"] else None


class StaffSite(admin.AdminSite):
    """The reviewers' side: stock admin, signed in to by the same page as a brand."""

    site_header = _("Llamada Perdida · Telefónica")
    site_title = _("Llamada Perdida")
    index_title = _("Revisión y operación")
    site_url = "/"
    enable_nav_sidebar = False

    def index(self, request, extra_context=None):
        """The board: what waits for staff, and the way to everything."""
        waiting = {"brands_waiting": _brands_waiting(request.user)}
        return super().index(request, waiting | (extra_context or {}))

    @method_decorator(secure_admin_login)
    def login(self, request, extra_context=None):
        return super().login(request, extra_context)
