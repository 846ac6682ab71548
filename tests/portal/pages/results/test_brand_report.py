"""The report of a brand: its span of days, its sums, and its campaigns beside each other."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import lifecycle, readiness
from campaigns.models import AdOrder, Brand, Campaign, Link, LinkHour, ReportHour
from campaigns.results.counts import Counts
from inventory.models import Reservation
from tests import statuses
from tests.counts import at, beat, make_final
from tests.portal.pages.results.conftest import DAY
from tests.portal.pages.results.test_campaign_report import table, words
from tests.results import put_counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, viewer):
    client.force_login(viewer)
    return client


@pytest.fixture
def other(counted, editor, reviewer):
    """A campaign that ended the day before the other began, with counts of its last day."""
    campaign = lifecycle.copy(counted.pk, by=editor)
    first = counted.starts_on - 3 * DAY
    possible = readiness.first_possible_day()
    span = {"starts_on": possible, "ends_on": possible + 2 * DAY}
    Campaign.objects.filter(pk=campaign.pk).update(name="La de antes", **span)
    lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(campaign.pk, version=1, by=reviewer)
    span = {"starts_on": first, "ends_on": first + 2 * DAY}
    Reservation.objects.filter(reference=campaign.folio).update(**span)
    statuses.put(campaign.pk, "finished", **span)
    put_counts(campaign, {(at(span["ends_on"], 8), "33"): Counts(2_000, 1_000, 900, 100)})
    return Campaign.objects.get(pk=campaign.pk)


def page_of(client, brand, **query):
    response = client.get(reverse("portal:reports", args=[brand.slug]), query)
    assert response.status_code == 200
    return response


def days_of(*days):
    return {"desde": f"{days[0]:%d/%m/%Y}", "hasta": f"{days[-1]:%d/%m/%Y}"}


def span_of(page):
    return page.context["span"].first, page.context["span"].last


def test_the_last_week_adds_up_all_campaigns(client, counted, other):
    ReportHour.objects.create(
        stream="hourly-counts",
        hour=at(counted.starts_on + DAY, 9),
        revision=1,
        final=False,
        completed_at=timezone.now(),
    )

    page = page_of(client, counted.brand)

    today = counted.starts_on + DAY
    assert span_of(page) == (today - 6 * DAY, today)
    figure = page.context["by_day"]
    assert [cells[:5] for cells in table(figure).values()][-4:] == [
        ["0", "0", "0", "0", "0"],
        ["2,000", "1,000", "0", "100", "900"],
        ["7,000", "6,300", "100", "250", "350"],
        ["1,100", "850", "200", "0", "50"],
    ]
    assert figure.sums.total.cells[:5] == ["10,100", "8,150", "300", "350", "1,300"]
    assert [(row.name, row.cells[1]) for row in page.context["places"].states.rows] == [
        ("Ciudad de México", "5,950"),
        ("Jalisco", "1,900"),
        ("Nuevo León", "300"),
    ]
    text = words(page)
    assert "Entregadas 8,150 Con anuncio 10,100" in text
    assert "llevan 8,150 de 120,000 entregadas" in text
    assert "Cuentas provisionales Datos hasta las 10:00." in text


def test_a_span_counts_its_own_days_alone(client, counted, other):
    make_final(counted.starts_on, counted.starts_on)

    page = page_of(client, counted.brand, **days_of(counted.starts_on))

    assert page.context["sums"].total == Counts(7_000, 6_300, 350, 250)
    assert [row.campaign for row in page.context["page"]] == [counted]
    assert "Cuentas finales" in words(page)


def test_campaigns_are_compared_and_sorted_by_each_number(client, counted, other):
    for campaign, clicks in ((counted, 60), (other, 20)):
        link = Link.objects.create(campaign=campaign)
        LinkHour.objects.add({(link.pk, at(campaign.ends_on - 2 * DAY, 9), "people"): clicks})
    planned = counted.reservation.planned_by_day()
    expected = planned[counted.starts_on] + planned[counted.starts_on + DAY] // 2

    rows = {row.campaign.pk: row for row in page_of(client, counted.brand).context["page"]}

    assert rows[counted.pk].pace == pytest.approx(8_100 / expected)
    assert (rows[counted.pk].clicks, rows[counted.pk].click_rate) == (60, "0.84 %")
    assert (rows[other.pk].pace_words, rows[other.pk].clicks) == ("–", 20)
    assert rows[other.pk].click_rate == "2.00 %"
    for order, first in (
        ("entregadas", counted),
        ("contratado", counted),
        ("ritmo", counted),
        ("clics", counted),
        ("tasa", other),
        ("nada", counted),
    ):
        found = [
            row.campaign for row in page_of(client, counted.brand, orden=order).context["page"]
        ]
        assert found == [first, other if first == counted else counted], order


def test_a_campaign_without_deliveries_says_why(client, live):
    beat(at(live.starts_on, 9))

    text = words(page_of(client, live.brand))

    assert "En estos días no salió ninguna notificación con anuncio." in text
    assert "La plataforma de entrega no manda datos desde el" in text


@pytest.mark.parametrize("fixture", ["draft", "campaign_in_review", "approved"])
def test_a_brand_without_a_campaign_on_air_has_an_empty_page(client, fixture, request):
    campaign = request.getfixturevalue(fixture)

    page = page_of(client, campaign.brand)

    assert "Todavía no hay entregas" in words(page)
    assert "desde" not in page.text


@pytest.mark.parametrize("bad", ["x", "31/02/2026", "12/31/2026", "1" * 200, "\0"])
def test_a_day_that_cannot_be_read_is_refused_and_the_span_before_it_stays(client, counted, bad):
    first = f"{counted.starts_on:%Y-%m-%d}"
    before = {"antes_desde": first, "antes_hasta": first}

    page = page_of(client, counted.brand, desde=bad, hasta="", **before)

    assert page.context["span"].form.errors["desde"]
    assert span_of(page) == (counted.starts_on, counted.starts_on)
    assert page.context["sums"].total.delivered == 6_300


def test_a_span_without_days_to_show_is_refused_and_the_one_before_stays(client, counted):
    first = f"{counted.starts_on:%Y-%m-%d}"
    before = {"antes_desde": first, "antes_hasta": first}
    for days in (("2020-01-01", "2020-02-01"), ("9999-12-01", "9999-12-31")):
        page = page_of(client, counted.brand, desde=days[0], hasta=days[1], **before)

        assert "no hay entregas que mostrar" in words(page)
        assert span_of(page) == (counted.starts_on, counted.starts_on)


def test_a_span_is_cut_to_days_that_have_been_and_says_so(client, counted):
    page = page_of(client, counted.brand, desde="0001-01-01", hasta="9999-12-31")

    today = counted.starts_on + DAY
    month_before = (today.replace(day=1) - timedelta(1)).replace(day=1)
    assert span_of(page) == (month_before, today)
    text = words(page)
    assert "se muestra desde ese día" in text
    assert "se muestra hasta hoy" in text


def test_days_in_the_wrong_order_are_exchanged_with_a_notice(client, counted):
    days = counted.starts_on + DAY, counted.starts_on

    page = page_of(client, counted.brand, **days_of(*days))

    assert span_of(page) == (days[1], days[0])
    assert "se intercambiaron" in words(page)


def test_presets_lead_to_their_spans(client, counted, other):
    page = page_of(client, counted.brand)

    today = counted.starts_on + DAY
    presets = {each.label: (each.first, each.last) for each in page.context["span"].presets}
    assert presets["Este mes"] == (today.replace(day=1), today)
    assert presets["Mes pasado"][1] == today.replace(day=1) - DAY
    assert presets["Todo"] == (other.starts_on, today)
    for first, last in presets.values():
        shown = page_of(client, counted.brand, desde=first.isoformat(), hasta=last.isoformat())
        assert span_of(shown) == (first, last)
        assert 'aria-current="true"' in shown.text
        assert not shown.context["span"].notices


def test_a_brand_whose_last_week_is_empty_sees_all_its_days(client, viewer, counted, time_machine):
    time_machine.move_to(at(counted.ends_on + 20 * DAY, 12), tick=False)
    client.force_login(viewer)

    assert span_of(page_of(client, counted.brand)) == (counted.starts_on, counted.ends_on)


def test_a_long_span_is_added_up_by_month(client, counted):
    first = counted.starts_on - 200 * DAY
    Campaign.objects.filter(pk=counted.pk).update(starts_on=first)

    figure = page_of(client, counted.brand, desde=first.isoformat()).context["by_day"]

    assert figure.title == "Por mes"
    assert figure.sums.total.cells == ["8,100", "7,150", "300", "250", "400"]
    assert sum(int(cells[0].replace(",", "")) for cells in table(figure).values()) == 8_100


def test_campaigns_of_other_brands_and_without_an_order_are_left_out(client, counted, stranger):
    AdOrder.objects.exclude(campaign=counted).delete()
    foreign = Brand.objects.get(slug="otra")
    client.force_login(stranger)

    assert "Todavía no hay entregas" in words(page_of(client, foreign))


@pytest.mark.parametrize("who", ["owner", "editor", "viewer"])
def test_a_suspended_brand_still_reads_its_report(who, client, counted, request):
    client.force_login(request.getfixturevalue(who))
    Brand.objects.filter(pk=counted.brand_id).update(
        active=False, suspended_at="2026-01-01T00:00:00Z", suspension_reason="Debe"
    )

    assert page_of(client, counted.brand).context["sums"].total.delivered == 7_150
