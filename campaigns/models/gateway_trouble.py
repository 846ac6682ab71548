from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class GatewayTroubleQuerySet(models.QuerySet["GatewayTrouble"]):
    def open(self) -> Self:
        return self.filter(ended_at__isnull=True)


class GatewayTrouble(models.Model):
    """A time in which the gateway took or sent nothing; the queue of its two mails.

    `mail_due_at` is when a worker may next mail staff that it began, or that it is over; null:
    they were.
    """

    class Kind(models.TextChoices):
        FAILING = "failing", _("Falla")
        REFUSED = "refused", _("Rechaza órdenes")
        SILENT = "silent", _("No manda datos")

    kind = models.CharField(_("clase"), max_length=10, choices=Kind)
    began_at = models.DateTimeField(_("desde"))
    ended_at = models.DateTimeField(_("hasta"), null=True)
    cause = models.CharField(_("último error"), max_length=500, blank=True)
    mail_due_at = models.DateTimeField(_("correo pendiente desde"), null=True)

    objects = GatewayTroubleQuerySet.as_manager()

    class Meta:
        verbose_name = _("falla de la plataforma")
        verbose_name_plural = _("fallas de la plataforma")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(ended_at__isnull=True), name="gateway_trouble_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.began_at:%d/%m/%Y %H:%M}"
