from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from core.triggers import append_only


class MessageQuerySet(models.QuerySet["Message"]):
    def unread_by(self, side: str) -> Self:
        """Return what the other side wrote and this one has not read."""
        read = ReadMark.objects.filter(
            campaign=OuterRef("campaign"), side=side, message_id__gte=OuterRef("pk")
        )
        return self.exclude(side=side).filter(~Exists(read))


class Message(models.Model):
    """A message between a brand and its reviewers about a campaign. Immutable."""

    class Side(models.TextChoices):
        BRAND = "brand", _("La marca")
        STAFF = "staff", _("Telefónica")

    MAX_LENGTH = 1_000  # characters

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="messages", verbose_name=_("campaña")
    )
    version_number = models.PositiveIntegerField(
        _("versión"), help_text=_("La última que se había enviado al escribirlo.")
    )
    side = models.CharField(_("de parte de"), max_length=10, choices=Side)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("quién")
    )
    body = models.CharField(_("mensaje"), max_length=MAX_LENGTH)
    at = models.DateTimeField(_("cuándo"), default=timezone.now, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("mensaje")
        verbose_name_plural = _("mensajes")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(body__regex=r"\S"), name="message_says_something"),
            models.CheckConstraint(
                condition=Q(version_number__gt=0), name="message_is_of_what_was_sent"
            ),
        ]
        triggers = append_only("immutable")

    def __str__(self) -> str:
        return f"{self.campaign.folio} · {self.get_side_display()}"


class ReadMark(models.Model):
    """The message up to and including which one side has read a campaign's conversation."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+")
    side = models.CharField(max_length=10, choices=Message.Side)
    message = models.ForeignKey(Message, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("lectura")
        verbose_name_plural = _("lecturas")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "side"], name="readmark_once_a_side"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} · {self.side}"
