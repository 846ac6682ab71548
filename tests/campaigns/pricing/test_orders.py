"""An order keeps the price that it was sent with, and none is sent at a price that was not seen."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from campaigns import lifecycle, pricing, readiness
from campaigns.errors import NotReady
from campaigns.models import Campaign, OrderQuote, Version
from campaigns.pricing import cards
from campaigns.pricing.errors import PriceChanged
from tests import statuses

pytestmark = pytest.mark.django_db

TOTAL = "8352.00"  # 60,000 in 33, 55 and 81 at the rate of 55: 7,200.00, and 1,152.00 of IVA


def other_card(published, pricer, **changes):
    """Publish a changed copy of a card in its place."""
    cards.withdraw(published.pk, by=pricer)
    copied = cards.copy(published.pk, by=pricer)
    cards.save(copied.pk, cards.terms_of(copied)._replace(**changes), by=pricer)
    return cards.publish(copied.pk, by=pricer)


def test_without_a_card_nothing_has_a_price(draft, editor, card):
    assert pricing.offer(draft) is None
    assert pricing.problems(draft) == {}

    lifecycle.submit(draft.pk, by=editor, shown="")

    draft.refresh_from_db()
    assert not OrderQuote.objects.exists()
    assert pricing.of_campaign(draft) is None


def test_the_price_is_stored_with_the_version(draft, editor, published):
    lifecycle.submit(draft.pk, by=editor, shown=TOTAL)

    row = OrderQuote.objects.get()
    assert (row.version, row.card, row.rate) == (
        Version.objects.get(),
        published,
        "LADA 55 Ciudad de México",
    )
    assert (row.per_thousand, row.tax_percent, str(row.total)) == (120, 16, TOTAL)
    draft.refresh_from_db()
    quote = pricing.of_campaign(draft)
    assert str(quote.full.total) == TOTAL
    assert quote.charge(30_000)[:2] == (30_000, Decimal("3600.00"))


def test_an_order_keeps_its_price_whatever_happens_to_the_card(draft, editor, published, pricer):
    lifecycle.submit(draft.pk, by=editor, shown=TOTAL)
    draft.refresh_from_db()

    other_card(published, pricer, tax_percent=Decimal(8))

    assert str(pricing.of_campaign(draft).full.total) == TOTAL


def test_what_is_sent_again_has_a_new_price(
    campaign_in_review, reviewer, editor, published, pricer
):
    campaign = campaign_in_review  # sent before the card was there
    campaign.refresh_from_db()
    lifecycle.request_changes(campaign.pk, version=1, reasons=["x"], by=reviewer)
    assert pricing.of_campaign(Campaign.objects.get()) is None
    edited = lifecycle.edit(campaign.pk, {"volume": 30_000}, revision=campaign.revision, by=editor)

    lifecycle.submit(edited.pk, by=editor, shown=str(pricing.offer(edited).quote.full.total))

    assert pricing.of_campaign(Campaign.objects.get()).contracted == 30_000


@pytest.mark.parametrize("shown", ["", "8351.99", "8352", "x", "NaN"])
def test_nothing_is_sent_at_a_price_that_was_not_shown(draft, editor, published, shown):
    with pytest.raises(PriceChanged, match="no se envió nada"):
        lifecycle.submit(draft.pk, by=editor, shown=shown)

    draft.refresh_from_db()
    assert (draft.status, draft.version_number) == (Campaign.Status.DRAFT, 0)
    assert not Version.objects.exists()


def test_nor_where_the_card_was_withdrawn_meanwhile(draft, editor, published, pricer):
    cards.withdraw(published.pk, by=pricer)

    with pytest.raises(PriceChanged):
        lifecycle.submit(draft.pk, by=editor, shown=TOTAL)

    assert not Version.objects.exists()


def test_a_caller_that_compares_nothing_sends_at_the_price_of_today(draft, editor, published):
    lifecycle.submit(draft.pk, by=editor)

    assert str(OrderQuote.objects.get().total) == TOTAL


def test_a_card_is_valid_on_its_days_only(draft, published, time_machine):
    day = published.valid_until

    time_machine.move_to(
        timezone.now().replace(year=day.year, month=day.month, day=day.day, hour=18)
    )
    assert pricing.offer(draft)
    time_machine.shift(86_400)
    assert pricing.offer(draft) is None


@pytest.mark.parametrize(
    ("minimum", "message"),
    [
        (
            {"min_volume": 75_000},
            "El pedido mínimo es de 75,000 notificaciones: pide 75,000.",
        ),
        (
            {"min_net": Decimal("12000.00")},
            "El pedido mínimo es de $12,000.00 más IVA y esto cuesta $7,200.00: pide 100,000.",
        ),
    ],
)
def test_an_order_below_the_minimum_is_refused_with_what_would_do(
    draft, editor, published, pricer, minimum, message
):
    other_card(published, pricer, **minimum)

    with pytest.raises(NotReady) as refused:
        lifecycle.submit(draft.pk, by=editor)

    assert refused.value.problems == {"volume": [message]}
    draft.refresh_from_db()
    assert (draft.status, draft.version_number) == (Campaign.Status.DRAFT, 0)
    wanted = int(message.rsplit(" ", 1)[1].strip(".").replace(",", ""))
    draft.volume = wanted - 1
    assert "volume" in readiness.problems(draft)
    draft.volume = wanted
    assert readiness.problems(draft) == {}


def test_a_lada_that_the_card_lacks_is_named(draft, published, pricer, monkeypatch):
    """Only a new catalogue can bring one: a card without it is not published."""
    terms = cards.terms_of(published)
    other = [rate for rate in terms.rates if rate.code not in {"09", "15", "55"}]
    monkeypatch.setattr(cards, "reasons_against", lambda card: [])
    other_card(published, pricer, rates=other)

    (problem,) = readiness.problems(draft)["area"]

    assert problem == "Por ahora no se vende en 55 Ciudad de México: quítala de la zona."
    assert pricing.offer(draft) is None


@pytest.fixture
def packaged(draft, editor, reviewer, published):
    """A campaign of a million, which has the discount of a package, approved and scheduled."""
    lifecycle.edit(draft.pk, {"volume": 1_000_000}, revision=1, by=editor)
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.approve(draft.pk, version=1, by=reviewer)
    lifecycle.schedule(draft.pk)
    quote = pricing.of_campaign(Campaign.objects.get())
    assert (quote.package, quote.per_thousand) == ("Plata", Decimal("114.00"))
    return draft


def test_who_cancels_loses_the_discount_of_the_package(packaged, editor):
    assert pricing.of_campaign(packaged).charge(1_000).net == Decimal("114.00")

    lifecycle.cancel(packaged.pk, by=editor)

    quote = pricing.of_campaign(Campaign.objects.get())
    assert quote.charge(1_000).net == Decimal("120.00")
    assert quote.full.net == Decimal("114000.00")


def test_what_staff_cancel_keeps_it(packaged, reviewer):
    lifecycle.staff_cancel(packaged.pk, reason="Queja de un cliente", by=reviewer)

    campaign = Campaign.objects.get()
    assert campaign.status == Campaign.Status.CANCELLED
    assert pricing.of_campaign(campaign).charge(1_000).net == Decimal("114.00")


@pytest.mark.parametrize(
    "sql", ["UPDATE {} SET total = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_the_price_of_an_order_is_never_changed(draft, editor, published, sql):
    lifecycle.submit(draft.pk, by=editor)
    statuses.commit()

    with (
        pytest.raises(DatabaseError, match=r"pgtrigger: (?i:cannot)"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format(OrderQuote._meta.db_table))

    assert str(OrderQuote.objects.get().total) == TOTAL
