"""The pages of sell-through for staff: sums, charts and files agree."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from core import charts
from inventory import reservations
from inventory.models import Audit, Capacity
from inventory.terms import Terms
from portal.accounts.models import User

PAGE = "/admin/inventory/capacity/venta/"


@pytest.fixture
def desk(db):
    person = User.objects.create_user("inventario@telefonica.mx", "una-clave-larga", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="view_capacity"))
    browser = Client()
    browser.force_login(person)
    return browser


@pytest.fixture
def thousand(on_sale):
    """1,000 on sale in every cell."""
    Capacity.objects.update(gross=1_250, capacity=1_000)
    return on_sale


def hold(first, quantity):
    return reservations.hold(
        Terms(
            quantity=quantity,
            ladas=["33"],
            starts_on=first,
            ends_on=first,
        ),
        reference="LP-TEST22",
        expires_at=timezone.now() + timedelta(hours=1),
    )


def recount(days_ago, **fields):
    wanted = {"seconds": 0.1, "cells": 1, "reservations": 1, "at_risk": 0}
    Audit.objects.create(at=timezone.now() - timedelta(days=days_ago), **wanted | fields)


def text_of(response):
    return response.content.decode()


def rows_of(response):
    return list(csv.DictReader(io.StringIO(text_of(response))))


def test_each_day_on_sale_has_its_bar_its_row_and_its_line_in_the_file(thousand, desk):
    hold(thousand, 700)
    reservations.book(hold(thousand, 200).pk)
    place = (thousand - timezone.localdate()).days

    page, file = desk.get(PAGE), rows_of(desk.get(f"{PAGE}dias.csv"))

    figures = page.context["days"][place].figures
    bar = page.context["days_chart"].bars[place]
    assert figures == (413 * 1_250, 413_000, 700, 200)
    assert "413,000 a la venta, 700 apartadas, 200 comprometidas, 412,100 libres" in bar.label
    assert [part.kind for part in bar.parts] == ["booked", "held", "free"]
    assert len(page.context["days"]) == len(page.context["days_chart"].bars) == len(file) == 10
    assert (file[place]["apartadas"], file[place]["libres"]) == ("700", "412100")
    assert "De las 4,130,000 notificaciones a la venta" in text_of(page)
    assert "quedan 4,129,100 libres" in text_of(page)


def test_the_journal_makes_the_movements(thousand, desk):
    released = hold(thousand, 300)
    hold(thousand, 500)
    reservations.release(released.pk)

    page, file = desk.get(PAGE), rows_of(desk.get(f"{PAGE}movimientos.csv"))

    assert "se apartaron 800, se liberaron 300 y vencieron 0" in text_of(page)
    assert "Neto: +500." in text_of(page)
    assert (file[-1]["apartadas"], file[-1]["liberadas"], file[-1]["neto"]) == ("800", "300", "500")
    bar = page.context["movements_chart"].bars[-1]
    assert [part.kind for part in bar.parts] == ["booked", "given-back"]


def test_without_data_the_page_explains_what_will_be_there(thousand, desk):
    text = text_of(desk.get(PAGE))

    assert "Sin movimientos" in text
    assert "Hacen falta dos días" in text
    assert rows_of(desk.get(f"{PAGE}recuentos.csv")) == []


def test_one_day_of_audits_is_no_line_yet(thousand, desk):
    recount(0, capacity=1_000, held=100, booked=200)

    assert "Hacen falta dos días" in text_of(desk.get(PAGE))


def test_audits_of_two_days_make_the_line(thousand, desk):
    recount(3, capacity=1_000, held=100, booked=200)
    recount(0, capacity=1_000, held=200, booked=600)

    page, file = desk.get(PAGE), rows_of(desk.get(f"{PAGE}recuentos.csv"))

    text = text_of(page).replace("\N{NO-BREAK SPACE}", " ")
    assert "En 3 días, lo prometido de los días por venir pasó de 30 % a 80 %." in text
    assert dict(page.context["audits_chart"].areas)["booked"] == (
        "0.00,80.00 100.00,40.00 100.00,100.00 0.00,100.00"
    )
    assert [row["libres"] for row in file] == ["700", "200"]


@pytest.mark.parametrize(
    ("values", "top"),
    [([], 1), ([0], 1), ([7], 8), ([10_900_000], 12_000_000), ([1_198_100_000], 1_200_000_000)],
)
def test_an_axis_ends_at_a_round_number_that_holds_all(values, top):
    assert charts.axis(values).top == top


def test_parts_of_a_band_fill_it():
    assert [(p.x, p.width) for p in charts.band(8, [("booked", 2), ("held", 0), ("free", 6)])] == [
        ("0.00", "25.00"),
        ("25.00", "75.00"),
    ]
    assert charts.band(0, [("booked", 0)]) == []


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (600, "600"), (2_500, "2.5 mil"), (1_200_000_000, "1,200 M")]
)
def test_round_numbers_have_a_short_form(value, text):
    assert charts.compact(value) == text
