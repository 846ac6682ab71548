"""The price on the last step, and that nothing is sent at one that was not shown."""

import re

import pytest
from django.urls import reverse

from campaigns import lifecycle
from campaigns.models import Campaign, OrderQuote
from campaigns.pricing import cards
from tests.campaigns.pricing.conftest import card, card_terms, pricer, published

pytestmark = pytest.mark.django_db

__all__ = ["card", "card_terms", "pricer", "published"]

MONEY = re.compile(r"\$ ?[0-9]|\bprecio|\btarifa|\bIVA\b|\bMXN\b|\bcuesta|\bpesos\b", re.IGNORECASE)


@pytest.fixture
def client(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def draft(draft, editor):
    """A draft whose own text names no price."""
    return lifecycle.edit(draft.pk, {"text": "Recarga hoy"}, revision=draft.revision, by=editor)


def step(campaign, slug="revisar"):
    return reverse("portal:campaign_step", args=[campaign.folio, slug])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def send(client, campaign, **changes):
    """Press the button of the last step with what its page has."""
    page = client.get(step(campaign)).content.decode()
    shown = re.search(r'name="shown" value="([^"]*)"', page)[1]
    fields = {"revision": campaign.revision, "shown": shown, "action": "submit"}
    return client.post(step(campaign), fields | changes, follow=True)


def test_the_last_step_says_what_it_costs_and_how_it_is_counted(client, draft, published):
    page = text_of(client.get(step(draft)))

    for words in (
        "$120.00 LADA 55 Ciudad de México",
        "60,000 notificaciones $7,200.00",
        "IVA (16 %) $1,152.00",
        "Total si se entrega todo $8,352.00 MXN",
        "Se cobra lo entregado y final, a lo más lo contratado",
        "Este precio vale si la envías a más tardar el",
    ):
        assert words in page


def test_it_is_sent_at_the_price_that_was_shown(client, draft, published):
    page = text_of(send(client, draft))

    assert "Enviada." in page
    assert "$8,352.00 MXN con IVA si se entrega todo" in page
    assert str(OrderQuote.objects.get().total) == "8352.00"


def test_a_price_that_changed_meanwhile_is_shown_and_asked_again(client, draft, published, pricer):
    cards.withdraw(published.pk, by=pricer)
    dearer = cards.copy(published.pk, by=pricer)
    terms = cards.terms_of(dearer)
    rates = [r._replace(per_thousand=r.per_thousand * 2) for r in terms.rates]
    cards.save(dearer.pk, terms._replace(rates=rates), by=pricer)
    cards.publish(dearer.pk, by=pricer)

    page = text_of(send(client, draft, shown="8352.00"))

    assert "El precio cambió mientras lo leías y no se envió nada" in page
    assert "$16,704.00" in page
    draft.refresh_from_db()
    assert (draft.status, draft.version_number) == (Campaign.Status.DRAFT, 0)
    assert "Enviada." in text_of(send(client, draft))


@pytest.mark.parametrize("now", ["published", "withdrawn"])
def test_so_is_one_that_came_or_went(client, draft, card, pricer, now):
    cards.publish(card.pk, by=pricer)
    if now == "withdrawn":
        cards.withdraw(card.pk, by=pricer)

    page = text_of(send(client, draft, shown="" if now == "published" else "8352.00"))

    assert "El precio cambió mientras lo leías" in page
    assert not OrderQuote.objects.exists()
    draft.refresh_from_db()
    assert draft.status == Campaign.Status.DRAFT


def test_below_the_minimum_the_step_says_what_would_do(client, draft, card, card_terms, pricer):
    cards.save(card.pk, card_terms._replace(min_volume=75_000), by=pricer)
    cards.publish(card.pk, by=pricer)

    page = text_of(client.get(step(draft)))

    assert "El pedido mínimo es de 75,000 notificaciones: pide 75,000." in page
    send(client, draft)
    draft.refresh_from_db()
    assert draft.status == Campaign.Status.DRAFT


def brand_pages(campaign):
    """Yield the pages of a campaign and its brand."""
    brand = campaign.brand.slug
    yield from (step(campaign, slug) for slug in ("datos", "texto", "zona", "fechas", "revisar"))
    yield f"/campanas/{campaign.folio}/"
    yield from (f"/marcas/{brand}/{page}" for page in ("inicio/", "campanas/", "zonas/", ""))
    yield "/avisos/"


def test_without_a_published_card_no_page_speaks_of_money(client, draft, editor, reviewer, card):
    pages = list(brand_pages(draft))
    for path in pages:
        assert not MONEY.findall(text_of(client.get(path, follow=True))), path

    send(client, draft)
    lifecycle.hold_submitted()
    lifecycle.approve(draft.pk, version=1, by=reviewer)
    lifecycle.schedule(draft.pk)

    for path in pages[5:]:
        assert not MONEY.findall(text_of(client.get(path, follow=True))), path


def test_with_one_the_last_step_and_the_campaign_do(client, draft, published):
    """The negative control of the test above."""
    assert MONEY.search(text_of(client.get(step(draft))))
    send(client, draft)
    assert MONEY.search(text_of(client.get(f"/campanas/{draft.folio}/")))
