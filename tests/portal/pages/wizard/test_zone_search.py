import pytest

from portal.pages.wizard.zone_search import found_lines

pytestmark = pytest.mark.django_db

SEARCH, PASTED = "/lugares/", "/lugares/pegados/"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Coyoacán", ["09", "55", ["Coyoacán"]]),
        ("guadal", ["14", "33", []]),
        ("León", ["11", "477", []]),
        ("lada 33", ["14", "33", []]),
        ("edomex", ["15", "55", []]),
        ("guadalupe nl", ["19", "81", ["Guadalupe"]]),
        ("cancun", ["23", "998", []]),
    ],
)
def test_the_expected_line_is_the_first(text, first):
    assert found_lines(text)[0] == first


def test_a_lada_of_two_states_is_found_in_both_and_its_town_in_one():
    assert [line[:2] for line in found_lines("55")] == [["09", "55"], ["15", "55"]]
    assert {state for state, _lada, _names in found_lines("Coyoacán")} == {"09"}
    assert found_lines("zzzz") == found_lines("") == []


def test_no_more_than_three_places_are_named_beside_a_lada():
    assert max(len(names) for _state, _lada, names in found_lines("san")) == 3


def test_the_search_answers_those_who_are_signed_in(client, editor):
    assert client.get(SEARCH, {"q": "gdl"}).status_code == 302
    client.force_login(editor)

    assert client.get(SEARCH, {"q": "gdl"}).json() == {"lines": [["14", "33", []]]}
    assert client.get(SEARCH).json() == {"lines": []}
    assert client.post(SEARCH).status_code == 405


def test_a_pasted_text_is_rendered_as_read_and_a_question_answered(client, editor):
    assert client.post(PASTED, {"codes": "55"}).status_code == 302
    client.force_login(editor)

    asked = client.post(PASTED, {"codes": "55, Juárez"}).content.decode()
    assert "1 reconocida, 1 por aclarar" in asked
    assert 'data-answer="0 1">Juárez (Nuevo León)</button>' in asked
    answered = client.post(PASTED, {"codes": "55, Juárez", "answer": "0 1"}).content.decode()
    assert "55, Juárez (Nuevo León)</textarea>" in answered
    assert 'data-ladas="55 81"' in answered


@pytest.mark.parametrize("answer", ["9 0", "0 99", "x", "0", "-9 0"])
def test_an_answer_to_no_question_changes_nothing(client, editor, answer):
    client.force_login(editor)

    page = client.post(PASTED, {"codes": "55, Juárez", "answer": answer}).content.decode()

    assert "55, Juárez</textarea>" in page
