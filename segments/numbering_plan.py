"""Parsing of the catalogue's files, and the checks that they agree with one another.

Nothing here uses the database: files in, unsaved rows out. The files and their sources are
described in `data/PROVENANCE.md`.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from segments.data_files import (
    LADAS,
    SHARES,
    STATE_MAP,
    STATES,
    ZONE_MAP,
    CatalogueError,
    FileLine,
    by_key,
    lines,
)
from segments.models import (
    Lada,
    LadaMunicipality,
    Municipality,
    State,
    Zone,
    ZoneState,
    unaccented,
)

# Totals of the country. Change them only together with the files.
STATE_COUNT, ZONE_COUNT, LADA_COUNT = 32, 397, 413
MUNICIPALITY_COUNT, SHARE_COUNT = 2_469, 2_734
POPULATION = 126_014_024  # 2020 census
WEIGHT_PPM = 1_000_000

# Field of the model -> column of the file.
STATE_COLUMNS = {
    "code": "cve_ent",
    "name": "estado",
    "common_name": "nombre_comun",
    "abbreviation": "abreviatura",
    "population": "poblacion_2020",
}
MUNICIPALITY_COLUMNS = {"code": "cve_mun", "name": "municipio", "state_id": "cve_ent"}
ZONE_COLUMNS = {"code": "zona", "city": "ciudad", "population": "poblacion_zona"}
LADA_COLUMNS = {
    "code": "lada",
    "zone_id": "zona",
    "kind": "tipo",
    "city": "ciudad",
    "state_id": "cve_ent",
    "municipality_id": "cve_mun",
    "region": "region",
    "latitude": "lat",
    "longitude": "lon",
    "other_places": "otras_ciudades",
    "population": "poblacion",
    "numbers": "numeros",
    "mobile_numbers": "numeros_movil",
    "movistar_numbers": "numeros_movil_movistar",
    "weight_ppm": "peso_ppm",
    "first_assigned_on": "primera_asignacion",
}
SHARE_COLUMNS = {
    "lada_id": "lada",
    "municipality_id": "cve_mun",
    "share": "fraccion",
    "population": "poblacion",
    "is_main": "principal",
    "method": "metodo",
}
KINDS = {"base": Lada.Kind.BASE, "traslape": Lada.Kind.OVERLAY}
# Columns of the zone that lada.csv repeats for each of its codes.
SHARED_ZONE_COLUMNS = (
    "ciudad",
    "cve_mun",
    "cve_ent",
    "entidades",
    "lat",
    "lon",
    "otras_ciudades",
    "poblacion_zona",
)


@dataclass(frozen=True)
class NumberingPlan:
    """The rows that the files describe, not saved yet."""

    states: list[State]
    municipalities: list[Municipality]
    zones: list[Zone]
    ladas: list[Lada]
    zone_states: list[ZoneState]
    shares: list[LadaMunicipality]


def parse(contents: Mapping[str, bytes]) -> NumberingPlan:
    """Return the rows of the files. Raises CatalogueError for the first problem."""
    state_lines = by_key(
        lines(contents, STATES, {*STATE_COLUMNS.values(), "n_ladas", "ladas"}), "cve_ent"
    )
    lada_lines = by_key(
        lines(contents, LADAS, {*LADA_COLUMNS.values(), *SHARED_ZONE_COLUMNS, "traslapes"}), "lada"
    )
    share_lines = list(lines(contents, SHARES, {*SHARE_COLUMNS.values(), "municipio", "cve_ent"}))
    states = _states(state_lines)
    _check_total(STATES, "cve_ent", len(states), STATE_COUNT)
    _check_total(STATES, "poblacion_2020", sum(row.population for row in states), POPULATION)
    _check_zones(lada_lines)
    zones, zone_states = _zones(lada_lines, state_lines)
    municipalities = _municipalities(share_lines, state_lines)
    ladas = _ladas(lada_lines, {row.code for row in municipalities})
    shares = _shares(share_lines, lada_lines)
    _check_ladas_of_states(state_lines, lada_lines)
    _check_shapes(contents, STATE_MAP, "estados", set(state_lines))
    _check_shapes(contents, ZONE_MAP, "zonas", {zone.code for zone in zones})
    _check_total(SHARES, "cve_mun", len(municipalities), MUNICIPALITY_COUNT)
    _check_total(SHARES, "lada", len(shares), SHARE_COUNT)
    _check_total(LADAS, "zona", len(zones), ZONE_COUNT)
    _check_total(LADAS, "poblacion_zona", sum(row.population for row in zones), POPULATION)
    _check_total(LADAS, "lada", len(ladas), LADA_COUNT)
    _check_total(LADAS, "poblacion", sum(row.population for row in ladas), POPULATION)
    _check_total(LADAS, "peso_ppm", sum(row.weight_ppm for row in ladas), WEIGHT_PPM)
    return NumberingPlan(states, municipalities, zones, ladas, zone_states, shares)


def _check_total(file: str, column: str, found: int, expected: int) -> None:
    if found != expected:
        why = _("el total es %(found)s y debe ser %(expected)s.")
        totals = {"found": f"{found:,}", "expected": f"{expected:,}"}
        raise CatalogueError(why % totals, file=file, column=column)


def _states(state_lines: Mapping[str, FileLine]) -> list[State]:
    states = []
    for line in state_lines.values():
        sort_name = unaccented(line["nombre_comun"])
        states.append(line.build(State, STATE_COLUMNS, sort_name=sort_name))
    return states


def _check_ladas_of_states(
    state_lines: Mapping[str, FileLine], lada_lines: Mapping[str, FileLine]
) -> None:
    """Require the LADAs of each state to be those whose zone names the state."""
    ladas = defaultdict(set)
    for code, line in lada_lines.items():
        for state in line.codes("entidades"):
            ladas[state].add(code)
    for code, line in state_lines.items():
        if set(line.codes("ladas")) != ladas[code]:
            raise line.error("ladas", _("no coincide con las entidades de lada.csv."))
        if line["n_ladas"] != str(len(ladas[code])):
            raise line.error("n_ladas", _("no es el número de claves de la columna «ladas»."))


def _municipalities(
    share_lines: list[FileLine], state_lines: Mapping[str, FileLine]
) -> list[Municipality]:
    names: dict[str, str] = {}
    municipalities: list[Municipality] = []
    for line in share_lines:
        code, name = line["cve_mun"], line["municipio"]
        if names.setdefault(code, name) != name:
            raise line.error(
                "municipio",
                _("«%(code)s» tiene ya otro nombre: %(name)s.")
                % {"code": code, "name": names[code]},
            )
        line.check_known("cve_ent", state_lines)
        if not code.startswith(line["cve_ent"]):
            raise line.error("cve_mun", _("no empieza con la clave de su estado."))
        if len(names) > len(municipalities):
            municipalities.append(
                line.build(
                    Municipality,
                    MUNICIPALITY_COLUMNS,
                    sort_name=unaccented(name),
                )
            )
    return municipalities


def _check_zones(lada_lines: Mapping[str, FileLine]) -> None:
    """Require every code to name a zone, and to agree about it with the zone's base code."""
    zones = defaultdict(set)
    for code, line in lada_lines.items():
        zones[line["zona"]].add(code)
    for code, line in lada_lines.items():
        line.check_known("zona", lada_lines)
        if line["tipo"] != ("base" if code == line["zona"] else "traslape"):
            raise line.error(
                "tipo", _("es «base» si la LADA da nombre a su zona; si no, «traslape».")
            )
    for code, line in lada_lines.items():
        for column in SHARED_ZONE_COLUMNS:
            if line[column] != lada_lines[line["zona"]][column]:
                raise line.error(column, _("no coincide con la clave base de su zona."))
        if set(line.codes("traslapes")) != zones[line["zona"]] - {code}:
            raise line.error("traslapes", _("no son las otras claves de su zona."))


def _zones(
    lada_lines: Mapping[str, FileLine], state_lines: Mapping[str, FileLine]
) -> tuple[list[Zone], list[ZoneState]]:
    zones, zone_states = [], []
    for code, line in lada_lines.items():
        if code != line["zona"]:
            continue
        states = line.codes("entidades")
        line.check_known("entidades", state_lines)
        if len(set(states)) < len(states) or states[:1] != [line["cve_ent"]]:
            raise line.error(
                "entidades", _("van sin repetir y primero la de la ciudad principal (cve_ent).")
            )
        zones.append(line.build(Zone, ZONE_COLUMNS))
        zone_states += [
            ZoneState(zone_id=code, state_id=state, position=position)
            for position, state in enumerate(states)
        ]
    return zones, zone_states


def _ladas(
    lada_lines: Mapping[str, FileLine],
    municipalities: set[str],
) -> list[Lada]:
    ladas = []
    for code, line in lada_lines.items():
        line.check_known("cve_mun", municipalities)
        lada = line.build(
            Lada,
            LADA_COLUMNS,
            kind=KINDS[line["tipo"]],
            other_places=line.codes("otras_ciudades"),
        )
        if not code.startswith(line["region"]):
            raise line.error("region", _("no es la primera cifra de la LADA."))
        if not lada.numbers >= lada.mobile_numbers >= lada.movistar_numbers:
            raise line.error(
                "numeros",
                _("los de Movistar no pueden ser más que los móviles, ni estos que todos."),
            )
        ladas.append(lada)
    return ladas


def _shares(
    share_lines: list[FileLine], lada_lines: Mapping[str, FileLine]
) -> list[LadaMunicipality]:
    """Return the shares: those of a municipality add up to 1, and one of its zones is the main."""
    shares = []
    served: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    total: dict[str, Decimal] = defaultdict(Decimal)
    mains: Counter[str] = Counter()
    pairs = set()
    for line in share_lines:
        line.check_known("lada", lada_lines)
        lada, municipality = line["lada"], line["cve_mun"]
        if (lada, municipality) in pairs:
            raise line.error("cve_mun", _("está repetido para esta LADA."))
        pairs.add((lada, municipality))
        if line["cve_ent"] not in lada_lines[lada].codes("entidades"):
            raise line.error("cve_ent", _("no es una entidad de esta LADA."))
        share = line.build(LadaMunicipality, SHARE_COLUMNS)
        served[lada].add(tuple(cell for column, cell in line.cells.items() if column != "lada"))
        if lada == lada_lines[lada]["zona"]:
            total[municipality] += share.share
            mains[municipality] += share.is_main
        shares.append(share)
    for line in share_lines:
        lada, municipality = line["lada"], line["cve_mun"]
        if served[lada] != served[lada_lines[lada]["zona"]]:
            raise line.error("lada", _("sus municipios no son los de la clave base de su zona."))
        if total[municipality] != 1:
            why = _("las fracciones de este municipio suman %(total)s y deben sumar 1.")
            raise line.error("fraccion", why % {"total": total[municipality]})
        if mains[municipality] != 1:
            raise line.error("principal", _("este municipio debe tener una zona principal."))
    if unserved := sorted(set(lada_lines) - set(served)):
        raise lada_lines[unserved[0]].error("lada", _("no tiene municipios en lada_municipio.csv."))
    return shares


def _check_shapes(contents: Mapping[str, bytes], file: str, name: str, codes: set[str]) -> None:
    """Require the map to have one shape for each code."""
    try:
        topology = json.loads(contents[file])
        shapes = [shape["id"] for shape in topology["objects"][name]["geometries"]]
    except json.JSONDecodeError as error:
        why = _("no está bien formado (%(reason)s).") % {"reason": error.msg}
        raise CatalogueError(why, file=file, line=error.lineno) from error
    except (UnicodeDecodeError, KeyError, TypeError) as error:
        why = _("no es un TopoJSON con el objeto «%(name)s».") % {"name": name}
        raise CatalogueError(why, file=file) from error
    if sorted(shapes) != sorted(codes):
        odd = ", ".join(sorted(set(shapes) ^ codes)[:5]) or _("hay figuras repetidas")
        why = _("no tiene una figura por clave: %(odd)s.") % {"odd": odd}
        raise CatalogueError(why, file=file, column="id")
