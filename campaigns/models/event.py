from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.moves import MOVES
from core.triggers import append_only


class Event(models.Model):
    """A move that a campaign made: who made it, when, from and to which status, and why."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="events", verbose_name=_("campaña")
    )
    at = models.DateTimeField(_("cuándo"), default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("quién"),
        help_text=_("Vacío: lo hizo el sistema."),
    )
    move = models.CharField(_("paso"), max_length=20)
    from_status = models.CharField(_("de"), max_length=20, choices=Campaign.Status, blank=True)
    to_status = models.CharField(_("a"), max_length=20, choices=Campaign.Status)
    version_number = models.PositiveIntegerField(_("versión"))
    reasons = ArrayField(
        models.CharField(max_length=120),
        default=list,
        verbose_name=_("motivos"),
        help_text=_("Como se le dijeron a la marca."),
    )
    comment = models.TextField(_("comentario"), blank=True)

    class Meta:
        verbose_name = _("movimiento")
        verbose_name_plural = _("movimientos")
        ordering = ["id"]
        triggers = append_only("append_only")

    def __str__(self) -> str:
        return f"{self.campaign.folio} · {self.get_to_status_display()}"

    @property
    def label(self) -> str | Promise:
        """Return the label of the event, the same in the page, the notice and the mail."""
        return MOVES[self.move].label


class Reason(models.Model):
    """A reason for asking for changes or rejecting, as the brand reads it."""

    label = models.CharField(_("motivo"), max_length=120, unique=True)
    help = models.CharField(
        _("cómo corregirlo"), max_length=200, blank=True, help_text=_("Lo lee la marca.")
    )
    position = models.PositiveSmallIntegerField(_("orden"), default=100)
    active = models.BooleanField(_("activo"), default=True)

    class Meta:
        verbose_name = _("motivo")
        verbose_name_plural = _("motivos")
        ordering = ["position", "label"]

    def __str__(self) -> str:
        return self.label
