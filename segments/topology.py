"""TopoJSON, as far as the catalogue's files use it: borders are arcs shared by both sides.

Source: https://github.com/topojson/topojson-specification, quantised with delta-encoded arcs.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[float, float]
Polyline = list[Point]
Ring = list[Point]  # closed without repeating its first point


@dataclass(frozen=True)
class Geometry:
    """A territory: polygons, each a list of rings of signed arc numbers, the outer one first."""

    code: str
    properties: Mapping[str, Any]
    polygons: Sequence[Sequence[Sequence[int]]]


@dataclass(frozen=True)
class Topology:
    """Arcs, and the geometries that consist of them."""

    arcs: Sequence[Polyline]
    geometries: Sequence[Geometry]

    def rings(self, geometry: Geometry) -> list[list[Ring]]:
        """Return the polygons of a geometry, each as a list of rings."""
        return [[self._ring(arcs) for arcs in polygon] for polygon in geometry.polygons]

    def _ring(self, numbers: Sequence[int]) -> Ring:
        ring: Ring = []
        for number in numbers:  # ~n is arc n reversed; each begins where the last one ended
            arc = self.arcs[number] if number >= 0 else self.arcs[~number][::-1]
            ring += arc[:-1]
        return ring

    def map_arcs(self, function: Callable[[int, Polyline], Polyline]) -> "Topology":
        """Return the topology with a function applied to each index and arc."""
        return Topology([function(i, arc) for i, arc in enumerate(self.arcs)], self.geometries)


def decode(document: Mapping[str, Any], name: str) -> Topology:
    """Return one object of a parsed TopoJSON document. Points are (longitude, latitude)."""
    kx, ky = document["transform"]["scale"]
    dx, dy = document["transform"]["translate"]
    arcs = []
    for steps in document["arcs"]:
        x = y = 0
        arc = []
        for step in steps:
            x, y = x + step[0], y + step[1]
            arc.append((x * kx + dx, y * ky + dy))
        arcs.append(arc)
    geometries = []
    for geometry in document["objects"][name]["geometries"]:
        is_polygon = geometry["type"] == "Polygon"
        polygons = [geometry["arcs"]] if is_polygon else geometry["arcs"]
        geometries.append(Geometry(geometry["id"], geometry["properties"], polygons))
    return Topology(arcs, geometries)


def area(ring: Ring) -> float:
    """Return the signed area of a ring (the shoelace formula)."""
    following = ring[1:] + ring[:1]
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, following, strict=True)) / 2


def contains(rings: Sequence[Ring], point: Point) -> bool:
    """Return whether a point lies inside a polygon (by the number of sides to its right)."""
    x, y = point
    inside = False
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                inside = not inside
    return inside


def simplify(line: Polyline, tolerance: float) -> Polyline:
    """Drop points whose triangle with their neighbours has an area under the tolerance.

    The ends are kept, and at least four points of a closed line, so that an island remains.
    Source: M. Visvalingam and J. D. Whyatt, Line generalisation by repeated elimination of
    points (1993).
    """
    min_points = 4 if line[0] == line[-1] else 2
    before = list(range(-1, len(line) - 1))
    after = list(range(1, len(line) + 1))
    sizes = {i: _triangle(line[i - 1], line[i], line[i + 1]) for i in range(1, len(line) - 1)}
    heap = [(size, i) for i, size in sizes.items()]
    heapq.heapify(heap)
    while heap and len(sizes) + 2 > min_points:
        size, i = heapq.heappop(heap)
        if size >= tolerance:
            break
        if sizes.get(i) != size:
            continue  # outdated: the point has new neighbours or was dropped
        del sizes[i]
        left, right = before[i], after[i]
        after[left], before[right] = right, left
        for j in (left, right):
            if j in sizes:
                triangle = _triangle(line[before[j]], line[j], line[after[j]])
                sizes[j] = max(triangle, size)  # never less than those dropped before
                heapq.heappush(heap, (sizes[j], j))
    return [point for i, point in enumerate(line) if i in sizes or i in (0, len(line) - 1)]


def _triangle(a: Point, b: Point, c: Point) -> float:
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2
