"""The clock of a sandbox brand plays what happens to its campaigns."""

import pytest

from campaigns.models import Campaign
from campaigns.reports import delivery
from campaigns.reports.delivery import DAY, HOUR, midnight
from campaigns.results import finality, pacing, summary
from campaigns.sandbox_brands import clock
from campaigns.sandbox_brands.decisions import Decision, decide

pytestmark = pytest.mark.django_db
Status = Campaign.Status


@pytest.fixture
def approved(submitted, owner):
    return decide(submitted.pk, Decision.APPROVE, by=owner)


def test_a_campaign_goes_from_draft_to_a_final_report(approved, sandbox, owner):
    first, last = approved.starts_on, approved.ends_on
    assert approved.status == Status.SCHEDULED

    clock.move(sandbox.pk, midnight(first) + 12 * HOUR + HOUR / 2, by=owner)

    approved.refresh_from_db()
    assert approved.status == Status.LIVE
    found = delivery.of_campaign(Campaign.objects.get(pk=approved.pk))
    assert 0 < found.delivered < found.inserted < 20_000
    assert found.as_of == midnight(first) + 12 * HOUR + HOUR / 2
    assert found.reason is None

    clock.move(sandbox.pk, midnight(last + DAY) + 72 * HOUR, by=owner)

    approved.refresh_from_db()
    approved.brand.refresh_from_db()
    assert approved.status == Status.FINISHED
    found = delivery.of_campaign(approved)
    assert found.inserted == 60_000
    assert found.inserted == found.delivered + found.failed + found.no_receipt
    assert found.is_final
    total = summary.of([approved], first, last)
    assert total.total.inserted == 60_000
    assert list(total.by_day) == [first, first + DAY, last]
    brand = approved.brand
    assert (
        finality.read(first, last, brand).of_days(first, last) == midnight(last + DAY) + 72 * HOUR
    )
    assert finality.read(first, last).of_days(first, last) is None
    assert pacing.of_campaign(approved).projected == 60_000
    assert [(event.move, event.at) for event in approved.events.all()][-2:] == [
        ("start", midnight(first)),
        ("finish", midnight(last + DAY)),
    ]
