"""The comparison alone: values in, differences out."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.gateway.contract import DesiredState, OrderState
from campaigns.gateway.responses import AdOrderStatus
from campaigns.reconciliation.compare import Counts, OurOrder, caught_up, compare, is_behind

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
ID = "2a289392-ec3e-4bf9-a578-53484943129e"


def ours(**changes):
    values = {
        "order_id": ID,
        "campaign_id": 1,
        "generation": 5,
        "acknowledged_at": NOW - timedelta(hours=1),
        "content_hash": "a" * 64,
        "desired_state": DesiredState.ACTIVE,
        "goal": 1_000,
        "expected": True,
    }
    return OurOrder(**values | changes)


def theirs(**changes):
    values = {
        "ad_order_id": ID,
        "generation": 5,
        "observed_generation": 5,
        "content_hash": "a" * 64,
        "state": OrderState.ACTIVE,
        "inserted": 0,
        "delivered": 0,
        "failed": 0,
        "no_receipt": 0,
    }
    return AdOrderStatus(**values | changes)


def kinds(our=None, their=None, known=()):
    ours_by_id = {our.order_id: our} if our else {}
    theirs_by_id = {their.ad_order_id: their} if their else {}
    found = compare(ours_by_id, theirs_by_id, known=known, now=NOW)
    return [each.kind.value for each in found]


@pytest.mark.parametrize(
    ("our", "their", "expected"),
    [
        ({}, {}, []),
        ({}, {"generation": 4}, ["stale"]),
        ({}, {"generation": 6}, ["content"]),
        ({}, {"content_hash": "b" * 64}, ["content"]),
        ({}, {"generation": 4, "content_hash": "b" * 64, "state": OrderState.PAUSED}, ["stale"]),
        ({}, {"inserted": 1_000, "state": OrderState.COMPLETED}, ["count"]),
        ({}, {"inserted": 1_001, "state": OrderState.COMPLETED}, ["overrun", "count"]),
        ({"counted": False}, {"inserted": 900}, []),
        ({"counted": False}, {"inserted": 1_001}, ["overrun"]),
    ],
)
def test_classes(our, their, expected):
    assert kinds(ours(**our), theirs(**their)) == expected


@pytest.mark.parametrize("state", OrderState)
@pytest.mark.parametrize("desired", DesiredState)
def test_states(desired, state):
    agree = {
        "ACTIVE": {"SCHEDULED", "ACTIVE", "COMPLETED", "EXPIRED"},
        "PAUSED": {"PAUSED", "COMPLETED", "EXPIRED"},
        "CANCELLED": {"CANCELLED", "COMPLETED", "EXPIRED", "REJECTED"},
    }
    found = kinds(ours(desired_state=desired), theirs(state=state))

    assert found == ([] if state.value in agree[desired.value] else ["state"])


@pytest.mark.parametrize(("minutes", "expected"), [(4, []), (6, ["state"])])
def test_a_generation_has_its_time_to_be_applied(minutes, expected):
    our = ours(acknowledged_at=NOW - timedelta(minutes=minutes), desired_state=DesiredState.PAUSED)

    assert kinds(our, theirs(observed_generation=4)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["missing"]),
        ({"expected": False}, []),
        ({"desired_state": DesiredState.PAUSED}, ["missing"]),
        ({"desired_state": DesiredState.CANCELLED}, []),
    ],
)
def test_what_is_missing(changes, expected):
    assert kinds(ours(**changes)) == expected


@pytest.mark.parametrize("state", OrderState)
def test_what_is_extra(state):
    inserts_or_may = {"SCHEDULED", "ACTIVE", "PAUSED"}

    assert kinds(None, theirs(state=state)) == ["extra"] * (state.value in inserts_or_may)
    assert kinds(None, theirs(state=state), known={ID}) == []


@pytest.mark.parametrize(
    ("counts", "ago", "changes", "expected"),
    [
        (Counts(90, 80), 9, {}, []),
        (Counts(90, 80), 11, {}, ["count"]),
        (Counts(101, 80), 0, {}, ["count"]),
        (Counts(100, 91), 0, {}, ["count"]),
        (Counts(100, 90, 5, 5), 0, {}, []),
        (Counts(100, 90, 5, 5), 0, {"days": Counts(101)}, ["count"]),
        (Counts(100, 90, 5, 5), 60, {"days": Counts(99), "whole": False}, []),
        (Counts(100, 90, 5, 5), 60, {"days": Counts(99), "whole": True}, ["count"]),
        (Counts(100, 90, 5, 5), 60, {"days": Counts(100, 80), "whole": True}, []),
        (Counts(100, 90, 5, 5), 60, {"days": Counts(100, 80), "final": True}, ["count"]),
        (Counts(100, 90, 5, 5), 60, {"days": Counts(100, 90, 5, 5), "final": True}, []),
    ],
)
def test_counts(counts, ago, changes, expected):
    our = ours(counts=counts, counted_at=NOW - timedelta(minutes=ago), **changes)
    their = theirs(inserted=100, delivered=90, failed=5, no_receipt=5)

    assert kinds(our, their) == expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (Counts(80, 70), False),  # nothing has come
        (Counts(90, 80), False),  # something, not all
        (Counts(100, 90), True),
        (Counts(130, 120), True),
    ],
)
def test_lagging_counts_have_caught_up_with_what_was_seen(now, expected):
    assert caught_up(ours(counts=now), since=Counts(80, 70), seen=Counts(100, 90)) is expected


def test_counts_above_theirs_are_not_behind():
    assert is_behind(ours(counts=Counts(5)), theirs(inserted=10))
    assert not is_behind(ours(counts=Counts(11)), theirs(inserted=10))
    assert not is_behind(ours(counts=Counts(5), days=Counts(11)), theirs(inserted=10))
