from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, models
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import links
from campaigns.models.campaign import Campaign

ATTEMPTS = 20  # to find a free code: with a million links all of them fail once in 10^22


class NoCodeLeft(Exception):
    """Every code that was tried is taken: codes are used up, or the random source is broken."""


class LinkTarget(NamedTuple):
    """The destination that a link redirects to now."""

    link_id: int
    url: str


class LinkManager(models.Manager["Link"]):
    def get_or_create_for(self, campaign: Campaign) -> "Link":
        """Return a campaign's link; create one if it has none. Raises NoCodeLeft.

        Call it in the transaction that locks the campaign. Where a code is taken, another one
        is tried.
        """
        for _attempt in range(ATTEMPTS):
            if link := self.filter(campaign=campaign).first():
                return link
            new = Link(campaign=campaign, code=links.new_code())
            self.bulk_create([new], ignore_conflicts=True)
        raise NoCodeLeft

    def resolve(self, code: str) -> LinkTarget | None:
        """Return where a code redirects to, or None.

        The destination is that of the approved version, from which the ad order was made, not of
        the draft or a later version. A link redirects while its campaign runs and, since texts
        are read late, for LINK_DAYS_AFTER_END after the last day, unless the campaign was paused
        when it ended. That of a sandbox brand never redirects: nobody has reviewed it. In SQL
        because it runs at every click: compiling the same query in the ORM takes longer than
        running it.
        """
        ended_since = timezone.localdate() - timedelta(settings.LINK_DAYS_AFTER_END)
        with connection.cursor() as cursor:
            cursor.execute(
                _TARGET, [code, list(Link.REDIRECTING), Campaign.Status.FINISHED, ended_since]
            )
            row = cursor.fetchone()
        return LinkTarget(*row) if row else None


_TARGET = """
    SELECT link.id, version.destination
    FROM campaigns_link AS link
    JOIN campaigns_campaign AS campaign ON campaign.id = link.campaign_id
    JOIN campaigns_adorder AS ad_order ON ad_order.campaign_id = campaign.id
    JOIN campaigns_version AS version ON version.id = ad_order.version_id
    WHERE link.code = %s AND version.destination <> '' AND NOT campaign.sandbox AND (
        campaign.status = ANY(%s)
        OR campaign.status = %s AND version.ends_on >= %s AND NOT EXISTS (
            SELECT FROM campaigns_event AS event WHERE event.campaign_id = campaign.id
                AND event.move = 'finish' AND event.from_status = 'paused'
        )
    )
"""


class Link(models.Model):
    """A campaign's short link. Its code never changes; the destination is in the versions."""

    #: Statuses in which it redirects; after FINISHED it does for LINK_DAYS_AFTER_END more days.
    REDIRECTING = (Campaign.Status.APPROVED, Campaign.Status.SCHEDULED, Campaign.Status.LIVE)

    campaign = models.OneToOneField(
        Campaign, models.PROTECT, related_name="link", verbose_name=_("campaña")
    )
    code = models.CharField(
        _("código"), max_length=links.CODE_LENGTH, unique=True, default=links.new_code
    )
    created_at = models.DateTimeField(_("creado"), default=timezone.now, editable=False)

    objects = LinkManager()

    class Meta:
        verbose_name = _("enlace corto")
        verbose_name_plural = _("enlaces cortos")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=f"^{links.CODE_PATTERN}$"),
                name="link_code_is_of_the_alphabet",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def address(self) -> str:
        """The link as it is written in an ad text."""
        return links.address_of(self.code)

    def clicks(self) -> dict[str, int]:
        """Return the number of clicks so far by kind, zeros included."""
        counts = dict(self.hours.values_list("kind").annotate(Sum("count")))
        return {kind.value: counts.get(kind.value, 0) for kind in LinkHour.Kind}


Counts = Mapping[tuple[int, datetime, str], int]


class LinkHourManager(models.Manager["LinkHour"]):
    def add(self, counts: Counts) -> None:
        """Add clicks by (link id, hour, kind), all or none; safe to call concurrently.

        Rows are locked in the order of their keys, so that concurrent calls do not deadlock.
        Clicks of a link that does not exist are dropped.
        """
        keys = sorted(counts)
        with connection.cursor() as cursor:
            cursor.execute(
                _ADD,
                [
                    [link for link, _hour, _kind in keys],
                    [hour for _link, hour, _kind in keys],
                    [kind for _link, _hour, kind in keys],
                    [counts[key] for key in keys],
                ],
            )


_ADD = """
    INSERT INTO campaigns_linkhour AS row (link_id, hour, kind, count)
    SELECT link.id, added.hour, added.kind, added.count
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::bigint[])
        WITH ORDINALITY AS added (link_id, hour, kind, count, place)
    JOIN campaigns_link AS link ON link.id = added.link_id
    ORDER BY added.place
    ON CONFLICT (link_id, hour, kind) DO UPDATE SET count = row.count + excluded.count
"""


class LinkHour(models.Model):
    """The clicks on a link in one hour, by people or by programs; no personal data."""

    class Kind(models.TextChoices):
        PEOPLE = "people", _("Personas")
        BOTS = "bots", _("Programas y vistas previas")

    link = models.ForeignKey(
        Link, models.PROTECT, related_name="hours", verbose_name=_("enlace corto")
    )
    hour = models.DateTimeField(_("hora"), help_text=_("Cuando empieza, en UTC."))
    kind = models.CharField(_("quién"), max_length=6, choices=Kind)
    count = models.PositiveBigIntegerField(_("visitas"))

    objects = LinkHourManager()

    class Meta:
        verbose_name = _("visitas por hora")
        verbose_name_plural = _("visitas por hora")
        constraints = [
            models.UniqueConstraint(fields=["link", "hour", "kind"], name="linkhour_once"),
            models.CheckConstraint(
                condition=Q(hour__minute=0, hour__second=0), name="linkhour_is_a_whole_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.link} {self.hour:%Y-%m-%d %H} {self.kind}"
