import pytest

from segments import topology

SQUARE = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]
# Two squares side by side; arc 0 is the border between them.
TWO = {
    "transform": {"scale": [2, 2], "translate": [10, 20]},
    "arcs": [
        [[1, 0], [0, 1]],
        [[1, 1], [-1, 0], [0, -1], [1, 0]],
        [[1, 0], [1, 0], [0, 1], [-1, 0]],
    ],
    "objects": {
        "things": {
            "geometries": [
                {"id": "a", "type": "Polygon", "properties": {"n": 1}, "arcs": [[0, 1]]},
                {"id": "b", "type": "MultiPolygon", "properties": {}, "arcs": [[[2, ~0]]]},
            ]
        }
    },
}


def test_arcs_are_summed_scaled_and_reversed():
    two = topology.decode(TWO, "things")

    left, right = two.geometries
    assert (left.code, left.properties) == ("a", {"n": 1})
    assert two.rings(left) == [[[(12, 20), (12, 22), (10, 22), (10, 20)]]]
    assert two.rings(right) == [[[(12, 20), (14, 20), (14, 22), (12, 22)]]]


def test_a_mapped_border_changes_on_both_sides():
    two = topology.decode(TWO, "things")

    bent = two.map_arcs(lambda i, arc: [arc[0], (99, 99), *arc[1:]] if i == 0 else arc)

    assert all((99, 99) in bent.rings(geometry)[0][0] for geometry in bent.geometries)


def test_the_sign_of_the_area_is_the_direction_of_a_ring():
    assert topology.area(SQUARE) == 16
    assert topology.area(SQUARE[::-1]) == -16


@pytest.mark.parametrize(
    ("point", "inside"), [((1, 1), True), ((2, 2), False), ((5, 2), False), ((3.5, 2), True)]
)
def test_a_hole_is_outside(point, inside):
    hole = [(1.5, 1.5), (3.0, 1.5), (3.0, 3.0), (1.5, 3.0)]

    assert topology.contains([SQUARE, hole], point) is inside


def test_simplifying_drops_the_smallest_triangles_and_keeps_the_ends():
    line = [(0, 0), (1, 0.1), (2, 0), (3, 5), (4, 0)]

    assert topology.simplify(line, 0.5) == [(0, 0), (2, 0), (3, 5), (4, 0)]
    assert topology.simplify(line, 100) == [(0, 0), (4, 0)]
    assert topology.simplify(line, 0) == line


def test_an_island_stays_an_island():
    island = [*SQUARE, (2.0, 1.0), SQUARE[0]]

    kept = topology.simplify(island, 1e9)

    assert len(kept) >= 4
    assert kept[0] == kept[-1]
