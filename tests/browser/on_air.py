"""Campaigns that are or were on air, with counts of the gateway."""

from datetime import timedelta

from django.utils import timezone

from campaigns import lifecycle
from campaigns.models import AdOrder, Campaign
from campaigns.results.counts import Counts
from inventory.models import Reservation
from tests import counts, statuses
from tests.results import put_counts

DAY = timedelta(days=1)


def put_on_air(draft, editor, reviewer, *, status="live", days_ago=1):
    """Return a copy of a draft in a status, whose three days began some days ago."""
    campaign = lifecycle.copy(draft.pk, by=editor)
    lifecycle.submit(campaign.pk, by=editor)
    lifecycle.hold_submitted()
    campaign = lifecycle.approve(campaign.pk, version=1, by=reviewer)
    first = timezone.localdate() - days_ago * DAY
    span = {"starts_on": first, "ends_on": first + 2 * DAY}
    Reservation.objects.filter(pk=campaign.reservation_id).update(**span)
    statuses.put(campaign.pk, status, **span)
    AdOrder.objects.filter(campaign=campaign).update(acknowledged_generation=1)
    return Campaign.objects.get(pk=campaign.pk)


def _hours(campaign):
    """Return counts of the first day's hours in three LADAs, one of them with few."""
    return {
        (counts.at(campaign.starts_on, hour), lada): Counts(inserted, inserted - 40, 30, 5)
        for hour in range(9, 15)
        for lada, inserted in (("55", 2_000 + 100 * hour), ("33", 600), ("81", 45))
    }


def make(draft, editor, reviewer):
    """Return a live campaign with counts, one that is not counted yet, and a final one."""
    counts.beat()
    counted = put_on_air(draft, editor, reviewer)
    put_counts(counted, _hours(counted))
    counts.count(counted, 24_300, 21_480, failed=1_105, no_receipt=640)
    zero = put_on_air(draft, editor, reviewer, days_ago=0)
    final = put_on_air(draft, editor, reviewer, status="finished", days_ago=9)
    counts.count(final, 60_000, 56_218, failed=2_602, no_receipt=1_180)
    counts.make_final(final.starts_on, final.ends_on)
    return counted, zero, final
