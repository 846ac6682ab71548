"""The clock of a sandbox brand plays what happens to its campaigns."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.errors import BadClock, NotAllowed, SandboxOnly
from campaigns.models import Campaign, HourCount, LinkHour, WebhookDelivery
from campaigns.reports import delivery
from campaigns.reports.delivery import DAY, HOUR, midnight
from campaigns.results import finality, pacing, summary
from campaigns.sandbox_brands import brand as sandbox_brands
from campaigns.sandbox_brands import clock
from campaigns.sandbox_brands.decisions import Decision, decide
from campaigns.webhooks import subscriptions
from tests import statuses
from tests.api.conftest import everything
from tests.campaigns.sandbox_brands.conftest import approve, terms_of

pytestmark = pytest.mark.django_db
Status = Campaign.Status


def counts_of(campaign):
    rows = HourCount.objects.filter(ad_order=campaign.ad_order.pk)
    return sorted(rows.values_list("hour", "lada", "revision", "inserted", "delivered"))


def test_a_campaign_goes_from_draft_to_a_final_report(sold, tests_brand, owner):
    first, last = sold.starts_on, sold.ends_on
    assert sold.status == Status.SCHEDULED
    noon = midnight(first) + 12 * HOUR + HOUR / 2

    clock.move(tests_brand.pk, noon, by=owner)

    sold = Campaign.objects.get(pk=sold.pk)
    assert sold.status == Status.LIVE
    found = delivery.of_campaign(sold)
    assert 0 < found.delivered < found.inserted < 20_000
    assert (found.as_of, found.reason, found.is_final) == (noon, None, False)

    end = midnight(last + DAY)
    brand = clock.move(tests_brand.pk, end + 72 * HOUR, by=owner)

    sold = Campaign.objects.get(pk=sold.pk)
    assert sold.status == Status.FINISHED
    found = delivery.of_campaign(sold)
    assert found.inserted == 60_000
    assert found.inserted == found.delivered + found.failed + found.no_receipt
    assert found.is_final
    total = summary.of([sold], first, last)
    assert total.total.inserted == 60_000
    assert list(total.by_day) == [first, first + DAY, last]
    assert finality.read(first, last, brand).of_days(first, last) == end + 72 * HOUR
    assert finality.read(first, last).of_days(first, last) is None
    assert pacing.of_campaign(sold).projected == 60_000
    history = [(event.move, event.at) for event in sold.events.all()]
    assert history[-2:] == [("start", midnight(first)), ("finish", end)]


def test_the_same_terms_give_the_same_counts_in_one_step_or_many(tests_brand, owner):
    sold = approve(tests_brand, owner)
    end = midnight(sold.ends_on + DAY) + 72 * HOUR
    clock.move(tests_brand.pk, end, by=owner)
    at_once = counts_of(sold)
    statuses.commit()

    tests_brand = sandbox_brands.reset(tests_brand.pk, by=owner)
    sold = approve(tests_brand, owner)
    while tests_brand.clock < end:
        step = min(17 * HOUR, end - tests_brand.clock)
        tests_brand = clock.move(tests_brand.pk, step, by=owner)

    assert counts_of(sold) == at_once
    assert {revision for _hour, _lada, revision, *_counts in at_once} == {3}


def test_what_is_paused_or_cancelled_is_not_delivered(sold, tests_brand, owner):
    clock.move(tests_brand.pk, midnight(sold.starts_on) + 12 * HOUR, by=owner)
    lifecycle.pause(sold.pk, by=owner)
    before = len(counts_of(sold))

    clock.move(tests_brand.pk, 6 * HOUR, by=owner)
    assert len(counts_of(sold)) == before
    lifecycle.resume(sold.pk, by=owner)
    clock.move(tests_brand.pk, HOUR, by=owner)
    assert len(counts_of(sold)) == before + 3  # LADAs
    lifecycle.cancel(sold.pk, by=owner)
    clock.move(tests_brand.pk, 48 * HOUR, by=owner)

    assert len(counts_of(sold)) == before + 3
    assert Campaign.objects.get(pk=sold.pk).status == Status.CANCELLED


def test_clicks_are_counted_and_webhooks_have_the_time_of_the_clock(tests_brand, owner):
    subscriptions.create(tests_brand.pk, "https://agencia-eventos.com/x", [], by=owner)
    campaign = lifecycle.draft(
        tests_brand.pk,
        terms_of(tests_brand) | {"text": "Recarga", "destination": "https://tienda.mx/promo"},
        by=owner,
    )
    lifecycle.insert_link(campaign.pk, revision=1, by=owner)
    lifecycle.submit(campaign.pk, by=owner)
    decide(campaign.pk, Decision.APPROVE, by=owner)

    clock.move(tests_brand.pk, midnight(campaign.starts_on) + DAY, by=owner)

    assert sum(LinkHour.objects.values_list("count", flat=True)) > 100
    started = WebhookDelivery.objects.get(type__endswith="campaign-started")
    at = midnight(campaign.starts_on).astimezone(timezone.get_fixed_timezone(0))
    assert f'"time":"{at:%Y-%m-%dT%H:%M:%S}.000Z"' in started.body


def test_one_that_is_not_decided_in_time_expires(submitted, tests_brand, owner):
    clock.move(tests_brand.pk, midnight(submitted.starts_on), by=owner)

    submitted.refresh_from_db()
    assert submitted.status == Status.EXPIRED
    expired = submitted.events.get(move="expire")
    assert expired.at == submitted.decide_by


@pytest.mark.parametrize(
    ("to", "error"),
    [
        (lambda now: now - HOUR, BadClock),
        (lambda now: now + clock.MAX_STEP + HOUR, BadClock),
    ],
)
def test_a_clock_that_cannot_go_there_stays(sold, tests_brand, owner, to, error):
    before = everything("campaigns", "inventory")

    with pytest.raises(error):
        clock.move(tests_brand.pk, to(tests_brand.clock), by=owner)

    assert everything("campaigns", "inventory") == before


def test_a_step_plays_only_so_many_counts(sold, tests_brand, owner, monkeypatch):
    monkeypatch.setattr(clock, "MAX_COUNTS", 3 * 24)  # LADAs and hours: a day
    end = midnight(sold.starts_on + DAY)
    before = everything("campaigns", "inventory")

    with pytest.raises(BadClock):
        clock.move(tests_brand.pk, end + HOUR, by=owner)
    assert everything("campaigns", "inventory") == before

    clock.move(tests_brand.pk, end, by=owner)
    assert len(counts_of(sold)) == 3 * 24


def test_a_clock_goes_only_so_far_from_the_real_time(tests_brand, owner):
    for _step in range(2):
        clock.move(tests_brand.pk, clock.MAX_STEP, by=owner)

    with pytest.raises(BadClock):
        clock.move(tests_brand.pk, clock.MAX_AHEAD - 2 * clock.MAX_STEP + HOUR, by=owner)


def test_a_real_brand_has_no_clock_no_reviewer_and_no_reset(approved, brand, owner):
    before = everything("campaigns", "inventory")

    with pytest.raises(SandboxOnly):
        clock.move(brand.pk, HOUR, by=owner)
    with pytest.raises(SandboxOnly):
        sandbox_brands.reset(brand.pk, by=owner)
    with pytest.raises(SandboxOnly):
        decide(approved.pk, Decision.REJECT, reasons=["No"], by=owner)

    assert everything("campaigns", "inventory") == before


def test_only_who_writes_for_it_moves_its_clock_and_staff_do_not_decide(
    submitted, tests_brand, viewer, reviewer
):
    lifecycle.hold_submitted()
    before = everything("campaigns", "inventory")

    for person in (viewer, reviewer):
        with pytest.raises(NotAllowed):
            clock.move(tests_brand.pk, timedelta(hours=1), by=person)
        with pytest.raises(NotAllowed):
            lifecycle.approve(submitted.pk, version=1, by=person)

    assert everything("campaigns", "inventory") == before
