"""Fields that take LADAs alone: all else that is written is said."""

import pytest

from segments import gazetteer, pasted_places
from segments.area_clauses import UnreadArea

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def places(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return gazetteer.current()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("55, 33; 81", "55 33 81"),
        ("LADA 55 y 33", "55 33"),
        ("33 Guadalajara, 664 Tijuana", "33 664"),
        ("", ""),
        ("las claves 55/33", "55 33"),
        ("33\tGuadalajara\n81\tMonterrey", "33 81"),
    ],
)
def test_a_field_of_codes_takes_codes_with_their_cities(places, text, codes):
    assert pasted_places.read_codes(text, places) == tuple(codes.split())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("todas menos 33", "quita «menos»"),
        ("Mérida", "cambia «Mérida» por 990, 999"),
        ("33, Mérida", "cambia «Mérida»"),
        ("33 Atlantis", "quita «Atlantis»"),
        ("33, hola", "quita «hola»"),
        ("55 y también 33", "quita"),
        ("Jalisco", "cambia «Jalisco» por"),
        ("33 Monterrey", "quita «33 Monterrey»"),
        ("todo México", "quita «todo México»"),
        ("33, centro", "quita «centro»"),
        ("55, ninguna", "quita «ninguna»"),
        ("Juárez", "quita «Juárez»"),
        ("12, 33", "1 no existe: 12"),
    ],
)
def test_a_field_of_codes_says_what_else_is_written(places, text, message):
    with pytest.raises(UnreadArea) as refused:
        pasted_places.read_codes(text, places)

    assert message in refused.value.message
