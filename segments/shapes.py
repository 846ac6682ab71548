"""SVG shapes of states and zones, drawn from the catalogue's maps into committed files.

`draw` returns those files: the states, which each page with a zone picker contains; the zones of
each state, which the browser requests when that state is opened; and all zones with less detail,
for pictures of areas. All lie on one plane, in units of an SVG viewBox with y downwards: 500 m
for the states and the zones of pictures, 100 m for the zones of the picker.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from segments import data_files, topology
from segments.projection import MEXICO
from segments.topology import Point, Ring, Topology

ROOT = Path(__file__).resolve().parent.parent
STATES_FILE = Path("segments/data/mapa-estados.json")
PICTURE_FILE = Path("segments/data/mapa-zonas.json")
ZONES_FOLDER = Path("static/map")

STATE_UNIT = 500.0  # metres
ZONE_UNIT = 100.0
MARGIN = 30_000.0  # metres of sea around the country
DETAIL = 3000.0  # points of a state are dropped under a 3000th part of its area
PICTURE_DETAIL = 80.0  # and those of a zone of a picture under an 80th
MAX_TOLERANCE = 20e6  # square metres; points of a larger area are always kept
SMALLEST_ISLAND = 100.0  # square units of the states' drawing

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Territory:
    """A state or zone on the plane. `point` lies inside; `room` is the free width around it."""

    code: str
    path: str
    point: tuple[int, int]
    room: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class CountryDrawing:
    """The states as a page draws them, in units of 500 m."""

    width: int
    height: int
    states: Mapping[str, Territory]


@dataclass(frozen=True)
class ZoneOutline:
    """A zone of a picture, in units of 500 m. The state of its main city comes first."""

    code: str
    ladas: tuple[str, ...]
    states: tuple[str, ...]
    path: str


def zones_file(state: str) -> Path:
    """Return the path of the file with the zones of a state."""
    return ZONES_FOLDER / f"zonas-{state}.json"


def draw(contents: Mapping[str, bytes]) -> dict[Path, str]:
    """Return the contents of all files, by path relative to the project's folder."""
    states = _project(contents, data_files.STATE_MAP, "estados")
    zones = _project(contents, data_files.ZONE_MAP, "zonas")
    bounds = _bounds(states)
    to_state_units, to_zone_units = _scale(bounds, STATE_UNIT), _scale(bounds, ZONE_UNIT)
    simplified = states.map_arcs(_simplification(states, DETAIL))
    state_territories = _territories(simplified, to_state_units, smallest=SMALLEST_ISLAND)
    zone_territories = {zone.code: zone for zone in _territories(zones, to_zone_units)}
    left, top, right, bottom = bounds
    country = {
        "width": round((right - left) / STATE_UNIT),
        "height": round((bottom - top) / STATE_UNIT),
        "states": [vars(state) for state in state_territories],
    }
    picture_zones = zones.map_arcs(_simplification(zones, PICTURE_DETAIL))
    files = {
        STATES_FILE: _json(country),
        PICTURE_FILE: _json(_picture_zones(picture_zones, to_state_units)),
    }
    for state in state_territories:
        inside = [zone for zone in zones.geometries if state.code in zone.properties["ent"]]
        files[zones_file(state.code)] = _json(_state_zones(state, inside, zone_territories))
    return files


def write(folder: Path, files: Mapping[Path, str]) -> None:
    """Write the files of `draw` into a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


@cache
def country() -> CountryDrawing:
    """Return the states from their committed file, in the order of their keys."""
    document = json.loads((ROOT / STATES_FILE).read_text())
    states = {
        state["code"]: Territory(
            state["code"],
            state["path"],
            tuple(state["point"]),
            state["room"],
            tuple(state["box"]),
        )
        for state in document["states"]
    }
    return CountryDrawing(document["width"], document["height"], states)


@cache
def zones() -> Mapping[str, ZoneOutline]:
    """Return the zones of pictures from their committed file, by each of their LADAs."""
    document = json.loads((ROOT / PICTURE_FILE).read_text())
    outlines = [
        ZoneOutline(zone["code"], tuple(zone["ladas"]), tuple(zone["states"]), zone["path"])
        for zone in document
    ]
    return {lada: zone for zone in outlines for lada in zone.ladas}


def _project(contents: Mapping[str, bytes], file: str, name: str) -> Topology:
    """Return a map projected to the plane: metres, north upwards."""
    globe = topology.decode(json.loads(contents[file]), name)
    return globe.map_arcs(lambda _i, arc: [MEXICO.project(*point) for point in arc])


def _bounds(states: Topology) -> Box:
    """Return the bounds of the country with a margin, in metres, y downwards."""
    xs, ys = zip(*(point for arc in states.arcs for point in arc), strict=True)
    return min(xs) - MARGIN, -max(ys) - MARGIN, max(xs) + MARGIN, -min(ys) + MARGIN


def _scale(bounds: Box, unit: float) -> Callable[[Point], tuple[int, int]]:
    """Return the function from metres to whole units from the upper left corner."""
    left, top = bounds[:2]
    return lambda point: (round((point[0] - left) / unit), round((-point[1] - top) / unit))


def _simplification(
    places: Topology, detail: float
) -> Callable[[int, topology.Polyline], topology.Polyline]:
    """Return the function that simplifies an arc, given its index.

    The tolerance of each arc depends on the smallest territory beside it, so that Tlaxcala keeps
    more detail than Sonora. It is at least one square unit, since smaller details are invisible.
    """
    smallest: dict[int, float] = {}
    for geometry in places.geometries:
        size = sum(abs(topology.area(polygon[0])) for polygon in places.rings(geometry))
        for ring in (ring for polygon in geometry.polygons for ring in polygon):
            for number in ring:
                arc = number if number >= 0 else ~number
                smallest[arc] = min(smallest.get(arc, size), size)
    return lambda i, arc: topology.simplify(
        arc, max(STATE_UNIT**2, min(smallest[i] / detail, MAX_TOLERANCE))
    )


def _territories(
    places: Topology,
    scale: Callable[[Point], tuple[int, int]],
    smallest: float = 0.0,
) -> list[Territory]:
    """Return all territories, without islands smaller than an area in square units.

    The largest polygon of a territory is always kept.
    """
    territories = []
    for geometry in places.geometries:
        polygons = [[_round(ring, scale) for ring in polygon] for polygon in places.rings(geometry)]
        polygons.sort(key=lambda rings: -abs(topology.area(rings[0])))
        kept = [
            rings
            for i, rings in enumerate(polygons)
            if i == 0 or abs(topology.area(rings[0])) > smallest
        ]
        point, room = _label_point(kept[0])
        path = "".join(_path(ring) for rings in kept for ring in rings)
        territories.append(Territory(geometry.code, path, point, room, _box(kept)))
    return territories


def _round(ring: Ring, scale: Callable[[Point], tuple[int, int]]) -> Ring:
    """Return a ring in whole units, without points equal to the one before."""
    rounded: list[Point] = []
    for point in map(scale, ring):
        if not rounded or rounded[-1] != point:
            rounded.append(point)
    while len(rounded) > 1 and rounded[0] == rounded[-1]:
        rounded.pop()
    return rounded


def _path(ring: Ring) -> str:
    """Return a ring as a relative SVG path, with as few separators as SVG allows."""
    x, y = ring[0]
    steps = []
    for next_x, next_y in ring[1:]:
        steps += [f"{next_x - x:.0f}", f"{next_y - y:.0f}"]
        x, y = next_x, next_y
    return f"M{ring[0][0]:.0f} {ring[0][1]:.0f}l{' '.join(steps)}z".replace(" -", "-")


def _label_point(rings: Sequence[Ring]) -> tuple[tuple[int, int], int]:
    """Return a point for a label inside a polygon, and the width of the polygon there.

    Of 23 horizontal lines, it is the middle of the widest part inside the polygon; lines near the
    top and bottom edges count as less wide. A label written there stays inside.
    """
    ys = [y for _x, y in rings[0]]
    low, high = min(ys), max(ys)
    best: tuple[float, float, float, float] = (-1.0, 0.0, 0.0, 0.0)
    for line in range(1, 24):
        y = low + (high - low) * line / 24 + 0.01  # so that no corner lies on the line
        for left, right in _crossings(rings, y):
            edge = min(y - low, high - y)
            best = max(best, (min(right - left, 3 * edge), right - left, (left + right) / 2, y))
    return (round(best[2]), round(best[3])), int(best[1])


def _crossings(rings: Sequence[Ring], y: float) -> Iterable[tuple[float, float]]:
    """Return the parts (left, right) of a horizontal line that lie inside a polygon."""
    xs = sorted(
        x1 + (y - y1) * (x2 - x1) / (y2 - y1)
        for ring in rings
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)
        if (y1 > y) != (y2 > y)
    )
    return zip(xs[::2], xs[1::2], strict=True)


def _box(polygons: Sequence[Sequence[Ring]]) -> tuple[int, int, int, int]:
    xs, ys = zip(*(point for rings in polygons for point in rings[0]), strict=True)
    return int(min(xs)), int(min(ys)), int(max(xs)), int(max(ys))


def _state_zones(
    state: Territory, inside: Sequence[topology.Geometry], territories: Mapping[str, Territory]
) -> dict[str, Any]:
    """Return the zones of a state, and the box around the state and its own zones.

    A zone whose main city is in another state may extend beyond that box.
    """
    ratio = STATE_UNIT / ZONE_UNIT
    own = [territories[zone.code].box for zone in inside if zone.properties["ent"][0] == state.code]
    boxes = [tuple(round(edge * ratio) for edge in state.box), *own]
    left, top = (min(box[i] for box in boxes) for i in (0, 1))
    right, bottom = (max(box[i] for box in boxes) for i in (2, 3))
    return {
        "unit": 1 / ratio,  # of the states' drawing
        "box": [left, top, right - left, bottom - top],
        "zones": [
            {
                "code": zone.code,
                "ladas": zone.properties["ladas"],
                "city": zone.properties["ciudad"],
                "path": territories[zone.code].path,
                "point": territories[zone.code].point,
                "room": territories[zone.code].room,
            }
            for zone in inside
        ],
    }


def _picture_zones(
    zones: Topology, scale: Callable[[Point], tuple[int, int]]
) -> list[dict[str, Any]]:
    """Return all zones for pictures, in the order of the map."""
    territories = _territories(zones, scale, smallest=SMALLEST_ISLAND)
    return [
        {
            "code": zone.code,
            "ladas": zone.properties["ladas"],
            "states": zone.properties["ent"],
            "path": territory.path,
        }
        for zone, territory in zip(zones.geometries, territories, strict=True)
    ]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
