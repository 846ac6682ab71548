from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffReport(models.Model):
    """No rows: the permission to read the reports for staff, and their place in the admin."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        verbose_name = _("reporte")
        verbose_name_plural = _("reportes")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
