"""The shades of a map: groups of about as many states each, the most in the darkest."""

import pytest

from segments import gazetteer, shaded_map

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("counts", "legend"),
    [
        ([], []),
        ([7], [(4, 7, 7)]),
        ([5, 5, 5], [(4, 5, 5)]),
        ([9, 4], [(4, 9, 9), (3, 4, 4)]),
        ([80, 70, 60, 50, 40, 30, 20, 10], [(4, 70, 80), (3, 50, 60), (2, 30, 40), (1, 10, 20)]),
        ([9, 9, 9, 9, 9, 3, 2, 1], [(4, 9, 9), (3, 3, 3), (2, 2, 2), (1, 1, 1)]),
    ],
)
def test_counts_are_shaded_in_groups(counts, legend):
    places = gazetteer.current()
    by_state = dict(zip(places.states, counts, strict=False))

    drawn = shaded_map.draw(by_state, places)

    assert drawn.legend == legend
    shades = {state.title.split(": ")[0]: state.shade for state in drawn.states}
    for code, name in places.states.items():
        count = by_state.get(code, 0)
        own = [shade for shade, least, most in legend if least <= count <= most]
        assert [shades[name]] == (own or [0])
