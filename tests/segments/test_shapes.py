"""The written map is what the data gives, shows every place, and stays light."""

import csv
import gzip
import io
import json
import re
from math import hypot

import pytest

from segments import catalogue, data_files, shapes, topology
from segments.management.commands import draw_map
from segments.projection import MEXICO

CITY_TOLERANCE = 3  # units of 100 m: 593 lies 200 m outside by the source's simplification
STATES_BUDGET = 15 * 1024  # bytes, gzip
ZONES_BUDGET = 12 * 1024


@pytest.fixture(scope="module")
def contents():
    return data_files.read(catalogue.DATA)


@pytest.fixture(scope="module")
def drawn(contents):
    return shapes.draw(contents)


@pytest.fixture(scope="module")
def zones():
    """Give every zone as it is written, by code; those of two states are written twice alike."""
    found = {}
    for state in shapes.country().states:
        for zone in written(shapes.zones_file(state))["zones"]:
            assert found.setdefault(zone["code"], zone) == zone
    return found


def written(path):
    return json.loads((shapes.ROOT / path).read_text())


def rows(contents, file):
    return list(csv.DictReader(io.StringIO(contents[file].decode())))


def rings(path):
    """Read a path of the map back into rings of points."""
    found = []
    for ring in re.findall(r"M([^z]+)z", path):
        start, steps = ring.split("l")
        x, y = (int(n) for n in re.findall(r"-?\d+", start))
        points = [(x, y)]
        numbers = [int(n) for n in re.findall(r"-?\d+", steps)]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x, y))
        found.append(points)
    return found


def test_the_written_files_are_what_the_data_gives(drawn):
    for path, text in drawn.items():
        assert (shapes.ROOT / path).read_text() == text, f"{path}: manage.py draw_map"
    kept = {path.name for path in (shapes.ROOT / shapes.ZONES_FOLDER).glob("*.json")}
    assert kept == {path.name for path in drawn if path.parent == shapes.ZONES_FOLDER}


def test_another_border_gives_another_map(contents, drawn):
    moved = json.loads(contents[data_files.ZONE_MAP])
    moved["arcs"][0][0][0] += 100
    changed = contents | {data_files.ZONE_MAP: json.dumps(moved).encode()}

    differing = [path for path, text in shapes.draw(changed).items() if text != drawn[path]]

    assert 0 < len(differing) < 10


def test_every_state_and_every_zone_is_drawn(contents, zones):
    states = rows(contents, data_files.STATES)
    ladas = rows(contents, data_files.LADAS)

    assert list(shapes.country().states) == [row["cve_ent"] for row in states]
    assert zones.keys() == {row["zona"] for row in ladas}
    assert (len(states), len(zones)) == (32, 397)
    for state in states:
        file = written(shapes.zones_file(state["cve_ent"]))
        inside = {lada for zone in file["zones"] for lada in zone["ladas"]}
        assert inside == set(state["ladas"].split("|"))


def test_every_main_city_lies_in_its_drawn_zone(contents, zones):
    bounds = shapes._bounds(shapes._project(contents, data_files.STATE_MAP, "estados"))
    place = shapes._scale(bounds, shapes.ZONE_UNIT)
    outside = {}
    for row in rows(contents, data_files.LADAS):
        point = place(MEXICO.project(float(row["lon"]), float(row["lat"])))
        area = rings(zones[row["zona"]]["path"])
        if not topology.contains(area, (point[0] + 0.01, point[1] + 0.01)):
            outside[row["lada"]] = round(min(to_edge(point, ring) for ring in area), 1)

    assert all(away <= CITY_TOLERANCE for away in outside.values()), outside
    assert len(outside) <= 3, outside


def to_edge(point, ring):
    """Give the distance of a point from a ring."""
    x, y = point
    nearest = float("inf")
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        length = (x2 - x1) ** 2 + (y2 - y1) ** 2 or 1
        along = max(0, min(1, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length))
        nearest = min(nearest, hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1)))
    return nearest


def test_simplifying_keeps_the_size_of_every_state(contents):
    states = shapes._project(contents, data_files.STATE_MAP, "estados")
    for shape in states.geometries:
        true = sum(topology.area(ring) for polygon in states.rings(shape) for ring in polygon)
        path = shapes.country().states[shape.code].path
        shown = sum(topology.area(ring) for ring in rings(path)) * shapes.STATE_UNIT**2

        assert abs(shown) == pytest.approx(abs(true), rel=0.02), shape.code


def test_zones_are_not_simplified(contents, zones):
    true = shapes._project(contents, data_files.ZONE_MAP, "zonas")
    for shape in true.geometries:
        exact = sum(topology.area(ring) for polygon in true.rings(shape) for ring in polygon)
        shown = sum(topology.area(ring) for ring in rings(zones[shape.code]["path"]))

        assert abs(shown) * shapes.ZONE_UNIT**2 == pytest.approx(abs(exact), rel=0.01)


def test_a_name_is_written_inside(zones):
    for place in [*zones.values(), *map(vars, shapes.country().states.values())]:
        x, y = place["point"]
        assert topology.contains(rings(place["path"]), (x + 0.01, y + 0.01)), place["code"]
        assert place["room"] > 0


def test_the_files_stay_within_their_budgets(drawn):
    sizes = {path: len(gzip.compress(text.encode())) for path, text in drawn.items()}

    assert sizes[shapes.STATES_FILE] <= STATES_BUDGET
    assert max(size for path, size in sizes.items() if "zonas-" in path.name) <= ZONES_BUDGET


def test_the_command_writes_the_files(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(shapes, "ROOT", tmp_path)

    draw_map.Command().execute(
        force_color=False, no_color=True, stdout=None, stderr=None, skip_checks=True
    )

    assert (tmp_path / shapes.zones_file("14")).exists()
    assert "35 archivos" in capsys.readouterr().out
