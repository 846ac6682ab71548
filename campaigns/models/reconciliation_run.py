from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LIMIT = timedelta(minutes=10)  # above the time limit of any task


class ReconciliationRun(models.Model):
    """A comparison with the gateway: when, what it compared, and what it found.

    `error` is why it concluded nothing. `mail_due_at` is when a worker may next mail staff what it
    found for a person; null: there is nothing to mail, or it was mailed.
    """

    class Kind(models.TextChoices):
        RUNNING = "running", _("Las que están en marcha")
        WHOLE = "whole", _("Todas")

    INTERRUPTED = "interrupted"  # as `error`: its process ended before it did

    kind = models.CharField(_("qué órdenes"), max_length=8, choices=Kind)
    began_at = models.DateTimeField(_("empezó"), default=timezone.now)
    ended_at = models.DateTimeField(_("terminó"), null=True)
    orders = models.PositiveIntegerField(_("órdenes comparadas"), default=0)
    differences = models.PositiveIntegerField(_("diferencias"), default=0)
    lost_state = models.BooleanField(
        _("perdió órdenes"), default=False, help_text=_("Faltaban tantas que perdió su estado.")
    )
    error = models.CharField(_("error"), max_length=500, blank=True)
    mail_due_at = models.DateTimeField(_("correo pendiente desde"), null=True)

    class Meta:
        verbose_name = _("conciliación")
        verbose_name_plural = _("conciliaciones")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["mail_due_at"],
                condition=Q(mail_due_at__isnull=False),
                name="reconciliation_mail_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.began_at):%d/%m/%Y %H:%M}"

    @property
    def seconds(self) -> float:
        """Return how long it took; 0 while it has not ended."""
        return (self.ended_at - self.began_at).total_seconds() if self.ended_at else 0.0

    def is_under_way(self, now: datetime) -> bool:
        """Whether it runs now, and not only never ended because its process did."""
        return self.ended_at is None and self.began_at > now - LIMIT
