"""The shapes of the maps, drawn once from the catalogue's files.

`draw` gives the files that are committed: the states, which every picker page carries inside; for
each state its zones, which a browser asks for when that state is opened; and all zones with less
detail, for pictures of a choice. They lie on one plane, in units of an SVG viewBox with y
downwards: 500 m for the states and the zones of pictures, 100 m for those of the picker.
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
CITIES_FILE = ZONES_FOLDER / "ciudades.json"

STATE_UNIT = 500.0  # metres
ZONE_UNIT = 100.0
MARGIN = 30_000.0  # metres of sea around the country
DETAIL = 3000.0  # a state loses points that matter less than a 3000th part of its area
PICTURE_DETAIL = 80.0  # and a zone of a picture those under an 80th
LEAST_DETAIL = 20e6  # square metres
SMALLEST_ISLAND = 100.0  # square units of the states' drawing

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Territory:
    """A territory on the plane. Its point lies inside, and `room` is the free width around it."""

    code: str
    path: str
    point: tuple[int, int]
    room: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class CountryDrawing:
    """The drawing of the states that a page carries, in units of 500 m."""

    width: int
    height: int
    states: Mapping[str, Territory]


@dataclass(frozen=True)
class ZoneOutline:
    """A zone as pictures show it, in units of 500 m; the state of its main city comes first."""

    code: str
    ladas: tuple[str, ...]
    states: tuple[str, ...]
    path: str


def zones_file(state: str) -> Path:
    return ZONES_FOLDER / f"zonas-{state}.json"


def draw(contents: Mapping[str, bytes]) -> dict[Path, str]:
    """Draw every file from the catalogue's, by path from the project's folder."""
    states = _projected(contents, data_files.STATE_MAP, "estados")
    zones = _projected(contents, data_files.ZONE_MAP, "zonas")
    frame = _frame(states)
    simple = states.map_arcs(_less_detailed(states, DETAIL))
    drawn_states = _drawn(simple, _placing(frame, STATE_UNIT), smallest=SMALLEST_ISLAND)
    drawn_zones = {drawn.code: drawn for drawn in _drawn(zones, _placing(frame, ZONE_UNIT))}
    left, top, right, bottom = frame
    country = {
        "width": round((right - left) / STATE_UNIT),
        "height": round((bottom - top) / STATE_UNIT),
        "states": [vars(drawn) for drawn in drawn_states],
    }
    small = zones.map_arcs(_less_detailed(zones, PICTURE_DETAIL))
    files = {
        STATES_FILE: _json(country),
        PICTURE_FILE: _json(_zones_of_pictures(small, _placing(frame, STATE_UNIT))),
        CITIES_FILE: _json(_other_cities(contents)),
    }
    for state in drawn_states:
        inside = [shape for shape in zones.geometries if state.code in shape.properties["ent"]]
        files[zones_file(state.code)] = _json(_zones_of(state, inside, drawn_zones))
    return files


def write(folder: Path, files: Mapping[Path, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


@cache
def country() -> CountryDrawing:
    """Give the written drawing of the states, in the order of their keys."""
    written = json.loads((ROOT / STATES_FILE).read_text())
    states = {
        state["code"]: Territory(
            state["code"],
            state["path"],
            tuple(state["point"]),
            state["room"],
            tuple(state["box"]),
        )
        for state in written["states"]
    }
    return CountryDrawing(written["width"], written["height"], states)


@cache
def zones() -> Mapping[str, ZoneOutline]:
    """Give the written zones of pictures by each of their LADAs: overlay codes share one."""
    written = json.loads((ROOT / PICTURE_FILE).read_text())
    drawn = [
        ZoneOutline(zone["code"], tuple(zone["ladas"]), tuple(zone["states"]), zone["path"])
        for zone in written
    ]
    return {lada: zone for zone in drawn for lada in zone.ladas}


def _projected(contents: Mapping[str, bytes], file: str, name: str) -> Topology:
    """Read a map and put it on the plane: metres, north upwards."""
    globe = topology.decode(json.loads(contents[file]), name)
    return globe.map_arcs(lambda _i, arc: [MEXICO.project(*point) for point in arc])


def _frame(states: Topology) -> Box:
    """Give the plane's edges in metres, y downwards: the country with a margin."""
    xs, ys = zip(*(point for arc in states.arcs for point in arc), strict=True)
    return min(xs) - MARGIN, -max(ys) - MARGIN, max(xs) + MARGIN, -min(ys) + MARGIN


def _placing(frame: Box, unit: float) -> Callable[[Point], tuple[int, int]]:
    """Give what turns metres into whole units from the upper left corner."""
    left, top = frame[:2]
    return lambda point: (round((point[0] - left) / unit), round((-point[1] - top) / unit))


def _less_detailed(
    places: Topology, detail: float
) -> Callable[[int, topology.Polyline], topology.Polyline]:
    """Simplify each border by the smallest place beside it: Tlaxcala keeps what Sonora need not.

    Never under one square unit: nothing smaller shows.
    """
    smallest: dict[int, float] = {}
    for shape in places.geometries:
        size = sum(abs(topology.area(polygon[0])) for polygon in places.rings(shape))
        for ring in (ring for polygon in shape.polygons for ring in polygon):
            for number in ring:
                arc = number if number >= 0 else ~number
                smallest[arc] = min(smallest.get(arc, size), size)
    return lambda i, arc: topology.simplify(
        arc, max(STATE_UNIT**2, min(smallest[i] / detail, LEAST_DETAIL))
    )


def _drawn(
    topology_: Topology,
    place: Callable[[Point], tuple[int, int]],
    smallest: float = 0.0,
) -> list[Territory]:
    """Draw every shape, less the islands (but the largest) under an area in square units."""
    drawn = []
    for shape in topology_.geometries:
        polygons = [[_whole(ring, place) for ring in polygon] for polygon in topology_.rings(shape)]
        polygons.sort(key=lambda rings: -abs(topology.area(rings[0])))
        kept = [
            rings
            for i, rings in enumerate(polygons)
            if i == 0 or abs(topology.area(rings[0])) > smallest
        ]
        point, room = _inside(kept[0])
        path = "".join(_path(ring) for rings in kept for ring in rings)
        drawn.append(Territory(shape.code, path, point, room, _box(kept)))
    return drawn


def _whole(ring: Ring, place: Callable[[Point], tuple[int, int]]) -> Ring:
    """Round a ring to whole units and drop the points that fall on the one before."""
    rounded: list[Point] = []
    for point in map(place, ring):
        if not rounded or rounded[-1] != point:
            rounded.append(point)
    while len(rounded) > 1 and rounded[0] == rounded[-1]:
        rounded.pop()
    return rounded


def _path(ring: Ring) -> str:
    """Write a ring as the steps of an SVG path, whole numbers parted as briefly as SVG allows."""
    x, y = ring[0]
    steps = []
    for next_x, next_y in ring[1:]:
        steps += [f"{next_x - x:.0f}", f"{next_y - y:.0f}"]
        x, y = next_x, next_y
    return f"M{ring[0][0]:.0f} {ring[0][1]:.0f}l{' '.join(steps)}z".replace(" -", "-")


def _inside(rings: Sequence[Ring]) -> tuple[tuple[int, int], int]:
    """Find a point well inside a polygon, and how wide the polygon is there.

    Of 24 lines across it, the one whose widest part is widest for how high it stands: the middle
    of that part. A name written there stays inside.
    """
    ys = [y for _x, y in rings[0]]
    low, high = min(ys), max(ys)
    best: tuple[float, float, float, float] = (-1.0, 0.0, 0.0, 0.0)
    for line in range(1, 24):
        y = low + (high - low) * line / 24 + 0.01  # no corner lies on a hundredth
        for left, right in _crossings(rings, y):
            edge = min(y - low, high - y)
            best = max(best, (min(right - left, 3 * edge), right - left, (left + right) / 2, y))
    return (round(best[2]), round(best[3])), int(best[1])


def _crossings(rings: Sequence[Ring], y: float) -> Iterable[tuple[float, float]]:
    """Give the parts of a level line that lie inside a polygon."""
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


def _zones_of(
    state: Territory, inside: Sequence[topology.Geometry], drawn: Mapping[str, Territory]
) -> dict[str, Any]:
    """Give the zones of a state, and the part of the plane that shows the state and its own zones.

    A zone whose main city lies in another state may reach out of that part.
    """
    ratio = STATE_UNIT / ZONE_UNIT
    own = [drawn[shape.code].box for shape in inside if shape.properties["ent"][0] == state.code]
    boxes = [tuple(round(edge * ratio) for edge in state.box), *own]
    left, top = (min(box[i] for box in boxes) for i in (0, 1))
    right, bottom = (max(box[i] for box in boxes) for i in (2, 3))
    return {
        "unit": 1 / ratio,  # of the states' drawing
        "box": [left, top, right - left, bottom - top],
        "zones": [
            {
                "code": shape.code,
                "ladas": shape.properties["ladas"],
                "city": shape.properties["ciudad"],
                "path": drawn[shape.code].path,
                "point": drawn[shape.code].point,
                "room": drawn[shape.code].room,
            }
            for shape in inside
        ],
    }


def _zones_of_pictures(
    zones: Topology, place: Callable[[Point], tuple[int, int]]
) -> list[dict[str, Any]]:
    """Give every zone of a picture, in the order of the map."""
    drawn = _drawn(zones, place, smallest=SMALLEST_ISLAND)
    return [
        {
            "code": shape.code,
            "ladas": shape.properties["ladas"],
            "states": shape.properties["ent"],
            "path": zone.path,
        }
        for shape, zone in zip(zones.geometries, drawn, strict=True)
    ]


def _other_cities(contents: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Give the other cities of each LADA, for a search to find it by them."""
    lines = data_files.lines(contents, data_files.LADAS, ["lada", "otras_ciudades"])
    return {line["lada"]: line.codes("otras_ciudades") for line in lines}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
