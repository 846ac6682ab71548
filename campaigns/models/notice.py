from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models.brand import Brand
from campaigns.models.campaign import Campaign
from campaigns.models.event import Event
from campaigns.models.webhook import Webhook


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: AbstractBaseUser) -> Self:
        """A person's own, of the brands they still belong to, newest first."""
        mine = self.filter(user_id=user.pk, brand__in=Brand.objects.visible_to(user))
        return mine.select_related("brand", "event__campaign", "webhook").order_by("-id")

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def due(self, now: datetime) -> Self:
        """Those whose mail is to be sent, and that no worker is at."""
        return self.filter(mail_due_at__lte=now)


class Notice(models.Model):
    """What one person is told of one step; its mail is sent from this row.

    `mail_due_at` is when a worker may next try the mail; empty: sent, or given up.
    """

    class Kind(models.TextChoices):
        STEP = "step", _("Paso de una campaña")
        ACTIVATED = "activated", _("Marca activada")
        HOOK_DEAD = "hook_dead", _("Webhook que no contesta")
        HOOK_GONE = "hook_gone", _("Webhook que pidió no recibir más")

    OF_WEBHOOKS = (Kind.HOOK_DEAD, Kind.HOOK_GONE)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name=_("persona")
    )
    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="notices", verbose_name=_("marca")
    )
    kind = models.CharField(_("clase"), max_length=10, choices=Kind, default=Kind.STEP)
    event = models.ForeignKey(
        Event,
        models.CASCADE,
        related_name="notices",
        null=True,
        verbose_name=_("movimiento"),
    )
    webhook = models.ForeignKey(
        Webhook, models.CASCADE, related_name="notices", null=True, verbose_name=_("webhook")
    )
    at = models.DateTimeField(_("cuándo"), default=timezone.now, editable=False)
    read_at = models.DateTimeField(_("leído"), null=True, editable=False)
    mail_due_at = models.DateTimeField(
        _("correo pendiente desde"), default=timezone.now, null=True, editable=False
    )
    mail_attempts = models.PositiveSmallIntegerField(_("intentos"), default=0, editable=False)
    mailed_at = models.DateTimeField(_("correo enviado"), null=True, editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("aviso")
        verbose_name_plural = _("avisos")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_of_person_newest"),
            models.Index(fields=["user"], name="notice_unread", condition=Q(read_at__isnull=True)),
            models.Index(
                fields=["mail_due_at"],
                name="notice_mail_due",
                condition=Q(mail_due_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "event"], name="notice_once_an_event"),
            models.CheckConstraint(
                condition=Q(kind="step", event__isnull=False, webhook__isnull=True)
                | Q(kind="activated", event__isnull=True, webhook__isnull=True)
                | Q(
                    kind__in=["hook_dead", "hook_gone"],
                    event__isnull=True,
                    webhook__isnull=False,
                ),
                name="notice_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def campaign(self) -> Campaign | None:
        return self.event.campaign if self.event else None

    @property
    def title(self) -> str | Promise:
        """What happened, in the words of the line of history."""
        if self.event:
            return self.event.told
        return _("Se pausó un webhook") if self.webhook else _("Tu marca ya está activa")

    @property
    def reasons(self) -> Sequence[str]:
        return self.event.reasons if self.event else []

    @property
    def comment(self) -> str:
        return self.event.comment if self.event else ""
