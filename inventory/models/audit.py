from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Audit(models.Model):
    """An audit of the whole inventory: its breaches, and how much was sold by then.

    `breaches` is a list of {kind, where, message}. The totals are of the audit's own day
    and the days after it, in notifications.
    """

    at = models.DateTimeField(_("cuándo"), default=timezone.now)
    seconds = models.FloatField(_("duración"), help_text=_("En segundos."))
    cells = models.PositiveIntegerField(_("celdas"))
    reservations = models.PositiveIntegerField(_("apartados"))
    breaches = models.JSONField(_("hallazgos"), default=list)
    capacity = models.PositiveBigIntegerField(_("a la venta"))
    held = models.PositiveBigIntegerField(_("apartadas"))
    booked = models.PositiveBigIntegerField(_("comprometidas"))
    at_risk = models.PositiveBigIntegerField(_("en riesgo"))

    class Meta:
        verbose_name = _("recuento")
        verbose_name_plural = _("recuentos")
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at"], name="audit_newest")]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%d/%m/%Y %H:%M} · {len(self.breaches)}"

    @property
    def agrees(self) -> bool:
        """Whether there are no breaches."""
        return not self.breaches
