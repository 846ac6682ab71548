from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class GatewayCapabilities(models.Model):
    """What the gateway last said that it can carry. One row; without it, it was never asked.

    `read_at` is null until it first answers. The row is the queue of the next reading.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    max_ad_septets = models.PositiveSmallIntegerField(_("caracteres de un anuncio"), default=0)
    base_text_septets = models.PositiveSmallIntegerField(
        _("caracteres de la notificación sin anuncio"), default=0
    )
    ladas = ArrayField(models.CharField(max_length=3), verbose_name=_("LADAs"), default=list)
    features = ArrayField(models.CharField(max_length=40), default=list)
    blocked_categories = ArrayField(models.CharField(max_length=64), default=list)
    test_handsets = ArrayField(models.CharField(max_length=40), default=list)
    read_at = models.DateTimeField(_("leído"), null=True)
    next_reading_at = models.DateTimeField(_("siguiente lectura"), default=timezone.now)
    last_error = models.CharField(_("último error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("capacidades de la plataforma")
        verbose_name_plural = _("capacidades de la plataforma")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="gateway_capabilities_one_row"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
