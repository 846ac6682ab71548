"""Loads the catalogue: the only writer of the tables of this app."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from segments import data_files, numbering_plan
from segments.data_files import CatalogueError
from segments.models import (
    CatalogueLoad,
    Lada,
    LadaMunicipality,
    Municipality,
    State,
    Zone,
    ZoneState,
)
from segments.numbering_plan import NumberingPlan

__all__ = ["ATTRIBUTION", "DATA", "CatalogueError", "LoadSummary", "load"]

DATA = Path(__file__).resolve().parent / "data"

# The licences of the sources ask for this line wherever the catalogue or the map is shown.
ATTRIBUTION = (
    "Fuente: INEGI, Censo de Población y Vivienda 2020 y Marco Geoestadístico; "
    "IFT, Plan Nacional de Numeración. "
    "Límites simplificados de mxmaps (Diego Valle-Jones)."
)

SOURCES: dict[type[models.Model], str] = {
    State: data_files.STATES,
    Municipality: data_files.SHARES,
    Zone: data_files.LADAS,
    Lada: data_files.LADAS,
}

# Part of the digest: raise it when the same files are to fill the tables in another way.
LAYOUT = 1


@dataclass(frozen=True)
class LoadSummary:
    """What stands after a load, and how many rows it took to get there."""

    states: int
    zones: int
    ladas: int
    municipalities: int
    shares: int
    added: int
    changed: int
    removed: int
    seconds: float


@transaction.atomic
def load(folder: Path = DATA, *, force: bool = False) -> LoadSummary:
    """Bring the tables to what the files say: all of it or, on any error, nothing.

    Files whose digest is the one loaded last are not compared again unless `force` is given.
    Only rows that differ are written, so a second load writes nothing. A code that the files
    no longer carry is removed and counted, unless another app refers to it: then the whole
    load is refused, because taking a code off sale is a decision and not a change of a file.

    Raises CatalogueError.
    """
    started = perf_counter()
    contents = data_files.read(folder)
    digest = data_files.digest(contents, layout=LAYOUT)
    added = changed = removed = 0
    if force or not _is_loaded(digest):
        with connection.cursor() as cursor:  # processes that start together load one by one
            cursor.execute("LOCK TABLE segments_catalogueload IN SHARE ROW EXCLUSIVE MODE")
        if force or not _is_loaded(digest):
            added, changed, removed = _bring_up_to(numbering_plan.parse(contents))
        if added or changed or removed or not _is_loaded(digest):
            CatalogueLoad.objects.create(digest=digest)
    return LoadSummary(
        states=State.objects.count(),
        zones=Zone.objects.count(),
        ladas=Lada.objects.count(),
        municipalities=Municipality.objects.count(),
        shares=LadaMunicipality.objects.count(),
        added=added,
        changed=changed,
        removed=removed,
        seconds=perf_counter() - started,
    )


def _is_loaded(digest: str) -> bool:
    last = CatalogueLoad.objects.first()
    return last is not None and last.digest == digest


def _bring_up_to(plan: NumberingPlan) -> tuple[int, int, int]:
    """Write the plan. Gives how many rows were added, changed and removed."""
    differences = [  # a row is written after those it points to, and removed before them
        _write(State, plan.states, ["code"]),
        _write(Municipality, plan.municipalities, ["code"]),
        _write(Zone, plan.zones, ["code"]),
        _write(Lada, plan.ladas, ["code"]),
        _write(ZoneState, plan.zone_states, ["zone", "state"]),
        _write(LadaMunicipality, plan.shares, ["lada", "municipality"]),
    ]
    for difference in reversed(differences):
        _remove(difference.model, difference.stale)
    return (
        sum(difference.added for difference in differences),
        sum(difference.changed for difference in differences),
        sum(len(difference.stale) for difference in differences),
    )


@dataclass(frozen=True)
class _Difference:
    model: type[models.Model]
    added: int
    changed: int
    stale: list[Any]  # primary keys that stand in the table and not in the plan


def _write(model: type[models.Model], rows: Sequence[models.Model], key: list[str]) -> _Difference:
    """Insert the rows that are new and update those that differ."""
    fields = [field for field in model._meta.concrete_fields if field.name != "id"]
    names = [field.attname for field in fields]
    at = [i for i, field in enumerate(fields) if field.name in key]
    standing = {
        tuple(values[i] for i in at): (pk, values)
        for pk, *values in model._base_manager.values_list("pk", *names)
    }
    new, differing = [], []
    for row in rows:
        values = [getattr(row, name) for name in names]
        _pk, before = standing.pop(tuple(values[i] for i in at), (None, None))
        if before is None:
            new.append(row)
        elif values != before:
            differing.append(row)
    model._base_manager.bulk_create(
        new + differing,
        update_conflicts=True,
        unique_fields=key,
        update_fields=[field.name for field in fields if field.name not in key],
    )
    return _Difference(model, len(new), len(differing), [pk for pk, _ in standing.values()])


def _remove(model: type[models.Model], stale: list[Any]) -> None:
    """Remove rows by primary key, however another app says they may be deleted."""
    if not stale:
        return
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        user = relation.related_model
        used = set(
            user._base_manager.filter(**{f"{relation.field.name}__in": stale})
            .values_list(relation.field.attname, flat=True)
            .distinct()[:10]
        )
        if used and user._meta.app_label != model._meta.app_label:
            why = _(
                "ya no trae %(codes)s, pero hay %(users)s que dependen de esas claves. "
                "Devuélvelas al archivo o retira antes lo que depende de ellas."
            )
            names = {"codes": ", ".join(sorted(used)), "users": user._meta.verbose_name_plural}
            raise CatalogueError(why % names, file=SOURCES[model])
    model._base_manager.filter(pk__in=stale).delete()
