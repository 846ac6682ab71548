"""One line a brand: hand-computed sums, and a bounded number of queries over many campaigns."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import AdOrder, Brand, Campaign, Link, LinkHour, OrderCount
from campaigns.reports.delivery import midnight
from campaigns.staff_reports import brand_results, orders, shortfalls
from inventory.models import Allocation, Reservation
from tests import statuses
from tests.campaigns.staff_reports.conftest import insert, move_to

MANY = 3_000


def test_a_brand_has_its_sums(make, day, draft, editor, reviewer, stranger, brand, time_machine):
    first = make()
    second = make(volume=100)
    make(brand=stranger.brands.get(), by=stranger, volume=50, area={"ladas": ["81"]})
    insert(first, day, 850, 700)
    insert(second, day, 100, 90)
    for kind, count in ((LinkHour.Kind.PEOPLE, 7), (LinkHour.Kind.BOTS, 100)):
        link = Link.objects.get_or_create_for(first)
        LinkHour.objects.create(link=link, hour=midnight(day), kind=kind, count=count)
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()
    lifecycle.reject(
        draft.pk, version=1, reasons=["La oferta no se entiende"], comment="", by=reviewer
    )
    asked = timezone.localdate()
    move_to(time_machine, day + timedelta(days=2))

    other, own = brand_results.read(asked, day, timezone.now())

    assert own == (brand.pk, "Tienda", 2, 1_000, 950, 790, 7, 1, 50, 2, 0, 1)
    assert (own.percent, own.decisions) == (79, 3)
    assert (other.name, other.campaigns, other.missing, other.approved) == ("Otra", 1, 50, 1)


def test_without_campaigns_there_are_no_brands(brand):
    today = timezone.localdate()

    assert brand_results.read(today, today, timezone.now()) == []


@pytest.fixture
def many(make, day):
    """Thousands of finished campaigns of a hundred brands that delivered half."""
    made = make(volume=2)
    reservation = Reservation.objects.get(pk=made.reservation_id)
    quantities = Allocation.objects.get(pk=reservation.pk).quantities
    brands = Brand.objects.bulk_create(
        Brand(name=f"Marca {n}", slug=f"marca-{n}") for n in range(100)
    )
    reservation.pk = None
    held = Reservation.objects.bulk_create(
        Reservation(
            **{f.attname: getattr(reservation, f.attname) for f in reservation._meta.fields}
        )
        for _number in range(MANY)
    )
    Allocation.objects.bulk_create(
        Allocation(reservation=each, quantities=quantities) for each in held
    )
    fields = {
        field.attname: getattr(made, field.attname)
        for field in Campaign._meta.fields
        if field.name not in ("id", "folio", "brand", "reservation", "status")
    }
    rows = Campaign.objects.bulk_create(
        Campaign(brand=brands[n % 100], reservation=each, folio=f"LP-{n:06}", **fields)
        for n, each in enumerate(held)
    )
    sent = AdOrder.objects.bulk_create(AdOrder(campaign=row, generation=1) for row in rows)
    OrderCount.objects.bulk_create(
        OrderCount(
            ad_order=order.pk,
            as_of=timezone.now(),
            inserted=1,
            delivered=1,
            failed=0,
            no_receipt=0,
        )
        for order in sent
    )
    return rows


def test_thousands_of_campaigns_take_no_more_queries(
    many, day, time_machine, django_assert_max_num_queries
):
    for row in many[:50]:
        statuses.put(row.pk, "finished")
    move_to(time_machine, day)

    with django_assert_max_num_queries(9):
        found = brand_results.read(day, day, timezone.now())

    assert sum(row.campaigns for row in found) == MANY + 1
    assert sum(row.short for row in found) == 50
    assert sum(row.inserted for row in found) == MANY
    with django_assert_max_num_queries(5):
        assert len(shortfalls.find(day, day, timezone.now())) == 50
    with django_assert_max_num_queries(1):
        assert len(orders.of_span(day, day)) == MANY + 1
