"""What is charged: by hand, and for any count."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.pricing.quote import Quote, amount, format_pesos, less

CENTAVOS = st.decimals(Decimal("0.01"), Decimal("999999.99"), places=2)
COUNTS = st.integers(0, 1_200_000_000)


def quote(per_thousand, contracted, *, listed=None, tax="16", lost=False):
    cost = Decimal(per_thousand)
    return Quote(cost, Decimal(tax), contracted, Decimal(listed or cost), is_discount_lost=lost)


# Price of a thousand, contracted, delivered: charged, net, IVA, total. Computed by hand.
BY_HAND = [
    ("95.00", 60_000, 60_000, 60_000, "5700.00", "912.00", "6612.00"),
    ("95.00", 60_000, 59_999, 59_999, "5699.91", "911.99", "6611.90"),  # 5699.905 and 911.9856
    ("95.00", 60_000, 75_000, 60_000, "5700.00", "912.00", "6612.00"),
    ("95.00", 60_000, 0, 0, "0.00", "0.00", "0.00"),
    ("0.01", 1_000, 499, 499, "0.00", "0.00", "0.00"),  # 0.00499
    ("0.01", 1_000, 500, 500, "0.01", "0.00", "0.01"),  # 0.005 is rounded up, its IVA 0.0016 down
    (
        "83.33",
        1_000_000,
        123_457,
        123_457,
        "10287.67",
        "1646.03",
        "11933.70",
    ),  # 10,287.6718 and 1,646.0272
    ("33.13", 1_000, 1_000, 1_000, "33.13", "5.30", "38.43"),  # 5.3008
    ("78.125", 0, 0, 0, "0.00", "0.00", "0.00"),
]


@pytest.mark.parametrize(("cost", "most", "delivered", "charged", "net", "tax", "total"), BY_HAND)
def test_charges_computed_by_hand(cost, most, delivered, charged, net, tax, total):
    found = quote(cost, most).charge(delivered)

    assert (found.charged, *map(str, found[1:])) == (charged, net, tax, total)


def test_half_a_centavo_of_tax_is_rounded_up():
    assert quote("0.03", 1_000, tax="50").charge(1_000).tax == Decimal("0.02")  # 0.015


def test_a_price_without_its_discount_is_charged_to_who_cancels_but_no_more_than_the_whole():
    lost = quote("90.00", 1_000_000, listed="100.00", lost=True)

    assert lost.charge(100_000).net == Decimal("10000.00")
    assert lost.charge(950_000).net == Decimal("90000.00")  # 95,000 of list, 90,000 in full
    assert quote("90.00", 1_000_000, listed="100.00").charge(100_000).net == Decimal("9000.00")


@given(CENTAVOS, COUNTS, COUNTS, COUNTS, st.decimals(0, 99, places=2), st.integers(0, 90))
def test_a_charge_grows_with_what_is_delivered_up_to_what_was_contracted(
    listed, contracted, one, other, tax, percent
):
    for lost in (False, True):
        price = Quote(
            less(listed, Decimal(percent)), tax, contracted, listed, is_discount_lost=lost
        )
        less_, more = (price.charge(count) for count in sorted((one, other)))

        assert less_.charged <= more.charged <= contracted
        assert less_.net <= more.net <= price.full.net == amount(price.per_thousand, contracted)
        assert less_.total <= more.total <= price.full.total
        for charge in (less_, more):
            assert charge.total == charge.net + charge.tax
            assert charge.net == round(charge.net, 2)


@given(CENTAVOS, COUNTS)
def test_a_sum_is_the_nearest_centavo(per_thousand, count):
    exact = per_thousand * count / 1000

    assert -Decimal("0.005") < exact - amount(per_thousand, count) < Decimal("0.005") or (
        amount(per_thousand, count) - exact == Decimal("0.005")
    )


def test_sums_are_written_as_in_mexico():
    assert format_pesos(Decimal("1234567.5")) == "$1,234,567.50"
