from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DriftQuerySet(models.QuerySet["Drift"]):
    def open(self) -> Self:
        return self.filter(resolved_at__isnull=True)


class Drift(models.Model):
    """A difference between what the portal requested or counted and what the gateway holds.

    One open row a kind and order: it is found again or resolved by later comparisons. `order_id`
    is the gateway's, because an order that is only there has no row here; empty for SILENT.
    """

    class Kind(models.TextChoices):
        MISSING = "missing", _("La plataforma no tiene la orden")
        STALE = "stale", _("Tiene una generación anterior")
        CONTENT = "content", _("Tiene otro contenido")
        STATE = "state", _("Está en otro estado")
        EXTRA = "extra", _("Tiene una orden que no pedimos")
        COUNT = "count", _("Las cuentas no coinciden")
        OVERRUN = "overrun", _("Entregó más de lo pedido")
        SILENT = "silent", _("No manda datos")

    kind = models.CharField(_("diferencia"), max_length=8, choices=Kind)
    order_id = models.CharField(_("orden"), max_length=64, blank=True)
    expected = models.CharField(_("aquí"), max_length=200, blank=True)
    found = models.CharField(_("en la plataforma"), max_length=200, blank=True)
    action = models.CharField(_("qué se hizo"), max_length=200, blank=True)
    needs_person = models.BooleanField(_("requiere a una persona"), default=False)
    found_at = models.DateTimeField(_("encontrada"), default=timezone.now)
    seen_at = models.DateTimeField(_("vista por última vez"), default=timezone.now)
    times = models.PositiveIntegerField(_("veces"), default=1)
    resolved_at = models.DateTimeField(_("resuelta"), null=True)

    objects = DriftQuerySet.as_manager()

    class Meta:
        verbose_name = _("diferencia con la plataforma")
        verbose_name_plural = _("diferencias con la plataforma")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "order_id"],
                condition=Q(resolved_at__isnull=True),
                name="drift_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.order_id}"
