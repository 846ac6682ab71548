"""Days as people write them: the day before the month, and never another reading without a word."""

import re
from datetime import date
from pathlib import Path

import pytest
from django import forms
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from core import days
from core.days import DayField, DaysFilter
from core.problems import BadValue

ROOT = Path(__file__).resolve().parents[2]
FIFTH = date(2026, 12, 5)


@pytest.mark.parametrize(
    "written",
    [
        "5/12/2026",
        "05/12/2026",
        " 05/12/2026 ",
        "5-12-2026",
        "5.12.2026",
        "5 12 2026",
        "5 / 12 / 2026",
        "5–12–2026",
        "５/１２/２０２６",
        "\u200e05/12/2026\u200b",
        "5\xa0dic\xa02026",
        "05122026",
        "20261205",
        "2026-12-05",
        "2026/12/5",
        "5 dic 2026",
        "5 DIC. 2026",
        "05-dic-2026",
        "5/dic./2026",
        "5dic2026",
        "5 de diciembre de 2026",
        "5 de diciembre del 2026",
        "5 diciembre, 2026",
        "dic 5, 2026",
        "Diciembre 5 de 2026",
        "sábado 5 de diciembre de 2026",
        "sáb, 5 dic 2026",
        "Sábado, 05/12/2026",
        "5/12/2026.",
    ],
)
def test_one_reading_is_read(written):
    assert days.parse(written) == FIFTH


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1º de enero de 2027", date(2027, 1, 1)),
        ("1.º de enero de 2027", date(2027, 1, 1)),
        ("1o enero 2027", date(2027, 1, 1)),
        ("1ro de enero de 2027", date(2027, 1, 1)),
        ("1er enero 2027", date(2027, 1, 1)),
        ("29/02/2028", date(2028, 2, 29)),
        ("11/12/2026", date(2026, 12, 11)),
        ("12/11/2026", date(2026, 11, 12)),
        ("20112011", date(2011, 11, 20)),
        ("20101212", date(2010, 12, 12)),
        ("20122020", date(2020, 12, 20)),
        ("9 sept 2026", date(2026, 9, 9)),
        ("3 mar 2026", date(2026, 3, 3)),
        ("mar 3 2026", date(2026, 3, 3)),
        ("mar 3 mar 2026", date(2026, 3, 3)),
        ("miércoles 4 de marzo de 2026", date(2026, 3, 4)),
    ],
)
def test_the_day_comes_before_the_month(written, day):
    assert days.parse(written) == day


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "Falta el día: escribe uno como 05/12/2026."),
        ("  ", "Falta el día"),
        ("12/25/2026", "primero va el día. ¿Es 25/12/2026?"),
        ("12-25-2026", "primero va el día. ¿Es 25/12/2026?"),
        ("30/02/2027", "no existe en el calendario"),
        ("29/02/2027", "no existe en el calendario"),
        ("2026-13-05", "no existe en el calendario"),
        ("99/99/9999", "no existe en el calendario"),
        ("32 dic 2026", "no existe en el calendario"),
        ("5/12", "le falta el año"),
        ("5 dic", "le falta el año"),
        ("5 de diciembre", "le falta el año"),
        ("lunes 5 de diciembre de 2026", "no es ese día de la semana"),
        ("lun 05/12/2026", "no es ese día de la semana"),
        ("mañana", "«mañana» no es una fecha: escríbela como 05/12/2026."),
        ("5/12/26", "no es una fecha"),
        ("5/12/026", "no es una fecha"),
        ("5/12/20266", "no es una fecha"),
        ("-5/12/2026", "no es una fecha"),
        ("5//12/2026", "no es una fecha"),
        ("5/12/2026 10:00", "no es una fecha"),
        ("2026-12", "no es una fecha"),
        ("46361", "no es una fecha"),
        ("051226", "no es una fecha"),
        ("00000000", "no es una fecha"),
        ("0/12/2026", "no existe en el calendario"),
        ("5/0/2026", "no es una fecha"),
        ("5 di 2026", "no es una fecha"),
        ("5 dice 2026", "no es una fecha"),
        ("5 dec 2026", "no es una fecha"),
        ("x 5 12 2026", "no es ese día de la semana"),
        ("5 5 12 2026", "no es una fecha"),
        ("٥/١٢/٢٠٢٦", "no es una fecha"),
        ("{value}", "«{value}» no es una fecha"),
        ("\0", "no es una fecha"),
        ("9" * 500, "no es una fecha"),
    ],
)
def test_anything_else_is_refused_and_says_how_to_write_it(written, message):
    with pytest.raises(BadValue) as error:
        days.parse(written)

    assert message in error.value.format_message()
    assert len(error.value.format_message()) < 140


@pytest.mark.parametrize("written", ["05-12-26", "5/12/26", "5 dic 26", "5-Dic-26", "sáb 5 dic 26"])
def test_a_short_year_is_of_this_century_where_it_is_allowed(written):
    assert days.parse(written, short_years=True) == FIFTH
    with pytest.raises(BadValue):
        days.parse(written)


@given(st.text(max_size=80), st.booleans())
def test_any_text_is_read_or_refused(written, short_years):
    try:
        found = days.parse(written, short_years=short_years)
    except BadValue:
        return
    assert days.parse(f"{found:%d/%m/}{found.year:04}") == found


@given(st.dates())
def test_every_day_is_read_as_it_is_displayed(day):
    assert days.parse(f"{day.day}/{day.month}/{day.year:04}") == day
    assert days.parse(day.isoformat()) == day


class Form(forms.Form):
    day = DayField(required=False)


@pytest.mark.parametrize("written", ["5/12/2026", "05-12-26", "5 dic 2026", "2026-12-05"])
def test_a_field_reads_what_people_write(written):
    form = Form({"day": written})

    assert form.is_valid()
    assert form.cleaned_data == {"day": FIFTH}


@pytest.mark.parametrize("written", ["", "  "])
def test_a_field_may_be_empty(written):
    form = Form({"day": written})

    assert form.is_valid()
    assert form.cleaned_data == {"day": None}


def test_a_field_keeps_what_it_cannot_read():
    form = Form({"day": "12/25/2026"})

    assert not form.is_valid()
    assert 'value="12/25/2026"' in str(form["day"])


def test_a_field_displays_a_day_in_mexican_order_in_every_browser():
    shown = str(Form(initial={"day": FIFTH})["day"])

    assert 'value="05/12/2026"' in shown
    assert 'type="text"' in shown
    assert 'placeholder="dd/mm/aaaa"' in shown


def test_limits_are_of_one_form_and_not_of_its_class():
    form = Form()
    form.fields["day"].limit(FIFTH, None)

    assert 'data-first="2026-12-05"' in str(form["day"])
    assert "data-last" not in str(form["day"])
    assert "data-first" not in str(Form()["day"])


@pytest.mark.parametrize("query", ["desde=05/12/2026", "desde=2026-12-05", "desde=5+dic+26&hasta="])
def test_a_filter_reads_links_of_before_and_what_people_write(query):
    found = DaysFilter.read(QueryDict(query))

    assert (found.first, found.last, found.errors, found.notices) == (FIFTH, None, {}, [])


def test_a_filter_exchanges_days_with_a_notice_and_shows_them_so():
    found = DaysFilter.read(QueryDict("desde=7/12/2026&hasta=5/12/2026"))

    assert (found.first, found.last) == (FIFTH, date(2026, 12, 7))
    assert "se intercambiaron" in found.notices[0]
    assert 'value="05/12/2026"' in str(found["desde"])


def test_a_filter_leaves_out_what_it_cannot_read_and_keeps_it_in_the_field():
    found = DaysFilter.read(QueryDict("desde=12/25/2026&hasta=5/12/2026"))

    assert (found.first, found.last) == (None, FIFTH)
    shown = found.showing(date(2026, 12, 1), FIFTH)
    assert 'value="12/25/2026"' in str(shown["desde"])
    assert "¿Es 25/12/2026?" in shown.errors["desde"][0]
    assert 'value="05/12/2026"' in str(shown["hasta"])


def test_no_page_has_an_input_in_the_order_of_the_browser():
    """A kind of its own: `type="date"` displays days in the language of the browser."""
    sources = list((ROOT / "templates").rglob("*.html"))
    for app in ("core", "segments", "inventory", "campaigns", "portal"):
        sources += (ROOT / app).rglob("*.py")
    own = re.compile(r"""type["']?[=:] ?["'](date|datetime-local|month|week|time)\b""")

    assert len(sources) > 300
    assert own.search('<input type="date">')
    assert own.search('{"type": "date"}')
    assert [path.name for path in sources if own.search(path.read_text())] == []
