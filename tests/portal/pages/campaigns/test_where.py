"""The picture of a zone, with its description, on every page that displays a zone."""

import pytest
from django.urls import reverse

from campaigns import lifecycle, saved_zones
from segments.areas import Area
from segments.catalogue import ATTRIBUTION

pytestmark = pytest.mark.django_db

ZONE = '<use href="#z33" class="picture-whole">'


def page(client, who, address):
    client.force_login(who)
    return client.get(address).content.decode()


def test_on_the_page_of_a_campaign_and_in_its_review(client, draft, editor):
    for address in (
        reverse("portal:campaign", args=[draft.folio]),
        reverse("portal:campaign_step", args=[draft.folio, "revisar"]),
    ):
        text = page(client, editor, address)

        assert "33 Guadalajara" in text.split('aria-label="Mapa de México: ')[1].split('"')[0]
        assert ZONE in text
        assert ATTRIBUTION in text


def test_on_the_page_of_a_decision(client, campaign_in_review, reviewer):
    address = reverse("admin:campaigns_campaign_change", args=[campaign_in_review.pk])

    text = page(client, reviewer, address)

    assert ZONE in text
    assert "81 Monterrey" in text.split('aria-label="Mapa de México: ')[1].split('"')[0]


def test_beside_each_kept_zone_with_every_shape_once(client, brand, editor):
    saved_zones.create(brand.pk, "Una", Area(ladas=frozenset({"33"})), by=editor)
    saved_zones.create(brand.pk, "Otra", Area(ladas=frozenset({"33", "81"})), by=editor)

    text = page(client, editor, reverse("portal:saved_zones", args=[brand.slug]))

    assert text.count(ZONE) == 2
    assert text.count('id="z33"') == 1
    assert text.count('id="mexico"') == 1


def test_a_campaign_without_zone_has_no_picture(client, brand, editor):
    empty = lifecycle.draft(brand.pk, {"name": "Idea"}, by=editor)

    text = page(client, editor, reverse("portal:campaign", args=[empty.folio]))

    assert "picture-map" not in text
