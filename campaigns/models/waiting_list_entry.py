from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.moves import WaitingEnd


class WaitingListEntryQuerySet(models.QuerySet["WaitingListEntry"]):
    def open(self) -> Self:
        """Return the entries that have not ended, with an offer or without."""
        return self.filter(ended_at__isnull=True)

    def in_line(self) -> Self:
        """Return the entries that wait for an offer, in the order in which they get one.

        Those of sandbox brands get none.
        """
        waiting = self.open().filter(offered_at__isnull=True)
        return waiting.filter(
            campaign__status=Campaign.Status.NO_INVENTORY,
            campaign__brand__active=True,
            campaign__sandbox=False,
        ).order_by("since", "id")

    def out_of_time(self, first_day: date) -> Self:
        """Return those in line whose first day is before the first that can still be reached."""
        return self.in_line().filter(campaign__starts_on__lt=first_day)

    def ahead_of(self, entry: "WaitingListEntry") -> Self:
        """Return those in line that get their offer before an entry does."""
        return self.in_line().filter(
            Q(since__lt=entry.since) | Q(since=entry.since, id__lt=entry.pk)
        )

    def end(self, ending: WaitingEnd) -> int:
        """End the open entries for a reason; return how many there were."""
        return self.open().update(ended_at=timezone.now(), ending=ending)


class WaitingListEntry(models.Model):
    """A campaign's place in the line for inventory that frees up.

    Kept after it ended. It is written under its campaign's lock. While an entry with
    `offered_at` is open, its campaign holds the offered inventory until that expires.
    """

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="waiting_list_entries", verbose_name=_("campaña")
    )
    since = models.DateTimeField(_("desde"), default=timezone.now)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("la pidió")
    )
    last_inventory_mark = models.CharField(
        max_length=60,
        blank=True,
        help_text=_("Hasta dónde iba el inventario la última vez que no cupo."),
    )
    offered_at = models.DateTimeField(_("ofrecida"), null=True, blank=True)
    ended_at = models.DateTimeField(_("terminó"), null=True, blank=True)
    ending = models.CharField(_("cómo terminó"), max_length=10, choices=WaitingEnd, blank=True)

    objects = WaitingListEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("lugar en lista de espera")
        verbose_name_plural = _("lugares en lista de espera")
        ordering = ["since", "id"]
        indexes = [
            models.Index(
                fields=["since", "id"],
                condition=Q(ended_at__isnull=True),
                name="waiting_list_open_by_age",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(ended_at__isnull=True),
                name="waiting_list_one_open_a_campaign",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ending="")
                | Q(Q(ended_at__isnull=False), ~Q(ending="")),
                name="waiting_list_ended_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign.folio} · {self.since:%d/%m/%Y %H:%M}"

    def has_lapsed(self, campaign: Campaign) -> bool:
        """Return whether it had an offer that its campaign does not hold any more."""
        return self.offered_at is not None and campaign.current_hold is None


# For lists of campaigns: each gets `open_entries`, its open entry or nothing.
OPEN_ENTRIES = Prefetch(
    "waiting_list_entries", WaitingListEntry.objects.open(), to_attr="open_entries"
)
