"""A campaign is decided early enough for operations, and both sides are told until when."""

from datetime import datetime, time, timedelta

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from campaigns import lifecycle
from campaigns.errors import WrongStatus
from campaigns.models import Campaign
from inventory.errors import HoldExpired
from inventory.models import Capacity, Reservation

pytestmark = pytest.mark.django_db

Status = Campaign.Status


def at(day):
    return timezone.make_aware(datetime.combine(day, time()))


def planned():
    return Capacity.objects.aggregate(total=Sum("planned"))["total"]


def state(campaign):
    events = campaign.events.count()
    return (
        campaign.status,
        events,
        planned(),
        Reservation.objects.values_list("status", "expires_at").get(),
    )


@pytest.mark.parametrize("hours", [0, 1, 12, 23, 24, 25, 36, 47])
def test_a_review_ends_in_time_for_operations_to_the_second(
    campaign_in_review, reviewer, time_machine, settings, hours
):
    settings.OPERATIONS_HOURS = hours
    last = at(campaign_in_review.starts_on) - timedelta(hours=hours)
    Reservation.objects.update(expires_at=last + timedelta(days=1))  # made under other settings

    time_machine.move_to(last - timedelta(seconds=1))
    assert lifecycle.advance_due() == 0
    time_machine.move_to(last)
    assert lifecycle.advance_due() == 1

    campaign_in_review.refresh_from_db()
    assert (campaign_in_review.status, planned()) == (Status.EXPIRED, 0)
    with pytest.raises(WrongStatus):
        lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)


def test_the_shortest_lead_leaves_the_review_its_share(settings, terms, draft, editor):
    """One sent at the last moment can still be decided on for the rest of the lead."""
    lifecycle.submit(draft.pk, by=editor)
    draft.refresh_from_db()

    left = draft.airs_at - timedelta(hours=settings.LEAD_HOURS)
    assert draft.decide_by - left == timedelta(hours=24)


def test_a_decision_after_the_last_moment_is_refused_even_before_the_sweep(
    campaign_in_review, reviewer, time_machine
):
    time_machine.move_to(campaign_in_review.decide_by)
    before = state(campaign_in_review)

    with pytest.raises(HoldExpired):
        lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)
    with pytest.raises(HoldExpired):
        lifecycle.hold_again(campaign_in_review.pk, version=1, by=reviewer)

    assert state(campaign_in_review) == before


def test_a_campaign_whose_worker_came_after_the_last_moment_to_decide_expires(
    draft, editor, time_machine
):
    lifecycle.submit(draft.pk, by=editor)
    draft.refresh_from_db()
    time_machine.move_to(draft.decide_by)

    lifecycle.hold_submitted()

    draft.refresh_from_db()
    assert (draft.status, planned()) == (Status.EXPIRED, 0)


def test_an_approved_campaign_is_left_alone_after_the_last_moment_to_decide(
    campaign_in_review, reviewer, time_machine
):
    lifecycle.approve(campaign_in_review.pk, version=1, by=reviewer)
    time_machine.move_to(campaign_in_review.decide_by + timedelta(hours=1))

    assert lifecycle.advance_due() == 0

    campaign_in_review.refresh_from_db()
    assert campaign_in_review.status == Status.APPROVED


def test_the_brand_and_the_reviewer_are_told_until_when_it_can_be_decided(
    campaign_in_review, reviewer, editor
):
    told = date_format(timezone.localtime(campaign_in_review.decide_by), "DATETIME_FORMAT")
    event = campaign_in_review.events.latest("id")
    desk, web = Client(), Client()
    desk.force_login(reviewer)
    web.force_login(editor)

    page = web.get(reverse("portal:campaign", args=[campaign_in_review.folio]))
    decision = desk.get(reverse("admin:campaigns_campaign_change", args=[campaign_in_review.pk]))

    assert (event.move, event.comment) == ("hold", f"Se decide a más tardar el {told}.")
    assert f"decide a más tardar el {told}" in page.content.decode()
    assert "Se decide a más tardar" in decision.content.decode()
    assert told in decision.content.decode()
