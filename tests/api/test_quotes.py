"""The price of a campaign by the API: told by a dry run, compared, and kept."""

import pytest

from campaigns.models import Campaign, OrderQuote, Version
from campaigns.pricing import cards
from tests.campaigns.pricing.conftest import card, card_terms, pricer, published

__all__ = ["card", "card_terms", "pricer", "published"]

QUOTE = {
    "currency": "MXN",
    "rate": "LADA 55 Ciudad de México",
    "package": "",
    "perThousand": "120.00",
    "listPerThousand": "120.00",
    "volume": 60_000,
    "net": "7200.00",
    "taxPercent": "16.00",
    "tax": "1152.00",
    "total": "8352.00",
}


def test_without_a_card_a_quote_is_null(program, draft):
    tried = program.post(f"/campaigns/{draft.folio}/submit?dryRun=true").json()
    sent = program.post(f"/campaigns/{draft.folio}/submit").json()

    assert (tried["quote"], sent["quote"]) == (None, None)


def test_a_dry_run_tells_the_price_and_until_when_it_holds(program, draft, published):
    tried = program.post(f"/campaigns/{draft.folio}/submit?dryRun=true")

    assert tried.json()["quote"] == QUOTE | {"validUntil": published.valid_until.isoformat()}
    assert not OrderQuote.objects.exists()
    assert program.get(f"/campaigns/{draft.folio}").json()["quote"] is None


def test_what_was_accepted_is_what_it_costs(program, draft, published, pricer):
    sent = program.post(f"/campaigns/{draft.folio}/submit?acceptedTotal=8352.00")

    assert sent.json()["quote"] == QUOTE | {"validUntil": None}
    cards.withdraw(published.pk, by=pricer)
    assert program.get(f"/campaigns/{draft.folio}").json()["quote"]["total"] == "8352.00"
    (listed,) = program.get("/campaigns").json()["items"]
    assert listed["quote"]["total"] == "8352.00"


@pytest.mark.parametrize("accepted", ["8351.99", "0.00"])
def test_another_total_is_refused_and_nothing_is_sent(program, draft, published, accepted):
    for tried in ("", "&dryRun=true"):
        refused = program.post(f"/campaigns/{draft.folio}/submit?acceptedTotal={accepted}{tried}")
        assert (refused.status_code, refused.json()["code"]) == (409, "PRICE_CHANGED")

    draft.refresh_from_db()
    assert draft.status == Campaign.Status.DRAFT
    assert not Version.objects.exists()


@pytest.mark.parametrize("accepted", ["8352", "8,352.00", "-1.00", "NaN", "1e3", "٨.00"])
def test_a_total_of_another_form_is_not_understood(program, draft, published, accepted):
    refused = program.post(f"/campaigns/{draft.folio}/submit?acceptedTotal={accepted}")

    assert (refused.status_code, refused.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert not Version.objects.exists()


def test_below_the_minimum_the_volume_that_would_do_is_named(
    program, draft, card, card_terms, pricer
):
    cards.save(card.pk, card_terms._replace(min_volume=75_000), by=pricer)
    cards.publish(card.pk, by=pricer)

    refused = program.post(f"/campaigns/{draft.folio}/submit").json()

    assert (refused["code"], refused["details"]) == (
        "NOT_READY",
        [
            {
                "field": "volume",
                "code": "NOT_READY",
                "message": "El pedido mínimo es de 75,000 notificaciones: pide 75,000.",
            }
        ],
    )
