"""The progress of a campaign on its page, in the part that its script fetches, and for staff."""

import re
from html import unescape

import pytest
from django.urls import reverse

from tests import statuses
from tests.counts import at, beat, count, make_final

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


def text_of(response):
    """Return the words of a page, with one space between them."""
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(response.text)))


def page_of(client, campaign):
    return client.get(reverse("portal:campaign", args=[campaign.folio]))


def test_a_live_campaign_shows_its_counts_their_time_and_what_was_planned(client, live):
    count(live, 9_000, 6_000, failed=300, no_receipt=200, as_of=at(live.starts_on, 11, 55))

    response = page_of(client, live)

    planned = live.reservation.planned_by_day()[live.starts_on] // 2
    text = text_of(response)
    for words in (
        "6,000 de 60,000 entregadas 10 %",
        "Con anuncio 9,000",
        "Fallidas 300",
        "Sin acuse 200",
        f"Meta a esta hora {planned:,}",
        "Cuentas provisionales Datos hasta las 11:55.",
    ):
        assert words in text
    assert '<rect class="inserted" width="15.00"' in response.text
    assert '<rect class="delivered" width="10.00"' in response.text


def test_a_zero_says_why(client, live):
    beat(at(live.starts_on, 9))

    assert "La plataforma de entrega no manda datos desde el" in text_of(page_of(client, live))


def test_what_has_not_begun_shows_no_progress(client, approved):
    assert 'id="avance"' not in page_of(client, approved).text


def test_a_finished_campaign_is_provisional_until_all_its_hours_are_final(client, live):
    count(live, 60_000, 58_000)
    statuses.put(live.pk, "finished")
    assert "Cuentas provisionales" in text_of(page_of(client, live))
    make_final(live.starts_on, live.ends_on)

    response = page_of(client, live)

    assert "Cuentas finales Ya no cambian." in text_of(response)
    assert "Meta a esta hora" not in response.text


@pytest.mark.parametrize(("status", "polls"), [("live", True), ("finished", False)])
def test_only_the_page_of_a_live_campaign_fetches_its_counts_again(client, live, status, polls):
    count(live, 9_000, 6_000)
    if status != "live":
        statuses.put(live.pk, status)

    assert ('data-module="progress"' in page_of(client, live).text) == polls


def test_the_part_is_that_of_the_page(client, live):
    count(live, 9_000, 6_000)
    part = client.get(reverse("portal:campaign_progress", args=[live.folio])).text.strip()

    assert part.startswith('<div data-status="live">')
    assert part in page_of(client, live).text


def test_the_part_takes_few_queries(client, live, django_assert_max_num_queries):
    count(live, 9_000, 6_000)
    address = reverse("portal:campaign_progress", args=[live.folio])
    client.get(address)

    with django_assert_max_num_queries(12):
        client.get(address)


def test_staff_see_the_same_progress(client, live, reviewer):
    count(live, 9_000, 6_000)
    client.force_login(reviewer)

    response = client.get(reverse("admin:campaigns_campaign_change", args=[live.pk]))

    assert "6,000 de 60,000 entregadas 10 %" in text_of(response)
    assert 'data-module="progress"' not in response.text
