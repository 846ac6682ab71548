"""Which rate applies to an order, computed by hand."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.pricing import rule
from campaigns.pricing.errors import Unpriced
from campaigns.pricing.rule import PackageTerms, Prices
from segments import areas, gazetteer
from segments.areas import Area

pytestmark = pytest.mark.django_db

STATES = {"14": Decimal(95), "19": Decimal(95), "18": Decimal(70), "09": Decimal(100)}


@pytest.fixture
def places(db):
    return gazetteer.current()


def prices(*, national=None, states=STATES, ladas=None, packages=(), **minimum):
    return Prices(national, states, ladas or {}, tuple(packages), Decimal(16), **minimum)


def test_all_of_mexico_pays_the_national_rate(places):
    card = prices(national=Decimal(80), states=dict.fromkeys(places.states, Decimal(90)))
    everything = places.cities.keys()

    assert rule.list_price(card, everything, places) == (Decimal(80), "Tarifa nacional")
    every_state = areas.resolve(Area(states=frozenset(places.states)))
    assert rule.list_price(card, every_state, places)[0] == Decimal(80)


def test_all_but_one_lada_does_not(places):
    card = prices(national=Decimal(80), states=dict.fromkeys(places.states, Decimal(90)))

    assert rule.list_price(card, places.cities.keys() - {"55"}, places)[0] == Decimal(90)


def test_without_a_national_rate_all_of_mexico_pays_the_highest(places):
    card = prices(states=dict.fromkeys(places.states, Decimal(90)), ladas={"55": Decimal(120)})

    found = rule.list_price(card, places.cities.keys(), places)

    assert found == (Decimal(120), "LADA 55 Ciudad de México")


def test_states_with_one_price_are_named_together(places):
    ladas = areas.resolve(Area(states=frozenset({"14", "19"}), ladas=frozenset()), places)
    card = prices(states=dict.fromkeys(places.states, Decimal(50)) | STATES)

    assert rule.list_price(card, ladas, places) == (Decimal(95), "Estados: Jalisco y Nuevo León")


def test_a_cheap_lada_beside_a_dear_one_lowers_nothing(places):
    card = prices(ladas={"55": Decimal(120), "664": Decimal(40)})

    assert rule.list_price(card, {"664"}, places) == (Decimal(40), "LADA 664 Tijuana")
    assert rule.list_price(card, {"55", "664"}, places)[0] == Decimal(120)


def test_the_rate_of_a_lada_comes_before_that_of_its_state(places):
    assert rule.list_price(prices(ladas={"33": Decimal(60)}), {"33"}, places)[0] == Decimal(60)
    assert rule.list_price(prices(), {"33"}, places) == (Decimal(95), "Estado: Jalisco")


def test_a_lada_of_two_states_takes_the_lower_so_that_a_state_never_costs_more_than_its_rate(
    places,
):
    spanning = {"322"}
    assert all("322" in places.ladas_of[state] for state in ("14", "18"))

    assert rule.list_price(prices(), spanning, places) == (Decimal(70), "Estado: Nayarit")
    whole = places.ladas_of["18"]
    card = prices(states=dict.fromkeys(places.states, Decimal(99)) | {"18": Decimal(70)})
    assert rule.list_price(card, whole, places)[0] == Decimal(70)


def test_a_place_without_a_price_is_not_sold_and_is_named(places):
    with pytest.raises(Unpriced, match="664 Tijuana: quítala") as refused:
        rule.list_price(prices(), {"33", "664"}, places)

    assert refused.value.ladas == ["664"]
    assert set(rule.unpriced(prices(), places)) >= {"664", "998"}
    assert rule.unpriced(prices(states=dict.fromkeys(places.states, Decimal(1))), places) == []


PACKAGES = [PackageTerms("Plata", 100_000, Decimal(5)), PackageTerms("Oro", 1_000_000, Decimal(10))]


@pytest.mark.parametrize(
    ("volume", "per_thousand", "package"),
    [
        (99_999, "95.00", ""),
        (100_000, "90.25", "Plata"),
        (999_999, "90.25", "Plata"),
        (1_000_000, "85.50", "Oro"),
    ],
)
def test_an_order_has_the_discount_of_the_largest_package_that_it_reaches(
    places, volume, per_thousand, package
):
    quote = rule.price(prices(packages=PACKAGES), {"33"}, volume, places)

    assert (quote.per_thousand, quote.package) == (Decimal(per_thousand), package)
    assert (quote.list_per_thousand, quote.contracted) == (Decimal(95), volume)


@pytest.mark.parametrize(
    ("minimum", "volume", "least"),
    [
        ({}, 1, 1),
        ({"min_volume": 50_000}, 1, 50_000),
        ({"min_volume": 50_000}, 60_000, 60_000),
        ({"min_net": Decimal("950.00")}, 1, 10_000),  # 9,999 cost 949.905, which is 949.91
        ({"min_net": Decimal("949.91")}, 1, 9_999),
        # 100,000 of the package cost 9,025: below the minimum that 99,999 reach at 95.
        ({"min_net": Decimal("9200.00")}, 1, 96_843),
        ({"min_net": Decimal("9200.00")}, 100_000, 101_940),
        ({"min_net": Decimal("9600.00")}, 1, 106_372),
    ],
)
def test_the_least_volume_is_the_next_that_the_card_sells(places, minimum, volume, least):
    card = prices(packages=PACKAGES, **minimum)

    assert rule.least_volume(card, Decimal(95), at_least=volume) == least


@settings(max_examples=60)
@given(
    st.decimals(Decimal("0.50"), Decimal(500), places=2),
    st.decimals(Decimal(1), Decimal(20_000), places=2),
    st.integers(1, 2_000_000),
)
def test_the_least_volume_sells_and_one_less_does_not(per_thousand, min_net, volume):
    card = prices(packages=PACKAGES, min_net=min_net)
    least = rule.least_volume(card, per_thousand, at_least=volume)

    def sells(count):
        package = card.package_of(count)
        cost = rule.less(per_thousand, package.percent) if package else per_thousand
        return rule.amount(cost, count) >= min_net

    assert sells(least)
    assert least >= volume
    assert least == volume or not sells(least - 1)
