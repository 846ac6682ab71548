from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign


class Shortfall(models.Model):
    """What a campaign on air is projected to miss at its end, in notifications.

    It is projected once for each whole day. `reported` is the most that its brand has read of.
    """

    campaign = models.OneToOneField(
        Campaign,
        models.CASCADE,
        primary_key=True,
        related_name="shortfall",
        verbose_name=_("campaña"),
    )
    through = models.DateField(_("con las cuentas hasta"))
    missing = models.PositiveIntegerField(_("faltarían"), default=0)
    reported = models.PositiveIntegerField(_("ya lo sabe la marca"), default=0)

    class Meta:
        verbose_name = _("faltante esperado")
        verbose_name_plural = _("faltantes esperados")

    def __str__(self) -> str:
        return f"{self.campaign} · {self.missing}"
