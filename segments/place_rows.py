"""Rows of the catalogue by the search of places, for lists of the API and the admin."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Case, IntegerField, Model, QuerySet, Value, When

from segments import place_search
from segments.models import Lada, Municipality, State, Zone
from segments.place_index import MUNICIPALITY, STATE, PlaceIndex

ModelT = TypeVar("ModelT", bound=Model)


def find(rows: QuerySet[ModelT], text: str) -> QuerySet[ModelT]:
    """Return the rows that a text finds, with their `rank`: 0 is what it most likely means.

    LADAs and zones are found by each place that they reach. A text without words finds all rows,
    with no rank.
    """
    if not text.replace("\0", " ").strip():
        return rows
    codes = dict.fromkeys(_codes(rows.model, text, place_search.current()))
    ranks = [When(pk=code, then=Value(rank)) for rank, code in enumerate(codes)]
    rank = Case(*ranks, default=Value(0), output_field=IntegerField())
    found: Any = rows.filter(pk__in=list(codes)).annotate(rank=rank)
    return found


def _codes(model: type[Model], text: str, index: PlaceIndex) -> Iterable[str]:
    """Return the primary keys of what a text finds, the best first."""
    if model is State:
        return [match.place.code for match in index.search(text, (STATE,))]
    if model is Municipality:
        return [match.place.code for match in index.search(text, (MUNICIPALITY,))]
    ladas = [lada for match in index.search(text) for lada in match.ladas]
    if model is Lada:
        return ladas
    assert model is Zone, model
    return [index.zone_of[lada] for lada in ladas]
