import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from segments import area_words, areas, gazetteer, pasted_places
from segments.area_clauses import UnreadArea
from segments.areas import Area

pytestmark = pytest.mark.django_db

patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def places(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return gazetteer.current()


@pytest.mark.parametrize(
    ("text", "states", "ladas"),
    [
        ("55, 33; 81", "", "55 33 81"),
        ("Guadalajara, Monterrey", "", "33 81"),
        ("Guadalajara y Monterrey", "", "33 81"),
        ("gdl; mty / cd. juárez", "", "33 81 656 657"),
        ("Coyoacán", "", "55 56"),
        ("Jalisco, Nuevo León y 55", "14 19", "55"),
        ("CDMX, Edo. Méx., Q. Roo", "09 15 23", ""),
        ("Guadalajara, Jalisco, Monterrey, N.L.", "", "33 81"),
        ("Guadalupe, Zacatecas", "", "492"),
        ("Guadalupe (Nuevo León), 33", "", "81 33"),
        ("Puebla, Puebla", "", "222 220 221"),
        ("33\tGuadalajara\tJalisco\n81\tMonterrey\tN.L.", "", "33 81"),
        ("81 Monterrey, N.L.\n55 Ciudad de México", "", "81 55"),
        ("55, 33, Jalisco", "14", "55"),
        ("33 y 81", "", "33 81"),
        ("1. Mérida\n2. Cancún", "", "999 990 998"),
        ("• Toluca\n• Cuernavaca", "", "722 720 729 777 770"),
        ("LADA 55\nLADA 33", "", "55 33"),
        ("Todo Jalisco", "14", ""),
        ("Puebla 222", "", "222"),
        ("33 Jalisco", "", "33"),
        ("Todo Hidalgo, Todo Michoacán", "13 16", ""),
    ],
)
def test_lists_of_places_are_read(places, text, states, ladas):
    found = pasted_places.read(text, places)

    assert (found.questions, found.unknown) == ((), ())
    assert found.area.states == set(states.split())
    assert found.area.ladas - areas.ladas_of_states(found.area, places) == set(ladas.split())
    assert found.rest == ""


def test_the_whole_country_is_chosen_as_such(places):
    for text in ("Todo México", "todo el país", "República Mexicana", "nacional", "todas las LADA"):
        found = pasted_places.read(text, places)
        assert found.area == Area(nationwide=True)
        assert len(found.all_ladas) == 413


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("Puebla", ["Todo Puebla", "Puebla (Puebla)"]),
        ("La Paz", ["La Paz (Estado de México)", "La Paz (Baja California Sur)"]),
        ("Hidalgo, Michoacán", ["Hidalgo (Michoacán)", "Todo Hidalgo, Todo Michoacán"]),
        ("33 Monterrey", ["33", "Monterrey (Nuevo León)"]),
        ("Guadalajra", ["Guadalajara (Jalisco)"]),
        (
            "San Pedro Mixtepec, Oaxaca",
            ["San Pedro Mixtepec (Oaxaca, 954)", "San Pedro Mixtepec (Oaxaca, 951)"],
        ),
        ("Jalisco 33", ["33", "Todo Jalisco"]),
        ("mexico", ["Todo México", "Todo Estado de México", "Todo Ciudad de México"]),
        ("centro", ["Centro (Tabasco)"]),
    ],
)
def test_what_has_several_meanings_is_asked_and_not_guessed(places, text, choices):
    found = pasted_places.read(text, places)

    assert [(q.text, list(q.choices)) for q in found.questions] == [(text, choices)]
    assert found.all_ladas == ()
    assert found.rest == text


def test_each_choice_of_a_question_is_understood(places):
    names = (
        "Puebla; Juárez; Benito Juárez; Guadalupe; San Andrés; Tula; Atizapán; San Pedro Mixtepec"
    )
    questions = pasted_places.read(names, places).questions
    assert len(questions) == 8

    for question in questions:
        for choice in question.choices:
            chosen = pasted_places.read(choice, places)
            assert chosen.all_ladas and not chosen.rest, choice


@pytest.mark.parametrize(
    ("text", "unknown", "ladas"),
    [
        ("999, 12, zzzz", "12|zzzz", "999"),
        ("33 Telcel", "Telcel", "33"),
        ("5512345678", "5512345678", ""),
        ("Zona metropolitana", "Zona metropolitana", ""),
        ("8l 055", "8l|055", ""),
        ("todo México exepto 33", "todo México exepto 33", ""),
        ("clientes 55", "clientes 55", ""),
    ],
)
def test_nothing_that_was_not_understood_is_lost(places, text, unknown, ladas):
    found = pasted_places.read(text, places)

    assert found.unknown == tuple(unknown.split("|"))
    assert found.all_ladas == tuple(ladas.split())
    assert found.rest == ", ".join(found.unknown)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "No hay lugares en el texto. Escribe LADA o ciudades así: 55, 33, Mérida."),
        ("LADA", "No hay lugares en el texto. Escribe LADA o ciudades así: 55, 33, Mérida."),
        ("999, 12 664; 664", "2 reconocidas, 1 repetida, 1 no existe: 12"),
        ("Puebla, Monterrey", "1 reconocida, 1 por aclarar"),
        ("1" * 40, "0 reconocidas, 1 no existe: 11111111111…"),
        ("z" * 80, f"0 reconocidas, 1 no existe: {'z' * 39}…"),
    ],
)
def test_the_message_counts_what_was_read(places, text, message):
    assert pasted_places.read(text, places).message == message


def test_names_are_explained(places):
    found = pasted_places.read("Coyoacán; Jalisco; 81", places)

    assert found.explanation == "Coyoacán: 55, 56. Jalisco: 47 LADA."


@pytest.mark.parametrize(
    ("text", "choice", "result"),
    [
        ("33, Juárez; 81", 0, "33, Juárez (Chihuahua); 81"),
        ("Hidalgo\tMichoacán", 0, "Hidalgo (Michoacán)"),
        ("Guadalajra", 0, "Guadalajara (Jalisco)"),
        ("33 Monterrey\n81", 1, "Monterrey (Nuevo León)\n81"),
    ],
)
def test_an_answer_takes_the_place_of_what_was_asked(places, text, choice, result):
    [question] = pasted_places.read(text, places).questions

    assert pasted_places.answered(text, question, question.choices[choice]) == result
    assert pasted_places.read(result, places).questions == ()


def test_a_text_that_is_too_long_is_not_read_and_stays(places):
    text = "33, " * (pasted_places.MAX_LENGTH // 4)

    assert pasted_places.read(text, places).all_ladas == ("33",)
    found = pasted_places.read(text + "55", places)
    assert found.all_ladas == ()
    assert "20,000 caracteres" in found.message
    assert found.rest == (text + "55").strip()


@pytest.mark.parametrize("text", ["nada", "Ninguna", "ninguno.", "NO"])
def test_no_place_is_an_answer_and_no_question(places, text):
    found = pasted_places.read(text, places)

    assert (found.questions, found.unknown, found.all_ladas, found.rest) == ((), (), (), "")
    assert area_words.read_places(text, places) is None
    assert pasted_places.read_codes(text, places) == ()


@pytest.mark.parametrize(
    "text",
    [
        "varias",
        "norte",
        "sur",
        "algunas",
        "aquí",
        "el resto",
        "zona centro",
        "santa",
        "la costa",
        "Nad",
        "guada",
        "33, nada",
        "Jalisco (12 LADA)",
    ],
)
def test_a_word_that_is_no_name_is_not_asked_as_a_place_that_begins_like_it(places, text):
    found = pasted_places.read(text, places)

    assert found.questions == ()
    assert found.unknown


@pytest.mark.parametrize("text", ["Centro", "ciudad", "Oriente"])
def test_a_name_of_generic_words_is_asked_and_not_taken(places, text):
    found = pasted_places.read(text, places)

    assert found.all_ladas == ()
    assert [question.text for question in found.questions] == [text]
    for choice in found.questions[0].choices:
        assert pasted_places.read(choice, places).all_ladas
    with pytest.raises(UnreadArea):
        area_words.read(text, places)


@patiently
@given(data=st.data())
def test_what_the_portal_writes_is_read_as_the_same_ladas(places, data):
    states = st.frozensets(st.sampled_from(sorted(places.states)), max_size=8)
    ladas = st.frozensets(st.sampled_from(sorted(places.cities)), max_size=12)
    area = data.draw(
        st.builds(
            Area,
            nationwide=st.booleans(),
            states=states,
            ladas=ladas,
            excluded_states=states,
            excluded_ladas=ladas,
        )
    )
    written = area_words.write(area, places)
    assume(written)

    found = pasted_places.read(written, places)

    assert found.rest == ""
    assert set(found.all_ladas) == set(found.included) - found.excluded
    try:
        assert set(found.all_ladas) == set(areas.resolve(area, places))
    except areas.EmptyArea:
        assert found.all_ladas == ()


def test_every_state_and_lada_is_read_as_it_is_written(places):
    for area in [
        *(Area(states=frozenset({code})) for code in places.states),
        *(Area(ladas=frozenset({code})) for code in places.cities),
    ]:
        found = pasted_places.read(area_words.write(area, places), places)
        assert (found.area, found.rest) == (area, "")
