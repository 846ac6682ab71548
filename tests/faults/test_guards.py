"""Without one of its guards the portal, or the gateway, violates what is checked after a round."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import lifecycle, outbox
from campaigns.gateway.events import Stream
from campaigns.lifecycle import running
from campaigns.models import ad_order
from campaigns.models.ad_order import AdOrderManager
from campaigns.reports import apply, day_totals, gaps, upserts
from tests.campaigns.reports.events import receive
from tests.faults import collect, requested
from tests.faults.invariants import violations
from tests.processes import Sandbox

pytestmark = pytest.mark.django_db

PER_DAY = 600_000
RUN = (
    "import sys; del sys.argv[1:3]; from campaigns.gateway.sandbox import __main__, {module};"
    " exec({patch!r}); sys.exit(__main__.main())"
)
OVER_THE_GOAL = """
order_book.LiveOrder.most = lambda self, end: 10**6
order_book.LiveOrder.wanted = lambda self, second, end: 10**6
"""
DEAF_TO_CHANGES = """
load = simulation.Simulation._load
def load_once_a_day(self, day):
    if self._book_key is None or self._book_key[1] != day:
        load(self, day)
simulation.Simulation._load = load_once_a_day
"""


@pytest.fixture(autouse=True)
def _recorded(db, settings):
    """Let the sandbox's clock be days ahead: campaigns begin then."""
    settings.GATEWAY_CLOCK_AHEAD = 30 * 86_400
    requested.record()


@pytest.fixture
def play(tmp_path, request, editor):
    """Return a function that delivers an order for a day, cancels it, and returns violations.

    The order is `approved` in it. `python_options` start another sandbox; events go into the
    inbox as `arrange` returns them.
    """

    def played(*, python_options=(), arrange=lambda events: events, pulls=True):
        with (
            Sandbox(tmp_path, python_options=python_options) as sandbox,
            sandbox.client() as client,
        ):
            campaign = request.getfixturevalue("approved")
            start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
            start += timedelta(days=(campaign.starts_on - start.date()).days)
            _stand_at(sandbox, start)
            _send(client)
            sandbox.set_traffic(PER_DAY)
            sandbox.advance(start + timedelta(hours=20))
            lifecycle.cancel(campaign.pk, by=editor)
            _send(client)
            sandbox.advance(start + timedelta(hours=22))
            sandbox.set_traffic(on=False)
            sandbox.advance(start + timedelta(days=5))
            receive(*arrange(_events(client)))
            apply.apply_due()
            if pulls:
                gaps.pull(client)
                apply.apply_due()
            return {text.partition(":")[0] for text in violations(collect.record(sandbox))}

    return played


def _send(client):
    while claimed := outbox.claim():
        outbox.send(claimed, client)


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


def test_missing_events_are_pulled(play):
    assert play(arrange=lose_the_first) == set()


def test_without_pulls_a_lost_event_is_found(play):
    assert play(arrange=lambda events: [*events[:5], *events[6:]], pulls=False) >= {"nothing_left"}


def test_without_the_check_of_revisions_old_rows_are_found(play, monkeypatch):
    monkeypatch.setattr(upserts, "NEWER_ONLY", "")
    monkeypatch.setattr(apply, "MAX_EVENTS", 1)

    assert play(arrange=backwards) == {"same_counts"}


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
    build = ad_order._build_document

    def with_another_text(campaign, version):
        version.text = "Otro texto"
        return build(campaign, version)

    monkeypatch.setattr(ad_order, "_build_document", with_another_text)

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
