"""Counts as people write them: one reading is read, two are offered."""

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from core import counts
from core.counts import CountField
from core.problems import BadValue


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("500000", 500_000),
        ("500,000", 500_000),
        ("500 000", 500_000),
        ("500'000", 500_000),
        ("500’000", 500_000),
        ("1 200 000", 1_200_000),
        ("1'200,000", 1_200_000),
        ("1.200.000", 1_200_000),
        ("500\xa0000", 500_000),
        ("500\u202f000", 500_000),
        ("500\u2009000", 500_000),
        ("５００，０００", 500_000),
        ("\u200e500,000\u200b", 500_000),
        (" 500 ", 500),
        ("+500", 500),
        ("0", 0),
        ("01200", 1_200),
        ("500 mil", 500_000),
        ("500mil", 500_000),
        ("1,200 mil", 1_200_000),
        ("1.5 mil", 1_500),
        ("1.5 millones", 1_500_000),
        ("1,5 millones", 1_500_000),
        ("0.25 Millones", 250_000),
        ("1 millón", 1_000_000),
        ("2 MILLONES", 2_000_000),
        ("1.2 mil millones", 1_200_000_000),
    ],
)
def test_one_reading_is_read(written, count):
    assert counts.parse(written) == count


@pytest.mark.parametrize(
    ("written", "first", "second"),
    [
        ("500.000", "500", "500,000"),
        ("1.500", "1.5", "1,500"),
        ("1,5", "1.5", "15"),
        ("1.5", "1.5", "15"),
        ("10,00", "10", "1,000"),
        ("1,000.0", "1,000", "10,000"),
        ("500,000.00", "500,000", "50,000,000"),
        ("1.200,50", "1,200.5", "120,050"),
        ("0,500", "0.5", "500"),
        ("1 200,000", "1,200", "1,200,000"),
        ("1.500 millones", "1,500,000", "1,500,000,000"),
        ("1.2345 mil", "1,234.5", "12,345,000"),
    ],
)
def test_two_readings_are_refused_and_both_offered(written, first, second):
    with pytest.raises(BadValue) as refused:
        counts.parse(written)

    assert f"puede ser {first} o {second}." in refused.value.format_message()


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("5e5", "abreviada por la hoja de cálculo"),
        ("5.00E+05", "abreviada por la hoja de cálculo"),
        ("1,23,456", "si es 123,456, escríbelo así"),
        ("1.5.5", "si es 155, escríbelo así"),
        ("000", "el resto de una cantidad que una coma partió"),
        ("050", "el resto de una cantidad que una coma partió"),
        ("-5", "menos que cero"),
        ("−5", "menos que cero"),
        ("9" * 13, "es demasiado"),
        ("9" * 5_000, "es demasiado"),
        ("900000000 millones", "es demasiado"),
        *(
            (text, "no es un número entero")
            for text in ("medio millón", "mil", "", "½", "10²", "①")
        ),
        *(
            (text, "no es un número entero")
            for text in ("$500", "500k", "٥٠٠", "500.", "{value}", "+-5")
        ),
        ("1" * 500 + ".5", "no es un número entero"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_no_count_is_refused(written, message):
    with pytest.raises(BadValue) as refused:
        counts.parse(written)

    assert message in refused.value.format_message()


@given(count=st.integers(0, 10**12 - 1), separator=st.sampled_from([",", " ", "'", "\xa0"]))
def test_every_count_is_read_however_it_is_grouped(count, separator):
    assert counts.parse(f"{count:,}".replace(",", separator)) == count


@given(text=st.text("0123456789.,' eE-+milones%", max_size=14))
def test_no_point_or_comma_is_skipped_silently(text):
    """What is read has, without a unit, nothing but its digits in threes."""
    try:
        count = counts.parse(text)
    except BadValue:
        return
    if "m" not in text:
        digits = "".join(character for character in text if character.isdigit())
        assert count == int(digits)
        groups = [
            g for g in text.replace("+", "").replace(".", ",").replace("'", ",").split(",") if g
        ]
        assert len(groups) == 1 or all(len(group.strip()) == 3 for group in groups[1:])


class Form(forms.Form):
    count = CountField(min_value=-1_000, max_value=2_000_000, required=False)


@pytest.mark.parametrize(
    ("written", "count"), [("", None), ("−500", -500), ("1.5 millones", 1_500_000)]
)
def test_a_field_reads_what_is_read(written, count):
    form = Form({"count": written})

    assert form.is_valid()
    assert form.cleaned_data["count"] == count


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("500.000", "puede ser 500 o 500,000"),
        ("muchas", "Escribe un número entero"),
        ("1" * 30, "menor o igual"),
    ],
)
def test_a_field_refuses_what_is_refused_and_keeps_it_as_written(written, message):
    form = Form({"count": written})

    assert message in form.errors["count"][0]
    assert form["count"].value() == written


def test_the_most_is_said_in_millions_too():
    assert str(counts.in_words(1_200_000_000)) == "1,200,000,000 (1,200 millones)"
    assert counts.in_words(1_234_567) == "1,234,567"
