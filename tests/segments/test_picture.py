"""A picture shows the chosen area, describes it, and no shape occurs twice."""

import re

import pytest

from segments import gazetteer, picture, shapes

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    return gazetteer.current()


def painted_levels(ladas):
    """Return the level of each shape of a picture, that of the last one painted."""
    (drawn,) = picture.draw([ladas]).pictures
    return {painted.shape: painted.level for painted in drawn.shapes}


def test_whole_states_are_filled_and_part_of_one_shows_its_zones(places):
    levels = painted_levels({*places.ladas_of["23"], "33"})

    assert levels["e23"] == "whole"
    assert levels["e14"] == "part"
    assert levels["z33"] == "whole"
    assert levels["mexico"] == "none"
    assert "e02" not in levels


def test_a_state_that_only_a_neighbours_lada_reaches_is_not_painted():
    drawn = shapes.zones()
    home = {lada for lada, zone in drawn.items() if zone.states[0] == "14"}
    reaching = {drawn[lada].code for lada in home if "18" in drawn[lada].states}
    assert reaching

    levels = painted_levels(home)

    assert "e14" in levels
    assert levels.get("e18", "none") == "none"
    assert "e28" not in painted_levels(
        gazetteer.current().ladas_of["19"]
    )  # nor those of Nuevo León
    assert all(levels[f"z{code}"] == "whole" for code in reaching)


def test_the_whole_country_is_one_shape(places):
    assert painted_levels(places.cities) == {"mexico": "whole"}


def test_in_a_state_that_lacks_little_the_excluded_zones_are_painted(places):
    levels = painted_levels(places.ladas_of["14"] - {"33"})

    assert (levels["e14"], levels["z33"]) == ("whole", "part")
    assert "z376" not in levels


def test_an_excluded_zone_is_not_painted_in_the_neighbouring_state(places):
    """322 lies in Jalisco and Nayarit; with the other LADAs of Jalisco, Nayarit stays empty."""
    inside = [
        lada
        for lada in places.ladas_of["14"]
        if not any(lada in places.ladas_of[code] for code in places.states if code != "14")
    ]
    (drawn,) = picture.draw([inside]).pictures
    order = [painted.shape for painted in drawn.shapes]

    assert order.index("z322") < order.index("e18")
    assert {painted.shape: painted.level for painted in drawn.shapes}["e18"] == "none"


def test_overlay_codes_are_one_zone():
    assert (
        painted_levels({"55"})["z55"] == painted_levels({"55", "56"}).get("z55", "whole") == "whole"
    )
    assert shapes.zones()["55"] is shapes.zones()["56"]


def test_a_sheet_has_each_zone_once_however_many_pictures(places):
    sheet = picture.draw([{"33"}, {"33", "81"}, {"55"}])

    codes = [zone.code for zone in sheet.zones]
    assert sorted(codes) == ["33", "55", "81"]
    assert len(sheet.pictures) == 3
    assert len(sheet.states) == 32


def test_codes_that_the_map_does_not_have_are_not_drawn():
    assert set(painted_levels({"33", "999x"})) == {"mexico", "e14", "z33"}


@pytest.mark.parametrize(
    ("ladas", "inset"), [({"55"}, True), ({"33"}, False), ({"81", "222"}, True)]
)
def test_the_centre_is_enlarged_if_some_of_it_is_chosen(ladas, inset):
    (drawn,) = picture.draw([ladas]).pictures

    assert drawn.has_inset is inset


def test_a_picture_describes_what_it_shows(places):
    jalisco, leon = places.ladas_of["14"], places.ladas_of["19"]
    own = sorted(lada for lada in jalisco if shapes.zones()[lada].states == ("14",))

    assert picture.describe([*leon, *own[:12]]) == "Todo Nuevo León y 12 LADA de Jalisco"
    assert picture.describe(jalisco) == "Todo Jalisco"
    both = places.ladas_of["09"] | places.ladas_of["15"]
    assert picture.describe(both) == "Toda la Ciudad de México y todo el Estado de México"
    assert picture.describe({"33"}) == "33 Guadalajara"
    assert picture.describe(places.cities) == "Todo México"
    assert picture.describe(places.cities.keys() - {"33"}) == "Todo México menos 33 Guadalajara"
    rest = places.cities.keys() - places.ladas_of["07"] - places.ladas_of["20"]
    assert picture.describe(rest) == "Todo México menos Chiapas y Oaxaca"
    assert picture.describe(()) == "Ninguna LADA"
    assert picture.describe({"999x"}) == "Ninguna LADA"


def test_every_lada_of_the_catalogue_has_a_zone_in_its_states(places):
    drawn = shapes.zones()

    assert drawn.keys() == places.cities.keys()
    for state, ladas in places.ladas_of.items():
        assert {lada for lada in drawn if state in drawn[lada].states} == ladas
    assert all(re.fullmatch(r"(M[-\d ]+l[-\d ]+z)+", zone.path) for zone in drawn.values())
