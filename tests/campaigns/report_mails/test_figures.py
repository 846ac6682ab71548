"""The figures of a mail: hand-computed, and equal to the summary of the same days."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import lifecycle
from campaigns.models import (
    AdOrder,
    DayCount,
    HourCount,
    Link,
    LinkHour,
    OrderCount,
    ReportHour,
    Shortfall,
)
from campaigns.report_mails import figures, weeks
from campaigns.report_mails.weeks import Span
from campaigns.results import summary
from campaigns.results.counts import Counts
from tests import counts, statuses
from tests.campaigns.report_mails.conftest import monday_of
from tests.results import put_counts

pytestmark = pytest.mark.django_db

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def first_week(campaign):
    monday = monday_of(campaign.starts_on)
    return Span(monday, monday + 6 * DAY)


def test_the_figures_of_a_week_are_those_computed_by_hand(campaign):
    span = first_week(campaign)
    days = (span.last - campaign.starts_on).days + 1  # of the campaign in the week
    inserted = 1_000 * days * (days + 1) // 2

    [row] = figures.of_campaigns([campaign], span)

    assert row.counts == row.total == Counts(inserted, inserted * 9 // 10)
    assert row.best_day == (span.last, 900 * days)
    planned = campaign.reservation.planned_by_day()
    assert row.planned == sum(count for day, count in planned.items() if day <= span.last)
    assert row.percent == 100 * row.total.delivered // 80_000
    assert row.of_plan == 100 * inserted // row.planned
    assert not row.is_final
    assert row.clicks is None  # it has no short link
    assert row.reason == ""
    assert row.counts == summary.of([campaign], *span).total


def test_the_second_week_adds_to_what_there_was(campaign):
    span = first_week(campaign)
    second = Span(span.first + 7 * DAY, span.last + 7 * DAY)

    [row] = figures.of_campaigns([campaign], second)

    assert row.total == Counts(36_000, 32_400)
    assert row.counts == summary.of([campaign], *second).total
    assert row.counts.delivered < row.total.delivered


def test_clicks_are_of_people_in_the_span_and_their_rate_is_of_what_was_delivered(campaign):
    link = Link.objects.create(campaign=campaign, code="bcdfg")
    span = first_week(campaign)
    for day, kind, clicks in (
        (campaign.starts_on, "people", 9),
        (campaign.starts_on, "bots", 500),
        (span.last + DAY, "people", 70),
    ):
        LinkHour.objects.create(link=link, hour=counts.at(day, 10), kind=kind, count=clicks)
    campaign.refresh_from_db()

    [row] = figures.of_campaigns([campaign], span)

    assert row.clicks == 9
    assert row.click_rate == pytest.approx(100 * 9 / row.counts.delivered)
    assert any(line.startswith("9 clics, ") for line in row.lines)


def test_the_days_are_final_once_all_their_hours_are(campaign):
    span = first_week(campaign)
    counts.make_final(campaign.starts_on, span.last)

    [row] = figures.of_campaigns([campaign], span)

    assert row.is_final
    ReportHour.objects.filter(hour=counts.at(span.last, 23)).update(final=False)
    assert not figures.of_campaigns([campaign], span)[0].is_final


def test_the_reason_of_a_zero_is_told(campaign, editor):
    lifecycle.pause(campaign.pk, by=editor)
    campaign.refresh_from_db()
    span = first_week(campaign)
    before, third = (Span(*(day + weeks * WEEK for day in span)) for weeks in (-1, 2))

    assert figures.of_campaigns([campaign], span)[0].reason == ""
    for empty in (before, third):  # with insertions on other days, and not on these
        assert figures.of_campaigns([campaign], empty)[0].reason == "Está en pausa."
    counts_of = AdOrder.objects.get().pk
    OrderCount.objects.filter(ad_order=counts_of).delete()
    HourCount.objects.filter(ad_order=counts_of).delete()
    DayCount.objects.filter(ad_order=counts_of).delete()
    assert figures.of_campaigns([campaign], span)[0].reason == "Está en pausa."


def test_a_projected_shortfall_is_told_of_what_is_on_air(campaign):
    Shortfall.objects.create(campaign=campaign, through=campaign.starts_on, missing=6_500)
    span = first_week(campaign)

    assert any(
        "faltarían 6,500" in line for line in figures.of_campaigns([campaign], span)[0].lines
    )
    statuses.put(campaign.pk, "paused")
    campaign.refresh_from_db()
    assert figures.of_campaigns([campaign], span)[0].missing == 0


@pytest.mark.parametrize(
    ("status", "hours", "counted"),
    [
        ("live", 0, True),
        ("paused", 0, True),
        ("finished", 0, True),
        ("cancelled", 0, True),
        ("cancelled", -48, False),  # before its first day
        ("scheduled", 0, False),
        ("expired", 0, False),
    ],
)
def test_a_campaign_ran_if_it_was_on_air_in_the_week(status, hours, counted, campaign):
    at = counts.at(campaign.starts_on, 12) + timedelta(hours=hours)
    statuses.put(campaign.pk, status, status_at=at)

    assert figures.ran(first_week(campaign)).exists() == counted
    assert not figures.ran(Span(*(day - 7 * DAY for day in first_week(campaign)))).exists()


def test_what_ended_in_an_earlier_week_did_not_run_in_this_one(campaign):
    span = first_week(campaign)
    later = Span(span.first + 7 * DAY, span.last + 7 * DAY)
    statuses.put(campaign.pk, "cancelled", status_at=counts.at(campaign.starts_on, 12))

    assert not figures.ran(later).exists()


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_consecutive_weeks_add_up_to_the_whole(data, campaign):
    """Whatever was counted, the weeks of a campaign add up to its total."""
    days = (campaign.ends_on - campaign.starts_on).days + 1
    numbers = st.integers(0, 5_000)
    revision = data.draw(st.integers(2, 2**31 - 1), label="revision")
    found = {}
    for number in range(days):
        inserted = data.draw(numbers)
        delivered = data.draw(st.integers(0, inserted))
        key = counts.at(campaign.starts_on + number * DAY, data.draw(st.integers(0, 23))), "55"
        found[key] = Counts(inserted, delivered)
    put_counts(campaign, found, revision=revision)

    monday, total = monday_of(campaign.starts_on), Counts()
    while monday <= campaign.ends_on:
        [row] = figures.of_campaigns([campaign], Span(monday, monday + 6 * DAY))
        total = total.plus(row.counts)
        assert row.total == total
        monday += 7 * DAY

    assert total == summary.of([campaign], campaign.starts_on, campaign.ends_on).total


def test_mondays_and_mornings_are_of_the_channel():
    monday = counts.at(monday_of(timezone.localdate()))
    week = Span(monday.date() - 7 * DAY, monday.date() - DAY)
    at = monday.replace(hour=8)

    assert weeks.due_at(week) == at
    assert weeks.last_due(at - timedelta(seconds=1)).last == week.first - DAY
    assert weeks.last_due(at) == weeks.last_due(at + timedelta(days=6, hours=23)) == week
    assert weeks.next_due_at(at) == at + timedelta(weeks=1)
    assert weeks.next_due_at(at - timedelta(seconds=1)) == at
    assert weeks.last_whole(monday) == week
    assert weeks.morning_after(at) == at + timedelta(days=1)
    assert weeks.morning_after(at - timedelta(minutes=1)) == at
