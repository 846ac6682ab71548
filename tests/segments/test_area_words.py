"""Areas in words: read whole or refused, and what is written is read as the same LADAs."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segments import area_words, areas, gazetteer
from segments.area_clauses import UnreadArea
from segments.areas import Area, AreaError, EmptyArea

pytestmark = pytest.mark.django_db

patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def places(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return gazetteer.current()


def area(**choice):
    return Area(
        **{
            name: value if isinstance(value, bool) else frozenset(value.split())
            for name, value in choice.items()
        }
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("todo México menos 33", area(nationwide=True, excluded_ladas="33")),
        ("Jalisco y 55", area(states="14", ladas="55")),
        ("Estado de México (33 LADA)", area(states="15")),
        ("nacional", area(nationwide=True)),
        ("Todo el país", area(nationwide=True)),
        ("toda la República", area(nationwide=True)),
        ("a nivel nacional excepto Jalisco", area(nationwide=True, excluded_states="14")),
        (
            "todo México, excepto: Jalisco, 55",
            area(nationwide=True, excluded_states="14", excluded_ladas="55"),
        ),
        ("todo México sin 33 ni", None),
        ("todo México sin 33 y 81", area(nationwide=True, excluded_ladas="33 81")),
        ("Todo México salvo Guadalajara", area(nationwide=True, excluded_ladas="33")),
        ("todo México (menos 33), 55", area(nationwide=True, excluded_ladas="33", ladas="55")),
        ("Jalisco (sin 33), Nuevo León", area(states="14 19", excluded_ladas="33")),
        ("Jalisco menos 33, más 55", area(states="14", ladas="55", excluded_ladas="33")),
        ("Jalisco + 55 + 81", area(states="14", ladas="55 81")),
        ("Jalisco; 55 / 81 | 33", area(states="14", ladas="55 81 33")),
        ("Jalisco\n55\n81", area(states="14", ladas="55 81")),
        ("Jalisco e Hidalgo", area(states="14 13")),
        ("Sonora, Sin., y Jal.", area(states="26 25 14")),
        ("Son, Sin, Jal", area(states="26 25 14")),
        ("Sin.", area(states="25")),
        ("Q. Roo y N.L.", area(states="23 19")),
        ("Baja California y Baja California Sur", area(states="02 03")),
        ("todo Jalisco", area(states="14")),
        ("estado de Jalisco", area(states="14")),
        ("todo el Estado de México", area(states="15")),
        ("Coahuila de Zaragoza", area(states="05")),
        ("CDMX y Edo. Méx.", area(states="09 15")),
        ("Edomex", area(states="15")),
        ("Jalisco y Colima menos 33 y 312", area(states="14 06", excluded_ladas="33 312")),
        ("Todo México excepto Baja California Sur", area(nationwide=True, excluded_states="03")),
        ("TODO MÉXICO; EXCEPTO 33; 55", area(nationwide=True, excluded_ladas="33 55")),
        ("55 33 81", area(ladas="55 33 81")),
        ("LADA 55, LADA33", area(ladas="55 33")),
        ("las LADA 55 y 33", area(ladas="55 33")),
        ("33 Guadalajara, 55 Ciudad de México y 81 Monterrey", area(ladas="33 55 81")),
        ("Guadalajara (33)", area(ladas="33")),
        ("Guadalajara", area(ladas="33")),
        ("Tijuana", area(ladas="663 664")),
        ("tijuana 664", area(ladas="664")),
        ("Puebla", area(states="21")),
        ("222 Puebla", area(ladas="222")),
        ("Jalisco · 47 LADA", area(states="14")),
        ("Jalisco,", area(states="14")),
        ("Jalisco, y 55", area(states="14", ladas="55")),
        ("５５", area(ladas="55")),
        ("Guadalajara, Jalisco", area(ladas="33")),
        ("Juárez (Chihuahua), menos 656", area(ladas="656 657", excluded_ladas="656")),
        ("Todo México menos Guadalajara, Jalisco", area(nationwide=True, excluded_ladas="33")),
        ("Hidalgo, Michoacán", area(states="13 16")),
        ("Colima y Nayarit", area(states="06 18")),
        ("1. Mérida\n2. Cancún", area(ladas="999 990 998")),
    ],
)
def test_an_area_is_read_whole(places, written, expected):
    if expected is None:
        with pytest.raises(UnreadArea):
            area_words.read(written, places)
    else:
        assert area_words.read(written, places) == expected


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("México", "puede ser Todo México o Todo Estado de México"),
        ("Jalisco, México", "puede ser Todo México o Todo Estado de México"),
        ("Jalsco", "¿querías decir Todo Jalisco"),
        ("Guadalajar", "¿querías decir Guadalajara (Jalisco)"),
        ("Atlantis", "«Atlantis» no es un estado, un municipio, una ciudad ni una LADA"),
        ("Jalisco y Atlantis", "«Atlantis»"),
        ("solo 33", "«solo 33» no se entiende: separa los lugares con comas"),
        ("Jalisco 33", "«Jalisco 33» puede ser 33 o Todo Jalisco"),
        ("Jalisco (33)", "«Jalisco (33)» puede ser 33 o Todo Jalisco"),
        ("33 Tijuana", "«33 Tijuana» puede ser 33 o Tijuana (Baja California)"),
        ("Estado de México (32 LADA)", "«Estado de México (32 LADA)» no se entiende"),
        ("Jalisco: 12 de 47", "no es una LADA"),
        ("Tuxpan", "Tuxpan (Veracruz) o Tuxpan (Jalisco)"),
        ("Colima y Atlantis", "«Atlantis»"),
        ("Jalisco (33 LADA) y Atlantis", "«Jalisco (33 LADA)»"),
        ("todo México menos Nadadors", "¿querías decir Nadadores"),
        ("199", "«199» no es una LADA"),
        ("5512345678", "«5512345678» no es una LADA"),
        ("8l", "«8l» no es una LADA"),
        ("todo México menos", "Falta algo después de «menos»"),
        ("todo México excepto, 33", "Falta algo después de «excepto»"),
        ("Jalisco y", "Falta algo después de «y»"),
        ("todo México (menos 33", "Falta algo después de «(»"),
        ("menos 33", "Falta decir dónde"),
        (",", "Falta decir dónde"),
        ("Jalisco menos todo México", "no se puede excluir"),
        ("Jalisco menos 33, Nuevo León", "«Nuevo León» está después de «menos»"),
        ("Jalisco menos 33 y 55", "«55» está después de «menos»"),
        ("33, 55, 81 y 3 más", "«y 3 más» no dice cuáles"),
        ("Jalisco (47 LADA), más 33, 55 y 7 más, menos 81", "«y 7 más» no dice cuáles"),
        ("Jalisco · 12 LADA", "no son 12 LADA"),
        ("todo México - 33", "«todo México - 33»"),
        ("55 Ciudad de México 33 Guadalajara", "«Ciudad de México Guadalajara»"),
        ("{0}", "«0»"),
    ],
)
def test_an_area_that_is_not_read_whole_is_refused_with_what_was_not_understood(
    places, written, message
):
    with pytest.raises(UnreadArea) as refused:
        area_words.read(written, places)

    assert message in str(refused.value)
    assert len(str(refused.value)) < 200


def test_a_list_of_places_is_read_without_operators(places):
    assert area_words.read_places("33, Sinaloa y Tijuana", places) == area(
        states="25", ladas="33 663 664"
    )
    for written in ("todo México", "Jalisco menos 33", "abc"):
        with pytest.raises(UnreadArea):
            area_words.read_places(written, places)


def resolved(area, places):
    try:
        return areas.resolve(area, places)
    except EmptyArea:
        return ()


@patiently
@given(data=st.data())
def test_what_is_written_is_read_as_the_same_ladas(places, data):
    states = st.frozensets(st.sampled_from(sorted(places.states)), max_size=8)
    ladas = st.frozensets(st.sampled_from(sorted(places.cities)), max_size=12)
    chosen = data.draw(
        st.builds(
            Area,
            nationwide=st.booleans(),
            states=states,
            ladas=ladas,
            excluded_states=states,
            excluded_ladas=ladas,
        )
    )

    written = area_words.write(chosen, places)

    if not (chosen.nationwide or chosen.states or chosen.ladas):
        assert written == ""
    else:
        assert resolved(area_words.read(written, places), places) == resolved(chosen, places)


def test_every_state_and_lada_is_read_as_it_is_written(places):
    for chosen in [
        *(Area(states=frozenset({code})) for code in places.states),
        *(Area(ladas=frozenset({code})) for code in places.cities),
        Area(states=frozenset(places.states)),
        Area(ladas=frozenset(places.cities)),
        Area(nationwide=True, excluded_ladas=frozenset(sorted(places.cities)[1:])),
    ]:
        for written in (area_words.write(chosen, places), area_words.write(chosen, places).upper()):
            assert area_words.read(written, places) == chosen


@patiently
@given(chosen=st.frozensets(st.sampled_from(["14", "15", "25", "13", "09"]), min_size=1))
def test_a_description_that_is_not_abridged_is_read(places, chosen):
    """The sentence of every page is read as the same states, or refused where it is abridged."""
    described = areas.describe(Area(states=chosen), places)

    if "más" in described:
        with pytest.raises(UnreadArea):
            area_words.read(described, places)
    else:
        assert area_words.read(described, places).states == chosen


WORDS = "Jalisco 55 33 menos más y , ( ) todo México sin Sin. Guadalajara (47 LADA) xyz + e / · 2"


def test_any_words_are_an_area_or_are_refused(places):
    @patiently
    @given(words=st.lists(st.sampled_from(WORDS.split()), max_size=9))
    def is_read_or_refused(words):
        try:
            found = area_words.read(" ".join(words), places)
        except AreaError:
            return
        assert isinstance(found, Area)
        assert "xyz" not in words

    is_read_or_refused()


def test_an_area_with_unknown_codes_is_written_and_refused(places):
    written = area_words.write(Area(ladas=frozenset({"999", "12"})), places)

    assert "12" in written
    with pytest.raises(UnreadArea, match="12"):
        area_words.read(written, places)


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("Coyoacán", "55 y 56"),
        ("edomex", "Estado de México"),
        ("cdmx menos 56", "Ciudad de México menos 56"),
        ("Cd. Juárez y gdl", "656, 657 y 33"),
        ("municipio de Zapopan", "33"),
    ],
)
def test_names_of_the_search_are_read_in_zones_too(text, same_as, places):
    read_area = area_words.read(text, places)

    assert areas.resolve(read_area) == areas.resolve(area_words.read(same_as, places))


def test_a_name_of_several_places_is_asked(places):
    with pytest.raises(UnreadArea, match=r"puede ser .+ o .+: escribe cuál"):
        area_words.read("Santa Cruz", places)
