"""The zone picker of a form: the list of LADAs by state, its map, and what its buttons do."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from campaigns import saved_zones
from campaigns.errors import CampaignError
from campaigns.models import Brand
from portal.accounts.models import User
from portal.pages.wizard import zone_map
from portal.pages.wizard.forms import NATION, ZONES, ZoneStep, excluded_codes
from segments import areas, gazetteer
from segments.areas import Area, AreaError, PastedCodes
from segments.catalogue import ATTRIBUTION
from segments.gazetteer import Gazetteer
from segments.models import Lada
from segments.models.places import unaccented

ACTION = "zones "  # begins the action of a button of the picker: it changes the form, saves nothing
KEEP = f"{ACTION}keep"
FIELDS = {"scope", "states", "ladas", "excluded"}


class LadaLine(NamedTuple):
    """One LADA of a state's list. `daily` is a mean day's notifications."""

    code: str
    city: str
    daily: int
    overlays: str  # the other codes of the same territory, "56" or "220, 221"


class StateLines(NamedTuple):
    """A state of the list, its LADAs heaviest first."""

    code: str
    name: str
    abbreviation: str
    lines: tuple[LadaLine, ...]


class StateGroup(NamedTuple):
    """A state as one form has it; `chosen` counts what is reached there, `ticked` is all of it."""

    state: StateLines
    ticked: bool
    lines: list[tuple[LadaLine, bool]]
    chosen: int
    named: bool  # chosen in its own right, not only by a LADA that another state brings along


class Answer(NamedTuple):
    """What a button of the picker did, or why it could not."""

    codes: PastedCodes | None = None
    said: str = ""
    name: str = ""
    name_error: str = ""


def picker(form: ZoneStep, brand: Brand, answer: Answer | None = None) -> dict[str, Any]:
    """Give what `zone_list.html` shows. A LADA of two states stands in both."""
    drawn = groups(form)
    everywhere = form["scope"].value() == NATION
    reached = _reached(form) if not everywhere else set(form.places.cities) - _excluded(form)
    kept = sorted(brand.saved_zones.all(), key=lambda zone: unaccented(zone.name))
    return {
        "groups": drawn,
        "map": zone_map.drawn([group.state for group in drawn], reached),
        "attribution": ATTRIBUTION,
        "picker_data": {
            "words": zone_map.words(),
            "files": zone_map.files(),
            "saved": {zone.pk: _as_fields(zone.chosen_area, form.places) for zone in kept},
        },
        "saved_zones": kept,
        "zone_answer": answer or Answer(),
        "pasted": form.data.get("codes", "") if form.is_bound else "",
    }


def groups(form: ZoneStep) -> list[StateGroup]:
    """Draw the list as the form has it."""
    states, ladas, reached = form.chosen("states"), form.chosen("ladas"), _reached(form)
    covered = _of_states(form)
    return [
        StateGroup(
            state,
            ticked=state.code in states,
            lines=[(line, line.code in ladas) for line in state.lines],
            chosen=sum(line.code in reached for line in state.lines),
            named=state.code in states or any(line.code in ladas - covered for line in state.lines),
        )
        for state in _listed(form.places)
    ]


def entered(sent: QueryDict) -> str:
    """Give the action that Enter stands for: to keep the zone that is being named, or to go on.

    Without script the browser presses the form's first button, whichever field it was in.
    """
    return KEEP if sent.get("zone_name", "").strip() else "next"


def take(sent: QueryDict, action: str, brand: Brand) -> QueryDict:
    """Put what a button of the picker does into the fields; give the rest as it was sent."""
    fields, places = sent.copy(), gazetteer.current()
    verb, _space, what = action.removeprefix(ACTION).partition(" ")
    if verb in ("include", "exclude"):
        codes = areas.parse_codes(sent.get("codes", ""), places)
        (_include if verb == "include" else _exclude)(fields, codes.known)
        fields["codes"] = ", ".join(codes.unknown)
    elif verb == "drop":
        _drop(fields, what, places)
    elif verb == "apply" and what.isdecimal():
        zone = brand.saved_zones.filter(pk=int(what[:18])).first()
        if zone is not None:
            chosen = _as_fields(zone.chosen_area, places)
            fields["scope"], fields["excluded"] = chosen["scope"], chosen["excluded"]
            fields.setlist("states", chosen["states"])
            fields.setlist("ladas", chosen["ladas"])
    return fields


def answer(sent: QueryDict, action: str, form: ZoneStep, brand: Brand, *, by: User) -> Answer:
    """Say what a button of the picker did; keep the choice under a name if that is the button.

    Only the picker's own fields are judged: the others are for when the form is saved.
    """
    form.is_valid()
    for name in form.errors.keys() - FIELDS:
        del form.errors[name]
    verb = action.removeprefix(ACTION).partition(" ")[0]
    if verb == "keep":
        return _keep(sent.get("zone_name", ""), form, brand, by)
    if verb not in ("read", "include", "exclude"):
        return Answer()
    codes = areas.parse_codes(sent.get("codes", ""), form.places)
    if not codes.known or verb == "read":
        return Answer(codes=codes)
    done = _("agregadas a tu zona") if verb == "include" else _("fuera de tu zona")
    return Answer(codes=codes, said=_("{n} LADA {done}.").format(n=len(codes.known), done=done))


def _keep(name: str, form: ZoneStep, brand: Brand, by: User) -> Answer:
    area = form.area() if form.cleaned_data.keys() >= FIELDS else None
    try:
        if area is None:
            return Answer(name=name, name_error=_("Elige primero las zonas que quieres guardar."))
        zone = saved_zones.keep(brand.pk, name, area, by=by)
    except CampaignError as error:
        return Answer(name=name, name_error=error.message)
    except AreaError as error:
        return Answer(name=name, name_error=str(error))
    return Answer(said=_("Guardada como «{name}».").format(name=zone.name))


def _include(fields: QueryDict, known: Iterable[str]) -> None:
    if fields.get("scope") != NATION:
        fields["scope"] = ZONES
        fields.setlist("ladas", sorted({*fields.getlist("ladas"), *known}))
    _set_excluded(fields, _codes_in(fields) - set(known))


def _exclude(fields: QueryDict, known: Iterable[str]) -> None:
    fields.setlist("ladas", sorted(set(fields.getlist("ladas")) - set(known)))
    _set_excluded(fields, _codes_in(fields) | set(known))


def _drop(fields: QueryDict, state: str, places: Gazetteer) -> None:
    """Choose nothing of a state any more, but what another state brings along."""
    inside = places.ladas_of.get(state, frozenset())
    fields.setlist("states", [code for code in fields.getlist("states") if code != state])
    fields.setlist("ladas", [code for code in fields.getlist("ladas") if code not in inside])


def _codes_in(fields: QueryDict) -> set[str]:
    """Give the excluded codes as they were typed, also those that do not exist."""
    codes = areas.parse_codes(fields.get("excluded", ""))
    return {*codes.known, *codes.unknown}


def _set_excluded(fields: QueryDict, codes: Iterable[str]) -> None:
    fields["excluded"] = ", ".join(sorted(codes))


def _as_fields(area: Area, places: Gazetteer) -> dict[str, Any]:
    """Give a kept choice as the form's fields say it: excluded states by their LADAs.

    What the catalogue does not have any more is left out.
    """
    excluded = excluded_codes(area, places) & places.cities.keys()
    return {
        "scope": NATION if area.nationwide else ZONES,
        "states": sorted(area.states & places.states.keys()),
        "ladas": sorted(area.ladas & places.cities.keys()),
        "excluded": ", ".join(sorted(excluded)),
    }


def _reached(form: ZoneStep) -> set[str]:
    """Give the LADAs that the list chooses: by state or by name, less the excluded."""
    return (form.chosen("ladas") | _of_states(form)) - _excluded(form)


def _of_states(form: ZoneStep) -> set[str]:
    inside = (form.places.ladas_of.get(state, frozenset()) for state in form.chosen("states"))
    return set().union(*inside)


def _excluded(form: ZoneStep) -> set[str]:
    return set(areas.parse_codes(form["excluded"].value() or "", form.places).known)


_kept: tuple[Gazetteer, list[StateLines]] | None = None


def _listed(places: Gazetteer) -> list[StateLines]:
    """Give the list of the catalogue that stands; it is made once for each load."""
    global _kept
    if _kept is None or _kept[0] is not places:
        listed = [
            StateLines(
                group.state.code,
                group.state.common_name,
                group.state.abbreviation,
                tuple(_line(lada) for lada in group.ladas),
            )
            for group in Lada.objects.by_state()
        ]
        _kept = (places, listed)
    return _kept[1]


def _line(lada: Lada) -> LadaLine:
    others = sorted(other.code for other in lada.overlaps)
    daily = settings.DAILY_NOTIFICATIONS * lada.weight_ppm // 1_000_000
    return LadaLine(lada.code, lada.city, daily, ", ".join(others))
