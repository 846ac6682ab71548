"""Nothing of a sandbox brand reaches the channel, and nothing of the channel reaches it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import connection, transaction
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import conversation, lifecycle, outbox, review, shortfalls
from campaigns.certificates import issue
from campaigns.certificates.errors import CertificateNotReady
from campaigns.errors import BrandSuspended
from campaigns.models import (
    AdOrder,
    Brand,
    Campaign,
    Certificate,
    CountedDay,
    Event,
    Link,
    Notice,
)
from campaigns.models.ad_order import AdOrderManager
from campaigns.reconciliation import our_orders
from campaigns.report_mails import figures
from campaigns.report_mails.weeks import Span
from campaigns.reports.delivery import DAY, HOUR, midnight
from campaigns.results import final_days
from campaigns.sandbox_brands import brand as sandbox_brands
from campaigns.sandbox_brands import clock
from campaigns.sandbox_brands.decisions import Decision, decide
from campaigns.staff_reports import orders as staff_orders
from campaigns.staff_reports import review_times, sales
from inventory import audit, availability, occupancy
from inventory.models import Capacity, JournalEntry, Reservation
from inventory.terms import Terms
from tests import statuses
from tests.api.conftest import everything
from tests.campaigns.sandbox_brands.conftest import approve, terms_of
from tests.counts import make_final

pytestmark = pytest.mark.django_db
Status = Campaign.Status


def send_all(client):
    sent = 0
    while claimed := outbox.claim():
        outbox.send(claimed, client)
        sent += 1
    return sent


def play(campaign, brand, owner):
    """Pause and resume a campaign on air, and play it to its end."""
    clock.move(brand.pk, midnight(campaign.starts_on) + 12 * HOUR, by=owner)
    lifecycle.pause(campaign.pk, by=owner)
    lifecycle.resume(campaign.pk, by=owner)
    clock.move(brand.pk, midnight(campaign.ends_on + DAY), by=owner)


def test_nothing_reaches_the_gateway(sold, tests_brand, owner, sandbox, client):
    play(sold, tests_brand, owner)

    lifecycle.follow_plan()
    assert send_all(client) == 0
    assert list(client.list_ad_orders()) == []
    assert our_orders.read(whole=True, now=timezone.now()) == {}


def test_without_the_guard_it_would_reach_the_gateway(
    tests_brand, owner, sandbox, client, monkeypatch
):
    """The negative control of the test above."""
    monkeypatch.setattr(AdOrderManager, "simulate", AdOrderManager.request)

    approve(tests_brand, owner)

    assert send_all(client) == 1
    assert len(list(client.list_ad_orders())) == 1


def inventory_of_the_channel(terms):
    wanted = Terms(60_000, ["33", "55", "81"], terms["starts_on"], terms["ends_on"])
    found = availability.check(wanted)
    total = occupancy.read(occupancy.places(), terms["starts_on"], terms["ends_on"]).total
    return found.days, total, Capacity.objects.aggregate(Sum("planned"), Sum("capacity"))


def test_it_takes_nothing_of_the_channel(on_sale, tests_brand, owner):
    terms = terms_of(tests_brand)
    before = inventory_of_the_channel(terms)

    sold = approve(tests_brand, owner)

    assert inventory_of_the_channel(terms) == before
    assert audit.find_breaches() == []
    assert not JournalEntry.objects.exists()
    Reservation.objects.filter(pk=sold.reservation_id).update(ledger=None)
    assert inventory_of_the_channel(terms) != before  # the negative control
    assert audit.find_breaches()


def test_it_has_inventory_where_the_channel_has_none(sold):
    assert not Capacity.objects.exists()
    assert sold.reservation.quantity == sum(sold.reservation.planned_by_day().values())


def test_what_does_not_fit_its_own_inventory_is_declined(tests_brand, owner, settings):
    settings.DAILY_NOTIFICATIONS = 400_000
    first = lifecycle.draft(tests_brand.pk, terms_of(tests_brand), by=owner)
    second = lifecycle.draft(tests_brand.pk, terms_of(tests_brand) | {"volume": 400_000}, by=owner)
    for campaign in (first, second):
        lifecycle.submit(campaign.pk, by=owner)
        lifecycle.hold_submitted()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Status.IN_REVIEW, Status.NO_INVENTORY)
    assert second.reservation is None


def test_staff_see_and_receive_nothing(submitted, owner, reviewer):
    lifecycle.hold_submitted()
    conversation.write(submitted.pk, "Hola", side=conversation.Side.BRAND, by=owner)
    reviewer.user_permissions.add(Permission.objects.get(codename="view_reservation"))
    staff = Client()
    staff.force_login(reviewer)

    assert not review.waiting().exists()
    assert not Notice.objects.exists()
    assert mail.outbox == []
    page = staff.get(reverse("admin:campaigns_campaign_changelist") + "?etapa=todas")
    assert page.context["cl"].result_count == 0
    assert staff.get(reverse("admin:campaigns_campaign_change", args=[submitted.pk])).url
    assert (
        staff.get(reverse("admin:inventory_reservation_changelist")).context["cl"].result_count == 0
    )


def test_no_certificate_is_issued_of_it(sold, tests_brand, owner):
    """A certificate is checked by strangers: it must not prove what was never on the air."""
    clock.move(tests_brand.pk, midnight(sold.ends_on + 5 * DAY), by=owner)
    with pytest.raises(CertificateNotReady, match="marca de pruebas"):
        issue.issue(sold.pk, by=owner)
    assert not Certificate.objects.exists()

    Campaign.objects.filter(pk=sold.pk).update(sandbox=False)  # without the guard there is one
    assert issue.issue(sold.pk, by=owner).is_new


def test_its_days_are_final_by_its_own_hours_alone(sold, tests_brand, owner):
    order = sold.ad_order.pk
    make_final(sold.starts_on, sold.ends_on)  # the channel's
    clock.move(tests_brand.pk, midnight(sold.ends_on + DAY), by=owner)
    final_days.settle()
    assert not CountedDay.objects.filter(ad_order=order, final_at__isnull=False).exists()

    clock.move(tests_brand.pk, midnight(sold.ends_on + 5 * DAY), by=owner)
    days = CountedDay.objects.filter(ad_order=order)
    assert days.exists()
    assert all(final_at <= clock_of(tests_brand) for final_at in finals(days))


def clock_of(brand):
    return Brand.objects.get(pk=brand.pk).now()


def finals(days):
    found = list(days.values_list("final_at", flat=True))
    assert None not in found
    return found


def test_staff_reports_and_mails_count_nothing_of_it(sold, tests_brand, owner):
    first, last = sold.starts_on, sold.ends_on
    clock.move(tests_brand.pk, midnight(last + DAY), by=owner)
    counted = AdOrder.objects.filter(campaign=sold)

    def seen():
        return (
            staff_orders.of_span(first, last),
            review_times.decisions(timezone.localdate(), last),
            sales.by_brand(first, last),
            list(figures.ran(Span(first, last))),
        )

    assert all(not each for each in seen())
    assert shortfalls.report_due(clock_of(tests_brand)) == 0
    Campaign.objects.filter(pk=sold.pk).update(sandbox=False)  # the control
    assert [order.order for order in staff_orders.of_span(first, last)] == [counted.get().pk]
    assert list(figures.ran(Span(first, last))) == [sold]


def test_its_short_link_redirects_nowhere(tests_brand, owner):
    terms = terms_of(tests_brand) | {"text": "Recarga", "destination": "https://tienda.mx/promo"}
    campaign = lifecycle.draft(tests_brand.pk, terms, by=owner)
    campaign = lifecycle.insert_link(campaign.pk, revision=1, by=owner)
    lifecycle.submit(campaign.pk, by=owner)
    decide(campaign.pk, Decision.APPROVE, by=owner)
    code = campaign.link.code

    assert Link.objects.resolve(code) is None
    Campaign.objects.filter(pk=campaign.pk).update(sandbox=False)
    assert Link.objects.resolve(code).url == "https://tienda.mx/promo"  # the negative control


def test_a_real_campaign_beside_it_does_not_move(approved, tests_brand, owner):
    lifecycle.schedule(approved.pk)
    sold = approve(tests_brand, owner)
    real = Campaign.objects.filter(sandbox=False)
    before = list(real.values())

    play(sold, tests_brand, owner)

    assert list(real.values()) == before
    assert approved.events.filter(move="start").count() == 0


def test_the_real_clock_does_not_move_it(sold, tests_brand, time_machine):
    time_machine.move_to(midnight(sold.ends_on + 2 * DAY), tick=False)

    assert lifecycle.advance_due() == 0
    assert Campaign.objects.get(pk=sold.pk).status == Status.SCHEDULED
    assert Brand.objects.get(pk=tests_brand.pk).now() == tests_brand.clock


def test_it_is_suspended_with_its_brand(sold, tests_brand, owner, reviewer):
    reviewer.user_permissions.add(Permission.objects.get(codename="suspend_brand"))
    reviewer = type(reviewer).objects.get(pk=reviewer.pk)
    lifecycle.suspend(tests_brand.sandbox_of_id, reason="Adeudo", by=reviewer)

    with pytest.raises(BrandSuspended):
        clock.move(tests_brand.pk, HOUR, by=owner)


def test_a_reset_leaves_nothing_and_records_are_kept_again(sold, tests_brand, owner):
    play(sold, tests_brand, owner)
    assert Event.objects.filter(campaign=sold).exists()
    statuses.commit()

    again = sandbox_brands.reset(tests_brand.pk, by=owner)

    left = {table: rows for table, (rows, _hash) in everything("campaigns", "inventory").items()}
    kept = {"campaigns_brand", "campaigns_membership", "campaigns_reason"}
    tables = {table for table, rows in left.items() if rows} - kept
    assert not {table for table in tables if table.startswith("campaigns_")}
    assert "inventory_reservation" not in tables
    assert abs(again.clock - timezone.now()) < HOUR
    approve(again, owner)
    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        Event.objects.all()._raw_delete("default")


def test_a_reset_touches_no_other_brand(approved, sold, tests_brand, owner):
    real = Campaign.objects.filter(sandbox=False)
    before = list(real.values()), approved.events.count(), AdOrder.objects.get(campaign=approved)
    statuses.commit()

    sandbox_brands.reset(tests_brand.pk, by=owner)

    after = list(real.values()), approved.events.count(), AdOrder.objects.get(campaign=approved)
    assert after == before


@pytest.mark.django_db(transaction=True)
def test_two_sandboxes_go_by_their_own_clocks_at_the_same_time(brand, owner, stranger):
    other = stranger.memberships.get().brand
    mine, theirs = (
        sandbox_brands.create(each.pk, by=person)
        for each, person in ((brand, owner), (other, stranger))
    )
    campaigns = [approve(mine, owner), approve(theirs, stranger)]
    ends = midnight(campaigns[0].ends_on + DAY)

    def move(sandbox, person, times, hours):
        try:
            for _step in range(times):
                clock.move(sandbox.pk, hours * HOUR, by=person)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        jobs = [
            pool.submit(move, mine, owner, 3, 72),
            pool.submit(move, theirs, stranger, 4, 6),
            pool.submit(move, theirs, stranger, 4, 6),
        ]
        for job in jobs:
            job.result(timeout=120)

    mine.refresh_from_db()
    before = theirs.clock
    theirs.refresh_from_db()
    assert theirs.clock == before + 48 * HOUR  # no step was lost
    assert mine.clock > ends > theirs.clock
    found = [Campaign.objects.get(pk=campaign.pk).status for campaign in campaigns]
    assert found == [Status.FINISHED, Status.SCHEDULED]
