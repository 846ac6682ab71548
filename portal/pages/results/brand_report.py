"""The report of a brand: what its campaigns delivered in a span of days, and each beside others."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Max, Min
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.models import Brand, Campaign
from campaigns.reports import delivery
from campaigns.reports.delivery import HOUR
from campaigns.results import finality, link_clicks, summary
from campaigns.results.counts import Counts
from campaigns.results.finality import Finality
from campaigns.results.summary import Summary
from inventory import occupancy
from inventory.occupancy import ReservedByDay
from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required
from portal.pages.results import comparison, days, places, span
from portal.pages.results.comparison import ComparedCampaign
from portal.pages.results.span import Span

PAGE = 50  # campaigns that are compared on a page
LATE_CLICKS = timedelta(days=30)  # a text is read late: its link is followed after its last day


@login_required
@require_safe
def brand_report(request: SignedInRequest, slug: str) -> HttpResponse:
    """Display the report of a brand over the days that the address names."""
    brand = access.brand_of(request, slug)
    access.remember(request, brand)
    context: dict[str, Any] = {
        "brand": brand,
        "nav": "reports",
        "may_edit": brand.may_edit(request.user),
    }
    known = _begun(brand).aggregate(first=Min("starts_on"), last=Max("ends_on"))
    if known["first"]:
        shown = span.read(request.GET, known["first"], known["last"], brand.today())
        context |= {"span": shown} | _report(request, brand, shown)
    return render(request, "results/brand_report.html", context)


def _begun(brand: Brand) -> Any:
    """Return the campaigns of a brand that have an order and whose first day has come."""
    rows = Campaign.objects.filter(brand=brand, ad_order__isnull=False)
    return rows.filter(starts_on__lte=brand.today())


def _report(request: SignedInRequest, brand: Brand, shown: Span) -> dict[str, Any]:
    campaigns = list(
        _begun(brand)
        .filter(starts_on__lte=shown.last, ends_on__gte=shown.first - LATE_CLICKS)
        .select_related("link")
    )
    sums = summary.of(campaigns, shown.first, shown.last)
    final = finality.read(shown.first, shown.last, brand)
    clicked = link_clicks.by_day(campaigns, shown.first, shown.last)
    planned = _planned(campaigns, brand.today())
    compared = _compared(brand, campaigns, sums, clicked, planned, shown)
    order = request.GET.get("orden", "")
    order = order if order in comparison.ORDERS else next(iter(comparison.ORDERS))
    page = Paginator(comparison.sort(compared, order), PAGE)
    all_days = days.span_of(shown.first, shown.last)
    return {
        "sums": sums,
        "clicks": sum(sum(by_day.values()) for by_day in clicked.values()),
        "has_links": any(campaign.short_link for campaign in campaigns),
        "contracted": sum(row.delivery.contracted for row in compared),
        "delivered": sum(row.delivery.delivered for row in compared),
        "final_since": final.of_days(shown.first, shown.last),
        "until": _until(final, brand.today()),
        "by_day": days.by_day(
            all_days, sums.by_day, _sum_by_day(planned, all_days), final, today=brand.today()
        ),
        "places": places.of(sums.by_state, {}),
        "page": page.get_page(request.GET.get("page")),
        "order": order,
        "orders": comparison.ORDERS,
    }


def _planned(campaigns: Sequence[Campaign], today: date) -> ReservedByDay:
    """Return what is planned of campaigns on each of their days until today, by folio."""
    first = min((c.starts_on for c in campaigns if c.starts_on), default=today)
    folios = [campaign.folio for campaign in campaigns]
    return occupancy.reserved_by_day(folios, first, today)


def _sum_by_day(planned: ReservedByDay, all_days: Sequence[date]) -> dict[date, int]:
    return {day: sum(own.get(day, (0, 0))[1] for own in planned.values()) for day in all_days}


def _compared(
    brand: Brand,
    campaigns: Sequence[Campaign],
    sums: Summary,
    clicked: dict[int, dict[date, int]],
    planned: ReservedByDay,
    shown: Span,
) -> list[ComparedCampaign]:
    """Return the rows of the campaigns on air in the span, or with clicks in it."""
    now, found = brand.now(), delivery.of_campaigns(campaigns)
    rows = []
    for campaign in campaigns:
        assert campaign.last_day  # it was ordered
        if campaign.last_day < shown.first and campaign.pk not in {**sums.by_campaign, **clicked}:
            continue
        own = found[campaign.pk]
        clicks = sum(clicked.get(campaign.pk, {}).values()) if campaign.short_link else None
        counts = sums.by_campaign.get(campaign.pk, Counts())
        pace = comparison.pace(campaign, own, planned, now)
        rows.append(ComparedCampaign(campaign, counts, clicks, own, pace))
    return rows


def _until(final: Finality, today: date) -> str:
    """Return until when hours are counted, in words; empty where none is."""
    if not final.updated:
        return ""
    until = timezone.localtime(max(final.updated) + HOUR)
    if until.date() == today:
        return _("las {time}").format(time=date_format(until, "H:i"))
    return _("el {at}").format(at=date_format(until, "DATETIME_FORMAT"))
