"""The zone picker: the list of LADAs by state, the map, and the actions of its buttons."""

import re
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from campaigns import saved_zones
from campaigns.errors import CampaignError
from campaigns.models import Brand
from portal.accounts.models import User
from portal.pages.wizard import zone_map
from portal.pages.wizard.forms import NATION, ZONES, ZoneStep
from segments import areas, gazetteer, pasted_places
from segments.areas import Area, AreaError
from segments.catalogue import ATTRIBUTION
from segments.gazetteer import Gazetteer
from segments.models import Lada
from segments.models.places import unaccented
from segments.pasted_places import PastedPlaces

ACTION = "zones "  # prefix of the actions of the picker, which change the form and save no draft
SAVE = f"{ACTION}save"
# Words of the field of excluded codes that name no place, as in static/js/zone-codes.js.
EMPTY = re.compile("ladas?|claves?|y|e|nada|ningun[ao]|no", re.IGNORECASE)
FIELDS = {"scope", "states", "ladas", "excluded"}


class LadaOption(NamedTuple):
    """A LADA of a state's list. `daily` is the notifications of a mean day."""

    code: str
    city: str
    daily: int
    overlays: str  # the other codes of the same territory, "56" or "220, 221"


class StateOption(NamedTuple):
    """A state of the list, with its LADAs by descending weight."""

    code: str
    name: str
    abbreviation: str
    ladas: tuple[LadaOption, ...]


class StateChoice(NamedTuple):
    """The choice of a form in a state.

    `ticked` is the state's own checkbox, `ladas` are those of its LADAs, `chosen` is the number of
    LADAs that the form reaches there, less the excluded.
    """

    state: StateOption
    ticked: bool
    ladas: list[tuple[LadaOption, bool]]
    chosen: int
    named: bool  # chosen itself, not only by a LADA that it shares with a chosen state


class PickerResult(NamedTuple):
    """The outcome of a button of the picker: pasted places, a message, or the error of a name."""

    codes: PastedPlaces | None = None
    message: str = ""
    name: str = ""
    name_error: str = ""


def picker_context(
    form: ZoneStep, brand: Brand, result: PickerResult | None = None
) -> dict[str, Any]:
    """Return the context of `wizard/zone_picker.html`. A LADA of two states is listed in both."""
    choices = state_choices(form)
    everywhere = form["scope"].value() == NATION
    reached = _reached(form) if not everywhere else set(form.places.cities) - _excluded(form)
    zones = sorted(brand.saved_zones.all(), key=lambda zone: unaccented(zone.name))
    return {
        "groups": choices,
        "map": zone_map.draw([choice.state for choice in choices], reached),
        "attribution": ATTRIBUTION,
        "picker_data": {
            "texts": zone_map.script_texts(),
            "files": zone_map.file_urls(),
            "saved": {zone.pk: _as_fields(zone.chosen_area, form.places) for zone in zones},
        },
        "saved_zones": zones,
        "picker_result": result or PickerResult(),
        "pasted": form.data.get("codes", "") if form.is_bound else "",
    }


def state_choices(form: ZoneStep) -> list[StateChoice]:
    """Return the states of the catalogue with the choice of the form."""
    states, ladas, reached = form.chosen("states"), form.chosen("ladas"), _reached(form)
    covered = _of_states(form)
    return [
        StateChoice(
            state,
            ticked=state.code in states,
            ladas=[(lada, lada.code in ladas) for lada in state.ladas],
            chosen=sum(lada.code in reached for lada in state.ladas),
            named=state.code in states or any(lada.code in ladas - covered for lada in state.ladas),
        )
        for state in _catalogue_states(form.places)
    ]


def enter_action(data: QueryDict) -> str:
    """Return the action of the Enter key: save the zone being named, or go to the next step.

    Without script the browser presses the form's first button, whichever field has the focus.
    """
    return SAVE if data.get("zone_name", "").strip() else "next"


def apply_action(data: QueryDict, action: str, brand: Brand) -> QueryDict:
    """Return the posted fields as a button of the picker changes them."""
    fields, places = data.copy(), gazetteer.current()
    verb, _space, argument = action.removeprefix(ACTION).partition(" ")
    if verb in ("include", "exclude"):
        pasted = pasted_places.read(data.get("codes", ""), places)
        if verb == "include":
            _include(fields, pasted)
        else:
            _exclude(fields, pasted.all_ladas)
        fields["codes"] = pasted.rest
    elif verb == "answer":
        fields["codes"] = answer(data.get("codes", ""), argument)
    elif verb == "drop":
        _drop(fields, argument, places)
    elif verb == "apply" and argument.isdecimal():
        zone = brand.saved_zones.filter(pk=int(argument[:18])).first()
        if zone is not None:
            chosen = _as_fields(zone.chosen_area, places)
            fields["scope"], fields["excluded"] = chosen["scope"], chosen["excluded"]
            fields.setlist("states", chosen["states"])
            fields.setlist("ladas", chosen["ladas"])
    return fields


def action_result(
    data: QueryDict, action: str, form: ZoneStep, brand: Brand, *, by: User
) -> PickerResult:
    """Return the outcome of a button of the picker; the button `save` saves the zone.

    Only errors of the picker's own fields stay in the form: the others matter when it is saved.
    """
    form.is_valid()
    for name in form.errors.keys() - FIELDS:
        del form.errors[name]
    verb = action.removeprefix(ACTION).partition(" ")[0]
    if verb == "save":
        return _save_zone(data.get("zone_name", ""), form, brand, by)
    if verb not in ("read", "answer", "include", "exclude"):
        return PickerResult()
    if verb == "answer":
        return PickerResult(codes=pasted_places.read(form.data.get("codes", ""), form.places))
    codes = pasted_places.read(data.get("codes", ""), form.places)
    if not codes.all_ladas or verb == "read":
        return PickerResult(codes=codes)
    outcome = _("agregadas a tu zona") if verb == "include" else _("fuera de tu zona")
    return PickerResult(
        codes=codes, message=_("{n} LADA {done}.").format(n=len(codes.all_ladas), done=outcome)
    )


def _save_zone(name: str, form: ZoneStep, brand: Brand, by: User) -> PickerResult:
    area = form.area() if form.cleaned_data.keys() >= FIELDS else None
    try:
        if area is None:
            return PickerResult(
                name=name, name_error=_("Elige primero las zonas que quieres guardar.")
            )
        zone = saved_zones.create(brand.pk, name, area, by=by)
    except CampaignError as error:
        return PickerResult(name=name, name_error=error.message)
    except AreaError as error:
        return PickerResult(name=name, name_error=str(error))
    return PickerResult(message=_("Guardada como «{name}».").format(name=zone.name))


def answer(text: str, argument: str) -> str:
    """Return a pasted text with one question answered: "0 2" is the third choice of the first."""
    questions = pasted_places.read(text).questions if argument else ()
    try:
        number, choice = (int(part) for part in argument.split())
        return pasted_places.answered(text, questions[number], questions[number].choices[choice])
    except (ValueError, IndexError):
        return text


def _include(fields: QueryDict, pasted: PastedPlaces) -> None:
    """Add the places of a text, less those that it excludes."""
    if not pasted.all_ladas:
        return
    if pasted.area.nationwide:
        fields["scope"] = NATION
    if fields.get("scope") != NATION:
        fields["scope"] = ZONES
        ladas = pasted.area.ladas - areas.ladas_of_states(
            Area(states=pasted.area.states), gazetteer.current()
        )
        fields.setlist("states", sorted({*fields.getlist("states"), *pasted.area.states}))
        fields.setlist("ladas", sorted({*fields.getlist("ladas"), *ladas}))
    _set_excluded(fields, _codes_in(fields) - {*pasted.included})
    _exclude(fields, pasted.excluded)


def _exclude(fields: QueryDict, ladas: Collection[str]) -> None:
    fields.setlist("ladas", sorted({*fields.getlist("ladas")}.difference(ladas)))
    _set_excluded(fields, _codes_in(fields).union(ladas))


def _drop(fields: QueryDict, state: str, places: Gazetteer) -> None:
    """Remove a state and its LADAs; those of another chosen state stay covered by it."""
    inside = places.ladas_of.get(state, frozenset())
    fields.setlist("states", [code for code in fields.getlist("states") if code != state])
    fields.setlist("ladas", [code for code in fields.getlist("ladas") if code not in inside])


def _codes_in(fields: QueryDict) -> set[str]:
    """Return the excluded codes as typed, those that do not exist included."""
    codes = areas.parse_codes(fields.get("excluded", ""))
    return {*codes.known, *codes.unknown}


def _set_excluded(fields: QueryDict, codes: Iterable[str]) -> None:
    """Replace the excluded codes; names beside them stay, until they are read or refused."""
    words = re.findall(r"[^\W_]+", fields.get("excluded", ""))
    names = [word for word in words if word.isalpha() and not EMPTY.fullmatch(word)]
    fields["excluded"] = ", ".join([*sorted(codes), *filter(None, [" ".join(names)])])


def _as_fields(area: Area, places: Gazetteer) -> dict[str, Any]:
    """Return an area as values of the form's fields, with excluded states as their LADAs.

    Codes that the catalogue no longer has are left out.
    """
    excluded = areas.excluded_codes(area, places) & places.cities.keys()
    return {
        "scope": NATION if area.nationwide else ZONES,
        "states": sorted(area.states & places.states.keys()),
        "ladas": sorted(area.ladas & places.cities.keys()),
        "excluded": ", ".join(sorted(excluded)),
    }


def _reached(form: ZoneStep) -> set[str]:
    """Return the LADAs that the form chooses, by state or one by one, less the excluded."""
    return (form.chosen("ladas") | _of_states(form)) - _excluded(form)


def _of_states(form: ZoneStep) -> set[str]:
    inside = (form.places.ladas_of.get(state, frozenset()) for state in form.chosen("states"))
    return set().union(*inside)


def _excluded(form: ZoneStep) -> set[str]:
    return set(areas.parse_codes(form["excluded"].value() or "", form.places).known)


_cached: tuple[Gazetteer, list[StateOption]] | None = None


def _catalogue_states(places: Gazetteer) -> list[StateOption]:
    """Return the states of the catalogue in force; the list is cached until another is loaded."""
    global _cached
    if _cached is None or _cached[0] is not places:
        states = [
            StateOption(
                group.state.code,
                group.state.common_name,
                group.state.abbreviation,
                tuple(_option(lada) for lada in group.ladas),
            )
            for group in Lada.objects.by_state()
        ]
        _cached = (places, states)
    return _cached[1]


def _option(lada: Lada) -> LadaOption:
    others = sorted(other.code for other in lada.overlaps)
    daily = settings.DAILY_NOTIFICATIONS * lada.weight_ppm // 1_000_000
    return LadaOption(lada.code, lada.city, daily, ", ".join(others))
