"""The committed files are what `draw` returns, have every place, and stay small."""

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
    """Return the zones of the committed files by code. Those of two states are equal in both."""
    by_code = {}
    for state in shapes.country().states:
        for zone in read_committed(shapes.zones_file(state))["zones"]:
            assert by_code.setdefault(zone["code"], zone) == zone
    return by_code


def read_committed(path):
    return json.loads((shapes.ROOT / path).read_text())


def rows(contents, file):
    return list(csv.DictReader(io.StringIO(contents[file].decode())))


def rings(path):
    """Parse an SVG path into rings of points."""
    parsed = []
    for ring in re.findall(r"M([^z]+)z", path):
        start, steps = ring.split("l")
        x, y = (int(n) for n in re.findall(r"-?\d+", start))
        points = [(x, y)]
        numbers = [int(n) for n in re.findall(r"-?\d+", steps)]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x, y))
        parsed.append(points)
    return parsed


def test_the_committed_files_are_up_to_date(drawn):
    for path, text in drawn.items():
        assert (shapes.ROOT / path).read_text() == text, f"{path}: manage.py draw_map"
    kept = {path.name for path in (shapes.ROOT / shapes.ZONES_FOLDER).glob("*.json")}
    assert kept == {path.name for path in drawn if path.parent == shapes.ZONES_FOLDER}


def test_another_border_changes_the_files(contents, drawn):
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
        file = read_committed(shapes.zones_file(state["cve_ent"]))
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
            outside[row["lada"]] = round(min(distance(point, ring) for ring in area), 1)

    assert all(away <= CITY_TOLERANCE for away in outside.values()), outside
    assert len(outside) <= 3, outside


def distance(point, ring):
    """Return the distance of a point from a ring."""
    x, y = point
    nearest = float("inf")
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        length = (x2 - x1) ** 2 + (y2 - y1) ** 2 or 1
        along = max(0, min(1, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length))
        nearest = min(nearest, hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1)))
    return nearest


def test_simplifying_keeps_the_size_of_every_state(contents):
    states = shapes._project(contents, data_files.STATE_MAP, "estados")
    for state in states.geometries:
        true = sum(topology.area(ring) for polygon in states.rings(state) for ring in polygon)
        path = shapes.country().states[state.code].path
        drawn_area = sum(topology.area(ring) for ring in rings(path)) * shapes.STATE_UNIT**2

        assert abs(drawn_area) == pytest.approx(abs(true), rel=0.02), state.code


def test_zones_are_not_simplified(contents, zones):
    true = shapes._project(contents, data_files.ZONE_MAP, "zonas")
    for zone in true.geometries:
        exact = sum(topology.area(ring) for polygon in true.rings(zone) for ring in polygon)
        drawn_area = sum(topology.area(ring) for ring in rings(zones[zone.code]["path"]))

        assert abs(drawn_area) * shapes.ZONE_UNIT**2 == pytest.approx(abs(exact), rel=0.01)


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
    assert "34 archivos" in capsys.readouterr().out
