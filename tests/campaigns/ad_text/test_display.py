import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import ad_text
from campaigns.ad_text import display


@settings(deadline=None, max_examples=150)
@given(st.text(st.characters(codec=None), max_size=130))
def test_the_marked_copy_is_the_text(text):
    problems = ad_text.check(text)

    segments = display.segments_of(text, problems)

    assert "".join(stretch for stretch, _ in segments) == ad_text.normalise(text)
    assert all(stretch for stretch, _ in segments)


def test_a_sign_beyond_the_limit_is_marked_as_itself():
    problems = ad_text.check("ab:cd", limit=2)

    segments = display.segments_of("ab:cd", problems)

    assert [(stretch, problem and problem.code) for stretch, problem in segments] == [
        ("ab", None),
        (":", "forbidden_character"),
        ("cd", "too_long"),
    ]


def test_the_preview_shows_whole_words():
    text = "Hoy mañana “pizzas” al 55-1234-5678 o Luz — Sal"

    rows = display.words_changed(text, ad_text.fix(text).changes)

    assert rows == [
        ("mañana", "manana"),
        ("“pizzas”", "pizzas"),
        ("55-1234-5678", "5512345678"),
        ("Luz — Sal", "Luz Sal"),
    ]


def test_a_chip_shows_the_word_of_its_sign():
    reading = display.build("Hola Aprovecha: hoy")

    assert [(chip.problem.offending, chip.word) for chip in reading.chips] == [(":", "Aprovecha:")]
    assert reading.chips[0].problem.remedy == "Cambiar por coma"
    assert reading.correct == "Corregir 1 signo"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (60, "Te quedan 30 caracteres"),
        (89, "Te queda 1 carácter"),
        (90, "Te quedan 0 caracteres"),
        (91, "Te sobra 1 carácter. Quita 1 para poder enviarlo."),
        (94, "Te sobran 4 caracteres. Quita 4 para poder enviarlo."),
    ],
)
def test_the_counter_says_what_is_left_or_too_many(length, text):
    assert display.counter(length, 90) == text


def test_the_link_and_its_space_count_in_the_limit():
    reading = display.build("x" * 76, link="mvs.mx/abc1234")

    assert reading.room == 75
    assert reading.over
    assert reading.rule.startswith("Hasta 75 caracteres.")


def test_an_empty_text_shows_no_problem():
    reading = display.build("")

    assert reading.chips == []
