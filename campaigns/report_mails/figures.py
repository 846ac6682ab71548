"""The figures of campaigns in a mail: what they delivered in a span of days, and up to its end."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import F, Q
from django.template.defaultfilters import floatformat
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign, Shortfall
from campaigns.models.campaign import CampaignQuerySet
from campaigns.moves import PausedBy, Status
from campaigns.report_mails.weeks import Span
from campaigns.reports import delivery
from campaigns.reports.delivery import midnight
from campaigns.reports.zeros import Zero
from campaigns.results import blocks, finality, link_clicks
from campaigns.results.blocks import Grain
from campaigns.results.counts import Counts
from inventory import occupancy

ON_AIR = (Status.LIVE, Status.PAUSED)
OVER = (Status.FINISHED, Status.CANCELLED)


class Figures(NamedTuple):
    """The figures of a campaign in a span of days: `counts` of the span, `total` up to its end.

    `planned` is what its plan has up to the end of the span, in insertions; None once it is over.
    `clicks` is None without a short link. `reason` says why nothing was delivered, or why its
    counts stand still now.
    """

    campaign: Campaign
    span: Span
    counts: Counts
    total: Counts
    planned: int | None
    clicks: int | None
    best_day: tuple[date, int] | None  # with what was delivered on it
    is_final: bool
    missing: int  # at its end, by its pace
    reason: str

    @property
    def contracted(self) -> int:
        return self.campaign.volume or 0

    @property
    def percent(self) -> int:
        """Delivered of what was contracted, in whole percent."""
        return occupancy.percent(self.total.delivered, self.contracted)

    @property
    def of_plan(self) -> int | None:
        """Inserted of what was planned, in whole percent; None where nothing was."""
        return occupancy.percent(self.total.inserted, self.planned) if self.planned else None

    @property
    def bar(self) -> int:
        """The width of what was delivered on a bar of what was contracted, in percent."""
        return min(self.percent, 100)

    @property
    def lines(self) -> list[str]:
        """What there is to tell beside delivered of contracted, each in a sentence in Spanish."""
        return [line for line in (self._week(), *self._rest()) if line]

    def _week(self) -> str:
        best = ""
        if self.best_day:
            best = _("Mejor día: {day} ({delivered}).").format(
                day=date_format(self.best_day[0], _(r"l j \d\e F")),
                delivered=intcomma(self.best_day[1]),
            )
        if not self.span.is_week:
            return best
        text = _("{span}: {delivered} entregadas.").format(
            span=capfirst(str(self.span)), delivered=intcomma(self.counts.delivered)
        )
        return f"{text} {best}" if best else text

    def _rest(self) -> Iterator[str]:
        if self.clicks is not None:
            text = ngettext("{n} clic", "{n} clics", self.clicks).format(n=intcomma(self.clicks))
            if self.click_rate is not None:
                rate = floatformat(self.click_rate, 2)
                text = _("{clicks}, {rate}\u00a0% de lo entregado").format(clicks=text, rate=rate)
            yield f"{text}."
        if self.planned:
            yield _(
                "Su plan hasta el {day}: salir en {planned}. "
                "Salió en {inserted} ({percent}\u00a0%)."
            ).format(
                day=date_format(self.span.last, _(r"j \d\e F")),
                planned=intcomma(self.planned),
                inserted=intcomma(self.total.inserted),
                percent=self.of_plan,
            )
        if self.missing:
            yield _("Al ritmo de sus últimos días le faltarían {missing} al terminar.").format(
                missing=intcomma(self.missing)
            )
        yield self.reason

    @property
    def click_rate(self) -> float | None:
        """Clicks of what was delivered in the span, in percent."""
        if self.clicks is None or not self.counts.delivered:
            return None
        return 100 * self.clicks / self.counts.delivered


def ran(span: Span | None = None) -> CampaignQuerySet:
    """Return the campaigns that were on air, or were to be, on a day of a span; or at any time.

    Those of sandbox brands never are.
    """
    channel = Campaign.objects.of_channel()
    over = Q(status__in=OVER, status_at__date__gte=F("starts_on"))
    if span is None:
        return channel.filter(Q(status__in=ON_AIR) | over)
    over &= Q(status_at__gte=midnight(span.first))
    rows = channel.filter(Q(status__in=ON_AIR) | over)
    return rows.filter(starts_on__lte=span.last, ends_on__gte=span.first)


def of_campaigns(campaigns: Sequence[Campaign], span: Span) -> list[Figures]:
    """Return the figures of campaigns that ran in a span, those that delivered the most first."""
    if not campaigns:
        return []
    begin = min(each.starts_on or span.first for each in campaigns)
    by_day: dict[int, dict[date, Counts]] = defaultdict(dict)
    for block in blocks.read(campaigns, begin, span.last, Grain.DAY):
        by_day[block.campaign][block.day] = block.counts
    folios = [each.folio for each in campaigns]
    planned = occupancy.reserved_by_day(folios, begin, span.last)
    clicks = link_clicks.by_day(campaigns, *span)
    found = delivery.of_campaigns(campaigns)
    final = finality.read(*span)
    missing = dict(
        Shortfall.objects.filter(campaign__in=campaigns).values_list("campaign", "missing")
    )
    rows = [
        _figures(
            each,
            span,
            by_day[each.pk],
            planned=sum(booked for _held, booked in planned.get(each.folio, {}).values()),
            clicks=sum(clicks.get(each.pk, {}).values()),
            is_final=_is_final(each, span, final),
            missing=missing.get(each.pk, 0),
            reason=found[each.pk].explanation if each.pk in found else "",
        )
        for each in campaigns
    ]
    return sorted(rows, key=lambda row: (-row.counts.delivered, row.campaign.pk))


def _figures(
    campaign: Campaign,
    span: Span,
    by_day: dict[date, Counts],
    *,
    planned: int,
    clicks: int,
    is_final: bool,
    missing: int,
    reason: str,
) -> Figures:
    counts, total = Counts(), Counts()
    for day, each in by_day.items():
        total = total.plus(each)
        if day >= span.first:
            counts = counts.plus(each)
    days = [(day, each.delivered) for day, each in by_day.items() if day >= span.first]
    best = max(days, key=lambda row: row[1], default=None)
    return Figures(
        campaign=campaign,
        span=span,
        counts=counts,
        total=total,
        planned=None if campaign.status in Campaign.ENDED else planned,
        clicks=clicks if campaign.short_link else None,
        best_day=best if best and best[1] else None,
        is_final=is_final,
        missing=missing if campaign.status == Status.LIVE else 0,
        reason=reason or ("" if counts.delivered else _reason_of_zero(campaign, counts)),
    )


def _is_final(campaign: Campaign, span: Span, final: finality.Finality) -> bool:
    """Return whether no count of a campaign in a span can change any more."""
    assert campaign.starts_on and campaign.last_day  # it ran
    first, last = max(span.first, campaign.starts_on), min(span.last, campaign.last_day)
    return final.of_days(first, last) is not None


def _reason_of_zero(campaign: Campaign, counts: Counts) -> str:
    """Return why nothing was delivered in a span of a campaign that delivered before."""
    if counts.inserted:
        return str(Zero.NO_RECEIPTS.label)
    if campaign.status == Status.PAUSED:
        suspended = campaign.paused_by == PausedBy.SUSPENSION
        return str((Zero.SUSPENDED if suspended else Zero.PAUSED).label)
    return _("En estos días no se entregó ninguna.")
