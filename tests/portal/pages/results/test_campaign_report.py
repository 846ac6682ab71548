"""The report of a campaign: each sum computed by hand, and what stands where there is none."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from campaigns import pricing
from campaigns.models import Event, Link, LinkHour, Version
from campaigns.results.counts import Counts
from tests import counts, statuses
from tests.counts import at, make_final
from tests.portal.pages.results.conftest import DAY
from tests.results import put_counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, viewer):
    client.force_login(viewer)
    return client


def page_of(client, campaign):
    response = client.get(reverse("portal:campaign_report", args=[campaign.folio]))
    assert response.status_code == 200
    return response


def words(response):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.text)))


def table(figure):
    """Return the rows of a figure's table, by name."""
    return {row.name: list(row.cells) for row in figure.sums.rows}


def test_it_says_in_a_sentence_and_its_figures_what_a_campaign_got(client, counted):
    planned = counted.reservation.planned_by_day()
    expected = planned[counted.starts_on] + planned[counted.starts_on + DAY] // 2

    page = page_of(client, counted)

    text = words(page)
    assert "7,150 de 60,000 entregadas 11 %" in text
    assert f"Meta a esta hora {expected:,}" in text
    rest = 60_000 - planned[counted.starts_on] - 1_100
    projected = 8_100 + round(rest * 7_000 / planned[counted.starts_on])
    assert f"Va corta: a este paso terminaría con {projected:,} de 60,000 contratadas." in text
    assert "Cuentas provisionales" in text
    assert "Datos hasta las 10:00." in text


def test_each_day_has_its_counts_its_plan_and_whether_it_may_change(client, counted):
    make_final(counted.starts_on, counted.starts_on)
    planned = counted.reservation.planned_by_day()

    figure = page_of(client, counted).context["by_day"]

    goals = [f"{planned[day]:,}" for day in planned]
    assert list(table(figure).values()) == [
        ["7,000", "6,300", "100", "250", "350", goals[0], "Finales"],
        ["1,100", "850", "200", "0", "50", goals[1], "Provisionales"],
        ["0", "0", "0", "0", "0", goals[2], "Por venir"],
    ]
    assert list(figure.sums.total.cells) == ["8,100", "7,150", "300", "250", "400", "60,000", ""]
    assert "entregó más: 6,300." in figure.sentence
    assert [part.kind for part in figure.chart.bars[0].parts] == [
        "delivered",
        "pending",
        "no-receipt",
        "failed",
    ]
    top = figure.chart.axis.top
    [(_kind, line)] = figure.chart.lines
    edges = [float(point.split(",")[1]) for point in line.split()]
    assert edges[::2] == edges[1::2]  # level in each column
    assert edges[::2] == pytest.approx(
        [100 - 100 * planned[day] / top for day in planned], abs=0.01
    )
    heights = [float(part.height) for part in figure.chart.bars[0].parts]
    assert heights == pytest.approx(
        [100 * count / top for count in (6_300, 100, 250, 350)], abs=0.01
    )


def test_hours_of_the_day_add_up_over_days(client, counted):
    figure = page_of(client, counted).context["by_hour"]

    rows = table(figure)
    assert rows["9:00 a 10:00"] == ["6,100", "5,250", "300", "150", "400"]
    assert rows["14:00 a 15:00"] == ["2,000", "1,900", "0", "100", "0"]
    assert sum(int(cells[0].replace(",", "")) for cells in rows.values()) == 8_100
    assert figure.sentence == "La hora con más entregas es de 9:00 a 10:00: 5,250."


def test_states_and_ladas_come_with_the_largest_first(client, counted):
    places = page_of(client, counted).context["places"]

    assert [(row.name, *row.cells[:2]) for row in places.states.rows] == [
        ("Ciudad de México", "6,600", "5,950"),
        ("Jalisco", "1,000", "900"),
        ("Nuevo León", "500", "300"),
    ]
    assert [(row.name, *row.cells[:2]) for row in places.most.rows] == [
        ("55 Ciudad de México", "6,600", "5,950"),
        ("33 Guadalajara", "1,000", "900"),
        ("81 Monterrey", "500", "300"),
    ]
    for sums in (places.states, places.most):
        assert list(sums.total.cells) == ["8,100", "7,150", "300", "250", "400"]
    assert places.sentence == ("Ciudad de México es donde más se entregó: 5,950 de 7,150 (83 %).")
    assert [(shade.least, shade.most) for shade in places.map.legend] == [
        (5_950, 5_950),
        (900, 900),
        (300, 300),
    ]
    assert {state.title: state.shade for state in places.map.states if state.shade} == {
        "Ciudad de México: 5,950": 4,
        "Jalisco: 900": 3,
        "Nuevo León: 300": 2,
    }


def test_a_small_place_is_merged_and_the_page_says_so(client, counted):
    assert "Juntamos" not in words(page_of(client, counted))
    put_counts(counted, {(at(counted.starts_on, 10), "81"): Counts(4, 4)})

    page = page_of(client, counted)

    places = page.context["places"]
    assert [(row.name, row.cells[0]) for row in places.states.rows] == [
        ("Ciudad de México", "6,600"),
        ("Nuevo León", "500"),
        ("Otros estados", "1,004"),
    ]
    assert places.states.total.cells[0] == "8,104"
    assert "Juntamos lo que tiene menos de 10 notificaciones" in words(page)


def test_pacing_is_what_was_inserted_until_each_day_beside_the_plan(client, counted):
    planned = list(counted.reservation.planned_by_day().values())

    figure = page_of(client, counted).context["pacing"]

    assert list(table(figure).values()) == [
        [f"{planned[0]:,}", "7,000", f"{planned[0]:,}", "7,000"],
        [f"{planned[1]:,}", "1,100", f"{planned[0] + planned[1]:,}", "8,100"],
        [f"{planned[2]:,}", "–", "60,000", "–"],
    ]
    [(_kind, area)] = figure.chart.areas
    assert "50.00,86.50" in area.split()  # noon of the second of three days; 8,100 of 60,000
    assert figure.chart.lines[0][1].split()[-1] == "100.00,0.00"


def test_clicks_and_their_rate_by_day(client, counted):
    assert "Clics" not in words(page_of(client, counted))
    link = Link.objects.create(campaign=counted)
    LinkHour.objects.add(
        {
            (link.pk, at(counted.starts_on, 20), "people"): 63,
            (link.pk, at(counted.starts_on + DAY, 1), "people"): 17,
            (link.pk, at(counted.starts_on + DAY, 1), "bots"): 900,
        }
    )

    figure = page_of(client, counted).context["clicks"]

    assert list(table(figure).values()) == [["6,300", "63", "1.00 %"], ["850", "17", "2.00 %"]]
    assert figure.sentence == "80 clics de 7,150 entregadas: 1.12 %."


def test_texts_that_were_on_air_stand_side_by_side(client, counted, reviewer):
    assert page_of(client, counted).context["versions"] == []
    version = counted.versions.get(number=1)
    version.pk, version.number, version.text = None, 2, "Otro texto"
    Version.objects.bulk_create([version])
    Event.objects.create(
        campaign=counted,
        at=at(counted.starts_on, 14, 30),
        by=reviewer,
        move="approve",
        to_status=counted.status,
        version_number=2,
    )

    page = page_of(client, counted)

    found = page.context["versions"]
    # The hour in which the second was approved is one of the first version.
    assert [(each.version.number, each.counts) for each in found] == [
        (1, Counts(7_000, 6_300, 350, 250)),
        (2, Counts(1_100, 850, 50, 0)),
    ]
    assert "Versión 2" in words(page) and "Otro texto" in words(page)


def test_an_ended_campaign_is_short_of_what_was_contracted_and_final(client, counted):
    statuses.put(counted.pk, "finished")
    make_final(counted.starts_on, counted.ends_on)

    text = words(page_of(client, counted))

    assert "Terminó: faltaron 51,900 de 60,000 contratadas." in text
    assert "Cuentas finales Ya no cambian." in text
    assert "Meta a esta hora" not in text


def test_a_zero_says_why(client, live):
    counts.beat(at(live.starts_on, 9))

    text = words(page_of(client, live))

    assert "La plataforma de entrega no manda datos desde el" in text
    assert "Por hora del día" not in text


@pytest.mark.parametrize(
    ("fixture", "reason"),
    [
        ("draft", "desde que la aprueban"),
        ("campaign_in_review", "desde que la aprueban"),
        ("approved", "Todavía no llega su primer día."),
    ],
)
def test_a_campaign_that_has_not_begun_says_when_it_has_a_report(client, fixture, reason, request):
    page = page_of(client, request.getfixturevalue(fixture))

    assert reason in words(page)
    assert "<svg class" not in page.text


def test_nothing_is_said_of_money_while_prices_are_off(client, counted):
    assert "$" not in words(page_of(client, counted)).replace(counted.text, "")


def test_the_price_counts_what_is_delivered_and_final(client, counted, monkeypatch):
    quote = pricing.Quote(Decimal("100.00"), Decimal(16), 60_000, Decimal("100.00"))
    monkeypatch.setattr(pricing, "of_campaign", lambda campaign: quote)
    assert page_of(client, counted).context["price"].charge.charged == 0
    make_final(counted.starts_on, counted.starts_on)

    page = page_of(client, counted)

    assert page.context["price"].charge == (
        6_300,
        Decimal("630.00"),
        Decimal("100.80"),
        Decimal("730.80"),
    )
    assert "Total $730.80" in words(page)


def test_sums_of_whole_hours_are_told_apart_from_newer_counts(client, counted):
    assert "suma horas completas" not in words(page_of(client, counted))
    counts.count(counted, 9_000, 8_000)

    text = words(page_of(client, counted))

    assert "8,000 de 60,000 entregadas" in text
    assert "suma horas completas: 8,100 con anuncio, 7,150 entregadas." in text


@pytest.mark.parametrize("who", ["owner", "editor", "viewer"])
def test_everybody_of_the_brand_reads_it(who, counted, client, request):
    client.force_login(request.getfixturevalue(who))

    assert "7,150 de 60,000" in words(page_of(client, counted))
