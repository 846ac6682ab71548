from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segments import areas, gazetteer
from segments.areas import Area, EmptyArea, MalformedArea, UnknownCode
from segments.models import Lada, State, Zone

pytestmark = pytest.mark.django_db

# The catalogue's codes, so that properties need no database at collection.
SOME_STATES = ["09", "14", "15", "18", "31"]
SOME_LADAS = ["33", "55", "56", "81", "322", "311", "999", "990"]


# A busy machine is no failure.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def area(**choice: object) -> Area:
    return Area(
        **{
            name: value if isinstance(value, bool) else frozenset(value.split())
            for name, value in choice.items()
        }
    )


@pytest.fixture(scope="module")
def places(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return gazetteer.current()


# resolve


def test_single_ladas_are_resolved():
    assert areas.resolve(area(ladas="81 55 33")) == ("33", "55", "81")


def test_the_whole_country_is_every_lada():
    ladas = areas.resolve(area(nationwide=True))

    assert len(ladas) == 413
    assert list(ladas) == sorted(ladas)


def test_a_state_is_every_lada_with_territory_in_it():
    ladas = areas.resolve(area(states="14"))

    assert len(ladas) == 47
    assert "33" in ladas
    assert set(ladas) == set(Lada.objects.filter(zone__states="14").values_list("code", flat=True))


def test_states_and_ladas_add_up():
    assert areas.resolve(area(states="09", ladas="33 55")) == ("33", "55", "56")


def test_overlay_codes_are_chosen_apart_by_lada_and_together_by_state():
    assert areas.resolve(area(ladas="55")) == ("55",)
    assert areas.resolve(area(states="09")) == ("55", "56")
    assert areas.resolve(area(states="09", excluded_ladas="56")) == ("55",)


def test_a_zone_that_spans_states_is_included_with_each_of_them():
    spanning = [zone for zone in Zone.objects.prefetch_related("states") if zone.states.count() > 1]

    assert len(spanning) == 73
    for zone in spanning:
        for state in zone.states.all():
            assert zone.code in areas.resolve(area(states=state.code))


def test_an_excluded_state_removes_every_lada_with_territory_in_it():
    ladas = areas.resolve(area(nationwide=True, excluded_states="14"))

    assert len(ladas) == 413 - 47
    # 322 Puerto Vallarta reaches into Nayarit: neither state may be reached by mistake.
    assert "322" not in ladas
    assert "322" not in areas.resolve(area(states="18", excluded_states="14"))


def test_a_lada_that_is_named_stays_when_its_state_is_excluded():
    ladas = areas.resolve(area(nationwide=True, ladas="322", excluded_states="14"))

    assert "322" in ladas
    assert len(ladas) == 413 - 47 + 1


def test_an_excluded_lada_is_removed_even_when_named():
    assert areas.resolve(area(ladas="33 55", excluded_ladas="55")) == ("33",)


def test_the_error_names_all_unknown_codes_and_the_fix():
    with pytest.raises(UnknownCode) as caught:
        areas.resolve(area(ladas="55 200 12", excluded_ladas="299"))

    assert (caught.value.codes, caught.value.kind) == (("12", "200", "299"), "lada")
    assert str(caught.value) == (
        "Estas LADA no existen: 12, 200, 299. Quítalas o corrígelas (por ejemplo, 55 o 664)."
    )


def test_an_unknown_state_is_named():
    with pytest.raises(UnknownCode) as caught:
        areas.resolve(area(nationwide=True, excluded_states="33"))

    assert (caught.value.codes, caught.value.kind) == (("33",), "state")
    assert str(caught.value) == (
        "Este estado no existe: 33. Quítalo o usa su clave (Jalisco es 14)."
    )


@pytest.mark.parametrize("choice", [{}, {"excluded_states": "14"}, {"excluded_ladas": "55"}])
def test_an_empty_area_is_refused(choice):
    with pytest.raises(EmptyArea, match=r"^No has elegido zonas\. Elige «Todo México»"):
        areas.resolve(area(**choice))


def test_everything_excluded_is_refused():
    everything = " ".join(State.objects.values_list("code", flat=True))

    with pytest.raises(EmptyArea, match=r"^Lo que excluyes deja la zona sin LADA\."):
        areas.resolve(area(nationwide=True, excluded_states=everything))
    with pytest.raises(EmptyArea, match="Quita una exclusión"):
        areas.resolve(area(ladas="55", excluded_ladas="55"))


codes = st.builds(
    Area,
    nationwide=st.booleans(),
    states=st.frozensets(st.sampled_from(SOME_STATES)),
    ladas=st.frozensets(st.sampled_from(SOME_LADAS)),
    excluded_states=st.frozensets(st.sampled_from(SOME_STATES)),
    excluded_ladas=st.frozensets(st.sampled_from(SOME_LADAS)),
)


@patiently
@given(chosen=codes)
def test_each_lada_is_resolved_by_the_rule_of_levels(places, chosen):
    """Decide on every LADA by itself, from the most specific level to the least."""

    def is_in(lada: str) -> bool:
        states = {state for state, ladas in places.ladas_of.items() if lada in ladas}
        if lada in chosen.excluded_ladas:
            return False
        if lada in chosen.ladas:
            return True
        if states & chosen.excluded_states:
            return False
        return chosen.nationwide or bool(states & chosen.states)

    expected = tuple(sorted(lada for lada in places.cities if is_in(lada)))

    if expected:
        assert areas.resolve(chosen, places) == expected
    else:
        with pytest.raises(EmptyArea):
            areas.resolve(chosen, places)


# json


@patiently
@given(chosen=codes)
def test_a_stored_area_is_read_back_equal(chosen):
    assert Area.from_json(chosen.to_json()) == chosen


def test_stored_lists_are_sorted():
    assert area(ladas="81 55 33", states="14 09").to_json() == {
        "nationwide": False,
        "states": ["09", "14"],
        "ladas": ["33", "55", "81"],
        "excluded_states": [],
        "excluded_ladas": [],
    }


def test_missing_members_are_empty():
    assert Area.from_json({"ladas": ["55", "55"]}) == area(ladas="55")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "debe ser un objeto"),
        ([], "debe ser un objeto"),
        ("Todo México", "debe ser un objeto"),
        (55, "debe ser un objeto"),
        ({"lada": ["55"]}, "«lada»"),
        ({55: []}, "«55»"),
        ({"nationwide": 1}, "true o false"),
        ({"nationwide": "true"}, "true o false"),
        ({"nationwide": None}, "true o false"),
        ({"ladas": "55"}, "«ladas» debe ser una lista"),
        ({"ladas": None}, "«ladas» debe ser una lista"),
        ({"ladas": {"55": True}}, "«ladas» debe ser una lista"),
        ({"ladas": [55]}, "55 no lo es"),
        ({"ladas": [["55"]]}, "no lo es"),
        ({"ladas": ["5"]}, "'5' no lo es"),
        ({"ladas": ["5512"]}, "no lo es"),
        ({"ladas": ["55\n"]}, "no lo es"),
        ({"ladas": ["٥٥"]}, "no lo es"),
        ({"states": ["9"]}, '"09"'),
        ({"states": ["Jalisco"]}, "no lo es"),
        ({"excluded_states": ["014"]}, "«excluded_states»"),
        ({"excluded_ladas": [None]}, "«excluded_ladas»"),
    ],
)
def test_malformed_values_are_refused_with_the_fix(value, message):
    with pytest.raises(MalformedArea) as caught:
        Area.from_json(value)

    assert message in str(caught.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["nationwide", "states", "ladas", "excluded_ladas"]) | st.text(), inner
        )
    ),
    max_leaves=10,
)


@patiently
@given(value=json_values)
def test_any_json_is_read_or_refused(value):
    with suppress(MalformedArea):
        Area.from_json(value)


# parse_codes


@pytest.mark.parametrize(
    "text",
    [
        "55, 33; 81",
        "55 33 81",
        "55\n33\r\n81\n",
        "55\t33\t81",
        "LADA 55, LADA 33, LADA 81",
        "Lada55 lada33 LADA81",
        "  (55) / 33 / 81.",
        '"55","33","81"',
        "55 Ciudad de México\n33 Guadalajara\n81 Monterrey, N.L.",
        "\ufeff55;\u200b33;\u00a081",
        "55_33-81",
        "['55', '33', '81']",
    ],
)
def test_codes_are_read_in_any_form(text):
    assert areas.parse_codes(text) == areas.PastedCodes(("55", "33", "81"), (), ())


def test_unknown_and_repeated_codes_are_listed_separately():
    codes = areas.parse_codes("55, 33; 200, 55, 12 y 200")

    assert codes == areas.PastedCodes(known=("55", "33"), unknown=("200", "12"), repeated=("55",))
    assert codes.message == "2 reconocidas, 1 repetida, 2 no existen: 200, 12"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("55", "1 reconocida"),
        ("55 55 33 33", "2 reconocidas, 2 repetidas"),
        ("12", "0 reconocidas, 1 no existe: 12"),
        ("5512345678", "0 reconocidas, 1 no existe: 5512345678"),
        ("1" * 40, "0 reconocidas, 1 no existe: 11111111111…"),
        ("8l 055 55b", "0 reconocidas, 3 no existen: 8l, 055, 55b"),
        ("٥٥", "0 reconocidas, 1 no existe: ٥٥"),
        ("", "No hay claves en el texto. Escribe las LADA así: 55, 33, 81."),
        ("Guadalajara y Monterrey", "No hay claves en el texto. Escribe las LADA así: 55, 33, 81."),
        (
            "0 1 2 3 4 5 6 7 8 9 10 11",
            "0 reconocidas, 12 no existen: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 y 2 más",
        ),
        (
            "0 1 2 3 4 5 6 7 8 9 10",
            "0 reconocidas, 11 no existen: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
        ),
    ],
)
def test_the_message_counts_the_codes(text, message):
    assert areas.parse_codes(text).message == message


separators = st.text(alphabet=",; \t\n\r./|-()'\"_", min_size=1)


@patiently
@given(pasted=st.lists(st.tuples(st.sampled_from(SOME_LADAS), separators)))
def test_known_codes_survive_any_separators(places, pasted):
    text = "".join(code + separator for code, separator in pasted)
    in_order = tuple(dict.fromkeys(code for code, _separator in pasted))

    codes = areas.parse_codes(text, places)

    assert codes.known == in_order
    assert codes.unknown == ()
    assert set(codes.repeated) == {
        code for code in in_order if [pair[0] for pair in pasted].count(code) > 1
    }


@patiently
@given(text=st.text())
def test_any_text_is_parsed_and_no_digit_is_lost(places, text):
    codes = areas.parse_codes(text, places)

    assert codes.known == tuple(code for code in codes.known if code in places.cities)
    assert not set(codes.unknown) & places.cities.keys()
    assert set(codes.repeated) <= set(codes.known)
    read = "".join(codes.known + codes.unknown)
    assert {figure for figure in text if figure.isdecimal()} <= set(read)
    assert codes.message


@patiently
@given(codes=st.lists(st.sampled_from(SOME_LADAS), unique=True))
def test_codes_that_were_read_can_be_pasted_again(places, codes):
    first = areas.parse_codes(" ".join(codes), places)

    assert areas.parse_codes(", ".join(first.known), places) == first


# describe


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (area(), "Sin zonas elegidas"),
        (area(excluded_ladas="55"), "Sin zonas elegidas"),
        (area(nationwide=True), "Todo México"),
        (area(nationwide=True, states="14", ladas="55"), "Todo México"),
        (area(nationwide=True, excluded_states="14"), "Todo México, menos Jalisco (47 LADA)"),
        (
            area(nationwide=True, ladas="322", excluded_states="14", excluded_ladas="55"),
            "Todo México, más 322 Puerto Vallarta, menos Jalisco (47 LADA) y 55 Ciudad de México",
        ),
        (
            area(states="14", ladas="55", excluded_ladas="33"),
            "Jalisco (47 LADA), más 55 Ciudad de México, menos 33 Guadalajara",
        ),
        (area(states="14", ladas="33"), "Jalisco (47 LADA)"),
        (area(states="14 13"), "Hidalgo (20 LADA) y Jalisco (47 LADA)"),
        (area(states="12 13"), "Guerrero (19 LADA) e Hidalgo (20 LADA)"),
        (area(ladas="55 33 81"), "33 Guadalajara, 55 Ciudad de México y 81 Monterrey"),
        (
            area(ladas="55 33 81 999 998 664"),
            "33 Guadalajara, 55 Ciudad de México, 81 Monterrey y 3 más",
        ),
        (area(states="77", ladas="12", excluded_ladas="200"), "77, más 12, menos 200"),
    ],
)
def test_an_area_is_described_in_one_short_sentence(chosen, sentence):
    assert areas.describe(chosen) == sentence


@patiently
@given(chosen=codes)
def test_a_description_stays_short(places, chosen):
    assert 0 < len(areas.describe(chosen, places)) <= 360


def test_many_areas_are_described_without_a_query_each(django_assert_num_queries):
    names = gazetteer.current()

    with django_assert_num_queries(0):
        for lada in names.cities:
            areas.describe(area(ladas=lada), names)
            areas.resolve(area(ladas=lada), names)
            areas.parse_codes(lada, names)
