"""The pages of the reports: who may read them, their figures, and files with the same rows."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from campaigns.admin.staff_reports import REPORTS, section
from campaigns.admin.staff_reports.section import Column, Kind, Link, Section
from campaigns.models import Brand, Membership
from portal.accounts.models import User
from tests.campaigns.staff_reports.conftest import (
    insert,
    move_to,
    report_hours,
    report_traffic,
)

PAGE = "/admin/campaigns/staffreport/"
NBSP = "\N{NO-BREAK SPACE}"


def signed_in(*codes):
    person = User.objects.create_user("direccion@telefonica.mx", "una-clave-larga", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codes))
    browser = Client()
    browser.force_login(person)
    return browser


@pytest.fixture
def desk(db):
    return signed_in("view_staffreport")


@pytest.fixture
def past(make, day, time_machine):
    """A day that is over: 900 contracted, 600 inserted, with whole traffic."""
    insert(make(), day, 600, 500)
    report_traffic(day, "33", 4_000, 2_000, 600)
    for stream in ("hourly-counts", "lada-traffic"):
        report_hours(day, day, stream)
    move_to(time_machine, day + timedelta(days=2))
    return day


def text_of(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8-sig").replace(NBSP, " ")


def file_of(desk, slug, table, day, query=""):
    response = desk.get(f"{PAGE}{slug}/{table}.csv?desde={day}&hasta={day}{query}")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(text_of(response))))


def page_of(desk, slug, day, query=""):
    response = desk.get(f"{PAGE}{slug}/?desde={day}&hasta={day}{query}")
    assert response.status_code == 200
    return response


def section_of(page, name):
    return next(each for each in page.context["sections"] if each.id == name)


def test_only_those_who_may_view_the_reports_read_them(db):
    paths = ["", *(f"{slug}/" for slug in REPORTS), "venta/dias.csv"]

    outsider = signed_in("view_campaign", "review_campaign")
    assert {outsider.get(PAGE + path).status_code for path in paths} == {403}
    assert "Reportes" not in text_of(outsider.get("/admin/"))
    for path in paths:
        assert Client().get(PAGE + path).status_code == 302


def test_the_menu_leads_to_the_first_report(desk):
    assert f'href="{PAGE}"' in text_of(desk.get("/admin/"))
    assert desk.get(PAGE).url == f"{PAGE}venta/"
    assert desk.post(f"{PAGE}venta/").status_code == 405
    for path in ("otro/", "venta/otra.csv", "1/change/"):
        assert desk.get(PAGE + path).status_code == 404


@pytest.mark.parametrize("slug", REPORTS)
def test_without_data_each_report_says_so(desk, slug):
    page = desk.get(f"{PAGE}{slug}/")

    assert page.status_code == 200
    for each in page.context["sections"]:
        assert each.rows == [] or list(each.rows) == []
        assert each.empty in text_of(page)


@pytest.mark.parametrize("slug", REPORTS)
def test_a_file_has_the_rows_of_its_section(past, desk, slug):
    page = page_of(desk, slug, past)

    assert any(each.rows for each in page.context["sections"])
    for each in page.context["sections"]:
        rows = file_of(desk, slug, each.id, past)
        assert len(rows) == len(each.rows)
        assert rows == [
            dict(zip(each.file_columns, map(str, row), strict=True)) for row in each.file_rows
        ]


def test_sales_have_their_sentence_chart_and_rows(past, desk):
    page = page_of(desk, "venta", past)

    text = text_of(page)
    assert "413,000 notificaciones a la venta: 900 comprometidas, 0 apartadas" in text
    assert "De 2,000 notificaciones que podían llevar anuncio lo llevaron 600: 30.0 %." in text
    [bar] = section_of(page, "dias").chart.bars
    assert "900 comprometidas, 0 apartadas, 412,100 libres" in bar.label
    [jalisco] = [row for row in file_of(desk, "venta", "ladas", past) if row["lada"] == "33"]
    assert (jalisco["ciudad"], jalisco["comprometidas"], jalisco["llenado"]) == (
        "Guadalajara",
        "900",
        "30.0",
    )
    [brand] = file_of(desk, "venta", "marcas", past)
    assert (brand["marca"], brand["con_anuncio"], brand["entregadas"]) == ("Tienda", "600", "500")


def test_a_short_campaign_has_its_reason_and_evidence(past, desk):
    page = page_of(desk, "entrega-corta", past)

    assert "A 1 campaña le faltan 300 notificaciones con anuncio." in text_of(page)
    [row] = file_of(desk, "entrega-corta", "campanas", past)
    assert (row["meta"], row["faltan"], row["falta"]) == ("900", "300", "33.3")
    assert row["causa"] == "Sin causa registrada"
    assert 'href="/admin/campaigns/campaign/' in text_of(page)


def test_the_forecast_has_its_error(past, desk):
    text = text_of(page_of(desk, "pronostico", past))

    # 1,250 expected in each of 413 LADAs; 2,000 came in one of them
    assert "se esperaban 516,250 notificaciones elegibles y hubo 2,000" in text
    assert "Se planearon 900 notificaciones y llevaron anuncio 600: 66.7 %." in text


def test_times_have_their_reviewers(make, desk, reviewer, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    make()
    today = timezone.localdate()

    [row] = file_of(desk, "tiempos", "revisores", today)

    assert (row["revisa"], row["aprobadas"], row["en_48_h"]) == (reviewer.email, "1", "100.0")
    assert "tardó 0 s desde que la marca la envió" in text_of(page_of(desk, "tiempos", today))


def test_brands_are_sorted_by_any_column(make, past, desk, stranger, day):
    rows = file_of(desk, "marcas", "marcas", day)
    assert [row["marca"] for row in rows] == ["Tienda"]
    other = Brand.objects.create(name="Ábaco", slug="abaco")
    editor = User.objects.create_user("abaco@abaco.mx", "una-clave-larga")
    Membership.objects.create(brand=other, user=editor, role="owner")
    later = timezone.localdate() + timedelta(days=3)
    make(brand=other, by=editor, starts_on=later, ends_on=later, volume=950)

    def names(query):
        span = f"?desde={day}&hasta={timezone.localdate()}"
        response = desk.get(f"{PAGE}marcas/{span}{query}")
        return [row[0] for row in section_of(response, "marcas").rows]

    # the decisions of today count, though its days are later
    assert set(names("")) == {"Tienda", "Ábaco"}
    assert names("&orden=contratadas") == ["Ábaco", "Tienda"]
    assert names("&orden=-contratadas") == ["Tienda", "Ábaco"]
    assert names("&orden=nada") == names("")


def test_a_file_holds_no_formula(make, desk, day, stranger):
    brand = stranger.brands.get()
    Brand.objects.filter(pk=brand.pk).update(name="=HYPERLINK(1)")
    make(brand=brand, by=stranger)

    [row] = file_of(desk, "venta", "marcas", day)

    assert row["marca"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("query", "notice"),
    [
        ("desde=2020-01-01&hasta=2020-12-31", "Son más de 92 días: se muestran los últimos."),
        ("hasta=2099-01-01", "Los días por venir no tienen nada que reportar"),
        ("desde=2026-11-05&hasta=2026-11-01", "se intercambiaron"),
        ("desde=basura", "no es una fecha"),
    ],
)
def test_impossible_days_are_corrected_with_a_notice(desk, query, notice):
    response = desk.get(f"{PAGE}entrega-corta/?{query}")

    assert response.status_code == 200
    assert notice in text_of(response)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (61, "1 min"),
        (3_599, "60 min"),
        (3_600, "1 h"),
        (12_000, "3 h 20 min"),
        (172_800, "2 d"),
        (190_800, "2 d 5 h"),
    ],
)
def test_times_are_written_in_their_two_largest_units(seconds, text):
    assert section.format_seconds(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(-0.04, "0.0 %"), (-12.34, "−12.3 %"), (1_234.5, "1,234.5 %"), (None, "–")]
)
def test_percents_have_a_decimal_and_no_negative_zero(value, text):
    assert section.format_value(Kind.PERCENT, value).replace(NBSP, " ") == text


def test_a_long_table_is_cut_on_the_page_and_whole_in_the_file():
    columns = [Column("a", "A", Kind.TEXT), Column("b", "B"), Column("c", "C", Kind.BAND)]
    rows = [(Link(f"n{n}", "/x/"), None if n == 3 else n, (1, [])) for n in range(150)]
    found = Section("x", "X", "", columns, rows, "", is_sortable=True)

    assert found.sort("-b") == "-b"
    assert (found.is_cut, len(list(found.cells)), len(list(found.file_rows))) == (True, 100, 150)
    assert next(iter(found.file_rows)) == ["n149", 149]
    assert list(found.file_rows)[-1] == ["n3", ""]
    assert found.sort("c") == ""
