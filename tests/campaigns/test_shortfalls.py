"""A projected shortfall is reported when a whole day shows it, once per worsening."""

from datetime import timedelta
from itertools import count

import pytest
from django.core import mail
from django.test import Client

from campaigns import lifecycle, notice_mails, shortfalls
from campaigns.models import AdOrder, Campaign, ReportHour, Shortfall
from campaigns.results.counts import Counts
from tests import counts
from tests.results import put_counts

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def live(approved, time_machine):
    """A campaign on air since the first minute of its first of three days."""
    lifecycle.schedule(approved.pk)
    AdOrder.objects.update(acknowledged_generation=1)
    time_machine.move_to(counts.at(approved.starts_on, 0, 1), tick=False)
    lifecycle.advance_due()  # nothing to do where a test has started it
    approved.refresh_from_db()
    assert approved.status == Campaign.Status.LIVE
    return approved


@pytest.fixture
def at(live, time_machine):
    """Return a function that puts the first days' insertions, and moves to the morning after."""

    revisions = count(1)

    def put(*inserted):
        """Put what was inserted on each of the first days, all hours of which are counted."""
        planned = live.reservation.planned_by_day()
        rows = {}
        for number, share in enumerate(inserted):
            day = live.starts_on + number * DAY
            rows[counts.at(day, 9), "55"] = Counts(*2 * [int(planned[day] * share)])
        put_counts(live, rows, revision=next(revisions))
        morning = live.starts_on + len(inserted) * DAY
        ReportHour.objects.all().delete()
        counts.make_final(live.starts_on, morning - DAY)
        time_machine.move_to(counts.at(morning, 3), tick=False)
        return planned

    return put


def reports(campaign):
    return list(campaign.events.filter(move="fall_short").order_by("id"))


def test_it_is_reported_once_with_its_figures_and_what_can_be_done(live, at, editor, viewer):
    planned = at(0.5)
    half = planned[live.starts_on] // 2
    projected = half + round((60_000 - planned[live.starts_on]) * 0.5)
    mail.outbox.clear()

    assert [shortfalls.report_due() for _time in range(3)] == [1, 0, 0]

    [event] = reports(live)
    assert f"en {projected:,} de las 60,000" in event.comment
    assert f"faltarían {60_000 - projected:,}" in event.comment
    assert (event.by, event.from_status, event.to_status) == (None, "live", "live")
    row = Shortfall.objects.get()
    assert row.missing == row.reported == 60_000 - projected
    assert set(event.notices.values_list("user__email", flat=True)) == {editor.email}
    notice_mails.send_due()
    [sent] = [m for m in mail.outbox if "no llegue a lo contratado" in m.subject]
    assert sent.to == [editor.email]
    for form in (sent.body, sent.alternatives[0][0]):
        assert event.comment in form
        assert "Puedes copiarla" in form


def test_what_goes_by_its_plan_is_not_reported(live, at):
    at(1)

    assert shortfalls.report_due() == 1
    assert (reports(live), Shortfall.objects.get().missing) == ([], 0)


def test_nothing_is_reported_on_the_first_day(live, time_machine):
    counts.make_final(live.starts_on - DAY, live.starts_on - DAY)
    time_machine.move_to(counts.at(live.starts_on, 23), tick=False)

    assert shortfalls.report_due() == 0
    assert not Shortfall.objects.exists()


def test_a_day_with_hours_that_are_not_counted_yet_is_waited_for(live, at):
    at(0.5)
    ReportHour.objects.filter(hour=counts.at(live.starts_on, 23)).delete()

    assert shortfalls.report_due() == 0
    assert reports(live) == []


@pytest.mark.parametrize(("hour", "told"), [(0, 1), (6, 0)])
def test_a_day_that_it_was_not_whole_on_air_is_no_reason(
    hour, told, approved, time_machine, request
):
    lifecycle.schedule(approved.pk)
    time_machine.move_to(counts.at(approved.starts_on, hour, 30), tick=False)
    lifecycle.advance_due()
    request.getfixturevalue("at")(0.5)

    assert shortfalls.report_due() == 1
    assert len(reports(approved)) == told

    request.getfixturevalue("at")(0.5, 0.5)
    shortfalls.report_due()
    assert len(reports(approved)) == 1


def test_less_is_not_reported_and_much_more_is(live, at):
    at(0.9)
    shortfalls.report_due()
    first = Shortfall.objects.get().reported
    at(0.9, 0.88)  # worse by less than a tenth of what was contracted
    shortfalls.report_due()
    assert (len(reports(live)), Shortfall.objects.get().reported) == (1, first)
    assert Shortfall.objects.get().missing > first

    Shortfall.objects.update(through=live.starts_on)
    at(0.9, 0.2)
    shortfalls.report_due()

    assert len(reports(live)) == 2
    assert Shortfall.objects.get().reported > first + 6_000


@pytest.mark.parametrize("end", ["pause", "cancel"])
def test_what_is_not_on_air_is_not_reported(end, live, at, editor):
    at(0.5)
    getattr(lifecycle, end)(live.pk, by=editor)

    assert shortfalls.report_due() == 0
    assert reports(live) == []


def test_what_the_brand_knows_has_no_place_is_not_reported_again(live, at):
    at(0.5)
    Campaign.objects.filter(pk=live.pk).update(reported_risk=60_000)

    shortfalls.report_due()

    assert reports(live) == []


def test_staff_see_it_on_their_first_page(live, at, reviewer):
    desk = Client()
    at(0.5)
    desk.force_login(reviewer)
    assert "va corta" not in desk.get("/admin/").text
    shortfalls.report_due()

    page = " ".join(desk.get("/admin/").text.split())

    assert "1 campaña va corta" in page
    assert f"{live.folio}</a> ({Shortfall.objects.get().missing:,})" in page
