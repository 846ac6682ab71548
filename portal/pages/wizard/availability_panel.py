"""What is available for what a step says, or a draft: the panel, and its ways to fit."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

from django.contrib.auth.decorators import login_required
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from campaigns import readiness
from campaigns.models import Campaign
from core.calendar import days_in_words, span_in_words
from inventory import availability
from inventory.availability import Way
from inventory.errors import InventoryError
from inventory.models import Reservation
from inventory.terms import Terms
from portal.accounts import access
from portal.pages.wizard import planned_days
from portal.pages.wizard.forms import ZONES, DatesStep, StepForm, ZoneStep
from segments import areas, gazetteer
from segments.areas import Area
from segments.gazetteer import Gazetteer

Panel = dict[str, Any]

USE = "use "  # begins the action of a button that takes one of the ways
EXAMPLE_DAYS = 7  # shown while no days are chosen
NAMED = 3  # LADAs named in a way


class Offer(NamedTuple):
    """One way to fit, as a button: what it sends and what it says."""

    action: str
    told: str


@login_required
@require_POST
def availability_panel(request: access.SignedInRequest) -> HttpResponse:
    """Answer a step's fields with the panel that says what is available."""
    folio = request.GET.get("campana", "")
    campaign = access.campaign_of(request, folio) if folio else None
    return render(request, "wizard/availability_panel.html", of_sent(request.POST, campaign))


def taken(sent: QueryDict, campaign: Campaign) -> dict[str, Any]:
    """Give the terms of the way that was clicked, over a step's fields and the saved draft.

    A way may change the other step, too. One that nobody offered changes nothing.
    """
    fields = QueryDict(mutable=True)
    for form in (ZoneStep(campaign=campaign), DatesStep(campaign=campaign)):
        for name, value in form.initial.items():
            fields.setlist(name, value if isinstance(value, list) else [value or ""])
    shown = ZoneStep if "scope" in sent or "ladas" in sent else DatesStep
    for name in shown.base_fields:
        fields.setlist(name, sent.getlist(name))
    for name, values in parse_qs(sent.get("action", "").removeprefix(USE)).items():
        if name == "ladas":
            fields["scope"] = ZONES
            fields.setlist("ladas", [*fields.getlist("ladas"), *values[0].split(",")])
        elif name in DatesStep.TERMS:
            fields[name] = values[0]
    forms = ZoneStep(fields, campaign=campaign), DatesStep(fields, campaign=campaign)
    if not all(form.is_valid() for form in forms):
        return {}
    return {name: value for form in forms for name, value in form.terms().items()}


def of_step(form: StepForm, campaign: Campaign | None) -> Panel:
    """Give the panel for what a step's fields say, and what the draft says of the others."""
    return of_sent(form.data if form.is_bound else QueryDict(), campaign)


def of_sent(sent: QueryDict, campaign: Campaign | None) -> Panel:
    """Give the panel for fields of steps, as far as they can be read, over a draft or none."""
    area, terms = _saved(campaign)
    if not ZoneStep.base_fields.keys().isdisjoint(sent.keys() - {"seen"}):
        zone = ZoneStep(sent, campaign=campaign)
        zone.is_valid()
        readable = {"scope", "states", "ladas", "excluded"} <= zone.cleaned_data.keys()
        area = zone.area() if readable else None
    if not DatesStep.base_fields.keys().isdisjoint(sent.keys() - {"seen"}):
        dates = DatesStep(sent, campaign=campaign)
        dates.is_valid()
        terms = {name: dates.cleaned_data.get(name) for name in DatesStep.TERMS}
    return _panel(area, terms, campaign)


def of_campaign(campaign: Campaign) -> Panel:
    """Give the panel for a saved draft."""
    return _panel(*_saved(campaign), campaign)


def _saved(campaign: Campaign | None) -> tuple[Area | None, dict[str, Any]]:
    if campaign is None:
        return None, {}
    return campaign.chosen_area, {name: getattr(campaign, name) for name in DatesStep.TERMS}


def _panel(area: Area | None, sent: Mapping[str, Any], campaign: Campaign | None) -> Panel:
    if area is None:
        return {"missing": "area"}
    places = gazetteer.current()
    try:
        ladas = areas.resolve(area, places)
    except areas.AreaError as error:
        return {"problem": str(error)}
    chosen = {"ladas": len(ladas), "area": areas.describe(area, places)}
    earliest = readiness.first_possible_day()
    starts_on, ends_on = sent.get("starts_on"), sent.get("ends_on")
    if not (starts_on and ends_on):  # no days yet: those of the first week give an idea
        starts_on, ends_on = earliest, earliest + timedelta(EXAMPLE_DAYS - 1)
        sent = {}
    try:
        terms = Terms.of(
            quantity=sent.get("volume") or 1,
            ladas=ladas,
            starts_on=starts_on,
            ends_on=ends_on,
            daily_cap=sent.get("daily_cap"),
        )
        found = availability.for_terms(
            terms,
            without=_own_hold(campaign),
            more_ladas=areas.neighbours(area, ladas, places),
            earliest=earliest,
        )
    except InventoryError as error:
        return {"problem": error.message, **chosen}
    counts = availability.spread(found, terms) if sent.get("volume") else {}
    return {
        "found": found,
        "preview": planned_days.drawn(counts, "planned") if counts else None,
        "example": not sent,
        "span": span_in_words(starts_on, ends_on),
        "volume": sent.get("volume"),
        "reasons": _reasons(found, terms),
        "offers": [_offer(way, terms, places) for way in found.ways],
        **chosen,
    }


def _own_hold(campaign: Campaign | None) -> int | None:
    """Give the hold that sending the campaign again would change."""
    reservation = campaign.reservation if campaign else None
    held = reservation is not None and reservation.status == Reservation.Status.HELD
    return reservation.pk if held else None  # type: ignore[union-attr]


def _reasons(found: availability.Availability, terms: Terms) -> list[str]:
    """Say what binds."""
    reasons = []
    if found.full:
        reasons.append(
            _("No hay más lugar en esas LADA, ni moviendo otras campañas: {days}.").format(
                days=days_in_words(found.full)
            )
        )
    if found.paced and terms.daily_cap:
        reasons.append(
            _("Tu tope de {cap} por día no deja poner más: {days}.").format(
                cap=intcomma(terms.daily_cap), days=days_in_words(found.paced)
            )
        )
    elif found.paced:
        reasons.append(
            _(
                "El ritmo parejo (1.5 veces lo que toca a cada día) no deja poner más: {days}."
            ).format(days=days_in_words(found.paced))
        )
    return reasons


def _offer(way: Way, asked: Terms, places: Gazetteer) -> Offer:
    changes: dict[str, object]
    match way.kind:
        case "volume":
            changes = {"volume": way.terms.quantity}
            told = _("Baja a {volume} notificaciones").format(volume=intcomma(way.terms.quantity))
        case "cap":
            changes = {"daily_cap": way.terms.daily_cap}
            told = _("Permite hasta {cap} por día").format(cap=intcomma(way.terms.daily_cap))
        case "ladas":
            more = sorted(set(way.terms.ladas) - set(asked.ladas))
            changes = {"ladas": ",".join(more)}
            told = _more_in_words(more, places)
        case "dates":
            changes = _days(way.terms)
            told = _("Cambia las fechas: {span}").format(
                span=span_in_words(way.terms.starts_on, way.terms.ends_on)
            )
        case _longer:
            changes = _days(way.terms)
            days = way.terms.days - asked.days
            told = ngettext("Alarga un día: {span}", "Alarga {days} días: {span}", days).format(
                days=days, span=span_in_words(way.terms.starts_on, way.terms.ends_on)
            )
    return Offer(USE + urlencode(changes), told)


def _days(terms: Terms) -> dict[str, object]:
    return {"starts_on": terms.starts_on.isoformat(), "ends_on": terms.ends_on.isoformat()}


def _more_in_words(ladas: list[str], places: Gazetteer) -> str:
    named = [f"{code} {places.cities[code]}" for code in ladas[:NAMED]]
    if len(ladas) > NAMED:
        named.append(_("y {rest} más").format(rest=len(ladas) - NAMED))
    return ngettext("Agrega {n} LADA: {names}", "Agrega {n} LADA: {names}", len(ladas)).format(
        n=len(ladas), names=", ".join(named)
    )
