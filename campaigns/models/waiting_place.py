from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign


class WaitingPlaceQuerySet(models.QuerySet["WaitingPlace"]):
    def open(self) -> Self:
        """The places that have not ended, with an offer or without."""
        return self.filter(ended_at__isnull=True)

    def in_line(self) -> Self:
        """The places that wait for an offer, in the order in which they get one."""
        waiting = self.open().filter(offered_at__isnull=True)
        return waiting.filter(
            campaign__status=Campaign.Status.NO_INVENTORY, campaign__brand__active=True
        ).order_by("since", "id")

    def out_of_time(self, first_day: date) -> Self:
        """Those in line whose first day is before the first that can still be reached."""
        return self.in_line().filter(campaign__starts_on__lt=first_day)

    def ahead_of(self, place: "WaitingPlace") -> Self:
        """Those in line that get their offer before a place does."""
        return self.in_line().filter(
            Q(since__lt=place.since) | Q(since=place.since, id__lt=place.pk)
        )

    def end(self, ending: "WaitingPlace.Ending") -> int:
        """End the places, for a reason; say how many."""
        return self.open().update(ended_at=timezone.now(), ending=ending)


class WaitingPlace(models.Model):
    """A campaign's place in the line for inventory that frees up.

    Kept after it ended. It is written under its campaign's lock. A place whose
    `offered_at` is set has had its turn: its campaign holds the inventory until that
    expires.
    """

    class Ending(models.TextChoices):
        TAKEN = "taken", _("Consiguió lugar")
        LEFT = "left", _("La marca la dejó")
        EDITED = "edited", _("La marca cambió la campaña")
        CANCELLED = "cancelled", _("La marca canceló la campaña")
        LAPSED = "lapsed", _("No se tomó a tiempo")
        MISSED = "missed", _("Su primer día ya no se alcanzaba")

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="waiting_places", verbose_name=_("campaña")
    )
    since = models.DateTimeField(_("desde"), default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("la pidió")
    )
    seen = models.CharField(
        max_length=60,
        blank=True,
        help_text=_("Hasta dónde iba el inventario la última vez que no cupo."),
    )
    offered_at = models.DateTimeField(_("ofrecida"), null=True, blank=True)
    ended_at = models.DateTimeField(_("terminó"), null=True, blank=True)
    ending = models.CharField(_("cómo terminó"), max_length=10, choices=Ending, blank=True)

    objects = WaitingPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("lugar en lista de espera")
        verbose_name_plural = _("lugares en lista de espera")
        ordering = ["since", "id"]
        indexes = [
            models.Index(
                fields=["since", "id"],
                condition=Q(ended_at__isnull=True),
                name="waitingplace_open_by_age",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(ended_at__isnull=True),
                name="waitingplace_one_open_a_campaign",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ending="")
                | Q(Q(ended_at__isnull=False), ~Q(ending="")),
                name="waitingplace_ended_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign.folio} · {self.since:%d/%m/%Y %H:%M}"
