from collections.abc import Mapping
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.brand import Brand, Membership
from campaigns.models.campaign import Campaign


class ReportRecipientQuerySet(models.QuerySet["ReportRecipient"]):
    def listed(self) -> Self:
        """Return those that their brand has not removed: its people, and other addresses."""
        members = Membership.objects.people().filter(brand=OuterRef("brand"), user=OuterRef("user"))
        return self.filter(Q(user__isnull=True) | Exists(members), removed_at__isnull=True)

    def reachable(self) -> Self:
        """Return those who may receive mail now, whatever they chose."""
        active = Q(user__isnull=True) | Q(user__is_active=True)
        return self.listed().filter(active, confirmed_at__isnull=False, brand__active=True)

    def wanting(self, kind: str) -> Self:
        """Return those to whom mails of a kind go now."""
        field = ReportRecipient.FIELDS[kind]
        return self.reachable().filter(
            **{f"{field}_since__isnull": False, f"{field}_stopped_at__isnull": True}
        )


class ReportRecipient(models.Model):
    """Somebody to whom a brand has results mailed: one of its people, or another address.

    The brand chooses kinds (`…_since`), and the person may stop each (`…_stopped_at`), which the
    brand cannot undo. An address that is nobody's of the brand gets nothing but one request until
    it is confirmed from there. A removed one is kept, with what it stopped.
    """

    class Kind(models.TextChoices):
        WEEKLY = "weekly", _("Cada semana")
        END = "end", _("Al terminar una campaña")

    FIELDS: Mapping[str, str] = {Kind.WEEKLY: "weekly", Kind.END: "end"}

    brand = models.ForeignKey(
        Brand, models.CASCADE, related_name="report_recipients", verbose_name=_("marca")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="+",
        null=True,
        verbose_name=_("persona"),
    )
    email = models.EmailField(_("correo"), blank=True, help_text=_("De quien no es de la marca."))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("la agregó")
    )
    asked_at = models.DateTimeField(_("se le preguntó"), null=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmada"), null=True, editable=False)
    weekly_since = models.DateTimeField(_("cada semana desde"), null=True, editable=False)
    weekly_stopped_at = models.DateTimeField(_("detuvo lo semanal"), null=True, editable=False)
    end_since = models.DateTimeField(_("al terminar desde"), null=True, editable=False)
    end_stopped_at = models.DateTimeField(_("detuvo lo final"), null=True, editable=False)
    removed_at = models.DateTimeField(_("quitada"), null=True, editable=False)

    objects = ReportRecipientQuerySet.as_manager()

    class Meta:
        verbose_name = _("destinatario de resultados")
        verbose_name_plural = _("destinatarios de resultados")
        constraints = [
            models.UniqueConstraint(fields=["brand", "user"], name="report_recipient_once_a_user"),
            models.UniqueConstraint(
                fields=["brand", "email"],
                condition=~Q(email=""),
                name="report_recipient_once_an_address",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, email="") | (Q(user__isnull=True) & ~Q(email="")),
                name="report_recipient_is_a_user_or_an_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address} · {self.brand}"

    @property
    def language(self) -> str:
        """Return the language of its mails: a person's own, the portal's for another address."""
        return self.user.language if self.user else settings.LANGUAGE_CODE

    @property
    def address(self) -> str:
        return self.user.email if self.user else self.email

    def is_of(self, user: AbstractUser) -> bool:
        return self.user_id == user.pk

    def chosen_since(self, kind: str) -> datetime | None:
        """Return since when the brand has had mails of a kind sent to them; None: it has not."""
        since: datetime | None = getattr(self, f"{self.FIELDS[kind]}_since")
        return since

    def stopped_at(self, kind: str) -> datetime | None:
        """Return when they stopped mails of a kind by themselves."""
        at: datetime | None = getattr(self, f"{self.FIELDS[kind]}_stopped_at")
        return at

    def begin(self, kind: str) -> None:
        """Have mails of a kind sent from now on, without saving."""
        setattr(self, f"{self.FIELDS[kind]}_since", timezone.now())

    def choose(self, kind: str, *, wanted: bool) -> None:
        """Set whether the brand has mails of a kind sent, without saving."""
        if not wanted:
            setattr(self, f"{self.FIELDS[kind]}_since", None)
        elif not self.chosen_since(kind):
            self.begin(kind)

    def stop(self, kind: str, *, stopped: bool) -> None:
        """Set whether they stopped mails of a kind, without saving.

        One that they want again begins now: what was not sent meanwhile is not sent later.
        """
        if stopped == bool(self.stopped_at(kind)):
            return
        at = timezone.now() if stopped else None
        setattr(self, f"{self.FIELDS[kind]}_stopped_at", at)
        if not stopped and self.chosen_since(kind):
            self.begin(kind)


class ReportMail(models.Model):
    """A mail of results to an address about a week or about an ended campaign; its own queue.

    `mail_due_at` is when a worker may next try it; null: sent, given up, or wanted no more.
    """

    class Kind(models.TextChoices):
        WEEKLY = "weekly", _("Semana")
        ENDED = "ended", _("Al terminar")
        FINAL = "final", _("Con cuentas finales")

    recipient = models.ForeignKey(
        ReportRecipient, models.CASCADE, related_name="mails", verbose_name=_("destinatario")
    )
    brand = models.ForeignKey(Brand, models.CASCADE, related_name="+", verbose_name=_("marca"))
    address = models.EmailField(_("correo"))
    kind = models.CharField(_("clase"), max_length=10, choices=Kind)
    first = models.DateField(_("desde el día"))
    last = models.DateField(_("hasta el día"))
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="+", null=True, verbose_name=_("campaña")
    )
    created_at = models.DateTimeField(_("creado"), default=timezone.now, editable=False)
    mail_due_at = models.DateTimeField(
        _("correo pendiente desde"), default=timezone.now, null=True, editable=False
    )
    mail_attempts = models.PositiveSmallIntegerField(_("intentos"), default=0, editable=False)
    mailed_at = models.DateTimeField(_("correo enviado"), null=True, editable=False)

    class Meta:
        verbose_name = _("correo de resultados")
        verbose_name_plural = _("correos de resultados")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["mail_due_at"],
                name="report_mail_due",
                condition=Q(mail_due_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "address", "first"],
                condition=Q(campaign__isnull=True),
                name="report_mail_once_a_week",
            ),
            models.UniqueConstraint(
                fields=["campaign", "address", "kind"],
                condition=Q(campaign__isnull=False),
                name="report_mail_once_an_end",
            ),
            models.CheckConstraint(
                condition=Q(kind="weekly", campaign__isnull=True)
                | Q(kind__in=["ended", "final"], campaign__isnull=False),
                name="report_mail_is_of_a_week_or_a_campaign",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.address} · {self.first}"
