"""Areas in words: written whole, and read back whole or refused."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.problems import shorten
from segments import areas, place_search
from segments.area_clauses import UnreadArea, clauses, combine, idle_exclusions
from segments.areas import Area
from segments.gazetteer import Gazetteer, current
from segments.place_list import PlaceList
from segments.place_names import is_nothing

_TOTAL = re.compile(r"\s*·\s*(?P<count>[0-9]+) LADA\s*$", re.IGNORECASE)
_ABRIDGED = re.compile(r"\b[ye] [0-9]+ m[aá]s(?=\s*(?:[,;)·]|$|menos\b))", re.IGNORECASE)
MAX_MEANINGS = 4  # that a message names


def write(area: Area, gazetteer: Gazetteer | None = None) -> str:
    """Return an area in words that `read` reads as the same LADAs; empty where nothing is chosen.

    It is the sentence of `areas.describe`, with all names and without exclusions of no effect.
    """
    if not (area.nationwide or area.states or area.ladas):
        return ""
    places = gazetteer or current()
    states, ladas = idle_exclusions(area, places)
    needed = replace(
        area,
        excluded_states=area.excluded_states - states,
        excluded_ladas=area.excluded_ladas - ladas,
    )
    with override(settings.LANGUAGE_CODE):  # the words that `read` knows
        return areas.describe(needed, places, limit=len(places.states) + len(places.cities))


def read(text: str, gazetteer: Gazetteer | None = None) -> Area:
    """Return the area of words such as "todo México menos 33" or "Jalisco y 55".

    Places are named as in a pasted list, and a state comes before its city. After "menos" they
    are excluded. Raises UnreadArea where any word is not understood, or what is excluded was not
    in the area.
    """
    if abridged := _ABRIDGED.search(text):
        message = _("«{what}» no dice cuáles: escribe todas las zonas.")
        raise UnreadArea(message.format(what=abridged[0]))
    places = gazetteer or current()
    total = _TOTAL.search(text)
    area = _read(text[: total.start()] if total else text, places)
    if total and len(areas.resolve(area, places)) != int(total["count"]):
        message = _("Estas zonas no son {count} LADA: revisa las zonas o quita la cuenta.")
        raise UnreadArea(message.format(count=total["count"]))
    return area


def read_places(text: str, gazetteer: Gazetteer | None = None) -> Area | None:
    """Return the states and LADAs of a plain list of places; None for "ninguna".

    Raises UnreadArea.
    """
    if is_nothing(text):
        return None
    area = _read(text, gazetteer or current())
    if area.nationwide or area.excluded_states or area.excluded_ladas:
        message = _("«{what}» no es una lista de estados, ciudades o LADA.")
        raise UnreadArea(message.format(what=shorten(text)))
    return area


def _read(text: str, places: Gazetteer) -> Area:
    found = PlaceList(places, place_search.current(places), states_first=True)
    for clause in clauses(unicodedata.normalize("NFKC", text).replace("\0", " ")):
        found.read(clause)
    for name, choices in found.questions.items():
        raise _asked(name, choices, is_guess=name in found.guesses)
    for name in found.unknown:
        raise _unknown(name)
    return combine(found.included.area(), found.excluded.area(), places)


def _asked(name: str, choices: Sequence[str], *, is_guess: bool) -> UnreadArea:
    which = _(" o ").join(choices[:MAX_MEANINGS])
    message = _("«{what}» puede ser {which}: escribe cuál, o su LADA.")
    if is_guess:
        message = _("No encontramos «{what}»: ¿querías decir {which}?")
    return UnreadArea(message.format(what=shorten(name), which=which))


def _unknown(name: str) -> UnreadArea:
    message = _(
        "«{what}» no es un estado, un municipio, una ciudad ni una LADA: escribe «todo "
        "México», estados, ciudades o LADA, separados por comas."
    )
    if re.search(r"\D\s+\(?\d", name):
        message = _("«{what}» no se entiende: separa los lugares con comas, como Jalisco, 55.")
    elif any(character.isdigit() for character in name):
        message = _("«{what}» no es una LADA: escribe claves como 55, 33 o 664.")
    return UnreadArea(message.format(what=shorten(name)))
