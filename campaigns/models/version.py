from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import links
from campaigns.models.campaign import Campaign, OrderTerms
from core.triggers import append_only


class Version(OrderTerms):
    """The terms of a campaign as they were sent to review.

    Immutable: an edit makes the next one.
    """

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="versions", verbose_name=_("campaña")
    )
    number = models.PositiveIntegerField(_("versión"))
    ladas = ArrayField(
        models.CharField(max_length=3),
        verbose_name=_("LADA"),
        help_text=_("La zona, resuelta al enviar."),
    )
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("enviada por")
    )
    sent_at = models.DateTimeField(_("enviada"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("versión")
        verbose_name_plural = _("versiones")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="version_number_once"),
            # The channel's alphabet and the longest text of a notification. The rules are in
            # campaigns.ad_text; this is what no code path can get around.
            models.CheckConstraint(
                condition=Q(text__regex=r"^[A-Za-z0-9 $.,/@]{1,110}$"),
                name="version_text_fits_the_channel",
            ),
            # Where a short link leads; the rules are in campaigns.links.
            models.CheckConstraint(
                condition=Q(destination="") | Q(destination__regex=links.STORED_PATTERN),
                name="version_destination_is_https",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"), volume__gt=0, ladas__len__gt=0),
                name="version_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(use="promotion") | Q(promotion_ends_on__isnull=False),
                name="version_promotion_states_validity",
            ),
        ]
        triggers = append_only("immutable")

    def __str__(self) -> str:
        return f"{self.campaign.folio} · {self.number}"
