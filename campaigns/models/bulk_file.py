from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.brand import Brand


class BulkFile(models.Model):
    """A file of campaigns that a brand uploaded, row by row, and the drafts created from it.

    It is stored between the preview and the confirmation, so that nothing of it comes back
    from the browser. `rows` are {"line", "values", "error"}: values in the order of the
    columns, `error` what is wrong with the row as a whole, in Spanish.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", verbose_name=_("marca"))
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("lo subió")
    )
    sent_at = models.DateTimeField(_("subido"), default=timezone.now, editable=False)
    name = models.CharField(_("archivo"), max_length=120)
    digest = models.CharField(max_length=64, help_text=_("SHA-256 de sus filas."))
    rows = models.JSONField(_("filas"), default=list)
    used_at = models.DateTimeField(_("usado"), null=True, blank=True)
    folios = ArrayField(models.CharField(max_length=16), default=list, blank=True)

    class Meta:
        verbose_name = _("archivo de campañas")
        verbose_name_plural = _("archivos de campañas")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["brand", "digest"], name="bulkfile_of_brand_by_digest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=False) | Q(folios__len=0),
                name="bulkfile_drafts_say_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name
