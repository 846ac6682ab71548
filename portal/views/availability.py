from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns import readiness
from campaigns.models import Campaign
from inventory import availability
from portal.forms import CampaignForm
from segments import areas, gazetteer
from segments.areas import Area

Panel = dict[str, Any]


@login_required
@require_POST
def show(request: HttpRequest) -> HttpResponse:
    """Answer the form's fields with the panel that says what is available."""
    return render(request, "campaigns/availability.html", of_form(CampaignForm(request.POST)))


def of_form(form: CampaignForm) -> Panel:
    """Give the panel for what was sent, as far as it can be read."""
    form.is_valid()
    sent = form.cleaned_data
    readable = {"scope", "states", "ladas", "excluded"} <= sent.keys()
    return _panel(
        form.area() if readable else None,
        sent.get("starts_on"),
        sent.get("ends_on"),
        sent.get("volume"),
        sent.get("daily_cap"),
    )


def of_campaign(campaign: Campaign | None) -> Panel:
    """Give the panel for a saved draft, or for none yet."""
    if campaign is None:
        return _panel(None, None, None, None, None)
    return _panel(
        campaign.chosen_area,
        campaign.starts_on,
        campaign.ends_on,
        campaign.volume,
        campaign.daily_cap,
    )


def _panel(
    area: Area | None,
    starts_on: date | None,
    ends_on: date | None,
    volume: int | None,
    daily_cap: int | None,
) -> Panel:
    if area is None:
        return {"missing": "area"}
    places = gazetteer.current()
    try:
        ladas = areas.resolve(area, places)
    except areas.AreaError as error:
        return {"problem": str(error)}
    chosen = {"ladas": len(ladas), "area": areas.describe(area, places)}
    if not (starts_on and ends_on):
        return {"missing": "days", **chosen}
    if not timezone.localdate() <= starts_on <= ends_on <= readiness.last_open_day():
        return {"missing": "open_days", **chosen}
    found = availability.of(ladas, starts_on, ends_on)
    fits = found.fits(volume, daily_cap=daily_cap) if volume else 0
    return {
        "found": found,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "volume": volume,
        "fits": fits,
        "short": (volume or 0) - fits,
        **chosen,
    }
