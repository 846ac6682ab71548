"""Loading of the catalogue into the tables of this app, which nothing else writes."""

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

# The licences of the sources require this line wherever the catalogue or the map is displayed.
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

# Part of the digest. Increase it when the same files shall fill the tables differently.
LAYOUT = 1


@dataclass(frozen=True)
class LoadSummary:
    """The numbers of rows after a load, and of those that it changed."""

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
    """Make the tables equal to the files, in one transaction.

    Files with the digest of the last load are not compared again unless `force` is given.
    Only rows that differ are written, so a second load writes nothing. A code that is no longer
    in the files is deleted and counted, unless another app refers to it: then the whole load
    fails, because taking a code off sale is a decision and not a change of a file.

    Raises CatalogueError.
    """
    started = perf_counter()
    contents = data_files.read(folder)
    digest = data_files.digest(contents, layout=LAYOUT)
    added = changed = removed = 0
    if force or not _is_loaded(digest):
        with connection.cursor() as cursor:  # processes that start together load one after another
            cursor.execute("LOCK TABLE segments_catalogueload IN SHARE ROW EXCLUSIVE MODE")
        if force or not _is_loaded(digest):
            added, changed, removed = _synchronise(numbering_plan.parse(contents))
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


def _synchronise(plan: NumberingPlan) -> tuple[int, int, int]:
    """Write the plan. Return how many rows were added, changed and removed."""
    differences = [  # rows are written after those they refer to, and removed before them
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
    stale: list[Any]  # primary keys of rows that are not in the plan


def _write(model: type[models.Model], rows: Sequence[models.Model], key: list[str]) -> _Difference:
    """Insert new rows and update those that differ. `key` names the fields of a unique key."""
    fields = [field for field in model._meta.concrete_fields if field.name != "id"]
    names = [field.attname for field in fields]
    key_indexes = [i for i, field in enumerate(fields) if field.name in key]
    existing = {
        tuple(values[i] for i in key_indexes): (pk, values)
        for pk, *values in model._base_manager.values_list("pk", *names)
    }
    new, differing = [], []
    for row in rows:
        values = [getattr(row, name) for name in names]
        _pk, old_values = existing.pop(tuple(values[i] for i in key_indexes), (None, None))
        if old_values is None:
            new.append(row)
        elif values != old_values:
            differing.append(row)
    model._base_manager.bulk_create(
        new + differing,
        update_conflicts=True,
        unique_fields=key,
        update_fields=[field.name for field in fields if field.name not in key],
    )
    return _Difference(model, len(new), len(differing), [pk for pk, _ in existing.values()])


def _remove(model: type[models.Model], stale: list[Any]) -> None:
    """Delete rows by primary key. Raises CatalogueError if rows of another app refer to them."""
    if not stale:
        return
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        referrer = relation.related_model
        used = set(
            referrer._base_manager.filter(**{f"{relation.field.name}__in": stale})
            .values_list(relation.field.attname, flat=True)
            .distinct()[:10]
        )
        if used and referrer._meta.app_label != model._meta.app_label:
            why = _(
                "ya no trae %(codes)s, pero hay %(users)s que dependen de esas claves. "
                "Devuélvelas al archivo o retira antes lo que depende de ellas."
            )
            names = {"codes": ", ".join(sorted(used)), "users": referrer._meta.verbose_name_plural}
            raise CatalogueError(why % names, file=SOURCES[model])
    model._base_manager.filter(pk__in=stale).delete()
