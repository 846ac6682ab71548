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

from campaigns.models.brand import MAX_REASON_LENGTH, Brand, Membership
from campaigns.models.campaign import Campaign
from campaigns.models.certificate import Certificate
from campaigns.models.event import Event
from campaigns.models.message import Message
from campaigns.models.webhook import Webhook

CONVERSATION_MAIL_INTERVAL = timedelta(minutes=10)  # to one person, about one campaign


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: AbstractUser) -> Self:
        """Return a user's own, newest first, of brands they belong to or for their staff role."""
        active = Q(brand__activated_at__isnull=False) | Q(kind=Notice.Kind.DISCARDED)
        memberships = Membership.objects.filter(user_id=user.pk)
        may_see = Q(kind__in=Notice.BRAND_KINDS, brand__in=memberships.values("brand")) & active
        if user.is_staff:
            for kind, permission in Notice.STAFF_PERMISSIONS.items():
                if user.has_perm(permission):
                    may_see |= Q(kind=kind)
        related = ("brand", "event__campaign", "message__campaign__brand", "webhook")
        rows = self.filter(may_see, user_id=user.pk).order_by("-id").select_related(*related)
        return rows.with_certificate()

    def with_certificate(self) -> Self:
        """Return them with their certificates, but without what only a reader of these needs."""
        rows = self.select_related("certificate__campaign")
        return rows.defer("certificate__pdf", "certificate__content")

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def of_conversation(self, campaign: Campaign | OuterRef) -> Self:
        """Return those of messages about a campaign."""
        return self.filter(message__campaign=campaign)

    def due(self, now: datetime) -> Self:
        """Return those whose mail is to be sent now.

        A mail about a conversation carries everything that is unread in it. So of the notices of
        one user about one campaign's messages only the oldest is due, and none until
        CONVERSATION_MAIL_INTERVAL after the last mail.
        """
        conversation = Notice.objects.filter(user=OuterRef("user")).of_conversation(
            OuterRef("message__campaign")
        )
        older = conversation.filter(mail_due_at__isnull=False, pk__lt=OuterRef("pk"))
        recent = conversation.filter(mailed_at__gt=now - CONVERSATION_MAIL_INTERVAL)
        return self.filter(~Exists(older), ~Exists(recent), mail_due_at__lte=now)


def _of_one_thing(name: str, kinds: list[str]) -> Q:
    """Return the condition that notices of some kinds are of a thing, or of their brand alone."""
    things = ("event", "message", "webhook", "certificate")
    return Q(kind__in=kinds, **{f"{each}__isnull": each != name for each in things})


class Notice(models.Model):
    """A notification of one user about an event, a message, a brand, …; the queue of its mail.

    `mail_due_at` is when a worker may next try the mail; null: sent, or given up.
    """

    class Kind(models.TextChoices):
        """The values are part of the public API."""

        STEP = "step", _("Paso de una campaña")
        ANSWER = "answer", _("Mensaje de quien revisa")
        ACTIVATED = "activated", _("Marca activada")
        DISCARDED = "discarded", _("Marca descartada")
        QUESTION = "question", _("Mensaje de una marca")
        APPLIED = "applied", _("Marca por activar")
        SUSPENDED = "suspended", _("Marca suspendida")
        REINSTATED = "reinstated", _("Suspensión levantada")
        WEBHOOK_FAILING = "hook_dead", _("Webhook que no contesta")
        WEBHOOK_GONE = "hook_gone", _("Webhook que pidió no recibir más")
        CERTIFIED = "certified", _("Constancia de entrega emitida")
        ACCEPTED = "accepted", _("Constancia de entrega aceptada")
        DISPUTED = "disputed", _("Constancia de entrega objetada")
        RULED = "ruled", _("Objeción respondida")

    WEBHOOK_KINDS = (Kind.WEBHOOK_FAILING, Kind.WEBHOOK_GONE)
    STANDING_KINDS = (Kind.ACTIVATED, Kind.DISCARDED, Kind.SUSPENDED, Kind.REINSTATED)
    CERTIFICATE_KINDS = (Kind.CERTIFIED, Kind.ACCEPTED, Kind.DISPUTED, Kind.RULED)
    BRAND_KINDS = (Kind.STEP, Kind.ANSWER, *STANDING_KINDS, *WEBHOOK_KINDS, *CERTIFICATE_KINDS)
    #: Kinds that staff receive, and the permission that each one needs.
    STAFF_PERMISSIONS: Mapping[str, str] = {
        Kind.QUESTION: "campaigns.review_campaign",
        Kind.APPLIED: "campaigns.activate_brand",
        Kind.ACCEPTED: "campaigns.settle_certificate",
        Kind.DISPUTED: "campaigns.settle_certificate",
        Kind.RULED: "campaigns.settle_certificate",
    }
    CONVERSATION_KINDS = (Kind.ANSWER, Kind.QUESTION)

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
        _("nota"),
        max_length=MAX_REASON_LENGTH,
        blank=True,
        help_text=_("El motivo que alguien escribió."),
    )
    webhook = models.ForeignKey(
        Webhook, models.CASCADE, related_name="notices", null=True, verbose_name=_("webhook")
    )
    certificate = models.ForeignKey(
        Certificate, models.CASCADE, related_name="notices", null=True, verbose_name=_("constancia")
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
                condition=_of_one_thing("event", ["step"])
                | _of_one_thing("message", ["answer", "question"])
                | _of_one_thing(
                    "", ["activated", "discarded", "applied", "suspended", "reinstated"]
                )
                | _of_one_thing("webhook", ["hook_dead", "hook_gone"])
                | _of_one_thing("certificate", ["certified", "accepted", "disputed", "ruled"]),
                name="notice_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def campaign(self) -> Campaign | None:
        subject = self.event or self.message or self.certificate
        return subject.campaign if subject else None

    @property
    def is_for_staff(self) -> bool:
        """Return whether its user gets it as one of staff, and not of the brand."""
        return self.kind in self.STAFF_PERMISSIONS and not self.brand.has_member(self.user)

    @property
    def title(self) -> str | Promise:
        """The title of the notice; of a campaign's step, the label of its event."""
        if self.event:
            return self.event.label
        if self.kind == self.Kind.QUESTION:
            return _("Mensaje de {brand}").format(brand=self.brand.name)
        if self.certificate:
            return f"{self.get_kind_display()}: {self.certificate.folio}"
        return {
            self.Kind.ANSWER: _("Mensaje de quien revisa"),
            self.Kind.ACTIVATED: _("Tu marca ya está activa"),
            self.Kind.DISCARDED: _("No activamos tu marca"),
            self.Kind.SUSPENDED: _("Telefónica suspendió tu marca"),
            self.Kind.REINSTATED: _("Tu marca ya no está suspendida"),
            self.Kind.APPLIED: _("Una marca pide entrar"),
            self.Kind.WEBHOOK_FAILING: _("Se pausó un webhook"),
            self.Kind.WEBHOOK_GONE: _("Se pausó un webhook"),
        }[self.Kind(self.kind)]

    @property
    def reasons(self) -> Sequence[str]:
        return self.event.reasons if self.event else []

    @property
    def comment(self) -> str:
        """The text of a person: on a step, in the conversation, or why something was done."""
        if self.message:
            return self.message.body
        return self.event.comment if self.event else self.note
