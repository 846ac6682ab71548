"""What campaigns on air are projected to miss, and its report to their brands."""

from datetime import date, datetime
from functools import partial

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.lifecycle.transitions import process_each, record
from campaigns.models import Campaign, Shortfall
from campaigns.moves import MOVES, Status
from campaigns.reports.delivery import DAY, HOUR, midnight
from campaigns.results import finality, pacing
from campaigns.results.pacing import SHORTFALL, Pacing

WORSE = 0.1  # of what was contracted: by so much more it is reported again
AT_A_TIME = 500  # campaigns, every 5 minutes


def report_due(now: datetime | None = None) -> int:
    """Project what is missing of campaigns on air, and notify their brands of each worsening.

    Each is projected once for each whole day, as soon as all hours of that day were counted, so
    that neither a part of a day nor missing counts look like a shortfall. The most that a brand
    has read of is kept, and less is not reported. Return how many were projected. Safe to repeat.
    """
    now = now or timezone.now()
    yesterday = timezone.localdate(now) - DAY
    if not _is_counted(yesterday):
        return 0
    rows = Campaign.objects.of_channel().filter(
        status__in=MOVES["fall_short"].sources, starts_on__lte=yesterday
    )
    rows = rows.exclude(shortfall__through__gte=yesterday).order_by("id")
    ids = rows.values_list("id", flat=True)[:AT_A_TIME]
    return process_each(ids, partial(_project, through=yesterday, now=now))


def falling_short() -> QuerySet[Shortfall]:
    """Return those of campaigns on air that are projected to miss something, the largest first."""
    rows = Shortfall.objects.filter(campaign__status=Status.LIVE, missing__gt=0)
    return rows.select_related("campaign").order_by("-missing", "campaign_id")


def _is_counted(day: date) -> bool:
    begin, end = midnight(day), midnight(day + DAY)
    return len(finality.read(day, day).updated) >= (end - begin) // HOUR


def _project(campaign: Campaign, through: date, now: datetime) -> bool:
    if campaign.status not in MOVES["fall_short"].sources:
        return False
    paced = pacing.of_campaign(campaign, now) if _was_on_air(campaign, through) else None
    row = Shortfall.objects.get_or_create(campaign=campaign, defaults={"through": through})[0]
    row.through, row.missing = through, paced.shortfall if paced else 0
    if paced and _is_worse(campaign, row):
        row.reported = row.missing
        note = _note(paced)
        record(campaign, "fall_short", by=None, from_status=campaign.status, comment=note)
    row.save()
    return True


def _was_on_air(campaign: Campaign, day: date) -> bool:
    """Return whether a campaign was on air from the first hour of a channel day on."""
    first = campaign.events.filter(to_status=Status.LIVE).order_by("id").first()
    return first is not None and first.at < midnight(day) + HOUR


def _is_worse(campaign: Campaign, row: Shortfall) -> bool:
    """Return whether more is missing than the brand has read of, places lost included."""
    contracted = campaign.volume or 0
    known = max(row.reported, campaign.reported_risk)
    return row.missing > known + contracted * (WORSE if row.reported else 1 - SHORTFALL)


def _note(paced: Pacing) -> str:
    return _(
        "Al ritmo de sus últimos días, el anuncio saldría en {projected} de las {contracted} "
        "notificaciones contratadas: faltarían {missing}."
    ).format(
        projected=intcomma(paced.projected),
        contracted=intcomma(paced.contracted),
        missing=intcomma(paced.shortfall),
    )
