"""The destination and its clicks on the decision page."""

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import LinkHour
from tests.campaigns.test_admin_review import page_of, signed_in, text_of


@pytest.fixture
def desk(reviewer):
    """The reviewer's browser."""
    return signed_in(reviewer)


@pytest.fixture
def linked_in_review(brand, editor, terms):
    """A campaign in review whose destination has a Unicode host."""
    link = {"destination": "https://ñandú.mx/promo"}
    draft = lifecycle.draft(brand.pk, terms | link, by=editor)
    saved = lifecycle.insert_link(draft.pk, revision=draft.revision, by=editor)
    lifecycle.submit(saved.pk, by=editor)
    lifecycle.hold_submitted()
    saved.refresh_from_db()
    return saved


def test_the_destination_and_its_clicks_are_displayed_beside_the_text(linked_in_review, desk):
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    link = linked_in_review.link.pk
    LinkHour.objects.add({(link, hour, "people"): 1_234, (link, hour, "bots"): 56})

    text = text_of(desk.get(page_of(linked_in_review)))

    assert "<b>xn--and-6ma2c.mx</b>" in text
    assert "se lee ñandú.mx" in text
    assert 'href="https://xn--and-6ma2c.mx/promo" rel="noopener noreferrer"' in text
    assert f"Enlace corto: {linked_in_review.short_link}" in text
    assert "1,234 visitas de personas" in text
    assert "56 de programas" in text
    assert "compara letra por letra" in text


def test_a_campaign_without_destination_has_a_note(campaign_in_review, desk):
    assert "Sin enlace corto" in text_of(desk.get(page_of(campaign_in_review)))


def test_another_destination_is_displayed_as_a_change(linked_in_review, desk, editor, reviewer):
    pk = linked_in_review.pk
    lifecycle.request_changes(pk, version=1, reasons=["x"], by=reviewer)
    lifecycle.edit(pk, {"destination": "https://otra.mx/"}, revision=2, by=editor)
    lifecycle.submit(pk, by=editor)
    lifecycle.hold_submitted()

    text = text_of(desk.get(page_of(linked_in_review)))

    assert "<del>https://xn--and-6ma2c.mx/promo</del> <ins>https://otra.mx/</ins>" in text


def test_a_destination_that_is_no_longer_allowed_is_marked(linked_in_review, desk, monkeypatch):
    monkeypatch.setattr("campaigns.links.destination.SHORTENERS", frozenset(["xn--and-6ma2c.mx"]))

    text = text_of(desk.get(page_of(linked_in_review)))

    assert "ya acorta o redirige" in text
