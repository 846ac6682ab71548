"""What the zone picker's script fetches: LADAs that a search finds, and pasted lists as read."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts import access
from portal.accounts.access import SignedInRequest, login_required
from portal.pages.wizard.zone_picker import PickerResult, answer
from segments import gazetteer, pasted_places, place_search
from segments.place_index import CITY, STATE

MAX_NAMES = 3  # of places that are named beside a LADA


@login_required
@require_GET
def search_zones(request: SignedInRequest) -> HttpResponse:
    """Return the lines of the picker's list that a text finds, as JSON, the best first."""
    return JsonResponse({"lines": found_lines(request.GET.get("q", ""))})


def found_lines(text: str) -> list[list[Any]]:
    """Return a triple for each line: state, LADA, and the places that were found by other names."""
    places = gazetteer.current()
    everywhere = tuple(places.states)
    lines: dict[tuple[str, str], list[str]] = {}
    for match in place_search.current(places).search(text):
        for lada in match.ladas:
            # A city's LADA is listed under all of its states, that of a town under the town's.
            for state in everywhere if match.place.kind == CITY else match.place.states:
                if lada not in places.ladas_of[state]:
                    continue
                names = lines.setdefault((state, lada), [])
                name = match.place.name
                is_told = match.place.kind == STATE or name in (*names, places.cities[lada])
                if not is_told and len(names) < MAX_NAMES:
                    names.append(name)
    return [[state, lada, names] for (state, lada), names in lines.items()]


@login_required
@access.costly(4)
@require_POST
def read_pasted(request: SignedInRequest) -> HttpResponse:
    """Render the field of pasted places for its text, with a question answered."""
    text = answer(request.POST.get("codes", ""), request.POST.get("answer", ""))
    result = PickerResult(codes=pasted_places.read(text) if text.strip() else None)
    context = {"pasted": text, "picker_result": result}
    return render(request, "wizard/zone_codes.html", context)
