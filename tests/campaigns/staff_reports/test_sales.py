"""Sell-through for staff: each figure by day, state, LADA and brand, worked out by hand."""

from datetime import timedelta

from django.utils import timezone

from campaigns import lifecycle
from campaigns.staff_reports import sales
from campaigns.staff_reports.sales import BrandSales, Sales
from inventory import reservations
from inventory.terms import Terms
from tests.campaigns.staff_reports.conftest import insert, move_to, report_traffic

CELLS = 413  # LADAs


def hold(day, quantity, lada):
    terms = Terms(quantity=quantity, ladas=[lada], starts_on=day, ends_on=day)
    expires_at = timezone.now() + timedelta(days=9)
    return reservations.hold(terms, reference="LP-TEST22", expires_at=expires_at)


def test_a_day_has_what_was_on_sale_promised_and_delivered(make, day, time_machine):
    campaign = make()
    hold(day, 300, "55")
    move_to(time_machine, day)
    insert(campaign, day, 850, 700)
    report_traffic(day, "33", 2_000, 1_700, 850)
    report_traffic(day, "55", 1_000, 300)

    table = sales.read(day, day + timedelta(days=1))

    whole = Sales(CELLS * 1_000, 300, 900, 850, 700, 2_000, 850)
    assert table.by_day() == {
        day: whole,
        day + timedelta(days=1): Sales(on_sale=CELLS * 1_000),
    }
    assert table.by_lada()["33"] == Sales(2_000, 0, 900, 850, 700, 1_700, 850)
    assert table.by_lada()["55"] == Sales(2_000, 300, 0, 0, 0, 300, 0)
    jalisco = table.by_state()["14"]
    assert jalisco[1:] == (0, 900, 850, 700, 1_700, 850)
    assert table.total == whole._replace(on_sale=2 * CELLS * 1_000)
    assert (whole.fill, whole.sold, whole.free) == (42.5, 1, CELLS * 1_000 - 1_200)
    assert table.by_lada()["81"].fill is None


def test_all_views_add_up_to_the_same(make, day, time_machine):
    insert(make(), day, 850, 700)
    move_to(time_machine, day)
    report_traffic(day, "999", 70, 60, 50)  # a LADA that the catalogue lacks

    table = sales.read(day - timedelta(days=1), day)

    views = (table.by_day(), table.by_state(), table.by_lada())
    assert {
        tuple(sum(row[kind] for row in view.values()) for kind in range(7)) for view in views
    } == {tuple(table.total)}
    assert table.total.eligible == 60


def test_a_brand_has_its_campaigns_promises_and_deliveries(
    make, day, draft, editor, stranger, time_machine
):
    insert(make(), day, 850, 700)
    other = make(brand=stranger.brands.get(), by=stranger, volume=60, area={"ladas": ["81"]})
    insert(other, day, 60, 40, "81")
    lifecycle.edit(draft.pk, {"volume": 30, "ends_on": day}, revision=1, by=editor)
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()

    assert sales.by_brand(day, day) == [
        BrandSales("Tienda", 2, 30, 900, 850, 700),
        BrandSales("Otra", 1, 0, 60, 60, 40),
    ]
    assert sales.by_brand(day + timedelta(days=1), day + timedelta(days=2)) == []


def test_what_was_given_back_is_not_sold(make, day, editor):
    campaign = make()
    lifecycle.cancel(campaign.pk, by=editor)

    assert sales.read(day, day).total.booked == 0
    assert sales.by_brand(day, day) == [BrandSales("Tienda", 1, 0, 0, 0, 0)]
