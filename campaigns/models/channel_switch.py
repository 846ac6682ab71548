from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.gateway.contract import ChannelState
from campaigns.models.brand import MAX_REASON_LENGTH


class ChannelSwitchQuerySet(models.QuerySet["ChannelSwitch"]):
    def current_stop(self) -> "ChannelSwitch | None":
        """Return the switch that stopped the channel, or None while it is on. One query."""
        newest = self.select_related("by").order_by("-id").first()
        return newest if newest is not None and newest.is_stop else None

    def pending(self) -> Self:
        """Return the newest switch if the gateway has not confirmed it."""
        newest = ChannelSwitch.objects.order_by("-id").values("pk")[:1]
        return self.filter(pk__in=newest, acknowledged_at__isnull=True)

    def leased(self, now: datetime) -> Self:
        """Return those that a worker is sending."""
        return self.filter(lease_until__gt=now)

    def send_again(self, *, confirmed_before: datetime) -> bool:
        """Make the newest switch due if the gateway confirmed it before a moment; return whether.

        A gateway that lost its state since is on by default, whatever staff last decided.
        """
        newest = ChannelSwitch.objects.order_by("-id").values("pk")[:1]
        confirmed = self.filter(pk__in=newest, acknowledged_at__lt=confirmed_before)
        return bool(confirmed.update(acknowledged_at=None, next_attempt_at=timezone.now()))


class ChannelSwitch(models.Model):
    """A stop of the whole channel, or its way back: who, when, why, and what the gateway said.

    The newest row is the requested state; without any the channel is on. The rows are the queue
    of their sending, and are never deleted.
    """

    state = models.CharField(
        _("estado"),
        max_length=3,
        choices=[(ChannelState.OFF.value, _("Detenido")), (ChannelState.ON.value, _("Al aire"))],
    )
    reason = models.CharField(_("motivo"), max_length=MAX_REASON_LENGTH)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("quién")
    )
    at = models.DateTimeField(_("cuándo"), default=timezone.now, editable=False)
    acknowledged_at = models.DateTimeField(_("confirmado"), null=True, editable=False)
    next_attempt_at = models.DateTimeField(_("siguiente intento"), default=timezone.now)
    lease_until = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(_("último error"), max_length=500, blank=True, editable=False)

    objects = ChannelSwitchQuerySet.as_manager()

    class Meta:
        verbose_name = _("paro del canal")
        verbose_name_plural = _("canal")
        ordering = ["-id"]
        permissions = [("stop_channel", _("Puede detener el canal y reanudarlo"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__regex=r"\S"), name="channel_switch_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} · {self.at:%d/%m/%Y %H:%M}"

    @property
    def is_stop(self) -> bool:
        return self.state == ChannelState.OFF
