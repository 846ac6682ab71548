from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.brand import MAX_REASON_LENGTH


class DriftQuerySet(models.QuerySet["Drift"]):
    def open(self) -> Self:
        return self.filter(resolved_at__isnull=True)

    def for_a_person(self) -> Self:
        """Return the open differences that the portal does not resolve by itself."""
        return self.open().filter(needs_person=True)


class Drift(models.Model):
    """A difference between what the portal requested or counted and what the gateway holds.

    One open row a kind and order: it is found again or resolved by later comparisons. `order_id`
    is the gateway's, because an order that is only there has no row here; empty for SILENT. A
    row that a person has resolved is not opened again while `found` stays the same.
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

    BY_HAND = (Kind.EXTRA, Kind.COUNT, Kind.OVERRUN)  # which a person may resolve with a reason

    kind = models.CharField(_("diferencia"), max_length=8, choices=Kind)
    order_id = models.CharField(_("orden"), max_length=64, blank=True)
    expected = models.CharField(_("aquí"), max_length=200, blank=True)
    found = models.CharField(_("en la plataforma"), max_length=200, blank=True)
    action = models.CharField(_("qué se hizo"), max_length=200, blank=True)
    needs_person = models.BooleanField(_("requiere a una persona"), default=False)
    found_at = models.DateTimeField(_("encontrada"), default=timezone.now)
    seen_at = models.DateTimeField(_("vista por última vez"), default=timezone.now)
    times = models.PositiveIntegerField(_("veces"), default=1)
    counts = models.JSONField(
        default=list,
        blank=True,
        help_text=_("De «Las cuentas no coinciden»: las de la plataforma y las de aquí."),
    )
    resolved_at = models.DateTimeField(_("resuelta"), null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("quién la resolvió"),
    )
    reason = models.CharField(_("motivo"), max_length=MAX_REASON_LENGTH, blank=True)

    objects = DriftQuerySet.as_manager()

    class Meta:
        verbose_name = _("diferencia con la plataforma")
        verbose_name_plural = _("diferencias con la plataforma")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["order_id"], name="drift_of_order"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "order_id"],
                condition=Q(resolved_at__isnull=True),
                name="drift_open_once",
            ),
            models.CheckConstraint(
                condition=Q(resolved_by__isnull=True)
                | Q(resolved_at__isnull=False, reason__regex=r"\S"),
                name="drift_resolved_by_hand_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return " · ".join(filter(None, [self.get_kind_display(), self.order_id]))

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    @property
    def may_be_resolved(self) -> bool:
        """Whether a person may resolve it: it is open, and nothing else ends it for certain."""
        return self.is_open and self.kind in self.BY_HAND
