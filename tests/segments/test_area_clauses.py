"""What is left out after "menos": in pasted lists as in files, as a whole or not at all."""

import pytest

from segments import area_words, areas, gazetteer, pasted_places
from segments.area_clauses import UnreadArea

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def places(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return gazetteer.current()


def resolved(text, places):
    return set(areas.resolve(area_words.read(text, places), places))


@pytest.mark.parametrize(
    "text",
    [
        "todo México menos 33",
        "Jalisco y 55",
        "Jalisco, excepto Puerto Vallarta",
        "todo el país menos Nuevo León y 55",
        "Jalisco (sin 33), Nuevo León",
        "Jalisco menos 33, más 55",
        "Jalisco + 55 + 81",
        "todo México, excepto: Jalisco, 55",
        "TODO MÉXICO; EXCEPTO 33; 55",
        "Todo México menos 33\n55",
        "a nivel nacional salvo Jalisco, Sonora y Nayarit",
        "toda la República exceptuando Yucatán",
        "todas las LADA quitando 55 y 56",
        "Todo Jalisco menos 33 Guadalajara",
        "Son, Sin, Jal",
        "Sonora, Sin. y Jal.",
        "cdmx menos 56",
        "33, 81 y 55",
        "Jalisco menos Nayarit",
        "todo México menos Edo. Méx., 55 y 56",
        "Todo México, más 322, menos Jalisco",
        "cobertura nacional sin Q. Roo",
        "todo México pero no 33",
        "todo México, no 33",
        "todo México a excepción de 33",
        "Todo México con excepción de Jalisco",
        "todo México menos el 33",
        "Jalisco sin Guadalajara ni Zapopan",
        "todo México menos nada",
        "Jalisco excepto ninguna",
        "todos menos 33",
    ],
)
def test_a_pasted_list_is_the_same_area_as_in_a_file(places, text):
    found = pasted_places.read(text, places)

    assert (found.rest, found.problem) == ("", "")
    assert set(found.all_ladas) == resolved(text, places)
    assert areas.resolve(found.area, places) == tuple(sorted(found.all_ladas))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("menos 33", "Falta decir dónde"),
        ("todo México menos", "Falta algo después de «menos»"),
        ("todo México excepto, 33", "Falta algo después de «excepto»"),
        ("todo México (menos 33", "Falta algo después de «(»"),
        ("Jalisco menos todo México", "no se puede excluir"),
        ("Jalisco menos 33\nNuevo León", "«Nuevo León» está después de «menos»"),
        ("Jalisco y", "Falta algo después de «y»"),
        ("no 33", "Falta decir dónde"),
        ("Jalisco menos 55", "«55» está después de «menos»"),
    ],
)
def test_a_pasted_list_that_is_no_area_is_refused_as_in_a_file(places, text, message):
    found = pasted_places.read(text, places)

    assert message in found.message
    assert (found.all_ladas, found.rest) == ((), text)
    with pytest.raises(UnreadArea, match=message.split("(")[0].strip("«")):
        area_words.read(text, places)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("todo México menos 33", "412 reconocidas, 1 excluida: 33"),
        ("todo México menos 33 y 55", "411 reconocidas, 2 excluidas: 33, 55"),
    ],
)
def test_what_is_excluded_is_told_before_it_is_applied(places, text, message):
    assert pasted_places.read(text, places).message == message


@pytest.mark.parametrize(
    "text", ["todo México menos Atlantis", "todo México menos Juárez", "Jalisco y Xyz menos 33"]
)
def test_a_list_that_excludes_is_applied_whole_or_not_at_all(places, text):
    """Without the rule the country would be chosen with what should have been left out."""
    found = pasted_places.read(text, places)

    assert (found.all_ladas, found.rest) == ((), text)
    assert "con «menos» se agrega todo o nada" in found.message
    assert found.unknown or found.questions
