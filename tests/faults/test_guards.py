"""Without one of its guards the portal, or the gateway, violates what is checked after a round."""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import lifecycle, outbox
from campaigns.gateway.events import Stream
from campaigns.lifecycle import running
from campaigns.models import AdOrder, InboxEvent, order_document
from campaigns.models.ad_order import AdOrderManager
from campaigns.reports import apply, day_totals, gaps, inbox, upserts
from tests.campaigns.reports.events import receive
from tests.faults import collect, requested
from tests.faults.invariants import violations
from tests.processes import Sandbox

pytestmark = pytest.mark.django_db

PER_DAY = 2_000_000
RUN = (
    "import sys; del sys.argv[1:3]; from campaigns.gateway.sandbox import __main__, {module};"
    " exec({patch!r}); sys.exit(__main__.main())"
)
OVER_THE_GOAL = """
order_book.LiveOrder.most = lambda self, end: 10**6
order_book.LiveOrder.demand = lambda self, second, end: order_book.Demand(
    self.ladas, 10.0**6, self.split.groups, 0 * self.split.remaining()
)
"""
NO_REPEATS = "ad_orders._is_repeat = lambda stored, document: False"
DEAF_TO_CHANGES = """
load = simulation.Simulation._load
def load_once_a_day(self, day):
    if self._book_key is None or self._book_key[1] != day:
        load(self, day)
simulation.Simulation._load = load_once_a_day
"""


class Killed(BaseException):
    """A worker was killed."""


@pytest.fixture(autouse=True)
def _recorded(db, settings):
    """Let the sandbox's clock be days ahead: campaigns begin then."""
    settings.GATEWAY_CLOCK_AHEAD = 30 * 86_400
    requested.record()


@pytest.fixture
def play(tmp_path, request, editor):
    """Return a function that delivers an order for hours, cancels it, and returns violations.

    The order is `approved` in it. `python_options` start another sandbox; events go into the
    inbox as `arrange` returns them.
    """

    def played(*, python_options=(), arrange=lambda events: events, pulls=True, fault=None):
        with (
            Sandbox(tmp_path, python_options=python_options) as sandbox,
            sandbox.client() as client,
        ):
            campaign = request.getfixturevalue("approved")
            start = timezone.localtime().replace(hour=8, minute=0, second=0, microsecond=0)
            start += timedelta(days=(campaign.starts_on - start.date()).days)
            _stand_at(sandbox, start)
            _send(client)
            sandbox.set_traffic(PER_DAY)
            sandbox.advance(start + timedelta(hours=4))
            lifecycle.cancel(campaign.pk, by=editor)
            if fault:
                sandbox.inject_fault(fault, operation="putAdOrder", times=1)
            _send(client)
            sandbox.advance(start + timedelta(hours=6))
            sandbox.set_traffic(on=False)
            sandbox.advance(start + timedelta(days=4))
            receive(*arrange(_events(client)))
            with suppress(Killed):
                apply.apply_due()
            apply.apply_due()
            if pulls:
                gaps.pull(client)
                apply.apply_due()
            return {text.partition(":")[0] for text in violations(collect.record(sandbox))}

    return played


def _send(client):
    """Send what is pending, without a pause between attempts."""
    while AdOrder.objects.pending().exists():
        AdOrder.objects.update(next_attempt_at=timezone.now())
        outbox.send(outbox.claim(), client)


def _stand_at(sandbox, moment):
    seconds = (moment - timezone.now()).total_seconds()
    sandbox.control_request("POST", "/clock", {"offset_seconds": seconds, "speed": 0})


def _events(client):
    """Return all events, oldest first within their streams."""
    found = []
    for stream in Stream:
        after = 0
        while page := client.list_reports(stream.value, after=after).items:
            found += [json.dumps(item).encode() for item in page]
            after = page[-1]["sequence"]
    return found


def lose_the_first(events):
    return events[1:]


def backwards(events):
    return events[::-1]


def test_with_all_guards_nothing_is_violated(play):
    assert play(arrange=backwards) == set()


def test_a_repeat_changes_nothing(play):
    assert play(arrange=lambda events: [*events, events[0]]) == set()


def test_missing_events_are_pulled(play):
    assert play(arrange=lose_the_first) == set()


def test_without_pulls_a_lost_event_is_found(play):
    assert play(arrange=lambda events: [*events[:5], *events[6:]], pulls=False) >= {"nothing_left"}


def test_without_the_check_of_revisions_old_rows_are_found(play, monkeypatch):
    monkeypatch.setattr(upserts, "NEWER_ONLY", "")
    monkeypatch.setattr(apply, "MAX_EVENTS", 1)

    assert play(arrange=backwards) == {"same_counts"}


def test_a_worker_killed_before_its_commit_has_done_nothing(play, monkeypatch):
    apply_batch, kills = apply.Batch.apply, [Killed()]

    def killed_at_the_end(self):
        apply_batch(self)
        if kills:
            raise kills.pop()

    monkeypatch.setattr(apply.Batch, "apply", killed_at_the_end)

    assert play() == set()
    assert kills == []


def test_events_that_are_marked_without_their_rows_are_found(play, monkeypatch):
    """What a worker that commits its marks first leaves when it is killed."""
    apply_batch, kills = apply.Batch.apply, [Killed()]

    def marked_only(self):
        if kills and self.rows:
            kills.pop()
            self._write_marks()
        else:
            apply_batch(self)

    monkeypatch.setattr(apply.Batch, "apply", marked_only)

    assert play() >= {"same_counts"}
    assert kills == []


def test_a_lost_answer_is_asked_for_again(play):
    assert play(fault="drop_after_commit") == set()


def test_without_the_check_of_repeats_a_lost_answer_is_found(play):
    code = RUN.format(module="ad_orders", patch=NO_REPEATS)

    found = play(fault="drop_after_commit", python_options=("-c", code))

    assert found >= {"same_orders", "nothing_left"}


def test_an_order_that_is_confirmed_and_not_sent_is_found(play, monkeypatch):
    """What a worker that notes the outcome first leaves when it is killed."""

    def confirm(claimed, client):
        AdOrder.objects.filter(pk=claimed.order_id).update(
            acknowledged_generation=claimed.generation, lease_until=None
        )

    monkeypatch.setattr(outbox, "send", confirm)

    assert play() >= {"same_orders"}


def test_without_one_row_for_each_event_repeats_are_found(play, monkeypatch):
    table = InboxEvent._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT inbox_event_once")
    monkeypatch.setattr(inbox, "_INSERT", inbox._INSERT.partition("ON CONFLICT")[0])

    assert play(arrange=lambda events: [*events, events[0]]) == {"nothing_left"}


def test_without_the_sums_of_days_their_totals_are_found(play, monkeypatch):
    monkeypatch.setattr(day_totals, "mark", lambda pairs: None)

    assert play() == {"same_counts"}


def test_a_cancellation_under_the_same_generation_is_found(play, monkeypatch):
    def same_generation(self, order, document, desired_state):
        order.generation = order.generation or 1
        order.desired_state = desired_state
        order.document = document | {"generation": 1, "desiredState": desired_state.value}
        order.save()
        return order

    monkeypatch.setattr(AdOrderManager, "_next_generation", same_generation)

    assert play() >= {"same_orders", "one_effect"}


def test_a_cancellation_that_requests_nothing_is_found(play, monkeypatch):
    monkeypatch.setattr(running, "request_state", lambda campaign, desired_state: None)

    assert play() == {"same_orders"}


def test_a_text_that_was_not_approved_is_found(play, monkeypatch):
    build = order_document.build

    def with_another_text(campaign, version):
        version.text = "Otro texto"
        return build(campaign, version)

    monkeypatch.setattr(order_document, "build", with_another_text)

    assert play() == {"only_approved_texts"}


@pytest.mark.parametrize(
    ("module", "patch", "check"),
    [
        ("order_book", OVER_THE_GOAL, "no_order_above_its_goal"),
        ("simulation", DEAF_TO_CHANGES, "nothing_after_a_stop"),
    ],
)
def test_a_gateway_without_its_guards_is_found(play, module, patch, check):
    code = RUN.format(module=module, patch=patch)

    assert check in play(python_options=("-c", code))
