import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.version import Version


class TestDeliveryQuerySet(models.QuerySet["TestDelivery"]):
    def due(self, now: datetime) -> Self:
        return self.filter(next_attempt_at__lte=now)


class TestDelivery(models.Model):
    """One text sent to one test handset: who, when, and what the gateway answered.

    `key` is of the page that requested it, and the Idempotency-Key of its calls: a page sent twice
    is one row, and a row one notification. `next_attempt_at` is when a worker may call; null: it
    was accepted, refused or given up.
    """

    __test__ = False  # not a class of tests

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("quién")
    )
    at = models.DateTimeField(_("cuándo"), default=timezone.now, editable=False)
    handset = models.CharField(_("equipo"), max_length=40)
    text = models.CharField(_("texto"), max_length=110)
    version = models.ForeignKey(
        Version, models.PROTECT, related_name="+", null=True, verbose_name=_("versión")
    )
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now, editable=False)
    accepted_at = models.DateTimeField(_("aceptada"), null=True, editable=False)
    gateway_id = models.CharField(max_length=64, blank=True, editable=False)
    last_error = models.CharField(_("último error"), max_length=500, blank=True, editable=False)

    objects = TestDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("prueba en un equipo")
        verbose_name_plural = _("pruebas en un equipo")
        ordering = ["-id"]
        default_permissions = ("add", "view")
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(next_attempt_at__isnull=False),
                name="test_delivery_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(text__regex=r"^[A-Za-z0-9 $.,/@]{1,110}$"),
                name="test_delivery_text_fits_the_channel",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handset} · {self.at:%d/%m/%Y %H:%M}"
