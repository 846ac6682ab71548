from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models.brand import DISCARD_MOST, Brand, Membership
from campaigns.models.campaign import Campaign
from campaigns.models.event import Event
from campaigns.models.message import Message
from campaigns.models.webhook import Webhook

BETWEEN_TALK_MAILS = timedelta(minutes=10)  # to one person, about one campaign


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: AbstractUser) -> Self:
        """A person's own, newest first: of brands they still belong to, or still look after."""
        active = Q(brand__active=True) | Q(kind=Notice.Kind.DISCARDED)
        theirs = Membership.objects.filter(user_id=user.pk)
        may_see = Q(kind__in=Notice.OF_BRANDS, brand__in=theirs.values("brand")) & active
        if user.is_staff:
            for kind, permission in Notice.OF_STAFF.items():
                if user.has_perm(permission):
                    may_see |= Q(kind=kind)
        mine = self.filter(may_see, user_id=user.pk).order_by("-id")
        about = ("brand", "event__campaign", "message__campaign__brand", "webhook")
        return mine.select_related(*about)

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def of_talk(self, campaign: Campaign | OuterRef) -> Self:
        """Those of messages about a campaign."""
        return self.filter(message__campaign=campaign)

    def due(self, now: datetime) -> Self:
        """Those whose mail is to be sent, and that no worker is at.

        A mail about a talk takes along what else is unread of it. So of those that one person
        is to get about one campaign only the oldest is due, and none until some time after
        the last that went out.
        """
        talk = Notice.objects.filter(user=OuterRef("user")).of_talk(OuterRef("message__campaign"))
        older = talk.filter(mail_due_at__isnull=False, pk__lt=OuterRef("pk"))
        lately = talk.filter(mailed_at__gt=now - BETWEEN_TALK_MAILS)
        return self.filter(~Exists(older), ~Exists(lately), mail_due_at__lte=now)


class Notice(models.Model):
    """What one person is told of one step, message or brand; its mail is sent from this row.

    `mail_due_at` is when a worker may next try the mail; empty: sent, or given up.
    """

    class Kind(models.TextChoices):
        STEP = "step", _("Paso de una campaña")
        ANSWER = "answer", _("Mensaje de quien revisa")
        ACTIVATED = "activated", _("Marca activada")
        DISCARDED = "discarded", _("Marca descartada")
        QUESTION = "question", _("Mensaje de una marca")
        APPLIED = "applied", _("Marca por activar")
        HOOK_DEAD = "hook_dead", _("Webhook que no contesta")
        HOOK_GONE = "hook_gone", _("Webhook que pidió no recibir más")

    OF_WEBHOOKS = (Kind.HOOK_DEAD, Kind.HOOK_GONE)
    OF_BRANDS = (Kind.STEP, Kind.ANSWER, Kind.ACTIVATED, Kind.DISCARDED, *OF_WEBHOOKS)
    #: What staff are told, and the permission that it takes.
    OF_STAFF: Mapping[str, str] = {
        Kind.QUESTION: "campaigns.review_campaign",
        Kind.APPLIED: "campaigns.activate_brand",
    }
    OF_TALK = (Kind.ANSWER, Kind.QUESTION)

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
    message = models.ForeignKey(
        Message,
        models.CASCADE,
        related_name="notices",
        null=True,
        verbose_name=_("mensaje"),
    )
    note = models.CharField(
        _("nota"), max_length=DISCARD_MOST, blank=True, help_text=_("Por qué se descartó.")
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
            models.UniqueConstraint(fields=["user", "message"], name="notice_once_a_message"),
            models.CheckConstraint(
                condition=Q(
                    kind="step", event__isnull=False, message__isnull=True, webhook__isnull=True
                )
                | Q(
                    kind__in=["answer", "question"],
                    event__isnull=True,
                    message__isnull=False,
                    webhook__isnull=True,
                )
                | Q(
                    kind__in=["activated", "discarded", "applied"],
                    event__isnull=True,
                    message__isnull=True,
                    webhook__isnull=True,
                )
                | Q(
                    kind__in=["hook_dead", "hook_gone"],
                    event__isnull=True,
                    message__isnull=True,
                    webhook__isnull=False,
                ),
                name="notice_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def campaign(self) -> Campaign | None:
        about = self.event or self.message
        return about.campaign if about else None

    @property
    def title(self) -> str | Promise:
        """What happened; of a step, in the words of the line of history."""
        if self.event:
            return self.event.label
        if self.kind == self.Kind.QUESTION:
            return _("Mensaje de {brand}").format(brand=self.brand.name)
        return {
            self.Kind.ANSWER: _("Mensaje de quien revisa"),
            self.Kind.ACTIVATED: _("Tu marca ya está activa"),
            self.Kind.DISCARDED: _("No activamos tu marca"),
            self.Kind.APPLIED: _("Una marca pide entrar"),
            self.Kind.HOOK_DEAD: _("Se pausó un webhook"),
            self.Kind.HOOK_GONE: _("Se pausó un webhook"),
        }[self.Kind(self.kind)]

    @property
    def reasons(self) -> Sequence[str]:
        return self.event.reasons if self.event else []

    @property
    def comment(self) -> str:
        """What a person wrote: of a step, in the talk, or why a brand was discarded."""
        if self.message:
            return self.message.body
        return self.event.comment if self.event else self.note
