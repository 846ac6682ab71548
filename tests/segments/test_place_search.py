"""Every place is found by the names that people give it, the expected one first."""

from collections import defaultdict

import pytest

from segments import gazetteer, place_search
from segments.place_index import CITY, MUNICIPALITY, STATE
from segments.place_names import key_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def places(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return gazetteer.current()


@pytest.fixture(scope="module")
def index(places, django_db_blocker):
    with django_db_blocker.unblock():
        return place_search.current(places)


@pytest.fixture(scope="module")
def municipalities(index):
    return [place for place in index.places if place.kind == MUNICIPALITY]


@pytest.mark.parametrize(
    ("text", "name", "ladas"),
    [
        ("guadal", "Guadalajara", "33"),
        ("León", "León", "477 479"),
        ("LEON", "León", "477 479"),
        ("Coyoacán", "Coyoacán", "55 56"),
        ("alcaldía Coyoacán", "Coyoacán", "55 56"),
        ("gustavo a madero", "Gustavo A. Madero", "55 56"),
        ("GAM", "Gustavo A. Madero", "55 56"),
        ("lada 33", "Guadalajara", "33"),
        ("LADA: 33", "Guadalajara", "33"),
        ("lada33", "Guadalajara", "33"),
        ("clave 664", "Tijuana", "664"),
        ("33 zapopan", "Zapopan", "33"),
        ("56", "Ciudad de México", "56"),
        ("gdl", "Guadalajara", "33"),
        ("mty", "Monterrey", "81"),
        ("tj", "Tijuana", "664 663"),
        ("cd juarez", "Ciudad Juárez", "656 657"),
        ("Cd.Juárez", "Ciudad Juárez", "656 657"),
        ("neza", "Nezahualcóyotl", "55 56"),
        ("guadalupe nl", "Guadalupe", "81"),
        ("Guadalupe, Zac.", "Guadalupe", "492"),
        ("zacatecas guadalupe", "Guadalupe", "492"),
        ("benito juarez q. roo", "Benito Juárez", "998"),
        ("cancun", "Cancún", "998"),
        ("playa carmen", "Playa del Carmen", "984"),
        ("sta maria huatulco", "Santa María Huatulco", "958"),
        ("tlalnepantla de b", "Tlalnepantla de Baz", "55 56"),
        ("la paz bcs", "La Paz", "612"),
        ("queretaro jalpan", "Jalpan de Serra", "441"),
        ("ciudad de puebla", "Puebla", "220 221 222"),
        ("vallarta", "Puerto Vallarta", "322"),
        ("cabo san lucas", "Cabo San Lucas", "624"),
        ("villahermosa", "Villahermosa", "993"),
        ("toluca", "Toluca", "720 722 729"),
    ],
)
def test_the_expected_place_is_first(index, text, name, ladas):
    first = index.search(text)[0]

    assert (first.place.name, set(first.ladas)) == (name, set(ladas.split()))


@pytest.mark.parametrize(
    ("state", "texts"),
    [
        ("01", "Aguascalientes|ags|Ags."),
        ("02", "bc|B.C.|baja california norte"),
        ("03", "bcs|B.C.S.|b c s|baja california sur"),
        ("09", "cdmx|CDMX|df|D.F.|d f|distrito federal|ciudad de mexico|cd mx|cd. de méxico"),
        ("10", "dgo|durango"),
        ("11", "gto|Gto."),
        ("15", "edo mex|edomex|Edo. Méx.|edo de mex|edo. de méxico|estado de mexico|EDOMEX"),
        ("16", "mich|michoacan|michoacan de ocampo"),
        ("19", "nl|N.L.|N. L.|nuevo leon|nvo leon|NUEVO LEÓN"),
        ("20", "oax|oaxaca"),
        ("21", "pue|puebla|estado de puebla|edo. puebla"),
        ("22", "qro|Qro.|querétaro"),
        ("23", "qroo|q roo|Q. Roo|quintana roo|qr"),
        ("24", "slp|S.L.P.|sn luis potosi|san luis potosí"),
        ("28", "tamps|Tamps."),
        ("30", "ver|veracruz de ignacio de la llave"),
        ("32", "zac|zacatecas"),
    ],
)
def test_states_are_found_by_what_people_call_them(index, state, texts):
    for text in texts.split("|"):
        first = index.search(text)[0].place
        assert (first.kind, first.code) == (STATE, state), text
        assert state in [place.code for place in index.lookup(text)], text


def test_every_municipality_finds_itself_first_and_its_homonyms_by_size(index, municipalities):
    assert len(municipalities) == 2_469
    same_named = defaultdict(list)
    for place in municipalities:
        same_named[key_of(words_of(place.name))].append(place)

    for key, same in same_named.items():
        found = [match.place for match in index.search(same[0].name, kinds=[MUNICIPALITY])]
        bearing = [place for place in found if key_of(words_of(place.name)) == key]
        assert {place.code for place in bearing} == {place.code for place in same}
        assert [place.population for place in bearing] == sorted(
            (place.population for place in same), reverse=True
        )
        # Only a larger town of that usual name comes before: Tula de Allende before Tula.
        before = found[: found.index(bearing[0])]
        assert all(place.population > bearing[0].population for place in before)
        assert len(before) <= 1


def test_a_name_with_its_state_is_that_municipality_alone(index, places, municipalities):
    twins = defaultdict(list)
    for place in municipalities:
        twins[key_of(words_of(place.name)), place.states].append(place)
    assert sum(len(same) > 1 for same in twins.values()) == 2  # both in Oaxaca

    for same in twins.values():
        for place in same:
            in_state = f"{place.name}, {places.states[place.states[0]]}"
            found = index.search(in_state, kinds=[MUNICIPALITY])
            assert found[0].place in same, in_state
            [first, *others] = index.lookup(in_state)
            assert set(first.ladas) in [set(twin.ladas) for twin in same], in_state
            assert len(others) == len(same) - 1, in_state
            [labelled, *_others] = index.lookup(place_search.label(place, places))
            assert set(labelled.ladas) in [set(twin.ladas) for twin in same], in_state


def test_every_municipality_leads_to_a_lada_of_its_own(index, municipalities):
    for place in municipalities:
        found = [match for match in index.search(place.name) if match.place == place]
        assert found and found[0].ladas == place.ladas, place


def test_every_lada_is_found_by_its_code_and_its_city(index, places):
    for lada, city in places.cities.items():
        for text in (lada, f"lada {lada}", f"{lada} {city}", f"{city} {lada}"):
            assert lada in index.search(text)[0].ladas, text
        assert any(lada in match.ladas for match in index.search(city)), city


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Guadalajara", ["Guadalajara (Jalisco)"]),
        ("Ecatepec", ["Ecatepec de Morelos (Estado de México)"]),
        ("Naucalpan", ["Naucalpan de Juárez (Estado de México)"]),
        (
            "Tlalnepantla",
            ["Tlalnepantla de Baz (Estado de México)", "Tlalnepantla (Morelos)"],
        ),
        ("Puebla", ["Todo Puebla", "Puebla (Puebla)"]),
        ("Estado de Puebla", ["Todo Puebla"]),
        ("Puebla, Puebla", ["Puebla (Puebla)"]),
        ("La Paz", ["La Paz (Estado de México)", "La Paz (Baja California Sur)"]),
        ("Nuevo León", ["Todo Nuevo León"]),
        ("México", ["Todo Estado de México", "Todo Ciudad de México"]),
        ("guadal", []),
        ("Ciudad", ["La Ciudad (Durango)"]),
        ("", []),
        ("San", []),
    ],
)
def test_a_whole_name_names_all_places_that_bear_it(index, places, text, labels):
    assert [place_search.label(place, places) for place in index.lookup(text)] == labels


def test_kinds_narrow_what_is_found(index):
    assert [m.place.code for m in index.search("31095", kinds=[MUNICIPALITY])] == ["31095"]
    assert [m.place.code for m in index.search("14", kinds=[STATE])] == ["14"]
    assert index.search("14") == []  # no LADA begins so
    assert {m.place.kind for m in index.search("55")} == {CITY}


@pytest.mark.parametrize("text", ["", " ", "\0", "%", "_", "...", "zzz " * 100_000, "🌮"])
def test_what_names_nothing_finds_nothing(index, text):
    assert index.search(text) == []
    assert index.lookup(text) == []


def test_almost_the_name_is_recognised(index):
    assert [place.name for place in index.similar("Guadalajra")][:1] == ["Guadalajara"]
    assert [place.name for place in index.similar("Monterey")][:1] == ["Monterrey"]
    assert index.similar("xkcd qwerty") == []


def test_the_index_is_made_once_for_a_catalogue(index, places, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert place_search.current(places) is index
