"""Rate cards: what is refused before they are published, and that they never change after."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from campaigns.errors import NotAllowed
from campaigns.models import Package, Rate, RateCard
from campaigns.pricing import cards, examples, orders
from campaigns.pricing.cards import PlaceRate
from campaigns.pricing.errors import BadRateCard, RateCardFixed
from campaigns.pricing.rule import PackageTerms
from tests.campaigns.pricing.conftest import LADA

Status = RateCard.Status
INSERT_RATE = """
    INSERT INTO campaigns_rate (card_id, scope, code, per_thousand)
    SELECT id, 'lada', '33', 1 FROM campaigns_ratecard
"""
SMALLER_IS_BETTER = [PackageTerms("A", 10, Decimal(9)), PackageTerms("B", 20, Decimal(9))]


@pytest.mark.django_db
def test_a_draft_says_what_was_saved_and_then_something_else(card, card_terms, pricer):
    assert cards.terms_of(card) == card_terms
    fewer = card_terms._replace(name="Enero", rates=card_terms.rates[:2], packages=[])

    cards.save(card.pk, fewer, by=pricer)

    assert cards.terms_of(RateCard.objects.get()) == fewer


@pytest.mark.django_db
@pytest.mark.parametrize("act", ["save", "copy", "publish", "withdraw", "delete"])
def test_only_who_may_set_rates_writes_them(card, card_terms, pricer, reviewer, editor, act):
    given = [card_terms] if act == "save" else []
    before = list(RateCard.objects.values())

    for person in (reviewer, editor):
        with pytest.raises(NotAllowed):
            getattr(cards, act)(card.pk, *given, by=person)

    assert list(RateCard.objects.values()) == before


@pytest.mark.django_db
def test_a_place_or_a_volume_twice_is_refused(card, card_terms, pricer):
    twice = card_terms._replace(
        name="Otra",
        rates=[*card_terms.rates, PlaceRate(LADA, "55", Decimal(1))],
        packages=[*card_terms.packages, PackageTerms("Bis", 1_000_000, Decimal(7))],
    )

    with pytest.raises(BadRateCard) as refused:
        cards.save(card.pk, twice, by=pricer)

    assert refused.value.reasons == [
        "LADA 55 Ciudad de México tiene dos precios: deja uno.",
        "Hay dos paquetes desde 1,000,000: deja uno.",
    ]
    assert cards.terms_of(RateCard.objects.get()) == card_terms


@pytest.mark.django_db
def test_a_card_without_a_price_for_every_lada_is_not_published(card, card_terms, pricer):
    some = [rate for rate in card_terms.rates if rate.code != "02"]  # Baja California
    cards.save(card.pk, card_terms._replace(rates=some), by=pricer)

    with pytest.raises(BadRateCard, match=r"Falta el precio de 8 LADA: .*los demás estados"):
        cards.publish(card.pk, by=pricer)

    assert RateCard.objects.get().status == Status.DRAFT


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"days": -1}, "Su último día ya pasó"),
        ({"packages": SMALLER_IS_BETTER}, "Un paquete más grande"),
        ({"min_net": Decimal("9999999999.00")}, "no se podría pedir nada"),
    ],
)
def test_a_card_that_makes_no_sense_is_not_published(card, card_terms, pricer, changes, reason):
    if days := changes.pop("days", 0):
        first = card_terms.valid_from + timedelta(days=2 * days)
        changes = {"valid_from": first, "valid_until": card_terms.valid_from + timedelta(days=days)}
    cards.save(card.pk, card_terms._replace(**changes), by=pricer)

    with pytest.raises(BadRateCard, match=reason):
        cards.publish(card.pk, by=pricer)

    assert RateCard.objects.get().status == Status.DRAFT


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "last", "fits"),
    [
        (-5, -1, False),
        (-5, None, False),
        (30, 40, False),
        (0, 30, False),
        (31, 40, True),
        (31, None, True),
    ],
)
def test_no_two_cards_are_valid_on_one_day(published, card_terms, pricer, first, last, fits):
    begin = published.valid_from
    days = {
        "valid_from": begin + timedelta(days=first),
        "valid_until": None if last is None else begin + timedelta(days=last),
    }
    if last == -1:
        days["valid_until"] = begin  # it ends on the first day of the other
    other = cards.save(None, card_terms._replace(name="Otra", **days), by=pricer)
    if fits:
        assert cards.publish(other.pk, by=pricer).status == Status.PUBLISHED
        return

    with pytest.raises(BadRateCard, match="«Diciembre» ya vale del"):
        cards.publish(other.pk, by=pricer)
    with pytest.raises(IntegrityError, match="rate_card_one_on_a_day"), transaction.atomic():
        RateCard.objects.filter(pk=other.pk).update(
            status="published", published_by=pricer, published_at=published.published_at
        )

    assert RateCard.objects.filter(status=Status.PUBLISHED).get() == published


@pytest.mark.django_db
def test_withdrawn_it_leaves_its_days_to_another(published, pricer):
    cards.withdraw(published.pk, by=pricer)
    assert orders.current() is None

    again = cards.publish(cards.copy(published.pk, by=pricer).pk, by=pricer)

    assert orders.current() == again


@pytest.mark.django_db
def test_a_published_card_is_not_changed_by_its_functions(published, card_terms, pricer):
    for refused in (
        lambda: cards.save(published.pk, card_terms._replace(name="x"), by=pricer),
        lambda: cards.publish(published.pk, by=pricer),
        lambda: cards.delete(published.pk, by=pricer),
    ):
        with pytest.raises(RateCardFixed):
            refused()
    cards.withdraw(published.pk, by=pricer)
    with pytest.raises(RateCardFixed):
        cards.withdraw(published.pk, by=pricer)

    assert cards.terms_of(RateCard.objects.get()) == card_terms


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE campaigns_ratecard SET tax_percent = 0",
        "UPDATE campaigns_ratecard SET status = 'draft', published_at = NULL",
        "UPDATE campaigns_ratecard SET valid_until = NULL",
        "DELETE FROM campaigns_rate",
        "UPDATE campaigns_rate SET per_thousand = 1",
        INSERT_RATE,
        "UPDATE campaigns_package SET percent = 90",
        "DELETE FROM campaigns_package",
    ],
)
def test_nor_by_sql(card, card_terms, pricer, sql):
    with transaction.atomic(), connection.cursor() as cursor:  # the negative control: a draft is
        cursor.execute(sql)
        assert cursor.rowcount
        transaction.set_rollback(True)
    cards.publish(card.pk, by=pricer)

    with (
        pytest.raises(IntegrityError, match="published"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert cards.terms_of(RateCard.objects.get()) == card_terms


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Rate, {"scope": "lada", "code": "33", "per_thousand": 0}),
        (Rate, {"scope": "lada", "code": "", "per_thousand": 1}),
        (Rate, {"scope": "national", "code": "33", "per_thousand": 1}),
        (Rate, {"scope": "lada", "code": "55", "per_thousand": 1}),  # it has one
        (Package, {"name": "x", "from_volume": 0, "percent": 1}),
        (Package, {"name": "x", "from_volume": 1, "percent": 91}),
        (Package, {"name": "x", "from_volume": 1_000_000, "percent": 1}),
    ],
)
def test_the_database_refuses_what_is_no_price(card, model, values):
    before = model.objects.count()

    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(card=card, **values)

    assert model.objects.count() == before


@pytest.mark.django_db
def test_examples_show_what_three_orders_would_cost(card, card_terms, pricer):
    national, state, lada = examples.of(orders.read(card))

    assert (national.what, national.quote.full.net) == (
        "10,000,000 en Todo México",
        Decimal("700000.00"),  # 80 less 12.5 %
    )
    assert state.what.startswith("1,000,000 en ")
    assert lada.what == "50,000 en LADA 55 Ciudad de México"
    assert lada.quote.full.total == Decimal("6960.00")
    cards.save(
        card.pk, card_terms._replace(min_volume=60_000, rates=card_terms.rates[:2]), by=pricer
    )
    _national, state, lada = examples.of(orders.read(RateCard.objects.get()))
    assert "Por ahora no se vende en" in state.refusal
    assert lada.refusal == "Menos que el mínimo: se pide desde 60,000."


@pytest.mark.django_db(transaction=True)
def test_of_two_cards_published_at_once_for_the_same_days_one_is(card_terms, pricer):
    drafts = [cards.save(None, card_terms._replace(name=n), by=pricer).pk for n in ("A", "B")]
    barrier, results = threading.Barrier(2), []

    def publish(card_id):
        barrier.wait()
        try:
            results.append(cards.publish(card_id, by=pricer).status)
        except BadRateCard:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=publish, args=[card_id]) for card_id in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["published", "refused"]
    assert RateCard.objects.filter(status=Status.PUBLISHED).count() == 1
