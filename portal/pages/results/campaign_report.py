"""The report of a campaign: what it delivered of what was contracted, when, where and of what."""

from datetime import date
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import pricing
from campaigns.models import AdOrder, Campaign
from campaigns.pricing import Charge, Quote
from campaigns.reports import progress
from campaigns.reports.delivery import Delivery
from campaigns.reports.progress import Progress
from campaigns.results import finality, link_clicks, pacing, summary, versions
from campaigns.results.finality import Finality
from campaigns.results.pacing import Pacing
from campaigns.results.summary import Summary
from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required
from portal.pages.results import days, figures, places
from portal.pages.results.figures import Figure


class Price(NamedTuple):
    """What a campaign costs, and what is charged of it so far."""

    quote: Quote
    charge: Charge


@login_required
@require_safe
def campaign_report(request: SignedInRequest, folio: str) -> HttpResponse:
    """Display the report of a campaign, or why there is none yet."""
    campaign = access.campaign_of(request, folio)
    access.remember(request, campaign.brand)
    found = progress.of_campaigns([campaign]).get(campaign.pk)
    context = {
        "brand": campaign.brand,
        "nav": "reports",
        "campaign": campaign,
        **(_report(campaign, found) if found else _nothing_yet(campaign)),
    }
    return render(request, "results/campaign_report.html", context)


def _nothing_yet(campaign: Campaign) -> dict[str, Any]:
    """Return why a campaign without deliveries to display has none."""
    if not AdOrder.objects.filter(campaign=campaign).exists():
        return {
            "reason": _("Una campaña tiene reporte desde que la aprueban y llega su primer día.")
        }
    if campaign.status in Campaign.ENDED:
        return {"reason": _("Terminó antes de su primer día: no salió en ninguna notificación.")}
    return {"reason": _("Todavía no llega su primer día."), "starts_on": campaign.starts_on}


def _report(campaign: Campaign, found: Delivery) -> dict[str, Any]:
    assert campaign.starts_on and campaign.ends_on  # it was ordered
    first, last = campaign.starts_on, campaign.ends_on
    sums = summary.of([campaign], first, last)
    final = finality.read(first, last, campaign.brand)
    paced = pacing.of_delivery(campaign, found, sums.by_day, campaign.now())
    has_ended = campaign.status in Campaign.ENDED
    shown_days = days.span_of(first, max(campaign.last_day or last, *sums.by_day, first))
    planned = {day.day: day.planned for day in paced.days}
    return {
        "progress": Progress(found, None if has_ended else paced.expected),
        "paced": paced,
        "has_ended": has_ended,
        "verdict": _verdict(paced, found, has_ended=has_ended),
        "whole_hours": sums.total,
        "whole_hours_differ": sums.total.inserted != found.inserted,
        "by_day": days.by_day(shown_days, sums.by_day, planned, final, today=campaign.today()),
        "pacing": days.pacing(paced, campaign.now(), has_ended=has_ended),
        "by_hour": days.by_hour(sums.by_hour),
        "places": places.of(sums.by_state, sums.by_lada),
        "clicks": _clicks(campaign, sums, shown_days),
        "versions": versions.of_campaign(campaign),
        "price": _price(campaign, sums, final),
    }


def _verdict(paced: Pacing, found: Delivery, *, has_ended: bool) -> str:
    """Return in one sentence how a campaign does, or did."""
    if not paced.inserted:
        return ""  # its reason says it
    if has_ended:
        if paced.is_short:
            return _("Terminó: faltaron {count:,} de {contracted:,} contratadas.").format(
                count=paced.shortfall, contracted=paced.contracted
            )
        return _("Terminó con todo lo contratado.")
    if paced.is_short:
        return _(
            "Va corta: a este paso terminaría con {count:,} de {contracted:,} contratadas."
        ).format(count=paced.projected, contracted=paced.contracted)
    return _("Va bien: a este paso termina con todo lo contratado.")


def _clicks(campaign: Campaign, sums: Summary, shown_days: list[date]) -> Figure | None:
    """Return the clicks of a campaign's link until today; None where it has none."""
    if not campaign.short_link:
        return None
    today = campaign.today()
    clicked = link_clicks.by_day([campaign], shown_days[0], today).get(campaign.pk, {})
    passed = [day for day in shown_days if day <= today]
    return days.clicks(passed, sums.by_day, clicked) if passed else None


def _price(campaign: Campaign, sums: Summary, final: Finality) -> Price | None:
    """Return what is charged for the days that are final; None while prices are off."""
    quote = pricing.of_campaign(campaign)
    if quote is None:
        return None
    counts = figures.add_up(each for day, each in sums.by_day.items() if final.of_day(day))
    return Price(quote, quote.charge(counts.delivered))
