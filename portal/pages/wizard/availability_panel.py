"""The availability panel: what is available for a draft or a step's fields, and alternatives."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns import quotas, readiness
from campaigns.errors import CampaignError
from campaigns.lifecycle import ledgers
from campaigns.models import Campaign
from campaigns.quotas import Wanted
from core.calendar import format_date_range, format_dates
from inventory import availability
from inventory.allocations import LiveInventory
from inventory.alternatives import Alternative
from inventory.errors import InventoryError
from inventory.models import Reservation
from inventory.terms import Terms
from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required
from portal.pages.wizard import planned_days
from portal.pages.wizard.forms import DatesStep, StepForm, ZoneStep
from segments import areas, gazetteer
from segments.areas import Area
from segments.gazetteer import Gazetteer

Panel = dict[str, Any]

USE = "use "  # prefix of the action of a button that applies an alternative
EXAMPLE_DAYS = 7  # while no days are chosen
MAX_NAMED = 3  # LADAs that the label of an alternative names


class AlternativeButton(NamedTuple):
    """Other terms that fit, as a button: the action that it posts, and its label."""

    action: str
    label: str


@login_required
@access.costly(8)
@require_POST
def availability_panel(request: SignedInRequest) -> HttpResponse:
    """Render the panel for the fields of a step, posted by the page's script."""
    folio = request.GET.get("campana", "")
    campaign = access.campaign_of(request, folio) if folio else None
    return render(request, "wizard/availability_panel.html", panel_for_data(request.POST, campaign))


def alternative_terms(action: str, area: Area | None) -> dict[str, Any]:
    """Return the terms that a clicked alternative changes: those that its label names, no others.

    `area` is the one that the page displays: an alternative adds LADAs to it. Return {} for an
    action that no button has.
    """
    changes: dict[str, Any] = {}
    for name, values in parse_qs(action.removeprefix(USE)).items():
        try:
            if name == "ladas" and area is not None:
                changes["area"] = _with_ladas(area, values[0].split(",")).to_json()
            elif name in DatesStep.TERMS:
                changes[name] = DatesStep.base_fields[name].clean(values[0])
        except ValidationError:
            return {}
    return changes


def _with_ladas(area: Area, codes: list[str]) -> Area:
    """Return an area with more LADAs. Raises ValidationError for one the catalogue lacks."""
    if not set(codes) <= gazetteer.current().cities.keys():
        raise ValidationError("unknown LADA")
    return replace(area, ladas=area.ladas.union(codes))


def panel_for_step(form: StepForm, campaign: Campaign | None) -> Panel:
    """Return the panel for a step's form, with the draft's terms for the other steps."""
    return panel_for_data(form.data if isinstance(form.data, QueryDict) else QueryDict(), campaign)


def panel_for_data(data: QueryDict, campaign: Campaign | None) -> Panel:
    """Return the panel for posted fields, as far as they are valid, over those of a draft."""
    area, terms = _saved_terms(campaign)
    if not ZoneStep.base_fields.keys().isdisjoint(data.keys() - {"revision"}):
        zone = ZoneStep(data, campaign=campaign)
        zone.is_valid()
        is_readable = {"scope", "states", "ladas", "excluded"} <= zone.cleaned_data.keys()
        area = zone.area() if is_readable else None
    if not DatesStep.base_fields.keys().isdisjoint(data.keys() - {"revision"}):
        dates = DatesStep(data, campaign=campaign)
        dates.is_valid()
        if area is not None and not dates.errors.keys().isdisjoint(("starts_on", "ends_on")):
            return {"missing": "days"}
        terms = {name: dates.cleaned_data.get(name) for name in DatesStep.TERMS}
    return _panel(area, terms, campaign)


def panel_for_campaign(campaign: Campaign) -> Panel:
    """Return the panel for a saved draft."""
    return _panel(*_saved_terms(campaign), campaign)


def _saved_terms(campaign: Campaign | None) -> tuple[Area | None, dict[str, Any]]:
    if campaign is None:
        return None, {}
    return campaign.chosen_area, {name: getattr(campaign, name) for name in DatesStep.TERMS}


def _panel(area: Area | None, values: Mapping[str, Any], campaign: Campaign | None) -> Panel:
    if area is None:
        return {"missing": "area"}
    places = gazetteer.current()
    try:
        ladas = areas.resolve(area, places)
    except areas.AreaError as error:
        return {"problem": str(error)}
    chosen = {"ladas": len(ladas), "area": areas.describe(area, places)}
    now = campaign.now() if campaign else None
    earliest = readiness.first_possible_day(now)
    starts_on, ends_on = values.get("starts_on"), values.get("ends_on")
    if not (starts_on and ends_on):  # no days yet: use those of the first week as an example
        starts_on, ends_on = earliest, earliest + timedelta(EXAMPLE_DAYS - 1)
        values = {}
    elif wrong_days := [*chain(*readiness.day_problems(starts_on, ends_on, now).values())]:
        return {"problem": " ".join(wrong_days), **chosen}
    terms = Terms(
        quantity=values.get("volume") or 1,
        ladas=ladas,
        starts_on=starts_on,
        ends_on=ends_on,
        daily_cap=values.get("daily_cap"),
    )
    try:
        found = availability.check(
            terms,
            without=_own_hold(campaign),
            more_ladas=areas.neighbours(area, ladas, places),
            earliest=earliest,
            live=_sandbox_inventory(campaign),
        )
    except InventoryError as error:
        return {"problem": error.message, **chosen}
    counts = availability.preview(found, terms) if values.get("volume") else {}
    return {
        "found": found,
        "preview": planned_days.chart_context(counts, "planned") if counts else None,
        "example": not values,
        "span": format_date_range(starts_on, ends_on),
        "volume": values.get("volume"),
        "reasons": _reasons(found, terms),
        "limit": _limit(campaign, terms) if values.get("volume") else "",
        "alternatives": [_button(each, terms, places) for each in found.alternatives],
        **chosen,
    }


def _limit(campaign: Campaign | None, terms: Terms) -> str:
    """Return why the brand may not hold so much, if it may not."""
    if campaign is not None and not campaign.sandbox:
        wanted = Wanted(terms.quantity, terms.starts_on, terms.ends_on, terms.ladas)
        try:
            quotas.require_within(campaign.brand, wanted, without=campaign.pk)
        except CampaignError as error:
            return error.message
    return ""


def _sandbox_inventory(campaign: Campaign | None) -> LiveInventory | None:
    """Return the inventory of the campaign's sandbox brand, if it is of one."""
    if campaign is None or not campaign.sandbox:
        return None
    return ledgers.of_sandbox(campaign.brand).live(without=[_own_hold(campaign)])


def _own_hold(campaign: Campaign | None) -> int | None:
    """Return the id of the campaign's hold, which does not compete with its own terms."""
    reservation = campaign.reservation if campaign else None
    held = reservation is not None and reservation.status == Reservation.Status.HELD
    return reservation.pk if held else None  # type: ignore[union-attr]


def _reasons(found: availability.Availability, terms: Terms) -> list[str]:
    """Return what limits the quantity, as sentences."""
    reasons = []
    if found.full:
        reasons.append(
            _("No hay más lugar en esas LADA, ni moviendo otras campañas: {days}.").format(
                days=format_dates(found.full)
            )
        )
    if found.paced and terms.daily_cap:
        reasons.append(
            _("Tu tope de {cap} por día no deja poner más: {days}.").format(
                cap=intcomma(terms.daily_cap), days=format_dates(found.paced)
            )
        )
    elif found.paced:
        reasons.append(
            _(
                "El ritmo parejo (1.5 veces lo que toca a cada día) no deja poner más: {days}."
            ).format(days=format_dates(found.paced))
        )
    return reasons


def _button(alternative: Alternative, requested: Terms, places: Gazetteer) -> AlternativeButton:
    changes: dict[str, object]
    match alternative.kind:
        case "volume":
            changes = {"volume": alternative.terms.quantity}
            label = _("Baja a {volume} notificaciones").format(
                volume=intcomma(alternative.terms.quantity)
            )
        case "cap":
            changes = {"daily_cap": alternative.terms.daily_cap}
            label = _("Permite hasta {cap} por día").format(
                cap=intcomma(alternative.terms.daily_cap)
            )
        case "ladas":
            more = sorted(set(alternative.terms.ladas) - set(requested.ladas))
            changes = {"ladas": ",".join(more)}
            label = _more_ladas_label(more, places)
        case "dates":
            changes = _days(alternative.terms)
            label = _("Cambia las fechas: {span}").format(
                span=format_date_range(alternative.terms.starts_on, alternative.terms.ends_on)
            )
        case _longer:
            changes = _days(alternative.terms)
            days = alternative.terms.days - requested.days
            label = ngettext("Alarga un día: {span}", "Alarga {days} días: {span}", days).format(
                days=days,
                span=format_date_range(alternative.terms.starts_on, alternative.terms.ends_on),
            )
    return AlternativeButton(USE + urlencode(changes), label)


def _days(terms: Terms) -> dict[str, object]:
    return {"starts_on": terms.starts_on.isoformat(), "ends_on": terms.ends_on.isoformat()}


def _more_ladas_label(ladas: list[str], places: Gazetteer) -> str:
    named = [f"{code} {places.cities[code]}" for code in ladas[:MAX_NAMED]]
    if len(ladas) > MAX_NAMED:
        named.append(_("y {rest} más").format(rest=len(ladas) - MAX_NAMED))
    return ngettext("Agrega {n} LADA: {names}", "Agrega {n} LADA: {names}", len(ladas)).format(
        n=len(ladas), names=", ".join(named)
    )
